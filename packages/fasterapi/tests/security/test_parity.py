"""The same requests to FastAPI's schemes and to ours. Runs where FastAPI is installed."""

import asyncio
import base64

import msgspec
import pytest

from fasterapi import security as ours

theirs = pytest.importorskip("fastapi.security", reason="FastAPI is not installed")

from starlette.exceptions import HTTPException  # noqa: E402
from starlette.requests import HTTPConnection  # noqa: E402

SCHEMES = [
    ("APIKeyQuery", {"name": "key"}),
    ("APIKeyHeader", {"name": "key"}),
    ("APIKeyCookie", {"name": "key", "description": "A key."}),
    ("HTTPBasic", {}),
    ("HTTPBasic", {"realm": "shop"}),
    ("HTTPBearer", {}),
    ("HTTPBearer", {"bearerFormat": "JWT", "scheme_name": "Token"}),
    ("HTTPDigest", {}),
    ("OAuth2", {}),
    ("OAuth2", {"flows": {"password": {"tokenUrl": "token", "scopes": {"a": "A."}}}}),
    ("OAuth2PasswordBearer", {"tokenUrl": "token"}),
    ("OAuth2PasswordBearer", {"tokenUrl": "token", "scopes": {"a": "A."}, "refreshUrl": "r"}),
    ("OAuth2AuthorizationCodeBearer", {"authorizationUrl": "a", "tokenUrl": "t"}),
    ("OpenIdConnect", {"openIdConnectUrl": "/openid"}),
]
BASIC = base64.b64encode(b"ada:secret").decode()
REQUESTS = [
    ({}, ""),
    ({"Authorization": ""}, ""),
    ({"Authorization": "Bearer abc"}, ""),
    ({"Authorization": "bearer  abc "}, ""),
    ({"Authorization": "Bearer"}, ""),
    ({"Authorization": " abc"}, ""),
    ({"Authorization": "Digest a=b, c=d"}, ""),
    ({"Authorization": f"Basic {BASIC}"}, ""),
    ({"Authorization": f"BASIC {BASIC}"}, ""),
    ({"Authorization": "Basic notabase64token"}, ""),
    ({"Authorization": "Basic " + base64.b64encode(b"no colon").decode()}, ""),
    ({"Authorization": "Basic " + base64.b64encode(b"\xff:").decode()}, ""),
    ({"Key": "secret"}, ""),
    ({"Cookie": "a=b; key=secret"}, ""),
    ({}, "key=secret"),
    ({"Key": "", "Cookie": "key="}, "key="),
]


def outcome(scheme, connection_class, error_class, headers, query):
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "path": "/", "headers": raw, "query_string": query.encode()}
    try:
        found = asyncio.run(scheme(connection_class(scope)))
    except error_class as error:
        return error.status_code, error.detail, dict(error.headers or {})
    return found if found is None or isinstance(found, str) else str(as_dict(found))


def as_dict(credentials):
    return (
        credentials.model_dump() if hasattr(credentials, "model_dump") else msgspec.to_builtins(credentials)
    )


@pytest.mark.parametrize("auto_error", [True, False])
@pytest.mark.parametrize(("headers", "query"), REQUESTS, ids=str)
@pytest.mark.parametrize(("name", "options"), SCHEMES, ids=str)
def test_credentials(name, options, headers, query, auto_error):
    from fasterapi.exceptions import HTTPException as OurException
    from fasterapi.requests import HTTPConnection as OurConnection

    our = getattr(ours, name)(**options, auto_error=auto_error)
    their = getattr(theirs, name)(**options, auto_error=auto_error)

    assert outcome(our, OurConnection, OurException, headers, query) == outcome(
        their, HTTPConnection, HTTPException, headers, query
    )


@pytest.mark.parametrize(("name", "options"), SCHEMES, ids=str)
def test_schemes_in_openapi(name, options):
    our, their = getattr(ours, name)(**options), getattr(theirs, name)(**options)

    assert our.scheme_name == their.scheme_name
    assert msgspec.to_builtins(our.model) == their.model.model_dump(
        mode="json", by_alias=True, exclude_none=True
    )


def test_every_name_of_theirs_is_there():
    names = {name for name, value in vars(theirs).items() if isinstance(value, type)}

    assert names <= set(ours.__all__)
