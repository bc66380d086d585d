"""Requests that somebody else's page makes a browser send are refused.

Knows: where requests come from (`_origins`), tokens in a cookie and in the request (the signed double submit of
OWASP's cheat sheet). Does not know: sessions, forms (`_formfield`).
Invariant: tokens are compared in constant time, and a refused request reaches nobody.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, Literal

from fasterapi.datastructures import Secret
from fasterapi.exceptions import FasterAPIError, HTTPException
from fasterapi.middleware import _headers
from fasterapi.middleware._formfield import find_field
from fasterapi.middleware._origins import check_origins, is_cross_origin
from fasterapi.middleware._refusal import refuse
from fasterapi.requests import HTTPConnection
from fasterapi.responses import Response
from fasterapi.routing.entries import route_path
from fasterapi.security import compare_secrets
from fasterapi.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["CSRFMiddleware", "csrf_token"]

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "QUERY"})
_SCOPE_KEY: Final = "fasterapi.csrf"


def csrf_token(connection: HTTPConnection) -> str:
    """The token for a form that this request is answered with: the value of its hidden field.

    The answer then sets the cookie, if the client has none yet. A page whose scripts send the token in the
    header needs the cookie alone: call this in the handler of the page, or of an address that the scripts get.
    Raises `FasterAPIError` without a `CSRFMiddleware` that has a key.
    """
    token: _Token | None = connection.scope.get(_SCOPE_KEY)
    if token is None:
        raise FasterAPIError(
            "there is no CSRF token here: app.add_middleware(CSRFMiddleware, secret_key=...) makes one,"
            " except for exempt paths"
        )
    return token.read()


class CSRFMiddleware:
    """Refuse requests of other origins by 403, and with a `secret_key` also those without the token.

    Without a key, a browser's own word counts: a request with an unsafe method whose `Sec-Fetch-Site` or `Origin`
    names another origin is refused, unless that is in `trusted_origins`. With a key, the request must moreover
    have the token of the cookie `cookie_name` in the header `header_name`, or in the field `field_name` of a form, in
    its first MiB. Templates get it from `csrf_token(request)`, which sets the cookie; scripts read that.

    `exempt` are paths that are not looked at, `"/hooks/*"` with all below. `bind` gives a text, the user's or
    session's id, to which a token is bound: one that was given for another is refused. WebSockets pass.
    Raises `ValueError` for an empty key, a malformed origin or path, a cookie that browsers would refuse.
    """

    def __init__(
        self,
        app: ASGIApp,
        secret_key: str | Secret | None = None,
        *,
        trusted_origins: Iterable[str] = (),
        exempt: Iterable[str] = (),
        bind: Callable[[HTTPConnection], str] | None = None,
        cookie_name: str = "csrftoken",
        header_name: str = "X-CSRFToken",
        field_name: str = "csrf_token",
        path: str = "/",
        domain: str | None = None,
        same_site: Literal["lax", "strict", "none"] = "lax",
        https_only: bool = False,
    ) -> None:
        if secret_key is not None and not str(secret_key):
            raise ValueError("CSRFMiddleware: secret_key is empty, so anybody could sign a token")
        self.app = app
        self.trusted_origins = check_origins("CSRFMiddleware", trusted_origins)
        self.bind = bind
        self.cookie_name = cookie_name
        self.header_name = header_name
        self.field_name = field_name
        self._key = None if secret_key is None else b"csrf\0" + str(secret_key).encode()
        self._header = header_name.lower().encode("latin-1")
        self._exempt, self._exempt_below = _read_exempt(exempt)
        self._cookie_options = {"path": path, "domain": domain, "samesite": same_site, "secure": https_only}
        self._cookie("x")  # a cookie that browsers would refuse is told now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._is_exempt(scope):
            await self.app(scope, receive, send)
            return
        is_safe = scope["method"] in _SAFE
        if not is_safe and is_cross_origin(scope, self.trusted_origins):
            await refuse(HTTPException(403, "The request comes from another origin"), scope, receive, send)
            return
        if self._key is None:
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        bound = "" if self.bind is None else self.bind(connection)
        known = self._known(connection, bound)
        if not is_safe:
            given, receive = await self._given(scope, receive)
            if known is None or given is None or not compare_secrets(given, known):
                await refuse(HTTPException(403, "CSRF token missing or incorrect"), scope, receive, send)
                return
        token = scope[_SCOPE_KEY] = _Token(known, lambda: self._new(bound))

        def send_with_cookie(message: Message) -> Awaitable[None]:
            if token.value is not None and message["type"] == "http.response.start":
                headers = _headers.with_vary(message.get("headers", ()), b"Cookie")
                if token.value != known:
                    headers += self._cookie(token.value)
                message = {**message, "headers": headers}
            return send(message)

        await self.app(scope, receive, send_with_cookie)

    def _cookie(self, value: str) -> _headers.Headers:
        response = Response()
        response.set_cookie(self.cookie_name, value, **self._cookie_options)  # type: ignore[arg-type] # as __init__'s
        return [pair for pair in response.raw_headers if pair[0] == b"set-cookie"]

    def _known(self, connection: HTTPConnection, bound: str) -> str | None:
        """The cookie's token, if it was signed here and for `bound`."""
        token = connection.cookies.get(self.cookie_name, "")
        nonce, separator, _ = token.partition(".")
        return token if separator and compare_secrets(token, self._signed(nonce, bound)) else None

    async def _given(self, scope: Scope, receive: Receive) -> tuple[str | None, Receive]:
        header = _headers.find(scope.get("headers", ()), self._header)
        if header is not None:
            return header.decode("latin-1"), receive
        return await find_field(scope, receive, self.field_name)

    def _new(self, bound: str) -> str:
        return self._signed(secrets.token_urlsafe(16), bound)

    def _signed(self, nonce: str, bound: str) -> str:
        assert self._key is not None
        # A nonce has no dot: what is signed cannot be taken apart in two ways.
        signed = f"{nonce}.{bound}".encode("utf-8", "surrogatepass")
        signature = hmac.digest(self._key, signed, hashlib.sha256)
        return f"{nonce}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"

    def _is_exempt(self, scope: Scope) -> bool:
        if not (self._exempt or self._exempt_below):
            return False
        path = route_path(scope)
        return path in self._exempt or path.startswith(self._exempt_below)


class _Token:
    """The token of one request: the client's own, or a new one; `value` is there once somebody has asked for it."""

    __slots__ = ("_known", "_make", "value")

    def __init__(self, known: str | None, make: Callable[[], str]) -> None:
        self.value: str | None = None
        self._known = known
        self._make = make

    def read(self) -> str:
        if self.value is None:
            self.value = self._known or self._make()
        return self.value


def _read_exempt(paths: Iterable[str]) -> tuple[frozenset[str], tuple[str, ...]]:
    """The exact paths, and the prefixes, each of which ends with a slash.

    >>> _read_exempt(["/hook", "/hooks/*"])
    (frozenset({'/hook'}), ('/hooks/',))
    """
    _headers.require_list("CSRFMiddleware", "exempt", paths)
    paths = list(paths)
    exact = {path for path in paths if not path.endswith("/*")}
    below = tuple(path.removesuffix("*") for path in paths if path.endswith("/*"))
    for path in [*exact, *below]:
        if not path.startswith("/") or "*" in path:
            raise ValueError(
                f'CSRFMiddleware: an exempt path is written as "/hook" or "/hooks/*", not {path!r}'
            )
    return frozenset(exact), below
