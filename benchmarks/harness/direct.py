"""Calls an ASGI application as a server would, without a server.

Knows: ASGI scopes and messages. Does not know: what is measured against what, any framework.
Scopes are made before the clock starts; `send` throws messages away while it runs.
"""

import asyncio
import gc
import json
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

from harness.workloads import WORKLOADS, Workload, request_headers

__all__ = ["DirectApplication"]

_WORKLOADS = {workload.name: workload for workload in WORKLOADS}
_SCOPES_AT_ONCE = 1_000


class _Client:
    """The messages of one request, again and again; then silence, as from a client that waits."""

    __slots__ = ("ended", "messages", "position")

    def __init__(self, messages: list[dict[str, Any]]) -> None:
        self.messages = messages
        self.position = 0
        self.ended: asyncio.Future[None] | None = None

    async def receive(self) -> dict[str, Any]:
        position = self.position
        if position < len(self.messages):
            self.position = position + 1
            return self.messages[position]
        self.ended = asyncio.get_running_loop().create_future()
        await self.ended
        return {"type": "http.disconnect"}

    async def forget(self, message: dict[str, Any]) -> None:
        pass

    async def leave(self, message: dict[str, Any]) -> None:
        """Throw a message away; after the last one the connection is closed, which some applications await."""
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            await asyncio.sleep(0)
            if self.ended is not None:
                self.ended.set_result(None)
                self.ended = None


class _Instant:
    """A moment, by the process's CPU time and by the wall clock, in ns."""

    __slots__ = ("cpu", "wall")

    def __init__(self) -> None:
        self.cpu = time.process_time_ns()
        self.wall = time.perf_counter_ns()

    def until(self, later: "_Instant") -> dict[str, float]:
        return {"cpu": later.cpu - self.cpu, "wall": later.wall - self.wall}


class _EchoClient:
    """Sends a text when the one before has come back, `count` times, and leaves.

    `on_edge` is called when the first text is asked for, and when the last one has come back.
    """

    def __init__(self, count: int, on_edge: Callable[[], None] = lambda: None) -> None:
        self.count = count
        self.sent = self.echoed = 0
        self.texts: list[str] = []
        self.waiting: asyncio.Future[None] | None = None
        self.on_edge = on_edge

    async def receive(self) -> dict[str, Any]:
        sent = self.sent
        self.sent = sent + 1
        if sent < 2:
            if sent == 0:
                return {"type": "websocket.connect"}
            self.on_edge()
        if self.echoed < sent - 1:
            self.waiting = asyncio.get_running_loop().create_future()
            await self.waiting
        if sent > self.count:
            self.on_edge()
            return {"type": "websocket.disconnect", "code": 1000}
        return {"type": "websocket.receive", "text": "hello"}

    async def send(self, message: dict[str, Any]) -> None:
        if message["type"] == "websocket.send":
            self.echoed += 1
            if self.waiting is not None:
                self.waiting.set_result(None)
                self.waiting = None

    async def keep(self, message: dict[str, Any]) -> None:
        if message["type"] == "websocket.send":
            self.texts.append(message.get("text") or message["bytes"].decode())
        await self.send(message)


class DirectApplication:
    """One ASGI application and the loop it lives in."""

    def __init__(self, app: Callable[..., Any], *, awaits_disconnect: bool = False) -> None:
        self.app = app
        self._awaits_disconnect = awaits_disconnect
        # One loop for all, whatever policy a framework installs when it is imported.
        self.loop = asyncio.SelectorEventLoop()
        asyncio.set_event_loop(self.loop)
        self._finish: asyncio.Event | None = None
        self._lifespan: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Run the lifespan's start-up; an application without lifespan raises, which is allowed."""
        self.loop.run_until_complete(self._start())

    async def _start(self) -> None:
        finish, started = asyncio.Event(), asyncio.Event()
        messages = iter(("lifespan.startup", "lifespan.shutdown"))

        async def receive() -> dict[str, Any]:
            kind = next(messages)
            if kind == "lifespan.shutdown":
                await finish.wait()
            return {"type": kind}

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "lifespan.startup.failed":
                raise RuntimeError(message.get("message", "start-up failed"))
            if message["type"] == "lifespan.startup.complete":
                started.set()

        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}
        self._finish = finish
        task = asyncio.ensure_future(self.app(scope, receive, send))
        waiter = asyncio.ensure_future(started.wait())
        await asyncio.wait({task, waiter}, timeout=60, return_when=asyncio.FIRST_COMPLETED)
        waiter.cancel()
        if task.done():
            task.exception()
            return
        self._lifespan = task

    def stop(self) -> None:
        """Run the lifespan's shutdown and close the loop."""
        if self._lifespan is not None and self._finish is not None:
            self._finish.set()
            self.loop.run_until_complete(asyncio.wait({self._lifespan}, timeout=5))
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()

    def check(self, name: str) -> dict[str, Any]:
        """Send one request and return the whole answer, JSON-ready."""
        return self.loop.run_until_complete(self._check(_WORKLOADS[name]))

    async def _check(self, workload: Workload) -> dict[str, Any]:
        if workload.protocol == "websocket":
            echo = _EchoClient(3)
            await asyncio.wait_for(self.app(_scope(workload), echo.receive, echo.keep), 10)
            return {"status": 200, "json": echo.texts, "headers": {}}
        sent: list[dict[str, Any]] = []
        client = _Client(_messages(workload))

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)
            await client.leave(message)

        await asyncio.wait_for(self.app(_scope(workload), client.receive, send), 10)
        return _answer(sent)

    def run(self, name: str, count: int) -> dict[str, float]:
        """Send `count` requests one after another; the CPU time of the process and the wall time, in ns."""
        gc.collect()
        return self.loop.run_until_complete(self._run(_WORKLOADS[name], count))

    async def _run(self, workload: Workload, count: int) -> dict[str, float]:
        cpu = wall = 0
        if workload.protocol == "websocket":
            return await self._run_websocket(workload, count)
        app, client = self.app, _Client(_messages(workload))
        receive, send = client.receive, client.leave if self._awaits_disconnect else client.forget
        while count > 0:
            scopes = [_scope(workload) for _ in range(min(count, _SCOPES_AT_ONCE))]
            count -= len(scopes)
            wall -= time.perf_counter_ns()
            cpu -= time.process_time_ns()
            for scope in scopes:
                client.position = 0
                await app(scope, receive, send)
            cpu += time.process_time_ns()
            wall += time.perf_counter_ns()
        return {"cpu": cpu, "wall": wall}

    async def _run_websocket(self, workload: Workload, count: int) -> dict[str, float]:
        if workload.is_connection:
            connections = [(_EchoClient(1), _scope(workload)) for _ in range(count)]
            began = _Instant()
            for client, scope in connections:
                await self.app(scope, client.receive, client.send)
            return began.until(_Instant())
        # One connection for all messages. Its handshake is not divided by their number: that would make the figure
        # one of --requests.
        edges: list[_Instant] = []
        client = _EchoClient(count, on_edge=lambda: edges.append(_Instant()))
        await self.app(_scope(workload), client.receive, client.send)
        return edges[0].until(edges[1])

    def make_scopes(self, name: str, count: int) -> None:
        """Make the scopes of `count` requests as `run` does, and nothing else."""
        for _ in range(count):
            _scope(_WORKLOADS[name])

    def allocations(self, name: str, count: int) -> dict[str, float]:
        """Memory blocks that live at the peak of one request, and bytes at its peak, by tracemalloc."""
        return self.loop.run_until_complete(self._allocations(_WORKLOADS[name], count))

    async def _allocations(self, workload: Workload, count: int) -> dict[str, float]:
        await self._run(workload, count)
        if workload.protocol == "websocket" or self._awaits_disconnect:
            return {}
        client = _Client(_messages(workload))
        blocks, peaks = [], []

        async def send(message: dict[str, Any]) -> None:
            blocks[-1] = max(blocks[-1], sys.getallocatedblocks() - before)

        gc.disable()
        for _ in range(count):
            client.position, scope = 0, _scope(workload)
            blocks.append(0)
            before = sys.getallocatedblocks()
            await self.app(scope, client.receive, send)
        tracemalloc.start()
        for _ in range(count):
            client.position, scope = 0, _scope(workload)
            tracemalloc.reset_peak()
            traced = tracemalloc.get_traced_memory()[0]
            await self.app(scope, client.receive, client.forget)
            peaks.append(tracemalloc.get_traced_memory()[1] - traced)
        tracemalloc.stop()
        gc.enable()
        return {"blocks": statistics.median(blocks), "bytes": statistics.median(peaks)}


def _scope(workload: Workload) -> dict[str, Any]:
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 54321),
        "scheme": "http",
        "root_path": "",
        "method": workload.method,
        "path": workload.path,
        "raw_path": workload.path.encode(),
        "query_string": workload.query,
        "headers": request_headers(workload),
        "state": {},
    }
    if workload.protocol == "websocket":
        del scope["method"]
        scope |= {"type": "websocket", "scheme": "ws", "subprotocols": []}
    return scope


def _messages(workload: Workload) -> list[dict[str, Any]]:
    last = len(workload.body) - 1
    return [
        {"type": "http.request", "body": chunk, "more_body": position < last}
        for position, chunk in enumerate(workload.body)
    ]


def _answer(sent: list[dict[str, Any]]) -> dict[str, Any]:
    start = next(message for message in sent if message["type"] == "http.response.start")
    body = b"".join(message.get("body", b"") for message in sent if message["type"] == "http.response.body")
    try:
        value = json.loads(body)
    except ValueError:
        value = body.decode("latin-1")
    headers = {bytes(name).decode().lower(): bytes(text).decode() for name, text in start["headers"]}
    return {
        "status": start["status"],
        "json": value,
        "size": len(body),
        "headers": headers,
    }
