"""A request that is repeated, because nobody knows whether it arrived, is done once.

Knows: the header `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07), a store.
Does not know: what is done.
Invariant: while a key is known, no second request with it reaches the application.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final, NamedTuple, cast

import msgspec

from fasterapi._limits import DEFAULT_LIMITS, validate_max_body_size
from fasterapi.exceptions import ClientDisconnect, HTTPException
from fasterapi.middleware import _headers
from fasterapi.middleware._answers import Answer, Capture
from fasterapi.middleware._calls import is_async
from fasterapi.middleware._digest import digest, text_digest
from fasterapi.middleware._lease import Lease
from fasterapi.middleware._refusal import refuse
from fasterapi.requests import HTTPConnection
from fasterapi.requests._body import read_body
from fasterapi.stores import MemoryStore, Store
from fasterapi.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["IdempotencyMiddleware"]

Principal = Callable[[HTTPConnection], str] | Callable[[HTTPConnection], Awaitable[str]]

_DAY: Final = 24 * 60 * 60
_MIB: Final = 1024 * 1024
_MAX_KEY_LENGTH: Final = 255

# No answer has these statuses: they stand for one that is not there.
_PENDING: Final = 0
_NOT_KEPT: Final = 1

# From here on, it may go better the next time.
_FAILED: Final = 500


class IdempotencyMiddleware:
    """Answer a request whose `Idempotency-Key` was seen before as it was answered then, without doing it again.

    Of a request in `methods` with such a header, the first answer is kept for `expires_in` seconds and sent again
    with `Idempotent-Replayed: true`. The same key with another request is a 422; while the first one is being
    answered, a 409: `lock_expires_in` is how long that holds, in seconds, after the process that answers was killed.
    Answers of 500 and above, and requests that end in an exception, free the key. A stream and an answer of more than
    `max_answer_size` bytes are not kept: repeating such a request is a 409, not done again. `Set-Cookie` is sent once
    only.

    A key belongs to its `principal`: by default to the `Authorization` header, and other cookies make another
    request. `required=True` refuses requests without a key by 400. Bodies are read into memory: those of more
    than `max_body_size` bytes are refused by 413. Sizes in bytes. Raises `ValueError` for a safe method, and for a lock
    without time.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        store: Store | None = None,
        methods: Iterable[str] = ("POST", "PATCH"),
        header: str = "Idempotency-Key",
        required: bool = False,
        principal: Principal | None = None,
        expires_in: float = _DAY,
        lock_expires_in: float = 60,
        max_body_size: int | None = DEFAULT_LIMITS.max_body_size,
        max_answer_size: int = _MIB,
    ) -> None:
        _headers.require_list("IdempotencyMiddleware", "methods", methods)
        self.methods = frozenset(methods)
        safe = self.methods & {"GET", "HEAD", "OPTIONS", "TRACE", "QUERY"}
        if safe:
            raise ValueError(f"IdempotencyMiddleware: {', '.join(sorted(safe))} may be repeated anyway")
        if not lock_expires_in > 0:
            raise ValueError(
                f"IdempotencyMiddleware: lock_expires_in must be positive, got {lock_expires_in!r}"
            )
        validate_max_body_size(max_body_size)
        self.app = app
        self.header = header
        self.required = required
        self.expires_in = expires_in
        self.lock_expires_in = lock_expires_in
        self.max_body_size = max_body_size
        self.max_answer_size = max_answer_size
        self._store: Store = MemoryStore() if store is None else store
        self._principal = principal
        self._principal_is_async = principal is not None and is_async(principal)
        self._header = header.lower().encode("latin-1")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in self.methods:
            await self.app(scope, receive, send)
            return
        given = _headers.find(scope.get("headers", ()), self._header)
        if given is None and not self.required:
            await self.app(scope, receive, send)
            return
        try:
            key = _read_key(given, self.header)
            body = await read_body(scope, receive, self.max_body_size)
        except HTTPException as error:
            await refuse(error, scope, receive, send)
            return
        except ClientDisconnect:
            return  # in mid-body: there is nobody to answer, and nothing was done
        claim = await self._identify(scope, key, body)
        lease = Lease(self._store, claim.name, claim.pending, self.lock_expires_in)
        if await lease.take():
            await self._answer(claim, lease, scope, _replay(body, receive), send)
        else:
            await self._answer_again(claim, scope, receive, send)

    async def _identify(self, scope: Scope, key: str, body: bytes) -> _Claim:
        """Whose key it is, and what tells this request from others."""
        headers = scope.get("headers", ())
        telling = [b"host", b"content-type"]
        if self._principal is None:
            whose = (_headers.find(headers, b"authorization") or b"").decode("latin-1")
            telling.append(b"cookie")
        else:
            found: Any = self._principal(HTTPConnection(scope))
            whose = cast("str", await found if self._principal_is_async else found)
        parts = [part for pair in sorted(headers) if pair[0] in telling for part in pair]
        path = scope.get("root_path", "") + "\n" + scope["path"]
        parts += [scope["method"].encode(), path.encode("utf-8", "surrogatepass")]
        parts += [scope.get("query_string", b""), body]
        fingerprint = digest("request", *parts).encode()
        pending = Answer(_PENDING, [], secrets.token_bytes(16), fingerprint).encode()
        return _Claim(text_digest("idempotency", whose, key), fingerprint, pending)

    async def _answer(self, claim: _Claim, lease: Lease, scope: Scope, receive: Receive, send: Send) -> None:
        capture = Capture(
            send,
            wants=lambda status, _headers: status < _FAILED,
            keep=lambda answer: self._keep(claim, lease, answer),
            max_size=self.max_answer_size,
            keeps_streams=False,
        )
        is_freed = True
        try:
            await self.app(scope, receive, capture.send)
            is_freed = capture.status is None or capture.status >= _FAILED
            if not is_freed and not capture.is_kept:
                await self._keep(claim, lease, Answer(_NOT_KEPT, [], b""))
        finally:
            if is_freed and not capture.is_kept:
                await lease.release()

    async def _keep(self, claim: _Claim, lease: Lease, answer: Answer) -> None:
        await lease.end()
        headers = [pair for pair in answer.headers if pair[0] != b"set-cookie"]
        kept = Answer(answer.status, headers, answer.body, claim.fingerprint)
        await self._store.set(claim.name, kept.encode(), self.expires_in)

    async def _answer_again(self, claim: _Claim, scope: Scope, receive: Receive, send: Send) -> None:
        known = _decode(await self._store.get(claim.name), claim.fingerprint)
        if known.note != claim.fingerprint:
            error = HTTPException(422, f"This {self.header} was used for another request")
        elif known.status == _PENDING:
            detail = f"A request with this {self.header} is being answered"
            error = HTTPException(409, detail, {"Retry-After": "1"})
        elif known.status == _NOT_KEPT:
            error = HTTPException(
                409, f"A request with this {self.header} was answered, but not by what could be kept"
            )
        else:
            await known.send(scope, send, [(b"idempotent-replayed", b"true")])
            return
        await refuse(error, scope, receive, send)


class _Claim(NamedTuple):
    """A request's key in the store, what tells it from other requests, and what stands there while it is answered."""

    name: str
    fingerprint: bytes
    pending: bytes


def _decode(data: bytes | None, fingerprint: bytes) -> Answer:
    if data is None:  # freed just now: the client may come again
        return Answer(_PENDING, [], b"", fingerprint)
    try:
        return Answer.decode(data)
    except msgspec.DecodeError:  # of another version, perhaps
        return Answer(_NOT_KEPT, [], b"", fingerprint)


def _read_key(given: bytes | None, header: str) -> str:
    r"""The key: a string of RFC 8941, or the bare text that most clients send.

    >>> _read_key(b'"8e03978e"', "Idempotency-Key") == _read_key(b"8e03978e", "Idempotency-Key")
    True
    """
    if given is None:
        raise HTTPException(400, f"The header {header} is missing")
    key = given.decode("latin-1")
    if len(key) > 1 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not (0 < len(key) <= _MAX_KEY_LENGTH and key.isascii() and key.isprintable()):
        raise HTTPException(400, f"The header {header} is malformed")
    return key


def _replay(body: bytes, receive: Receive) -> Receive:
    """A receive channel that gives the body that was read, then what is still to come."""
    is_given = False

    async def replayed() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed
