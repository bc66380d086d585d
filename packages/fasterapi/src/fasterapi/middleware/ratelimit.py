"""So many requests in so much time, and no more.

Knows: a bucket's arithmetic (`_rates`), header fields of draft-ietf-httpapi-ratelimit-headers, a store.
Does not know: proxies: a client's address is the one in the scope, which `ProxyHeadersMiddleware` corrects.
"""

from __future__ import annotations

import ipaddress
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, cast

from fasterapi.exceptions import HTTPException
from fasterapi.middleware._calls import is_async
from fasterapi.middleware._digest import text_digest
from fasterapi.middleware._ratefields import FIELDS, Fields, words
from fasterapi.middleware._rates import Rate, in_seconds
from fasterapi.middleware._refusal import refuse
from fasterapi.requests import HTTPConnection
from fasterapi.responses import Response
from fasterapi.stores import MemoryStore, Store
from fasterapi.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["RateLimit", "RateLimitMiddleware", "client_address"]

Key = Callable[[HTTPConnection], str | None] | Callable[[HTTPConnection], Awaitable[str | None]]

_MAX_SLACK: Final = 250_000  # microseconds
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]+")


def client_address(connection: HTTPConnection) -> str:
    """Who is counted by default: the other end's address, of IPv6 the network (/64) that one customer has.

    Only the scope's: `X-Forwarded-For` is a text that clients choose (CVE-2025-59152). Clients without an
    address, behind a Unix socket for example, are counted as one.
    """
    host = (connection.scope.get("client") or ("",))[0]
    if ":" not in host:
        return str(host)
    try:
        address = ipaddress.IPv6Address(host.partition("%")[0])
    except ValueError:
        return str(host)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((address, 64), strict=False))


@dataclass(frozen=True, slots=True)
class _Verdict:
    """`remaining` may come at once; the bucket is full in `reset` seconds, and has one more in `wait` seconds."""

    remaining: int
    reset: int
    wait: int

    @property
    def is_refused(self) -> bool:
        return self.wait > 0


class RateLimit:
    """A limit for one route or several: `dependencies=[Depends(RateLimit("10/minute"))]`; 429 beyond it.

    A bucket per client with `burst` requests in it, by default as many as the rate says, that is refilled evenly:
    of "10/minute", 10 may come at once and then one every 6 seconds. Requests that are refused take nothing.

    `key` says who a request counts for, `None` for nobody. Each route counts on its own, unless `name` is given:
    then all limits of that name in one store count together. Without a `store`, counts are this process' own.
    `fields` are those that tell clients where they stand: `RateLimit` and `RateLimit-Policy` ("draft"), the older
    `RateLimit-Limit`, `-Remaining` and `-Reset` ("separate"), or "none"; `Retry-After` comes with every 429.
    `clock` gives seconds since the epoch: processes that share a store must agree on the time.

    Raises `ValueError` for a malformed rate, burst, name or choice of fields.
    """

    def __init__(
        self,
        rate: str,
        *,
        burst: int | None = None,
        key: Key = client_address,
        store: Store | None = None,
        name: str | None = None,
        fields: Fields = "draft",
        clock: Callable[[], float] = time.time,
    ) -> None:
        if burst is not None and burst < 1:
            raise ValueError(f"RateLimit: a burst has one request at least, got {burst!r}")
        if name is not None and not _NAME.fullmatch(name):
            raise ValueError(f"RateLimit: a name has letters, digits and _.- only, got {name!r}")
        if fields not in FIELDS:
            raise ValueError(f'RateLimit: fields is "draft", "separate" or "none", not {fields!r}')
        self.rate = Rate.parse(rate)
        self.burst = burst or self.rate.limit
        self.key = key
        self.name = name
        self.fields = fields
        self._store: Store = MemoryStore() if store is None else store
        self._clock = clock
        # Requests do not come to the store in the order of their times, and clocks of machines differ a little. As it
        # is less than one interval, no more requests than a burst fit into it.
        self._slack = min(self.rate.interval // 2, _MAX_SLACK)
        self._key_is_async = is_async(key)
        # For the document of the routes that depend on this.
        self.__response_headers__ = words(fields)
        self.__responses__ = {
            429: {"description": "Too Many Requests", "headers": words(fields, "Retry-After")}
        }

    async def __call__(self, connection: HTTPConnection, response: Response) -> None:
        """Count the request, or the WebSocket. Raises `HTTPException` 429 when it is one too many."""
        verdict = await self._take(connection, _place(connection.scope))
        if verdict is None:
            return
        headers = self._headers(verdict)
        if verdict.is_refused:
            raise HTTPException(429, headers=headers)
        for name, value in headers.items():
            response.headers.append(name, value)

    async def _take(self, connection: HTTPConnection, place: str) -> _Verdict | None:
        found: Any = self.key(connection)
        who = cast("str | None", await found if self._key_is_async else found)
        if who is None:
            return None
        interval = self.rate.interval
        capacity = self.burst * interval
        now = int(self._clock() * 1_000_000)
        key = text_digest("ratelimit", self.name or place, f"{self.burst}/{interval}", who)
        ceiling = now + capacity + self._slack
        # When the bucket will be full again, with this request in it.
        full = await self._store.advance(key, interval, now, ceiling, capacity / 1_000_000)
        if full > ceiling:
            return _Verdict(0, in_seconds(full - interval - now), in_seconds(full - now - capacity))
        return _Verdict((ceiling - full) // interval, in_seconds(full - now), 0)

    def _headers(self, verdict: _Verdict) -> dict[str, str]:
        rate = self.rate
        headers: dict[str, str] = {}
        if self.fields == "draft":
            name = self.name or "default"
            headers["RateLimit-Policy"] = f'"{name}";q={rate.limit};w={rate.seconds}'
            headers["RateLimit"] = f'"{name}";r={verdict.remaining};t={verdict.wait or verdict.reset}'
        elif self.fields == "separate":
            headers["RateLimit-Limit"] = str(rate.limit)
            headers["RateLimit-Remaining"] = str(verdict.remaining)
            headers["RateLimit-Reset"] = str(verdict.wait or verdict.reset)
        if verdict.is_refused:
            headers["Retry-After"] = str(verdict.wait)
        return headers


class RateLimitMiddleware:
    """A limit for a whole application, or for what is mounted or routed inside: 429 beyond it.

    Arguments as `RateLimit`'s; whatever stands inside counts together. The 429 is answered by the application's
    own exception handlers. WebSockets are not counted here; `RateLimit` on their routes does.
    """

    def __init__(
        self,
        app: ASGIApp,
        rate: str,
        *,
        burst: int | None = None,
        key: Key = client_address,
        store: Store | None = None,
        name: str | None = None,
        fields: Fields = "draft",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.app = app
        self.limit = RateLimit(rate, burst=burst, key=key, store=store, name=name, fields=fields, clock=clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        verdict = await self.limit._take(HTTPConnection(scope), "")
        if verdict is None:
            await self.app(scope, receive, send)
            return
        headers = self.limit._headers(verdict)
        if verdict.is_refused:
            await refuse(HTTPException(429, headers=headers), scope, receive, send)
            return
        added = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

        def send_with_headers(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), *added]}
            return send(message)

        await self.app(scope, receive, send_with_headers if added else send)


def _place(scope: Scope) -> str:
    """The route, not the path: `/users/1` and `/users/2` are one place."""
    route: Any = scope.get("route")
    path: str = scope["path"] if route is None else route.path
    return f"{scope.get('method', 'WEBSOCKET')} {path}"
