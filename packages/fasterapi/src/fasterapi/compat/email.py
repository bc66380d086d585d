"""E-mail addresses as validated strings.

Knows: the syntax of RFC 5321, section 4.1.2, and RFC 6531 (letters beyond ASCII), the dot-atom part of RFC 5322,
and the names of RFC 6761 that no mail reaches. Does not know: whether an address exists; nothing is looked up.
"""

import re
from typing import Final, Self

from fasterapi.validation import register_type

_ATOM: Final = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*", re.UNICODE)
_LABEL: Final = re.compile(r"(?!-)[^\W_](?:[\w-]*[^\W_])?", re.UNICODE)
_UNREACHABLE: Final = frozenset({"arpa", "invalid", "local", "localhost", "onion", "test"})


class EmailStr(str):
    """A string that is an e-mail address; the domain is lower-cased, the part before the `@` is kept.

    Raises ValueError for anything that is none.

    >>> EmailStr("Ada@Example.COM")
    'Ada@example.com'
    """

    __slots__ = ()

    def __new__(cls, value: object) -> Self:
        if not isinstance(value, str):
            raise ValueError("an e-mail address is a string")  # noqa: TRY004 - decoders expect ValueError
        return super().__new__(cls, _checked(value.strip()))


class NameEmail:
    """`Ada Lovelace <ada@example.com>`, in two attributes: `name` and `email`."""

    __slots__ = ("email", "name")

    def __init__(self, name: str, email: str) -> None:
        self.name = name
        self.email = EmailStr(email)

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read one address with or without a name; without, the part before the `@` is the name.

        >>> str(NameEmail.parse("Ada <ada@example.com>"))
        'Ada <ada@example.com>'
        """
        if not isinstance(value, str):
            raise ValueError("an e-mail address is a string")  # noqa: TRY004 - decoders expect ValueError
        # No pattern: one for this would take time in the cube of the spaces that a client sends.
        name, _, rest = value.strip().partition("<")
        address = rest.removesuffix(">")
        if address and address != rest and ">" not in name and not {"<", ">"} & set(address):
            return cls(name.rstrip().strip('"'), address)
        email = EmailStr(value)
        return cls(email.partition("@")[0], email)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NameEmail) and (self.name, self.email) == (other.name, other.email)

    def __hash__(self) -> int:
        return hash((self.name, self.email))

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>"

    def __repr__(self) -> str:
        return f"NameEmail({self.name!r}, {str(self.email)!r})"


def _checked(address: str) -> str:
    local, at, domain = address.rpartition("@")
    if not at:
        raise ValueError("an e-mail address has an @")
    if not local or len(local.encode()) > 64 or _ATOM.fullmatch(local) is None:
        raise ValueError("the part before the @ is no local part of an e-mail address")
    labels = domain.lower().split(".")
    if len(domain.encode()) > 253 or len(labels) < 2:
        raise ValueError("the part after the @ is no domain name with a dot")
    for label in labels:
        if not 0 < len(label) <= 63 or _LABEL.fullmatch(label) is None:
            raise ValueError("the part after the @ is no domain name")
    if labels[-1] in _UNREACHABLE or labels[-1].isdecimal():
        raise ValueError(f"no mail goes to the domain .{labels[-1]}")
    return f"{local}@{'.'.join(labels)}"


register_type(EmailStr, decode=EmailStr, schema={"type": "string", "format": "email"})
register_type(NameEmail, decode=NameEmail.parse, schema={"type": "string", "format": "name-email"})
