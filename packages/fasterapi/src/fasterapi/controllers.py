"""Controllers: the handlers of one thing as methods of one class, with what they all depend on written once.

Knows: which methods answer what, and how a method becomes a handler. Does not know: how handlers are read and
compiled; the instance is a dependency like any other, made by one line of the route's generated function.

A class is not touched before its `router` is asked for; then each method is copied with a signature that says where
its `self` comes from. So a base class may have several subclasses, each with dependencies of its own.
"""

import dataclasses
import inspect
import sys
from collections.abc import Callable, Collection, Iterator
from types import FunctionType
from typing import (
    Annotated,
    Any,
    ClassVar,
    Generic,
    TypeVar,
    Unpack,
    dataclass_transform,
    get_args,
    get_origin,
)

from fasterapi.exceptions import FasterAPIError
from fasterapi.params import Depends
from fasterapi.routing.options import RouteOptions, RouterOptions
from fasterapi.routing.router import FasterRouter
from fasterapi_di import location

__all__ = [
    "Controller",
    "api_route",
    "delete",
    "get",
    "head",
    "options",
    "patch",
    "post",
    "put",
    "query",
    "trace",
    "websocket",
]

F = TypeVar("F", bound=Callable[..., Any])
_ROUTES = "__fasterapi_routes__"


@dataclasses.dataclass(frozen=True, slots=True)
class _Route:
    """What a decorator said about a method; `methods` None for WebSockets."""

    path: str
    methods: Collection[str] | None
    options: dict[str, Any]


def api_route(path: str, *, methods: Collection[str], **options: Unpack[RouteOptions]) -> Callable[[F], F]:
    """Answer several methods by one method of a controller. Options as those of `app.api_route`."""
    return _declare(_Route(path, tuple(methods), dict(options)))


def get(path: str = "", **options: Unpack[RouteOptions]) -> Callable[[F], F]:
    """Answer GET requests, and HEAD without the body."""
    return api_route(path, methods=["GET"], **options)


def put(path: str = "", **options: Unpack[RouteOptions]) -> Callable[[F], F]:
    """Answer PUT requests."""
    return api_route(path, methods=["PUT"], **options)


def post(path: str = "", **options: Unpack[RouteOptions]) -> Callable[[F], F]:
    """Answer POST requests."""
    return api_route(path, methods=["POST"], **options)


def delete(path: str = "", **options: Unpack[RouteOptions]) -> Callable[[F], F]:
    """Answer DELETE requests."""
    return api_route(path, methods=["DELETE"], **options)


def patch(path: str = "", **options: Unpack[RouteOptions]) -> Callable[[F], F]:
    """Answer PATCH requests."""
    return api_route(path, methods=["PATCH"], **options)


def head(path: str = "", **options: Unpack[RouteOptions]) -> Callable[[F], F]:
    """Answer HEAD requests by a method of their own."""
    return api_route(path, methods=["HEAD"], **options)


def options(path: str = "", **options: Unpack[RouteOptions]) -> Callable[[F], F]:
    """Answer OPTIONS requests."""
    return api_route(path, methods=["OPTIONS"], **options)


def trace(path: str = "", **options: Unpack[RouteOptions]) -> Callable[[F], F]:
    """Answer TRACE requests."""
    return api_route(path, methods=["TRACE"], **options)


def query(path: str = "", **options: Unpack[RouteOptions]) -> Callable[[F], F]:
    """Answer QUERY requests: safe like GET, with a body like POST."""
    return api_route(path, methods=["QUERY"], **options)


def websocket(path: str = "", **options: Any) -> Callable[[F], F]:
    """Answer WebSocket connections. Options as those of `app.websocket`."""
    return _declare(_Route(path, None, options))


def _declare(route: _Route) -> Callable[[F], F]:
    def decorate(method: F) -> F:
        if not isinstance(method, FunctionType):
            message = (
                f"a route of a controller is a function with `self`, not {method!r}\n"
                "  fix: leave @staticmethod and the like away, or put this decorator below them"
            )
            raise FasterAPIError(message)
        setattr(method, _ROUTES, [route, *getattr(method, _ROUTES, ())])
        return method

    return decorate


C = TypeVar("C")


class _Router(Generic[C]):
    """`Items.router`, made when it is first asked for; every class has its own."""

    def __get__(self, instance: object, cls: Any) -> FasterRouter:
        found = cls.__dict__.get("_router")
        if found is None:
            found = cls._router = _router_of(cls)
        router: FasterRouter = found
        return router


@dataclass_transform(kw_only_default=True)
class Controller:
    """Handlers as methods: `class Items(Controller, prefix="/items", tags=["items"])`.

    Class keywords are a router's options; a subclass inherits them and may say otherwise. Annotated attributes are
    what every method depends on; or write an `__init__`, whose parameters are read like a dependency's. There is one
    instance per request. `app.add_controller(Items)` adds the routes, also with a prefix; `Items.router` is a router
    of them. A subclass that overrides a method without a decorator keeps its route; `name = None` takes it away.

    >>> class Items(Controller, prefix="/items"):
    ...     limit: int = 3  # a query parameter of every route
    ...
    ...     @get()
    ...     async def all(self) -> list[int]:
    ...         return list(range(self.limit))
    >>> Items.router.routes
    [APIRoute(GET /items -> all, ...)]
    """

    router: ClassVar[_Router[Any]] = _Router()
    _options: ClassVar[dict[str, Any]] = {}
    _made_init: ClassVar[Any] = None

    def __init_subclass__(
        cls,
        *,
        prefix: str | None = None,
        default_response_class: Any = None,
        **options: Unpack[RouterOptions],
    ) -> None:
        super().__init_subclass__()
        unknown = set(options) - set(RouterOptions.__annotations__)
        if unknown:
            message = f"controller {cls.__name__} got an unexpected keyword argument {min(unknown)!r}"
            raise TypeError(message)
        given = {"prefix": prefix, "default_response_class": default_response_class, **options}
        cls._options = {**cls._options, **{name: value for name, value in given.items() if value is not None}}
        # A constructor of the attributes, unless somebody wrote one.
        if cls.__init__ in {object.__init__, cls._made_init}:
            dataclasses.dataclass(eq=False, repr=False, kw_only=True)(cls)
            cls._made_init = cls.__init__


def _router_of(cls: Any) -> FasterRouter:
    _refuse_lost_dependencies(cls)
    router = FasterRouter(**cls._options)
    for method, routes in _methods(cls):
        endpoint = _handler(cls, method)
        for route in routes:
            if route.methods is None:
                router.add_api_websocket_route(route.path, endpoint, **route.options)
            else:
                router.add_api_route(route.path, endpoint, methods=route.methods, **route.options)
    if not router.entries:
        message = f"{cls.__name__} ({location(cls)}) has no routes: decorate its methods with @get() and its siblings"
        raise FasterAPIError(message)
    return router


def _methods(cls: Any) -> Iterator[tuple[FunctionType, list[_Route]]]:
    """The methods with routes, those of base classes first, each in the order in which it was first declared."""
    declared: dict[str, list[_Route]] = {}
    for base in reversed(cls.__mro__):
        for name, value in vars(base).items():
            routes = getattr(value, _ROUTES, None)
            if routes is not None:
                declared[name] = routes
    for name, routes in declared.items():
        method = inspect.getattr_static(cls, name)
        if method is None:
            continue
        if not isinstance(method, FunctionType):
            message = f"{cls.__name__}.{name} has a route by a base class, but is {method!r}; make it a method, or None"
            raise FasterAPIError(message)
        yield method, routes


def _handler(cls: Any, method: FunctionType) -> FunctionType:
    """`method` as a function whose first parameter is an instance, made as a dependency. No call is added."""
    signature = _signature(method)
    parameters = list(signature.parameters.values())
    if not parameters or parameters[0].kind is not inspect.Parameter.POSITIONAL_OR_KEYWORD:
        message = (
            f"{method.__qualname__} ({location(method)}) has a route, but no `self` as its first parameter"
        )
        raise FasterAPIError(message)
    instance = parameters[0].replace(annotation=Annotated[cls, Depends(cls)])
    handler = FunctionType(
        method.__code__, method.__globals__, method.__name__, method.__defaults__, method.__closure__
    )
    handler.__kwdefaults__ = method.__kwdefaults__
    handler.__dict__.update(vars(method))
    handler.__doc__, handler.__qualname__, handler.__module__ = (
        method.__doc__,
        f"{cls.__qualname__}.{method.__name__}",
        method.__module__,
    )
    handler.__signature__ = signature.replace(parameters=[instance, *parameters[1:]])  # type: ignore[attr-defined]
    return handler


def _signature(call: Callable[..., Any]) -> inspect.Signature:
    if sys.version_info >= (3, 14):
        from annotationlib import Format  # noqa: PLC0415 - exists since Python 3.14

        return inspect.signature(call, annotation_format=Format.FORWARDREF)
    return inspect.signature(call)


def _annotations(cls: type) -> dict[str, Any]:
    if sys.version_info >= (3, 14):
        from annotationlib import Format, get_annotations  # noqa: PLC0415 - exists since Python 3.14

        return get_annotations(cls, format=Format.FORWARDREF)
    return inspect.get_annotations(cls)


def _refuse_lost_dependencies(cls: Any) -> None:
    """An attribute that says `Depends` beside a constructor that does not take it would never be set."""
    taken = _signature(cls).parameters
    for base in cls.__mro__:
        for name, annotation in _annotations(base).items():
            asks = get_origin(annotation) is Annotated and any(
                isinstance(item, Depends) for item in get_args(annotation)[1:]
            )
            if asks and name not in taken:
                message = (
                    f"{cls.__name__}.{name} ({location(cls)}) depends on something, but {cls.__name__} has an "
                    f"__init__ that does not take it\n  fix: make {name!r} a parameter of __init__"
                )
                raise FasterAPIError(message)
