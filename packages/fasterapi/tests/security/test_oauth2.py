"""OAuth 2.0 and OpenID Connect."""

import inspect

import msgspec
import pytest

from fasterapi.params import Form
from fasterapi.security import (
    OAuth2,
    OAuth2AuthorizationCodeBearer,
    OAuth2PasswordBearer,
    OAuth2PasswordRequestForm,
    OAuth2PasswordRequestFormStrict,
    OpenIdConnect,
    SecurityScopes,
)
from fasterapi.security.models import OAuthFlows, OAuthFlowPassword

BEARERS = [
    OAuth2PasswordBearer(tokenUrl="token"),
    OAuth2AuthorizationCodeBearer(authorizationUrl="authorize", tokenUrl="token"),
]
OPTIONAL_BEARERS = [
    OAuth2PasswordBearer(tokenUrl="token", auto_error=False),
    OAuth2AuthorizationCodeBearer(authorizationUrl="authorize", tokenUrl="token", auto_error=False),
]


@pytest.mark.parametrize("scheme", BEARERS)
@pytest.mark.parametrize(
    ("value", "token"),
    [("Bearer abc", "abc"), ("bearer abc", "abc"), ("BEARER  abc ", "abc"), ("Bearer", "")],
)
def test_the_token_is_given(ask, scheme, value, token):
    assert ask(scheme, headers={"Authorization": value}) == token


@pytest.mark.parametrize("value", [None, "", "Basic abc", "Bearerabc"])
@pytest.mark.parametrize(("scheme", "optional"), list(zip(BEARERS, OPTIONAL_BEARERS, strict=True)))
def test_no_token(ask, refusal, scheme, optional, value):
    headers = {} if value is None else {"Authorization": value}

    assert ask(scheme, headers=headers) == refusal("Bearer")
    assert ask(optional, headers=headers) is None


@pytest.mark.parametrize("cls", [OAuth2, lambda **o: OpenIdConnect(openIdConnectUrl="/openid", **o)])
def test_the_others_give_the_whole_header(ask, refusal, cls):
    assert ask(cls(), headers={"Authorization": "Other abc"}) == "Other abc"
    assert ask(cls()) == refusal("Bearer")
    assert ask(cls(auto_error=False)) is None


@pytest.mark.parametrize(
    ("scheme", "name", "model"),
    [
        (OAuth2(), "OAuth2", {"type": "oauth2", "flows": {}}),
        (
            OAuth2PasswordBearer("token"),
            "OAuth2PasswordBearer",
            {"type": "oauth2", "flows": {"password": {"scopes": {}, "tokenUrl": "token"}}},
        ),
        (
            OAuth2PasswordBearer("token", "Mine", {"me": "Me."}, "A token.", refreshUrl="refresh"),
            "Mine",
            {
                "type": "oauth2",
                "description": "A token.",
                "flows": {
                    "password": {"refreshUrl": "refresh", "scopes": {"me": "Me."}, "tokenUrl": "token"}
                },
            },
        ),
        (
            OAuth2AuthorizationCodeBearer("authorize", "token", "refresh", scopes={"me": "Me."}),
            "OAuth2AuthorizationCodeBearer",
            {
                "type": "oauth2",
                "flows": {
                    "authorizationCode": {
                        "refreshUrl": "refresh",
                        "scopes": {"me": "Me."},
                        "authorizationUrl": "authorize",
                        "tokenUrl": "token",
                    }
                },
            },
        ),
        (
            OAuth2(flows={"implicit": {"authorizationUrl": "a"}, "clientCredentials": {"tokenUrl": "t"}}),
            "OAuth2",
            {
                "type": "oauth2",
                "flows": {
                    "implicit": {"scopes": {}, "authorizationUrl": "a"},
                    "clientCredentials": {"scopes": {}, "tokenUrl": "t"},
                },
            },
        ),
        (
            OAuth2(flows=OAuthFlows(password=OAuthFlowPassword(tokenUrl="t"))),
            "OAuth2",
            {"type": "oauth2", "flows": {"password": {"scopes": {}, "tokenUrl": "t"}}},
        ),
        (
            OpenIdConnect(openIdConnectUrl="/openid", description="D."),
            "OpenIdConnect",
            {"type": "openIdConnect", "openIdConnectUrl": "/openid", "description": "D."},
        ),
    ],
)
def test_the_scheme_in_openapi(scheme, name, model):
    assert scheme.scheme_name == name
    assert scheme.model.type == model["type"]
    assert msgspec.to_builtins(scheme.model) == model


def test_a_flow_that_lacks_a_field_is_refused_at_once():
    with pytest.raises(msgspec.ValidationError, match="tokenUrl"):
        OAuth2(flows={"password": {}})


def test_schemes_do_not_share_their_scopes():
    first, second = OAuth2PasswordBearer("a"), OAuth2PasswordBearer("b")

    assert first.model.flows.password.scopes is not second.model.flows.password.scopes


@pytest.mark.parametrize(
    ("cls", "required"),
    [
        (OAuth2PasswordRequestForm, ["username", "password"]),
        (OAuth2PasswordRequestFormStrict, ["grant_type", "username", "password"]),
    ],
)
def test_the_form_is_a_dependency_of_form_fields(cls, required):
    parameters = inspect.signature(cls).parameters

    assert [name for name, p in parameters.items() if p.default is inspect.Parameter.empty] == required
    assert list(parameters) == ["grant_type", "username", "password", "scope", "client_id", "client_secret"]
    for parameter in parameters.values():
        assert any(isinstance(marker, Form) for marker in parameter.annotation.__metadata__)


def test_the_grant_type_must_be_password():
    for cls in (OAuth2PasswordRequestForm, OAuth2PasswordRequestFormStrict):
        annotation = inspect.signature(cls).parameters["grant_type"].annotation
        assert annotation.__metadata__[0].constraints.pattern == "^password$"


def test_the_form_splits_its_scopes():
    form = OAuth2PasswordRequestFormStrict("password", "ada", "secret", " a  b:c ", "id", "key")

    assert vars(form) == {
        "grant_type": "password",
        "username": "ada",
        "password": "secret",
        "scopes": ["a", "b:c"],
        "client_id": "id",
        "client_secret": "key",
    }


@pytest.mark.parametrize(("given", "scopes", "text"), [(None, [], ""), (["a", "b"], ["a", "b"], "a b")])
def test_security_scopes(given, scopes, text):
    found = SecurityScopes(given)

    assert (found.scopes, found.scope_str) == (scopes, text)
