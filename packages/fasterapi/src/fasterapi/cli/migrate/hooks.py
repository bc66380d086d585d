"""Validators, computed fields and private attributes of a Pydantic model → `__post_init__` of a Struct.

Knows: methods that Pydantic runs when a model is made. Does not know: fields' types, files.
A validator keeps its body and becomes an ordinary class method that `__post_init__` calls.
"""

from dataclasses import dataclass, field

import libcst as cst

from fasterapi.cli.migrate import names, syntax
from fasterapi.cli.migrate.additions import Additions
from fasterapi.cli.migrate.bindings import Bindings
from fasterapi.cli.migrate.index import decorator_name
from fasterapi.cli.migrate.syntax import code, literal

FIELD_VALIDATORS = frozenset({"pydantic.field_validator", "pydantic.validator"})
MODEL_VALIDATORS = frozenset({"pydantic.model_validator", "pydantic.root_validator"})
COMPUTED = "pydantic.computed_field"
SERIALIZERS = frozenset({"pydantic.field_serializer", "pydantic.model_serializer"})


@dataclass
class Hooks:
    """Lines for `__post_init__` in the order in which Pydantic works: fields, private, models, computed."""

    fields: list[str] = field(default_factory=list)
    private: list[str] = field(default_factory=list)
    models: list[str] = field(default_factory=list)
    computed: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """All lines."""
        return [*self.fields, *self.private, *self.models, *self.computed]


@dataclass
class Context:
    """What a method's translation needs to know about its class."""

    bindings: Bindings
    additions: Additions
    field_names: tuple[str, ...]
    is_frozen: bool

    def compat(self, name: str) -> str:
        """The local name of a function of `fasterapi.compat`."""
        return self.additions.name(f"{names.PACKAGE}.compat", name)


@dataclass
class Method:
    """A translated method: its new statements (several for a computed field) and what is left to do."""

    statements: list[cst.BaseCompoundStatement | cst.SimpleStatementLine]
    todos: list[str] = field(default_factory=list)


def translate_method(
    original: cst.FunctionDef, updated: cst.FunctionDef, context: Context, hooks: Hooks
) -> Method:
    """Translate one method of a model; ordinary methods come back as they are."""
    for index, decorator in enumerate(original.decorators):
        name = decorator_name(decorator, context.bindings)
        if name in FIELD_VALIDATORS:
            return _field_validator(index, decorator, updated, context, hooks)
        if name in MODEL_VALIDATORS:
            return _model_validator(index, decorator, updated, context, hooks)
        if name == COMPUTED:
            return _computed_field(index, updated, context, hooks)
        if name in SERIALIZERS:
            reason = (
                f"`{original.name.value}` is not run: convert in the handler or in the type (`register_type`)"
            )
            return Method([updated], [reason])
    if original.name.value == "model_post_init":
        hooks.private.append("self.model_post_init(None)")
    if original.name.value == "__init__":
        return Method(
            [updated], ["`__init__` is not run when JSON is decoded: move its work to `__post_init__`"]
        )
    return Method([updated])


def _arguments(decorator: cst.Decorator) -> tuple[list[str], dict[str, cst.BaseExpression]]:
    node = decorator.decorator
    if not isinstance(node, cst.Call):
        return [], {}
    return [syntax.string_text(item) or "" for item in syntax.positionals(node)], syntax.keywords(node)


def _field_validator(
    index: int, decorator: cst.Decorator, node: cst.FunctionDef, context: Context, hooks: Hooks
) -> Method:
    fields, options = _arguments(decorator)
    parameters = [p.name.value for p in [*node.params.posonly_params, *node.params.params]]
    mode = literal(options.get("mode")) or ("before" if literal(options.get("pre")) is True else "after")
    name = node.name.value
    if mode != "after" or literal(options.get("each_item")) is True:
        reason = f"`{name}` is not run: it wants the value as it came, before its type is checked"
        return Method([node], [reason])
    takes = len(parameters) - (1 if parameters[:1] in (["cls"], ["self"]) else 0)
    if takes > 1 and parameters[-1] == "values":
        return Method(
            [node], [f"`{name}` is not run: take `values` from the other fields of `self` in `__post_init__`"]
        )
    validate = context.compat("validate_field")
    targets = context.field_names if "*" in fields else tuple(fields)
    for target in targets:
        extra = ", info=True" if takes > 1 else ""
        hooks.fields.append(f'{validate}(self, "{target}", self.{name}{extra})')
    node = _without_decorator(node, index)
    has_kind = any(code(item.decorator) in {"classmethod", "staticmethod"} for item in node.decorators)
    if not has_kind and parameters[:1] == ["cls"]:
        node = node.with_changes(decorators=[cst.Decorator(cst.Name("classmethod")), *node.decorators])
    elif not has_kind and parameters[:1] != ["self"]:
        node = node.with_changes(decorators=[cst.Decorator(cst.Name("staticmethod")), *node.decorators])
    return Method([node])


def _model_validator(
    index: int, decorator: cst.Decorator, node: cst.FunctionDef, context: Context, hooks: Hooks
) -> Method:
    _, options = _arguments(decorator)
    name = node.name.value
    is_after = literal(options.get("mode")) == "after"
    is_class_method = any(code(item.decorator) == "classmethod" for item in node.decorators)
    if not is_after or is_class_method:
        return Method(
            [node], [f"`{name}` is not run: it works on raw input; check the fields in `__post_init__`"]
        )
    hooks.models.append(f"{context.compat('validate_model')}(self.{name})")
    return Method([_without_decorator(node, index)])


def _computed_field(index: int, node: cst.FunctionDef, context: Context, hooks: Hooks) -> Method:
    """Make `name` a field that `__post_init__` fills, and keep the code as the method `_compute_name`."""
    name = node.name.value
    if node.returns is None:
        return Method([node], [f"`{name}` needs a return annotation to become a field"])
    annotation = code(node.returns.annotation)
    computed = context.compat("computed")
    method = _without_decorator(node, index)
    method = method.with_changes(
        name=cst.Name(f"_compute_{name}"),
        decorators=[d for d in method.decorators if code(d.decorator) not in {"property", "cached_property"}],
    )
    line = syntax.statement(f"{name}: {annotation} = {computed}()").with_changes(
        leading_lines=node.leading_lines
    )
    method = method.with_changes(leading_lines=[cst.EmptyLine(indent=False)])
    if context.is_frozen:
        hooks.computed.append(f'{context.compat("set_field")}(self, "{name}", self._compute_{name}())')
    else:
        hooks.computed.append(f"self.{name} = self._compute_{name}()")
    return Method([line, method])


def _without_decorator(node: cst.FunctionDef, index: int) -> cst.FunctionDef:
    removed = node.decorators[index]
    decorators = [d for i, d in enumerate(node.decorators) if i != index]
    kept = [item for item in removed.leading_lines if item.comment is not None]
    if kept:
        if decorators and index < len(decorators):
            follower = decorators[index]
            decorators[index] = follower.with_changes(leading_lines=[*kept, *follower.leading_lines])
        else:
            node = node.with_changes(lines_after_decorators=[*kept, *node.lines_after_decorators])
    return node.with_changes(decorators=decorators)


def post_init(lines: list[str], *, calls_super: bool) -> cst.FunctionDef:
    """The `__post_init__` method that runs these lines."""
    body = ["super().__post_init__()"] if calls_super else []
    text = "\n".join(f"    {line}" for line in [*body, *lines])
    node = cst.parse_statement(f"def __post_init__(self) -> None:\n{text}\n")
    if not isinstance(node, cst.FunctionDef):
        raise TypeError(
            "the text of __post_init__ is a function"
        )  # pragma: no cover - it is, by construction
    return node.with_changes(leading_lines=[cst.EmptyLine(indent=False)])
