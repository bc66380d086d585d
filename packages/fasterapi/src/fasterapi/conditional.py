"""Conditional requests (RFC 9110, section 13): has the client the current version, or does it change an old one?

Knows: entity tags, dates, the order in which conditions are evaluated. Does not know: routes, generated code,
where the current validators come from (`compilation.conditional`).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal, TypeAlias

from fasterapi.exceptions import FasterAPIError
from fasterapi.responses._dates import format_http_date, parse_http_date

__all__ = ["ETag", "ETagOption", "Validators", "entity_tag", "failed_precondition", "validators_of"]

# RFC 9110, section 8.8.3: what stands between the quotes.
_OPAQUE = re.compile(r"[\x21\x23-\x7e\x80-\xff]*")
_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_SAFE: Final = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Validators:
    """What tells one version of a resource from another. `last_modified` has a time zone; `etag` as `entity_tag`.

    >>> Validators(etag="7").headers
    {'etag': '"7"'}
    """

    etag: str | int | None = None
    last_modified: datetime | None = None

    def __post_init__(self) -> None:
        if self.last_modified is not None and self.last_modified.tzinfo is None:
            message = f"last_modified needs a time zone, got {self.last_modified!r}; use datetime.now(UTC)"
            raise ValueError(message)

    @property
    def headers(self) -> dict[str, str]:
        """The fields of a response that carry them. Raises ValueError for a tag that no header can hold."""
        found: dict[str, str] = {}
        if self.etag is not None:
            found["etag"] = entity_tag(self.etag)
        if self.last_modified is not None:
            found["last-modified"] = format_http_date(self.last_modified.astimezone(UTC).timestamp())
        return found


Current: TypeAlias = Validators | datetime | str | int | None


@dataclass(frozen=True, slots=True)
class ETag:
    """The option `etag=` in full. `current` is a dependency that gives the version now, None where there is none.

    `required`: a request that would change the resource must say `If-Match` or `If-Unmodified-Since`, else it is
    answered 428 (RFC 6585, section 3), so that no change is lost by accident. Raises FasterAPIError for anything
    that cannot be called.
    """

    current: Callable[..., Any]
    required: bool = False

    def __post_init__(self) -> None:
        if not callable(self.current):
            message = f"ETag() takes a dependency that gives the current version, not {self.current!r}"
            raise FasterAPIError(message)


ETagOption: TypeAlias = bool | Literal["weak", "strong"] | ETag | Callable[..., Any]
"""True or "weak": a tag of what is sent, "strong": the same as a strong one; or what gives the current version."""


def entity_tag(value: str | int) -> str:
    """A version as an entity tag; what is one already stays. Raises ValueError for what no tag can hold.

    >>> entity_tag("v7"), entity_tag(7), entity_tag('W/"7"')
    ('"v7"', '"7"', 'W/"7"')
    """
    text = str(value)
    if _TAG.fullmatch(text):
        return text
    if not _OPAQUE.fullmatch(text):
        message = f"an entity tag has no quotes, white space or control characters: {text!r} (RFC 9110, section 8.8.3)"
        raise ValueError(message)
    return f'"{text}"'


def validators_of(current: Current) -> Validators | None:
    """What a dependency has said of the current version. Raises FasterAPIError for anything else."""
    match current:
        case None | Validators():
            return current
        case datetime():
            return Validators(last_modified=current)
        case bool():
            pass
        case str() | int():
            return Validators(etag=current)
    message = (
        "the dependency of etag= gives a str or int (the entity tag), a datetime (the last change), "
        f"Validators(...), or None where there is no such resource; not {current!r}"
    )
    raise FasterAPIError(message)


def failed_precondition(
    method: str, asked: Mapping[str, str], current: Validators | None, *, required: bool = False
) -> int | None:
    """The status that answers instead of the handler: 304, 412 or 428; None where every condition holds.

    In the order of RFC 9110, section 13.2.2. `asked` are the request's conditions by lower-case name.

    >>> failed_precondition("PUT", {"if-match": '"1"'}, Validators("2"))
    412
    >>> failed_precondition("GET", {"if-none-match": '"1", "2"'}, Validators("2"))
    304
    """
    is_safe = method in _SAFE
    if "if-match" in asked:
        if not _matches(asked["if-match"], current, weakly=False):
            return 412
    elif "if-unmodified-since" in asked:
        if _is_modified_since(asked["if-unmodified-since"], current, otherwise=False):
            return 412
    elif required and not is_safe and "if-none-match" not in asked:
        return 428
    if "if-none-match" in asked:
        if _matches(asked["if-none-match"], current, weakly=True):
            return 304 if is_safe else 412
    elif (
        is_safe
        and "if-modified-since" in asked
        and not _is_modified_since(asked["if-modified-since"], current, otherwise=True)
    ):
        return 304
    return None


def _matches(condition: str, current: Validators | None, *, weakly: bool) -> bool:
    """Whether one of the tags is the current one; `*` is any (RFC 9110, sections 13.1.1 and 13.1.2)."""
    if condition.strip() == "*":
        return current is not None
    if current is None or current.etag is None:
        return False
    found = _TAG.fullmatch(entity_tag(current.etag))
    assert found is not None
    weak, opaque = found.groups()
    if weak and not weakly:
        return False
    return any(tag == opaque and (weakly or not mark) for mark, tag in _TAG.findall(condition))


def _is_modified_since(condition: str, current: Validators | None, *, otherwise: bool) -> bool:
    """Whether the resource is younger than the date; `otherwise` where either date is unknown."""
    since = parse_http_date(condition)
    if since is None or current is None or current.last_modified is None:
        return otherwise
    return current.last_modified.astimezone(UTC).timetuple()[:6] > since
