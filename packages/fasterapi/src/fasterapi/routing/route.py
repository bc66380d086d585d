"""A route: one path, its methods, one handler and what was said about it.

Knows: FastAPI's attributes of a route, and how the options of the routers around it are taken over.
Does not know: how a path is looked up (`table`), how the handler becomes a function (`compilation`).
"""

import inspect
import re
from collections.abc import Callable, Collection, Mapping
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Self, Unpack, get_args, get_origin

from fasterapi.datastructures import URLPath
from fasterapi.exceptions import FasterAPIError
from fasterapi.params import MISSING
from fasterapi.responses import JSONResponse, Response
from fasterapi.routing.options import Inherited, RouteOptions, RouterOptions
from fasterapi.types import IncEx, Receive, Scope, Send
from fasterapi.validation.rewrite import response_type
from fasterapi_di import Depends, UnresolvedNameError, location, read_return

if TYPE_CHECKING:
    from fasterapi.compilation.handler import Handler

# `{name}` and `{name:converter}`; doubled braces are literal ones.
_PARAMETER = re.compile(r"(?<!\{)\{(\w+)(?::[^{}]*)?\}")

__all__ = ["APIRoute", "APIWebSocketRoute", "generate_unique_id"]


def generate_unique_id(route: "APIRoute") -> str:
    """FastAPI's default operation id: handler's name, path and method, with `_` for what is no identifier."""
    base = re.sub(r"\W", "_", f"{route.name}{route.path_format}")
    return f"{base}_{min(route.methods).lower()}"


class _BaseRoute:
    """What HTTP and WebSocket routes share: path, handler, name, dependencies, and where they were written."""

    endpoint: Callable[..., Any]
    declared_path: str
    path: str
    name: str
    dependencies: list[Depends]
    location: str
    outer: Inherited
    inherited: Inherited
    _handler: "Handler | None"

    def _describe(self, path: str, endpoint: Callable[..., Any], name: str | None) -> None:
        if not callable(endpoint):
            message = f"the handler of {path!r} must be callable, not {endpoint!r}"
            raise FasterAPIError(message)
        self.endpoint = endpoint
        self.declared_path = path
        self.name = name or str(getattr(endpoint, "__name__", type(endpoint).__name__))
        self.location = location(endpoint)
        self._handler = None

    @property
    def path_format(self) -> str:
        """The path with bare parameter names: `/files/{path}` for `/files/{path:path}`."""
        return re.sub(r"\{(\w+):[^{}]*\}", r"{\1}", self.path) if ":" in self.path else self.path

    @property
    def path_names(self) -> frozenset[str]:
        """The names of the path's parameters."""
        return frozenset(_PARAMETER.findall(self.path))

    @property
    def handler(self) -> "Handler":
        """The handler's parameters, read; made when the route becomes part of an application."""
        if self._handler is None:
            message = f"{self!r} is part of no application yet; include its router first"
            raise FasterAPIError(message)
        return self._handler

    def attach(self, handler: "Handler") -> None:
        """Make the route servable. `handler` reads the parameters at once and compiles at the first request."""
        self._handler = handler

    @property
    def call(self) -> Callable[..., Any]:
        """The generated function `(scope, receive, send, path_params)`; its text is `call.__source__`."""
        return self.handler.call

    @property
    def source(self) -> str:
        """The text of `call`."""
        text: str = self.call.__source__  # type: ignore[attr-defined]  # every compiled function has it
        return text

    @property
    def plan(self) -> Any:
        """The ordered steps that `call` runs (a `fasterapi_di.Plan`)."""
        return self.handler.plan

    @property
    def dependant(self) -> Any:
        """The graph of dependencies (a `fasterapi_di.Graph`)."""
        return self.handler.graph

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """Build this route's path; see `Faster.url_path_for`."""
        from fasterapi.routing.urls import build_path  # noqa: PLC0415 - urls needs every kind of route

        return build_path(self, name, path_params)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request whose `path_params` are in the scope already (middleware of a route does this)."""
        await self.call(scope, receive, send, scope.get("path_params", {}))


class APIRoute(_BaseRoute):
    """One handler under one path for some HTTP methods."""

    # What was not said; a route has attributes of its own for what was.
    status_code: int | None = None
    summary: str | None = None
    response_description: str = "Successful Response"
    operation_id: str | None = None
    cancel_on_disconnect: bool = False
    openapi_extra: Mapping[str, Any] | None = None
    response_model: Any = MISSING
    response_model_include: IncEx | None = None
    response_model_exclude: IncEx | None = None
    response_model_by_alias: bool = True
    response_model_exclude_unset: bool = False
    response_model_exclude_defaults: bool = False
    response_model_exclude_none: bool = False

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        methods: Collection[str] | None = None,
        inherited: Inherited | None = None,
        **options: Unpack[RouteOptions],
    ) -> None:
        if options and (unknown := options.keys() - _KNOWN):
            message = f"route {path!r} got an unexpected keyword argument {min(unknown)!r}"
            raise TypeError(message)
        self._describe(path, endpoint, options.get("name"))
        self.methods = {method.upper() for method in methods or ("GET",)}
        self.options = options
        self._take_over(inherited or Inherited(), options)

    def _take_over(self, outer: Inherited, options: RouteOptions) -> None:
        self.outer = outer
        inherited = outer
        if options:
            shared: dict[str, Any] = {name: value for name, value in options.items() if name in _INHERITABLE}
            if shared:
                inherited = outer.then(Inherited.of(**shared))
        self.inherited = inherited
        self.path = inherited.prefix + self.declared_path
        self.tags: list[str | Enum] = list(inherited.tags)
        self.dependencies = list(inherited.dependencies)
        self.responses = dict(inherited.responses)
        self.callbacks = list(inherited.callbacks)
        self.deprecated = inherited.deprecated
        self.include_in_schema = inherited.include_in_schema
        self.response_class: Any = inherited.response_class
        self.strict_content_type = inherited.strict_content_type is not False
        self.max_body_size = inherited.max_body_size
        self.form_limits = inherited.form_limits
        self.codecs = inherited.codecs
        self.description = options.get("description") or _docstring(self.endpoint)
        if options and (given := {name: value for name, value in options.items() if name in _OWN}):
            self.__dict__.update(given)
            self.status_code = _as_int(self.status_code)
            self.response_model = response_type(self.response_model)

    @cached_property
    def return_annotation(self) -> Any:
        """What the handler says it returns, resolved; MISSING when it says nothing."""
        return response_type(read_return_annotation(self.endpoint))

    @property
    def actual_response_class(self) -> type[Response]:
        """The class that renders results: the nearest one that was asked for, else JSON."""
        return self.response_class or JSONResponse

    @property
    def generate_unique_id_function(self) -> Callable[[Any], str]:
        """What makes the operation id when none is given."""
        return self.inherited.generate_unique_id_function or generate_unique_id

    @property
    def unique_id(self) -> str:
        """The operation id of the document."""
        return self.operation_id or self.generate_unique_id_function(self)

    def get_route_handler(self) -> Callable[[Any], Any]:
        """FastAPI's hook: `handler(request) -> Response`, which raises what goes wrong.

        Override it in a `route_class` to do something around the handler; only then is it used.
        """
        from fasterapi.compilation.custom import route_handler  # noqa: PLC0415 - rarely used

        return route_handler(self.handler.inner)

    @property
    def has_own_handler(self) -> bool:
        """Whether a subclass overrides `get_route_handler`."""
        return type(self).get_route_handler is not APIRoute.get_route_handler

    def within(self, outer: Inherited) -> Self:
        """The same route as part of a router that is included with `outer`."""
        route = type(self).__new__(type(self))
        route.__dict__.update(self.__dict__)
        route._handler = None
        route._take_over(outer, self.options)
        return route

    def __repr__(self) -> str:
        return f"APIRoute({', '.join(sorted(self.methods))} {self.path} -> {self.name}, {self.location})"


class APIWebSocketRoute(_BaseRoute):
    """One handler under one path for WebSocket connections."""

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        name: str | None = None,
        inherited: Inherited | None = None,
        **options: Any,
    ) -> None:
        unknown = set(options) - set(RouterOptions.__annotations__)
        if unknown:
            message = f"WebSocket route {path!r} got an unexpected keyword argument {min(unknown)!r}"
            raise TypeError(message)
        self._describe(path, endpoint, name)
        self.options = options
        self.outer = inherited or Inherited()
        self.inherited = self.outer.then(Inherited.of(**options))
        self.path = self.inherited.prefix + path
        self.dependencies = list(self.inherited.dependencies)

    def within(self, outer: Inherited) -> "APIWebSocketRoute":
        """The same route as part of a router that is included with `outer`."""
        return APIWebSocketRoute(
            self.declared_path, self.endpoint, name=self.name, inherited=outer, **self.options
        )

    def __repr__(self) -> str:
        return f"APIWebSocketRoute({self.path} -> {self.name}, {self.location})"


_INHERITABLE = frozenset(
    {
        "tags",
        "dependencies",
        "responses",
        "callbacks",
        "deprecated",
        "include_in_schema",
        "response_class",
        "generate_unique_id_function",
        "strict",
        "strict_content_type",
        "max_body_size",
        "form_limits",
        "media_types",
        "exception_handlers",
        "middleware",
        "problem_details",
        "etag",
        "allowed_origins",
        "max_message_size",
        "idle_timeout",
    }
)
_OWN = frozenset(RouteOptions.__annotations__) - _INHERITABLE - {"name", "description"}
_RETIRED = frozenset({"route_class_override"})
_KNOWN = frozenset(RouteOptions.__annotations__) | _RETIRED


def _as_int(status_code: Any) -> int | None:
    return None if status_code is None else int(status_code)


def _docstring(endpoint: Callable[..., Any]) -> str:
    """The handler's docstring up to a form feed, as FastAPI documents it."""
    text = getattr(endpoint, "__doc__", None)
    return inspect.cleandoc(text).split("\f")[0].strip() if text else ""


def read_return_annotation(endpoint: Callable[..., Any]) -> Any:
    """What `endpoint` says it returns, evaluated where it was defined; MISSING when it says nothing.

    Raises FasterAPIError for a name that does not exist at run time.
    """
    returned = read_return(endpoint)
    try:
        annotation = returned.annotation
    except UnresolvedNameError as error:
        message = f"{error}\n  or pass response_model to the decorator"
        raise FasterAPIError(message) from error
    return Annotated[annotation, *returned.metadata] if returned.metadata else annotation


def stream_item_type(annotation: Any) -> Any:
    """`Item` of `AsyncIterable[Item]` and its kin, else MISSING."""
    origin = get_origin(annotation)
    if origin is not None and origin.__module__ == "collections.abc" and origin.__name__ in _STREAMS:
        return (get_args(annotation) or (Any,))[0]
    return MISSING


_STREAMS = frozenset(
    {"AsyncIterable", "AsyncIterator", "AsyncGenerator", "Iterable", "Iterator", "Generator"}
)
