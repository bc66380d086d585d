"""`Faster`, the application: it collects, builds and delegates.

A request's way, room by room:

1. `Faster.__call__` hands it to what was built at the first request: the middleware, or with none the dispatcher;
2. `middleware.stack`: plain ASGI classes, outermost first; the outermost logs, answers 500 and re-raises;
3. `routing.dispatch`: method and path → route, 404 or 405;
4. `route.call`: the function generated for this route (`compilation`): reads parameters, calls dependencies;
5. the user's handler;
6. the response, encoded as was decided at registration; then background tasks; then dependencies are left.

At registration: `binding` → graph → plan → emit → compile (`fasterapi_di`) → the route's `call`.

Knows: FastAPI's constructor and methods. Does not know: parsing, encoding, matching.
"""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Unpack

from fasterapi.compilation.application import Application
from fasterapi.compilation.handler import Handler
from fasterapi.datastructures import State
from fasterapi.exceptions import FasterAPIError
from fasterapi.middleware import Middleware
from fasterapi.openapi.application import Documentation
from fasterapi.routing.entries import Entry, as_asgi3
from fasterapi.routing.expansion import COMPILED, Expansion
from fasterapi.routing.listing import RouteList
from fasterapi.routing.mounts import Route, WebSocketRoute
from fasterapi.routing.options import RouterOptions
from fasterapi.routing.plain import serve_plain
from fasterapi.routing.registration import Decorator, Registration
from fasterapi.routing.route import APIRoute
from fasterapi.routing.router import FasterRouter
from fasterapi.serving import build_entry, stack_around
from fasterapi.shutdown import Shutdown
from fasterapi.telemetry.config import TelemetryConfig, make_telemetry
from fasterapi.types import ASGIApp, Lifespan, Receive, Scope, Send
from fasterapi_di import AppScope

if TYPE_CHECKING:
    from fasterapi_concurrency import SubInterpreterPool

__all__ = ["Faster"]


class Faster(Registration):
    """An ASGI application in FastAPI's spelling.

    >>> app = Faster(title="Items")
    >>> @app.get("/items/{item_id}")
    ... async def show(item_id: int) -> dict[str, int]:
    ...     return {"id": item_id}
    >>> from fasterapi.testclient import TestClient
    >>> TestClient(app).get("/items/7").json()
    {'id': 7}

    Takes FastAPI's arguments; those that routes inherit are `RouterOptions`. Further ones: `strict` (JSON bodies
    by msgspec's strict rules), `strict_routes` (two routes with one method and path raise instead of warning),
    `automatic_options` (OPTIONS of a path without a handler for it is answered 204 with `Allow`), `encoded_slashes`
    (a `%2F` in a path belongs to a path parameter's value), `watch_signals` (SIGTERM and SIGINT begin the shutdown,
    beside what the server does by them).
    """

    # What a server calls is in a slot, and is the very function that answers: a method in between would cost more
    # than finding the route does.
    __slots__ = ("__call__",)
    if TYPE_CHECKING:

        def __call__(self, scope: Scope, receive: Receive, send: Send) -> Coroutine[Any, Any, None]:
            """ASGI 3: return the coroutine that answers."""
            raise NotImplementedError

    def __init__(
        self,
        *,
        telemetry: TelemetryConfig | None = None,
        debug: bool = False,
        routes: Sequence[Any] | None = None,
        title: str = "FasterAPI",
        summary: str | None = None,
        description: str = "",
        version: str = "0.1.0",
        openapi_url: str | None = "/openapi.json",
        openapi_tags: list[dict[str, Any]] | None = None,
        openapi_version: str = "3.1.0",
        openapi_external_docs: dict[str, Any] | None = None,
        servers: list[dict[str, Any]] | None = None,
        terms_of_service: str | None = None,
        contact: dict[str, Any] | None = None,
        license_info: dict[str, Any] | None = None,
        separate_input_output_schemas: bool = True,
        docs_url: str | None = "/docs",
        redoc_url: str | None = "/redoc",
        scalar_url: str | None = None,
        swagger_ui_oauth2_redirect_url: str | None = "/docs/oauth2-redirect",
        swagger_ui_init_oauth: dict[str, Any] | None = None,
        swagger_ui_parameters: dict[str, Any] | None = None,
        webhooks: FasterRouter | None = None,
        default_response_class: Any = None,
        redirect_slashes: bool = True,
        on_startup: Sequence[Callable[[], Any]] | None = None,
        on_shutdown: Sequence[Callable[[], Any]] | None = None,
        lifespan: Lifespan[Any] | None = None,
        root_path: str = "",
        root_path_in_servers: bool = True,
        strict_routes: bool = False,
        automatic_options: bool = False,
        encoded_slashes: bool = False,
        default: ASGIApp | None = None,
        watch_signals: bool = True,
        **options: Unpack[RouterOptions],
    ) -> None:
        self.debug = debug
        self.title = title
        self.summary = summary
        self.description = description
        self.version = version
        self.openapi_url = openapi_url
        self.openapi_tags = openapi_tags
        self.openapi_version = openapi_version
        self.openapi_external_docs = openapi_external_docs
        self.servers = servers or []
        self.terms_of_service = terms_of_service
        self.contact = contact
        self.license_info = license_info
        self.separate_input_output_schemas = separate_input_output_schemas
        self.docs_url = docs_url
        self.redoc_url = redoc_url
        self.scalar_url = scalar_url
        self.swagger_ui_oauth2_redirect_url = swagger_ui_oauth2_redirect_url
        self.swagger_ui_init_oauth = swagger_ui_init_oauth
        self.swagger_ui_parameters = swagger_ui_parameters
        self.root_path = root_path.rstrip("/")
        self.root_path_in_servers = root_path_in_servers
        self.webhooks = webhooks or FasterRouter()
        self.state = State()
        self._overrides: dict[Callable[..., Any], Callable[..., Any]] = {}
        _refuse_unknown(options)
        self.exception_handlers: dict[Any, Callable[..., Any]] = dict(
            options.pop("exception_handlers", None) or {}
        )
        self.user_middleware: list[Middleware] = list(options.pop("middleware", None) or [])
        self.app_scope = AppScope()
        self.watch_signals = watch_signals
        self._shutdown = Shutdown()
        self.router = FasterRouter(
            default_response_class=default_response_class,
            redirect_slashes=redirect_slashes,
            default=default,
            on_startup=on_startup,
            on_shutdown=on_shutdown,
            lifespan=lifespan,
            **options,
        )
        self.inherited = self.router.inherited
        self.router.watch(self)
        self.strict_routes = strict_routes
        self.automatic_options = automatic_options
        self.encoded_slashes = encoded_slashes
        self._application = Application(self)
        self._documentation = Documentation(self, Faster.openapi)
        self._expansion = Expansion(self.router, self._attach)
        self._serve_by(self._first)
        self._is_started = False
        self._is_built = False
        self._notes_routes = False
        self.telemetry = make_telemetry(telemetry)
        self._cpu_pool: SubInterpreterPool | None = None
        self.setup()
        for entry in routes or ():
            self._add(entry)

    def setup(self) -> None:
        """Add the routes of the document and its pages."""
        self._documentation.add_routes()

    def _serve_by(self, entry: Entry) -> None:
        _CALL.__set__(self, entry)

    @as_asgi3
    def _first(self, scope: Scope, receive: Receive, send: Send) -> Coroutine[Any, Any, None]:
        """Build what answers requests, then answer this one."""
        self._is_started = True
        self._serve_by(build_entry(self, self._application))
        self._is_built = True
        return self(scope, receive, send)

    def note_routes(self) -> None:
        """Have `scope["route"]` set for every request, as it is where there is middleware.

        An application with middleware calls this for those that are mounted in it.
        """
        if not self._notes_routes:
            self._notes_routes = True
            self._is_built = False
            self._serve_by(self._first)

    @property
    def notes_routes(self) -> bool:
        """Whether `scope["route"]` is set for every request, because somebody around the routes reads it."""
        return self._notes_routes or self.has_middleware

    def build_middleware_stack(self, app: ASGIApp) -> ASGIApp:
        """`app` inside all middleware, the one that was added last outermost."""
        return stack_around(self, app)

    @property
    def dependency_overrides(self) -> dict[Callable[..., Any], Callable[..., Any]]:
        """Dependency → what is called instead; may change at any time."""
        return self._overrides

    @dependency_overrides.setter
    def dependency_overrides(self, overrides: dict[Callable[..., Any], Callable[..., Any]]) -> None:
        self._overrides = overrides
        self.changed()

    @property
    def has_middleware(self) -> bool:
        """Whether anything stands between the server and the dispatcher."""
        return bool(self.user_middleware) or self.debug or self.telemetry is not None

    def _add(self, entry: Any) -> None:
        self.router._add(entry)
        try:
            self._expansion.of(entry)
        except BaseException:
            self.router.entries.remove(entry)  # who catches the error has the application as it was
            raise

    def changed(self) -> None:
        """An entry was added here or in a router that is included: look everything up anew."""
        if self._is_built:
            self._is_built = False
            self._serve_by(self._first)
        self.openapi_schema = None

    @property
    def route_class(self) -> type[APIRoute]:
        """What routes are made of; `app.router.route_class = ...` sets another class for the routes that follow."""
        return self.router.route_class

    @route_class.setter
    def route_class(self, route_class: type[APIRoute]) -> None:
        self.router.route_class = route_class

    @property
    def routes(self) -> RouteList:
        """All routes with their whole paths and options, in the order of declaration; see `RouteList`."""
        return self._expansion.routes()

    def _attach(self, route: Any) -> None:
        if isinstance(route, COMPILED):
            route.attach(Handler(route, self._application))
        elif isinstance(route, _PLAIN):
            route.serve = serve_plain(route, self._application)

    def compile(self) -> None:
        """Compile every route now instead of at its first request."""
        for route in self.routes:
            if isinstance(route, COMPILED):
                _ = route.call

    def explain(self, method: str, path: str) -> str:
        """What happens to a request: the route, its dependencies, its plan and its generated source.

        Raises FasterAPIError when no route answers.
        """
        from fasterapi.routing.explain import explain  # noqa: PLC0415 - for people

        return explain(self.routes, method.upper(), path, self.user_middleware)

    def add_middleware(self, middleware_class: Any, *args: Any, **kwargs: Any) -> None:
        """Put a middleware around the application; the one added last is the outermost.

        Raises RuntimeError after the first request: what has been built is not rebuilt under running requests.
        """
        if self._is_started:
            message = "Cannot add middleware after an application has started"
            raise RuntimeError(message)
        self.user_middleware.insert(0, Middleware(middleware_class, *args, **kwargs))

    def middleware(self, middleware_type: str) -> Decorator[Any]:
        """Make a middleware of a function `(request, call_next) -> response`; `middleware_type` is "http"."""
        if middleware_type != "http":
            message = f'@app.middleware() takes "http", not {middleware_type!r}'
            raise FasterAPIError(message)

        from fasterapi.middleware.base import BaseHTTPMiddleware  # noqa: PLC0415 - most have none

        def decorate(function: Any) -> Any:
            self.add_middleware(BaseHTTPMiddleware, dispatch=function)
            return function

        return decorate

    def add_event_handler(self, event_type: str, func: Callable[[], Any]) -> None:
        """Call `func` at "startup" or "shutdown"."""
        self.router.add_event_handler(event_type, func)

    def on_startup(self, func: Callable[[], Any]) -> Callable[[], Any]:
        """Call `func` at start-up: a decorator without arguments."""
        self.add_event_handler("startup", func)
        return func

    def on_shutdown(self, func: Callable[[], Any]) -> Callable[[], Any]:
        """Call `func` at shutdown: a decorator without arguments."""
        self.add_event_handler("shutdown", func)
        return func

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document as a dict, built once; replace this method to serve another one."""
        schema = self.openapi_schema
        if schema is None:
            schema = self.openapi_schema = self._documentation.build()
        return schema

    @property
    def openapi_schema(self) -> dict[str, Any] | None:
        """The OpenAPI document, if it was made since something changed; set it to serve another one."""
        return self._documentation.schema

    @openapi_schema.setter
    def openapi_schema(self, schema: dict[str, Any] | None) -> None:
        self._documentation.schema = schema

    @property
    def cpu_pool(self) -> "SubInterpreterPool":
        """Workers for CPU-bound functions, each with its own GIL: `await app.cpu_pool.run(function, *args)`.

        Made at first use, as many as there are cores; closed with the application.
        """
        if self._cpu_pool is None:
            from fasterapi_concurrency import SubInterpreterPool  # noqa: PLC0415 - rarely used

            self._cpu_pool = SubInterpreterPool()
        return self._cpu_pool

    @property
    def is_shutting_down(self) -> bool:
        """Whether the server has been told to stop; requests that have begun may still end."""
        return self._shutdown.has_begun

    def begin_shutdown(self) -> None:
        """Tell event streams and WebSockets to end, as SIGTERM does; from any thread. Stops no server."""
        self._shutdown.begin()

    async def shutdown_begun(self) -> None:
        """Return when the application is going down: for handlers that would never end."""
        await self._shutdown.begun()

    async def aclose(self) -> None:
        """Close what the application has opened. The lifespan calls this."""
        pool, self._cpu_pool = self._cpu_pool, None
        if pool is not None:
            await pool.__aexit__(None, None, None)


# Set through the descriptor, because a subclass may have a `__call__` of its own in front of it.
_CALL: Any = Faster.__dict__["__call__"]


_PLAIN = (Route, WebSocketRoute)


def _refuse_unknown(options: Mapping[str, Any]) -> None:
    unknown = sorted(set(options) - set(RouterOptions.__annotations__))
    if unknown:
        message = f"Faster() got an unexpected keyword argument {unknown[0]!r}"
        raise TypeError(message)
