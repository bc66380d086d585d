"""One uploaded file.

Knows: a file object, in memory or on disk. Does not know: multipart.
Invariant: the client's file name is data; nothing here uses it as a path.
"""

import io
import sys
from typing import Any, BinaryIO, Self

from fasterapi.concurrency import run_in_threadpool
from fasterapi.datastructures._headers import Headers


class UploadFile:
    """A file from a form, or one that the application makes (`file` absent: an empty one in memory).

    `filename` is what the client says, unchecked: see `basename`. `size` counts bytes. `file` is the file
    object for `def` handlers; the methods never block the event loop (a file in memory is used directly,
    one on disk in a worker thread).

    >>> import asyncio
    >>> upload = UploadFile(filename="../../notes.txt")
    >>> upload.basename, upload.size
    ('notes.txt', None)
    >>> asyncio.run(upload.read())
    b''
    """

    __slots__ = ("__dict__", "__weakref__", "file", "filename", "headers", "size")

    def __init__(
        self,
        file: BinaryIO | None = None,
        *,
        size: int | None = None,
        filename: str | None = None,
        headers: Headers | None = None,
    ) -> None:
        self.file: BinaryIO = io.BytesIO() if file is None else file
        self.size = size
        self.filename = filename
        self.headers = Headers() if headers is None else headers

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> Any:
        """A field of a Pydantic model for forms; asked for by Pydantic alone."""
        core_schema: Any = sys.modules["pydantic_core.core_schema"]  # whoever asks has imported it
        return core_schema.no_info_plain_validator_function(cls._checked)

    @classmethod
    def __get_pydantic_json_schema__(cls, _core_schema: Any, _handler: Any) -> dict[str, Any]:
        return {"type": "string", "contentMediaType": "application/octet-stream"}

    @classmethod
    def _checked(cls, value: Any) -> Any:
        if not isinstance(value, UploadFile):
            message = f"Expected UploadFile, received: {type(value)}"
            raise ValueError(message)  # noqa: TRY004 - what a validator raises
        return value

    @property
    def content_type(self) -> str | None:
        """The media type that the client says the file has; unchecked."""
        return self.headers.get("content-type")

    @property
    def basename(self) -> str:
        """The last part of `filename`, without directories, drive and control characters; may be empty.

        What an application may use below a directory of its own (CVE-2026-24486).
        """
        name = (self.filename or "").replace("\\", "/").rpartition("/")[2].rpartition(":")[2]
        name = "".join(letter for letter in name if letter.isprintable()).strip()
        return "" if name in {".", ".."} else name

    @property
    def _in_memory(self) -> bool:
        if type(self.file) is io.BytesIO:
            return True
        # tempfile keeps this private, and there is no public way to ask.
        return not getattr(self.file, "_rolled", True)

    def _stays_in_memory(self, added: int) -> bool:
        if not self._in_memory:
            return False
        max_size: int = getattr(self.file, "_max_size", 0)
        return max_size == 0 or self.file.tell() + added <= max_size

    async def write(self, data: bytes) -> None:
        """Write `data` at the present position. `OSError` when the disk refuses."""
        if self.size is not None:
            self.size += len(data)
        if self._stays_in_memory(len(data)):
            self.file.write(data)
        else:
            await run_in_threadpool(self.file.write, data)

    async def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes from the present position; all the rest for -1."""
        if self._in_memory:
            return self.file.read(size)
        return await run_in_threadpool(self.file.read, size)

    async def seek(self, offset: int) -> None:
        """Move to `offset` bytes from the start."""
        if self._in_memory:
            self.file.seek(offset)
        else:
            await run_in_threadpool(self.file.seek, offset)

    async def close(self) -> None:
        """Close the file; a temporary one is gone afterwards."""
        if self._in_memory:
            self.file.close()
        else:
            await run_in_threadpool(self.file.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.close()

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(filename={self.filename!r}, size={self.size!r}, headers={self.headers!r})"
        )
