"""Security schemes as the OpenAPI document has them (OpenAPI 3.1, section 4.8.27)

Knows: field names and which of them are required. Does not know: requests.

`msgspec.to_builtins(scheme.model)` gives the object; what was not set is left out.
"""

from typing import Literal

from msgspec import Struct, field


def _no_scopes() -> dict[str, str]:
    return {}


class SecurityScheme(Struct, kw_only=True, omit_defaults=True, tag_field="type"):
    """What all kinds have in common."""

    description: str | None = None

    @property
    def type(self) -> str:
        """The kind: `apiKey`, `http`, `oauth2` or `openIdConnect`."""
        return str(self.__struct_config__.tag)


class APIKey(SecurityScheme, tag="apiKey", kw_only=True):
    """A key in a header, a cookie or the query."""

    name: str
    in_: Literal["query", "header", "cookie"] = field(name="in")


class HTTPBase(SecurityScheme, tag="http", kw_only=True):
    """An `Authorization` header of the given scheme."""

    scheme: str
    bearerFormat: str | None = None  # noqa: N815 - OpenAPI's name


class OAuthFlow(Struct, kw_only=True, omit_defaults=True):
    """What all flows have in common. `scopes`, which OpenAPI requires, maps each one to a description."""

    refreshUrl: str | None = None  # noqa: N815 - OpenAPI's name
    # A factory of our own, because `omit_defaults` leaves out an empty `dict()`.
    scopes: dict[str, str] = field(default_factory=_no_scopes)


class OAuthFlowImplicit(OAuthFlow, kw_only=True):
    """The implicit flow."""

    authorizationUrl: str  # noqa: N815 - OpenAPI's name


class OAuthFlowPassword(OAuthFlow, kw_only=True):
    """The resource owner password flow."""

    tokenUrl: str  # noqa: N815 - OpenAPI's name


class OAuthFlowClientCredentials(OAuthFlow, kw_only=True):
    """The client credentials flow."""

    tokenUrl: str  # noqa: N815 - OpenAPI's name


class OAuthFlowAuthorizationCode(OAuthFlow, kw_only=True):
    """The authorization code flow."""

    authorizationUrl: str  # noqa: N815 - OpenAPI's name
    tokenUrl: str  # noqa: N815 - OpenAPI's name


class OAuthFlows(Struct, kw_only=True, omit_defaults=True):
    """The flows by which a token may be had.

    >>> import msgspec
    >>> msgspec.to_builtins(OAuthFlows(password=OAuthFlowPassword(tokenUrl="token")))
    {'password': {'scopes': {}, 'tokenUrl': 'token'}}
    """

    implicit: OAuthFlowImplicit | None = None
    password: OAuthFlowPassword | None = None
    clientCredentials: OAuthFlowClientCredentials | None = None  # noqa: N815 - OpenAPI's name
    authorizationCode: OAuthFlowAuthorizationCode | None = None  # noqa: N815 - OpenAPI's name


class OAuth2(SecurityScheme, tag="oauth2", kw_only=True):
    """OAuth 2.0."""

    flows: OAuthFlows


class OpenIdConnect(SecurityScheme, tag="openIdConnect", kw_only=True):
    """OpenID Connect Discovery."""

    openIdConnectUrl: str  # noqa: N815 - OpenAPI's name
