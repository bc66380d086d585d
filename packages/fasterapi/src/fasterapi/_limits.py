"""How much of a client's data the framework accepts, in one value.

Knows: the defaults. Does not know: where a limit is enforced (`requests`, `formparsers`).
"""

from collections.abc import Mapping
from typing import Any, Final, TypedDict, cast

from msgspec import Struct
from msgspec.structs import replace

from fasterapi.exceptions import FasterAPIError
from fasterapi.types import Scope

MIB: Final = 1024 * 1024

# Under this key of the scope a route leaves its own `BodyLimits` for `Request`.
LIMITS_KEY: Final = "fasterapi.limits"


class FormLimits(TypedDict, total=False):
    """The limits of forms that an application, a router or a route may set: `form_limits={...}`."""

    max_fields: int
    max_files: int
    max_part_size: int


class BodyLimits(Struct, frozen=True):
    """Sizes in bytes; `None` is no limit.

    >>> BodyLimits().with_form_limits({"max_fields": 5}).max_fields
    5
    """

    # A body that is held in memory.
    max_body_size: int | None = 16 * MIB
    # A whole form; its files go to disk.
    max_form_size: int | None = 256 * MIB
    # Fields that are no files.
    max_fields: int = 1000
    max_files: int = 1000
    # One field that is no file.
    max_part_size: int = MIB

    def with_form_limits(self, limits: Mapping[str, Any] | None) -> "BodyLimits":
        """These limits with those of `form_limits`. `FasterAPIError` for an unknown name or value."""
        return self if not limits else replace(self, **validate_form_limits(limits))

    def with_max_body_size(self, size: int | None) -> "BodyLimits":
        """These limits with `max_body_size` as a user sets it: for every kind of body."""
        validate_max_body_size(size)
        return replace(self, max_body_size=size, max_form_size=size)


DEFAULT_LIMITS: Final = BodyLimits()


def limits_of(scope: Scope) -> BodyLimits:
    """The limits that hold for a request."""
    return cast("BodyLimits", scope.get(LIMITS_KEY, DEFAULT_LIMITS))


def validate_form_limits(limits: Mapping[str, Any] | None) -> FormLimits:
    """Check a user's `form_limits`. `FasterAPIError` names the key that is unknown or no size.

    >>> validate_form_limits({"max_fields": 10})
    {'max_fields': 10}
    """
    known = FormLimits.__annotations__
    for name, value in (limits or {}).items():
        if name not in known:
            raise FasterAPIError(f"form_limits: there is no limit {name!r}; known are {', '.join(known)}")
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise FasterAPIError(f"form_limits: {name} must be a non-negative integer, not {value!r}")
    return cast("FormLimits", dict(limits or {}))


def validate_max_body_size(size: object) -> None:
    """Check a user's `max_body_size`. `ValueError` unless it is `None` or a non-negative integer."""
    if size is not None and (isinstance(size, bool) or not isinstance(size, int) or size < 0):
        raise ValueError(f"max_body_size must be a non-negative integer or None, not {size!r}")
