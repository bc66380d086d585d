"""OpenID Connect: where its discovery document is.

Knows: OpenAPI's name for it. Does not know: the protocol, which is left to the application.
"""

from fasterapi.requests import HTTPConnection
from fasterapi.security import models
from fasterapi.security.base import SecurityBase


class OpenIdConnect(SecurityBase):
    """Gives the whole `Authorization` header, unchecked.

    >>> OpenIdConnect(openIdConnectUrl="/.well-known/openid-configuration").scheme_name
    'OpenIdConnect'
    """

    def __init__(
        self,
        *,
        openIdConnectUrl: str,  # noqa: N803 - OpenAPI's name
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        model = models.OpenIdConnect(openIdConnectUrl=openIdConnectUrl, description=description)
        self._describe(model, scheme_name, auto_error)

    async def __call__(self, request: HTTPConnection) -> str | None:
        authorization = request.headers.get("authorization")
        if not authorization:
            self._refuse_if_required()
            return None
        return authorization
