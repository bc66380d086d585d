"""Guards on routes, routers and applications: who passes, and what the others are told."""

import asyncio
from typing import Annotated

import pytest

from fasterapi import Depends, Faster, FasterRouter, Header, HTTPException, WebSocket
from fasterapi.authentication import AuthCredentials, AuthenticationBackend, SimpleUser
from fasterapi.exceptions import FasterAPIError
from fasterapi.middleware import AuthenticationMiddleware
from fasterapi.security.guards import Require
from fasterapi.testclient import TestClient
from fasterapi.websockets import WebSocketDisconnect


class ByHeader(AuthenticationBackend):
    async def authenticate(self, conn):
        name, _, scopes = conn.headers.get("x-user", "").partition(":")
        return (AuthCredentials(scopes.split()), SimpleUser(name)) if name else None


seen = []


def owns(order: int, x_user: Annotated[str | None, Header()] = None) -> bool:
    seen.append(order)
    if order == 404:
        raise HTTPException(404)
    return order == 7


async def forgets() -> None:
    """Gives nothing, which is no `True`."""


def make_client(**options):
    app = Faster(**options)
    app.add_middleware(AuthenticationMiddleware, backend=ByHeader())
    router = FasterRouter(prefix="/admin", dependencies=[Depends(Require("admin"))])

    @router.get("/")
    async def admin() -> str:
        return "in"

    @router.websocket("/live")
    async def live(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text("in")
        await websocket.close()

    app.include_router(router)

    @app.get("/orders/{order}", dependencies=[Depends(Require(["read", "orders"], predicate=owns))])
    async def order(order: int) -> str:
        return "in"

    @app.get("/forgotten", dependencies=[Depends(Require(predicate=forgets))])
    async def forgotten() -> str:
        return "in"

    return TestClient(app)


@pytest.mark.parametrize(
    ("path", "user", "status"),
    [
        ("/admin/", None, 401),
        ("/admin/", "ada:", 403),
        ("/admin/", "ada:administrator", 403),
        ("/admin/", "ada:admin", 200),
        ("/orders/7", None, 401),
        ("/orders/7", "ada:read", 403),
        ("/orders/7", "ada:read orders", 200),
        ("/orders/8", "ada:read orders", 403),
        ("/orders/404", "ada:read orders", 404),
        ("/orders/404", "ada:read", 403),  # who may not ask is not told what there is
        ("/orders/x", "ada:read orders", 422),
        ("/forgotten", "ada:", 403),
    ],
)
def test_who_passes(path, user, status):
    seen.clear()
    response = make_client().get(path, headers={"x-user": user} if user else {})
    assert response.status_code == status
    if status == 401:
        assert response.headers["www-authenticate"] == "Bearer"
        assert response.json() == {"detail": "Not authenticated"}
    if path.startswith("/orders") and user != "ada:read orders":
        assert seen == []


def test_a_guard_of_the_application_is_before_every_route():
    client = make_client(dependencies=[Depends(Require("staff"))])
    assert client.get("/forgotten").status_code == 401
    assert client.get("/admin/", headers={"x-user": "ada:admin"}).status_code == 403
    assert client.get("/admin/", headers={"x-user": "ada:admin staff"}).status_code == 200


def test_a_websocket_is_guarded_before_it_is_accepted():
    client = make_client()
    with client.websocket_connect("/admin/live", headers={"x-user": "ada:admin"}) as session:
        assert session.receive_text() == "in"
    with pytest.raises((WebSocketDisconnect, HTTPException)), client.websocket_connect("/admin/live"):
        pass


def test_without_a_middleware_that_knows_users_nobody_passes():
    app = Faster(dependencies=[Depends(Require("a"))])
    app.get("/")(lambda: "in")
    assert TestClient(app).get("/").status_code == 401


def test_parameters_of_a_predicate_are_documented():
    operation = make_client().get("/openapi.json").json()["paths"]["/orders/{order}"]["get"]
    assert [parameter["name"] for parameter in operation["parameters"]] == ["order", "x-user"]


def test_the_order_of_guards_is_that_of_their_declaration():
    asked = []

    def guard(name, answer):
        def predicate() -> bool:
            asked.append(name)
            return answer

        return Depends(Require(predicate=predicate))

    app = Faster()
    app.get("/", dependencies=[guard("a", True), guard("b", False), guard("c", True)])(lambda: "in")
    assert TestClient(app).get("/").status_code == 403
    assert asked == ["a", "b"]


def test_a_guard_that_asks_for_nothing_is_an_error():
    with pytest.raises(FasterAPIError, match="asks for nothing"):
        Require()


def test_a_guard_may_be_called_by_hand():
    assert asyncio.run(Require("a")()) is None
