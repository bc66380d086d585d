"""Files as responses: whole, in parts, not at all when the client has them."""

import asyncio
import io
import os
import threading

import pytest

from fasterapi.background import BackgroundTask
from fasterapi.responses import FileResponse

CONTENT = bytes(range(100))


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "data.bin"
    file.write_bytes(CONTENT)
    os.utime(file, (784111777, 784111777))
    return file


class SmallChunks(FileResponse):
    chunk_size = 7


@pytest.mark.parametrize("kind", [FileResponse, SmallChunks])
@pytest.mark.parametrize("spec", ["2.3", "2.4"])
def test_a_whole_file(call, path, kind, spec):
    ran = []
    answer = call(kind(path, background=BackgroundTask(ran.append, 1)), spec=spec)
    assert (answer.status, answer.body, answer.is_complete, ran) == (200, CONTENT, True, [1])
    assert answer.header("content-length") == "100"
    assert answer.header("content-type") == "application/octet-stream"
    assert answer.header("accept-ranges") == "bytes"
    assert answer.header("last-modified") == "Sun, 06 Nov 1994 08:49:37 GMT"
    assert answer.header("etag").startswith('"')
    assert all(answer.chunks)


def test_an_empty_file(call, tmp_path):
    (tmp_path / "empty.txt").touch()
    answer = call(FileResponse(tmp_path / "empty.txt"))
    assert (answer.body, answer.is_complete, answer.header("content-length")) == (b"", True, "0")
    assert call(FileResponse(tmp_path / "empty.txt"), headers={"range": "bytes=0-"}).status == 416


@pytest.mark.parametrize(
    ("options", "header", "expected"),
    [
        ({"filename": "a.txt"}, "content-disposition", 'attachment; filename="a.txt"'),
        ({"filename": "ü b.txt"}, "content-disposition", "attachment; filename*=utf-8''%C3%BC%20b.txt"),
        ({"filename": 'a"\r\nb'}, "content-disposition", "attachment; filename*=utf-8''a%22%0D%0Ab"),
        (
            {"filename": "a.txt", "content_disposition_type": "inline"},
            "content-disposition",
            'inline; filename="a.txt"',
        ),
        ({}, "content-disposition", None),
        ({"filename": "a.html"}, "content-type", "text/html; charset=utf-8"),
        ({"media_type": "image/png"}, "content-type", "image/png"),
        ({"headers": {"etag": '"mine"'}}, "etag", '"mine"'),
        ({"headers": {"x-a": "1"}}, "x-a", "1"),
    ],
)
def test_headers(call, path, options, header, expected):
    assert call(FileResponse(path, **options)).header(header) == expected


def test_head_sends_the_headers_only(call, path):
    answer = call(FileResponse(path), "HEAD")
    assert (answer.status, answer.body, answer.is_complete, answer.header("content-length")) == (
        200,
        b"",
        True,
        "100",
    )
    part = call(FileResponse(path), "HEAD", headers={"range": "bytes=0-9"})
    assert (part.status, part.body, part.header("content-length")) == (206, b"", "10")


@pytest.mark.parametrize("kind", [FileResponse, SmallChunks])
@pytest.mark.parametrize(
    ("wanted", "start", "end"),
    [("0-9", 0, 10), ("90-", 90, 100), ("-5", 95, 100), ("0-99", 0, 100), ("50-50", 50, 51)],
)
def test_one_range(call, path, kind, wanted, start, end):
    answer = call(kind(path), headers={"range": f"bytes={wanted}"})
    assert (answer.status, answer.body) == (206, CONTENT[start:end])
    assert answer.header("content-range") == f"bytes {start}-{end - 1}/100"
    assert answer.header("content-length") == str(end - start)
    assert answer.is_complete


@pytest.mark.parametrize("kind", [FileResponse, SmallChunks])
def test_several_ranges(call, path, kind):
    answer = call(kind(path, media_type="text/x"), headers={"range": "bytes=0-9,20-29,90-"})
    assert answer.status == 206
    kind_of_body, _, boundary = answer.header("content-type").partition("; boundary=")
    assert kind_of_body == "multipart/byteranges"
    assert int(answer.header("content-length")) == len(answer.body)
    head, *parts, tail = answer.body.split(f"--{boundary}".encode())
    assert (head, tail) == (b"", b"--")
    assert [part.partition(b"\r\n\r\n") for part in parts] == [
        (
            f"\r\nContent-Type: text/x; charset=utf-8\r\nContent-Range: bytes {start}-{end - 1}/100".encode(),
            b"\r\n\r\n",
            CONTENT[start:end] + b"\r\n",
        )
        for start, end in [(0, 10), (20, 30), (90, 100)]
    ]


@pytest.mark.parametrize(
    ("wanted", "status", "content_range"),
    [
        ("bytes=200-", 416, "bytes */100"),
        ("bytes=x", 400, None),
        ("items=0-9", 400, None),
        ("bytes=" + ",".join(["0-0"] * 200), 200, None),  # too many to be honoured
    ],
)
def test_ranges_that_are_not_answered_by_a_part(call, path, wanted, status, content_range):
    answer = call(FileResponse(path), headers={"range": wanted})
    assert (answer.status, answer.header("content-range")) == (status, content_range)


@pytest.mark.parametrize(
    ("if_range", "status"),
    [
        ("etag", 206),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 206),
        ('"other"', 200),
        ("Sun, 06 Nov 1994 08:49:38 GMT", 200),
        ("W/etag", 200),
    ],
)
def test_a_range_of_another_version_is_the_whole_file(call, path, if_range, status):
    """RFC 9110, section 13.1.5."""
    etag = call(FileResponse(path)).header("etag")
    headers = {"range": "bytes=0-9", "if-range": if_range.replace("etag", etag)}
    assert call(FileResponse(path), headers=headers).status == status
    weak = {"range": "bytes=0-9", "if-range": 'W/"1"'}
    assert call(FileResponse(path, headers={"etag": 'W/"1"'}), headers=weak).status == 200


@pytest.mark.parametrize("options", [{"status_code": 201}, {}])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_only_get_with_200_knows_ranges(call, path, options, method):
    answer = call(FileResponse(path, **options), method, headers={"range": "bytes=0-9", "if-none-match": "*"})
    assert answer.status == (304 if (options, method) == ({}, "GET") else options.get("status_code", 200))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"if-none-match": "etag"}, 304),
        ({"if-none-match": 'W/etag, "x"'}, 304),
        ({"if-none-match": "*"}, 304),
        ({"if-none-match": '"x"'}, 200),
        ({"if-none-match": '"x"', "if-modified-since": "Sun, 06 Nov 1994 08:49:37 GMT"}, 200),
        ({"if-modified-since": "Sun, 06 Nov 1994 08:49:37 GMT"}, 304),
        ({"if-modified-since": "Sun, 06 Nov 1994 08:49:36 GMT"}, 200),
        ({"if-modified-since": "nonsense"}, 200),
    ],
)
def test_a_client_that_has_the_file_is_told_so(call, path, headers, status):
    etag = call(FileResponse(path)).header("etag")
    headers = {name: value.replace("etag", etag) for name, value in headers.items()}
    answer = call(FileResponse(path, headers={"cache-control": "no-cache"}), headers=headers)
    assert answer.status == status
    if status == 304:
        assert answer.body == b""
        assert dict(answer.raw_headers).keys() == {b"etag", b"cache-control"}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_is_no_file_is_an_error(call, tmp_path, method):
    with pytest.raises(RuntimeError, match="does not exist"):
        call(FileResponse(tmp_path / "missing"), method)
    with pytest.raises(RuntimeError, match="is not a file"):
        call(FileResponse(tmp_path), method)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_not_waited_for(call, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(RuntimeError, match="is not a file"):
        call(FileResponse(tmp_path / "pipe"))


def test_a_file_that_can_not_be_measured_is_closed(call, path, monkeypatch):
    opened = []

    class Broken(io.BytesIO):
        def fileno(self):
            raise OSError("input/output error")

    def open_broken(path, mode):
        opened.append(Broken())
        return opened[0]

    monkeypatch.setattr("fasterapi.responses._reader.open", open_broken, raising=False)
    with pytest.raises(OSError, match="input/output"):
        call(FileResponse(path))
    assert opened[0].closed


def test_what_is_known_of_the_file_is_believed(call, path):
    answer = call(FileResponse(path, stat_result=path.stat()), "HEAD")
    assert answer.header("content-length") == "100"


@pytest.mark.parametrize("headers", [{}, {"range": "bytes=10-"}])
@pytest.mark.parametrize("kind", [FileResponse, SmallChunks])
def test_a_file_that_gets_shorter_meanwhile_ends_in_an_error(call, path, kind, headers):
    """Not in an endless loop, and not in a body that looks complete."""
    response = kind(path, stat_result=path.stat())
    path.write_bytes(CONTENT[:50])
    with pytest.raises(RuntimeError, match="shorter than expected"):
        call(response, headers=headers)


def test_a_file_that_grows_meanwhile_is_sent_up_to_its_length(call, path):
    response = SmallChunks(path, stat_result=path.stat())
    path.write_bytes(CONTENT * 2)
    assert call(response).body == CONTENT


def test_the_server_may_send_the_file_by_its_path(call, path, monkeypatch):
    monkeypatch.chdir(path.parent)
    extensions = {"http.response.pathsend": {}}
    answer = call(FileResponse(path.name), extensions=extensions)
    assert answer.messages[1] == {"type": "http.response.pathsend", "path": str(path)}
    assert answer.header("content-length") == "100"
    assert (
        call(FileResponse(path), extensions=extensions, headers={"range": "bytes=0-9"}).body == CONTENT[:10]
    )
    assert call(FileResponse(path), "HEAD", extensions=extensions).body == b""


def test_the_server_may_send_parts_of_a_large_file_by_itself(call, path):
    extensions = {"http.response.zerocopysend": {}}
    answer = call(SmallChunks(path), extensions=extensions, headers={"range": "bytes=10-29"})
    sent = answer.messages[1]
    assert sent.pop("file").closed
    assert sent == {"type": "http.response.zerocopysend", "offset": 10, "count": 20, "more_body": False}
    assert call(FileResponse(path), extensions=extensions).body == CONTENT


def test_the_disk_is_used_in_worker_threads_only(call, path, monkeypatch):
    threads = set()
    real = os.stat

    def noted(*args, **kwargs):
        threads.add(threading.current_thread())
        return real(*args, **kwargs)

    monkeypatch.setattr("fasterapi.responses._reader.os.stat", noted)
    call(FileResponse(path))
    monkeypatch.undo()
    assert threads
    assert threading.main_thread() not in threads


def test_a_client_that_leaves_stops_the_transfer(path):
    async def main():
        gone = asyncio.Event()
        sent = []

        async def receive():
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message):
            sent.append(message)
            if len(sent) == 3:
                gone.set()
                await asyncio.Event().wait()

        scope = {"type": "http", "method": "GET", "headers": [], "asgi": {"spec_version": "2.3"}}
        async with asyncio.timeout(10):
            await SmallChunks(path)(scope, receive, send)
        assert len(sent) == 3
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(main())


def test_an_error_from_send_closes_the_file(path):
    async def send(message):
        if "body" in message:
            raise OSError("gone")

    scope = {"type": "http", "method": "GET", "headers": [], "asgi": {"spec_version": "2.4"}}
    with pytest.raises(OSError, match="gone"):
        asyncio.run(SmallChunks(path)(scope, None, send))


def test_a_file_denies_a_websocket(path):
    messages = []

    async def send(message):
        messages.append(message["type"])

    asyncio.run(FileResponse(path)({"type": "websocket", "headers": [(b"range", b"bytes=0-9")]}, None, send))
    assert messages == ["websocket.http.response.start", "websocket.http.response.body"]


def test_to_asgi_sends_the_whole_file(path):
    messages = []

    async def send(message):
        messages.append(message)

    asyncio.run(SmallChunks(path).to_asgi(send))
    assert b"".join(message.get("body", b"") for message in messages) == CONTENT
