"""What several test modules share: the oracle, an ASGI client, golden files."""

import asyncio
import importlib.util
import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import settings

# Whatever the profile: a slow machine is no failure. Time is measured in `benchmarks/`, never in tests.
settings.register_profile("no deadline", settings.default, deadline=None)
settings.load_profile("no deadline")

HERE = Path(__file__).parent


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"router_tests_{name}", HERE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def reference():
    """The oracle's class: `reference(routes).resolve(method, path)`."""
    return _load("reference").Reference


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    def check(name: str, text: str) -> None:
        path = HERE / "golden" / name
        if os.environ.get("UPDATE_GOLDEN"):
            path.write_text(text)
        assert text == path.read_text(), f"{name} changed; run UPDATE_GOLDEN=1 pytest and read the diff"

    return check


class Answer:
    """What an application sent: `status`, `headers` (a dict of str), `body`, `messages`."""

    def __init__(self, messages):
        self.messages = messages
        start = messages[0] if messages else {}
        self.status = start.get("status")
        self.headers = {name.decode(): value.decode() for name, value in start.get("headers", ())}
        self.body = b"".join(message.get("body", b"") for message in messages)


@pytest.fixture
def call():
    """Send one request to an ASGI application: `call(app, "GET", "/path", **more_of_the_scope)`."""

    def send_request(app, method, path, **more):
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.5"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "query_string": b"",
            "root_path": "",
            "headers": [],
            **more,
        }
        messages = []

        async def receive():
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message):
            messages.append(message)

        asyncio.run(app(scope, receive, send))
        return Answer(messages)

    return send_request


@pytest.fixture
def echo():
    """Makes ASGI applications that answer with their name and what the router told them."""

    def make(name):
        async def app(scope, receive, send):
            params = dict(scope.get("path_params", {}))
            body = f"{name} {params} root={scope.get('root_path', '')} path={scope['path']}".encode()
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 3000, "reason": body.decode()})
                return
            await send({"type": "http.response.start", "status": 200, "headers": [(b"x-app", name.encode())]})
            await send({"type": "http.response.body", "body": body})

        app.__name__ = name
        return app

    return make
