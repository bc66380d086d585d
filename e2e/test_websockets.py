"""WebSockets on uvicorn as rude as they come (after the cases of the Autobahn test suite): size, number, ends, errors."""

import asyncio
import os
import socket
import struct
import time

import httpx
import pytest
import websockets

APP = "e2e.live_app:app"

# RFC 6455, section 7.4: what may be sent in a close frame.
LEGAL_CODES = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999]


@pytest.fixture
def server(start):
    return start("uvicorn", APP)


def connect(server, path: str = "/echo", **options):
    url = server.url.replace("http", "ws") + path
    return websockets.connect(url, max_size=None, open_timeout=30, **options)


def wait_for(server, text: str, count: int = 1) -> None:
    deadline = time.monotonic() + 10
    while server.log.read_text().count(text) < count:
        assert time.monotonic() < deadline, server.log.read_text()[-3000:]
        time.sleep(0.05)


def is_well(server) -> bool:
    """The server answers, and nobody's exception has reached it."""
    return httpx.get(server.url + "/health").status_code == 200 and (
        "Exception in ASGI application" not in server.log.read_text()
    )


@pytest.mark.parametrize("make", [lambda size: "x" * size, os.urandom], ids=["text", "bytes"])
def test_messages_of_every_length_come_back(server, make):
    async def talk() -> None:
        async with connect(server, compression=None) as ws:
            # Where the length changes its form (RFC 6455, section 5.2), and uvicorn's limit.
            for size in (0, 1, 125, 126, 127, 65_535, 65_536, 16 * 1024 * 1024):
                message = make(size)
                await ws.send(message)
                assert await ws.recv() == message

    asyncio.run(talk())
    assert is_well(server)


@pytest.mark.parametrize("piece", ["x", b"\0"])
def test_thousands_of_fragments_are_one_message(server, piece):
    async def talk() -> None:
        async with connect(server) as ws:
            await ws.send([piece] * 5_000)
            assert await ws.recv() == piece * 5_000

    asyncio.run(talk())
    assert is_well(server)


def test_a_character_may_be_cut_by_a_fragment(server):
    raw = frame(0x01, b"\xc3", is_final=False) + frame(0x00, b"\xbc")
    with shaken_hands(server) as client:
        client.sendall(raw)
        assert read_frame(client) == (1, "ü".encode())
    assert is_well(server)


def test_ten_thousand_messages_without_waiting_keep_their_order(server):
    async def talk() -> None:
        async with connect(server) as ws:

            async def send() -> None:
                for number in range(10_000):
                    await ws.send(str(number))

            sending = asyncio.ensure_future(send())
            for number in range(10_000):
                assert await ws.recv() == str(number)
            await sending

    asyncio.run(talk())
    assert is_well(server)


def test_two_hundred_connections_at_once(server):
    async def talk(number: int) -> None:
        async with connect(server) as ws:
            for turn in range(20):
                await ws.send(f"{number} {turn}")
                assert await ws.recv() == f"{number} {turn}"

    async def run() -> None:
        await asyncio.gather(*(talk(number) for number in range(200)))

    asyncio.run(run())
    assert is_well(server)


def test_every_legal_code_arrives_at_the_client(server):
    async def talk(code: int) -> None:
        async with connect(server, f"/close?code={code}&reason=bye") as ws:
            with pytest.raises(websockets.ConnectionClosed):
                await ws.recv()
            assert (ws.close_code, ws.close_reason) == (code, "bye")

    for code in LEGAL_CODES:
        asyncio.run(talk(code))
    assert is_well(server)


def test_every_legal_code_arrives_at_the_handler(server):
    for code in LEGAL_CODES:
        with shaken_hands(server) as client:
            client.sendall(frame(0x08, struct.pack("!H", code) + b"bye"))
            assert read_frame(client)[0] == 0x08
        wait_for(server, f"left with {code} bye")
    assert is_well(server)


def test_a_connection_that_is_reset_is_noticed_and_harms_nobody(server):
    for _ in range(5):
        client = shaken_hands(server)
        client.sendall(frame(0x01, b"x" * 100))
        # No goodbye: the kernel answers everything with RST.
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
    wait_for(server, "left with", 5)
    assert is_well(server)


def test_a_client_that_leaves_while_it_is_sent_to_is_noticed(server):
    for _ in range(5):
        client = shaken_hands(server, "/sends")
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
    wait_for(server, "told 1006", 5)
    assert is_well(server)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (lambda: frame(0x01, b"\xff\xfe"), 1007),  # not UTF-8
        (lambda: frame(0x01, b"\xed\xa0\x80"), 1007),  # a surrogate
        (lambda: frame(0x03, b"x"), 1002),  # an opcode that does not exist
        (lambda: frame(0x09, b"x" * 126), 1002),  # a ping beyond 125 bytes
        (lambda: frame(0x00, b"x"), 1002),  # a continuation of nothing
        (lambda: frame(0x08, b"\x03"), 1002),  # half a close code
        (lambda: frame(0x08, struct.pack("!H", 1005)), 1002),  # a code that is never sent
    ],
    ids=["utf-8", "surrogate", "opcode", "ping", "continuation", "half a code", "illegal code"],
)
def test_the_server_closes_on_a_broken_frame_and_the_handler_ends(server, raw, code):
    with shaken_hands(server) as client:
        client.sendall(raw())
        kind, content = read_frame(client)
        assert (kind, struct.unpack("!H", content[:2])[0]) == (0x08, code)
    wait_for(server, "left with")
    assert is_well(server)


def test_a_message_beyond_the_routes_limit_closes_with_1009(server):
    async def talk() -> None:
        async with connect(server, "/small") as ws:
            await ws.send("x" * 1000)
            assert len(await ws.recv()) == 1000
            await ws.send("x" * 1001)
            with pytest.raises(websockets.ConnectionClosed):
                await ws.recv()
            assert (ws.close_code, ws.close_reason) == (1009, "a message has at most 1000 bytes")

    asyncio.run(talk())
    assert is_well(server)


def test_pings_are_answered_while_the_handler_waits(server):
    async def talk() -> None:
        async with connect(server) as ws:
            for _ in range(100):
                await (await ws.ping())

    asyncio.run(talk())
    assert is_well(server)


@pytest.mark.parametrize(
    ("origin", "status"), [("https://evil.example", 403), ("http://127.0.0.1:1", 101), (None, 101)]
)
def test_a_page_of_another_host_does_not_get_in_with_cookies(server, origin, status):
    async def talk() -> int:
        try:
            async with connect(server, origin=origin, additional_headers={"cookie": "session=1"}) as ws:
                return ws.response.status_code
        except websockets.InvalidStatus as refusal:
            return refusal.response.status_code

    assert asyncio.run(talk()) == status


def shaken_hands(server, path: str = "/echo") -> socket.socket:
    """A bare socket after the handshake: what follows is sent as it is."""
    client = socket.create_connection(("127.0.0.1", server.port), timeout=10)
    client.sendall(
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += client.recv(1)
    assert b" 101 " in answer
    return client


def frame(opcode: int, content: bytes, *, is_final: bool = True) -> bytes:
    """A client's frame (RFC 6455, section 5.2), masked by zeros."""
    length = bytes([0x80 | len(content)]) if len(content) < 126 else struct.pack("!BH", 0xFE, len(content))
    return bytes([opcode | (0x80 if is_final else 0)]) + length + bytes(4) + content


def read_frame(client: socket.socket) -> tuple[int, bytes]:
    first, length = read(client, 2)
    return first & 0x0F, read(client, length)


def read(client: socket.socket, size: int) -> bytes:
    content = b""
    while len(content) < size:
        piece = client.recv(size - len(content))
        assert piece, "the server hung up"
        content += piece
    return content
