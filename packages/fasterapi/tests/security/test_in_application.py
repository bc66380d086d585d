"""The schemes as dependencies of handlers: enforced, and shown in the OpenAPI document."""

from typing import Annotated

import pytest

from fasterapi import Depends, Faster, Security, SecurityScopes, WebSocket
from fasterapi.exceptions import HTTPException
from fasterapi.security import (
    APIKeyCookie,
    APIKeyHeader,
    HTTPBasic,
    HTTPBasicCredentials,
    HTTPBearer,
    OAuth2PasswordBearer,
    OAuth2PasswordRequestForm,
    OAuth2PasswordRequestFormStrict,
)
from fasterapi.testclient import TestClient
from fasterapi.websockets import WebSocketDisconnect

SCOPES = {"me": "Read about me.", "items": "Read items."}
token_of = OAuth2PasswordBearer(tokenUrl="token", scopes=SCOPES)


async def user_of(scopes: SecurityScopes, token: Annotated[str, Depends(token_of)]):
    granted = token.split("+")
    for scope in scopes.scopes:
        if scope not in granted:
            challenge = f'Bearer scope="{scopes.scope_str}"'
            raise HTTPException(401, "Not enough permissions", headers={"WWW-Authenticate": challenge})
    return scopes.scopes


def login(form: Annotated[OAuth2PasswordRequestForm, Depends()]):
    return vars(form)


def strict_login(form: Annotated[OAuth2PasswordRequestFormStrict, Depends()]):
    return vars(form)


def me(scopes: Annotated[list, Security(user_of, scopes=["me"])]):
    return scopes


def basic(credentials: Annotated[HTTPBasicCredentials, Depends(HTTPBasic(realm="shop"))]):
    return credentials


def key(key: Annotated[str, Depends(APIKeyHeader(name="X-Key"))]):
    return key


def either(
    key: Annotated[str | None, Depends(APIKeyCookie(name="key", auto_error=False))],
    token: Annotated[object, Depends(HTTPBearer(auto_error=False))],
):
    return [key, token is not None]


async def chat(websocket: WebSocket, key: Annotated[str, Depends(APIKeyHeader(name="X-Key"))]):
    await websocket.accept()
    await websocket.send_text(key)
    await websocket.close()


@pytest.fixture
def client():
    app = Faster()
    app.post("/token")(login)
    app.post("/strict")(strict_login)
    for handler in (me, basic, key, either):
        app.get(f"/{handler.__name__}")(handler)
    app.websocket("/chat")(chat)
    with TestClient(app) as client:
        yield client


FORM = {"username": "ada", "password": "secret"}


def test_the_form_of_the_password_flow(client):
    response = client.post("/token", data={**FORM, "scope": "me items", "client_id": "id"})

    assert response.json() == {
        "grant_type": None,
        "username": "ada",
        "password": "secret",
        "scopes": ["me", "items"],
        "client_id": "id",
        "client_secret": None,
    }


@pytest.mark.parametrize(
    ("path", "data", "errors"),
    [
        ("/token", {}, [("missing", "username"), ("missing", "password")]),
        ("/token", {**FORM, "grant_type": "other"}, [("string_pattern_mismatch", "grant_type")]),
        ("/strict", FORM, [("missing", "grant_type")]),
        ("/strict", {**FORM, "grant_type": "password"}, None),
    ],
)
def test_the_form_is_validated(client, path, data, errors):
    response = client.post(path, data=data)

    if errors is None:
        assert response.status_code == 200
    else:
        assert response.status_code == 422
        assert [(error["type"], error["loc"][-1]) for error in response.json()["detail"]] == errors


@pytest.mark.parametrize(
    ("headers", "status", "challenge"),
    [
        ({}, 401, "Bearer"),
        ({"Authorization": "Bearer items"}, 401, 'Bearer scope="me"'),
        ({"Authorization": "bearer items+me"}, 200, None),
    ],
)
def test_scopes(client, headers, status, challenge):
    response = client.get("/me", headers=headers)

    assert (response.status_code, response.headers.get("www-authenticate")) == (status, challenge)
    if status == 200:
        assert response.json() == ["me"]


def test_basic(client):
    assert client.get("/basic", auth=("ada", "secret")).json() == {"username": "ada", "password": "secret"}
    assert client.get("/basic").headers["www-authenticate"] == 'Basic realm="shop"'
    assert client.get("/basic", headers={"Authorization": "Basic !"}).json() == {
        "detail": "Not authenticated"
    }


def test_one_of_several_schemes_may_be_enough(client):
    assert client.get("/either").json() == [None, False]
    assert client.get("/either", headers={"Cookie": "key=a"}).json() == ["a", False]
    assert client.get("/either", headers={"Authorization": "Bearer b"}).json() == [None, True]


def test_a_websocket_is_guarded_too(client):
    with client.websocket_connect("/chat", headers={"X-Key": "secret"}) as session:
        assert session.receive_text() == "secret"

    with pytest.raises((WebSocketDisconnect, HTTPException)):
        with client.websocket_connect("/chat"):
            pass


def test_the_document_shows_what_is_enforced(client):
    document = client.get("/openapi.json").json()

    assert document["components"]["securitySchemes"] == {
        "OAuth2PasswordBearer": {
            "type": "oauth2",
            "flows": {"password": {"scopes": SCOPES, "tokenUrl": "token"}},
        },
        "HTTPBasic": {"type": "http", "scheme": "basic"},
        "APIKeyHeader": {"type": "apiKey", "in": "header", "name": "X-Key"},
        "APIKeyCookie": {"type": "apiKey", "in": "cookie", "name": "key"},
        "HTTPBearer": {"type": "http", "scheme": "bearer"},
    }
    assert document["paths"]["/me"]["get"]["security"] == [{"OAuth2PasswordBearer": ["me"]}]
    assert document["paths"]["/either"]["get"]["security"] == [{"APIKeyCookie": []}, {"HTTPBearer": []}]
