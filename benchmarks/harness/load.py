"""Load on one HTTP address: by wrk or oha when installed, else by an asyncio client.

Knows: clients and how they report; WebSockets and bodies that are not text are always the asyncio client's. Does not
know: who answers. Only 127.0.0.1 is ever called.
"""

import asyncio
import json
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from harness.workloads import Workload, request_headers

__all__ = ["choose_client", "client_for", "fetch", "load"]

# RFC 6455: a text frame from the client, masked with zeros, and what comes back.
_HELLO = b"\x81\x85\x00\x00\x00\x00hello"
_ECHO = b"\x81\x05hello"


def choose_client(wanted: str) -> str:
    """`wanted`, or the first of wrk, oha and asyncio that is here. Raises SystemExit."""
    if wanted == "auto":
        return next((name for name in ("wrk", "oha") if shutil.which(name)), "asyncio")
    if wanted != "asyncio" and shutil.which(wanted) is None:
        raise SystemExit(f"{wanted} is not installed")
    return wanted


def client_for(workload: Workload, wanted: str) -> str:
    """`wanted`, or asyncio for what the other clients cannot send."""
    is_text = workload.protocol == "http" and b"".join(workload.body[:1]).isascii()
    return wanted if is_text else "asyncio"


def load(
    client: str, port: int, workload: Workload, *, requests: int, concurrency: int, seconds: float
) -> float:
    """Requests per second. wrk counts seconds, the others count requests. Raises RuntimeError on failed requests."""
    if client == "wrk":
        return _by_wrk(port, workload, concurrency=concurrency, seconds=seconds)
    if client == "oha":
        return _by_oha(port, workload, requests=requests, concurrency=concurrency)
    return asyncio.run(_by_asyncio(port, workload, requests=requests, concurrency=concurrency))


def _url(port: int, workload: Workload) -> str:
    query = f"?{workload.query.decode()}" if workload.query else ""
    return f"http://127.0.0.1:{port}{workload.path}{query}"


def _by_wrk(port: int, workload: Workload, *, concurrency: int, seconds: float) -> float:
    headers = {name.decode(): value.decode() for name, value in workload.headers}
    lines = [f'wrk.method = "{workload.method}"']
    lines += [f'wrk.headers["{name}"] = "{value}"' for name, value in headers.items()]
    if any(workload.body):
        lines.append(f"wrk.body = {json.dumps(b''.join(workload.body).decode())}")
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "request.lua"
        script.write_text("\n".join(lines), encoding="utf-8")
        command = ["wrk", "-t1", f"-c{concurrency}", f"-d{max(1, round(seconds))}s", "-s", str(script)]
        done = subprocess.run([*command, _url(port, workload)], capture_output=True, text=True, check=True)
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", done.stdout)
    if refused and min(workload.statuses) < 400:
        raise RuntimeError(f"{refused[1]} requests were refused")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)[1])


def _by_oha(port: int, workload: Workload, *, requests: int, concurrency: int) -> float:
    command = ["oha", "--no-tui", "-j", "-n", str(requests), "-c", str(concurrency), "-m", workload.method]
    for name, value in workload.headers:
        command += ["-H", f"{name.decode()}: {value.decode()}"]
    if any(workload.body):
        command += ["-d", b"".join(workload.body).decode()]
    done = subprocess.run([*command, _url(port, workload)], capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout)["summary"]["requestsPerSec"])


def _upgrade(workload: Workload) -> list[tuple[bytes, bytes]]:
    if workload.protocol != "websocket":
        return []
    key = b"dGhlIHNhbXBsZSBub25jZQ=="
    return [(b"upgrade", b"websocket"), (b"sec-websocket-version", b"13"), (b"sec-websocket-key", key)]


def _bytes_of(workload: Workload) -> bytes:
    target = workload.path.encode() + (b"?" + workload.query if workload.query else b"")
    lines = [b"%b %b HTTP/1.1" % (workload.method.encode(), target)]
    lines += [b"%b: %b" % header for header in request_headers(workload) + _upgrade(workload)]
    return b"\r\n".join(lines) + b"\r\n\r\n" + b"".join(workload.body)


class _Answers(asyncio.Protocol):
    """Sends the request again as soon as its answer is complete, `count` times in all."""

    def __init__(self, request: bytes, statuses: frozenset[int], count: int) -> None:
        self.request = request
        self.statuses = statuses
        self.left = count
        self.buffer = b""
        self.head = b""
        self.body = b""
        self.status = 0
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        transport.write(self.request)  # type: ignore[attr-defined]  # a connection's transport can write

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, found, rest = self.buffer.partition(b"\r\n\r\n")
        if not found or (end := _end_of_body(head.lower(), rest)) < 0:
            return
        self.head, self.status = head, int(head[9:12])
        self.body, self.buffer = rest[:end], rest[end:]
        if self.status not in self.statuses:
            self._end(RuntimeError(f"status {self.status}"))
            return
        self.left -= 1
        if self.left:
            self.transport.write(self.request)  # type: ignore[attr-defined]  # as above
        else:
            self._end(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self._end(exc or RuntimeError("the server closed the connection"))

    def _end(self, error: Exception | None) -> None:
        if not self.done.done():
            if error is None:
                self.done.set_result(None)
            else:
                self.done.set_exception(error)
        self.transport.close()


class _Echoes(_Answers):
    """Opens a WebSocket and sends the message again as soon as it has come back."""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.head:
            head, found, rest = self.buffer.partition(b"\r\n\r\n")
            if not found:
                return
            self.head, self.buffer = head, rest
            if not head.startswith(b"HTTP/1.1 101"):
                self._end(RuntimeError(f"no WebSocket: {head[:40]!r}"))
                return
            self.transport.write(_HELLO)  # type: ignore[attr-defined]  # a connection's transport can write
            return
        while len(self.buffer) >= len(_ECHO) and not self.done.done():
            if not self.buffer.startswith(_ECHO):
                self._end(RuntimeError(f"not the message: {self.buffer[:40]!r}"))
                return
            self.buffer = self.buffer[len(_ECHO) :]
            self.left -= 1
            if self.left:
                self.transport.write(_HELLO)  # type: ignore[attr-defined]  # as above
            else:
                self._end(None)


def _end_of_body(head: bytes, rest: bytes) -> int:
    """Where the body ends in `rest`; -1 when it is not complete."""
    length = re.search(rb"content-length: *(\d+)", head)
    if length:
        end = int(length[1])
        return end if len(rest) >= end else -1
    last = rest.find(b"0\r\n\r\n")  # chunked; none of the bodies holds this itself
    return last + 5 if last == 0 or rest[last - 2 : last] == b"\r\n" else -1


async def _by_asyncio(port: int, workload: Workload, *, requests: int, concurrency: int) -> float:
    share = max(1, requests // concurrency)
    kind = _Echoes if workload.protocol == "websocket" else _Answers
    request, loop = _bytes_of(workload), asyncio.get_running_loop()

    def connection() -> _Answers:
        return kind(request, workload.statuses, share)

    began = time.perf_counter()
    clients = [(await loop.create_connection(connection, "127.0.0.1", port))[1] for _ in range(concurrency)]
    await asyncio.gather(*(client.done for client in clients))
    return share * concurrency / (time.perf_counter() - began)


async def _fetch(port: int, workload: Workload) -> dict[str, object]:
    if workload.protocol == "websocket":
        await asyncio.wait_for(_by_asyncio(port, workload, requests=3, concurrency=1), 20)
        return {"status": 200, "json": ["hello"] * 3, "headers": {}}
    loop = asyncio.get_running_loop()
    any_status = frozenset(range(100, 600))
    _, client = await loop.create_connection(
        lambda: _Answers(_bytes_of(workload), any_status, 1), "127.0.0.1", port
    )
    await asyncio.wait_for(client.done, 20)
    body = client.body
    if b"\r\n" in body[:10] and body.endswith(b"0\r\n\r\n"):
        body = _dechunk(body)
    try:
        value = json.loads(body)
    except ValueError:
        value = body.decode("latin-1")
    pairs = (line.partition(b":") for line in client.head.split(b"\r\n")[1:])
    headers = {name.decode().lower(): text.strip().decode("latin-1") for name, _, text in pairs}
    return {"status": client.status, "json": value, "headers": headers}


def _dechunk(body: bytes) -> bytes:
    whole = b""
    while body:
        size, _, body = body.partition(b"\r\n")
        whole, body = whole + body[: int(size, 16)], body[int(size, 16) + 2 :]
    return whole


def fetch(port: int, workload: Workload) -> dict[str, object]:
    """One answer, as `DirectApplication.check` gives it."""
    return asyncio.run(_fetch(port, workload))
