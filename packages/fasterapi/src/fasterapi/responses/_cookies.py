"""One `Set-Cookie` line from its parts.

Knows: RFC 6265, section 4.1, and the prefixes and attributes that browsers added. Does not know: responses.
Invariant: no part can end the line or add an attribute.
"""

import re
import time
from datetime import UTC, datetime

from msgspec import Struct

from fasterapi._patterns import LazyPattern
from fasterapi.responses._dates import format_http_date

_TOKEN = LazyPattern(r"[!#$%&'*+\-.^_`|~0-9A-Za-z:]+")
_ATTRIBUTE_BREAKERS = LazyPattern(r"[;\x00-\x1f\x7f]")
# What does not stand between quotes as it is, but as `\` and three octal digits, as http.cookies writes it.
_QUOTED = LazyPattern(r"[^!#$%&'*+\-.^_`|~0-9A-Za-z: ()/<=>?@\[\]{}]")
_SAME_SITE = ("lax", "strict", "none")


class Cookie(Struct, frozen=True, kw_only=True):
    """A cookie as an application sets it; `expires` as seconds from now, a moment, or an HTTP date.

    >>> Cookie(key="a", value="1", httponly=True, samesite="lax").header()
    'a=1; HttpOnly; Path=/; SameSite=lax'
    """

    key: str
    value: str = ""
    max_age: int | None = None
    expires: datetime | str | int | None = None
    path: str | None = "/"
    domain: str | None = None
    secure: bool = False
    httponly: bool = False
    samesite: str | None = None
    partitioned: bool = False

    def header(self) -> str:
        """The value of `Set-Cookie`. `ValueError` for parts that browsers would refuse or misread."""
        self._check()
        parts = [f"{self.key}={_quote(self.value)}"]
        if self.domain:
            parts.append(f"Domain={self.domain}")
        if self.expires is not None:
            parts.append(f"expires={_expiry(self.expires)}")
        if self.httponly:
            parts.append("HttpOnly")
        if self.max_age is not None:
            parts.append(f"Max-Age={self.max_age}")
        if self.partitioned:
            parts.append("Partitioned")
        if self.path:
            parts.append(f"Path={self.path}")
        if self.samesite is not None:
            parts.append(f"SameSite={self.samesite}")
        if self.secure:
            parts.append("Secure")
        return "; ".join(parts)

    def _check(self) -> None:
        if _TOKEN.fullmatch(self.key) is None:
            raise ValueError(f"cookie {self.key!r}: a name consists of letters, digits and !#$%&'*+-.^_`|~:")
        for name in ("domain", "path", "expires"):
            value = getattr(self, name)
            if isinstance(value, str) and _ATTRIBUTE_BREAKERS.search(value):
                raise ValueError(
                    f"cookie {self.key!r}: {name} must not contain ';' or control characters, got {value!r}"
                )
        if self.samesite is not None and self.samesite.lower() not in _SAME_SITE:
            raise ValueError(
                f"cookie {self.key!r}: samesite must be 'strict', 'lax' or 'none', got {self.samesite!r}"
            )
        self._check_prefix()

    def _check_prefix(self) -> None:
        """Browsers drop these cookies without a word (RFC 6265bis, section 4.1.3)."""
        if self.key.startswith(("__Secure-", "__Host-")) and not self.secure:
            raise ValueError(f"cookie {self.key!r}: this prefix demands secure=True")
        if self.key.startswith("__Host-") and (self.domain or self.path != "/"):
            raise ValueError(f"cookie {self.key!r}: __Host- demands path='/' and no domain")
        if self.partitioned and not self.secure:
            raise ValueError(f"cookie {self.key!r}: partitioned demands secure=True")


def _quote(value: str) -> str:
    if not value or _TOKEN.fullmatch(value):
        return value
    return f'"{_QUOTED.sub(_escape, value)}"'


def _escape(found: re.Match[str]) -> str:
    letter = found[0]
    return f"\\{letter}" if letter in '"\\' else f"\\{ord(letter):03o}" if ord(letter) < 256 else letter


def _expiry(expires: datetime | str | int) -> str:
    if isinstance(expires, str):
        return expires
    if isinstance(expires, int):
        return format_http_date(time.time() + expires)
    if expires.tzinfo is None:
        raise ValueError(
            f"a cookie expires at a moment with a time zone, got {expires!r}; use datetime.now(UTC)"
        )
    return format_http_date(expires.astimezone(UTC).timestamp())
