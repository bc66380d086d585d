"""Answers that say how long they hold are given again without asking the application.

Knows: RFC 9111 for a shared cache, RFC 9211 (`Cache-Status`). Does not know: how answers are found (`_cacheentries`).
Invariant: what one client got by its credentials reaches no other one.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any, Final, cast

from fasterapi.datastructures import Headers
from fasterapi.exceptions import HTTPException
from fasterapi.middleware._answers import Answer, Capture
from fasterapi.middleware._cachecontrol import age_of, lifetime, read_directives, seconds, vary_names
from fasterapi.middleware._cacheentries import Entries, Entry, address_of
from fasterapi.middleware._calls import is_async
from fasterapi.middleware._refusal import refuse
from fasterapi.requests import HTTPConnection
from fasterapi.responses import NotModifiedResponse, is_not_modified
from fasterapi.stores import MemoryStore, Store
from fasterapi.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["ResponseCacheMiddleware"]

Principal = Callable[[HTTPConnection], str | None] | Callable[[HTTPConnection], Awaitable[str | None]]

_MIB: Final = 1024 * 1024
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "QUERY"})
_CREDENTIALS: Final = frozenset({b"authorization", b"cookie"})

# Parts, conditions and bodies: only the application knows what they make of the answer.
_SPECIAL: Final = frozenset({b"range", b"if-match", b"if-unmodified-since", b"transfer-encoding"})


class ResponseCacheMiddleware:
    """Keep answers to GET that have `Cache-Control: max-age` or `s-maxage`, and give them to GET and HEAD.

    Answers without either are kept for `expires_in` seconds, by default not at all; those with `private`,
    `no-store`, `no-cache`, `Set-Cookie` or `Vary: *` never. A request with `Authorization` or `Cookie` passes,
    unless a `principal` is given: that says whose answer it is, `""` for anybody's, `None` for one that must pass.
    Answers of more than `max_body_size` bytes pass. `Vary` is honoured, as are `no-cache`, `no-store`, `max-age` and
    `only-if-cached` of requests; a successful POST, PUT, PATCH or DELETE makes the answer of its address forgotten.

    Answers from here have `Age` and `Cache-Status: fasterapi; hit`. `clock` gives seconds since the epoch.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        store: Store | None = None,
        expires_in: float | None = None,
        principal: Principal | None = None,
        max_body_size: int = _MIB,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.app = app
        self.expires_in = expires_in
        self.max_body_size = max_body_size
        self._entries = Entries(MemoryStore() if store is None else store)
        self._principal = principal
        self._principal_is_async = principal is not None and is_async(principal)
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["method"] in {"GET", "HEAD"}:
            await self._answer(scope, receive, send)
        elif scope["method"] in _SAFE:
            await self.app(scope, receive, send)
        else:
            await self._forget_after(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = read_directives(scope.get("headers", ()))
        whose = await self._whose(scope)
        if whose is None or "no-store" in asked or _is_special(scope):
            await self.app(scope, receive, send)
            return
        address = address_of(scope, whose)
        now = self._clock()
        if "no-cache" not in asked:
            entry = await self._entries.find(address, scope, now)
            if entry is not None and _is_young_enough(entry, asked, now):
                await _send_kept(entry, now, scope, send)
                return
        if "only-if-cached" in asked:
            await refuse(HTTPException(504), scope, receive, send)
        elif scope["method"] == "HEAD":
            await self.app(scope, receive, send)
        else:
            await self.app(scope, receive, self._capture(address, scope, send).send)

    async def _whose(self, scope: Scope) -> str | None:
        if self._principal is None:
            has_credentials = any(name in _CREDENTIALS for name, _ in scope.get("headers", ()))
            return None if has_credentials else ""
        found: Any = self._principal(HTTPConnection(scope))
        return cast("str | None", await found if self._principal_is_async else found)

    def _capture(self, address: str, scope: Scope, send: Send) -> Capture:
        async def keep(answer: Answer) -> None:
            now = self._clock()
            age = age_of(answer.headers)
            until = now + lifetime(answer.status, answer.headers, self.expires_in)
            headers = [pair for pair in answer.headers if pair[0] != b"age"]
            kept = Answer(answer.status, headers, answer.body)
            entry = Entry(kept, now - age, until, vary_names(headers), b"")
            await self._entries.keep(address, scope, entry, now)

        return Capture(
            send,
            wants=lambda status, headers: lifetime(status, headers, self.expires_in) > 0,
            keep=keep,
            max_size=self.max_body_size,
            keeps_streams=True,
            added=[(b"cache-status", b"fasterapi; fwd=miss")],
        )

    async def _forget_after(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; when it has changed something, what was kept may be wrong (RFC 9111, section 4.4)."""
        addresses = {
            address_of(scope, whose) for whose in ("", await self._whose(scope)) if whose is not None
        }

        async def forgetting_send(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 400:
                for address in addresses:
                    await self._entries.forget(address)
            await send(message)

        await self.app(scope, receive, forgetting_send)


def _is_special(scope: Scope) -> bool:
    return any(
        name in _SPECIAL or (name == b"content-length" and value != b"0")
        for name, value in scope.get("headers", ())
    )


def _is_young_enough(entry: Entry, asked: dict[str, str], now: float) -> bool:
    return "max-age" not in asked or now - entry.born < seconds(asked["max-age"])


async def _send_kept(entry: Entry, now: float, scope: Scope, send: Send) -> None:
    assert entry.answer is not None
    age, left = max(0, int(now - entry.born)), int(entry.fresh_until - now)
    added = [(b"age", b"%d" % age), (b"cache-status", b"fasterapi; hit; ttl=%d" % left)]
    known, asked = Headers(raw=entry.answer.headers), Headers(scope=scope)
    is_comparable = "etag" in known or "if-none-match" not in asked
    if entry.answer.status == 200 and is_comparable and is_not_modified(known, asked):
        response = NotModifiedResponse(known)
        response.raw_headers += added
        await response(scope, _nothing, send)
    else:
        await entry.answer.send(scope, send, added)


async def _nothing() -> Message:
    return {"type": "http.disconnect"}
