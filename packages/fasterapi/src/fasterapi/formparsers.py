"""Forms as they arrive: urlencoded ones field by field, multipart ones with their files going to disk.

Knows: the two media types of HTML forms (WHATWG URL 5.1, RFC 7578). Does not know: requests, parameters.
Invariants: memory stays bounded whatever is sent, no disk access on the event loop, and a form that is cut or
breaks a limit leaves no open file.
"""

import codecs
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, BinaryIO, cast

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser

from fasterapi._filerules import FileRule, FileRules
from fasterapi._limits import DEFAULT_LIMITS
from fasterapi.concurrency import run_in_threadpool
from fasterapi.datastructures import FormData, Headers, UploadFile
from fasterapi.datastructures._urlencoded import decode_component

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

# Bytes of files that wait in memory before one hop writes them all.
_FLUSH_SIZE = 1024 * 1024

# Header lines of one part (Content-Disposition, Content-Type, ...), and the bytes of one of them.
_MAX_PART_HEADERS = 8
_MAX_PART_HEADER_SIZE = 4224

# RFC 2046, section 5.1.1 allows 70; every part costs time in proportion.
_MAX_BOUNDARY_SIZE = 256

# Codecs that are no character sets; decoding some of them costs quadratic time.
_REFUSED_CHARSETS = {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"}


class MultiPartException(Exception):  # noqa: N818 - Starlette's name
    """The form is malformed (`status_code` 400) or too large (413); `message` says what is wrong."""

    def __init__(self, message: str, status_code: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.status_code = status_code


def parse_options_header(value: str) -> tuple[str, dict[str, str]]:
    """The value of a header and its parameters, all names in lower case; linear in its length.

    Extended parameters (`filename*=`) are ignored: RFC 7578, section 4.2, forbids them, and a second spelling
    of a name would let two readers disagree (GHSA-vffw-93wf-4j4q).

    >>> parse_options_header('form-data; name="a;b"; filename="x.txt"')
    ('form-data', {'name': 'a;b', 'filename': 'x.txt'})
    """
    kind, *segments = _split_unquoted(value)
    options: dict[str, str] = {}
    for segment in segments:
        name, _, text = segment.partition("=")
        name, text = name.strip().lower(), text.strip()
        if "*" in name or not name:
            continue
        if len(text) > 1 and text[0] == text[-1] == '"':
            text = text[1:-1].replace("\\\\", "\\").replace('\\"', '"')
        if name == "filename" and (text[1:3] == ":\\" or text[:2] == "\\\\"):
            text = text.rpartition("\\")[2]  # old browsers send the whole path
        options[name] = text
    return kind.strip().lower(), options


def _split_unquoted(value: str) -> list[str]:
    """Split at `;` outside of quotes."""
    if '"' not in value:
        return value.split(";")
    segments: list[str] = []
    open_pieces: list[str] = []
    quotes = 0
    for piece in value.split(";"):
        if not open_pieces and '"' not in piece:
            segments.append(piece)
            continue
        open_pieces.append(piece)
        # A quote behind a backslash neither opens nor closes.
        quotes += piece.count('"') - piece.count('\\"')
        if quotes % 2 == 0:
            segments.append(";".join(open_pieces))
            open_pieces = []
    return [*segments, ";".join(open_pieces)] if open_pieces else segments


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

    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    name: str = ""
    data: bytearray = field(default_factory=bytearray)
    file: UploadFile | None = None
    rule: FileRule | None = None
    # How many files of this name came before.
    index: int = 0


class MultiPartParser:
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
        self.headers = headers
        self.file_rules = file_rules or {}
        self.stream = stream
        self.max_files = max_files
        self.max_fields = max_fields
        self.max_part_size = max_part_size
        self.items: list[tuple[str, str | UploadFile]] = []
        self._charset = "utf-8"
        self._part = _Part()
        self._header_name = b""
        self._header_value = b""
        self._field_count = 0
        self._fields_size = 0
        self._is_complete = False
        self._files: list[UploadFile] = []
        self._counts: Counter[str] = Counter()
        # File data that is parsed but not written yet.
        self._writes: list[tuple[UploadFile, bytes]] = []
        self._writes_size = 0

    async def parse(self) -> FormData:
        """The whole form, its files rewound. `MultiPartException` when it is malformed, cut or too large.

        A file against its rule raises as `FileRule` says.
        """
        parser = self._make_parser()
        try:
            async for chunk in self.stream:
                parser.write(chunk)
                if self._writes_size >= _FLUSH_SIZE:
                    await self._flush()
            self._check_complete()
            await self._flush(self._files)
        except BaseException as error:
            for file in self._files:
                file.file.close()
            if isinstance(error, FormParserError):
                raise MultiPartException("Invalid multipart data.") from error
            raise
        return FormData(self.items)

    def _make_parser(self) -> MultipartParser:
        _, options = parse_options_header(self.headers.get("content-type", ""))
        boundary = options.get("boundary")
        if not boundary:
            raise MultiPartException("Missing boundary in multipart.")
        if len(boundary) > _MAX_BOUNDARY_SIZE:
            raise MultiPartException("Invalid boundary in multipart.")
        self._charset = _charset(options.get("charset", "utf-8"))
        callbacks: MultipartCallbacks = {
            "on_part_begin": self._begin_part,
            "on_part_data": self._add_data,
            "on_part_end": self._end_part,
            "on_header_field": self._add_header_name,
            "on_header_value": self._add_header_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._end_headers,
            "on_end": self._end,
        }
        return MultipartParser(
            boundary.encode("latin-1"),
            callbacks,
            max_header_count=_MAX_PART_HEADERS,
            max_header_size=_MAX_PART_HEADER_SIZE,
        )

    def _begin_part(self) -> None:
        self._part = _Part()

    def _add_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _add_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _end_header(self) -> None:
        self._part.headers.append((self._header_name.lower(), self._header_value))
        self._header_name = self._header_value = b""

    def _end_headers(self) -> None:
        part = self._part
        disposition = dict(part.headers).get(b"content-disposition", b"").decode("latin-1")
        _, options = parse_options_header(disposition)
        if "name" not in options:
            raise MultiPartException('The Content-Disposition header field "name" must be provided.')
        part.name = self._decode(options["name"].encode("latin-1"))
        if "filename" not in options:
            self._field_count += 1
            _check_count(self._field_count, self.max_fields, "fields")
            return
        _check_count(len(self._files) + 1, self.max_files, "files")
        part.file = UploadFile(
            # Closed by the form, or by `parse` when that fails.
            cast("BinaryIO", SpooledTemporaryFile(max_size=self.spool_max_size)),  # noqa: SIM115
            size=0,
            filename=self._decode(options["filename"].encode("latin-1")),
            headers=Headers(raw=part.headers),
        )
        self._files.append(part.file)
        rule = self.file_rules.get(part.name)
        # A file input without a file sends an empty one without a name.
        if rule is not None and part.file.filename:
            part.rule, part.index = rule, self._counts[part.name]
            self._counts[part.name] += 1
            rule.check_begin(part.index, part.file.filename, part.file.content_type)

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
            self._writes.append((part.file, data[start:end]))
            self._writes_size += size
            part.file.size = (part.file.size or 0) + size
            if part.rule is not None:
                part.rule.check_size(part.index, part.file.filename, part.file.size)

    def _end_part(self) -> None:
        part = self._part
        self.items.append((part.name, self._decode(bytes(part.data)) if part.file is None else part.file))

    def _end(self) -> None:
        self._is_complete = True

    def _check_complete(self) -> None:
        if not self._is_complete:
            raise MultiPartException("Invalid multipart data: the closing boundary is missing.")

    async def _flush(self, finished: Sequence[UploadFile] = ()) -> None:
        """Write what waits, and rewind what is `finished`: in one hop, and in none while all is in memory."""
        writes, self._writes, self._writes_size = self._writes, [], 0
        touched = itertools.chain((file for file, _ in writes), finished)
        if any((file.size or 0) > self.spool_max_size for file in touched):
            await run_in_threadpool(_write_all, writes, finished)
        else:
            _write_all(writes, finished)

    def _decode(self, raw: bytes) -> str:
        try:
            return raw.decode(self._charset)
        except UnicodeDecodeError:
            return raw.decode("latin-1")


def _write_all(writes: list[tuple[UploadFile, bytes]], finished: Sequence[UploadFile]) -> None:
    for file, data in writes:
        file.file.write(data)
    for file in finished:
        file.file.seek(0)


def _charset(name: str) -> str:
    """The codec to use; latin-1, which decodes everything, for a name that is no character set."""
    try:
        codec = codecs.lookup(name).name
        b"a".decode(codec)
    except UnicodeDecodeError:
        return codec  # one byte is no character of it, but it is a character set
    except (LookupError, ValueError):
        return "latin-1"
    return "latin-1" if codec.replace("_", "-") in _REFUSED_CHARSETS else codec
