"""Calls of models and of their methods → constructor calls, msgspec functions, functions of `fasterapi.compat`.

Knows: Pydantic's methods and what a constructor call relies on. Does not know: class bodies.
A method of an object whose type is not certain goes to a compat function, which hands unknown objects on to their
own method; `.json()` and `.copy()`, which responses and dicts have too, are touched only where the type is certain.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import libcst as cst

from fasterapi.cli.migrate import names, syntax
from fasterapi.cli.migrate.additions import Additions
from fasterapi.cli.migrate.bindings import Bindings
from fasterapi.cli.migrate.fields import Declaration
from fasterapi.cli.migrate.index import Model, ProjectIndex
from fasterapi.cli.migrate.inference import MAKERS, Inference
from fasterapi.cli.migrate.syntax import code, expression

DUMPS = {
    "model_dump": "model_dump",
    "dict": "model_dump",
    "model_dump_json": "model_dump_json",
    "json": "model_dump_json",
}
COPIES = frozenset({"model_copy", "copy"})
SHARED_NAMES = frozenset({"json", "copy", "dict"})
DUMP_OPTIONS = frozenset(
    {"include", "exclude", "exclude_unset", "exclude_none", "exclude_defaults", "by_alias", "mode"}
)
DROPPED_OPTIONS = frozenset({"warnings", "round_trip", "serialize_as_any"})
LOADS = {
    "model_validate": "model_validate",
    "parse_obj": "model_validate",
    "from_orm": "model_validate",
    "model_validate_json": "model_validate_json",
    "parse_raw": "model_validate_json",
    "model_construct": "model_construct",
    "construct": "model_construct",
}
REBUILDS = frozenset({"model_rebuild", "update_forward_refs"})


@dataclass
class CallRewriter:
    """Rewrites one call at a time; `todos` collects what the enclosing statement is to be marked with."""

    index: ProjectIndex
    bindings: Bindings
    additions: Additions
    inference: Inference
    todos: list[str] = field(default_factory=list)
    expects_validation: int = 0
    inside_models: int = 0

    def rewrite(self, original: cst.Call, updated: cst.Call) -> cst.BaseExpression:
        """The call as it has to be now; the same node where nothing changes."""
        function = original.func
        is_maker = isinstance(function, cst.Attribute) and function.attr.value in MAKERS
        model = None if is_maker else self.inference.constructed(original)
        if model is not None:
            return self._constructor(original, updated, model)
        if isinstance(function, cst.Attribute):
            return self._method(original, updated, function)
        if syntax.is_name(function, "dict") and self._is_one_model(original):
            asdict = f"{self.additions.module('msgspec')}.structs.asdict"
            return updated.with_changes(func=expression(asdict))
        return updated

    def _is_one_model(self, call: cst.Call) -> bool:
        only = call.args[0] if len(call.args) == 1 else None
        if only is None or only.star or only.keyword is not None:
            return False
        return self.inference.instance(only.value) is not None

    def _compat(self, function: str, first: cst.BaseExpression, updated: cst.Call) -> cst.Call:
        args = [a for a in updated.args if a.keyword is None or a.keyword.value not in DROPPED_OPTIONS]
        if args:
            comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
            args = [cst.Arg(first, comma=comma), *args]
        else:
            args = [cst.Arg(first)]
        name = self.additions.name(f"{names.PACKAGE}.compat", function)
        return updated.with_changes(func=cst.Name(name), args=args)

    def _method(self, original: cst.Call, updated: cst.Call, function: cst.Attribute) -> cst.BaseExpression:
        method, receiver = function.attr.value, function.value
        new_receiver = updated.func.value if isinstance(updated.func, cst.Attribute) else receiver
        if _is_super(receiver):
            if method in {"model_dump", "dict", "model_dump_json"} and self.inside_models:
                self.todos.append(
                    f"`super().{method}()`: a Struct has no such method; see `fasterapi.compat`"
                )
            return updated
        if method in LOADS or method in REBUILDS or method in {"model_json_schema", "schema"}:
            return self._class_method(updated, receiver, new_receiver, method)
        if method in DUMPS:
            return self._dump(original, updated, receiver, new_receiver, method)
        if method in COPIES:
            known = self.inference.instance(receiver) is not None
            if (
                known
                or method == "model_copy"
                or ("update" in syntax.keywords(original) and len(original.args) < 3)
            ):
                return self._compat("model_copy", new_receiver, updated)
        return updated

    def _dump(
        self,
        original: cst.Call,
        updated: cst.Call,
        receiver: cst.BaseExpression,
        new: cst.BaseExpression,
        method: str,
    ) -> cst.BaseExpression:
        options = syntax.keywords(original)
        model = self.inference.instance(receiver)
        if self.index.is_left_alone(self._class_of(receiver)) or syntax.positionals(original):
            return updated
        is_certain = model is not None or not DUMP_OPTIONS.isdisjoint(options)
        if method in SHARED_NAMES and not is_certain and (method != "dict" or options):
            return updated
        understood = (
            DUMP_OPTIONS | DROPPED_OPTIONS | ({"indent"} if DUMPS[method] == "model_dump_json" else set())
        )
        if not options.keys() <= understood:
            unknown = ", ".join(sorted(options.keys() - understood))
            self.todos.append(f"`{method}({unknown}=...)` has no counterpart")
            return updated
        if model is not None and not options and not original.args and self._is_plain(model):
            msgspec = self.additions.module("msgspec")
            if DUMPS[method] == "model_dump":
                return expression(f"{msgspec}.to_builtins({code(new)})")
            return expression(f"{msgspec}.json.encode({code(new)}).decode()")
        return self._compat(DUMPS[method], new, updated)

    def _class_of(self, receiver: cst.BaseExpression) -> str | None:
        return self.bindings.resolve(receiver.func) if isinstance(receiver, cst.Call) else None

    def _is_plain(self, model: Model) -> bool:
        """Whether `to_builtins` gives what `model_dump` gave: JSON types only, no aliases, no tag, no hooks."""
        return model.name not in self.index.tags and all(
            declaration.alias is None and self._is_plain_type(declaration.annotation, model.bindings)
            for declaration in self.index.all_fields(model).values()
        )

    def _is_plain_type(self, annotation: cst.BaseExpression, bindings: Bindings, depth: int = 0) -> bool:
        members = syntax.union_members(annotation)
        if members is not None:
            return all(self._is_plain_type(member, bindings, depth) for member in members)
        if isinstance(annotation, cst.Name) and annotation.value in names.JSON_SCALARS:
            return True
        if isinstance(annotation, cst.Subscript) and code(annotation.value) in {
            "list",
            "dict",
            "List",
            "Dict",
        }:
            return all(self._is_plain_type(item, bindings, depth) for item in syntax.slices(annotation))
        nested = self.index.model(bindings.resolve(annotation)) if depth < 5 else None
        return (
            nested is not None
            and nested.name not in self.index.tags
            and all(
                declaration.alias is None
                and self._is_plain_type(declaration.annotation, nested.bindings, depth + 1)
                for declaration in self.index.all_fields(nested).values()
            )
        )

    def _class_method(
        self,
        updated: cst.Call,
        receiver: cst.BaseExpression,
        new: cst.BaseExpression,
        method: str,
    ) -> cst.BaseExpression:
        owner = receiver.value if isinstance(receiver, cst.Subscript) else receiver
        resolved = self.bindings.resolve(owner)
        is_model = self.index.model(resolved) is not None or (
            syntax.is_name(receiver, "cls") and self.inside_models > 0
        )
        is_foreign = not isinstance(owner, cst.Name) or owner.value in self.bindings.names
        if not is_model and (method not in LOADS or is_foreign or self.index.find(resolved) is not None):
            return updated
        if not is_model and method in {"construct", "parse_raw"}:
            return updated
        if method in LOADS:
            return self._compat(LOADS[method], new, updated)
        if method in REBUILDS:
            return expression("None")
        return self._compat("model_json_schema", new, updated.with_changes(args=()))

    def _constructor(self, original: cst.Call, updated: cst.Call, model: Model) -> cst.BaseExpression:
        fields = self.index.all_fields(model)
        by_alias = {d.alias: d for d in fields.values() if d.alias is not None}
        tag = self.index.tags.get(model.name, ("",))[0]
        args = [a for a in updated.args if a.keyword is None or a.keyword.value != tag or not tag]
        given = syntax.keywords(original)
        known = {name: fields.get(name) or by_alias.get(name) for name in given if name != tag}
        needs_validation = (
            has_mapping(original)
            or self.expects_validation > 0
            or None in known.values()
            or any(d is not None and self._needs_conversion(d, given[n], model) for n, d in known.items())
            or any(d.is_required and d not in known.values() and d.name != tag for d in fields.values())
        )
        if needs_validation and not syntax.positionals(original):
            return self._validated(updated)
        renamed = [_under_own_name(arg, by_alias) for arg in args]
        if renamed and len(renamed) < len(updated.args):
            renamed[-1] = renamed[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
        return updated.with_changes(args=renamed)

    def _validated(self, updated: cst.Call) -> cst.BaseExpression:
        only = updated.args[0] if len(updated.args) == 1 else None
        if only is not None and only.star == "**":
            mapping = code(only.value)
        else:
            parts = [
                f"**{code(a.value)}" if a.keyword is None else f'"{a.keyword.value}": {code(a.value)}'
                for a in updated.args
            ]
            mapping = "{" + ", ".join(parts) + "}"
        name = self.additions.name(f"{names.PACKAGE}.compat", "model_validate")
        return expression(f"{name}({code(updated.func)}, {mapping})")

    def _needs_conversion(self, declaration: Declaration, value: cst.BaseExpression, model: Model) -> bool:
        """Whether Pydantic would have turned the argument into something else."""
        members = syntax.union_members(declaration.annotation) or [declaration.annotation]
        heads = {code(m.value if isinstance(m, cst.Subscript) else m) for m in members}
        if _contains_dict(value):
            return any(self.index.model(name) for m in members for name in _resolved(m, model.bindings))
        if isinstance(value, cst.SimpleString | cst.ConcatenatedString | cst.FormattedString):
            return heads.isdisjoint(_STRING_LIKE) and not any("Literal" in head for head in heads)
        if isinstance(value, cst.Integer):
            return heads.isdisjoint({"int", "float", "Any", "object", "complex", "Decimal", "Literal"})
        return False


_STRING_LIKE = frozenset({"str", "Any", "object", "EmailStr", "typing.Any"})


def _under_own_name(arg: cst.Arg, by_alias: Mapping[str, Declaration]) -> cst.Arg:
    """A Struct is called with its fields' own names, a Pydantic model with their aliases."""
    declaration = None if arg.keyword is None else by_alias.get(arg.keyword.value)
    return arg if declaration is None else arg.with_changes(keyword=cst.Name(declaration.name))


def has_mapping(call: cst.Call) -> bool:
    """Whether the call unpacks a mapping."""
    return any(arg.star == "**" for arg in call.args)


def _is_super(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Call) and syntax.is_name(node.func, "super")


def _contains_dict(node: cst.BaseExpression) -> bool:
    if isinstance(node, cst.Dict | cst.DictComp):
        return True
    if isinstance(node, cst.List | cst.Tuple):
        return any(_contains_dict(element.value) for element in node.elements)
    return False


def _resolved(node: cst.CSTNode, bindings: Bindings) -> list[str]:
    if isinstance(node, cst.Name | cst.Attribute):
        name = bindings.resolve(node)
        return [name] if name else []
    return [name for child in node.children for name in _resolved(child, bindings)]
