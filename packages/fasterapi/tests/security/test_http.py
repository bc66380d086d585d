"""The `Authorization` header."""

import base64

import msgspec
import pytest

from fasterapi.security import (
    HTTPAuthorizationCredentials,
    HTTPBasic,
    HTTPBasicCredentials,
    HTTPBearer,
    HTTPDigest,
)
from fasterapi.security.http import HTTPBase


def basic(text, scheme="Basic"):
    data = text if isinstance(text, bytes) else text.encode()
    return {"Authorization": f"{scheme} {base64.b64encode(data).decode()}"}


@pytest.mark.parametrize(
    ("headers", "username", "password"),
    [
        (basic("ada:secret"), "ada", "secret"),
        (basic("ada:secret", "basic"), "ada", "secret"),
        (basic("ada:secret", "BASIC"), "ada", "secret"),
        (basic("ada:a:b"), "ada", "a:b"),
        (basic(":"), "", ""),
        (basic("ada:"), "ada", ""),
        (basic("ädä:sécret"), "ädä", "sécret"),  # RFC 7617, section 2.1
    ],
)
def test_basic(ask, headers, username, password):
    assert ask(HTTPBasic(), headers=headers) == HTTPBasicCredentials(username, password)


MALFORMED = [
    {"Authorization": "Basic nonsense!"},
    {"Authorization": "Basic notabase64token"},
    {"Authorization": "Basic"},
    basic("no colon"),
    basic(b"\xff\xfe:"),
]


@pytest.mark.parametrize("auto_error", [True, False])
@pytest.mark.parametrize("headers", MALFORMED, ids=str)
def test_malformed_basic_credentials_are_401_also_where_they_are_optional(ask, refusal, headers, auto_error):
    assert ask(HTTPBasic(auto_error=auto_error), headers=headers) == refusal("Basic")


@pytest.mark.parametrize("headers", [{}, {"Authorization": ""}, {"Authorization": "Bearer abc"}], ids=str)
def test_no_basic_credentials(ask, refusal, headers):
    assert ask(HTTPBasic(), headers=headers) == refusal("Basic")
    assert ask(HTTPBasic(realm="shop"), headers=headers) == refusal('Basic realm="shop"')
    assert ask(HTTPBasic(auto_error=False), headers=headers) is None


def test_a_realm_is_a_quoted_string():
    """RFC 9110, section 11.5: it cannot end its quotes."""
    challenge = HTTPBasic(realm='a" b\\').make_authenticate_headers()["WWW-Authenticate"]

    assert challenge == 'Basic realm="a\\" b\\\\"'


@pytest.mark.parametrize(("cls", "name"), [(HTTPBearer, "Bearer"), (HTTPDigest, "Digest")])
@pytest.mark.parametrize("write", [str, str.lower, str.upper])
def test_scheme_names_have_no_case(ask, cls, name, write):
    headers = {"Authorization": f"{write(name)}  abc "}

    assert ask(cls(), headers=headers) == HTTPAuthorizationCredentials(write(name), "abc")


@pytest.mark.parametrize(("cls", "name"), [(HTTPBearer, "Bearer"), (HTTPDigest, "Digest")])
@pytest.mark.parametrize("value", [None, "", "{name}", "{name} ", "Other abc", " abc"])
def test_no_credentials(ask, refusal, cls, name, value):
    headers = {} if value is None else {"Authorization": value.format(name=name)}

    assert ask(cls(), headers=headers) == refusal(name)
    assert ask(cls(auto_error=False), headers=headers) is None


@pytest.mark.parametrize(
    ("value", "credentials"),
    [("Other abc", ("Other", "abc")), ("bearer abc def", ("bearer", "abc def"))],
)
def test_the_base_takes_any_scheme(ask, value, credentials):
    scheme = HTTPBase(scheme="other")

    assert ask(scheme, headers={"Authorization": value}) == HTTPAuthorizationCredentials(*credentials)


@pytest.mark.parametrize("value", [None, "", "Other", " abc"])
def test_the_base_without_credentials(ask, refusal, value):
    headers = {} if value is None else {"Authorization": value}

    assert ask(HTTPBase(scheme="other"), headers=headers) == refusal("Other")
    assert ask(HTTPBase(scheme="other", auto_error=False), headers=headers) is None


@pytest.mark.parametrize(
    ("scheme", "name", "model"),
    [
        (HTTPBasic(), "HTTPBasic", {"type": "http", "scheme": "basic"}),
        (HTTPBearer(), "HTTPBearer", {"type": "http", "scheme": "bearer"}),
        (HTTPDigest(scheme_name="D"), "D", {"type": "http", "scheme": "digest"}),
        (
            HTTPBearer(bearerFormat="JWT", description="A token."),
            "HTTPBearer",
            {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "A token."},
        ),
    ],
)
def test_the_scheme_in_openapi(scheme, name, model):
    assert scheme.scheme_name == name
    assert msgspec.to_builtins(scheme.model) == model


def test_credentials_are_compared_by_value():
    assert HTTPBasicCredentials("a", "b") == HTTPBasicCredentials(username="a", password="b")
    assert msgspec.to_builtins(HTTPAuthorizationCredentials("a", "b")) == {"scheme": "a", "credentials": "b"}
