"""Annotations as written → the types they mean.

Knows: PEP 563 texts, PEP 649 annotations, forward references, `Annotated`, PEP 695 aliases, and where names
are looked up. Does not know: `Depends`, parameters' kinds, graphs.
"""

import builtins
import inspect
import sys
import types
import typing
from collections import ChainMap
from collections.abc import Callable, Mapping
from typing import Annotated, Any, ForwardRef, get_args, get_origin

from fasterapi_di.callables import unwrap
from fasterapi_di.markers import MISSING


class Unresolved:
    """An annotation with a name that does not exist (yet); `text` is what the user wrote."""

    def __init__(self, text: str, name: str) -> None:
        self.text = text
        self.name = name

    def __repr__(self) -> str:
        return f"Unresolved({self.text!r})"


class Unknown:
    """What stands for a missing name while the rest of its annotation is evaluated."""

    def __init__(self, name: str) -> None:
        self.name = name

    def _same(self, *_arguments: object, **_keywords: object) -> "Unknown":
        return self

    __call__ = __getitem__ = __or__ = __ror__ = _same

    def __getattr__(self, name: str) -> "Unknown":
        if name.startswith("__"):
            raise AttributeError(name)
        return self


class Names(dict[str, Any]):
    """What an annotation can see; a name that is nowhere becomes `Unknown` and is written down."""

    def __init__(self, globals_: Mapping[str, Any], locals_: Mapping[str, Any]) -> None:
        super().__init__(locals_)
        self._globals = globals_
        self.unknown: list[str] = []

    def __missing__(self, name: str) -> Any:
        if name in self._globals:
            return self._globals[name]
        if hasattr(builtins, name):
            return getattr(builtins, name)
        self.unknown.append(name)
        return Unknown(name)


def names_of(call: Callable[..., Any]) -> Names:
    """Return the names that annotations of `call` may use.

    Innermost first: type parameters, variables of enclosing functions (as far as the function keeps them),
    the class of a method, the module. A decorated function counts as the function behind the decorator.
    """
    if type(call) is types.FunctionType and not call.__dict__:
        return Names(call.__globals__, _kept_variables(call) | _type_parameters(call))
    function, owner = unwrap(call), None
    if inspect.isclass(function):
        function, owner = inspect.unwrap(function.__init__), function
    elif not inspect.isroutine(function):
        function = unwrap(type(function).__call__)
    bound_to = getattr(function, "__self__", None)
    if bound_to is not None and not inspect.ismodule(bound_to):
        owner = bound_to if inspect.isclass(bound_to) else type(bound_to)
    globals_ = [getattr(function, "__globals__", {})]
    locals_: dict[str, Any] = {}
    if owner is not None:
        # An `__init__` that a dataclass made of inherited fields speaks of names in their modules.
        modules = (sys.modules.get(cls.__module__) for cls in owner.__mro__)
        globals_ += [vars(module) for module in modules if module is not None]
        locals_ = {owner.__name__: owner}
        # Of the class's own names only types count: in `date: date = None` the type is meant.
        locals_ |= {name: value for name, value in vars(owner).items() if _is_type(value)}
    locals_ |= _kept_variables(function)
    locals_ |= _type_parameters(function)
    return Names(ChainMap(*globals_), locals_)


def _type_parameters(function: Callable[..., Any]) -> dict[str, Any]:
    return {parameter.__name__: parameter for parameter in getattr(function, "__type_params__", ())}


def _is_type(value: object) -> bool:
    return isinstance(value, type) or get_origin(value) is not None


def _kept_variables(function: Callable[..., Any]) -> dict[str, Any]:
    code = getattr(function, "__code__", None)
    kept = {}
    for name, cell in zip(
        code.co_freevars if code else (), getattr(function, "__closure__", None) or (), strict=True
    ):
        try:
            kept[name] = cell.cell_contents
        except ValueError:  # the enclosing function has not assigned it yet
            continue
    return kept


def resolve(annotation: Any, names: Names) -> tuple[Any, tuple[Any, ...]]:
    """Return the type and the metadata of `Annotated`, both evaluated; the type may be `Unresolved`.

    Raises `NameError` where a name is missing inside the metadata, because a marker may hide there.
    """
    if annotation is MISSING or isinstance(annotation, type):
        return annotation, ()
    core, metadata = _strip(_evaluate(annotation, names), names)
    for item in metadata:
        missing = _missing_name(item)
        if missing is not None:
            raise NameError(missing)
    if isinstance(core, type):
        return core, metadata
    names.unknown.clear()
    resolved = _evaluate_deep(core, names)
    if names.unknown or isinstance(resolved, Unknown):
        name = names.unknown[0] if names.unknown else resolved.name
        names.unknown.clear()
        return Unresolved(_text(annotation if isinstance(annotation, str) else core), name), metadata
    return resolved, metadata


def _strip(annotation: Any, names: Names) -> tuple[Any, tuple[Any, ...]]:
    metadata: tuple[Any, ...] = ()
    while True:
        if get_origin(annotation) is Annotated:
            metadata = annotation.__metadata__ + metadata
            annotation = _evaluate(annotation.__origin__, names)
        elif _is_alias_of_annotated(annotation):
            annotation = _alias_value(annotation)
        else:
            return annotation, metadata


def _evaluate(annotation: Any, names: Names) -> Any:
    """Evaluate texts and references on the outside only."""
    while True:
        if isinstance(annotation, ForwardRef):
            own = getattr(annotation, "__forward_module__", None)
            if isinstance(own, str) and own in sys.modules:
                names = Names(vars(sys.modules[own]), names)
            annotation = annotation.__forward_arg__
        elif not isinstance(annotation, str):
            return annotation
        annotation = _evaluate_text(annotation, names)


def _evaluate_text(text: str, names: Names) -> Any:
    # `typing` evaluates a text the same way: what a user writes as annotation is code by Python's own rules.
    return eval(text, {"__builtins__": {}}, names)  # noqa: S307


def _evaluate_deep(annotation: Any, names: Names) -> Any:
    """Evaluate references inside `list["User"]` as well."""
    if isinstance(annotation, str | ForwardRef):
        return _evaluate_deep(_evaluate(annotation, names), names)
    arguments = get_args(annotation)
    origin = get_origin(annotation)
    if not arguments or origin is typing.Literal:
        return annotation
    if any(isinstance(argument, Unknown) for argument in arguments):
        names.unknown.extend(argument.name for argument in arguments if isinstance(argument, Unknown))
        return annotation
    if origin is Annotated:
        core = _evaluate_deep(arguments[0], names)
        return annotation if core is arguments[0] else Annotated[(core, *arguments[1:])]
    evaluated = tuple(
        [_evaluate_deep(item, names) for item in argument]
        if isinstance(argument, list)
        else _evaluate_deep(argument, names)
        for argument in arguments
    )
    if all(new is old for new, old in zip(evaluated, arguments, strict=True)) or names.unknown:
        return annotation
    if isinstance(annotation, types.UnionType):
        return typing.Union[evaluated]  # noqa: UP007 - the members are known at run time only
    if isinstance(annotation, types.GenericAlias):
        return types.GenericAlias(origin, evaluated)
    return annotation.copy_with(evaluated)


def _is_alias_of_annotated(annotation: Any) -> bool:
    while type(annotation).__name__ == "TypeAliasType" or _is_subscribed_alias(annotation):
        annotation = _alias_value(annotation)
    return get_origin(annotation) is Annotated


def _is_subscribed_alias(annotation: Any) -> bool:
    return type(get_origin(annotation)).__name__ == "TypeAliasType"


def _alias_value(annotation: Any) -> Any:
    if _is_subscribed_alias(annotation):
        return get_origin(annotation).__value__[get_args(annotation)]
    return annotation.__value__


def _missing_name(item: Any) -> str | None:
    if isinstance(item, Unknown):
        return item.name
    dependency = item if isinstance(item, ForwardRef) else getattr(item, "dependency", None)
    if isinstance(dependency, ForwardRef):  # PEP 649 puts these in place of missing names
        return dependency.__forward_arg__
    return dependency.name if isinstance(dependency, Unknown) else None


def _text(annotation: Any) -> str:
    if isinstance(annotation, Unknown):
        return annotation.name
    return annotation.__forward_arg__ if isinstance(annotation, ForwardRef) else str(annotation)
