"""Uploaded files: in memory directly, on disk in a thread."""

import asyncio
import io
import tempfile
import threading

import pytest

from fasterapi.datastructures import Headers, UploadFile


class Recording(io.BytesIO):
    """Notes which thread each call came from."""

    def __init__(self):
        super().__init__()
        self.threads = set()

    def write(self, data):
        self.threads.add(threading.current_thread())
        return super().write(data)


def test_an_upload_can_be_made_without_a_file():
    async def main():
        async with UploadFile(filename="a.txt", size=0) as upload:
            await upload.write(b"hello")
            await upload.seek(1)
            assert await upload.read(2) == b"el"
            assert await upload.read() == b"lo"
            assert upload.size == 5
        assert upload.file.closed

    asyncio.run(main())


def test_the_size_is_not_guessed():
    async def main():
        upload = UploadFile(io.BytesIO())
        await upload.write(b"hello")
        assert upload.size is None

    asyncio.run(main())


def test_a_file_on_disk_is_used_in_a_worker_thread():
    async def main():
        file = Recording()
        upload = UploadFile(file)
        await upload.write(b"hello")
        await upload.seek(0)
        assert await upload.read() == b"hello"
        await upload.close()
        assert file.threads != {threading.current_thread()}
        assert file.closed

    asyncio.run(main())


@pytest.mark.parametrize("max_size", [0, 10])
def test_a_spooled_file_is_used_directly_while_it_stays_in_memory(max_size):
    async def main():
        file = tempfile.SpooledTemporaryFile(max_size=max_size)
        upload = UploadFile(file)
        await upload.write(b"hello")
        await upload.seek(0)
        assert await upload.read() == b"hello"
        assert not file._rolled
        await upload.write(b"x" * 20)
        assert file._rolled == (max_size == 10)
        await upload.seek(0)
        assert len(await upload.read()) == 25
        await upload.close()

    asyncio.run(main())


@pytest.mark.parametrize(
    ("filename", "expected"),
    [
        ("a.txt", "a.txt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ada\\a.txt", "a.txt"),
        ("C:a.txt", "a.txt"),
        ("..", ""),
        (".", ""),
        ("dir/", ""),
        ("a\0b\nc", "abc"),
        ("", ""),
        (None, ""),
        (".bashrc", ".bashrc"),
    ],
)
def test_basename_is_no_path(filename, expected):
    """CVE-2026-24486: a client's file name names nothing outside of the directory it is used in."""
    assert UploadFile(filename=filename).basename == expected


def test_headers_and_type():
    upload = UploadFile(filename="a", headers=Headers({"content-type": "image/png"}))
    assert upload.content_type == "image/png"
    assert UploadFile().content_type is None
    assert repr(UploadFile(filename="a")) == "UploadFile(filename='a', size=None, headers=Headers({}))"
