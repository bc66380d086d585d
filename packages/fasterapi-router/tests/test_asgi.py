"""`ASGIRouter` with ASGI messages in memory; over real HTTP in `integration/`."""

import asyncio
from urllib.parse import urljoin

import pytest

from fasterapi_router import Converter, DuplicateRoute
from fasterapi_router.asgi import ASGIRouter, route_path


@pytest.fixture
def app(echo):
    app = ASGIRouter()
    app.add_route("/", echo("home"))
    app.add_route("/users/{id}", echo("user"))
    app.add_route("/users", echo("users"), methods=["GET", "POST"])
    app.add_route("/folder/", echo("folder"))
    app.add_websocket("/ws/{room}", echo("room"))
    app.mount("/static", echo("static"))
    app.mount("/t/{tenant}/app", echo("tenant"))
    return app


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/", "home {} root= path=/"),
        ("GET", "/users/7", "user {'id': '7'} root= path=/users/7"),
        ("POST", "/users", "users {} root= path=/users"),
        ("GET", "/static/a/b", "static {} root=/static path=/static/a/b"),
        ("DELETE", "/static/", "static {} root=/static path=/static/"),
        ("GET", "/static//a", "static {} root=/static path=/static//a"),
        ("GET", "/t/acme/app/x", "tenant {'tenant': 'acme'} root=/t/acme/app path=/t/acme/app/x"),
    ],
)
def test_a_request_reaches_its_application_with_params_and_root_path(app, call, method, path, body):
    answer = call(app, method, path)
    assert (answer.status, answer.body.decode()) == (200, body)


def test_head_is_answered_by_gets_application_without_the_body(app, call):
    answer = call(app, "HEAD", "/users/7")
    assert (answer.status, answer.headers["x-app"], answer.body) == (200, "user", b"")
    assert [message["type"] for message in answer.messages] == ["http.response.start", "http.response.body"]


def test_head_with_an_application_of_its_own_is_left_alone(app, call, echo):
    app.add_route("/own", echo("get"))
    app.add_route("/own", echo("head"), methods=["HEAD"])
    assert call(app, "HEAD", "/own").body.startswith(b"head")


def test_no_path_is_404(app, call):
    answer = call(app, "GET", "/nothing")
    assert (answer.status, answer.body) == (404, b"Not Found")
    assert answer.headers == {"content-type": "text/plain; charset=utf-8", "content-length": "9"}
    assert call(app, "HEAD", "/nothing").body == b""


@pytest.mark.parametrize(
    ("path", "allow"), [("/users", "GET, HEAD, POST"), ("/users/7", "GET, HEAD"), ("/folder/", "GET, HEAD")]
)
def test_no_method_is_405_with_allow(app, call, path, allow):
    answer = call(app, "DELETE", path)
    assert (answer.status, answer.headers["allow"]) == (405, allow)


def test_options_is_answered_when_asked_for(call, echo):
    for answers, status in [(False, 405), (True, 204)]:
        app = ASGIRouter(answer_options=answers)
        app.add_route("/users", echo("users"))
        answer = call(app, "OPTIONS", "/users")
        assert (answer.status, answer.headers["allow"]) == (status, "GET, HEAD")
        assert (answer.body == b"") is answers


@pytest.mark.parametrize(
    ("path", "more", "location", "url"),
    [
        ("/users/", {}, "../users", "http://h/users"),
        ("/users///", {}, "../../../users", "http://h/users"),
        ("/users/7/", {}, "../7", "http://h/users/7"),
        ("/folder", {}, "./folder/", "http://h/folder/"),
        ("/static", {}, "./static/", "http://h/static/"),
        ("/users/", {"query_string": b"a=1&b=%20/?"}, "../users?a=1&b=%20/?", "http://h/users?a=1&b=%20/?"),
        ("/users/a b/", {"raw_path": b"/users/a%20b/"}, "../a%20b", "http://h/users/a%20b"),
        ("/users/a b/", {}, "../a%20b", "http://h/users/a%20b"),
        ("/users/a:b/", {}, "../a:b", "http://h/users/a:b"),
        ("/users/\ud800/", {}, "../%ED%A0%80", "http://h/users/%ED%A0%80"),
        ("/users/\r\nSet-Cookie: a/", {}, "../%0D%0ASet-Cookie:%20a", "http://h/users/%0D%0ASet-Cookie:%20a"),
        ("/p/users/", {"root_path": "/p"}, "../users", "http://h/p/users"),
    ],
)
def test_a_slash_too_many_or_too_few_redirects_relative_to_the_request(app, call, path, more, location, url):
    answer = call(app, "GET", path, **more)
    assert (answer.status, answer.headers["location"]) == (307, location)
    assert urljoin("http://h" + path.replace(" ", "%20").replace("\r\n", "%0D%0A"), location) == url


@pytest.mark.parametrize(
    "path", ["//evil.example/", "//evil.example", "/\\evil.example/", "/\t/evil.example"]
)
def test_no_redirect_leads_to_another_host(call, echo, path):
    app = ASGIRouter()
    app.add_route("/{x}", echo("one"))
    app.add_route("/{x}/{y}/", echo("two"))
    app.add_route("//{x}", echo("odd"))
    assert call(app, "GET", path).status in (200, 404)


def test_an_encoded_slash_at_the_end_is_no_slash_to_take_away(app, call):
    assert call(app, "GET", "/users/", raw_path=b"/users%2F").status == 404


def test_redirects_can_be_switched_off(call, echo):
    app = ASGIRouter(redirect_slashes=False)
    app.add_route("/users", echo("users"))
    assert call(app, "GET", "/users/").status == 404


def test_another_application_may_answer_for_unknown_paths(call, echo):
    app = ASGIRouter(not_found=echo("fallback"))
    app.add_route("/users", echo("users"))
    assert call(app, "GET", "/nothing").body.startswith(b"fallback")
    assert call(app, "GET", "/ws", type="websocket").messages[0]["reason"].startswith("fallback")
    assert call(app, "DELETE", "/users").status == 405


# websockets


def test_websockets_have_routes_of_their_own(app, call):
    assert call(app, "GET", "/ws/1").status == 404
    assert call(app, None, "/ws/1", type="websocket").messages == [
        {"type": "websocket.close", "code": 3000, "reason": "room {'room': '1'} root= path=/ws/1"}
    ]
    reason = call(app, None, "/static/ws", type="websocket").messages[0]["reason"]
    assert reason == "static {} root=/static path=/static/ws"


def test_a_websocket_without_route_is_closed_or_denied_with_404(app, call):
    assert call(app, None, "/users", type="websocket").messages == [{"type": "websocket.close", "code": 1000}]
    denied = call(app, None, "/users", type="websocket", extensions={"websocket.http.response": {}})
    assert [message["type"] for message in denied.messages] == [
        "websocket.http.response.start",
        "websocket.http.response.body",
    ]
    assert (denied.status, denied.body) == (404, b"Not Found")


# nesting


def test_routers_nest_and_collect_params_and_root_path(call, echo):
    inner = ASGIRouter()
    inner.add_route("/items/{item}", echo("item"))
    inner.mount("/deep", echo("deep"))
    outer = ASGIRouter()
    outer.mount("/shops/{shop}", inner)
    body = call(outer, "GET", "/api/shops/s1/items/7", root_path="/api").body.decode()
    assert body == "item {'shop': 's1', 'item': '7'} root=/api/shops/s1 path=/api/shops/s1/items/7"
    body = call(outer, "GET", "/shops/s1/deep/x").body.decode()
    assert body == "deep {'shop': 's1'} root=/shops/s1/deep path=/shops/s1/deep/x"
    assert call(outer, "DELETE", "/shops/s1/items/7").headers["allow"] == "GET, HEAD"


def test_a_path_that_came_without_its_root_gets_it_back(call, echo):
    """Some servers hand on the path below the root; from the first mount on it is whole."""
    inner = ASGIRouter()
    inner.add_route("/x", echo("x"))
    outer = ASGIRouter()
    outer.mount("/m", inner)
    body = call(outer, "GET", "/m/x", root_path="/api").body.decode()
    assert body == "x {} root=/api/m path=/api/m/x"


def test_a_slash_that_the_client_did_not_send_is_taken_away():
    """Litestar adds one below its mounts; `raw_path` is what the client sent."""
    assert route_path({"path": "/users/7/", "raw_path": b"/sub/users/7"}) == "/users/7"
    assert route_path({"path": "/users/7/", "raw_path": b"/sub/users/7/"}) == "/users/7/"
    assert route_path({"path": "/users/7/", "raw_path": b"/sub/users/7%2F"}) == "/users/7/"
    assert route_path({"path": "/", "raw_path": b"/sub"}) == "/"


@pytest.mark.parametrize(
    ("path", "root", "rest"),
    [
        ("/a", "", "/a"),
        ("/api/a", "/api", "/a"),
        ("/api/", "/api", "/"),
        ("/api", "/api", "/"),
        ("/apix", "/api", "/apix"),
        ("/a", "/api", "/a"),
        ("", "", ""),
    ],
)
def test_the_part_of_the_path_below_the_root(path, root, rest):
    assert route_path({"path": path, "root_path": root}) == rest


def test_routes_come_before_mounts_only_where_they_are_more_specific(app, call, echo):
    app.add_route("/static/robots.txt", echo("robots"))
    app.add_route("/{any}/b", echo("any"))
    assert call(app, "GET", "/static/robots.txt").body.startswith(b"robots")
    assert call(app, "PUT", "/static/robots.txt").body.startswith(b"static")
    assert call(app, "GET", "/static/b").body.startswith(b"static")
    assert call(app, "GET", "/other/b").body.startswith(b"any")


def test_a_mount_at_the_root_takes_what_nothing_else_takes(call, echo):
    app = ASGIRouter()
    app.mount("", echo("spa"))
    app.add_route("/api/{x}", echo("api"))
    assert call(app, "GET", "/api/1").body.startswith(b"api")
    assert call(app, "GET", "/").body == b"spa {} root= path=/"
    assert call(app, "PUT", "/a/b").body == b"spa {} root= path=/a/b"


def test_hosts_come_before_paths(call, echo):
    app = ASGIRouter()
    app.add_route("/", echo("default"))
    app.host("{tenant}.example.com", echo("tenant"))
    assert call(app, "GET", "/", headers=[(b"host", b"acme.example.com:80")]).body.startswith(
        b"tenant {'tenant': 'acme'}"
    )
    assert call(app, "GET", "/", headers=[(b"host", b"example.com")]).body.startswith(b"default")
    assert call(app, "GET", "/").body.startswith(b"default")


# the rest


def test_the_callers_scope_is_not_changed(app, echo):
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/t/acme/app/x",
        "headers": [],
        "path_params": {"a": "1"},
    }
    before = {**scope, "path_params": dict(scope["path_params"])}

    async def send(message):
        pass

    asyncio.run(app(scope, None, send))
    assert scope == before


def test_decorators_register_and_give_the_application_back():
    app = ASGIRouter(converters={"year": Converter("[0-9]{4}", int)}, convert=True)

    @app.route("/y/{year:year}", methods=["GET", "PUT"])
    async def show(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": repr(scope["path_params"]).encode()})

    @app.websocket("/ws", name="live")
    async def live(scope, receive, send): ...

    assert [(str(route), route.name) for route in app.routes] == [
        ("GET /y/{year:year}", "show"),
        ("PUT /y/{year:year}", "show"),
        ("WEBSOCKET /ws", "live"),
    ]
    assert app.url_path_for("show", year=2026) == "/y/2026"


def test_converted_values_reach_the_application(call, echo):
    app = ASGIRouter(convert=True)
    app.add_route("/{id:int}", echo("int"))
    assert call(app, "GET", "/7").body.startswith(b"int {'id': 7}")


def test_conflicts_raise_at_registration(app, echo):
    with pytest.raises(DuplicateRoute):
        app.mount("/static", echo("again"))


def test_an_unknown_type_of_scope_is_refused(app, call):
    with pytest.raises(NotImplementedError, match="'spdy'"):
        call(app, "GET", "/", type="spdy")


def test_exceptions_of_applications_pass_through(call):
    async def broken(scope, receive, send):
        raise ZeroDivisionError

    app = ASGIRouter()
    app.add_route("/", broken)
    with pytest.raises(ZeroDivisionError):
        call(app, "GET", "/")
