"""One raw ASGI application that does what its path says."""

import asyncio
import contextvars
import json

import pytest

variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="unset")


class App:
    """`calls` keeps what happened, for tests that look behind the answers."""

    def __init__(self):
        self.calls: list[str] = []
        self.loops: set[int] = set()

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            await self.lifespan(scope, receive, send)
            return
        self.loops.add(id(asyncio.get_running_loop()))
        await getattr(self, "do_" + scope["path"].strip("/").split("/")[0])(scope, receive, send)

    async def lifespan(self, scope, receive, send):
        assert (await receive())["type"] == "lifespan.startup"
        self.calls.append("startup")
        scope["state"]["database"] = "open"
        await send({"type": "lifespan.startup.complete"})
        assert (await receive())["type"] == "lifespan.shutdown"
        self.calls.append("shutdown")
        await send({"type": "lifespan.shutdown.complete"})

    async def do_scope(self, scope, receive, send):
        """The scope, as JSON."""
        text = json.dumps(
            scope, default=lambda value: value.decode("latin-1") if isinstance(value, bytes) else repr(value)
        )
        await answer(send, text.encode())

    async def do_echo(self, scope, receive, send):
        """The body, and in how many messages it came."""
        pieces, more = [], True
        while more:
            message = await receive()
            pieces.append(message["body"])
            more = message.get("more_body", False)
        await answer(send, b"".join(pieces), headers=[(b"x-pieces", str(len(pieces)).encode())])

    async def do_variable(self, scope, receive, send):
        await answer(send, variable.get().encode())
        variable.set("changed by the application")

    async def do_state(self, scope, receive, send):
        seen = dict(scope["state"])
        scope["state"]["own"] = True
        await answer(send, json.dumps(seen).encode())

    async def do_raise(self, scope, receive, send):
        raise LookupError("broken")

    async def do_raiselate(self, scope, receive, send):
        await answer(send, b"half", more_body=True)
        raise LookupError("broken")

    async def do_nothing(self, scope, receive, send):
        pass

    async def do_cookie(self, scope, receive, send):
        sent = dict(scope["headers"]).get(b"cookie", b"")
        await answer(send, sent, headers=[(b"set-cookie", b"a=b"), (b"set-cookie", b"c=d")])

    async def do_redirect(self, scope, receive, send):
        await answer(send, b"", status=302, headers=[(b"location", b"/scope")])

    async def do_background(self, scope, receive, send):
        await answer(send, b"ok")
        await asyncio.sleep(0)
        self.calls.append("background")

    async def do_endless(self, scope, receive, send):
        """Never looks whether anybody listens."""
        try:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            while True:
                self.calls.append("piece")
                await send({"type": "http.response.body", "body": b"x", "more_body": True})
        finally:
            self.calls.append("ended")

    async def do_events(self, scope, receive, send):
        """Looks whether anybody listens, and says goodbye."""
        await receive()
        await answer(send, b"event", more_body=True)
        assert (await receive())["type"] == "http.disconnect"
        await send({"type": "http.response.body", "body": b"nobody hears this"})
        self.calls.append("saw the disconnect")

    async def do_debug(self, scope, receive, send):
        info = {"template": "page.html", "context": {"user": "ada"}}
        await send({"type": "http.response.debug", "info": info})
        await answer(send, b"page")

    async def do_trailers(self, scope, receive, send):
        start = {"type": "http.response.start", "status": 200, "headers": [], "trailers": True}
        await send(start)
        await send({"type": "http.response.body", "body": b"ok"})
        await send({"type": "http.response.trailers", "headers": [(b"a", b"b")], "more_trailers": True})
        await send({"type": "http.response.trailers", "headers": [(b"c", b"d")]})

    async def do_wrong(self, scope, receive, send):
        """Sends the messages of its path, in its order."""
        messages = {
            "start": {"type": "http.response.start", "status": 200, "headers": []},
            "trailing": {"type": "http.response.start", "status": 200, "headers": [], "trailers": True},
            "last": {"type": "http.response.body", "body": b""},
            "trailers": {"type": "http.response.trailers", "headers": []},
            "unknown": {"type": "http.response.unknown"},
        }
        for name in scope["path"].split("/")[2:]:
            await send(messages[name])

    # WebSockets

    async def do_chat(self, scope, receive, send):
        """Echoes messages with their kind until the client leaves."""
        assert (await receive())["type"] == "websocket.connect"
        offered = scope["subprotocols"]
        await send(
            {
                "type": "websocket.accept",
                "subprotocol": offered[0] if offered else None,
                "headers": [(b"x-chat", b"yes")],
            }
        )
        while (message := await receive())["type"] == "websocket.receive":
            if message.get("text") == "close":
                await send({"type": "websocket.close", "code": 4001, "reason": "asked to"})
                return
            if message.get("text") == "raise":
                raise LookupError("broken")
            if message.get("text") == "return":
                return
            await send({**message, "type": "websocket.send"})
        self.calls.append(f"disconnect {message['code']}")
        await asyncio.sleep(0)
        self.calls.append("cleaned up")

    async def do_refuse(self, scope, receive, send):
        await send({"type": "websocket.close", "code": 4003, "reason": "no"})

    async def do_deny(self, scope, receive, send):
        start = {"type": "websocket.http.response.start", "status": 403, "headers": [(b"x", b"y")]}
        await send(start)
        await send({"type": "websocket.http.response.body", "body": b"not ", "more_body": True})
        await send({"type": "websocket.http.response.body", "body": b"you"})

    async def do_deaf(self, scope, receive, send):
        """Never looks at the client again."""
        await send({"type": "websocket.accept"})
        try:
            await asyncio.Event().wait()
        finally:
            self.calls.append("cancelled")

    async def do_stubborn(self, scope, receive, send):
        """Asks again after the disconnect."""
        await send({"type": "websocket.accept"})
        kinds = [(await receive())["type"] for _ in range(3)]
        self.calls.append(" ".join(kinds))


async def answer(send, body, *, status=200, headers=(), more_body=False):
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})
    await send({"type": "http.response.body", "body": body, "more_body": more_body})


@pytest.fixture
def app():
    return App()


@pytest.fixture
def context_variable():
    token = variable.set("set by the test")
    yield variable
    variable.reset(token)
