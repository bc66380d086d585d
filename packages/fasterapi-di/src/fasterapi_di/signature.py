"""A callable → its parameters, with types resolved and markers set apart.

Knows: `inspect.signature`, default-value and `Annotated` style. Does not know: graphs, where a value comes
from.
"""

import inspect
import sys
from collections.abc import Callable
from types import FunctionType
from typing import Any, Final

from fasterapi_di.annotations import Names, Unresolved, names_of, resolve
from fasterapi_di.callables import location, name_of
from fasterapi_di.errors import SignatureError, UnresolvedNameError
from fasterapi_di.markers import MISSING, Depends

POSITIONAL_ONLY: Final = inspect.Parameter.POSITIONAL_ONLY
POSITIONAL_OR_KEYWORD: Final = inspect.Parameter.POSITIONAL_OR_KEYWORD
KEYWORD_ONLY: Final = inspect.Parameter.KEYWORD_ONLY
_HAS_VARIADIC: Final = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS
VARIADIC: Final = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


class Parameter:
    """One parameter of a callable. Treat it as read-only.

    `name`; `kind` as in `inspect.Parameter.kind`; `annotation`: the type, or `MISSING`; `metadata`: what
    `Annotated[type, ...]` carries besides the type, in order; `default`: the value, or `MISSING`.
    """

    __slots__ = ("_annotation", "_owner", "default", "kind", "metadata", "name")

    def __init__(
        self,
        name: str,
        kind: Any,
        annotation: Any = MISSING,
        metadata: tuple[Any, ...] = (),
        default: Any = MISSING,
    ) -> None:
        self.name = name
        self.kind = kind
        self._annotation = annotation
        self.metadata = metadata
        self.default = default
        self._owner: Callable[..., Any] | None = None

    @property
    def annotation(self) -> Any:
        """The type without `Annotated`. Raises `UnresolvedNameError` if it uses a name that does not exist.

        The error comes only here: a name that exists for type checkers alone harms nobody who needs no type.
        """
        if isinstance(self._annotation, Unresolved):
            raise _unresolved(
                self._owner or Parameter, self.name, self._annotation.text, self._annotation.name
            )
        return self._annotation

    @property
    def depends(self) -> Depends | None:
        """The marker of a dependency, if there is one: the default value, else the last one in `metadata`."""
        if isinstance(self.default, Depends):
            return self.default
        if not self.metadata:
            return None
        return next((item for item in reversed(self.metadata) if isinstance(item, Depends)), None)

    def __repr__(self) -> str:
        values = (self.name, self.kind, self._annotation, self.metadata, self.default)
        return f"Parameter({', '.join(map(repr, values))})"


def read_signature(call: Callable[..., Any]) -> tuple[Parameter, ...]:
    """Return the parameters of a function, method, class, partial or callable object.

    Annotations are evaluated where `call` was defined: texts of PEP 563, forward references, PEP 649, and
    PEP 695 aliases of `Annotated`. Raises `SignatureError` for a callable without a readable signature,
    `UnresolvedNameError` where an unknown name may hide a marker.

    >>> def get_page(size: int, *, number: int = 1) -> list[str]: ...
    >>> [(parameter.name, parameter.annotation, parameter.default) for parameter in read_signature(get_page)]
    [('size', <class 'int'>, MISSING), ('number', <class 'int'>, 1)]
    """
    annotations = _annotations(call)
    if annotations is None or call.__code__.co_flags & _HAS_VARIADIC:
        return _read_any(call)
    return _read_function(call, annotations)


def read_return(call: Callable[..., Any]) -> Parameter:
    """Return what `call` says it returns, as a parameter named `"return"` without a default.

    >>> def get_page(size: int) -> list[str]: ...
    >>> read_return(get_page).annotation
    list[str]
    """
    annotations = _annotations(call)
    if annotations is not None:
        annotation = annotations.get("return", MISSING)
    else:
        annotation = _or_missing(_signature(call).return_annotation)
    if annotation is MISSING or isinstance(annotation, type):
        return Parameter("return", POSITIONAL_ONLY, annotation)
    return _read(call, "return", POSITIONAL_ONLY, annotation, MISSING, names_of(call))


def _annotations(call: Callable[..., Any]) -> dict[str, Any] | None:
    """The annotations of a plain function, with which its code and defaults tell all that `inspect` would find out.

    None for whatever takes longer to read: other callables, decorated functions, names that do not exist (yet).
    """
    if type(call) is not FunctionType or call.__dict__:
        return None
    try:
        return call.__annotations__
    except Exception:
        return None


def _read_function(function: Any, annotations: dict[str, Any]) -> tuple[Parameter, ...]:
    code = function.__code__
    positional: int = code.co_argcount
    names: tuple[str, ...] = code.co_varnames[: positional + code.co_kwonlyargcount]
    if not names:
        return ()
    defaults = function.__defaults__ or ()
    first_default = positional - len(defaults)
    positional_only: int = code.co_posonlyargcount
    known = None
    parameters = []
    for index, name in enumerate(names):
        kind: Any = POSITIONAL_OR_KEYWORD
        default = defaults[index - first_default] if first_default <= index < positional else MISSING
        if index < positional_only:
            kind = POSITIONAL_ONLY
        elif index >= positional:
            kind = KEYWORD_ONLY
            default = (function.__kwdefaults__ or {}).get(name, MISSING)
        annotation = annotations.get(name, MISSING)
        if annotation is MISSING or isinstance(annotation, type):
            parameters.append(Parameter(name, kind, annotation, (), default))
            continue
        known = known or names_of(function)
        parameters.append(_read(function, name, kind, annotation, default, known))
    return tuple(parameters)


def _read_any(call: Callable[..., Any]) -> tuple[Parameter, ...]:
    declared = _signature(call).parameters.values()
    names = names_of(call)
    return tuple(
        _read(
            call,
            parameter.name,
            parameter.kind,
            _or_missing(parameter.annotation),
            _or_missing(parameter.default),
            names,
        )
        for parameter in declared
    )


def _or_missing(found: Any) -> Any:
    return MISSING if found is inspect.Parameter.empty else found


def _read(  # noqa: PLR0917 - a declared parameter, taken apart
    call: Callable[..., Any], name: str, kind: Any, declared: Any, default: Any, names: Names
) -> Parameter:
    try:
        annotation, metadata = resolve(declared, names)
    except NameError as error:
        raise _unresolved(call, name, declared, str(error)) from None
    except Exception as error:
        raise SignatureError(
            f"the annotation of parameter `{name}` of {name_of(call)} fails: {error!r}",
            where=[f"{declared!r} at {location(call)}"],
            fix="write an annotation that can be evaluated",
        ) from error
    parameter = Parameter(name, kind, annotation, metadata, default)
    if isinstance(annotation, Unresolved):
        parameter._owner = call
    if isinstance(default, Depends) and any(isinstance(item, Depends) for item in metadata):
        raise SignatureError(
            f"parameter `{name}` has a `Depends` in its annotation and another as its default",
            where=[f"{name_of(call)} ({location(call)})"],
            fix="keep one of the two",
        )
    return parameter


def _signature(call: Callable[..., Any]) -> inspect.Signature:
    try:
        if sys.version_info >= (3, 14):
            from annotationlib import Format  # noqa: PLC0415 - exists since Python 3.14

            return inspect.signature(call, annotation_format=Format.FORWARDREF)
        return inspect.signature(call)
    except (TypeError, ValueError) as error:
        raise SignatureError(
            f"{name_of(call)} has no signature that can be read: {error}",
            where=[f"{name_of(call)} ({location(call)})"],
            fix="wrap it in a function with named parameters",
        ) from None


def _unresolved(call: Callable[..., Any], parameter: str, text: object, name: str) -> UnresolvedNameError:
    return UnresolvedNameError(
        f"the name {name!r} in the annotation of parameter `{parameter}` of {name_of(call)} does not exist",
        where=[f"{parameter}: {text} at {location(call)}"],
        fix=f"define or import {name!r} there (not only under TYPE_CHECKING) before the callable is read",
    )
