"""Requests for other hosts are refused, so that no link or redirect is made of an attacker's `Host` header.

Knows: `Host` headers, wildcards. Does not know: proxies' headers: `X-Forwarded-Host` is never looked at.
"""

from collections.abc import Sequence

from fasterapi.datastructures import URL
from fasterapi.datastructures._url import encode_path
from fasterapi.exceptions import HTTPException
from fasterapi.middleware import _headers
from fasterapi.middleware._host import parse_host
from fasterapi.middleware._refusal import TextRefusal
from fasterapi.responses import RedirectResponse, Response
from fasterapi.types import ASGIApp, Receive, Scope, Send


class TrustedHostMiddleware:
    """Let only requests for `allowed_hosts` through; the others get 400.

    Hosts are compared whole, without case and without port; `*.example.org` stands for every host below
    `example.org`, `*` for every host. With `www_redirect`, `example.org` is redirected to an allowed
    `www.example.org`. Raises `ValueError` for another use of `*`, and for a text in the place of the list.
    """

    def __init__(
        self, app: ASGIApp, allowed_hosts: Sequence[str] | None = None, www_redirect: bool = True
    ) -> None:
        _headers.require_list("TrustedHostMiddleware", "allowed_hosts", allowed_hosts or ())
        hosts = [host.lower() for host in (["*"] if allowed_hosts is None else allowed_hosts)]
        for host in hosts:
            if "*" in host[1:] or (host.startswith("*") and host != "*" and not host.startswith("*.")):
                raise ValueError(
                    f"TrustedHostMiddleware: {host!r} is no host and no wildcard\n"
                    "  fix: write '*.example.com' for all hosts below example.com, or '*' for all hosts"
                )
        self.app = app
        self.allowed_hosts = hosts
        self.allow_any = "*" in hosts
        self.www_redirect = www_redirect
        self._exact = frozenset(host for host in hosts if not host.startswith("*"))
        self._exact_headers = frozenset(host.encode("latin-1") for host in self._exact)
        self._suffixes = tuple(host[1:] for host in hosts if host.startswith("*."))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.allow_any or scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = [value for name, value in scope.get("headers", ()) if name == b"host"]
        # The usual case: a header that is, byte for byte, an allowed host.
        if len(headers) == 1 and headers[0] in self._exact_headers:
            await self.app(scope, receive, send)
            return
        refusal = self._refusal(scope, headers)
        if refusal is None:
            await self.app(scope, receive, send)
        else:
            await refusal(scope, receive, send)

    def _refusal(self, scope: Scope, headers: list[bytes]) -> Response | None:
        # Two hosts: this and the next server might believe different ones (RFC 9112, section 3.2).
        host = parse_host(headers[0].decode("latin-1")) if len(headers) == 1 else None
        if host is not None:
            name = host.name.lower()
            if name in self._exact or name.endswith(self._suffixes):
                return None
            if self.www_redirect and f"www.{name}" in self._exact:
                url = URL(scope=scope)
                path = "/" + encode_path(scope["path"].removeprefix("/"))
                return RedirectResponse(str(url.replace(netloc=f"www.{url.netloc}", path=path)))
        return TextRefusal(HTTPException(400, "Invalid host header"))
