"""Users and their rights, in Starlette's terms.

Knows: credentials as a list of scopes. Does not know: how they are proved.
"""

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ParamSpec
from urllib.parse import urlencode

from fasterapi.exceptions import FasterAPIError, HTTPException
from fasterapi.requests import HTTPConnection
from fasterapi.responses import RedirectResponse

__all__ = [
    "AuthCredentials",
    "AuthenticationBackend",
    "AuthenticationError",
    "BaseUser",
    "SimpleUser",
    "UnauthenticatedUser",
    "has_required_scope",
    "requires",
]

P = ParamSpec("P")


class AuthenticationError(Exception):
    """The request says who it is from, and it is not true. The text may be shown to the client."""


class AuthCredentials:
    """What a request is allowed to do.

    >>> AuthCredentials(["items:read"]).scopes
    ['items:read']
    """

    def __init__(self, scopes: Sequence[str] | None = None) -> None:
        self.scopes = list(scopes or ())


class BaseUser:
    """What a user is to the framework."""

    @property
    def is_authenticated(self) -> bool:
        """Whether the backend knows who this is."""
        raise NotImplementedError

    @property
    def display_name(self) -> str:
        """A name for people."""
        raise NotImplementedError

    @property
    def identity(self) -> str:
        """A name for programs."""
        raise NotImplementedError


class SimpleUser(BaseUser):
    """An authenticated user with nothing but a name.

    >>> SimpleUser("ada").is_authenticated
    True
    """

    def __init__(self, username: str) -> None:
        self.username = username

    @property
    def is_authenticated(self) -> bool:
        return True

    @property
    def display_name(self) -> str:
        return self.username

    @property
    def identity(self) -> str:
        return self.username


class UnauthenticatedUser(BaseUser):
    """Nobody in particular."""

    @property
    def is_authenticated(self) -> bool:
        return False

    @property
    def display_name(self) -> str:
        return ""

    @property
    def identity(self) -> str:
        return ""


class AuthenticationBackend:
    """Finds out who sent a request; for `AuthenticationMiddleware`."""

    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, BaseUser] | None:
        """The credentials and the user, or `None` for a request that does not say.

        Raises `AuthenticationError` for one that says something wrong.
        """
        raise NotImplementedError


def has_required_scope(conn: HTTPConnection, scopes: Sequence[str]) -> bool:
    """Whether the request has all of `scopes`."""
    return set(scopes) <= set(conn.auth.scopes)


def requires(
    scopes: str | Sequence[str], status_code: int = 403, redirect: str | None = None
) -> Callable[[Callable[P, Any]], Callable[P, Any]]:
    """Let only requests with all of `scopes` reach a handler, which has a parameter `request` or `websocket`.

    The others are answered by `status_code`, or redirected to the route named `redirect`, with the address
    that they wanted as `?next=`; a WebSocket is closed. Raises `FasterAPIError` for a handler without such a
    parameter.
    """
    needed = [scopes] if isinstance(scopes, str) else list(scopes)

    def decorate(handler: Callable[P, Any]) -> Callable[P, Any]:
        guard = _Guard(handler, status_code, redirect)

        @functools.wraps(handler)
        async def guarded_async(*args: P.args, **kwargs: P.kwargs) -> Any:
            connection = guard.connection(args, kwargs)
            if has_required_scope(connection, needed):
                return await handler(*args, **kwargs)
            if guard.parameter == "websocket":
                return await connection.close()
            return guard.refusal(connection)

        @functools.wraps(handler)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> Any:
            connection = guard.connection(args, kwargs)
            if has_required_scope(connection, needed):
                return handler(*args, **kwargs)
            return guard.refusal(connection)

        return guarded_async if inspect.iscoroutinefunction(handler) else guarded

    return decorate


class _Guard:
    """Finds the connection among a handler's arguments, and answers in the handler's place."""

    def __init__(
        self,
        handler: Callable[..., Any],
        status_code: int,
        redirect: str | None,
    ) -> None:
        self.status_code = status_code
        self.redirect = redirect
        self.name = getattr(handler, "__qualname__", repr(handler))
        names = list(inspect.signature(handler).parameters)
        found = [name for name in names if name in ("request", "websocket")]
        if not found:
            code = getattr(handler, "__code__", None)
            place = f" ({code.co_filename}:{code.co_firstlineno})" if code else ""
            raise FasterAPIError(
                f"@requires: {self.name}{place} has no parameter 'request' or 'websocket'\n"
                "  fix: add `request: Request`, or `websocket: WebSocket`"
            )
        self.parameter = found[0]
        self.position = names.index(self.parameter)

    def connection(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """The `Request` or `WebSocket` among the arguments of a call."""
        connection = kwargs.get(self.parameter)
        if connection is None and self.position < len(args):
            connection = args[self.position]
        if not isinstance(connection, HTTPConnection):
            raise TypeError(
                f"@requires: parameter {self.parameter!r} of {self.name} must be the connection,"
                f" got {type(connection).__name__}"
            )
        return connection

    def refusal(self, connection: HTTPConnection) -> RedirectResponse:
        """The redirect, or the error."""
        if self.redirect is None:
            raise HTTPException(self.status_code)
        target = urlencode({"next": str(connection.url)})
        return RedirectResponse(f"{connection.url_for(self.redirect)}?{target}", status_code=303)
