"""The names that FastAPI's and Starlette's users import, and the seed's."""

import importlib

import pytest

import fasterapi.authentication
import fasterapi.middleware


def test_public_names_are_exactly_these():
    assert fasterapi.middleware.__all__ == [
        "AuthenticationMiddleware",
        "BaseHTTPMiddleware",
        "BodyLimitMiddleware",
        "CORSMiddleware",
        "CompressionMiddleware",
        "DispatchFunction",
        "ExceptionMiddleware",
        "GZipMiddleware",
        "HTTPSRedirectMiddleware",
        "Middleware",
        "ProxyHeadersMiddleware",
        "RequestResponseEndpoint",
        "ServerErrorMiddleware",
        "SessionMiddleware",
        "TimeoutMiddleware",
        "TrustedHostMiddleware",
        "WSGIMiddleware",
        "build_stack",
        "lookup_handler",
    ]
    assert fasterapi.authentication.__all__ == [
        "AuthCredentials",
        "AuthenticationBackend",
        "AuthenticationError",
        "BaseUser",
        "SimpleUser",
        "UnauthenticatedUser",
        "has_required_scope",
        "requires",
    ]


@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("authentication", ["AuthenticationMiddleware"]),
        ("base", ["BaseHTTPMiddleware", "DispatchFunction", "RequestResponseEndpoint"]),
        ("accesslog", ["AccessLogMiddleware"]),
        ("body_limit", ["BodyLimitMiddleware", "RequestBodyLimitMiddleware"]),
        ("cors", ["ALL_METHODS", "CORSMiddleware", "SAFELISTED_HEADERS"]),
        ("decompression", ["DecompressionMiddleware"]),
        ("csrf", ["CSRFMiddleware", "csrf_token"]),
        ("errors", ["ServerErrorMiddleware"]),
        ("exceptions", ["ExceptionMiddleware"]),
        ("gzip", ["DEFAULT_EXCLUDED_CONTENT_TYPES", "GZipMiddleware"]),
        ("httpsredirect", ["HTTPSRedirectMiddleware"]),
        ("idempotency", ["IdempotencyMiddleware"]),
        ("ratelimit", ["RateLimit", "RateLimitMiddleware", "client_address"]),
        ("responsecache", ["ResponseCacheMiddleware"]),
        ("metrics", ["PrometheusMiddleware", "metrics_endpoint"]),
        ("requestid", ["RequestIDFilter", "RequestIDMiddleware", "current_request_id"]),
        ("securityheaders", ["DEFAULT_CSP", "SecurityHeadersMiddleware"]),
        ("sessions", ["Session", "SessionMiddleware"]),
        ("trustedhost", ["TrustedHostMiddleware"]),
        ("wsgi", ["WSGIMiddleware"]),
    ],
)
def test_imports_that_are_only_renamed_work(module, names):
    found = importlib.import_module(f"fasterapi.middleware.{module}")

    assert [name for name in names if not hasattr(found, name)] == []
