r"""The frame of a multipart form → heads and data of its parts, in the order in which they come.

Knows: `multipart/form-data` (RFC 7578), parameters of headers, character sets. Does not know: files, what is made
of a part.
Invariant: what is kept is the head of one part, of limited size.
"""

import codecs
from dataclasses import dataclass
from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser

from fasterapi.datastructures import Headers

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

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


@dataclass(slots=True)
class PartHead:
    """What a part says about itself; `filename` is `None` for a field that is no file."""

    name: str
    filename: str | None
    headers: Headers


class MultipartFrame:
    """Takes a form in chunks by `feed`; subclasses take what it finds.

    `headers` are the request's and must have a `Content-Type` with a boundary. `MultiPartException` otherwise, and
    for what is no such form.
    """

    def __init__(self, headers: Headers) -> None:
        self.headers = headers
        _, options = parse_options_header(headers.get("content-type", ""))
        boundary = options.get("boundary")
        if not boundary:
            raise MultiPartException("Missing boundary in multipart.")
        if len(boundary) > _MAX_BOUNDARY_SIZE:
            raise MultiPartException("Invalid boundary in multipart.")
        self._charset = _charset(options.get("charset", "utf-8"))
        self._part_headers: list[tuple[bytes, bytes]] = []
        self._header_name = b""
        self._header_value = b""
        self._is_complete = False
        callbacks: MultipartCallbacks = {
            "on_part_data": self._add_data,
            "on_part_end": self._end_part,
            "on_header_field": self._add_header_name,
            "on_header_value": self._add_header_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._end_headers,
            "on_end": self._end,
        }
        self._parser = MultipartParser(
            boundary.encode("latin-1"),
            callbacks,
            max_header_count=_MAX_PART_HEADERS,
            max_header_size=_MAX_PART_HEADER_SIZE,
        )

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes."""
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise MultiPartException("Invalid multipart data.") from error

    def check_complete(self) -> None:
        """Say that there are no more bytes."""
        if not self._is_complete:
            raise MultiPartException("Invalid multipart data: the closing boundary is missing.")

    def _begin(self, head: PartHead) -> None:
        """A part begins."""
        raise NotImplementedError

    def _add_data(self, data: bytes, start: int, end: int) -> None:
        """`data[start:end]` belongs to the present part."""
        raise NotImplementedError

    def _end_part(self) -> None:
        """The present part is over."""
        raise NotImplementedError

    def _add_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _add_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _end_header(self) -> None:
        self._part_headers.append((self._header_name.lower(), self._header_value))
        self._header_name = self._header_value = b""

    def _end_headers(self) -> None:
        headers, self._part_headers = self._part_headers, []
        disposition = dict(headers).get(b"content-disposition", b"").decode("latin-1")
        _, options = parse_options_header(disposition)
        if "name" not in options:
            raise MultiPartException('The Content-Disposition header field "name" must be provided.')
        filename = options.get("filename")
        self._begin(
            PartHead(
                name=self._decode(options["name"].encode("latin-1")),
                filename=None if filename is None else self._decode(filename.encode("latin-1")),
                headers=Headers(raw=headers),
            )
        )

    def _end(self) -> None:
        self._is_complete = True

    def _decode(self, raw: bytes) -> str:
        try:
            return raw.decode(self._charset)
        except UnicodeDecodeError:
            return raw.decode("latin-1")


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
