"""Responses whose body comes piece by piece: order, back-pressure, disconnects and closing."""

import asyncio
import threading

import pytest

from fasterapi.background import BackgroundTask
from fasterapi.exceptions import ClientDisconnect
from fasterapi.responses import StreamingResponse


async def asynchronously(items):
    for item in items:
        yield item


def synchronously(items):
    yield from items


@pytest.mark.parametrize("wrap", [list, tuple, iter, synchronously, asynchronously])
@pytest.mark.parametrize("spec", ["2.0", "2.3", "2.4"])
def test_the_pieces_are_sent_as_they_come(call, wrap, spec):
    answer = call(StreamingResponse(wrap(["a", b"b", memoryview(b"c")]), media_type="text/plain"), spec=spec)
    assert answer.chunks == [b"a", b"b", b"c", b""]
    assert answer.is_complete
    assert answer.header("content-type") == "text/plain; charset=utf-8"
    assert answer.header("content-length") is None


def test_status_headers_and_background(call):
    ran = []
    response = StreamingResponse([], 201, {"x-a": "1"}, background=BackgroundTask(ran.append, 1))
    answer = call(response)
    assert (answer.status, answer.header("x-a"), ran) == (201, "1", [1])


def test_a_plain_iterator_runs_in_a_worker_thread(call):
    def where():
        yield str(threading.current_thread() is threading.main_thread())

    assert call(StreamingResponse(where())).body == b"False"


def test_the_next_piece_waits_until_the_last_one_was_taken():
    asked = []

    async def pieces():
        for number in range(3):
            asked.append(number)
            yield str(number)

    seen = []

    async def send(message):
        seen.append(list(asked))

    async def forever():
        await asyncio.Event().wait()

    asyncio.run(StreamingResponse(pieces())({"type": "http"}, forever, send))
    assert seen == [[], [0], [0, 1], [0, 1, 2], [0, 1, 2]]


class Endless:
    """Gives pieces for ever, and notes that it was closed."""

    def __init__(self):
        self.closed = asyncio.Event()

    async def asynchronous(self):
        try:
            while True:
                yield b"x"
                await asyncio.sleep(0)
        finally:
            self.closed.set()

    async def silent(self):
        try:
            yield b"x"
            await asyncio.Event().wait()
        finally:
            self.closed.set()

    def synchronous(self):
        try:
            while True:
                yield b"x"
        finally:
            self.closed.set()


@pytest.mark.parametrize("kind", ["asynchronous", "silent", "synchronous"])
def test_a_client_that_leaves_stops_and_closes_the_iterator(kind):
    async def main():
        source = Endless()
        started = asyncio.Event()
        ran = []

        async def receive():
            await started.wait()
            return {"type": "http.disconnect"}

        async def send(message):
            if message.get("body"):
                started.set()

        response = StreamingResponse(getattr(source, kind)(), background=BackgroundTask(ran.append, 1))
        async with asyncio.timeout(10):
            await response({"type": "http", "asgi": {"spec_version": "2.3"}}, receive, send)
        assert source.closed.is_set()
        assert ran == [1]
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(main())


@pytest.mark.parametrize("kind", ["asynchronous", "synchronous"])
def test_a_server_that_says_so_by_an_error_from_send(kind):
    async def main():
        source = Endless()

        async def send(message):
            if message.get("body"):
                raise OSError("gone")

        async def receive():
            raise AssertionError("not needed")

        with pytest.raises(ClientDisconnect):
            await StreamingResponse(getattr(source, kind)())(
                {"type": "http", "asgi": {"spec_version": "2.4"}}, receive, send
            )
        assert source.closed.is_set()

    asyncio.run(main())


@pytest.mark.parametrize("spec", ["2.3", "2.4"])
def test_an_error_of_the_iterator_reaches_the_server(call, spec):
    async def broken():
        yield b"a"
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        call(StreamingResponse(broken()), spec=spec)


def test_an_iterable_that_makes_its_iterator_later_is_closed_too():
    class Pieces:
        def __init__(self):
            self.source = Endless()

        def __aiter__(self):
            return self.source.asynchronous()

    async def main():
        pieces = Pieces()

        async def send(message):
            if message.get("body"):
                raise OSError("gone")

        with pytest.raises(OSError, match="gone"):
            await StreamingResponse(pieces).to_asgi(send)
        assert pieces.source.closed.is_set()

    asyncio.run(main())


def test_a_cancelled_response_leaves_nothing_behind():
    async def main():
        source = Endless()

        async def forever(*args):
            await asyncio.Event().wait()

        async def send(message):
            pass

        task = asyncio.create_task(StreamingResponse(source.silent())({"type": "http"}, forever, send))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert source.closed.is_set()
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(main())


def test_a_generator_is_closed_only_when_its_thread_has_left_it():
    """Closing a generator that runs in another thread would be an error of its own."""
    running, go_on, closed = threading.Event(), threading.Event(), threading.Event()

    def slow():
        try:
            running.set()
            go_on.wait(10)
            yield b"x"
        finally:
            closed.set()

    async def main():
        async def receive():
            while not running.is_set():
                await asyncio.sleep(0)
            asyncio.get_running_loop().call_later(0.05, go_on.set)
            return {"type": "http.disconnect"}

        async def send(message):
            pass

        await StreamingResponse(slow())({"type": "http"}, receive, send)
        assert closed.is_set()

    asyncio.run(main())


def test_head_does_not_start_the_iterator(call):
    started = []

    async def pieces():
        started.append(1)
        yield b"x"

    answer = call(StreamingResponse(pieces()), "HEAD")
    assert (answer.body, answer.is_complete, started) == (b"", True, [])


def test_a_stream_denies_a_websocket():
    messages = []

    async def send(message):
        messages.append(message["type"])

    asyncio.run(
        StreamingResponse(["no"], background=BackgroundTask(messages.append, "ran"))(
            {"type": "websocket"}, None, send
        )
    )
    assert messages == ["websocket.http.response.start"] + ["websocket.http.response.body"] * 2 + ["ran"]


def test_to_asgi_sends_the_stream():
    messages = []

    async def send(message):
        messages.append(message.get("body"))

    asyncio.run(StreamingResponse(["a"]).to_asgi(send))
    assert messages == [None, b"a", b""]
