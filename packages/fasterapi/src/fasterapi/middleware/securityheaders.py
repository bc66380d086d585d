"""The headers by which browsers are told to be careful, on every response.

Knows: which headers there are and what is a safe value of each. Does not know: what a page contains.
Invariant: a header that the handler has set itself stays as it is.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Mapping
from typing import Final

from fasterapi.routing.entries import as_asgi3
from fasterapi.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["DEFAULT_CSP", "SecurityHeadersMiddleware"]

DEFAULT_CSP: Final = (
    "default-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
)
NONCE: Final = "{nonce}"
_NOT_IN_A_VALUE: Final = re.compile(r"[^\t\x20-\x7e]")  # RFC 9110, section 5.5
_SECURE: Final = {"https", "wss"}


class SecurityHeadersMiddleware:
    """Add security headers to responses; `None` leaves one out, `extra` adds further ones.

    `hsts` (RFC 6797) is sent over https only, where the scheme in the scope says so: behind a proxy, that takes
    `ProxyHeadersMiddleware` or the server's own option. In a `csp` (Content Security Policy Level 3), `{nonce}`
    is replaced by 128 random bits of every request, which templates have as `request.state.csp_nonce`. With
    `csp_report_only` browsers report what the policy would block, and block nothing.
    Raises `ValueError` for a value that no header can have.
    """

    outside_errors = True  # see `middleware.stack`

    def __init__(
        self,
        app: ASGIApp,
        *,
        hsts: str | None = "max-age=31536000; includeSubDomains",
        content_type_options: str | None = "nosniff",
        referrer_policy: str | None = "strict-origin-when-cross-origin",
        permissions_policy: str | None = "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        frame_options: str | None = "DENY",
        opener_policy: str | None = "same-origin",
        resource_policy: str | None = "same-origin",
        csp: str | None = DEFAULT_CSP,
        csp_report_only: bool = False,
        extra: Mapping[str, str] | None = None,
    ) -> None:
        self.app = app
        self._csp_name = "content-security-policy" + ("-report-only" if csp_report_only else "")
        self._nonce_csp = csp if csp is not None and NONCE in csp else None
        fixed = {
            "x-content-type-options": content_type_options,
            "referrer-policy": referrer_policy,
            "permissions-policy": permissions_policy,
            "x-frame-options": frame_options,
            "cross-origin-opener-policy": opener_policy,
            "cross-origin-resource-policy": resource_policy,
            self._csp_name: None if self._nonce_csp else csp,
            **{name.lower(): value for name, value in (extra or {}).items()},
        }
        if self._nonce_csp is not None:
            _pair(self._csp_name, self._nonce_csp)
        self._fixed = [_pair(name, value) for name, value in fixed.items() if value is not None]
        self._secure = (
            self._fixed if hsts is None else [_pair("strict-transport-security", hsts), *self._fixed]
        )

    @as_asgi3
    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] not in ("http", "websocket"):
            return self.app(scope, receive, send)
        wanted = self._secure if scope.get("scheme") in _SECURE else self._fixed
        if self._nonce_csp is not None:
            nonce = secrets.token_urlsafe(16)
            scope.setdefault("state", {})["csp_nonce"] = nonce
            wanted = [*wanted, _pair(self._csp_name, self._nonce_csp.replace(NONCE, nonce))]

        def send_with_headers(message: Message) -> Awaitable[None]:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                headers = message.get("headers") or ()
                own = {name for name, _ in headers}
                added = [pair for pair in wanted if pair[0] not in own]
                message = {**message, "headers": [*headers, *added]}
            return send(message)

        return self.app(scope, receive, send_with_headers)


def _pair(name: str, value: str) -> tuple[bytes, bytes]:
    if not re.fullmatch(r"[a-z0-9-]+", name):
        raise ValueError(f"SecurityHeadersMiddleware: {name!r} is no name of a header")
    if _NOT_IN_A_VALUE.search(value) or value != value.strip() or not value:
        raise ValueError(f"SecurityHeadersMiddleware: {name} cannot have the value {value!r}")
    return name.encode("ascii"), value.encode("ascii")
