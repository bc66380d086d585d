"""Forms as they arrive: urlencoded ones field by field, multipart ones with their files going to disk.

Knows: the two media types of HTML forms (WHATWG URL 5.1, RFC 7578). Does not know: requests, parameters, how a
multipart form is cut into parts (`_multipart`).
Invariants: memory stays bounded whatever is sent, no disk access on the event loop, and a form that is cut or
breaks a limit leaves no open file.
"""

import itertools
import os
import sys
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from fasterapi._filerules import FileRule, FileRules
from fasterapi._limits import DEFAULT_LIMITS
from fasterapi._multipart import MultiPartException, MultipartFrame, PartHead, parse_options_header
from fasterapi.concurrency import run_in_threadpool
from fasterapi.datastructures import FormData, Headers, UploadFile
from fasterapi.datastructures._urlencoded import decode_component

__all__ = ["FormParser", "MultiPartException", "MultiPartParser", "parse_options_header"]

# Bytes of files that wait in memory before one hop writes them all.
_FLUSH_SIZE = 1024 * 1024
# What one call may be given: IOV_MAX of POSIX systems.
_MAX_PIECES = 1024


def _field_too_large(limit: int) -> MultiPartException:
    return MultiPartException(f"Field exceeded maximum size of {limit // 1024}KB.", 413)


def _check_count(count: int, limit: float, kind: str) -> None:
    if count > limit:
        raise MultiPartException(f"Too many {kind}. Maximum number of {kind} is {limit}.")


class FormParser:
    """`application/x-www-form-urlencoded`, in chunks: `&` separates, `;` does not (CVE-2026-53538).

    `max_part_size` limits the bytes of one field, name included, and `max_fields` their number.

    >>> import asyncio
    >>> async def chunks():
    ...     yield b"name=Ada+L"
    ...     yield b"ovelace&x=%C3%BC"
    >>> asyncio.run(FormParser(Headers(), chunks()).parse())
    FormData([('name', 'Ada Lovelace'), ('x', 'ü')])
    """

    def __init__(
        self,
        headers: Headers,  # noqa: ARG002 - the parsers take the same arguments
        stream: AsyncIterator[bytes],
        *,
        max_fields: float = DEFAULT_LIMITS.max_fields,
        max_part_size: int = DEFAULT_LIMITS.max_part_size,
    ) -> None:
        self.stream = stream
        self.max_fields = max_fields
        self.max_part_size = max_part_size
        self._items: list[tuple[str, str | UploadFile]] = []

    async def parse(self) -> FormData:
        """The whole form. `MultiPartException` when it breaks a limit."""
        rest = bytearray()
        async for chunk in self.stream:
            head, separator, tail = chunk.rpartition(b"&")
            if separator:
                rest += head
                self._add(bytes(rest))
                rest = bytearray(tail)
            else:
                rest += chunk
            if len(rest) > self.max_part_size + 1:
                raise _field_too_large(self.max_part_size)
        self._add(bytes(rest))
        return FormData(self._items)

    def _add(self, fields: bytes) -> None:
        for pair in fields.split(b"&"):
            if pair:
                name, separator, value = pair.partition(b"=")
                if len(pair) - len(separator) > self.max_part_size:
                    raise _field_too_large(self.max_part_size)
                # Before the field is kept: 200,000 fields must cost no more than the limit (CVE-2026-54283).
                _check_count(len(self._items) + 1, self.max_fields, "fields")
                self._items.append((_decode(name), _decode(value)))


def _decode(raw: bytes) -> str:
    return decode_component(raw.decode("latin-1"))


@dataclass(slots=True)
class _Part:
    """One part of a multipart form while it arrives: a file, or a field that is collected in `data`."""

    name: str
    data: bytearray = field(default_factory=bytearray)
    file: UploadFile | None = None
    rule: FileRule | None = None
    # How many files of this name came before.
    index: int = 0


class MultiPartParser(MultipartFrame):
    r"""`multipart/form-data`, in chunks; files of more than `spool_max_size` bytes go to disk.

    `max_part_size` limits the bytes of one field that is no file, `max_fields` and `max_files` the numbers;
    `file_rules` are checked as the files arrive. `headers` must have a `Content-Type` with a boundary.

    >>> import asyncio
    >>> async def chunks():
    ...     yield b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--b--\r\n'
    >>> asyncio.run(
    ...     MultiPartParser(Headers({"content-type": "multipart/form-data; boundary=b"}), chunks()).parse()
    ... )
    FormData([('a', '1')])
    """

    spool_max_size = 1024 * 1024
    # All fields that are no files together: they stay in memory.
    max_fields_size = 16 * 1024 * 1024

    def __init__(
        self,
        headers: Headers,
        stream: AsyncIterator[bytes],
        *,
        max_files: float = DEFAULT_LIMITS.max_files,
        max_fields: float = DEFAULT_LIMITS.max_fields,
        max_part_size: int = DEFAULT_LIMITS.max_part_size,
        file_rules: FileRules | None = None,
    ) -> None:
        super().__init__(headers)
        self.file_rules = file_rules or {}
        self.stream = stream
        self.max_files = max_files
        self.max_fields = max_fields
        self.max_part_size = max_part_size
        self.items: list[tuple[str, str | UploadFile]] = []
        self._part = _Part("")
        self._field_count = 0
        self._fields_size = 0
        self._files: list[UploadFile] = []
        self._counts: Counter[str] = Counter()
        # File data that is parsed but not written yet.
        self._writes: defaultdict[UploadFile, list[bytes]] = defaultdict(list)
        self._writes_size = 0

    async def parse(self) -> FormData:
        """The whole form, its files rewound. `MultiPartException` when it is malformed, cut or too large.

        A file against its rule raises as `FileRule` says.
        """
        try:
            async for chunk in self.stream:
                self.feed(chunk)
                if self._writes_size >= _FLUSH_SIZE:
                    await self._flush()
            self.check_complete()
            await self._flush(self._files)
        except BaseException:
            for file in self._files:
                file.file.close()
            raise
        return FormData(self.items)

    def _begin(self, head: PartHead) -> None:
        part = self._part = _Part(head.name)
        if head.filename is None:
            self._field_count += 1
            _check_count(self._field_count, self.max_fields, "fields")
            return
        _check_count(len(self._files) + 1, self.max_files, "files")
        part.file = UploadFile(
            # Closed by the form, or by `parse` when that fails.
            cast("BinaryIO", SpooledTemporaryFile(max_size=self.spool_max_size)),  # noqa: SIM115
            size=0,
            filename=head.filename,
            headers=head.headers,
        )
        self._files.append(part.file)
        rule = self.file_rules.get(part.name)
        # A file input without a file sends an empty one without a name.
        if rule is not None and head.filename:
            part.rule, part.index = rule, self._counts[part.name]
            self._counts[part.name] += 1
            rule.check_begin(part.index, head.filename, part.file.content_type)

    def _add_data(self, data: bytes, start: int, end: int) -> None:
        part = self._part
        size = end - start
        if part.file is None:
            self._fields_size += size
            if len(part.data) + size > self.max_part_size or self._fields_size > self.max_fields_size:
                raise MultiPartException(
                    f"Part exceeded maximum size of {self.max_part_size // 1024}KB.", 413
                )
            part.data += data[start:end]
        else:
            self._writes[part.file].append(data[start:end])
            self._writes_size += size
            part.file.size = (part.file.size or 0) + size
            if part.rule is not None:
                part.rule.check_size(part.index, part.file.filename, part.file.size)

    def _end_part(self) -> None:
        part = self._part
        self.items.append((part.name, self._decode(bytes(part.data)) if part.file is None else part.file))

    async def _flush(self, finished: Sequence[UploadFile] = ()) -> None:
        """Write what waits, and rewind what is `finished`: in one hop, and in none while all is in memory."""
        writes, self._writes, self._writes_size = self._writes, defaultdict(list), 0
        if any((file.size or 0) > self.spool_max_size for file in itertools.chain(writes, finished)):
            await run_in_threadpool(self._write_all, writes, finished)
        else:
            self._write_all(writes, finished)

    def _write_all(self, writes: dict[UploadFile, list[bytes]], finished: Sequence[UploadFile]) -> None:
        for file, pieces in writes.items():
            if 0 < self.spool_max_size < (file.size or 0):
                _write_to_disk(file.file, pieces)
            else:
                file.file.writelines(pieces)
        for file in finished:
            file.file.seek(0)


def _write_to_disk(file: BinaryIO, pieces: list[bytes]) -> None:
    """Append `pieces` in one call: the file's own buffer would make several of each of them."""
    descriptor = file.fileno()  # a file that is in memory goes to disk now
    file.flush()
    written = os.writev(descriptor, pieces[:_MAX_PIECES]) if sys.platform != "win32" else 0
    # The system may take less than it is given, and says why only when it is asked again.
    if written < sum(map(len, pieces)):
        file.write(b"".join(pieces)[written:])
