"""One request: what the application sees of it, and what comes back."""

import asyncio
import json
import sys

import pytest

from fasterapi.testclient import TestClient


@pytest.fixture
def client(app):
    client = TestClient(app)
    yield client
    client.close()


def scope_of(client, path="/scope", **options):
    return client.get(path, **options).json()


def test_the_scope(client):
    scope = scope_of(client, "/scope/a%20b%2Fc?d=e%20f", headers={"X-Name": "Value"})

    assert scope["type"] == "http"
    assert scope["method"] == "GET"
    assert scope["scheme"] == "http"
    assert scope["path"] == "/scope/a b/c"
    assert scope["raw_path"] == "/scope/a%20b%2Fc"
    assert scope["query_string"] == "d=e%20f"
    assert scope["root_path"] == ""
    assert scope["client"] == ["testclient", 50000]
    assert scope["server"] == ["testserver", 80]
    assert scope["asgi"]["version"] == "3.0"
    assert ["x-name", "Value"] in scope["headers"]
    assert ["host", "testserver"] in scope["headers"]
    assert ["user-agent", "testclient"] in scope["headers"]


def test_a_path_is_decoded_once(client):
    """As servers do; `%2525` is `%25`, not `%`."""
    assert scope_of(client, "/scope/%2525")["path"] == "/scope/%25"


def test_a_path_is_utf_8(client):
    assert scope_of(client, "/scope/é")["path"] == "/scope/é"


@pytest.mark.parametrize(
    ("options", "key", "expected"),
    [
        ({"base_url": "https://example.com:8443"}, "server", ["example.com", 8443]),
        ({"base_url": "https://example.com"}, "server", ["example.com", 443]),
        ({"base_url": "http://[::1]:0"}, "server", ["::1", 0]),
        ({"base_url": "https://example.com"}, "scheme", "https"),
        ({"root_path": "/api"}, "root_path", "/api"),
        ({"client": ("1.2.3.4", 5)}, "client", ["1.2.3.4", 5]),
    ],
)
def test_options_show_in_the_scope(app, options, key, expected):
    client = TestClient(app, **options)

    assert scope_of(client)[key] == expected


def test_headers_and_cookies_of_the_client(app):
    client = TestClient(app, headers={"X-A": "b", "User-Agent": "mine"}, cookies={"c": "d"})

    headers = scope_of(client)["headers"]

    assert ["x-a", "b"] in headers
    assert ["user-agent", "mine"] in headers
    assert ["cookie", "c=d"] in headers


def test_given_headers_are_not_changed(app):
    headers = {"X-A": "b"}

    TestClient(app, headers=headers)

    assert headers == {"X-A": "b"}


@pytest.mark.parametrize(
    ("options", "body", "pieces"),
    [
        ({"content": b"abc"}, b"abc", "1"),
        ({"content": "é"}, "é".encode(), "1"),
        ({"json": {"a": 1}}, b'{"a":1}', "1"),
        ({"data": {"a": "b"}}, b"a=b", "1"),
        ({"content": b""}, b"", "1"),
        ({"content": iter([b"a", b"b"])}, b"ab", "3"),  # … and the end
        ({"content": iter([])}, b"", "1"),
    ],
)
def test_bodies(client, options, body, pieces):
    response = client.post("/echo", **options)

    assert response.content == body
    assert response.headers["x-pieces"] == pieces


def test_an_upload_arrives_piece_by_piece(client):
    response = client.post("/echo", files={"file": ("a.txt", b"content")})

    assert b'filename="a.txt"' in response.content
    assert int(response.headers["x-pieces"]) > 1


def test_a_slow_body_does_not_hold_the_loop(app):
    """It is read in a thread: it may wait for what the application does elsewhere."""
    with TestClient(app) as client:

        def body():
            yield client.get("/state").content

        assert client.post("/echo", content=body()).json() == {"database": "open"}


def test_cookies_persist(client):
    assert client.get("/cookie").content == b""
    assert client.get("/cookie").content == b"a=b; c=d"


@pytest.mark.parametrize(("follow", "path"), [(True, "/scope"), (False, "/redirect")])
def test_redirects(app, follow, path):
    assert TestClient(app, follow_redirects=follow).get("/redirect").url.path == path


def test_a_head_has_no_body(client):
    assert client.head("/scope").content == b""


def test_errors_are_raised(client):
    with pytest.raises(LookupError, match="broken"):
        client.get("/raise")


def test_errors_in_mid_response_are_raised(client):
    with pytest.raises(LookupError, match="broken"):
        client.get("/raiselate")


@pytest.mark.parametrize(("path", "status", "body"), [("/raise", 500, b""), ("/raiselate", 200, b"half")])
def test_errors_may_be_responses(app, path, status, body):
    response = TestClient(app, raise_server_exceptions=False).get(path)

    assert (response.status_code, response.content) == (status, body)


def test_an_application_that_exits_exits_the_test(client):
    async def app(scope, receive, send):
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        TestClient(app).get("/")


def test_no_response_is_an_error(client, app):
    with pytest.raises(AssertionError, match="without sending a response"):
        client.get("/nothing")

    assert TestClient(app, raise_server_exceptions=False).get("/nothing").status_code == 500


@pytest.mark.parametrize(
    ("messages", "text"),
    [
        ("start/start", "http.response.start a second time"),
        ("last", "http.response.body before http.response.start"),
        ("start/last/last", "http.response.body after the body's end"),
        ("start/trailers", "http.response.trailers without"),
        ("trailing/last/trailers/trailers", "http.response.trailers after the response's end"),
    ],
)
def test_messages_in_the_wrong_order_are_errors(client, messages, text):
    with pytest.raises(AssertionError, match=text):
        client.get(f"/wrong/{messages}")


def test_messages_that_nobody_asked_for_are_ignored(client):
    assert client.get("/wrong/start/unknown/last").status_code == 200


def test_trailers_before_the_end_of_the_body_are_an_error():
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "trailers": True})
        await send({"type": "http.response.trailers", "headers": []})

    with pytest.raises(AssertionError, match="before the body's end"):
        TestClient(app).get("/")


def test_background_tasks_have_ended_when_the_response_is_there(client, app):
    client.get("/background")

    assert app.calls == ["background"]


def test_templates_show_what_they_were_made_of(client):
    response = client.get("/debug")

    assert response.template == "page.html"
    assert response.context == {"user": "ada"}
    assert response.extensions["http.response.debug"]["template"] == "page.html"


def test_a_debug_message_without_a_template_adds_no_attributes():
    async def app(scope, receive, send):
        await send({"type": "http.response.debug", "info": {}})
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body"})

    response = TestClient(app).get("/")

    assert not hasattr(response, "template")


def test_trailers(client):
    response = client.get("/trailers")

    assert response.content == b"ok"
    assert response.extensions["http.response.trailers"] == [(b"a", b"b"), (b"c", b"d")]


def test_context_variables_of_the_test_are_seen_and_kept(client, context_variable):
    assert client.get("/variable").text == "set by the test"
    assert context_variable.get() == "set by the test"


def test_one_loop_for_the_life_of_the_client(client, app):
    for _ in range(3):
        client.get("/scope")
    with client.stream("GET", "/scope"), client.websocket_connect("/chat"):
        pass

    assert len(app.loops) == 1


def test_it_works_where_a_loop_is_running(app):
    async def test():
        with TestClient(app) as client:
            return client.get("/scope").status_code

    assert asyncio.run(test()) == 200


def test_in_the_loop_of_the_application_it_is_an_error():
    async def app(scope, receive, send):
        client.get("/")

    client = TestClient(app)

    with pytest.raises(RuntimeError, match="use AsyncTestClient"):
        client.get("/")


def test_several_threads_share_a_client(app):
    from concurrent.futures import ThreadPoolExecutor

    with TestClient(app) as client, ThreadPoolExecutor(8) as pool:
        bodies = list(pool.map(lambda n: client.post("/echo", content=str(n)).text, range(40)))

    assert bodies == [str(n) for n in range(40)]
    assert len(app.loops) == 1


def test_an_application_of_asgi_2():
    class App:
        def __init__(self, scope):
            self.scope = scope

        async def __call__(self, receive, send):
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": self.scope["path"].encode()})

    assert TestClient(App).get("/a").text == "/a"


def test_an_application_without_a_signature_is_asgi_3():
    from fasterapi._testclient.scope import as_asgi3

    class Opaque:
        __signature__ = "no signature"

        async def __call__(self, scope, receive, send): ...

    opaque = Opaque()

    assert as_asgi3(opaque) is opaque


@pytest.mark.parametrize(
    "options",
    [{"backend": "trio"}, {"backend_options": {"nonsense": 1}}],
    ids=str,
)
def test_other_backends_are_refused(app, options):
    with pytest.raises(ValueError, match="asyncio"):
        TestClient(app, **options)


def test_the_loop_can_be_chosen(app):
    made = []

    def loop_factory():
        made.append(asyncio.new_event_loop())
        return made[0]

    with TestClient(app, backend_options={"loop_factory": loop_factory, "debug": True}) as client:
        client.get("/scope")
        assert app.loops == {id(made[0])}
        assert made[0].get_debug()


def test_uvloop_can_be_chosen(app):
    uvloop = pytest.importorskip("uvloop", reason="uvloop is not installed")

    with TestClient(app, backend_options={"use_uvloop": True}) as client:
        assert isinstance(client.portal.call(asyncio.get_running_loop), uvloop.Loop)


def test_a_loop_that_cannot_be_made_is_an_error(app):
    def loop_factory():
        raise LookupError("no loop")

    with pytest.raises(LookupError, match="no loop"):
        TestClient(app, backend_options={"loop_factory": loop_factory}).get("/scope")


def test_pytest_does_not_collect_it():
    assert not TestClient.__test__


def test_without_httpx_the_error_names_the_extra(monkeypatch):
    for name in [name for name in sys.modules if name.startswith("fasterapi._testclient")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "httpx", None)

    with pytest.raises(RuntimeError, match=r"pip install .fasterapi\[test\]."):
        import fasterapi._testclient  # noqa: F401


def test_json_is_what_it_was(client):
    assert json.loads(client.post("/echo", json={"é": [1, None]}).content) == {"é": [1, None]}
