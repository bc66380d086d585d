"""A backend says who is asking; handlers say what is required."""

import asyncio
import base64

import pytest

from fasterapi.authentication import (
    AuthCredentials,
    AuthenticationBackend,
    AuthenticationError,
    BaseUser,
    SimpleUser,
    UnauthenticatedUser,
    requires,
)
from fasterapi.exceptions import FasterAPIError, HTTPException
from fasterapi.middleware import AuthenticationMiddleware
from fasterapi.requests import Request
from fasterapi.responses import PlainTextResponse
from fasterapi.websockets import WebSocket


class Backend(AuthenticationBackend):
    async def authenticate(self, conn):
        if "authorization" not in conn.headers:
            return None
        _, _, encoded = conn.headers["authorization"].partition(" ")
        try:
            name = base64.b64decode(encoded, validate=True).decode()
        except ValueError:
            raise AuthenticationError("Invalid credentials") from None
        return AuthCredentials(["authenticated"]), SimpleUser(name)


async def who(scope, receive, send):
    user = Request(scope).user
    scopes = Request(scope).auth.scopes
    await PlainTextResponse(f"{user.display_name!r} {user.is_authenticated} {scopes}")(scope, receive, send)


def token(name):
    return {"Authorization": "Basic " + base64.b64encode(name.encode()).decode()}


def test_a_known_user(ask):
    answer = ask(AuthenticationMiddleware(who, Backend()), headers=token("ada"))

    assert answer.body == b"'ada' True ['authenticated']"


def test_an_unknown_user(ask):
    assert ask(AuthenticationMiddleware(who, Backend())).body == b"'' False []"


def test_an_error_is_400_with_its_text(ask):
    answer = ask(AuthenticationMiddleware(who, Backend()), headers={"Authorization": "Basic !"})

    assert (answer.status, answer.body) == (400, b"Invalid credentials")


def test_on_error_makes_the_response(ask):
    def on_error(connection, error):
        return PlainTextResponse(f"{connection.url.path}: {error}", status_code=401)

    app = AuthenticationMiddleware(who, Backend(), on_error)

    answer = ask(app, path="/x", headers={"Authorization": "Basic !"})

    assert (answer.status, answer.body) == (401, b"/x: Invalid credentials")


def test_an_error_closes_a_websocket(ask):
    app = AuthenticationMiddleware(who, Backend())

    answer = ask(app, type="websocket", headers={"Authorization": "Basic !"})

    assert answer.messages == [{"type": "websocket.close", "code": 1000}]


def test_a_backend_must_be_written():
    with pytest.raises(NotImplementedError):
        asyncio.run(AuthenticationBackend().authenticate(None))


@pytest.mark.parametrize("attribute", ["is_authenticated", "display_name", "identity"])
def test_a_user_must_be_written(attribute):
    with pytest.raises(NotImplementedError):
        getattr(BaseUser(), attribute)


def test_the_users_that_exist():
    known, unknown = SimpleUser("ada"), UnauthenticatedUser()

    assert (known.is_authenticated, known.display_name, known.identity) == (True, "ada", "ada")
    assert (unknown.is_authenticated, unknown.display_name, unknown.identity) == (False, "", "")


@pytest.fixture
def request_with(new_scope):
    def make(*scopes, type="http", **changes):
        scope = new_scope(type, auth=AuthCredentials(scopes), headers={"Host": "testserver"}, **changes)
        return Request(scope) if type == "http" else WebSocket(scope, None, None)

    return make


@requires("admin")
async def async_handler(request):
    return "async"


@requires(["admin", "staff"])
def sync_handler(id, request):
    return "sync"


def test_required_scopes_let_a_request_through(request_with):
    assert asyncio.run(async_handler(request_with("admin"))) == "async"
    assert sync_handler(7, request_with("staff", "admin")) == "sync"
    assert sync_handler(id=7, request=request_with("staff", "admin")) == "sync"


def test_all_of_them_are_required(request_with):
    with pytest.raises(HTTPException) as caught:
        sync_handler(7, request_with("admin"))
    assert caught.value.status_code == 403

    with pytest.raises(HTTPException) as caught:
        asyncio.run(async_handler(request_with()))
    assert caught.value.status_code == 403


def test_the_status_can_be_chosen(request_with):
    @requires("admin", status_code=404)
    def hidden(request):
        pass

    with pytest.raises(HTTPException) as caught:
        hidden(request_with())
    assert caught.value.status_code == 404


class Router:
    def url_path_for(self, name, **params):
        return self

    def make_absolute_url(self, base_url):
        return "http://testserver/login"


@pytest.mark.parametrize("is_async", [True, False])
def test_a_redirect_remembers_the_address(request_with, is_async):
    def handler(request):
        pass

    async def async_handler(request):
        pass

    guarded = requires("admin", redirect="login")(async_handler if is_async else handler)
    request = request_with(path="/a", query_string=b"b=c", router=Router())

    response = asyncio.run(guarded(request)) if is_async else guarded(request)

    assert response.status_code == 303
    assert response.headers["location"] == "http://testserver/login?next=http%3A%2F%2Ftestserver%2Fa%3Fb%3Dc"


def test_a_websocket_without_the_scopes_is_closed(new_scope):
    sent = []

    async def send(message):
        sent.append(message)

    @requires("admin")
    async def chat(websocket):
        await websocket.send({"type": "websocket.accept"})

    async def run(*scopes):
        websocket = WebSocket(new_scope("websocket", auth=AuthCredentials(scopes)), None, send)
        await chat(websocket)

    asyncio.run(run())
    asyncio.run(run("admin"))

    assert [message["type"] for message in sent] == ["websocket.close", "websocket.accept"]


def test_a_handler_without_a_request_is_refused_at_once():
    def handler(item):
        pass

    with pytest.raises(FasterAPIError) as caught:
        requires("admin")(handler)

    assert f"({__file__}:{handler.__code__.co_firstlineno})" in str(caught.value)
    assert "add `request: Request`" in str(caught.value)


def test_the_parameter_must_be_the_connection():
    with pytest.raises(TypeError, match="got NoneType"):
        sync_handler(7)
    with pytest.raises(TypeError, match="got str"):
        sync_handler(7, request="nonsense")


def test_a_guarded_handler_keeps_its_signature():
    import inspect

    assert list(inspect.signature(sync_handler).parameters) == ["id", "request"]
    assert inspect.iscoroutinefunction(async_handler)
    assert not inspect.iscoroutinefunction(sync_handler)
