"""What FastAPI has no counterpart of: applications inside applications, threads, exporters by the environment."""

import gzip
import http.server
import os
import subprocess
import sys
import threading

import pytest

pytest.importorskip("opentelemetry.sdk", reason="the parity session installs the SDK")

import msgspec
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from fasterapi import BackgroundTasks, Depends, Faster, FasterRouter, Middleware, Request
from fasterapi.exceptions import FasterAPIError
from fasterapi.requests._body import BODY_KEY
from fasterapi.telemetry import TelemetryData, get_telemetry_data
from fasterapi.telemetry.export import add_exporters, endpoint_of
from fasterapi.testclient import TestClient


@pytest.fixture
def exporter():
    return InMemorySpanExporter()


@pytest.fixture
def provider(exporter):
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return provider


@pytest.fixture
def app(provider):
    return Faster(telemetry={"tracer_provider": provider})


@pytest.fixture
def names(exporter):
    return lambda: [span.name for span in exporter.get_finished_spans()]


@pytest.fixture
def parents(exporter):
    def find():
        spans = exporter.get_finished_spans()
        known = {span.context.span_id: span.name for span in spans}
        return {span.name: known.get(span.parent.span_id) if span.parent else None for span in spans}

    return find


def test_a_mounted_application_without_telemetry_gives_the_span_its_route(app, names):
    inner, router = Faster(), FasterRouter()

    @inner.get("/things/{thing}")
    async def thing(thing: str) -> str:
        return thing

    @router.get("/r/{x}")
    async def r(x: str) -> str:
        return x

    app.mount("/inner", inner)
    app.mount("/router", router)
    client = TestClient(app)
    client.get("/inner/things/a")
    client.get("/router/r/1")
    assert names() == ["GET /inner/things/{thing}", "GET /router/r/{x}"]


def test_the_root_path_of_a_proxy_is_part_of_the_route(app, names):
    @app.get("/x")
    async def x() -> str:
        return ""

    TestClient(app, root_path="/api").get("/x")
    assert names()[-1] == "GET /api/x"


def test_spans_of_the_users_own_are_children_of_what_runs(app, provider, parents):
    tracer = trace.get_tracer("user", tracer_provider=provider)

    def span(name):
        tracer.start_span(name).end()

    def plain():
        span("in a plain dependency")

    async def coroutine():
        span("in a dependency")

    def left():
        yield
        span("in an exit")

    @app.get("/sync")
    def sync(
        tasks: BackgroundTasks,
        a: None = Depends(plain),
        b: None = Depends(coroutine),
        c: None = Depends(left),
    ):
        span("in a handler")
        tasks.add_task(span, "in a task")

    TestClient(app).get("/sync")
    found = parents()
    assert {name: found[name] for name in found if name.startswith("in ")} == {
        "in a plain dependency": "fasterapi.dependencies",
        "in a dependency": "fasterapi.dependencies",
        "in a handler": "fasterapi.endpoint",
        "in a task": "fasterapi.background_task",
        "in an exit": "GET /sync",
    }


def test_a_background_task_that_fails_marks_its_span_and_is_logged(app, exporter, caplog):
    def breaks():
        raise LookupError

    @app.get("/")
    async def show(tasks: BackgroundTasks) -> None:
        tasks.add_task(breaks)
        tasks.add_task(print)

    TestClient(app).get("/")
    spans = [span for span in exporter.get_finished_spans() if span.name == "fasterapi.background_task"]
    assert [span.status.status_code.name for span in spans] == ["ERROR", "UNSET"]
    assert "breaks failed" in caplog.text


def test_results_in_forms_that_the_client_chooses_are_traced_too(provider, names):
    app = Faster(
        telemetry={"tracer_provider": provider}, media_types=["application/json", "application/msgpack"]
    )

    @app.get("/")
    async def show() -> dict[str, int]:
        return {"a": 1}

    content = TestClient(app).get("/", headers={"accept": "application/msgpack"}).content
    assert msgspec.msgpack.decode(content) == {"a": 1}
    assert "fasterapi.serialization" in names()


def test_the_middleware_of_opentelemetry_itself_is_left_alone(provider, names):
    async def call(self, scope, receive, send):
        await self.app(scope, receive, send)

    members = {"__init__": lambda self, app: setattr(self, "app", app), "__call__": call}
    kind = type(
        "OpenTelemetryMiddleware", (), {**members, "__module__": "opentelemetry.instrumentation.asgi"}
    )
    app = Faster(telemetry={"tracer_provider": provider}, middleware=[Middleware(kind)])
    app.get("/")(lambda: 1)
    assert TestClient(app).get("/").json() == 1
    assert names() == []


def test_middleware_and_exclusion_find_the_application_in_the_scope(provider):
    seen = []

    class Look:
        def __init__(self, app):
            self.app = app

        async def __call__(self, scope, receive, send):
            if scope["type"] == "http":
                seen.append(scope["app"])
            await self.app(scope, receive, send)

    def exclude(scope):
        seen.append(scope["app"])
        return True

    app = Faster(telemetry={"tracer_provider": provider, "exclude": exclude}, middleware=[Middleware(Look)])
    TestClient(app).get("/")
    assert seen == [app, app]


def test_overridden_dependencies_are_traced_too(app, names):
    def one():
        return 1

    @app.get("/")
    async def show(x: int = Depends(one)) -> int:
        return x

    app.dependency_overrides[one] = lambda: 2
    assert TestClient(app).get("/").json() == 2
    assert "fasterapi.dependencies" in names()


def test_the_route_can_be_read_while_the_handler_runs(app):
    @app.get("/items/{x}")
    async def show(x: int) -> str:
        return trace.get_current_span().name + " " + str(get_telemetry_data().values)

    assert TestClient(app).get("/items/1").json() == "fasterapi.endpoint {'x': 1}"


def test_the_body_of_a_request_is_in_its_data(app):
    seen = []

    async def look():
        seen.append(get_telemetry_data().body)

    @app.post("/", dependencies=[Depends(look)])
    async def show(a: dict) -> None: ...

    @app.get("/", dependencies=[Depends(look)])
    async def get() -> None: ...

    client = TestClient(app)
    client.post("/", json={"a": 1})
    client.get("/")
    assert seen == [{"a": 1}, None]
    assert get_telemetry_data() is None


def test_a_body_that_is_no_json_is_its_bytes():
    request = Request({"type": "http", "headers": [], BODY_KEY: b"{no"})
    assert TelemetryData(request=request).body == b"{no"


class Collector(http.server.BaseHTTPRequestHandler):
    """Keeps what is posted to it."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        self.server.posted.append((self.path, body))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *arguments): ...


@pytest.fixture
def collector():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    server.posted = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


PROGRAM = """
from fasterapi import Faster
from fasterapi.testclient import TestClient
app = Faster({arguments})

@app.get("/fails/{{x}}")
async def fails(x: int) -> None:
    raise LookupError("why")

with TestClient(app, raise_server_exceptions=False) as client:
    print(client.get("/fails/1").status_code)
"""


def run(collector, arguments="", **environment):
    pytest.importorskip(
        "opentelemetry.exporter.otlp.proto.http", reason="the parity session installs the exporter"
    )
    own = {
        "PYTHONPATH": ":".join(sys.path),
        "PATH": os.environ["PATH"],
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.server_port}",
        **environment,
    }
    found = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(arguments=arguments)],
        env={name: value for name, value in own.items() if value is not None},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert found.stdout == "500\n"
    return {
        path: b"".join(body for where, body in collector.posted if where == path)
        for path, _ in collector.posted
    }, found


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [("", {"FASTERAPI_OTEL_AUTO_CONFIGURE": "true"}), ("telemetry={'auto_configure': True}", {})],
)
def test_the_environment_can_turn_on_telemetry_and_say_where_it_goes(collector, arguments, environment):
    posted, _ = run(collector, arguments, **environment)
    assert sorted(posted) == ["/v1/logs", "/v1/metrics", "/v1/traces"]
    assert b"GET /fails/{x}" in posted["/v1/traces"]
    assert b"http.server.request.duration" in posted["/v1/metrics"]
    assert b"http.server.request.exception" in posted["/v1/logs"]
    assert b"LookupError" in posted["/v1/logs"]


@pytest.mark.parametrize("arguments", ["", "telemetry={}"])
def test_nothing_is_sent_unless_it_was_asked_for(collector, arguments):
    assert run(collector, arguments)[0] == {}


def test_what_cannot_be_set_up_is_logged_and_does_not_keep_the_application_from_starting(collector):
    posted, found = run(collector, "telemetry={'auto_configure': True}", OTEL_EXPORTER_OTLP_PROTOCOL="grpc")
    assert posted == {}
    assert "telemetry could not be set up from the environment: " in found.stderr


BASE, OWN = "http://collector:4318", "http://own/path"


@pytest.mark.parametrize(
    ("environment", "endpoint"),
    [
        ({}, None),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": BASE}, f"{BASE}/v1/traces"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": f"{BASE}/"}, f"{BASE}/v1/traces"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": BASE, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": OWN}, OWN),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": BASE, "OTEL_TRACES_EXPORTER": "none"}, None),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": BASE, "OTEL_TRACES_EXPORTER": " OTLP "}, f"{BASE}/v1/traces"),
        ({"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": OWN}, None),
        ({"OTEL_TRACES_EXPORTER": "console"}, None),
    ],
)
def test_a_signal_goes_to_its_own_address_or_to_the_common_one(monkeypatch, environment, endpoint):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert endpoint_of("TRACES") == endpoint


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"OTEL_TRACES_EXPORTER": "console"}, "not console over http/protobuf"),
        ({"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "not otlp over grpc"),
        ({"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/json"}, "not otlp over http/json"),
        (
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4318"},
            "is no http\\(s\\) URL: 'collector:4318/v1/traces'",
        ),
    ],
)
def test_what_cannot_be_exported_is_an_error_that_names_it(monkeypatch, environment, message):
    for name, value in ({"OTEL_EXPORTER_OTLP_ENDPOINT": BASE} | environment).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(FasterAPIError, match=message):
        endpoint_of("TRACES")


def test_the_sdk_can_be_switched_off_as_a_whole(monkeypatch):
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "nonsense")
    add_exporters(Faster(telemetry={"auto_configure": True}).telemetry)


def test_an_exporter_is_added_to_a_provider_that_is_there(collector):
    code = "telemetry={'auto_configure': True, 'tracer_provider': __import__('opentelemetry.sdk.trace').sdk.trace.TracerProvider()}"
    posted, _ = run(collector, code, OTEL_METRICS_EXPORTER="none", OTEL_LOGS_EXPORTER="none")
    assert b"GET /fails/{x}" in posted["/v1/traces"]
