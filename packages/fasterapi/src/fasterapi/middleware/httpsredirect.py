"""Plain connections are sent to their secure address.

Knows: schemes and their default ports. Does not know: whether a proxy ended TLS (`proxyheaders` does).
"""

from fasterapi.datastructures import URL
from fasterapi.datastructures._url import encode_path
from fasterapi.exceptions import HTTPException
from fasterapi.middleware._refusal import TextRefusal
from fasterapi.responses import RedirectResponse, Response
from fasterapi.types import ASGIApp, Receive, Scope, Send


class HTTPSRedirectMiddleware:
    """Redirect `http` to `https` and `ws` to `wss`, by 307, which keeps the method and the body.

    The host is the request's own: `TrustedHostMiddleware` in front of this one says which hosts there are.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket") and scope["scheme"] in ("http", "ws"):
            await _redirect(scope)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def _redirect(scope: Scope) -> Response:
    # For a malformed `Host` header, this is the address of the server itself.
    url = URL(scope=scope)
    if not url.netloc:
        return TextRefusal(HTTPException(400, "Invalid host header"))
    secure = {"http": "https", "ws": "wss"}[scope["scheme"]]
    path = "/" + encode_path(scope["path"].removeprefix("/"))
    url = url.replace(scheme=secure, path=path)
    if url.port in (80, 443):
        url = url.replace(hostname=url.hostname, port=None)
    return RedirectResponse(str(url), status_code=307)
