"""Security schemes: what lets in and how the rest is turned away."""

import base64
from typing import Annotated, Any

import pytest


def build(kit: Any) -> Any:
    app = kit.App()
    schemes = {
        "bearer": kit.OAuth2PasswordBearer(tokenUrl="token"),
        "bearer-optional": kit.OAuth2PasswordBearer(tokenUrl="token", auto_error=False),
        "code": kit.OAuth2AuthorizationCodeBearer(authorizationUrl="a", tokenUrl="t"),
        "header": kit.APIKeyHeader(name="X-Key"),
        "header-optional": kit.APIKeyHeader(name="X-Key", auto_error=False),
        "query": kit.APIKeyQuery(name="key"),
        "cookie": kit.APIKeyCookie(name="key"),
        "oidc": kit.OpenIdConnect(openIdConnectUrl="/oidc"),
    }
    for name, scheme in schemes.items():

        @app.get(f"/{name}", name=name)
        async def use(found: Annotated[Any, kit.Security(scheme)] = None):
            return found

    @app.get("/basic")
    async def basic(found: Annotated[kit.HTTPBasicCredentials, kit.Depends(kit.HTTPBasic())]):
        return [found.username, found.password]

    @app.get("/basic-realm")
    async def basic_realm(
        found: Annotated[kit.HTTPBasicCredentials, kit.Depends(kit.HTTPBasic(realm="here"))],
    ):
        return [found.username, found.password]

    @app.get("/http-bearer")
    async def http_bearer(found: Annotated[kit.HTTPAuthorizationCredentials, kit.Depends(kit.HTTPBearer())]):
        return [found.scheme, found.credentials]

    @app.get("/digest")
    async def digest(found: Annotated[kit.HTTPAuthorizationCredentials, kit.Depends(kit.HTTPDigest())]):
        return [found.scheme, found.credentials]

    @app.post("/token")
    async def token(form: Annotated[kit.OAuth2PasswordRequestForm, kit.Depends()]):
        return [form.username, form.password, form.scopes, form.client_id, form.grant_type]

    return app


BASIC = "Basic " + base64.b64encode(b"user:pa:ss").decode()


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "Bearer abc",
        "bearer abc",
        "Basic abc",
        "Bearer",
        "",
        BASIC,
        BASIC.replace("Basic", "basic"),
        "Basic !!!",
        "Digest abc",
        "Other x",
    ],
)
@pytest.mark.parametrize(
    "path",
    ["/bearer", "/bearer-optional", "/code", "/oidc", "/basic", "/basic-realm", "/http-bearer", "/digest"],
)
def test_authorization_headers_answer_alike(parity, path, authorization):
    parity(build, "GET", path, headers={} if authorization is None else {"authorization": authorization})


@pytest.mark.parametrize(
    "path", ["/header", "/header-optional", "/query", "/cookie", "/query?key=q", "/query?key="]
)
@pytest.mark.parametrize("headers", [{}, {"x-key": "h"}, {"cookie": "key=c"}])
def test_api_keys_answer_alike(parity, path, headers):
    parity(build, "GET", path, headers=headers)


@pytest.mark.parametrize(
    "data",
    [
        {"username": "u", "password": "p"},
        {"username": "u", "password": "p", "grant_type": "password", "scope": "a b"},
        {"username": "u"},
        {"username": "u", "password": "p", "grant_type": "other"},
    ],
)
def test_password_forms_answer_alike(parity, data):
    parity(build, "POST", "/token", data=data)


def test_scopes_of_any_scheme_are_documented_alike(parity):
    def build(kit):
        app = kit.App()
        for name, scheme in {
            "bearer": kit.HTTPBearer(),
            "key": kit.APIKeyHeader(name="x-key"),
            "password": kit.OAuth2PasswordBearer(tokenUrl="token"),
        }.items():
            app.get(f"/{name}", dependencies=[kit.Security(scheme, scopes=["a", "b"])])(lambda: None)
        return app

    documents = [parity.applications(build)[which].openapi() for which in ("ours", "theirs")]
    ours, theirs = (
        [item["get"]["security"] for item in document["paths"].values()] for document in documents
    )
    assert ours == theirs
