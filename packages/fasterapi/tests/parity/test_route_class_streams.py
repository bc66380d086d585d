"""Behind a route class, responses come when they come elsewhere: streams piece by piece, tasks and exits afterwards."""

import asyncio
import contextvars
from collections.abc import AsyncIterable
from typing import Any

import pytest

number = contextvars.ContextVar("number", default=0)


def build(kit: Any, log: list[str]) -> Any:
    routing = __import__(f"{kit.module}.routing", fromlist=["APIRoute"])

    class Wrapped(routing.APIRoute):
        def get_route_handler(self):
            original = super().get_route_handler()

            async def handler(request):
                mode = request.query_params.get("mode")
                response = await original(request)
                log.append(
                    f"wrapped {'stream' if hasattr(response, 'body_iterator') else response.body} {number.get()}"
                )
                if mode == "replace":
                    return kit.PlainTextResponse("replaced")
                if mode == "raise":
                    raise kit.HTTPException(418, "raised")
                if mode == "again":
                    response = await original(request)
                response.headers["x-token"] = "seen"
                if mode == "rewrite":
                    pieces = response.body_iterator

                    async def louder():
                        async for piece in pieces:
                            yield piece.upper() if isinstance(piece, str) else bytes(piece).upper()

                    response.body_iterator = louder()
                return response

            return handler

    app = kit.App()
    router = kit.Router(route_class=Wrapped)

    async def resource():
        log.append("enter")
        try:
            yield "value"
        except BaseException as error:
            log.append(f"exit by {type(error).__name__}")
            raise
        else:
            log.append("exit")

    async def pieces():
        try:
            for letter in "abcdef":
                log.append(f"make {letter}")
                yield letter
                await asyncio.sleep(0)
        finally:
            log.append("closed")

    @router.get("/stream")
    async def stream(value: str = kit.Depends(resource)):
        number.set(7)
        return kit.StreamingResponse(pieces())

    @router.get("/endless")
    async def endless():
        async def forever():
            while True:
                yield "x"
                await asyncio.sleep(0)

        return kit.StreamingResponse(forever())

    @router.get("/events", response_class=kit.EventSourceResponse)
    async def events() -> AsyncIterable[str]:
        async for piece in pieces():
            yield piece

    @router.get("/lines")
    async def lines() -> AsyncIterable[str]:
        async for piece in pieces():
            yield piece

    @router.get("/plain")
    async def plain(tasks: kit.BackgroundTasks, value: str = kit.Depends(resource)):
        number.set(7)
        tasks.add_task(log.append, "task")
        return value

    @router.get("/file")
    async def file():
        return kit.FileResponse(__file__)

    @router.get("/own")
    async def own(request: kit.Request):
        return kit.PlainTextResponse("own", background=kit.BackgroundTask(log.append, "task"))

    app.include_router(router)
    return app


class Gone(OSError):
    """What a server raises whose client has left."""


def ask(app: Any, log: list[str], path: str, *, leave_after: int = 99, spec_version: str = "2.4") -> None:
    """Note in `log` what is sent and when; the client leaves after so many pieces."""
    target, _, query = path.partition("?")
    left = asyncio.Event()
    pieces = 0

    async def receive():
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        nonlocal pieces
        if message["type"] == "http.response.start":
            headers = dict(message["headers"])
            log.append(f"start {message['status']} {headers.get(b'x-token')}")
        elif body := message.get("body"):
            pieces += 1
            log.append(f"send {len(body)}" if len(body) > 40 else f"send {bytes(body)!r}")
            if pieces == leave_after:
                left.set()
                if spec_version == "2.4":
                    raise Gone
        await asyncio.sleep(0)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": spec_version},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": target,
        "raw_path": target.encode(),
        "query_string": query.encode(),
        "headers": [],
        "client": ("127.0.0.1", 1),
        "server": ("localhost", 80),
        "extensions": {"http.response.pathsend": {}},
    }

    async def main():
        try:
            await app(scope, receive, send)
        except Exception as error:
            log.append(type(error).__name__)
        if asyncio.all_tasks() - {asyncio.current_task()}:
            log.append("not over")

    asyncio.run(main())


def logs(parity, path, **options):
    found = {}
    for name, kit in parity._kits.items():
        log: list[str] = []
        ask(build(kit, log), log, path, **options)
        found[name] = log
    return found


@pytest.mark.parametrize("path", ["/stream", "/plain", "/own", "/stream?mode=rewrite"])
def test_everything_comes_in_the_same_order(parity, path):
    found = logs(parity, path)
    assert found["ours"] == found["theirs"]


@pytest.mark.parametrize("path", ["/events", "/lines"])
def test_pieces_are_sent_while_others_are_still_to_be_made(parity, path):
    for log in logs(parity, path).values():
        sent = [entry for entry in log if entry.startswith("send")]
        assert len(sent) == 6
        assert log.index(sent[0]) < log.index("make f")


def test_a_handler_may_be_called_again(parity):
    log = logs(parity, "/plain?mode=again")["ours"]
    assert (log.count("enter"), log.count("exit"), log.count("start 200 b'seen'")) == (2, 2, 1)


@pytest.mark.parametrize("path", ["/stream", "/events", "/lines"])
@pytest.mark.parametrize("spec_version", ["2.3", "2.4"])
def test_a_client_that_leaves_stops_the_stream(parity, path, spec_version):
    for name, log in logs(parity, path, leave_after=1, spec_version=spec_version).items():
        assert len([entry for entry in log if entry.startswith("send")]) < 4, name
        assert "make f" not in log
        if name == "ours":
            assert "closed" in log


def test_a_file_arrives_whole(parity):
    with open(__file__, "rb") as file:
        size = len(file.read())
    assert logs(parity, "/file")["ours"][-1] == f"send {size}"


@pytest.mark.parametrize("path", ["/plain?mode=replace", "/stream?mode=replace", "/endless?mode=replace"])
def test_a_response_may_be_replaced_and_nothing_is_left_running(parity, path):
    for log in logs(parity, path).values():
        assert "send b'replaced'" in log
        assert "not over" not in log
        assert log[-1] in {"exit", "task", "exit by CancelledError"} or path.startswith("/endless")


@pytest.mark.parametrize("path", ["/plain?mode=raise", "/stream?mode=raise"])
def test_an_error_after_the_handler_reaches_the_dependencies(parity, path):
    for log in logs(parity, path).values():
        assert "not over" not in log
        assert "start 418 None" in log
        assert any(entry.startswith("exit by") for entry in log)
        assert "task" not in log
