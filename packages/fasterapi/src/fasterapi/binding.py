"""A handler's parameter → where its value comes from. Read once, at registration.

Knows: FastAPI's rules for choosing a source (path, query, header, cookie, body, form, file, or an object of the
request itself). Two consumers read the result and nothing else: `readers` makes code of it, `openapi` makes the
document of it; so the two cannot disagree. Does not know: how a value is read, converted or documented.
"""

import types
from collections.abc import Callable, Collection
from functools import lru_cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from msgspec import Struct, field

from fasterapi.background import BackgroundTasks
from fasterapi.datastructures import UploadFile
from fasterapi.exceptions import FasterAPIError
from fasterapi.params import Body, Cookie, Depends, File, Form, Header, Marker, Path, Query
from fasterapi.requests import HTTPConnection, Request
from fasterapi.responses import Response
from fasterapi.security.scopes import SecurityScopes
from fasterapi.validation import Adapter, Constraints, is_model_type, is_scalar_type, is_sequence_type
from fasterapi.validation.pydantic_types import discriminated_by, is_json_text, mentions_pydantic
from fasterapi.websockets import WebSocket
from fasterapi_di import MISSING, Node, Parameter

__all__ = ["BodyContract", "Bound", "Source", "bind_parameter"]

Source = Literal[
    "path",
    "query",
    "header",
    "cookie",
    "body",
    "form",
    "file",
    "request",
    "websocket",
    "response",
    "background_tasks",
    "security_scopes",
]

_INJECTED: tuple[tuple[type, Source], ...] = (
    (Request, "request"),
    (WebSocket, "websocket"),
    (Response, "response"),
    (BackgroundTasks, "background_tasks"),
    (SecurityScopes, "security_scopes"),
)
_READ_HERE = (Marker, Depends)
_INJECTED_TYPES = (HTTPConnection, *(base for base, _ in _INJECTED))


class Bound(Struct, frozen=True, eq=False):
    """One parameter, decided: `aliases` are the names looked up in the request, the first one documented."""

    name: str
    source: Source
    type: Any
    aliases: tuple[str, ...] = ()
    marker: Marker | None = None
    adapter: Adapter[Any] | None = None
    default: Any = MISSING
    default_factory: Callable[[], Any] | None = None
    context: tuple[str, ...] = ()
    is_json_text: bool = False  # one text, whatever type the JSON in it has

    @property
    def required(self) -> bool:
        """Whether the request must have a value."""
        return self.default is MISSING and self.default_factory is None

    @property
    def alias(self) -> str:
        """The documented name."""
        return self.aliases[0]

    @property
    def is_model(self) -> bool:
        """Whether the fields of a model are the parameters, as in `filters: Annotated[Filters, Query()]`."""
        return self.source != "body" and not self.is_json_text and is_model_type(self.type)

    @property
    def is_optional(self) -> bool:
        """Whether None is a value of it."""
        return type(None) in get_args(self.type)

    @property
    def is_sequence(self) -> bool:
        """Whether several values of one name are collected."""
        return not self.is_json_text and is_sequence_type(self.type)


class BodyContract(Struct, eq=False):
    """All parameters that come from the body of one request, and what they make of it together."""

    fields: list[Bound] = field(default_factory=list)

    @property
    def kind(self) -> Literal["none", "json", "form"]:
        """How the body is parsed; one form parameter makes the whole body a form."""
        if not self.fields:
            return "none"
        return "form" if any(bound.source in {"form", "file"} for bound in self.fields) else "json"

    @property
    def embedded(self) -> bool:
        """Whether each parameter is a field of the body, instead of one parameter being the body."""
        if len({bound.name for bound in self.fields}) > 1:
            return True
        first = self.fields[0]
        if first.marker is not None and first.marker.embed:
            return True
        return first.source in {"form", "file"} and not first.is_model


def bind_parameter(
    parameter: Parameter,
    node: Node,
    path_names: Collection[str],
    *,
    strict: bool = False,
    is_websocket: bool = False,
) -> Bound:
    """Decide where `parameter` of the callable at `node` comes from.

    `path_names` are the parameters of the route's path template; `strict` asks for msgspec's strict mode;
    `is_websocket` says what an HTTPConnection is here.
    Raises FasterAPIError, naming the callable's file and line, for declarations that cannot be meant.
    """
    where = _Place(parameter, node)
    marker = _marker_of(parameter, where)
    type_ = Any if parameter.annotation is MISSING else parameter.annotation
    injected = _injected_source(type_, is_websocket=is_websocket)
    if injected is not None:
        if marker is not None:
            message = f"{where}: a {type_.__name__} takes no {type(marker).__name__}(); remove it"
            raise FasterAPIError(message)
        return Bound(parameter.name, injected, type_, context=node.context)
    if any(hasattr(item, "response_type") for item in parameter.metadata):
        name = getattr(type_, "__name__", type_)
        message = f"{where}: View() says what is sent; write view_of({name}, ...) as the type"
        raise FasterAPIError(message)
    is_json = any(map(is_json_text, parameter.metadata))
    if marker is None:
        marker = _infer(parameter, type_, path_names)
    aliases = _aliases(parameter.name, marker, path_names)
    _check_source(marker, str if is_json else type_, aliases, path_names, where)
    default = parameter.default if not isinstance(parameter.default, Marker) else marker.default
    if isinstance(marker, Path) or default is ...:
        default = MISSING
    return Bound(
        name=parameter.name,
        source=marker.source,
        type=type_,
        aliases=aliases,
        marker=marker,
        adapter=_adapter(parameter, type_, marker, strict, where),
        default=default,
        default_factory=None if isinstance(marker, Path) else marker.default_factory,
        context=node.context,
        is_json_text=is_json,
    )


class _Place:
    """Names a parameter and where it is declared; written out only when something is wrong with it."""

    __slots__ = ("_node", "_parameter")

    def __init__(self, parameter: Parameter, node: Node) -> None:
        self._parameter = parameter
        self._node = node

    def __str__(self) -> str:
        return f"parameter {self._parameter.name!r} of {self._node.name} ({self._node.location})"


def _marker_of(parameter: Parameter, where: _Place) -> Marker | None:
    marker = None
    for item in parameter.metadata:
        if isinstance(item, Marker):
            marker = item  # the last one counts
    if isinstance(parameter.default, Marker):
        if marker is not None:
            message = f"{where}: {marker!r} in Annotated and {parameter.default!r} as the default; keep one"
            raise FasterAPIError(message)
        return parameter.default
    if isinstance(parameter.default, Depends):
        message = f"{where}: a marker in Annotated and Depends() as the default; keep one"
        raise FasterAPIError(message)
    if marker is not None and marker.default is not MISSING:
        message = (
            f"{where}: the default of {marker!r} cannot be set in Annotated; "
            f"write `{parameter.name}: ... = {marker.default!r}` instead"
        )
        raise FasterAPIError(message)
    return marker


def _injected_source(type_: Any, *, is_websocket: bool) -> Source | None:
    if isinstance(type_, type) and issubclass(type_, _INJECTED_TYPES):
        for base, source in _INJECTED:
            if issubclass(type_, base):
                return source
        return "websocket" if is_websocket else "request"  # a bare HTTPConnection
    return None


# What stands for a parameter without a marker; nobody changes a marker, so one of each kind is enough.
_PATH, _QUERY, _BODY, _FILE = Path(), Query(), Body(), File()


def _infer(parameter: Parameter, type_: Any, path_names: Collection[str]) -> Marker:
    if parameter.name in path_names:
        return _PATH
    if is_upload_type(type_):
        return _FILE
    return _QUERY if is_scalar_type(type_) else _BODY


def is_upload_type(type_: Any) -> bool:
    """Whether this is `UploadFile`, an optional one, or a sequence of them."""
    if isinstance(type_, type) and issubclass(type_, UploadFile):
        return True
    if get_origin(type_) in {Union, types.UnionType, list, tuple, set, frozenset}:
        return any(is_upload_type(item) for item in get_args(type_))
    return False


def _limits_files(marker: Marker) -> bool:
    return isinstance(marker, File) and (marker.max_size is not None or bool(marker.content_types))


def _is_bytes_type(type_: Any) -> bool:
    return type_ is bytes or any(_is_bytes_type(item) for item in get_args(type_))


def _aliases(name: str, marker: Marker, path_names: Collection[str]) -> tuple[str, ...]:
    given = marker.aliases
    if isinstance(marker, Path):
        return next(((alias,) for alias in given if alias in path_names), given[:1] or (name,))
    if given:
        return given
    return (name.replace("_", "-") if marker.convert_underscores else name,)


def _check_source(
    marker: Marker, type_: Any, aliases: tuple[str, ...], path_names: Collection[str], where: _Place
) -> None:
    if isinstance(marker, Path) and aliases[0] not in path_names:
        known = ", ".join(sorted(path_names)) or "none"
        message = f"{where}: Path() names {aliases[0]!r}, which the path does not have (it has: {known})"
        raise FasterAPIError(message)
    if aliases[0] in path_names and isinstance(marker, Query | Header | Cookie | Body) and not marker.aliases:
        message = f"{where}: the path has {{{aliases[0]}}}; write Path() instead of {type(marker).__name__}()"
        raise FasterAPIError(message)
    if isinstance(marker, Query | Header | Cookie) and not (
        is_scalar_type(type_) or is_sequence_type(type_) or is_model_type(type_)
    ):
        message = f"{where}: {type(marker).__name__}() takes a scalar, a sequence of scalars or a model, not {type_!r}"
        raise FasterAPIError(message)
    if _limits_files(marker) and not (is_upload_type(type_) or _is_bytes_type(type_)):
        message = f"{where}: max_size and content_types are for UploadFile and bytes, not {type_!r}"
        raise FasterAPIError(message)
    if isinstance(marker, Path) and not is_scalar_type(type_):
        message = f"{where}: a path parameter must be a scalar, not {type_!r}"
        raise FasterAPIError(message)


def _adapter(
    parameter: Parameter, type_: Any, marker: Marker, strict: bool, where: _Place
) -> Adapter[Any] | None:
    if isinstance(marker, Form) and is_upload_type(type_):
        return None
    others = tuple([item for item in parameter.metadata if not isinstance(item, _READ_HERE)])
    if marker.discriminator is not None and mentions_pydantic(type_):
        others += discriminated_by(marker.discriminator)
    if marker.constraints is not None and marker.constraints.strict is not None:
        strict = marker.constraints.strict
    try:
        return _adapters(Annotated[type_, *others] if others else type_, marker.constraints, strict)
    except (TypeError, ValueError) as error:
        message = f"{where}: {error}"
        raise FasterAPIError(message) from error


def _adapters(type_: Any, constraints: Constraints | None, strict: bool) -> Adapter[Any]:
    """One adapter for equal declarations: a thousand routes have a few types of parameters."""
    try:
        return _cached_adapter(type_, type(type_).__qualname__, constraints, strict)
    except TypeError:  # an annotation need not be hashable
        return Adapter(type_, constraints=constraints, strict=strict)


@lru_cache(maxsize=1024)
def _cached_adapter(
    type_: Any,
    _kind: str,  # `Literal[1]` and `Literal[True]` are equal
    constraints: Constraints | None,
    strict: bool,
) -> Adapter[Any]:
    return Adapter(type_, constraints=constraints, strict=strict)
