"""Sessions in a signed cookie: the client can read them, but not change them.

Knows: itsdangerous (the extra `sessions`), cookies. Does not know: what is kept in a session.
Invariant: a cookie that was not signed here, or is too old, or cannot be read, is an empty session.
"""

import base64
import binascii
import json
from collections.abc import Awaitable
from typing import Any, Literal, Self

from fasterapi.datastructures import Secret
from fasterapi.middleware import _headers
from fasterapi.requests import HTTPConnection
from fasterapi.types import ASGIApp, Message, Receive, Scope, Send


class SessionMiddleware:
    """`request.session`, a dict of JSON values that comes back with the client's next request.

    `max_age` is in seconds, `None` keeps the cookie until the browser is closed. Options as Starlette's,
    whose cookies are read too. Raises `ValueError` for an empty key, `RuntimeError` if itsdangerous is not
    installed.
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
        self._signer = _Signer(str(secret_key), max_age)
        self._cookie_name = session_cookie.encode("latin-1")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        session = self._read(scope)
        was_empty = not session
        scope["session"] = session

        def send_with_cookie(message: Message) -> Awaitable[None]:
            if message["type"] in ("http.response.start", "websocket.accept"):
                # The application may have put another session in the place of ours.
                current = scope["session"]
                if getattr(current, "accessed", True):
                    message = self._with_cookie(message, current, was_empty)
            return send(message)

        await self.app(scope, receive, send_with_cookie)

    def _read(self, scope: Scope) -> "Session":
        for name, value in scope["headers"]:
            # The cookies of a request that can have no session need not be parsed.
            if name == b"cookie" and self._cookie_name in value:
                cookie = HTTPConnection(scope).cookies.get(self.session_cookie)
                return Session() if cookie is None else Session(self._signer.read(cookie))
        return Session()

    def _with_cookie(self, message: Message, session: dict[str, Any], was_empty: bool) -> Message:
        headers = _headers.with_vary(message.get("headers", ()), b"Cookie")
        if getattr(session, "modified", True):
            if session:
                age = "" if self.max_age is None else f"Max-Age={self.max_age}; "
                headers.append(self._set_cookie(self._signer.sign(session), age))
            elif not was_empty:
                headers.append(self._set_cookie("null", "expires=Thu, 01 Jan 1970 00:00:00 GMT; "))
        return {**message, "headers": headers}

    def _set_cookie(self, value: str, life: str) -> tuple[bytes, bytes]:
        cookie = f"{self.session_cookie}={value}; path={self.path}; {life}{self.security_flags}"
        return b"set-cookie", cookie.encode("latin-1")


class _Signer:
    """A dict ↔ signed, dated text."""

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

    def sign(self, session: dict[str, Any]) -> str:
        return self._signer.sign(base64.b64encode(json.dumps(session).encode())).decode("ascii")

    def read(self, cookie: str) -> dict[str, Any]:
        try:
            data = json.loads(base64.b64decode(self._signer.unsign(cookie, max_age=self._max_age)))
        except (self._refused, binascii.Error, ValueError):
            return {}
        return data if isinstance(data, dict) else {}


class Session(dict[str, Any]):
    """The session's values, and whether anybody looked at (`accessed`) or changed (`modified`) them.

    A change inside a value is not seen: call `mark_modified()` after it, or assign the value again.

    >>> session = Session({"cart": []})
    >>> session["cart"].append(7)
    >>> session.modified
    False
    """

    accessed = False
    modified = False

    def mark_accessed(self) -> None:
        """Note that the response depends on the session: `Vary: Cookie`."""
        self.accessed = True

    def mark_modified(self) -> None:
        """Note that the cookie must be sent again."""
        self.accessed = True
        self.modified = True

    def __setitem__(self, key: str, value: Any) -> None:
        self.mark_modified()
        super().__setitem__(key, value)

    def __delitem__(self, key: str) -> None:
        super().__delitem__(key)
        self.mark_modified()

    def clear(self) -> None:
        self.mark_modified()
        super().clear()

    def pop(self, key: str, *args: Any) -> Any:
        if key in self:
            self.mark_modified()
        return super().pop(key, *args)

    def popitem(self) -> tuple[str, Any]:
        item = super().popitem()
        self.mark_modified()
        return item

    def setdefault(self, key: str, default: Any = None) -> Any:
        if key not in self:
            self.mark_modified()
        return super().setdefault(key, default)

    def update(self, *args: Any, **kwargs: Any) -> None:
        self.mark_modified()
        super().update(*args, **kwargs)

    def __ior__(self, other: Any) -> Self:  # type: ignore[override,misc] # as dict's, with the mark
        self.mark_modified()
        return super().__ior__(other)
