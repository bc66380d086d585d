"""The names that FastAPI's users import."""

import inspect

import fasterapi.testclient
from fasterapi.testclient import TestClient


def test_public_names_are_exactly_these():
    assert fasterapi.testclient.__all__ == [
        "AsyncTestClient",
        "AsyncWebSocketTestSession",
        "TestClient",
        "WebSocketDenialResponse",
        "WebSocketTestSession",
        "assert_contract",
    ]


def test_the_parameters_are_starlettes_in_their_order():
    assert list(inspect.signature(TestClient).parameters) == [
        "app",
        "base_url",
        "raise_server_exceptions",
        "root_path",
        "backend",
        "backend_options",
        "cookies",
        "headers",
        "follow_redirects",
        "client",
    ]
