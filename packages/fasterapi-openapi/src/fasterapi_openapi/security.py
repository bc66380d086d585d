"""Security schemes as typed objects: the five kinds of OpenAPI 3.1.1, section 4.8.27.

Knows: their fields. Does not know: how a request is checked.
"""

from typing import Literal

import msgspec


class _Scheme(msgspec.Struct, omit_defaults=True, kw_only=True, rename="camel", tag_field="type"):
    description: str | None = None


class ApiKeyScheme(_Scheme, kw_only=True, tag="apiKey"):
    """A key in a header, a query parameter or a cookie.

    >>> import msgspec
    >>> msgspec.to_builtins(ApiKeyScheme(name="X-Key", location="header"))
    {'type': 'apiKey', 'name': 'X-Key', 'in': 'header'}
    """

    name: str
    location: Literal["header", "query", "cookie"] = msgspec.field(name="in")


class HttpScheme(_Scheme, kw_only=True, tag="http"):
    """A scheme of the `Authorization` header (RFC 9110, section 11): `basic`, `bearer`, `digest`, …"""

    scheme: str
    bearer_format: str | None = None


class MutualTLSScheme(_Scheme, kw_only=True, tag="mutualTLS"):
    """A client certificate."""


class OAuthFlow(msgspec.Struct, omit_defaults=True, kw_only=True, rename="camel"):
    """One OAuth 2 flow (RFC 6749); which of the addresses it needs depends on the flow.

    `device_authorization_url` (RFC 8628) is new in OpenAPI 3.2.
    """

    scopes: dict[str, str]
    authorization_url: str | None = None
    token_url: str | None = None
    device_authorization_url: str | None = None
    refresh_url: str | None = None


class OAuthFlows(msgspec.Struct, omit_defaults=True, kw_only=True, rename="camel"):
    implicit: OAuthFlow | None = None
    password: OAuthFlow | None = None
    client_credentials: OAuthFlow | None = None
    authorization_code: OAuthFlow | None = None
    device_authorization: OAuthFlow | None = None


class OAuth2Scheme(_Scheme, kw_only=True, tag="oauth2"):
    """OAuth 2 with its flows."""

    flows: OAuthFlows


class OpenIdConnectScheme(_Scheme, kw_only=True, tag="openIdConnect"):
    """OpenID Connect Discovery: the address of the provider's metadata."""

    open_id_connect_url: str


SecurityScheme = ApiKeyScheme | HttpScheme | MutualTLSScheme | OAuth2Scheme | OpenIdConnectScheme
