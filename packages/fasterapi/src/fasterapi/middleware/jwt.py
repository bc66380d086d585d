"""Users by JSON Web Token: `request.user`, and `request.auth` with the token's scopes, for `requires(...)`.

Knows: `JWTBearer` and its errors, the `authentication` module's classes. Does not know: keys, signatures.
"""

from typing import Any

from fasterapi.authentication import (
    AuthCredentials,
    AuthenticationBackend,
    AuthenticationError,
    BaseUser,
)
from fasterapi.exceptions import HTTPException
from fasterapi.middleware._refusal import JSONRefusal
from fasterapi.middleware.authentication import AuthenticationMiddleware
from fasterapi.requests import HTTPConnection
from fasterapi.responses import Response
from fasterapi.security._refreshed import Unavailable
from fasterapi.security._verifier import InvalidToken
from fasterapi.security.jwt import JWTBearer, bearer_token
from fasterapi.types import ASGIApp

__all__ = ["JWTBackend", "JWTMiddleware", "JWTUser"]


class JWTUser(BaseUser):
    """Whom a good token is about: `claims` are of the type that the scheme converts them to."""

    def __init__(self, subject: str, claims: Any) -> None:
        self._subject = subject
        self.claims = claims

    @property
    def is_authenticated(self) -> bool:
        return True

    @property
    def display_name(self) -> str:
        return self._subject

    @property
    def identity(self) -> str:
        """The claim `sub`; empty without one."""
        return self._subject


class JWTBackend(AuthenticationBackend):
    """Asks `bearer` about the token of a request; one without a token is nobody's."""

    def __init__(self, bearer: JWTBearer) -> None:
        self.bearer = bearer

    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, BaseUser] | None:
        token = bearer_token(conn)
        if token is None:
            return None
        verifier = self.bearer.verifier
        try:
            claims = await verifier.verify(token)
            user = JWTUser(str(claims.get("sub", "")), verifier.convert(claims))
        except (InvalidToken, Unavailable) as error:
            raise AuthenticationError(str(error)) from error
        return AuthCredentials(verifier.scopes(claims)), user

    def on_error(self, conn: HTTPConnection, exc: AuthenticationError) -> Response:  # noqa: ARG002
        """401 with the challenge of a bad token; 503 while there are no keys."""
        cause = exc.__cause__
        error = (
            self.bearer.make_invalid_token_error(cause)
            if isinstance(cause, InvalidToken)
            else HTTPException(503, "The keys of the issuer are not available")
        )
        return JSONRefusal(error)


class JWTMiddleware(AuthenticationMiddleware):
    """`AuthenticationMiddleware` with a `JWTBackend`: `app.add_middleware(JWTMiddleware, bearer=jwt)`."""

    def __init__(self, app: ASGIApp, bearer: JWTBearer) -> None:
        backend = JWTBackend(bearer)
        super().__init__(app, backend, backend.on_error)
