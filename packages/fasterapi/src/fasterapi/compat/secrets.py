"""Strings and bytes that do not show themselves in logs, tracebacks or JSON.

Knows: how to hide a value. Does not know: how to keep it safe in memory; nothing in Python does.
"""

import hmac
from typing import Final, Generic, Self, TypeVar

from fasterapi.validation import register_type

Hidden = TypeVar("Hidden", str, bytes)
_MASK: Final = "**********"


class _Secret(Generic[Hidden]):
    __slots__ = ("_value",)

    def __init__(self, value: Hidden) -> None:
        self._value: Hidden = value

    def get_secret_value(self) -> Hidden:
        """The value itself."""
        return self._value

    def __len__(self) -> int:
        return len(self._value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, type(self)):
            return NotImplemented
        return hmac.compare_digest(_bytes(self._value), _bytes(other._value))

    def __hash__(self) -> int:
        return hash(self._value)

    def __str__(self) -> str:
        return _MASK if self._value else ""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"


class SecretStr(_Secret[str]):
    """A string that prints and encodes as `**********`.

    >>> SecretStr("hunter2"), SecretStr("hunter2").get_secret_value()
    (SecretStr('**********'), 'hunter2')
    """

    __slots__ = ()

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read the JSON string; raises ValueError for anything else."""
        if not isinstance(value, str):
            raise ValueError("a secret is a string")  # noqa: TRY004 - decoders expect ValueError
        return cls(value)


class SecretBytes(_Secret[bytes]):
    """Bytes that print and encode as `**********`; in JSON they come as a UTF-8 string."""

    __slots__ = ()

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read the JSON string; raises ValueError for anything else."""
        if not isinstance(value, str):
            raise ValueError("a secret is a string")  # noqa: TRY004 - decoders expect ValueError
        return cls(value.encode())


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value


_SCHEMA: Final = {"type": "string", "format": "password", "writeOnly": True}
register_type(SecretStr, decode=SecretStr.parse, encode=str, schema=_SCHEMA)
register_type(SecretBytes, decode=SecretBytes.parse, encode=str, schema=_SCHEMA)
