"""A WSGI application as an ASGI application, by a2wsgi."""

import sys

import pytest

from fasterapi.middleware import WSGIMiddleware


def hello(environ, start_response):
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain"), ("X-Path", environ["PATH_INFO"])])
    return [environ["REQUEST_METHOD"].encode(), b" ", body]


def test_requests_are_answered(ask):
    pytest.importorskip("a2wsgi", reason="the extra `wsgi` is not installed")

    answer = ask(WSGIMiddleware(hello), method="POST", path="/a", body=[b"b", b"c"])

    assert (answer.status, answer.body) == (200, b"POST bc")
    assert answer.headers["x-path"] == "/a"


def test_errors_are_raised(ask):
    pytest.importorskip("a2wsgi", reason="the extra `wsgi` is not installed")

    def broken(environ, start_response):
        raise LookupError("broken")

    with pytest.raises(LookupError, match="broken"):
        ask(WSGIMiddleware(broken))


def test_without_a2wsgi_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "a2wsgi", None)

    with pytest.raises(RuntimeError, match=r"fasterapi\[wsgi\]"):
        WSGIMiddleware(hello)
