"""What HTTP requests and WebSockets share: a lazy view of the scope."""

import pytest

from fasterapi.datastructures import URLPath
from fasterapi.exceptions import FasterAPIError
from fasterapi.requests import HTTPConnection


def test_a_connection_is_a_mapping_of_its_scope(http_scope):
    scope = http_scope()
    connection = HTTPConnection(scope)
    assert connection["path"] == "/"
    assert dict(connection) == scope
    assert len(connection) == len(scope)
    assert connection != HTTPConnection(scope)
    assert connection in {connection}


def test_nothing_is_parsed_before_it_is_asked_for():
    connection = HTTPConnection({"type": "http"})
    assert connection.scope == {"type": "http"}


def test_the_parts_of_a_connection(http_scope):
    connection = HTTPConnection(
        http_scope(
            path="/a",
            query=b"x=1&x=2",
            headers=[
                ("host", "example.org"),
                ("cookie", "a=1; b=2"),
                ("cookie", "b=3"),
                ("content-type", "text/x"),
            ],
            path_params={"id": 1},
            app="app",
        )
    )
    assert str(connection.url) == "http://example.org/a?x=1&x=2"
    assert str(connection.base_url) == "http://example.org/"
    assert connection.headers["host"] == "example.org"
    assert connection.query_params.getlist("x") == ["1", "2"]
    assert connection.path_params == {"id": 1}
    assert connection.path == "/a"
    assert connection.content_type == "text/x"
    assert connection.cookies == {"a": "1", "b": "3"}
    assert connection.client.host == "127.0.0.1"
    assert connection.app == "app"
    for name in ("url", "base_url", "headers", "query_params", "cookies", "state"):
        assert getattr(connection, name) is getattr(connection, name)


def test_what_is_absent(http_scope):
    connection = HTTPConnection(http_scope(client=None))
    assert connection.client is None
    assert connection.path_params == {}
    assert connection.cookies == {}
    assert connection.content_type is None
    with pytest.raises(KeyError):
        connection.app


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ({"root_path": "/api"}, "http://testserver/api/"),
        ({"root_path": "/api/"}, "http://testserver/api/"),
        ({"root_path": "/api/sub", "app_root_path": "/api"}, "http://testserver/api/"),
    ],
)
def test_the_base_url_is_the_applications_root(http_scope, scope, expected):
    assert str(HTTPConnection(http_scope(path="/api/sub/x", query=b"a=1", **scope)).base_url) == expected


def test_state_is_shared_by_everyone_who_sees_the_scope(http_scope):
    scope = http_scope()
    HTTPConnection(scope).state.user = "ada"
    assert HTTPConnection(scope).state.user == "ada"
    assert scope["state"] == {"user": "ada"}


@pytest.mark.parametrize(
    ("name", "middleware"),
    [
        ("session", "SessionMiddleware"),
        ("auth", "AuthenticationMiddleware"),
        ("user", "AuthenticationMiddleware"),
    ],
)
def test_what_middleware_leaves(http_scope, name, middleware):
    with pytest.raises(FasterAPIError, match=f"{middleware} must be installed to access request.{name}"):
        getattr(HTTPConnection(http_scope()), name)
    assert getattr(HTTPConnection(http_scope(**{name: "value"})), name) == "value"


def test_a_session_learns_that_it_was_read(http_scope):
    class Session(dict):
        accessed = False

        def mark_accessed(self):
            self.accessed = True

    session = Session()
    assert HTTPConnection(http_scope(session=session)).session is session
    assert session.accessed


@pytest.mark.parametrize("key", ["router", "app"])
def test_url_for_asks_the_router_then_the_application(http_scope, key):
    class Routes:
        def url_path_for(self, name, /, **params):
            return URLPath(f"/{name}/{params['id']}")

    connection = HTTPConnection(http_scope(**{key: Routes()}))
    assert str(connection.url_for("item", id=1)) == "http://testserver/item/1"


def test_url_for_needs_routes(http_scope):
    with pytest.raises(RuntimeError, match="url_for works inside an application"):
        HTTPConnection(http_scope()).url_for("item")


def test_a_connection_says_what_its_state_holds():
    assert HTTPConnection[dict].__origin__ is HTTPConnection
