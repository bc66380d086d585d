"""UUIDs of one version.

Knows: RFC 9562's version field. Does not know: anything else; they are ordinary `uuid.UUID`s otherwise.
"""

import uuid
from typing import Any, ClassVar, Final

from fasterapi.validation import register_type


class _Versioned(uuid.UUID):
    wanted: ClassVar[int]

    def __init__(self, value: Any) -> None:
        text = value if isinstance(value, str) else str(value) if isinstance(value, uuid.UUID) else None
        if text is None:
            raise ValueError("a UUID is a string")
        super().__init__(text)
        if self.version != self.wanted:
            raise ValueError(f"UUID version {self.wanted} expected")


class UUID1(_Versioned):
    """A UUID made of time and host."""

    wanted = 1


class UUID3(_Versioned):
    """A UUID made of a name by MD5."""

    wanted = 3


class UUID4(_Versioned):
    """A random UUID.

    >>> UUID4("16fd2706-8baf-433b-82eb-8c7fada847da").version
    4
    """

    wanted = 4


class UUID5(_Versioned):
    """A UUID made of a name by SHA-1."""

    wanted = 5


_TYPES: Final = (UUID1, UUID3, UUID4, UUID5)
for _type in _TYPES:
    register_type(_type, decode=_type, schema={"type": "string", "format": f"uuid{_type.wanted}"})
