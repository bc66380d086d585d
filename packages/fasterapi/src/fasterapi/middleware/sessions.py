"""Sessions: in a signed cookie, which the client can read but not change, or in a store on the server.

Knows: itsdangerous (the extra `sessions`), cookies. Does not know: what is kept in a session.
Invariant: a cookie that was not signed here, or is too old, or cannot be read, is an empty session.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from fasterapi.datastructures import Secret
from fasterapi.middleware import _headers
from fasterapi.middleware._session import Session
from fasterapi.requests import HTTPConnection
from fasterapi.types import ASGIApp, Message, Receive, Scope, Send

if TYPE_CHECKING:
    from fasterapi.stores import Store

__all__ = ["Session", "SessionMiddleware"]


class SessionMiddleware:
    """`request.session`, a dict of JSON values that comes back with the client's next request.

    With a `store`, the cookie has nothing but a random key, which is signed too, and the values stay there for
    `max_age` from their last change. `max_age` is in seconds, `None` keeps the cookie until the browser is
    closed. Options as Starlette's, whose cookies are read too. Raises `ValueError` for an empty key,
    `RuntimeError` if itsdangerous is not installed.
    """

    def __init__(  # noqa: PLR0917 - Starlette's order of parameters
        self,
        app: ASGIApp,
        secret_key: str | Secret,
        session_cookie: str = "session",
        max_age: int | None = 14 * 24 * 60 * 60,
        path: str = "/",
        same_site: Literal["lax", "strict", "none"] = "lax",
        https_only: bool = False,
        domain: str | None = None,
        partitioned: bool = False,
        *,
        store: Store | None = None,
    ) -> None:
        if not str(secret_key):
            raise ValueError("SessionMiddleware: secret_key is empty, so anybody could sign a session")
        self.app = app
        self.session_cookie = session_cookie
        self.max_age = max_age
        self.path = path
        self.security_flags = f"httponly; samesite={same_site}"
        if https_only:
            self.security_flags += "; secure"
        if domain is not None:
            self.security_flags += f"; domain={domain}"
        if partitioned:
            self.security_flags += "; partitioned"
        signer = _Signer(str(secret_key), max_age)
        self._keeper: _Keeper = _InCookie(signer) if store is None else _InStore(signer, store, max_age)
        self._cookie_name = session_cookie.encode("latin-1")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        cookie = self._find_cookie(scope)
        session = Session() if cookie is None else Session(await self._keeper.load(cookie))
        scope["session"] = session
        # Without values, there is nothing on the client's side that would have to be taken back.
        kept = cookie if session else None

        def send_with_cookie(message: Message) -> Awaitable[None]:
            if message["type"] in ("http.response.start", "websocket.accept"):
                # The application may have put another session in the place of ours.
                current = scope["session"]
                if getattr(current, "accessed", True):
                    return self._send_with_cookie(send, message, current, kept)
            return send(message)

        await self.app(scope, receive, send_with_cookie)

    def _find_cookie(self, scope: Scope) -> str | None:
        for name, value in scope.get("headers", ()):
            # The cookies of a request that can have no session need not be parsed.
            if name == b"cookie" and self._cookie_name in value:
                return HTTPConnection(scope).cookies.get(self.session_cookie)
        return None

    async def _send_with_cookie(
        self, send: Send, message: Message, session: dict[str, Any], kept: str | None
    ) -> None:
        headers = _headers.with_vary(message.get("headers", ()), b"Cookie")
        if getattr(session, "modified", True):
            if session:
                value = await self._keeper.save(session, kept)
                age = "" if self.max_age is None else f"Max-Age={self.max_age}; "
                if value is not None:
                    headers.append(self._set_cookie(value, age))
            elif kept is not None:
                await self._keeper.drop(kept)
                headers.append(self._set_cookie("null", "expires=Thu, 01 Jan 1970 00:00:00 GMT; "))
        await send({**message, "headers": headers})

    def _set_cookie(self, value: str, life: str) -> tuple[bytes, bytes]:
        cookie = f"{self.session_cookie}={value}; path={self.path}; {life}{self.security_flags}"
        return b"set-cookie", cookie.encode("latin-1")


class _Signer:
    """Bytes ↔ signed, dated text."""

    def __init__(self, secret_key: str, max_age: int | None) -> None:
        try:
            import itsdangerous  # noqa: PLC0415 - an extra, wanted by this middleware alone
        except ModuleNotFoundError as error:
            raise RuntimeError(
                "SessionMiddleware needs itsdangerous, which is not installed.\n"
                '  fix: pip install "fasterapi[sessions]", or pip install itsdangerous'
            ) from error
        self._signer = itsdangerous.TimestampSigner(secret_key)
        self._refused = itsdangerous.BadSignature
        self._max_age = max_age

    def sign(self, data: bytes) -> str:
        return self._signer.sign(data).decode("ascii")

    def unsign(self, cookie: str) -> bytes | None:
        try:
            return self._signer.unsign(cookie, max_age=self._max_age)
        except self._refused:
            return None


class _Keeper(Protocol):
    """Keeps the values of sessions between requests; `cookie` is what the client sent back.

    `save` gives the new cookie, `None` for a session that was ended meanwhile.
    """

    async def load(self, cookie: str) -> dict[str, Any]: ...
    async def save(self, session: dict[str, Any], cookie: str | None) -> str | None: ...
    async def drop(self, cookie: str) -> None: ...


class _InCookie:
    """The values themselves are in the cookie."""

    def __init__(self, signer: _Signer) -> None:
        self._signer = signer

    async def load(self, cookie: str) -> dict[str, Any]:
        try:
            values = json.loads(base64.b64decode(self._signer.unsign(cookie) or b""))
        except ValueError:  # no base64, no UTF-8, no JSON
            return {}
        return values if isinstance(values, dict) else {}

    async def save(self, session: dict[str, Any], cookie: str | None) -> str:
        del cookie  # replaced
        return self._signer.sign(base64.b64encode(json.dumps(session).encode()))

    async def drop(self, cookie: str) -> None:
        """There is nothing but the cookie."""


class _InStore:
    """The cookie has a key, the store the values. A key that a client made up is never looked for."""

    def __init__(self, signer: _Signer, store: Store, max_age: int | None) -> None:
        self._signer = signer
        self._store = store
        self._max_age = max_age

    async def load(self, cookie: str) -> dict[str, Any]:
        key = self._key_in(cookie)
        text = None if key is None else await self._store.get(key)
        values: dict[str, Any] = {} if text is None else json.loads(text)
        return values

    async def save(self, session: dict[str, Any], cookie: str | None) -> str | None:
        key = None if cookie is None else self._key_in(cookie)
        if key is not None and getattr(session, "renewed", False):
            await self._store.delete(key)
            key = None
        elif key is not None and await self._store.get(key) is None:
            return None  # another request signed out while this one ran: it must not sign in again
        if key is None:
            key = _PREFIX + secrets.token_urlsafe(32)
        await self._store.set(key, json.dumps(session).encode(), self._max_age)
        return self._signer.sign(key.removeprefix(_PREFIX).encode())

    async def drop(self, cookie: str) -> None:
        key = self._key_in(cookie)
        if key is not None:
            await self._store.delete(key)

    def _key_in(self, cookie: str) -> str | None:
        key = self._signer.unsign(cookie)
        return None if key is None else _PREFIX + key.decode()


# Sessions may share a store with answers and counters.
_PREFIX: Final = "session:"
