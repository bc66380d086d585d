"""One field of a Pydantic model: read its declaration, write it as msgspec declares fields.

Knows: `Field(...)`, `Annotated`, defaults, constraints. Does not know: classes, files, other fields.
What msgspec cannot check goes into `fasterapi.validation.Constraints`, which the framework honours beside `Meta`.
"""

from dataclasses import dataclass, field

import libcst as cst

from fasterapi.cli.migrate import names, syntax
from fasterapi.cli.migrate.additions import Additions
from fasterapi.cli.migrate.bindings import Bindings
from fasterapi.cli.migrate.syntax import code, expression, literal

FIELD_CALLS = frozenset({"pydantic.Field", "pydantic.fields.Field", "sqlmodel.Field"})
PRIVATE_CALLS = frozenset({"pydantic.PrivateAttr", "pydantic.fields.PrivateAttr"})
STRING_CONSTRAINTS = frozenset({"pydantic.StringConstraints", "pydantic.types.StringConstraints"})
ANNOTATED = frozenset({"typing.Annotated", "typing_extensions.Annotated"})
CLASS_VARIABLES = frozenset({"typing.ClassVar", "typing_extensions.ClassVar", "ClassVar"})


@dataclass
class Declaration:
    """A field as Pydantic sees it: the bare annotation, the options of its `Field(...)`, its default."""

    name: str
    annotation: cst.BaseExpression
    metadata: list[cst.BaseExpression] = field(default_factory=list)
    options: dict[str, cst.BaseExpression] = field(default_factory=dict)
    default: cst.BaseExpression | None = None
    default_factory: cst.BaseExpression | None = None
    is_private: bool = False
    is_class_variable: bool = False

    @property
    def is_required(self) -> bool:
        """Whether a value must be given."""
        return self.default is None and self.default_factory is None

    @property
    def alias(self) -> str | None:
        """The name in JSON, where it is one literal name for input and output alike."""
        option = self.options.get("alias")
        if option is None:
            option = self.options.get("validation_alias")
        if option is None:
            option = self.options.get("serialization_alias")
        return None if option is None else syntax.string_text(option)

    @property
    def single_literal(self) -> str | None:
        """The text of the one value of `Literal["x"]`."""
        annotation = self.annotation
        if not isinstance(annotation, cst.Subscript) or not code(annotation.value).endswith("Literal"):
            return None
        values = syntax.slices(annotation)
        return code(values[0]) if len(values) == 1 and isinstance(literal(values[0]), str | int) else None


@dataclass
class Written:
    """A field as msgspec wants it: annotation, the text after `=`, what is left to do."""

    annotation: cst.BaseExpression
    value: str | None = None
    todos: list[str] = field(default_factory=list)


def read_declaration(node: cst.AnnAssign, bindings: Bindings) -> Declaration | None:
    """Read `name: annotation = default`; None when the target is no plain name."""
    if not isinstance(node.target, cst.Name):
        return None
    declaration = Declaration(node.target.value, node.annotation.annotation)
    if isinstance(declaration.annotation, cst.Subscript | cst.Name):
        whole = declaration.annotation
        head = whole.value if isinstance(whole, cst.Subscript) else whole
        declaration.is_class_variable = bindings.resolve(head) in CLASS_VARIABLES
    _unwrap_annotated(declaration, bindings)
    _read_default(declaration, node.value, bindings)
    declaration.is_private = declaration.is_private or declaration.name.startswith("_")
    return declaration


def read_annotated(node: cst.Subscript, bindings: Bindings) -> Declaration | None:
    """Read an `Annotated[...]` anywhere whose `Field(...)` only limits or describes; None if there is none.

    Defaults and aliases belong to a field: those are read where the field is.
    """
    if bindings.resolve(node.value) not in ANNOTATED:
        return None
    declaration = Declaration("", node)
    _unwrap_annotated(declaration, bindings)
    understood = (
        names.META_CONSTRAINTS.keys() | names.CHECKED_CONSTRAINTS | names.META_TEXTS | names.SCHEMA_KEYS
    )
    is_plain = declaration.is_required and declaration.options.keys() <= understood
    return declaration if declaration.options and is_plain else None


def _unwrap_annotated(declaration: Declaration, bindings: Bindings) -> None:
    annotation = declaration.annotation
    if not isinstance(annotation, cst.Subscript) or bindings.resolve(annotation.value) not in ANNOTATED:
        return
    inner, *metadata = syntax.slices(annotation)
    declaration.annotation = inner
    for item in metadata:
        called = bindings.resolve(item.func) if isinstance(item, cst.Call) else None
        if isinstance(item, cst.Call) and called in FIELD_CALLS | STRING_CONSTRAINTS:
            _read_field_call(declaration, item)
        else:
            declaration.metadata.append(item)


def _read_default(declaration: Declaration, value: cst.BaseExpression | None, bindings: Bindings) -> None:
    if isinstance(value, cst.Call) and bindings.resolve(value.func) in FIELD_CALLS | PRIVATE_CALLS:
        declaration.is_private = bindings.resolve(value.func) in PRIVATE_CALLS
        _read_field_call(declaration, value)
    elif value is not None and not isinstance(value, cst.Ellipsis):
        declaration.default = value


def _read_field_call(declaration: Declaration, call: cst.Call) -> None:
    options = syntax.keywords(call)
    for value in syntax.positionals(call)[:1]:
        options.setdefault("default", value)
    default = options.pop("default", None)
    if default is not None and not isinstance(default, cst.Ellipsis):
        declaration.default = default
    declaration.default_factory = options.pop("default_factory", declaration.default_factory)
    declaration.options.update(options)


def write_field(declaration: Declaration, additions: Additions, *, is_model_call: bool = False) -> Written:
    """Translate one declaration; `additions` learns which imports the new text needs.

    `is_model_call` says that the default is a call of a model, which msgspec refuses to share between instances.
    """
    written = Written(declaration.annotation)
    limits = _sort_options(declaration, written)
    written.annotation = constrain(declaration.annotation, limits, additions)
    for item in declaration.metadata:
        written.annotation = _annotate(written.annotation, [code(item)], additions)
    written.value = _default_text(declaration, additions, is_model_call=is_model_call)
    return written


@dataclass
class Limits:
    """What `Field(...)` demands: for msgspec to check, for the schema to show, for the framework to check."""

    native: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    checked: dict[str, str] = field(default_factory=dict)


def _sort_options(declaration: Declaration, written: Written) -> Limits:
    limits = Limits()
    schema: dict[str, str] = {}
    for name, value in declaration.options.items():
        text = code(value)
        if name in names.META_CONSTRAINTS:
            if text != "None":
                limits.native[names.META_CONSTRAINTS[name]] = text
        elif name in names.CHECKED_CONSTRAINTS:
            limits.checked[name] = text
        elif name in names.META_TEXTS:
            limits.texts[name] = text
        elif name in names.SCHEMA_KEYS:
            schema[name] = text
        elif name == "json_schema_extra" and isinstance(value, cst.Dict):
            schema["**"] = text
        elif name not in names.IGNORED_FIELD_OPTIONS and not _is_handled(name, declaration):
            written.todos.append(
                _OPTION_ADVICE.get(name, f"`Field({name}=...)` has no counterpart in msgspec")
            )
    if schema:
        limits.texts["extra_json_schema"] = _schema_text(schema)
    return limits


_OPTION_ADVICE = {
    "exclude": "`Field(exclude=True)`: name a response model without this field; msgspec always encodes it",
    "frozen": "`Field(frozen=True)`: msgspec freezes whole classes (`frozen=True`), not fields",
    "strict": "`Field(strict=True)`: ask for strict decoding at the route or with `Faster(strict=True)`",
    "discriminator": "`Field(discriminator=...)`: the members have no common `Literal` field to make a tag of",
    "alias_priority": "`alias_priority` has no counterpart; the name given to `msgspec.field` always counts",
}


def _is_handled(name: str, declaration: Declaration) -> bool:
    if name == "alias" and declaration.alias is not None:
        return True
    if name in {"validation_alias", "serialization_alias"}:
        others = {
            syntax.string_text(value) for key, value in declaration.options.items() if key.endswith("alias")
        }
        return others == {declaration.alias}
    return False


def _schema_text(schema: dict[str, str]) -> str:
    whole = schema.pop("**", None)
    parts = [f'"{key}": {text}' for key, text in schema.items()]
    if whole is not None:
        inside = whole.strip()[1:-1].strip().rstrip(",")
        parts += [inside] if inside else []
    return "{" + ", ".join(parts) + "}"


def constrain(annotation: cst.BaseExpression, limits: Limits, additions: Additions) -> cst.BaseExpression:
    """Put constraints on the member of the annotation that msgspec allows them on, texts on the whole.

    `Annotated[str | None, Meta(max_length=3)]` is refused by msgspec, so the constraint goes to `str`. What msgspec
    does not allow on the type, such as `gt` on a Decimal, becomes `Constraints(...)`.
    """
    members = syntax.union_members(annotation) or [annotation]
    concrete = [member for member in members if not syntax.is_name(member, "None")]
    native = {k: v for k, v in limits.native.items() if all(_accepts(member, k) for member in concrete)}
    checked = {k: v for k, v in limits.native.items() if k not in native} | limits.checked
    texts = dict(limits.texts)
    metadata = []
    if checked:
        constraints = additions.name(f"{names.PACKAGE}.validation", "Constraints")
        metadata.append(syntax.call_text(constraints, checked))
    if len(members) == 1:
        native, texts = {}, native | texts
    if native:
        metadata.insert(0, _meta(native, additions))
    if metadata:
        parts = [m if syntax.is_name(m, "None") else _annotate(m, metadata, additions) for m in members]
        annotation = expression(" | ".join(code(part) for part in parts))
    return _annotate(annotation, [_meta(texts, additions)] if texts else [], additions)


def _meta(arguments: dict[str, str], additions: Additions) -> str:
    return syntax.call_text(f"{additions.module('msgspec')}.Meta", arguments)


def _accepts(annotation: cst.BaseExpression, constraint: str) -> bool:
    head = annotation
    if isinstance(head, cst.Subscript):
        if code(head.value).endswith("Annotated"):
            return _accepts(syntax.slices(head)[0], constraint)
        head = head.value
    name = code(head)
    if constraint in {"gt", "ge", "lt", "le", "multiple_of"}:
        return name in names.NUMBERS
    if constraint == "pattern":
        return name == "str"
    return name in names.TEXTS or name in names.COLLECTIONS or f"typing.{name}" in names.COLLECTIONS


def _annotate(
    annotation: cst.BaseExpression, metadata: list[str], additions: Additions
) -> cst.BaseExpression:
    if not metadata:
        return annotation
    if isinstance(annotation, cst.Subscript) and code(annotation.value).endswith("Annotated"):
        parts = [code(part) for part in syntax.slices(annotation)]
        return expression(syntax.subscript(code(annotation.value), [*parts, *metadata]))
    return expression(syntax.subscript(additions.name("typing", "Annotated"), [code(annotation), *metadata]))


def _default_text(declaration: Declaration, additions: Additions, *, is_model_call: bool) -> str | None:
    alias, factory = declaration.alias, declaration.default_factory
    arguments: dict[str, str] = {}
    if factory is not None:
        arguments["default_factory"] = code(factory)
    elif declaration.default is not None:
        text = _factory_text(declaration.default, is_model_call=is_model_call)
        arguments.update(
            {"default": code(declaration.default)} if text is None else {"default_factory": text}
        )
    if alias is not None and alias != declaration.name:
        arguments["name"] = f'"{alias}"'
    if not arguments:
        return None
    if list(arguments) == ["default"]:
        return arguments["default"]
    return syntax.call_text(f"{additions.module('msgspec')}.field", arguments)


def _factory_text(default: cst.BaseExpression, *, is_model_call: bool) -> str | None:
    if isinstance(default, cst.Call) and is_model_call:
        return f"lambda: {code(default)}" if default.args else code(default.func)
    if isinstance(default, cst.List | cst.Set | cst.ListComp | cst.SetComp | cst.DictComp):
        is_empty = isinstance(default, cst.List) and not default.elements
        return None if is_empty else f"lambda: {code(default)}"
    if isinstance(default, cst.Dict) and default.elements:
        return f"lambda: {code(default)}"
    return None
