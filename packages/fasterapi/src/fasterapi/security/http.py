"""The `Authorization` header: Basic, Bearer and Digest.

Knows: RFC 9110 section 11, RFC 7617 (Basic), RFC 6750 (Bearer). Does not know: users, tokens.
Invariant: scheme names have no case (RFC 9110, section 11.1); malformed credentials are a 401.
"""

import base64
import binascii

from msgspec import Struct

from fasterapi.requests import HTTPConnection
from fasterapi.security import models
from fasterapi.security.base import SecurityBase
from fasterapi.security.utils import get_authorization_scheme_param


class HTTPBasicCredentials(Struct):
    """The name and password of HTTP Basic. Compare them by `compare_secrets`."""

    username: str
    password: str


class HTTPAuthorizationCredentials(Struct):
    """The scheme, as it was written, and the credentials of an `Authorization` header."""

    scheme: str
    credentials: str


class HTTPBase(SecurityBase):
    """Any scheme of the `Authorization` header.

    The request's scheme is not checked against this one's: the subclasses do that.
    """

    model: models.HTTPBase
    _checks_scheme = False

    def __init__(
        self,
        *,
        scheme: str,
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        self._describe(models.HTTPBase(scheme=scheme, description=description), scheme_name, auto_error)

    def make_authenticate_headers(self) -> dict[str, str]:
        """The scheme's name as the challenge."""
        return {"WWW-Authenticate": self.model.scheme.title()}

    async def __call__(self, request: HTTPConnection) -> HTTPAuthorizationCredentials | None:
        scheme, credentials = get_authorization_scheme_param(request.headers.get("authorization"))
        is_other = self._checks_scheme and scheme.lower() != self.model.scheme
        if not (scheme and credentials) or is_other:
            self._refuse_if_required()
            return None
        return HTTPAuthorizationCredentials(scheme, credentials)


class HTTPBasic(HTTPBase):
    """HTTP Basic authentication (RFC 7617); names and passwords are UTF-8.

    >>> HTTPBasic(realm="shop").make_authenticate_headers()
    {'WWW-Authenticate': 'Basic realm="shop"'}
    """

    def __init__(
        self,
        *,
        scheme_name: str | None = None,
        realm: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        super().__init__(
            scheme="basic", scheme_name=scheme_name, description=description, auto_error=auto_error
        )
        self.realm = realm

    def make_authenticate_headers(self) -> dict[str, str]:
        """`Basic`, with the realm as a quoted string."""
        if not self.realm:
            return {"WWW-Authenticate": "Basic"}
        quoted = self.realm.replace("\\", "\\\\").replace('"', '\\"')
        return {"WWW-Authenticate": f'Basic realm="{quoted}"'}

    async def __call__(  # type: ignore[override] # FastAPI's: Basic has credentials of its own
        self, request: HTTPConnection
    ) -> HTTPBasicCredentials | None:
        scheme, encoded = get_authorization_scheme_param(request.headers.get("authorization"))
        if scheme.lower() != "basic":
            self._refuse_if_required()
            return None
        try:
            text = base64.b64decode(encoded, validate=True).decode()
        except (binascii.Error, ValueError) as error:
            raise self.make_not_authenticated_error() from error
        username, separator, password = text.partition(":")
        if not separator:
            raise self.make_not_authenticated_error()
        return HTTPBasicCredentials(username, password)


class HTTPBearer(HTTPBase):
    """A bearer token (RFC 6750).

    >>> HTTPBearer(bearerFormat="JWT").model.bearerFormat
    'JWT'
    """

    _checks_scheme = True

    def __init__(
        self,
        *,
        bearerFormat: str | None = None,  # noqa: N803 - OpenAPI's name
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        model = models.HTTPBase(scheme="bearer", bearerFormat=bearerFormat, description=description)
        self._describe(model, scheme_name, auto_error)


class HTTPDigest(HTTPBase):
    """The credentials of HTTP Digest (RFC 7616), unchecked: the protocol is left to the application."""

    _checks_scheme = True

    def __init__(
        self,
        *,
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        super().__init__(
            scheme="digest", scheme_name=scheme_name, description=description, auto_error=auto_error
        )
