"""The five kinds of security schemes."""

from typing import Any

import pytest

import fasterapi_openapi as oa


@pytest.mark.parametrize(
    ("scheme", "written"),
    [
        (oa.ApiKeyScheme(name="k", location="cookie", description="D."),
         {"type": "apiKey", "name": "k", "in": "cookie", "description": "D."}),
        (oa.HttpScheme(scheme="basic"), {"type": "http", "scheme": "basic"}),
        (oa.HttpScheme(scheme="bearer", bearer_format="JWT"),
         {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}),
        (oa.MutualTLSScheme(), {"type": "mutualTLS"}),
        (oa.OpenIdConnectScheme(open_id_connect_url="/.well-known"),
         {"type": "openIdConnect", "openIdConnectUrl": "/.well-known"}),
        (oa.OAuth2Scheme(flows=oa.OAuthFlows(
            password=oa.OAuthFlow(token_url="/token", scopes={}),
            client_credentials=oa.OAuthFlow(token_url="/token", scopes={"a": "A"}, refresh_url="/r"),
            authorization_code=oa.OAuthFlow(authorization_url="/auth", token_url="/token", scopes={}))),
         {"type": "oauth2", "flows": {
             "password": {"tokenUrl": "/token", "scopes": {}},
             "clientCredentials": {"tokenUrl": "/token", "refreshUrl": "/r", "scopes": {"a": "A"}},
             "authorizationCode": {"authorizationUrl": "/auth", "tokenUrl": "/token", "scopes": {}}}}),
    ],
)  # fmt: skip
def test_schemes_are_written_by_the_names_of_the_specification(build: Any, scheme: Any, written: Any) -> None:
    document = build(security_schemes={"scheme": scheme})
    assert document["components"] == {"securitySchemes": {"scheme": written}}


def test_mappings_are_taken_as_they_are(build: Any) -> None:
    raw = {"type": "http", "scheme": "digest", "x-realm": "shop"}
    assert build(security_schemes={"raw": raw})["components"]["securitySchemes"] == {"raw": raw}
