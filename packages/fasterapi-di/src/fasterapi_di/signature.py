"""A callable → its parameters, with types resolved and markers set apart.

Knows: `inspect.signature`, default-value and `Annotated` style. Does not know: graphs, where a value comes
from.
"""

import inspect
import sys
from collections.abc import Callable
from typing import Any, Final

from fasterapi_di.annotations import Names, Unresolved, names_of, resolve
from fasterapi_di.callables import location, name_of
from fasterapi_di.errors import SignatureError, UnresolvedNameError
from fasterapi_di.markers import MISSING, Depends

POSITIONAL_ONLY: Final = inspect.Parameter.POSITIONAL_ONLY
KEYWORD_ONLY: Final = inspect.Parameter.KEYWORD_ONLY
_NO_NAMES = Names({}, {})  # classes need no names to be resolved
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
    declared = _signature(call).parameters.values()
    if all(isinstance(parameter.annotation, type) for parameter in declared):
        return tuple(_read(call, parameter, _NO_NAMES) for parameter in declared)
    names = names_of(call)
    return tuple(_read(call, parameter, names) for parameter in declared)


def read_return(call: Callable[..., Any]) -> Parameter:
    """Return what `call` says it returns, as a parameter named `"return"` without a default.

    >>> def get_page(size: int) -> list[str]: ...
    >>> read_return(get_page).annotation
    list[str]
    """
    signature = _signature(call)
    declared = inspect.Parameter("returns", POSITIONAL_ONLY, annotation=signature.return_annotation)
    parameter = _read(call, declared, names_of(call))
    parameter.name = "return"
    return parameter


def _read(call: Callable[..., Any], declared: inspect.Parameter, names: Names) -> Parameter:
    try:
        annotation, metadata = resolve(declared.annotation, names)
    except NameError as error:
        raise _unresolved(call, declared.name, declared.annotation, str(error)) from None
    except Exception as error:
        raise SignatureError(
            f"the annotation of parameter `{declared.name}` of {name_of(call)} fails: {error!r}",
            where=[f"{declared.annotation!r} at {location(call)}"],
            fix="write an annotation that can be evaluated",
        ) from error
    default = MISSING if declared.default is inspect.Parameter.empty else declared.default
    parameter = Parameter(declared.name, declared.kind, annotation, metadata, default)
    parameter._owner = call
    if isinstance(default, Depends) and any(isinstance(item, Depends) for item in metadata):
        raise SignatureError(
            f"parameter `{declared.name}` has a `Depends` in its annotation and another as its default",
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
