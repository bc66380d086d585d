"""`model_config`, `class Config` and class keywords of a Pydantic model → options of `msgspec.Struct`.

Knows: what each setting means on the other side. Does not know: fields, methods.
"""

from dataclasses import dataclass, field

import libcst as cst

from fasterapi.cli.migrate import syntax
from fasterapi.cli.migrate.syntax import code, literal

WITHOUT_EFFECT = frozenset(
    {"arbitrary_types_allowed", "from_attributes", "orm_mode", "protected_namespaces", "title", "hide_input_in_errors",
     "defer_build", "smart_union", "copy_on_model_validation", "use_attribute_docstrings", "json_schema_mode_override",
     "ser_json_timedelta", "validate_return", "revalidate_instances", "json_schema_serialization_defaults_required"}
)  # fmt: skip
"""Settings that need nothing here: the framework reads attributes anyway, or msgspec has no such notion."""

ADVICE = {
    "str_strip_whitespace": "call `.strip()` in `__post_init__`; msgspec takes strings as they come",
    "anystr_strip_whitespace": "call `.strip()` in `__post_init__`; msgspec takes strings as they come",
    "str_to_lower": "call `.lower()` in `__post_init__`; msgspec takes strings as they come",
    "str_to_upper": "call `.upper()` in `__post_init__`; msgspec takes strings as they come",
    "str_min_length": "put `msgspec.Meta(min_length=...)` on each string",
    "str_max_length": "put `msgspec.Meta(max_length=...)` on each string",
    "use_enum_values": "fields hold the enum's members; read `.value` where the bare value is wanted",
    "validate_assignment": "msgspec checks while decoding, not when an attribute is set",
    "validate_default": "msgspec takes defaults as they are",
    "json_encoders": "convert in the handler, or register the type with `fasterapi.validation.register_type`",
    "ser_json_bytes": "msgspec encodes bytes as Base64",
    "val_json_bytes": "msgspec decodes bytes from Base64",
    "strict": "ask for strict decoding at the route or with `Faster(strict=True)`",
    "model_config": "what it holds cannot be read here; msgspec takes options in the class statement",
    "coerce_numbers_to_str": "msgspec never makes a string of a number",
    "alias_generator": "give each field its name: `msgspec.field(name=...)` or `rename={...}` on the class",
    "extra": "msgspec drops unknown keys; declare the fields, or take a `dict` where anything may come",
    "populate_by_name": "JSON is read under the alias only; constructor calls use the field's own name",
    "json_schema_extra": "give the example at the route (`openapi_examples=`) or per field (`msgspec.Meta(examples=)`)",
}

RENAMES = {"to_camel": '"camel"', "camelize": '"camel"', "to_pascal": '"pascal"', "to_lower_camel": '"camel"'}
OLD_NAMES = {
    "allow_population_by_field_name": "populate_by_name",
    "validate_by_name": "populate_by_name",
    "schema_extra": "json_schema_extra",
    "anystr_strip_whitespace": "str_strip_whitespace",
    "min_anystr_length": "str_min_length",
    "max_anystr_length": "str_max_length",
}


@dataclass
class Configuration:
    """Options for the class statement, what is left to do, and the example for the schema."""

    options: dict[str, str] = field(default_factory=dict)
    todos: list[str] = field(default_factory=list)
    schema_extra: str | None = None


def read_settings(line: cst.CSTNode) -> dict[str, cst.BaseExpression] | None:
    """The settings of a `model_config = ...` line or a `class Config:` block; None if the line is neither."""
    if isinstance(line, cst.ClassDef) and line.name.value == "Config":
        return _settings_of_class(line)
    if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1:
        return None
    item = line.body[0]
    if isinstance(item, cst.Assign) and syntax.is_name(item.targets[0].target, "model_config"):
        value: cst.BaseExpression | None = item.value
    elif isinstance(item, cst.AnnAssign) and syntax.is_name(item.target, "model_config"):
        value = item.value
    else:
        return None
    if isinstance(value, cst.Call) and not syntax.has_stars(value):
        return syntax.keywords(value)
    if isinstance(value, cst.Dict) and all(isinstance(e, cst.DictElement) for e in value.elements):
        pairs = [e for e in value.elements if isinstance(e, cst.DictElement)]
        return {syntax.string_text(pair.key) or "": pair.value for pair in pairs}
    return {} if value is None else {"model_config": value}


def _settings_of_class(node: cst.ClassDef) -> dict[str, cst.BaseExpression]:
    settings = {}
    for line in node.body.body:
        for item in getattr(line, "body", ()) if isinstance(line, cst.SimpleStatementLine) else ():
            if isinstance(item, cst.Assign) and isinstance(item.targets[0].target, cst.Name):
                settings[item.targets[0].target.value] = item.value
    return settings


def translate(settings: dict[str, cst.BaseExpression], *, has_aliases: bool) -> Configuration:
    """Sort the settings into options, advice and the schema's example."""
    result = Configuration()
    for given, value in settings.items():
        name = OLD_NAMES.get(given, given)
        if name in WITHOUT_EFFECT or _is_default(name, value):
            continue
        if name == "extra":
            _translate_extra(value, result)
        elif name == "frozen" or (name == "allow_mutation" and literal(value) is False):
            result.options["frozen"] = "True"
        elif name == "alias_generator" and code(value).rpartition(".")[2] in RENAMES:
            result.options["rename"] = RENAMES[code(value).rpartition(".")[2]]
        elif name == "json_schema_extra" and isinstance(value, cst.Dict):
            result.schema_extra = code(value)
        elif name == "populate_by_name" and not has_aliases and "alias_generator" not in settings:
            continue
        else:
            advice = ADVICE.get(name, "msgspec has no such setting")
            result.todos.append(f"`{given}={_short(value)}`: {advice}")
    return result


def _translate_extra(value: cst.BaseExpression, result: Configuration) -> None:
    text = code(value)
    if literal(value) == "forbid" or text.endswith(".forbid"):
        result.options["forbid_unknown_fields"] = "True"
    elif not (literal(value) == "ignore" or text.endswith(".ignore")):
        result.todos.append(f"`extra={text}`: {ADVICE['extra']}")


def _is_default(name: str, value: cst.BaseExpression) -> bool:
    return (
        literal(value) is False
        or (syntax.is_name(value, "None"))
        or (name == "extra" and literal(value) == "ignore")
    )


def _short(value: cst.BaseExpression) -> str:
    text = code(value)
    return text if len(text) < 40 and "\n" not in text else "..."
