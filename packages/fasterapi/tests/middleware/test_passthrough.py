"""What is not a middleware's business passes it untouched: the very same scope, receive and send."""

import asyncio

import pytest

from fasterapi.authentication import AuthenticationBackend
from fasterapi.middleware import (
    AuthenticationMiddleware,
    BaseHTTPMiddleware,
    BodyLimitMiddleware,
    CompressionMiddleware,
    CORSMiddleware,
    ExceptionMiddleware,
    GZipMiddleware,
    HTTPSRedirectMiddleware,
    ProxyHeadersMiddleware,
    ServerErrorMiddleware,
    SessionMiddleware,
    TimeoutMiddleware,
    TrustedHostMiddleware,
)
from fasterapi.middleware.decompression import DecompressionMiddleware
from fasterapi.middleware.csrf import CSRFMiddleware
from fasterapi.middleware.idempotency import IdempotencyMiddleware
from fasterapi.middleware.ratelimit import RateLimitMiddleware
from fasterapi.middleware.responsecache import ResponseCacheMiddleware

HTTP_ONLY = [
    (BaseHTTPMiddleware, {"dispatch": None}),
    (BodyLimitMiddleware, {"max_body_size": 1}),
    (CSRFMiddleware, {"secret_key": "key"}),
    (CORSMiddleware, {"allow_origins": ["*"]}),
    (CompressionMiddleware, {}),
    (GZipMiddleware, {}),
    (IdempotencyMiddleware, {"required": True}),
    (RateLimitMiddleware, {"rate": "1/day"}),
    (ResponseCacheMiddleware, {"expires_in": 60}),
    (TimeoutMiddleware, {"timeout_seconds": 1}),
]
BOTH = [
    (AuthenticationMiddleware, {"backend": AuthenticationBackend()}),
    (DecompressionMiddleware, {}),
    (ExceptionMiddleware, {}),
    (HTTPSRedirectMiddleware, {}),
    (ProxyHeadersMiddleware, {}),
    (ServerErrorMiddleware, {}),
    (TrustedHostMiddleware, {"allowed_hosts": ["example.com"]}),
]


def passed(cls, options, scope):
    seen = []

    async def app(*channels):
        seen.extend(channels)

    async def receive(): ...
    async def send(message): ...

    asyncio.run(cls(app, **options)(scope, receive, send))
    assert seen == [scope, receive, send]
    assert seen[0] is scope


@pytest.mark.parametrize(("cls", "options"), HTTP_ONLY + BOTH)
def test_lifespans_pass(cls, options):
    passed(cls, options, {"type": "lifespan"})


@pytest.mark.parametrize(("cls", "options"), HTTP_ONLY)
def test_websockets_pass_where_only_http_counts(cls, options, new_scope):
    passed(cls, options, new_scope("websocket"))


def test_lifespans_pass_sessions():
    pytest.importorskip("itsdangerous", reason="the extra `sessions` is not installed")

    passed(SessionMiddleware, {"secret_key": "key"}, {"type": "lifespan"})
