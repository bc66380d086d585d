"""Going down: signals are noticed beside the server's handlers, and event streams and WebSockets are told."""

import asyncio
import contextlib
import gc
import os
import signal
import threading
from collections.abc import AsyncIterable

import pytest

from fasterapi import EventSourceResponse, Faster, StreamingResponse, WebSocket, WebSocketDisconnect
from fasterapi.shutdown import Shutdown, watch_signals

RESTART = {"type": "websocket.close", "code": 1012, "reason": "service restart"}


@contextlib.asynccontextmanager
async def running(app):
    """`app` between its start-up and its shutdown."""
    stop, started = asyncio.Event(), asyncio.Event()
    kinds = iter(["lifespan.startup", "lifespan.shutdown"])

    async def receive():
        kind = next(kinds)
        if kind == "lifespan.shutdown":
            await stop.wait()
        return {"type": kind}

    async def send(message):
        started.set()

    task = asyncio.ensure_future(app({"type": "lifespan", "state": {}}, receive, send))
    await started.wait()
    try:
        yield
    finally:
        stop.set()
        await task


@contextlib.contextmanager
def handled(number, handler):
    before = signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, before)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_begins_the_shutdown_and_the_servers_handler_is_called_too(number):
    app, heard = Faster(), []

    def servers_own(number, frame):
        heard.append(number)

    async def main():
        async with running(app):
            assert not app.is_shutting_down
            os.kill(os.getpid(), number)
            await asyncio.wait_for(app.shutdown_begun(), 5)
            assert app.is_shutting_down
            assert heard == [number]

    with handled(number, servers_own):
        asyncio.run(main())
        assert signal.getsignal(number) is servers_own


@pytest.mark.parametrize("untouched", ["not asked for", "not the main thread", "not handled by anyone"])
def test_signals_are_left_alone(untouched):
    app = Faster(watch_signals=untouched != "not asked for")
    handler = signal.SIG_DFL if untouched == "not handled by anyone" else lambda number, frame: None
    found = []

    async def main():
        async with running(app):
            found.append(signal.getsignal(signal.SIGTERM))

    with handled(signal.SIGTERM, handler):
        if untouched == "not the main thread":
            thread = threading.Thread(target=asyncio.run, args=(main(),))
            thread.start()
            thread.join()
        else:
            asyncio.run(main())
    assert found == [handler]


def test_a_handler_that_somebody_put_on_top_stays():
    def later(number, frame): ...

    async def main():
        with watch_signals(Shutdown()):
            signal.signal(signal.SIGTERM, later)

    with handled(signal.SIGTERM, lambda number, frame: None):
        asyncio.run(main())
        assert signal.getsignal(signal.SIGTERM) is later


def test_the_servers_word_begins_the_shutdown_at_last_and_a_new_start_ends_it():
    app, seen = Faster(), []
    app.on_shutdown(lambda: seen.append(app.is_shutting_down))

    async def main():
        async with running(app):
            pass
        assert app.is_shutting_down
        async with running(app):
            assert not app.is_shutting_down

    asyncio.run(main())
    assert seen == [True, True]


def test_any_thread_may_begin_the_shutdown():
    app = Faster()

    async def main():
        waiting = asyncio.ensure_future(app.shutdown_begun())
        await asyncio.sleep(0)
        await asyncio.to_thread(app.begin_shutdown)
        await asyncio.wait_for(waiting, 5)
        await app.shutdown_begun()  # at once, as it has

    asyncio.run(main())


def test_a_mounted_application_goes_down_with_the_one_around_it():
    app, inner = Faster(), Faster()
    app.mount("/inner", inner)

    async def main():
        async with running(app):
            app.begin_shutdown()
            await asyncio.wait_for(inner.shutdown_begun(), 5)

    asyncio.run(main())


def test_who_is_gone_is_not_told_and_a_closed_loop_is_no_obstacle():
    shutdown, told = Shutdown(), []

    class Listener:
        def on_shutdown(self):
            told.append(self)

    stays = Listener()

    async def main():
        shutdown.tell(Listener())
        shutdown.tell(stays)

    asyncio.run(main())
    gc.collect()
    shutdown.begin()
    assert shutdown.has_begun
    assert told == []


def stream(app, path="/", **more):
    """Ask `app` for `path`; what it sends is in the list, and `first` is set with the first piece of a body."""
    sent, first = [], asyncio.Event()

    async def receive():
        await asyncio.Event().wait()

    async def send(message):
        sent.append(message)
        if message.get("body"):
            first.set()

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": more.pop("spec_version", "2.4")},
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": [],
    }
    return asyncio.ensure_future(app(scope, receive, send)), sent, first


def event_app(closed):
    app = Faster()

    async def numbers():
        try:
            yield 1
            await asyncio.Event().wait()
        finally:
            closed.append("closed")

    @app.get("/yields", response_class=EventSourceResponse)
    async def yields() -> AsyncIterable[int]:
        async for number in numbers():
            yield number

    @app.get("/returns")
    async def returns():
        return EventSourceResponse(numbers())

    @app.get("/builds", response_class=EventSourceResponse)
    async def builds():
        return numbers()

    return app


@pytest.mark.parametrize("spec_version", ["2.3", "2.4"])
@pytest.mark.parametrize("path", ["/yields", "/returns", "/builds"])
def test_an_event_stream_ends_and_its_iterator_is_closed(path, spec_version):
    closed = []
    app = event_app(closed)

    async def main():
        answering, sent, first = stream(app, path, spec_version=spec_version)
        await asyncio.wait_for(first.wait(), 5)
        app.begin_shutdown()
        await asyncio.wait_for(answering, 5)
        await asyncio.sleep(0)
        assert [message.get("body") for message in sent] == [None, b"data: 1\n\n", b""]
        assert sent[-1]["more_body"] is False

    asyncio.run(main())
    assert closed == ["closed"]


def test_an_event_stream_that_begins_too_late_is_empty():
    app = event_app([])

    async def main():
        app.begin_shutdown()
        answering, sent, _ = stream(app, "/yields")
        await asyncio.wait_for(answering, 5)
        assert [message.get("body") for message in sent] == [None, b""]

    asyncio.run(main())


def test_the_event_that_is_on_its_way_arrives_and_no_other_one():
    app, may_go = Faster(), asyncio.Event()

    @app.get("/", response_class=EventSourceResponse)
    async def numbers() -> AsyncIterable[int]:
        for number in range(100):
            yield number

    async def main():
        sent = []

        async def send(message):
            sent.append(message.get("body"))
            if len(sent) == 3:
                app.begin_shutdown()
                await may_go.wait()

        async def receive():
            await asyncio.Event().wait()

        scope = {"type": "http", "asgi": {"spec_version": "2.4"}, "method": "GET", "path": "/", "headers": []}
        answering = asyncio.ensure_future(app(scope, receive, send))
        await app.shutdown_begun()
        may_go.set()
        await asyncio.wait_for(answering, 5)
        assert sent == [None, b"data: 0\n\n", b"data: 1\n\n", b""]

    asyncio.run(main())


@pytest.mark.parametrize("place", ["argument", "subclass"])
def test_a_stream_may_have_time_to_end_by_itself(place):
    app = Faster()

    class Patient(EventSourceResponse):
        shutdown_grace_period = 60

    @app.get("/")
    async def read():
        async def numbers():
            yield 1
            await app.shutdown_begun()
            yield "bye"

        if place == "subclass":
            return Patient(numbers())
        return EventSourceResponse(numbers(), shutdown_grace_period=60)

    async def main():
        answering, sent, first = stream(app)
        await asyncio.wait_for(first.wait(), 5)
        app.begin_shutdown()
        await asyncio.wait_for(answering, 5)
        assert [message.get("body") for message in sent] == [None, b"data: 1\n\n", b"data: bye\n\n", b""]

    asyncio.run(main())


def test_the_time_to_end_is_limited():
    closed = []

    async def endless():
        try:
            yield 1
            await asyncio.Event().wait()
        finally:
            closed.append("closed")

    app = Faster()

    @app.get("/")
    async def read():
        return EventSourceResponse(endless(), shutdown_grace_period=0.01)

    async def main():
        answering, _, first = stream(app)
        await asyncio.wait_for(first.wait(), 5)
        app.begin_shutdown()
        await asyncio.wait_for(answering, 5)

    asyncio.run(main())
    assert closed == ["closed"]


def test_other_streams_are_requests_that_may_end():
    app = Faster()

    @app.get("/")
    async def read():
        async def lines():
            yield b"a"
            await app.shutdown_begun()
            yield b"b"

        return StreamingResponse(lines())

    async def main():
        answering, sent, first = stream(app)
        await asyncio.wait_for(first.wait(), 5)
        app.begin_shutdown()
        await asyncio.wait_for(answering, 5)
        assert [message.get("body") for message in sent] == [None, b"a", b"b", b""]

    asyncio.run(main())


class Client:
    """The other end of one WebSocket."""

    def __init__(self, app):
        self.incoming: asyncio.Queue = asyncio.Queue()
        self.incoming.put_nowait({"type": "websocket.connect"})
        self.sent: list = []
        self.is_closed = False
        scope = {"type": "websocket", "path": "/", "query_string": b"", "headers": []}
        self.serving = asyncio.ensure_future(app(scope, self.incoming.get, self.send))

    async def send(self, message):
        self.sent.append(message)
        if message["type"] == "websocket.close":
            self.incoming.put_nowait({"type": "websocket.disconnect", "code": 1000})
        if self.is_closed:
            raise RuntimeError("closed already")

    async def until(self, count):
        while len(self.sent) < count:
            await asyncio.sleep(0)


def websocket_app(handler):
    app = Faster()
    app.websocket("/")(handler)
    return app


@pytest.fixture
def patience(monkeypatch):
    """Nobody gets through a test by waiting."""
    monkeypatch.setattr("fasterapi.websockets._connection.ANSWER_SECONDS", 3600)


RECEIVING = {
    "text": lambda ws: ws.receive_text(),
    "bytes": lambda ws: ws.receive_bytes(),
    "json": lambda ws: ws.receive_json(),
    "struct": lambda ws: ws.receive_struct(int),
}


@pytest.mark.usefixtures("patience")
@pytest.mark.parametrize("receive", RECEIVING.values(), ids=RECEIVING)
def test_a_handler_that_waits_for_a_message_is_told_at_once(receive):
    ends = []

    async def handler(websocket: WebSocket):
        await websocket.accept()
        try:
            await receive(websocket)
        except WebSocketDisconnect as error:
            ends.append((error.code, error.reason))

    async def main():
        app = websocket_app(handler)
        client = Client(app)
        await client.until(1)
        await asyncio.sleep(0)
        app.begin_shutdown()
        await asyncio.wait_for(client.serving, 5)
        assert client.sent[1:] == [RESTART]

    asyncio.run(main())
    assert ends == [(1012, "service restart")]


@pytest.mark.usefixtures("patience")
@pytest.mark.parametrize("iterate", ["iter_text", "iter_bytes", "iter_json"])
def test_iteration_ends(iterate):
    async def handler(websocket: WebSocket):
        await websocket.accept()
        async for _ in getattr(websocket, iterate)():
            pass
        await websocket.close()  # closing what is closed is what was wanted

    async def main():
        app = websocket_app(handler)
        client = Client(app)
        await client.until(1)
        await asyncio.sleep(0)
        app.begin_shutdown()
        await asyncio.wait_for(client.serving, 5)
        assert client.sent[1:] == [RESTART]

    asyncio.run(main())


@pytest.mark.usefixtures("patience")
def test_a_message_that_is_being_handled_is_answered_first():
    working, finish = asyncio.Event(), asyncio.Event()

    async def handler(websocket: WebSocket):
        await websocket.accept()
        async for text in websocket.iter_text():
            working.set()
            await finish.wait()
            await websocket.send_text(f"answer to {text}")

    async def main():
        app = websocket_app(handler)
        client = Client(app)
        client.incoming.put_nowait({"type": "websocket.receive", "text": "a"})
        await working.wait()
        app.begin_shutdown()
        await app.shutdown_begun()
        finish.set()
        await asyncio.wait_for(client.serving, 5)
        assert client.sent[1:] == [{"type": "websocket.send", "text": "answer to a"}, RESTART]

    asyncio.run(main())


@pytest.mark.usefixtures("patience")
def test_who_only_sends_is_told_at_once():
    ends = []

    async def handler(websocket: WebSocket):
        await websocket.accept()
        try:
            while True:
                await websocket.send_text("x")
                await asyncio.sleep(0)
        except WebSocketDisconnect as error:
            ends.append(error.code)

    async def main():
        app = websocket_app(handler)
        client = Client(app)
        await client.until(2)
        app.begin_shutdown()
        await asyncio.wait_for(client.serving, 5)
        assert client.sent[-1] == RESTART

    asyncio.run(main())
    assert ends == [1012]


def test_an_answer_that_takes_too_long_is_not_waited_for(monkeypatch):
    monkeypatch.setattr("fasterapi.websockets._connection.ANSWER_SECONDS", 0)
    working, ends = asyncio.Event(), []

    async def handler(websocket: WebSocket):
        await websocket.accept()
        await websocket.receive_text()
        working.set()
        try:
            while True:
                await asyncio.sleep(0)
                await websocket.send_text("part")
        except WebSocketDisconnect as error:
            ends.append(error.code)

    async def main():
        app = websocket_app(handler)
        client = Client(app)
        client.incoming.put_nowait({"type": "websocket.receive", "text": "a"})
        await working.wait()
        app.begin_shutdown()
        await asyncio.wait_for(client.serving, 5)
        assert client.sent[-1] == RESTART

    asyncio.run(main())
    assert ends == [1012]


def test_a_handler_that_waits_for_the_shutdown_has_the_last_word():
    async def handler(websocket: WebSocket):
        await websocket.accept()
        await websocket.app.shutdown_begun()
        await websocket.send_text("bye")
        await websocket.close(1001)

    async def main():
        app = websocket_app(handler)
        client = Client(app)
        await client.until(1)
        await asyncio.sleep(0)
        app.begin_shutdown()
        await asyncio.wait_for(client.serving, 5)
        assert client.sent[1:] == [
            {"type": "websocket.send", "text": "bye"},
            {"type": "websocket.close", "code": 1001, "reason": ""},
        ]

    asyncio.run(main())


@pytest.mark.usefixtures("patience")
def test_a_server_that_was_faster_does_no_harm():
    problems = []

    async def handler(websocket: WebSocket):
        await websocket.accept()
        await websocket.receive_text()

    async def main():
        app = websocket_app(handler)
        client = Client(app)
        await client.until(1)
        client.is_closed = True
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: problems.append(context))
        app.begin_shutdown()
        await asyncio.wait_for(client.serving, 5)  # the handler's exception is nobody's mistake
        await asyncio.sleep(0)
        gc.collect()

    asyncio.run(main())
    assert problems == []


def test_a_connection_that_comes_too_late_is_told_to_come_again():
    async def handler(websocket: WebSocket):
        await websocket.accept()
        await websocket.receive_text()

    async def main():
        app = websocket_app(handler)
        app.begin_shutdown()
        client = Client(app)
        await asyncio.wait_for(client.serving, 5)
        assert [message["type"] for message in client.sent] == ["websocket.accept", "websocket.close"]
        assert client.sent[1] == RESTART

    asyncio.run(main())


def test_a_disconnect_at_any_other_time_is_the_handlers_business():
    async def handler(websocket: WebSocket):
        await websocket.accept()
        await websocket.receive_text()

    async def main():
        client = Client(websocket_app(handler))
        client.incoming.put_nowait({"type": "websocket.disconnect", "code": 1001})
        with pytest.raises(WebSocketDisconnect):
            await asyncio.wait_for(client.serving, 5)

    asyncio.run(main())


def test_by_a_signal_nobody_is_told_before_the_server_has_stopped_listening():
    """Who is told comes back at once, and would find the server that is going."""

    class Told:
        times = 0

        def on_shutdown(self):
            self.times += 1

    async def main():
        shutdown, listener = Shutdown(), Told()
        shutdown.tell(listener)
        shutdown.begin_when_closed()
        await asyncio.sleep(0)
        assert (shutdown.has_begun, listener.times) == (True, 0)
        shutdown.begin()
        await asyncio.sleep(0)
        assert listener.times == 1

    asyncio.run(main())


def test_a_connection_that_the_server_has_closed_for_the_shutdown_ends_with_1012():
    """uvicorn closes connections before the handlers are told."""
    app = Faster()
    codes = []

    @app.websocket("/")
    async def talk(websocket: WebSocket):
        await websocket.accept()
        app._shutdown.has_begun = True
        try:
            await websocket.send_text("anybody?")
        except WebSocketDisconnect as gone:
            codes.append(gone.code)

    async def receive():
        return {"type": "websocket.connect"}

    async def send(message):
        if message["type"] == "websocket.send":
            raise OSError

    asyncio.run(app({"type": "websocket", "path": "/", "headers": [], "query_string": b""}, receive, send))
    assert codes == [1012]


def test_a_loop_that_is_closed_at_this_very_moment_keeps_nobody_from_being_told():
    class Closing(asyncio.SelectorEventLoop):
        """Closed by its thread when another one has just seen that it is not."""

        def call_soon_threadsafe(self, *args, **options):
            self.close()
            return super().call_soon_threadsafe(*args, **options)

    class Listening:
        def __init__(self):
            self.told = 0

        def on_shutdown(self):
            self.told += 1

    async def listen(listener):
        shutdown.tell(listener)

    shutdown = Shutdown()
    lost, told = Listening(), Listening()
    closing = Closing()
    closing.run_until_complete(listen(lost))

    async def main():
        shutdown.tell(told)
        shutdown.begin()
        await asyncio.sleep(0)

    asyncio.run(main())
    closing.close()
    assert (lost.told, told.told) == (0, 1)
