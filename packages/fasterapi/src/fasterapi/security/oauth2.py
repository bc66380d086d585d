"""OAuth 2.0: where tokens come from, and the bearer token of a request.

Knows: the flows of RFC 6749, the form fields of its password flow. Does not know: tokens, users.
"""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from fasterapi.params import Form
from fasterapi.requests import HTTPConnection
from fasterapi.security import models
from fasterapi.security.base import SecurityBase
from fasterapi.security.scopes import SecurityScopes
from fasterapi.security.utils import get_authorization_scheme_param

__all__ = [
    "OAuth2",
    "OAuth2AuthorizationCodeBearer",
    "OAuth2PasswordBearer",
    "OAuth2PasswordRequestForm",
    "OAuth2PasswordRequestFormStrict",
    "SecurityScopes",
]


class OAuth2PasswordRequestForm:
    """The form of the password flow (RFC 6749, section 4.3.2), as a dependency: `Annotated[..., Depends()]`.

    `scope` is one text of scopes with spaces between them; the attribute `scopes` is their list. `grant_type`
    may be left out, which the RFC does not allow: `OAuth2PasswordRequestFormStrict` demands it.

    >>> OAuth2PasswordRequestForm(username="ada", password="secret", scope="a b").scopes
    ['a', 'b']
    """

    def __init__(
        self,
        *,
        grant_type: Annotated[str | None, Form(pattern="^password$")] = None,
        username: Annotated[str, Form()],
        password: Annotated[str, Form(json_schema_extra={"format": "password"})],
        scope: Annotated[str, Form()] = "",
        client_id: Annotated[str | None, Form()] = None,
        client_secret: Annotated[str | None, Form(json_schema_extra={"format": "password"})] = None,
    ) -> None:
        self.grant_type = grant_type
        self.username = username
        self.password = password
        self.scopes = scope.split()
        self.client_id = client_id
        self.client_secret = client_secret


class OAuth2PasswordRequestFormStrict(OAuth2PasswordRequestForm):
    """As `OAuth2PasswordRequestForm`, with `grant_type=password` required."""

    def __init__(  # noqa: PLR0917 - FastAPI's order of parameters
        self,
        grant_type: Annotated[str, Form(pattern="^password$")],
        username: Annotated[str, Form()],
        password: Annotated[str, Form()],
        scope: Annotated[str, Form()] = "",
        client_id: Annotated[str | None, Form()] = None,
        client_secret: Annotated[str | None, Form()] = None,
    ) -> None:
        super().__init__(
            grant_type=grant_type,
            username=username,
            password=password,
            scope=scope,
            client_id=client_id,
            client_secret=client_secret,
        )


class OAuth2(SecurityBase):
    """OAuth 2.0 with any flows; gives the whole `Authorization` header.

    `flows` are `models.OAuthFlows`, or a dict of the same form, which is checked: `msgspec.ValidationError`
    names the field that is missing.

    >>> OAuth2(flows={"password": {"tokenUrl": "token"}}).model.flows.password.tokenUrl
    'token'
    """

    model: models.OAuth2

    def __init__(
        self,
        *,
        flows: models.OAuthFlows | Mapping[str, Mapping[str, Any]] | None = None,
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        checked = msgspec.convert(flows or {}, models.OAuthFlows, from_attributes=True)
        self._describe(models.OAuth2(flows=checked, description=description), scheme_name, auto_error)

    async def __call__(self, request: HTTPConnection) -> str | None:
        authorization = request.headers.get("authorization")
        if not authorization:
            self._refuse_if_required()
            return None
        return authorization


class _OAuth2Bearer(OAuth2):
    """Gives the token behind `Bearer`."""

    async def __call__(self, request: HTTPConnection) -> str | None:
        scheme, token = get_authorization_scheme_param(request.headers.get("authorization"))
        if scheme.lower() != "bearer":
            self._refuse_if_required()
            return None
        return token


class OAuth2PasswordBearer(_OAuth2Bearer):
    """The bearer token of the password flow; `tokenUrl` is where name and password are exchanged for it.

    >>> OAuth2PasswordBearer(tokenUrl="token", scopes={"me": "Read about me."}).model.flows.password.scopes
    {'me': 'Read about me.'}
    """

    def __init__(  # noqa: PLR0917 - FastAPI's order of parameters
        self,
        tokenUrl: str,  # noqa: N803 - OpenAPI's name
        scheme_name: str | None = None,
        scopes: dict[str, str] | None = None,
        description: str | None = None,
        auto_error: bool = True,
        refreshUrl: str | None = None,  # noqa: N803 - OpenAPI's name
    ) -> None:
        flow = models.OAuthFlowPassword(tokenUrl=tokenUrl, refreshUrl=refreshUrl, scopes=scopes or {})
        super().__init__(
            flows=models.OAuthFlows(password=flow),
            scheme_name=scheme_name,
            description=description,
            auto_error=auto_error,
        )


class OAuth2AuthorizationCodeBearer(_OAuth2Bearer):
    """The bearer token of the authorization code flow, which begins at `authorizationUrl`."""

    def __init__(  # noqa: PLR0917 - FastAPI's order of parameters
        self,
        authorizationUrl: str,  # noqa: N803 - OpenAPI's name
        tokenUrl: str,  # noqa: N803 - OpenAPI's name
        refreshUrl: str | None = None,  # noqa: N803 - OpenAPI's name
        scheme_name: str | None = None,
        scopes: dict[str, str] | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        flow = models.OAuthFlowAuthorizationCode(
            authorizationUrl=authorizationUrl, tokenUrl=tokenUrl, refreshUrl=refreshUrl, scopes=scopes or {}
        )
        super().__init__(
            flows=models.OAuthFlows(authorizationCode=flow),
            scheme_name=scheme_name,
            description=description,
            auto_error=auto_error,
        )
