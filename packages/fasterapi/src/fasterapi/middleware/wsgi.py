"""A WSGI application as an ASGI application.

Knows: that a2wsgi (the extra `wsgi`) does it. Does not know: WSGI.
"""

from collections.abc import Callable
from typing import Any

from fasterapi.types import ASGIApp, Receive, Scope, Send


class WSGIMiddleware:
    """Run a WSGI application, Flask's or Django's, in threads: `app.mount("/old", WSGIMiddleware(flask))`.

    At most `workers` requests are served at once. Raises `RuntimeError` if a2wsgi is not installed.
    """

    def __init__(self, app: Callable[..., Any], workers: int = 10, send_queue_size: int = 10) -> None:
        try:
            import a2wsgi  # noqa: PLC0415 - an extra, wanted by this middleware alone
        except ModuleNotFoundError as error:
            raise RuntimeError(
                "WSGIMiddleware needs a2wsgi, which is not installed.\n"
                '  fix: pip install "fasterapi[wsgi]", or pip install a2wsgi'
            ) from error
        self.app = app
        # a2wsgi's types are those of its own ASGI, to the letter.
        self._bridge: ASGIApp = a2wsgi.WSGIMiddleware(app, workers, send_queue_size)  # type: ignore[assignment]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._bridge(scope, receive, send)
