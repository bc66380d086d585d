"""Cross-origin resource sharing: which pages of other origins may read the answers.

Knows: the Fetch standard's CORS protocol (https://fetch.spec.whatwg.org/#http-cors-protocol) and its private
network extension. Does not know: routes.
Invariant: every response that may differ by `Origin` says so in `Vary`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Collection

from fasterapi.datastructures import Headers
from fasterapi.exceptions import HTTPException
from fasterapi.middleware import _headers
from fasterapi.middleware._calls import entry_of, watched
from fasterapi.middleware._refusal import TextRefusal
from fasterapi.responses import PlainTextResponse, Response
from fasterapi.routing.entries import as_asgi3
from fasterapi.types import ASGIApp, Message, Receive, Scope, Send

ALL_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY")
# What a page may send without asking (Fetch, "CORS-safelisted request-header").
SAFELISTED_HEADERS = frozenset({"Accept", "Accept-Language", "Content-Language", "Content-Type"})

_PREFLIGHT_VARY = (
    "Origin, Access-Control-Request-Method, Access-Control-Request-Headers,"
    " Access-Control-Request-Private-Network"
)
_OWN_HEADERS = frozenset(
    {b"access-control-allow-origin", b"access-control-allow-credentials", b"access-control-expose-headers"}
)
_VARY = (b"vary", b"Origin")
# An answer that has one of these is changed; to any other, headers are only added.
_CHANGED_HEADERS = _OWN_HEADERS | {b"vary"}

logger = logging.getLogger("fasterapi")


class CORSMiddleware:
    """Answer preflight requests and mark the answers that other origins may read. Options as Starlette's.

    `allow_origins` are whole origins, as `https://example.org`; `allow_origin_regex` matches whole origins.
    `"*"` stands for all origins, methods or headers. `max_age` is in seconds. Raises `ValueError` for a text in
    the place of a list.
    """

    def __init__(  # noqa: PLR0917 - Starlette's order of parameters
        self,
        app: ASGIApp,
        allow_origins: Collection[str] = (),
        allow_methods: Collection[str] = ("GET",),
        allow_headers: Collection[str] = (),
        allow_credentials: bool = False,
        allow_origin_regex: str | None = None,
        allow_private_network: bool = False,
        expose_headers: Collection[str] = (),
        max_age: int = 600,
    ) -> None:
        options = {
            "allow_origins": allow_origins,
            "allow_methods": allow_methods,
            "allow_headers": allow_headers,
            "expose_headers": expose_headers,
        }
        for name, values in options.items():
            _headers.require_list("CORSMiddleware", name, values)
        self.app = app
        self._call = entry_of(app)
        self.allow_origins = frozenset(allow_origins)
        self.allow_all_origins = "*" in allow_origins
        self.allow_origin_regex = None if allow_origin_regex is None else re.compile(allow_origin_regex)
        self.allow_methods = ALL_METHODS if "*" in allow_methods else tuple(allow_methods)
        self.allow_all_headers = "*" in allow_headers
        self.allow_headers = sorted(SAFELISTED_HEADERS | set(allow_headers))
        self.allow_credentials = allow_credentials
        self.allow_private_network = allow_private_network
        # Any origin is allowed without being named, which is impossible with credentials.
        self._is_wildcard = self.allow_all_origins and not allow_credentials
        self._preflight_headers = self._fixed_preflight_headers(max_age)
        self._simple_headers = self._fixed_simple_headers(expose_headers)
        # Origin → the headers it adds; made for the origins that are named, the others are looked at each time.
        self._added: dict[bytes | None, _headers.Headers] = {None: [_VARY]}
        if type(self).is_allowed_origin is CORSMiddleware.is_allowed_origin:
            origins = [name.encode("ascii") for name in self.allow_origins if name.isascii()]
            self._added |= {origin: self._added_for(origin) for origin in origins}
        self._lower_allow_headers = frozenset(header.lower() for header in self.allow_headers)
        if self.allow_all_origins and allow_credentials:
            logger.warning(
                "CORSMiddleware(allow_origins=['*'], allow_credentials=True) lets every web site read"
                " answers with its visitors' cookies; name the origins that you trust instead"
            )

    def _fixed_preflight_headers(self, max_age: int) -> dict[str, str]:
        headers = {
            "Vary": _PREFLIGHT_VARY,
            "Access-Control-Allow-Methods": ", ".join(self.allow_methods),
            "Access-Control-Max-Age": str(max_age),
        }
        if self._is_wildcard:
            headers["Access-Control-Allow-Origin"] = "*"
        if not self.allow_all_headers:
            headers["Access-Control-Allow-Headers"] = ", ".join(self.allow_headers)
        if self.allow_credentials:
            headers["Access-Control-Allow-Credentials"] = "true"
        return headers

    def _fixed_simple_headers(self, expose_headers: Collection[str]) -> _headers.Headers:
        headers = []
        if self._is_wildcard:
            headers.append((b"access-control-allow-origin", b"*"))
        if self.allow_credentials:
            headers.append((b"access-control-allow-credentials", b"true"))
        if expose_headers:
            headers.append((b"access-control-expose-headers", ", ".join(expose_headers).encode("latin-1")))
        return headers

    # No coroutine function, and nor is the `send` that it makes: it only has to hand on what others await.
    @as_asgi3
    def __call__(
        self, scope: Scope, receive: Receive, send: Send, starts: list[Message] | None = None
    ) -> Awaitable[None]:
        if scope["type"] != "http":
            return self._call(scope, receive, send)
        if starts is None:
            starts = []  # nobody asks what has begun; see `watched`
        origin = None
        for name, value in scope.get("headers", ()):
            if name == b"origin":
                origin = value
                break
        if origin is not None and scope["method"] == "OPTIONS":
            headers = Headers(scope=scope)
            if "access-control-request-method" in headers:
                return watched(self.preflight_response(headers))(scope, receive, send, starts)
        added = self._added.get(origin) or self._added_for(origin)

        def send_marked(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                starts.append(message)
                headers = message.get("headers", ())
                message = {**message}
                for name, _ in headers:
                    if name in _CHANGED_HEADERS:
                        message["headers"] = _mark(headers, added, origin)
                        break
                else:
                    message["headers"] = [*headers, *added]
            return send(message)

        return self._call(scope, receive, send_marked)

    def _added_for(self, origin: bytes | None) -> _headers.Headers:
        """The headers that an answer to `origin` gets, `Vary` last."""
        if origin is None:
            return [_VARY]
        if self._is_wildcard or not self.is_allowed_origin(origin.decode("latin-1")):
            return [*self._simple_headers, _VARY]
        return [*self._simple_headers, (b"access-control-allow-origin", origin), _VARY]

    def is_allowed_origin(self, origin: str) -> bool:
        """Whether pages of `origin` may read answers."""
        if self.allow_all_origins or origin in self.allow_origins:
            return True
        return self.allow_origin_regex is not None and self.allow_origin_regex.fullmatch(origin) is not None

    def preflight_response(self, request_headers: Headers) -> Response:
        """The answer to a preflight request: 200, or 400 with the failed checks in its text."""
        headers = dict(self._preflight_headers)
        failures = []
        origin = request_headers["origin"]
        if not self.is_allowed_origin(origin):
            failures.append("origin")
        elif not self._is_wildcard:
            headers["Access-Control-Allow-Origin"] = origin
        if request_headers["access-control-request-method"] not in self.allow_methods:
            failures.append("method")
        requested = request_headers.get("access-control-request-headers")
        if requested is not None and self.allow_all_headers:
            headers["Access-Control-Allow-Headers"] = requested
        elif requested is not None and not self._are_allowed(requested):
            failures.append("headers")
        if "access-control-request-private-network" in request_headers:
            if self.allow_private_network:
                headers["Access-Control-Allow-Private-Network"] = "true"
            else:
                failures.append("private-network")
        if failures:
            return TextRefusal(HTTPException(400, "Disallowed CORS " + ", ".join(failures), headers))
        return PlainTextResponse("OK", headers=headers)

    def _are_allowed(self, requested: str) -> bool:
        names = {name.strip().lower() for name in requested.split(",")}
        return names <= self._lower_allow_headers


def _mark(
    headers: Collection[tuple[bytes, bytes]], added: _headers.Headers, origin: bytes | None
) -> _headers.Headers:
    """`headers` with `added`, the last of which is `Vary`.

    The middleware's word counts, not what the application says about other origins.
    """
    kept = headers if origin is None else [pair for pair in headers if pair[0] not in _OWN_HEADERS]
    return _headers.with_vary([*kept, *added[:-1]], b"Origin")
