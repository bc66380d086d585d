"""One route's handler: read once at registration, compiled at its first request, compiled again per override.

Knows: the way `bind → graph → plan → emit → compile`. Does not know: what the code of a route looks like
(`http`, `websocket`).
"""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from fasterapi.binding import BodyContract, Bound
from fasterapi.compilation.bodies import BodyReader, JSONDocument
from fasterapi.compilation.custom import Inner, serve_custom
from fasterapi.compilation.disconnect import cancelling
from fasterapi.compilation.readers import InjectedReader, ParameterReader, text_reader
from fasterapi.exceptions import DependencyScopeError, EndpointContext, FasterAPIError
from fasterapi_di import (
    DependencyError,
    Graph,
    Node,
    Parameter,
    PlanCache,
    Reader,
    ScopeError,
    build_graph,
    kind_of,
)

if TYPE_CHECKING:
    from fasterapi.compilation.application import Application
    from fasterapi.compilation.conditional import Conditional
    from fasterapi_di import AppScope, Plan

__all__ = ["Handler", "Reading"]

Call = Callable[..., Any]


class Reading(Struct, eq=False):
    """What was read of a handler and its dependencies, under one set of overrides."""

    graph: Graph
    parameters: list[Bound]
    body: BodyContract
    document: JSONDocument

    @property
    def readers(self) -> list[ParameterReader | InjectedReader]:
        """All readers, dependencies' first."""
        return [
            reader for reader in self.graph.readers if isinstance(reader, ParameterReader | InjectedReader)
        ]


_FROM_BODY = frozenset({"body", "form", "file"})


async def _raise(*_arguments: Any) -> bool:
    return False


def _conditional(route: Any) -> "Conditional | None":
    if route.inherited.etag is None:
        return None
    from fasterapi.compilation.conditional import read_option  # noqa: PLC0415 - few routes ask for it

    return read_option(route)


class Handler:
    """The parameters of a route's handler, and the functions generated for it.

    Raises FasterAPIError at once when a parameter cannot be bound or the dependencies do not fit together.
    """

    def __init__(
        self,
        route: Any,
        application: "Application",
    ) -> None:
        self.route = route
        self.application = application
        self.raises = False
        self._variants: PlanCache[Call] | None = None
        self._call: Call | None = None
        self._notes_route = False
        self._raising: Inner | None = None
        self._plan: Plan | None = None
        self.conditional = _conditional(route)
        self.reading = self._read({})
        route.serve = self._serve_first

    @property
    def is_websocket(self) -> bool:
        """Whether the route serves WebSocket connections."""
        return not hasattr(self.route, "methods")

    @property
    def graph(self) -> Graph:
        """The handler and its dependencies."""
        return self.reading.graph

    @property
    def plan(self) -> "Plan":
        """The steps of the generated function."""
        if self._plan is None:
            self._plan = self._plan_of(self.graph)
        return self._plan

    def _plan_of(self, graph: Graph) -> "Plan":
        from fasterapi_di import build_plan  # noqa: PLC0415 - see `_compile`

        return build_plan(graph, threads=True, app_scope=self._app_scope)

    @property
    def call(self) -> Call:
        """The generated function; made when it is first needed."""
        if self._call is None:
            with self.application.compiling:
                if self._call is None:
                    self._notes_route = self.application.notes_routes
                    self._call = self._compile(self.reading, self.plan)
            self.route.serve = self._served(self._call, self.reading, self.plan)
        return self._call

    def note_route(self) -> None:
        """Compile anew what was compiled while nobody outside looked into the scope for the route."""
        if self._call is not None and not self._notes_route:
            self._call = self._variants = self._raising = None
            self.route.serve = self._serve_first

    def _served(self, call: Call, reading: Reading, plan: "Plan") -> Call:
        if self._has_own_handler:
            handling = self.application.exception_handling(self.route)
            inner = self.inner if reading is self.reading else self._inner(reading, plan)
            call = serve_custom(self.route, self.application.app, handling, inner)
        if self.conditional is not None:
            call = self.conditional.tagging(call)
        if getattr(self.route, "cancel_on_disconnect", False):
            call = cancelling(call)
        return self.application.wrapped(self.route, call)

    @property
    def _has_own_handler(self) -> bool:
        return getattr(self.route, "has_own_handler", False)

    @property
    def inner(self) -> Inner:
        """The generated function for a caller that handles exceptions itself."""
        if self._raising is None:
            self._raising = self._inner(self.reading, self.plan)
        return self._raising

    def _inner(self, reading: Reading, plan: "Plan") -> Inner:
        return Inner(self._compile(reading, plan, raises=True), reading.body.kind)

    def variant(self, overrides: Mapping[Call, Call]) -> Call:
        """`call` with dependencies replaced; compiled once for each set of replacements that matter here."""
        if self._variants is None:
            self._variants = PlanCache(self._build_variant)
        return self._variants.variant(overrides)

    def _build_variant(self, overrides: Mapping[Any, Any]) -> tuple[Graph, Call]:
        reading = self._read(overrides)
        plan = self._plan_of(reading.graph)
        return reading.graph, self._served(self._compile(reading, plan), reading, plan)

    @property
    def _app_scope(self) -> "AppScope":
        scope: AppScope = self.application.app.app_scope
        return scope

    @property
    def endpoint_context(self) -> EndpointContext:
        """Where the handler is written, for error messages."""
        file, _, line = self.route.location.rpartition(":")
        context: EndpointContext = {"function": self.route.name, "path": self._label}
        if file and line.isdigit():
            context["file"] = file
            context["line"] = int(line)
        return context

    @property
    def _label(self) -> str:
        methods = ",".join(sorted(getattr(self.route, "methods", ()))) or "WS"
        return f"{methods} {self.route.path}"

    @property
    def function_name(self) -> str:
        """The generated function's name: `call_<handler>`."""
        return "call_" + re.sub(r"\W", "_", self.route.name)

    @property
    def filename(self) -> str:
        """What tracebacks name as the file of the generated function."""
        return f"<fasterapi: {self._label}>"

    def _serve_first(self, scope: Any, receive: Any, send: Any, path_params: Any) -> Any:
        _ = self.call
        return self.route.serve(scope, receive, send, path_params)

    def _compile(self, reading: Reading, plan: "Plan", *, raises: bool = False) -> Call:
        # What writes code is imported for the first route that is compiled: to start an application needs none of it.
        from fasterapi_di import compile_source  # noqa: PLC0415

        if self.is_websocket:
            from fasterapi.compilation.websocket import write_websocket as write  # noqa: PLC0415
        else:
            from fasterapi.compilation.http import write_http as write  # noqa: PLC0415
        self.raises = raises
        return compile_source(write(self, reading, plan))

    @property
    def handle_exception(self) -> Any:
        """What the generated function asks about an exception; it re-raises what is not handled."""
        return _raise if self.raises else self.application.exception_handling(self.route)

    def _read(self, overrides: Mapping[Call, Call]) -> Reading:
        route = self.route
        body = BodyContract()
        document = JSONDocument(self)
        parameters: list[Bound] = []
        path_names = route.path_names
        strict = bool(route.inherited.strict)
        is_websocket = self.is_websocket
        binder = self.application.binder
        has_codecs = route.inherited.codecs is not None

        def bind(parameter: Parameter, node: Node) -> Reader:
            bound = binder.bind(parameter, node, path_names, strict=strict, is_websocket=is_websocket)
            is_repeated = bound in parameters
            parameters.append(bound)
            if bound.source in _FROM_BODY:
                return BodyReader(bound, body, document, node.call, has_codecs=has_codecs)
            if bound.adapter is None:
                return InjectedReader(bound, is_handed=self._has_own_handler)
            return text_reader(bound) if is_repeated else binder.reader(bound)

        endpoint = route.endpoint
        operations = self.application.operations
        if operations is not None and kind_of(endpoint) not in {"generator", "async_generator"}:
            endpoint = operations.traced(endpoint, "endpoint", keeps_values=True)
        try:
            graph = build_graph(
                endpoint,
                bind=bind,
                extra=route.dependencies,
                last=() if self.conditional is None else self.conditional.dependencies,
                overrides=overrides,
            )
        except ScopeError as error:
            raise DependencyScopeError(str(error)) from error
        except DependencyError as error:
            message = f"{self._label}: {error}"
            raise FasterAPIError(message) from error
        return Reading(graph, parameters, body, document)
