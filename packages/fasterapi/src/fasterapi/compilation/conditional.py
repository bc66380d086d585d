"""The option `etag=` of a route: conditions before its handler, tags on its answers.

Knows: how a route's generated function and its messages take part in conditional requests. Does not know: what a
condition means (`conditional`). Routes that do not ask for it never import this module.

Before the handler: the current validators are a dependency that comes last, and `check` stands behind the refusal of
parameters, so that whatever else is wrong with a request is said first (RFC 9110, section 13.2.1).
After it: a layer around the generated function gives the answer to a GET its tag, and cuts it down to a 304.
"""

import hashlib
from collections.abc import Awaitable, Callable, Collection, Iterable
from typing import Annotated, Any, Final, Literal

from fasterapi.conditional import ETag, failed_precondition, validators_of
from fasterapi.datastructures import Headers
from fasterapi.exceptions import FasterAPIError, HTTPException
from fasterapi.params import Depends
from fasterapi.requests import Request
from fasterapi.responses import Response, is_not_modified
from fasterapi.responses._files import NOT_MODIFIED_HEADERS
from fasterapi.types import Message, Receive, Scope, Send
from fasterapi_di import inline

__all__ = ["Conditional", "read_option"]

_CONDITIONS: Final = frozenset({b"if-match", b"if-none-match", b"if-modified-since", b"if-unmodified-since"})
_SAFE: Final = frozenset({"GET", "HEAD"})
_KEY: Final = "fasterapi.validators"
_METHODS_WITH_TAGS: Final = frozenset({"GET", "HEAD"})


_DETAILS: Final = {
    412: "The resource is not in the version that the request names",
    428: "Name the version to be changed: If-Match with its entity tag",
}


class Conditional:
    """The option of one route, read: `dependency` where there is one, and whether tags of the body are `strong`."""

    def __init__(self, option: Any, place: str) -> None:
        self.etag: ETag | None = None
        self.kind: Literal["weak", "strong"] = "strong" if option == "strong" else "weak"
        if isinstance(option, ETag):
            self.etag = option
        elif callable(option):
            self.etag = ETag(option)
        elif option is not True and option not in ("weak", "strong"):
            message = f"{place}: etag= is True, 'weak', 'strong', a dependency or ETag(...), not {option!r}"
            raise FasterAPIError(message)

    @property
    def dependencies(self) -> list[Depends]:
        """What the route has to call before its handler, after all other dependencies."""
        return [] if self.etag is None else [Depends(_remembering(self.etag))]

    def check(self, scope: Scope, draft: Response | None) -> None:
        """Raise HTTPException 304, 412 or 428 unless the request's conditions hold.

        What a 304 has to repeat of the answer it stands for is taken from `draft`, if dependencies wrote to one.
        """
        assert self.etag is not None
        status = failed_precondition(
            scope["method"], _conditions(scope), scope[_KEY], required=self.etag.required
        )
        if status == 304:
            kept = {} if draft is None else draft.headers
            raise HTTPException(304, headers={name: kept[name] for name in _NOT_MODIFIED if name in kept})
        if status is not None:
            raise HTTPException(status, _DETAILS[status])

    def tagging(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """`call`, whose answers to GET and HEAD have their tags, or are 304 where the client has them already."""
        make = None if self.etag is not None else _strong_tag if self.kind == "strong" else _weak_tag

        async def serve(scope: Scope, receive: Receive, send: Send, path_params: Any) -> None:
            if scope["method"] in _SAFE:
                send = _TaggedSend(scope, send, make)
            await call(scope, receive, send, path_params)

        return serve


def read_option(route: Any) -> Conditional | None:
    """What `etag=` means for a route; None where it says nothing, as for methods that have nothing to tag.

    Raises FasterAPIError for a value that means nothing, and for a route of its own that can't have one.
    """
    option = route.inherited.etag
    methods: Collection[str] = getattr(route, "methods", ())
    if option is None or option is False or not methods:
        return None
    found = Conditional(option, repr(route))
    if found.etag is not None or _METHODS_WITH_TAGS & set(methods):
        return found
    if route.options.get("etag") is not None:
        message = (
            f"{route!r}: etag={option!r} tags answers to GET; before a change, the current version is needed\n"
            "  fix: pass a dependency that gives it: etag=current_version"
        )
        raise FasterAPIError(message)
    return None


def _remembering(etag: ETag) -> Callable[..., None]:
    @inline
    def current_version(request: Request, current: Annotated[Any, Depends(etag.current)]) -> None:
        request.scope[_KEY] = validators_of(current)

    return current_version


def _conditions(scope: Scope) -> dict[str, str]:
    """The request's conditions; several fields of one name are one list (RFC 9110, section 5.3)."""
    found: dict[str, str] = {}
    for name, value in scope.get("headers", ()):
        if name in _CONDITIONS:
            key, text = name.decode("latin-1"), value.decode("latin-1")
            found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def _strong_tag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def _weak_tag(content: bytes) -> str:
    return f"W/{_strong_tag(content)}"


_NOT_MODIFIED: Final = tuple(name.decode("latin-1") for name in NOT_MODIFIED_HEADERS)


class _TaggedSend:
    """Holds the start of an answer back until its tag is known. `make` None: the validators are in the scope."""

    __slots__ = ("_is_cut", "_make", "_scope", "_send", "_start")

    def __init__(self, scope: Scope, send: Send, make: Callable[[bytes], str] | None) -> None:
        self._scope = scope
        self._send = send
        self._make = make
        self._start: Message | None = None
        self._is_cut = False

    def __call__(self, message: Message) -> Awaitable[None]:
        # No coroutine function: what is only passed on costs no coroutine of its own.
        if message["type"] == "http.response.start":
            return self._begin(message)
        if self._start is not None:
            return self._decide(message)
        return _nothing() if self._is_cut else self._send(message)

    async def _begin(self, start: Message) -> None:
        if self._make is None:
            await self._send(self._with_validators(start))
        elif start["status"] != 200:
            await self._send(start)
        else:
            self._start = start
            if _has_tag(start.get("headers", ())):
                await self._decide(None)

    def _with_validators(self, start: Message) -> Message:
        current = self._scope.get(_KEY)
        if current is None or start["status"] not in {200, 304}:
            return start
        raw = list(start.get("headers", ()))
        names = {name for name, _ in raw}
        known = ((name.encode(), value.encode("latin-1")) for name, value in current.headers.items())
        return {**start, "headers": raw + [pair for pair in known if pair[0] not in names]}

    async def _decide(self, body: Message | None) -> None:
        """The tag is in the headers, or is made of a body that is here as a whole; a stream has none."""
        start, self._start = self._start, None
        assert start is not None
        assert self._make is not None
        raw = list(start.get("headers", ()))
        if body is not None and _is_whole(body, raw):
            raw.append((b"etag", self._make(body.get("body", b"")).encode("latin-1")))
            start = {**start, "headers": raw}
        if self._is_known(raw):
            self._is_cut = True
            kept = [(name, value) for name, value in raw if name in NOT_MODIFIED_HEADERS]
            await self._send({**start, "status": 304, "headers": kept})
            await self._send({"type": "http.response.body", "body": b""})
            return
        await self._send(start)
        if body is not None:
            await self._send(body)

    def _is_known(self, raw: list[tuple[bytes, bytes]]) -> bool:
        """Whether the client says that it has this tag."""
        if not any(name in _READ for name, _ in self._scope.get("headers", ())) or not _has_tag(raw):
            return False
        return is_not_modified(Headers(raw=raw), Headers(scope=self._scope))


_READ: Final = frozenset({b"if-none-match", b"if-modified-since"})


async def _nothing() -> None: ...


def _has_tag(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    return any(name == b"etag" for name, _ in headers)


def _is_whole(message: Message, headers: list[tuple[bytes, bytes]]) -> bool:
    """Whether a message holds the whole content; an answer to HEAD may name a length and have none of it."""
    if message["type"] != "http.response.body" or message.get("more_body", False):
        return False
    length = next((value for name, value in headers if name == b"content-length"), None)
    return length is None or int(length) == len(message.get("body", b""))
