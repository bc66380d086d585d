"""The header fields that tell clients where they stand with a rate limit, in the document's words.

Knows: draft-ietf-httpapi-ratelimit-headers, the older `RateLimit-*`. Does not know: their values (`ratelimit`).
"""

from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias

__all__ = ["FIELDS", "Fields", "words"]

Fields: TypeAlias = Literal["draft", "separate", "none"]

FIELDS: Final[Mapping[Fields, tuple[str, ...]]] = {
    "draft": ("RateLimit-Policy", "RateLimit"),
    "separate": ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"),
    "none": (),
}

_WORDS: Final = {
    "RateLimit-Policy": ("string", "The limit: so many requests (q) in so many seconds (w)"),
    "RateLimit": ("string", "How many requests are left (r), and the seconds until there are more (t)"),
    "RateLimit-Limit": ("integer", "How many requests the limit allows"),
    "RateLimit-Remaining": ("integer", "How many requests are left"),
    "RateLimit-Reset": ("integer", "The seconds until there are more"),
    "Retry-After": ("integer", "The seconds until a request will be answered (RFC 9110, section 10.2.3)"),
}


def words(fields: Fields, *more: str) -> dict[str, Any]:
    """OpenAPI's header objects of a choice of fields, and of `more`.

    >>> list(words("draft", "Retry-After"))
    ['RateLimit-Policy', 'RateLimit', 'Retry-After']
    """
    return {
        name: {"description": description, "schema": {"type": type_}}
        for name in (*FIELDS[fields], *more)
        for type_, description in [_WORDS[name]]
    }
