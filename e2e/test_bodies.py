"""Bodies over TCP: as large as they come, compressed, in other forms than JSON, and files that change."""

import gzip
import socket
import sys
from collections.abc import Iterator

import httpx
import msgspec
import pytest

MIB = 1024 * 1024
SERVERS = ["uvicorn", "granian", "hypercorn-alone"]


@pytest.fixture(params=SERVERS)
def server(request, start, tmp_path):
    (tmp_path / "static").mkdir()
    return start(request.param, "e2e.bodies_app:app", FASTERAPI_STATIC=str(tmp_path / "static"))


def form(pieces: int) -> Iterator[bytes]:
    yield b'--b\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n'
    yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
    for _ in range(pieces):
        yield bytes(MIB)
    yield b"\r\n--b--\r\n"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from /proc")
def test_memory_does_not_grow_with_a_form_that_is_read_while_it_arrives(server):
    headers = {"content-type": "multipart/form-data; boundary=b"}
    with httpx.Client(base_url=server.url, timeout=60) as client:
        client.post("/parts", content=form(1), headers=headers)
        before = client.get("/memory").json()["VmHWM"]
        answer = client.post("/parts", content=form(40), headers=headers)
        after = client.get("/memory").json()["VmHWM"]
    assert answer.json() == {"note": 5, "file": 40 * MIB}
    assert after - before < 20 * 1024


def test_a_file_against_its_rule_is_refused_before_it_is_there(server):
    def large():
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\nContent-Type: image/png\r\n\r\n'
        for _ in range(20):
            yield bytes(MIB)

    headers = {"content-type": "multipart/form-data; boundary=b"}
    try:
        status = httpx.post(server.url + "/picture", content=large(), headers=headers, timeout=60).status_code
    except httpx.TransportError:
        status = 413  # the server has answered and closed while the client was still sending
    assert status == 413
    assert httpx.get(server.url + "/health").status_code == 200


def test_bodies_go_both_ways_compressed_and_as_messagepack(server):
    values = list(range(1000))
    headers = {
        "content-type": "application/msgpack",
        "accept": "application/msgpack",
        "content-encoding": "gzip",
        "accept-encoding": "gzip",
    }
    body = gzip.compress(msgspec.msgpack.encode(values))
    answer = httpx.post(server.url + "/numbers", content=body, headers=headers)
    assert (answer.status_code, answer.headers["content-encoding"]) == (200, "gzip")
    assert msgspec.msgpack.decode(answer.content) == values
    assert sorted(answer.headers["vary"].split(", ")) == ["Accept", "Accept-Encoding"]


def test_a_large_json_body_comes_through_middleware_whole(server):
    values = list(range(200_000))
    answer = httpx.post(server.url + "/numbers", json=values, timeout=60)
    assert (answer.status_code, answer.json()) == (200, values)


def test_a_client_that_leaves_in_mid_body_is_no_error(server):
    head = b"POST /numbers HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
    for _ in range(5):
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.sendall(head + b"[" + b"1," * 20_000)
    assert httpx.get(server.url + "/health").status_code == 200
    server.stop()
    assert "Traceback" not in server.log.read_text()


@pytest.mark.parametrize(
    ("coding", "body", "status"),
    [("gzip", gzip.compress(bytes(64 * MIB)), 413), ("gzip", b"garbage", 400), ("lzma", b"", 415)],
    ids=["bomb", "garbage", "unknown"],
)
def test_what_cannot_be_decoded_is_refused(server, coding, body, status):
    headers = {"content-encoding": coding, "content-type": "application/json"}
    assert httpx.post(server.url + "/numbers", content=body, headers=headers).status_code == status


def test_a_static_file_is_always_the_one_on_the_disk(server, tmp_path):
    path = tmp_path / "static" / "a.txt"
    with httpx.Client(base_url=server.url) as client:
        for number in range(20):
            path.write_text(f"version {number}")
            assert [client.get("/static/a.txt").text for _ in range(3)] == [f"version {number}"] * 3
        path.unlink()
        assert client.get("/static/a.txt").status_code == 404
