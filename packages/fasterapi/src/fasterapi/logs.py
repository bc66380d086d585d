"""Log records as lines that a machine reads and a terminal survives.

Knows: `logging`'s records, JSON. Does not know: requests.
Invariant: no character reaches a line that a terminal or a log viewer would take for a command or a line's end.
"""

import logging
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

__all__ = ["JSONFormatter", "printable"]

_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


def printable(text: str) -> str:
    r"""`text` with everything escaped that is not to be seen: control bytes, line ends, direction marks.

    >>> print(printable("a\r\n\x1b[31m\u202eé"))
    a\r\n\x1b[31m\u202eé
    """
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii") for letter in text
    )


class JSONFormatter(logging.Formatter):
    """A record as one line of JSON: time (UTC, RFC 3339), level, logger, message, and everything in `extra`.

    An exception is its traceback under `exception`. Values that JSON does not know are their `repr`. `exclude`
    names extras that are left out; uvicorn's records carry their message a second time, as `color_message`.

    >>> record = logging.makeLogRecord({"name": "shop", "levelname": "INFO", "msg": "sold %d", "args": (3,)})
    >>> record.created, record.currency = 0.0, "EUR"
    >>> print(JSONFormatter().format(record))
    {"time":"1970-01-01T00:00:00Z","level":"INFO","logger":"shop","message":"sold 3","currency":"EUR"}
    """

    def __init__(self, *, exclude: Collection[str] = ("color_message",)) -> None:
        super().__init__()
        self._left_out = _STANDARD | set(exclude)

    def format(self, record: logging.LogRecord) -> str:
        """Render `record`."""
        content: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        content |= {name: value for name, value in vars(record).items() if name not in self._left_out}
        if record.exc_info:
            content["exception"] = self.formatException(record.exc_info)
        elif record.exc_text:
            content["exception"] = record.exc_text
        if record.stack_info:
            content["stack"] = record.stack_info
        return _escaped(_encode(content))


def _encode(content: dict[str, Any]) -> str:
    try:
        return msgspec.json.encode(content, enc_hook=repr).decode()
    except (
        Exception
    ):  # lone surrogates, cycles, huge integers, a `repr` that fails: a log line is due all the same
        safe = {name: _safe(value) for name, value in content.items()}
        return msgspec.json.encode(safe).decode()


def _safe(value: Any) -> Any:
    if value is None or isinstance(value, bool | float | datetime):
        return value
    try:
        return printable(value if isinstance(value, str) else repr(value))
    except Exception as error:
        return f"<{type(value).__name__}, whose repr raises {type(error).__name__}>"


def _escaped(line: str) -> str:
    """JSON leaves DEL, the other control characters and line separators as they are; escaped, it is JSON too."""
    if line.isprintable():
        return line
    return "".join(letter if letter.isprintable() else _escape(letter) for letter in line)


def _escape(letter: str) -> str:
    return "".join(
        f"\\u{int.from_bytes(letter.encode('utf-16-be')[at : at + 2]):04x}"
        for at in range(0, len(letter.encode("utf-16-be")), 2)
    )
