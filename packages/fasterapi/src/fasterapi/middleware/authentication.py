"""Who is asking: `request.user` and `request.auth`, set by a backend of the user's.

Knows: the `authentication` module's classes. Does not know: passwords, tokens.
"""

from collections.abc import Callable

from fasterapi.authentication import (
    AuthCredentials,
    AuthenticationBackend,
    AuthenticationError,
    UnauthenticatedUser,
)
from fasterapi.exceptions import HTTPException
from fasterapi.middleware._refusal import TextRefusal
from fasterapi.requests import HTTPConnection
from fasterapi.responses import Response
from fasterapi.types import ASGIApp, Receive, Scope, Send


class AuthenticationMiddleware:
    """Ask `backend` about every HTTP request and WebSocket; its answer is in `scope["auth"]` and `["user"]`.

    When it raises `AuthenticationError`, `on_error(connection, error)` makes the response: without it, 400
    with the error's text. A WebSocket is closed.
    """

    def __init__(
        self,
        app: ASGIApp,
        backend: AuthenticationBackend,
        on_error: Callable[[HTTPConnection, AuthenticationError], Response] | None = None,
    ) -> None:
        self.app = app
        self.backend = backend
        self.on_error = self.default_on_error if on_error is None else on_error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        try:
            result = await self.backend.authenticate(connection)
        except AuthenticationError as error:
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1000})
            else:
                await self.on_error(connection, error)(scope, receive, send)
            return
        scope["auth"], scope["user"] = result or (AuthCredentials(), UnauthenticatedUser())
        await self.app(scope, receive, send)

    @staticmethod
    def default_on_error(conn: HTTPConnection, exc: Exception) -> Response:  # noqa: ARG004 - as `on_error`
        """400 with the error's text."""
        return TextRefusal(HTTPException(400, str(exc)))
