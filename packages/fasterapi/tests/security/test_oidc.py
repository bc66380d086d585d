"""Logging in at a provider of fifty lines, which listens on a real port, and every way in which that fails."""

import base64
import hashlib
import secrets
import socket
import threading
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
import pytest

jwt = pytest.importorskip("jwt")
pytest.importorskip("cryptography")
pytest.importorskip("itsdangerous")

import httpx
import uvicorn
from cryptography.hazmat.primitives.asymmetric import rsa

from fasterapi import Depends, Faster, Form, Header, HTTPException, Request
from fasterapi.middleware.sessions import SessionMiddleware
from fasterapi.stores import MemoryStore
from fasterapi.responses import RedirectResponse
from fasterapi.security.jwt import encode
from fasterapi.security.oidc import LOGIN_SECONDS, OIDCLogin, local_target
from fasterapi.testclient import TestClient

NOW = 1_800_000_000
KEY, OTHER_KEY = (rsa.generate_private_key(65537, 2048) for _ in range(2))
CALLBACK = "http://localhost:8000/auth/callback"
BASIC = "Basic " + base64.b64encode(b"shop%3A1:s%26cret").decode()


class Provider:
    """Logs everybody in as ada; `claims`, `metadata` and `answer` change what it says."""

    def __init__(self):
        self.app = Faster()
        self.codes = {}
        self.reset()
        self.app.get("/.well-known/openid-configuration")(self.configuration)
        self.app.get("/authorize")(self.authorize)
        self.app.post("/token")(self.token)
        self.app.get("/keys")(self.keys)

    def reset(self):
        self.claims, self.metadata, self.answer = {}, {}, {}
        self.key, self.authorization = KEY, None

    async def configuration(self) -> dict[str, Any]:
        found = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize?tenant=1",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "end_session_endpoint": f"{self.issuer}/logout",
            **self.metadata,
        }
        return {name: value for name, value in found.items() if value is not None}

    async def authorize(self, request: Request) -> RedirectResponse:
        query = dict(request.query_params)
        assert query["response_type"] == "code"
        assert query["client_id"] == "shop:1"
        code = secrets.token_urlsafe(8)
        self.codes[code] = query
        answer = httpx.QueryParams({"code": code, "state": query["state"], **self.answer})
        return RedirectResponse(f"{query['redirect_uri']}?{answer}", 302)

    async def token(
        self,
        code: Annotated[str, Form()],
        code_verifier: Annotated[str, Form()],
        redirect_uri: Annotated[str, Form()],
        client_id: Annotated[str, Form()],
        authorization: Annotated[str | None, Header()] = None,
        client_secret: Annotated[str | None, Form()] = None,
    ) -> dict[str, Any]:
        query = self.codes.pop(code, None)
        self.authorization = authorization or client_secret
        challenge = (
            base64.urlsafe_b64encode(hashlib.sha256(code_verifier.encode()).digest()).decode().strip("=")
        )
        if query is None or query["code_challenge"] != challenge or query["redirect_uri"] != redirect_uri:
            raise HTTPException(400, "invalid_grant")
        claims = {
            "iss": self.issuer,
            "aud": client_id,
            "sub": "ada",
            "nonce": query["nonce"],
            "iat": NOW,
            "exp": NOW + 300,
            **self.claims,
        }
        token = encode(claims, self.key, algorithm="RS256", key_id="a", clock=lambda: NOW)
        return {"token_type": "Bearer", "access_token": "x", "id_token": token}

    async def keys(self) -> dict[str, Any]:
        made = jwt.get_algorithm_by_name("RS256").to_jwk(KEY.public_key(), as_dict=True)
        return {"keys": [{**made, "kid": "a"}]}


@pytest.fixture(scope="module")
def served():
    provider = Provider()
    listener = socket.create_server(("127.0.0.1", 0))
    provider.issuer = f"http://127.0.0.1:{listener.getsockname()[1]}"
    config = uvicorn.Config(provider.app, log_level="critical", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield provider
    server.should_exit = True
    thread.join()
    listener.close()


@pytest.fixture
def provider(served):
    served.reset()
    return served


class Clock:
    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


def make_client(provider, *, store=None, **more):
    options = {
        "issuer": provider.issuer,
        "client_id": "shop:1",
        "client_secret": "s&cret",
        "clock": lambda: NOW,
    }
    login = OIDCLogin(redirect_uri=CALLBACK, **options | more)
    app = Faster()
    app.add_middleware(SessionMiddleware, secret_key="k" * 32, store=store)
    app.include_router(login.router, prefix="/auth")

    @app.get("/me")
    async def me(user: Annotated[Any, Depends(login)]) -> Any:
        return user

    return TestClient(app, base_url="http://localhost:8000", follow_redirects=False)


def begin(client, target="/"):
    """To the provider and back: the callback's address."""
    response = client.get("/auth/login", params={"next": target})
    assert response.status_code == 303
    assert response.headers["cache-control"] == "no-store"
    answer = httpx.get(response.headers["location"])
    assert answer.status_code == 302
    return answer.headers["location"]


def finish(client, **more):
    return client.get(begin(client, **more))


def test_a_login(provider):
    client = make_client(provider, scopes=["profile"], parameters={"prompt": "login"})
    assert client.get("/me").status_code == 401
    asked = dict(parse_qsl(urlsplit(client.get("/auth/login").headers["location"]).query))
    assert asked.pop("tenant") == "1"
    assert {name: len(asked.pop(name)) for name in ("state", "nonce", "code_challenge")} == {
        "state": 43,
        "nonce": 43,
        "code_challenge": 43,
    }
    assert asked == {
        "prompt": "login",
        "redirect_uri": CALLBACK,
        "scope": "openid profile",
        "response_type": "code",
        "client_id": "shop:1",
        "code_challenge_method": "S256",
    }
    response = finish(client, target="/orders?page=2")
    assert (response.status_code, response.headers["location"]) == (303, "/orders?page=2")
    user = client.get("/me").json()
    assert user["sub"] == "ada"
    assert "nonce" not in user
    assert provider.authorization == BASIC


class User(msgspec.Struct):
    sub: str
    email: str


def test_claims_are_of_the_type_that_was_asked_for(provider):
    provider.claims = {"email": "ada@example.org"}
    client = make_client(provider, claims=User)
    assert finish(client).status_code == 303
    assert client.get("/me").json() == {"sub": "ada", "email": "ada@example.org"}


def test_claims_that_do_not_fit_log_nobody_in(provider):
    client = make_client(provider, claims=User)
    assert finish(client).status_code == 401
    assert client.get("/me").status_code == 401


@pytest.mark.parametrize(
    ("methods", "options", "authorization"),
    [
        (["client_secret_basic"], {}, BASIC),
        (["client_secret_post"], {}, "s&cret"),
        (["none"], {"client_secret": None}, None),
    ],
)
def test_how_the_application_proves_who_it_is(provider, methods, options, authorization):
    provider.metadata = {"token_endpoint_auth_methods_supported": methods}
    assert finish(make_client(provider, **options)).status_code == 303
    assert provider.authorization == authorization


@pytest.mark.parametrize(
    ("claims", "detail"),
    [
        ({"nonce": "other"}, "for another login"),
        ({"nonce": 7}, "for another login"),
        ({"aud": "bank"}, "not valid"),
        ({"iss": "https://evil.example"}, "not valid"),
        ({"exp": NOW - 60}, "not valid"),
        ({"iat": NOW + 61}, "not valid"),
        ({"sub": ""}, None),
        ({"aud": ["shop:1", "bank"]}, "for another application"),
        ({"aud": ["shop:1", "bank"], "azp": "bank"}, "for another application"),
        ({"aud": ["shop:1", "bank"], "azp": "shop:1"}, None),
        ({"azp": "bank"}, "for another application"),
    ],
)
def test_an_id_token_is_checked(provider, claims, detail):
    provider.claims = claims
    client = make_client(provider)
    response = finish(client)
    if detail is None:
        assert response.status_code == 303
    else:
        assert response.status_code == 401
        assert detail in response.json()["detail"]
        assert client.get("/me").status_code == 401


def test_an_id_token_of_another_key_is_refused(provider):
    provider.key = OTHER_KEY
    assert finish(make_client(provider)).json() == {"detail": "The provider's ID token is not valid"}


def test_a_state_is_good_once_and_only_in_its_session(provider):
    client, thief = make_client(provider), make_client(provider)
    address = begin(client)
    assert thief.get(address).status_code == 400
    assert client.get(address.replace("state=", "state=x")).status_code == 400
    assert client.get("/auth/callback").status_code == 400
    assert client.get(address).status_code == 303
    assert client.get(address).status_code == 400


def test_a_login_that_failed_cannot_be_tried_again(provider):
    provider.claims = {"nonce": "other"}
    client = make_client(provider)
    address = begin(client)
    assert [client.get(address).status_code for _ in range(2)] == [401, 400]


def test_a_code_of_another_login_does_not_fit_the_verifier(provider):
    """PKCE: a code that was stolen cannot be redeemed in the thief's own login (RFC 7636)."""
    stolen = httpx.URL(begin(make_client(provider))).params["code"]
    thief = make_client(provider)
    own = httpx.URL(begin(thief))
    response = thief.get(str(own.copy_set_param("code", stolen)))
    assert (response.status_code, response.json()) == (
        401,
        {"detail": "The provider did not accept the code"},
    )


@pytest.mark.parametrize(
    ("metadata", "answer", "status"),
    [
        ({}, {"error": "access_denied"}, 401),
        ({}, {"iss": "https://evil.example"}, 401),
        ({"authorization_response_iss_parameter_supported": True}, {}, 401),
        ({"authorization_response_iss_parameter_supported": True}, {"iss": "own"}, 303),
    ],
)
def test_the_answer_of_a_provider_is_checked(provider, metadata, answer, status):
    provider.metadata = metadata
    provider.answer = {name: provider.issuer if value == "own" else value for name, value in answer.items()}
    response = finish(make_client(provider))
    assert response.status_code == status
    assert "<" not in response.text


def test_a_login_must_end_in_time_and_few_are_kept(provider):
    clock = Clock()
    client = make_client(provider, clock=clock)
    addresses = [begin(client) for _ in range(4)]
    assert client.get(addresses[0]).status_code == 400  # more tabs than are kept
    assert [client.get(address).status_code for address in addresses[1:]] == [303, 303, 303]
    late = begin(client)
    clock.now += LOGIN_SECONDS
    assert client.get(late).status_code == 400


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/\n/evil.example",
        "/a\\..\\\\evil.example",
        "",
        "/" + "a" * 500,
    ],
)
def test_nobody_is_sent_to_another_host_after_login(provider, target):
    assert local_target(target) == "/"
    assert finish(make_client(provider), target=target).headers["location"] == "/"


def test_a_session_gets_a_new_key_at_login(provider):
    """Session fixation: a key that somebody else planted is worth nothing afterwards."""
    client = make_client(provider, store=MemoryStore())
    address = begin(client)
    planted = client.cookies["session"]
    assert client.get(address).status_code == 303
    assert client.cookies["session"] != planted
    assert client.get("/me").status_code == 200
    client.cookies.clear()
    assert client.get("/me", headers={"Cookie": f"session={planted}"}).status_code == 401


def test_logging_out(provider):
    client = make_client(provider, after_logout="https://shop.example/bye")
    assert client.post("/auth/logout").headers["location"] == "/"  # nobody was in
    finish(client)
    assert client.get("/auth/logout").status_code == 405  # a link or a picture logs nobody out
    assert client.get("/me").status_code == 200
    location = client.post("/auth/logout").headers["location"]
    assert location == (
        f"{provider.issuer}/logout?client_id=shop%3A1&post_logout_redirect_uri=https%3A%2F%2Fshop.example%2Fbye"
    )
    assert client.get("/me").status_code == 401


def test_logging_out_here_alone(provider):
    client = make_client(provider)
    finish(client)
    assert client.post("/auth/logout").headers["location"] == "/"
    assert client.get("/me").status_code == 401
    provider.metadata = {"end_session_endpoint": None}
    client = make_client(provider, after_logout="https://shop.example/bye")
    finish(client)
    assert client.post("/auth/logout").headers["location"] == "/"


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"jwks_uri": "http://evil.example/keys"},
        {"token_endpoint": None},
    ],
)
def test_a_discovery_document_that_is_not_the_issuers_is_not_used(provider, metadata, caplog):
    provider.metadata = metadata
    response = make_client(provider).get("/auth/login")
    assert (response.status_code, response.json()) == (503, {"detail": "The provider is not available"})


def test_a_provider_that_is_away_is_503_and_logging_out_works(provider):
    client = make_client(provider, after_logout="https://shop.example/bye")
    finish(client)
    away = make_client(provider, fetch=refuse, after_logout="https://shop.example/bye")
    assert away.get("/auth/login").status_code == 503
    away.cookies = client.cookies
    assert away.get("/me").status_code == 200
    assert away.post("/auth/logout").headers["location"] == "/"


async def refuse(url, **more):
    raise ConnectionError


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"issuer": "http://id.example"}, "no https URL"),
        ({"redirect_uri": "/auth/callback"}, "no https URL"),
        ({"algorithms": ["HS256"]}, "HS256 needs a secret"),
        ({"algorithms": ["none"]}, "no algorithm 'none'"),
    ],
)
def test_options_that_are_not_safe_are_errors_at_construction(options, expected):
    good = {
        "issuer": "https://id.example",
        "client_id": "a",
        "redirect_uri": "https://shop.example/auth/callback",
    }
    with pytest.raises(ValueError, match=expected):
        OIDCLogin(**good | options)


def test_the_document_shows_the_cookie_and_not_the_routes(provider):
    document = make_client(provider).get("/openapi.json").json()
    assert list(document["paths"]) == ["/me"]
    assert document["components"]["securitySchemes"] == {
        "OIDCLogin": {"type": "apiKey", "in": "cookie", "name": "session"}
    }
