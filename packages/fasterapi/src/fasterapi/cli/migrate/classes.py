"""One Pydantic model class → one msgspec Struct class.

Knows: how fields, configuration and hooks of a class come together. Does not know: files, calls of the class.
"""

from collections.abc import Sequence
from typing import Any

import libcst as cst

from fasterapi.cli.migrate import config, hooks, names, syntax
from fasterapi.cli.migrate.additions import Additions
from fasterapi.cli.migrate.fields import Declaration, read_declaration, write_field
from fasterapi.cli.migrate.index import Model, ProjectIndex

AFTER_VALIDATORS = frozenset({"pydantic.AfterValidator", "pydantic.functional_validators.AfterValidator"})
OTHER_VALIDATORS = (
    "pydantic.BeforeValidator", "pydantic.PlainValidator", "pydantic.WrapValidator", "pydantic.PlainSerializer",
    "pydantic.WrapSerializer",
)  # fmt: skip


class ClassRewriter:
    """Rewrites one class; `todos` of the class itself are marked above it, those of a field above the field."""

    def __init__(
        self, model: Model, index: ProjectIndex, additions: Additions, translate: cst.CSTTransformer
    ) -> None:
        self.model = model
        self.index = index
        self.bindings = model.bindings
        self.additions = additions
        self.translate = translate
        self.joined: set[str] = set()
        self.fields = index.all_fields(model)
        self.hooks = hooks.Hooks()
        self.todos: list[str] = []
        self.options: dict[str, str] = {}
        self.schema_extra: str | None = None

    def rewrite(self, original: cst.ClassDef, updated: cst.ClassDef) -> cst.ClassDef:
        """The Struct."""
        original, updated = _with_block(original), _with_block(updated)
        self._read_configuration(original)
        body = [*self._joined_fields(), *self._members(original, updated)]
        self._choose_options()
        calls_super = any(map(_fills_post_init, self.index.ancestors(self.model)))
        if self.hooks.lines():
            body.append(hooks.post_init(self.hooks.lines(), calls_super=calls_super))
        body = body or [syntax.statement("pass")]
        node = updated.with_changes(body=updated.body.with_changes(body=body))
        return syntax.mark(self._with_options(node, original), self.todos)

    def _read_configuration(self, original: cst.ClassDef) -> None:
        has_aliases = any(declaration.alias for declaration in self.fields.values())
        settings = {arg.keyword.value: arg.value for arg in original.keywords if arg.keyword is not None}
        for line in original.body.body:
            settings |= config.read_settings(line) or {}
        translated = config.translate(settings, has_aliases=has_aliases)
        self.options |= translated.options
        self.todos += translated.todos
        self.schema_extra = translated.schema_extra
        if self.model.name in self.index.tags:
            tag_field, tag = self.index.tags[self.model.name]
            self.options |= {"tag_field": f'"{tag_field}"', "tag": tag}

    def _members(self, original: cst.ClassDef, updated: cst.ClassDef) -> list[Any]:
        members: list[Any] = []
        afters: Sequence[Any] = updated.body.body
        carried: list[cst.EmptyLine] = []
        context = hooks.Context(
            self.bindings, self.additions, tuple(self.fields), is_frozen="frozen" in self.options
        )
        for before, after in zip(original.body.body, afters, strict=True):
            if config.read_settings(before) is not None:
                carried += [item for item in getattr(before, "leading_lines", ()) if item.comment is not None]
                continue
            new = self._member(before, after, context)
            if not new:
                carried += [item for item in after.leading_lines if item.comment is not None]
            elif carried:
                new[0] = new[0].with_changes(leading_lines=[*carried, *new[0].leading_lines])
                carried = []
            members += new
        if members and members[0] is not afters[0]:
            members[0] = members[0].with_changes(
                leading_lines=syntax.without_blank_start(members[0].leading_lines)
            )
        if self.schema_extra is not None:
            members.insert(_after_docstring(members), self._schema_line())
        return members

    def _joined_fields(self) -> list[Any]:
        """The fields of all model bases but the first: Structs cannot be joined by inheritance, so they are copied."""
        _, *others = [base for base in self.model.bases if self.index.model(base) is not None] or [""]
        lines: list[Any] = []
        for base in others:
            parent = self.index.model(base)
            if parent is None or not self._can_be_copied(parent):
                self.todos.append(
                    f"two Structs cannot be joined by inheritance: copy what `{base}` has to here"
                )
                continue
            self.joined.add(base)
            first = self.index.model(self.model.bases[0])
            known = self.model.fields.keys() | (self.index.all_fields(first).keys() if first else set())
            lines += [self._copied(field) for name, field in parent.fields.items() if name not in known]
        if lines:
            self.options["kw_only"] = "True"
        return lines

    def _can_be_copied(self, parent: Model) -> bool:
        has_own_names = any("." in name for name in parent.mentions) and parent.bindings is not self.bindings
        return not (parent.has_methods or has_own_names or _fills_post_init(parent)) and (
            names.MODEL_BASES.issuperset(parent.bases)
        )

    def _copied(self, declaration: Declaration) -> cst.SimpleStatementLine | cst.BaseCompoundStatement:
        written = write_field(declaration, self.additions, is_model_call=self._is_shared(declaration.default))
        annotation = written.annotation.visit(self.translate)
        text = f"{declaration.name}: {syntax.code(annotation) if isinstance(annotation, cst.CSTNode) else 'object'}"
        return syntax.statement(text + ("" if written.value is None else f" = {written.value}"))

    def _schema_line(self) -> cst.SimpleStatementLine | cst.BaseCompoundStatement:
        class_var = self.additions.name("typing", "ClassVar")
        return syntax.statement(
            f"__json_schema_extra__: {class_var}[dict[str, object]] = {self.schema_extra}"
        )

    def _member(self, before: cst.CSTNode, after: Any, context: hooks.Context) -> list[Any]:
        if isinstance(before, cst.FunctionDef):
            method = hooks.translate_method(before, after, context, self.hooks)
            method.statements[0] = syntax.mark(method.statements[0], method.todos)
            if any(syntax.code(d.decorator).endswith("cached_property") for d in after.decorators):
                self.options.setdefault("dict", "True")
            return list(method.statements)
        if isinstance(after, cst.SimpleStatementLine) and len(after.body) == 1:
            item = after.body[0]
            if isinstance(item, cst.AnnAssign):
                line = self._field_line(after, item)
                return [] if line is None else [line]
        return [after]

    def _field_line(
        self, line: cst.SimpleStatementLine, item: cst.AnnAssign
    ) -> cst.SimpleStatementLine | None:
        declaration = read_declaration(item, self.bindings)
        if declaration is None or declaration.is_class_variable:
            return line
        if declaration.is_private:
            self._private_lines(declaration)
            return None
        if self.index.tags.get(self.model.name, ("",))[0] == declaration.name:
            return self._tag_line(line, item, declaration)
        todos = self._split_validators(declaration)
        written = write_field(declaration, self.additions, is_model_call=self._is_shared(declaration.default))
        value = None if written.value is None else syntax.expression(written.value)
        if (
            declaration.default is not None
            and value is not None
            and written.value == syntax.code(declaration.default)
        ):
            value = declaration.default
        equal = (
            item.equal
            if isinstance(item.equal, cst.AssignEqual) and value is not None
            else cst.MaybeSentinel.DEFAULT
        )
        annotation = item.annotation.with_changes(annotation=written.annotation)
        changed = item.with_changes(annotation=annotation, value=value, equal=equal)
        return syntax.mark(line.with_changes(body=[changed]), [*todos, *written.todos])

    def _split_validators(self, declaration: Declaration) -> list[str]:
        """Turn `AfterValidator(f)` into a check; name the validators that cannot be turned."""
        todos, kept = [], []
        for item in declaration.metadata:
            called = self.bindings.resolve(item.func) if isinstance(item, cst.Call) else None
            if isinstance(item, cst.Call) and called in AFTER_VALIDATORS:
                validate = self.additions.name(f"{names.PACKAGE}.compat", "validate_field")
                function = syntax.code(syntax.positionals(item)[0])
                self.hooks.fields.append(f'{validate}(self, "{declaration.name}", {function})')
                continue
            if called in OTHER_VALIDATORS:
                todos.append(
                    f"`{syntax.code(item)}` is not run: msgspec has no hook there; use `__post_init__`"
                )
            kept.append(item)
        declaration.metadata = kept
        option = declaration.options.get("discriminator")
        if option is not None and self._is_tagged(declaration.annotation):
            del declaration.options["discriminator"]
        return todos

    def _is_tagged(self, annotation: cst.BaseExpression) -> bool:
        members = syntax.union_members(annotation) or []
        found = [self.index.model(self.bindings.resolve(m)) for m in members if not syntax.is_name(m, "None")]
        return bool(found) and all(item is not None and item.name in self.index.tags for item in found)

    def _is_shared(self, default: cst.BaseExpression | None) -> bool:
        if not isinstance(default, cst.Call):
            return False
        return self.index.model(self.bindings.resolve(default.func)) is not None

    def _private_lines(self, declaration: Declaration) -> None:
        """A private attribute is no field: it lives in the instance's `__dict__`, set when the instance is made."""
        self.options["dict"] = "True"
        if declaration.default_factory is not None:
            value = _called(declaration.default_factory)
        elif declaration.default is not None:
            value = syntax.code(declaration.default)
        else:
            return
        target = f"self.{declaration.name}: {syntax.code(declaration.annotation)}"
        if "frozen" in self.options:
            target = f'self.__dict__["{declaration.name}"]'
        self.hooks.private.append(f"{target} = {value}")

    def _tag_line(
        self, line: cst.SimpleStatementLine, item: cst.AnnAssign, declaration: Declaration
    ) -> cst.SimpleStatementLine:
        class_var = self.additions.name("typing", "ClassVar")
        annotation = syntax.expression(f"{class_var}[{syntax.code(declaration.annotation)}]")
        value = syntax.expression(declaration.single_literal or "None")
        changed = item.with_changes(
            annotation=item.annotation.with_changes(annotation=annotation),
            value=value,
            equal=cst.MaybeSentinel.DEFAULT,
        )
        return line.with_changes(body=[changed])

    def _choose_options(self) -> None:
        """`kw_only=True` where msgspec would refuse the order of the fields."""
        own = [d for d in self.model.fields.values() if d.name in self.fields]
        seen_optional = False
        is_out_of_order = False
        for declaration in self.fields.values():
            if declaration.name == self.index.tags.get(self.model.name, ("",))[0]:
                continue
            is_out_of_order |= seen_optional and declaration.is_required
            seen_optional |= not declaration.is_required
        has_unknown_base = any(
            base not in names.MODEL_BASES
            and "." in base
            and not base.startswith(("typing", "abc."))
            and self.index.find(base) is None
            for base in self.model.bases
        )
        if (own and is_out_of_order) or (has_unknown_base and any(d.is_required for d in own)):
            self.options = {"kw_only": "True", **self.options}

    def _with_options(self, node: cst.ClassDef, original: cst.ClassDef) -> cst.ClassDef:
        bases: list[cst.Arg] = []
        for before, after in zip(original.bases, node.bases, strict=True):
            resolved = self.bindings.resolve(before.value)
            if resolved == "abc.ABC":
                self.todos.append(
                    "`ABC` is dropped: a Struct has its own metaclass; abstract methods are not enforced"
                )
                continue
            if resolved in self.joined:
                continue
            bases.append(after.with_changes(comma=cst.MaybeSentinel.DEFAULT))
        arguments = [
            cst.Arg(
                keyword=cst.Name(key),
                value=syntax.expression(value),
                equal=cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace("")),
            )
            for key, value in self.options.items()
        ]
        if bases:
            bases[-1] = bases[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
        return node.with_changes(bases=bases, keywords=arguments)


def _with_block(node: cst.ClassDef) -> cst.ClassDef:
    """`class A(B): x: int` on one line, its body on lines of its own."""
    if isinstance(node.body, cst.IndentedBlock):
        return node
    lines = [cst.SimpleStatementLine(body=[item.with_changes(semicolon=cst.MaybeSentinel.DEFAULT)])
             for item in node.body.body if isinstance(item, cst.BaseSmallStatement)]  # fmt: skip
    header = cst.TrailingWhitespace()
    return node.with_changes(body=cst.IndentedBlock(body=lines, header=header))


def _called(factory: cst.BaseExpression) -> str:
    text = syntax.code(factory)
    if isinstance(factory, cst.Lambda):
        return syntax.code(factory.body)
    return f"{text}()"


def _after_docstring(members: Sequence[Any]) -> int:
    first = members[0] if members else None
    if isinstance(first, cst.SimpleStatementLine) and isinstance(first.body[0], cst.Expr):
        return 1
    return 0


def _fills_post_init(model: Model) -> bool:
    """Whether the rewritten class gets a `__post_init__`."""
    if model.hooks:
        return True
    for declaration in model.fields.values():
        if declaration.is_private and not declaration.is_required:
            return True
        called = [model.bindings.resolve(m.func) for m in declaration.metadata if isinstance(m, cst.Call)]
        if not AFTER_VALIDATORS.isdisjoint(called):
            return True
    return False
