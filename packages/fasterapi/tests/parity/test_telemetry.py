"""What an application with telemetry reports: the spans, measurements and events of FastAPI, under this project's name.

Each case sends one request to both, with providers of their own, and compares what the exporters in memory hold.
"""

import json
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("opentelemetry.sdk", reason="the parity session installs the SDK")

from opentelemetry import baggage, trace
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from fasterapi.testclient import TestClient

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Collected:
    """Providers that keep everything in memory, and what they hold in comparable form."""

    def __init__(self) -> None:
        self._spans = InMemorySpanExporter()
        self._logs = InMemoryLogRecordExporter()
        self._metrics = InMemoryMetricReader()
        tracer, logger = TracerProvider(), LoggerProvider()
        tracer.add_span_processor(SimpleSpanProcessor(self._spans))
        logger.add_log_record_processor(SimpleLogRecordProcessor(self._logs))
        self.providers = {
            "tracer_provider": tracer,
            "meter_provider": MeterProvider([self._metrics]),
            "logger_provider": logger,
        }

    def spans(self) -> list[Any]:
        finished = self._spans.get_finished_spans()
        names = {span.context.span_id: span.name for span in finished}
        return sorted(
            (
                span.name,
                span.kind.name,
                span.status.status_code.name,
                len(span.events),
                sorted((key, _own(value)) for key, value in span.attributes.items()),
                names.get(span.parent.span_id, hex(span.parent.span_id)) if span.parent else None,
                hex(span.context.trace_id) if span.parent and span.parent.is_remote else None,
                (_own(span.instrumentation_scope.name), span.instrumentation_scope.schema_url),
            )
            for span in finished
        )

    def events(self) -> list[Any]:
        return [
            (
                log.log_record.event_name,
                log.log_record.severity_text,
                sorted(
                    (key, _own(value))
                    for key, value in (log.log_record.attributes or {}).items()
                    if key != "exception.stacktrace"
                ),
                "exception.stacktrace" in (log.log_record.attributes or {}),
                bool(log.log_record.trace_id),
            )
            for log in self._logs.get_finished_logs()
        ]

    def measurements(self) -> list[Any]:
        data = self._metrics.get_metrics_data()
        metrics = [
            metric
            for resource in (data.resource_metrics if data else ())
            for scope in resource.scope_metrics
            for metric in scope.metrics
        ]
        return sorted(
            (
                metric.name,
                metric.unit,
                metric.description,
                sorted((key, _own(value)) for key, value in point.attributes.items()),
                getattr(point, "value", None),
                getattr(point, "count", None),
                getattr(point, "explicit_bounds", None),
            )
            for metric in metrics
            for point in metric.data.data_points
        )

    def all(self) -> dict[str, Any]:
        return _renamed({"spans": self.spans(), "events": self.events(), "measurements": self.measurements()})


def _own(value: Any) -> Any:
    """Exceptions and names of the two frameworks that mean the same."""
    if not isinstance(value, str):
        return value
    return value.replace("starlette.", "fasterapi.").replace("fastapi", "fasterapi")


def _renamed(report: Any) -> Any:
    return json.loads(json.dumps(report, default=str).replace('"fastapi.', '"fasterapi.'))


def build(kit: Any, **telemetry: Any) -> Any:
    app = kit.App(telemetry=telemetry)

    @app.get("/plain")
    async def plain():
        return {"a": 1}

    @app.get("/items/{item_id}")
    async def item(item_id: int, q: str = ""):
        return {"id": item_id}

    @app.get("/files/{name:path}")
    async def file(name: str):
        return name

    @app.get("/sync")
    def sync():
        return trace.get_current_span().is_recording()

    async def first():
        return trace.get_current_span().get_span_context().is_valid

    def second():
        yield 2

    @app.get("/depends")
    def depends(one: bool = kit.Depends(first), two: int = kit.Depends(second)):
        return [one, two]

    async def refused():
        raise kit.HTTPException(403)

    async def broken():
        raise KeyError("broken")

    @app.get("/refused")
    async def get_refused(x: Any = kit.Depends(refused)):
        return x

    @app.get("/broken")
    async def get_broken(x: Any = kit.Depends(broken)):
        return x

    @app.get("/fails")
    async def fails():
        raise RuntimeError("secret")

    @app.get("/missing")
    async def missing():
        raise kit.HTTPException(404)

    @app.get("/unavailable")
    async def unavailable():
        raise kit.HTTPException(503)

    @app.post("/body")
    async def body(a: int = kit.Body(), b: int = kit.Body()):
        return a + b

    @app.post("/form")
    async def form(a: int = kit.Form()):
        return a

    @app.get("/jsonlines")
    async def jsonlines() -> Iterable[int]:
        yield 1

    @app.get("/response")
    async def response():
        return kit.PlainTextResponse("text", status_code=201)

    @app.get("/stream")
    async def stream():
        async def pieces():
            yield b"one"
            yield b"two"

        return kit.StreamingResponse(pieces())

    def task(x: int) -> None: ...

    @app.get("/tasks")
    async def tasks(tasks: kit.BackgroundTasks):
        tasks.add_task(task, 1)
        tasks.add_task(task, x=2)
        return "later"

    @app.get("/slash/")
    async def slash():
        return ""

    @app.get("/baggage")
    async def read_baggage():
        return baggage.get_baggage("tenant")

    router = kit.Router(prefix="/users/{user}")

    @router.get("/posts/{post}")
    async def post(user: str, post: int):
        return post

    app.include_router(router)

    inner = kit.App(telemetry={})

    @inner.get("/things/{thing}")
    async def thing(thing: str):
        return thing

    app.mount("/inner", inner)

    async def raw(scope, receive, send):
        await kit.PlainTextResponse("raw")(scope, receive, send)

    app.mount("/raw", raw)

    @app.websocket("/live/{room}")
    async def live(websocket: kit.WebSocket, room: int):
        await websocket.accept()
        if room == 1:
            await websocket.close()
        elif room == 2:
            await websocket.receive_text()
        else:
            raise RuntimeError("secret")

    return app


@pytest.fixture
def both(parity):
    """Calls `use(client)` for both applications; gives what was collected, by name."""

    def run(use: Any, **telemetry: Any) -> SimpleNamespace:
        found = {}
        for name, kit in parity._kits.items():
            collected = Collected()
            app = build(kit, **{**collected.providers, **telemetry})
            use(TestClient(app, raise_server_exceptions=False, follow_redirects=False))
            found[name] = collected.all()
        return SimpleNamespace(**found)

    return run


REQUESTS = [
    ("GET", "/plain", {}),
    ("GET", "/items/7?q=x&sig=secret", {}),
    ("GET", "/items/seven", {}),
    ("POST", "/items/7", {}),
    ("PURGE", "/items/7", {}),
    ("GET", "/files/a/b", {}),
    ("GET", "/sync", {}),
    ("GET", "/depends", {}),
    ("GET", "/refused", {}),
    ("GET", "/broken", {}),
    ("GET", "/fails", {}),
    ("GET", "/missing", {}),
    ("GET", "/unavailable", {}),
    ("POST", "/body", {"json": {"a": 1, "b": 2}}),
    ("POST", "/body", {"json": {"a": "no", "b": "no"}}),
    ("POST", "/form", {"data": {"a": "1"}}),
    ("GET", "/jsonlines", {}),
    ("GET", "/response", {}),
    ("GET", "/stream", {}),
    ("GET", "/tasks", {}),
    ("GET", "/slash", {}),
    ("GET", "/baggage", {}),
    ("GET", "/users/anna/posts/3", {}),
    ("GET", "/inner/things/a", {}),
    ("GET", "/inner/nothing", {}),
    ("GET", "/raw/x", {}),
    ("GET", "/nowhere", {}),
    ("GET", "/openapi.json", {}),
    ("GET", "/plain", {"headers": {"traceparent": PARENT}}),
    ("GET", "/plain", {"headers": {"traceparent": "00-zz-1-01"}}),
    ("GET", "/plain", {"headers": {"host": "a b c/?"}}),
    ("GET", "/plain", {"headers": {"host": "example.org:8080"}}),
]


@pytest.mark.parametrize(("method", "path", "options"), REQUESTS)
def test_a_request_is_reported_as_fastapi_reports_it(both, method, path, options):
    found = both(lambda client: client.request(method, path, **options))
    assert found.ours == found.theirs
    assert found.ours["spans"]


def test_a_body_that_is_no_json_has_the_same_event_and_one_span_more(both):
    options = {"content": b"{no", "headers": {"content-type": "application/json"}}
    found = both(lambda client: client.post("/body", **options))
    (more,) = [span for span in found.ours["spans"] if span not in found.theirs["spans"]]
    assert more[0] == "fasterapi.dependencies"
    found.ours["spans"].remove(more)
    assert found.ours == found.theirs
    assert found.ours["events"]


@pytest.mark.parametrize("path", ["/live/1", "/live/2", "/live/3", "/live/x", "/live", "/nowhere"])
@pytest.mark.parametrize("code", [1000, 1001, 1008])
def test_a_websocket_is_reported_as_fastapi_reports_it(both, path, code):
    def use(client):
        try:
            with client.websocket_connect(path) as connection:
                connection.close(code)
        except Exception:
            pass

    found = both(use)
    assert found.ours == found.theirs
    assert found.ours["spans"]


@pytest.mark.parametrize(
    "options",
    [
        {"tracing": False},
        {"metrics": False},
        {"logs": False},
        {"operation_spans": False},
        {"tracing": False, "metrics": False, "logs": False},
        {"exclude": lambda scope: scope["path"] == "/fails"},
        {"exclude": lambda scope: scope["path"] != "/fails"},
    ],
    ids=str,
)
def test_an_option_turns_off_what_it_turns_off_in_fastapi(both, options):
    found = both(lambda client: client.get("/fails"), **options)
    assert found.ours == found.theirs


def test_one_mapping_of_providers_reports_many_requests_alike(both):
    def use(client):
        for path in ("/plain", "/items/1", "/items/2", "/fails", "/nowhere"):
            client.get(path)

    found = both(use)
    assert found.ours == found.theirs


def test_an_exception_handler_is_asked_and_the_exception_is_no_unhandled_one(parity):
    found = {}
    for name, kit in parity._kits.items():
        collected = Collected()
        app = build(kit, **collected.providers)

        async def handle(request, error):
            return kit.PlainTextResponse("handled", status_code=500)

        app.add_exception_handler(RuntimeError, handle) if hasattr(
            app, "add_exception_handler"
        ) else app.exception_handler(RuntimeError)(handle)
        TestClient(app, raise_server_exceptions=False).get("/fails")
        found[name] = collected.all()
    assert found["ours"] == found["theirs"]


def test_middleware_of_the_user_stands_inside_the_span(parity):
    found = {}
    for name, kit in parity._kits.items():
        collected = Collected()
        app = build(kit, **collected.providers)

        @app.middleware("http")
        async def look(request, call_next):
            with trace.get_tracer(
                "user", tracer_provider=collected.providers["tracer_provider"]
            ).start_as_current_span("mine"):
                return await call_next(request)

        TestClient(app, raise_server_exceptions=False).get("/items/1")
        found[name] = collected.all()
    assert found["ours"] == found["theirs"]


def test_the_data_of_a_request_is_there_for_processors_and_gone_afterwards(parity):
    found = {}
    for name, kit in parity._kits.items():
        telemetry = __import__(f"{kit.module}.telemetry", fromlist=["x"])
        kept = []
        collected = Collected()
        app = build(kit, **collected.providers)

        @app.post("/look/{x}")
        async def look(x: int, a: dict[str, Any] = kit.Body()):
            data = telemetry.get_telemetry_data()
            kept.append(data)
            return [str(data.request.url), data.websocket is None, data.values, data.errors, data.body]

        client = TestClient(app)
        found[name] = client.post("/look/3", json={"k": 1}).json()
        assert telemetry.get_telemetry_data() is None
    assert found["ours"] == found["theirs"]


def test_the_errors_of_a_request_are_in_its_data(parity):
    found = {}
    for name, kit in parity._kits.items():
        telemetry = __import__(f"{kit.module}.telemetry", fromlist=["x"])
        kept = []

        class Look:
            def on_emit(self, record):
                data = telemetry.get_telemetry_data(record.log_record.context)
                kept.append([sorted(error) and error["type"] for error in data.errors])

            def shutdown(self): ...

            def force_flush(self, timeout_millis=0):
                return True

        collected = Collected()
        collected.providers["logger_provider"].add_log_record_processor(Look())
        TestClient(build(kit, **collected.providers)).get("/items/x")
        found[name] = kept
    assert found["ours"] == found["theirs"] == [["int_parsing"]]


def test_without_the_option_fastapi_is_on_and_this_project_is_off(parity):
    found = parity.applications(lambda kit: kit.App())
    assert found["ours"].telemetry is None
    assert found["theirs"]._native_telemetry is not None


def test_an_unknown_option_is_ignored_by_fastapi_and_refused_here(parity):
    assert parity._kits["theirs"].App(telemetry={"traces": True})
    with pytest.raises(TypeError, match="no option 'traces'"):
        parity._kits["ours"].App(telemetry={"traces": True})


def test_the_public_names_are_the_same(parity):
    theirs, ours = (
        __import__(f"{parity._kits[name].module}.telemetry", fromlist=["x"]) for name in ("theirs", "ours")
    )
    public = ["TelemetryConfig", "TelemetryData", "get_telemetry_data"]
    assert ours.__all__ == public
    assert all(hasattr(theirs, name) for name in public)
    assert ours.TelemetryConfig.__annotations__.keys() == theirs.TelemetryConfig.__annotations__.keys()


@pytest.mark.parametrize("name", ["theirs", "ours"])
def test_operations_of_a_mounted_application_without_the_option_are_traced_by_fastapi_alone(parity, name):
    kit, collected = parity._kits[name], Collected()
    app, inner = kit.App(telemetry=collected.providers), kit.App()

    @inner.get("/x")
    async def x():
        return ""

    app.mount("/inner", inner)
    TestClient(app).get("/inner/x")
    names = [span[0] for span in collected.spans()]
    operations = (
        ["fastapi.dependencies", "fastapi.endpoint", "fastapi.serialization"] if name == "theirs" else []
    )
    assert sorted(names) == sorted(["GET /inner/x", *operations])
