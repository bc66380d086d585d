"""`Depends` is inert data that refuses nonsense."""

import copy
from dataclasses import FrozenInstanceError, dataclass
from typing import Any

import pytest

from fasterapi_di import INVALID, MISSING, Depends, InvalidMarkerError, inline
from fasterapi_di.markers import is_inline


def get_value() -> None: ...


def test_defaults() -> None:
    marker = Depends(get_value)
    assert (marker.dependency, marker.use_cache, marker.scope, marker.inline) == (
        get_value,
        True,
        None,
        False,
    )
    assert (marker.max_concurrency, marker.limit, marker.context) == (None, None, ())


@pytest.mark.parametrize(
    ("arguments", "fix"),
    [
        ({"dependency": 3}, "without calling it"),
        ({"scope": "session"}, '"request"'),
        ({"scope": "app", "use_cache": False}, "transient"),
        ({"max_concurrency": 0}, "positive integer"),
        ({"max_concurrency": True}, "positive integer"),
        ({"max_concurrency": 1.5}, "positive integer"),
    ],
    ids=repr,
)
def test_nonsense_is_refused(arguments: dict[str, Any], fix: str) -> None:
    with pytest.raises(InvalidMarkerError, match=fix):
        Depends(**arguments)


def test_invalid_markers_are_value_errors() -> None:
    with pytest.raises(ValueError):
        Depends(max_concurrency=-1)


@pytest.mark.parametrize(
    ("options", "shared"),
    [({}, True), ({"use_cache": False}, False), ({"scope": "transient"}, False), ({"scope": "app"}, True)],
    ids=repr,
)
def test_shared(options: dict[str, Any], shared: bool) -> None:
    assert Depends(get_value, **options).shared is shared


def test_markers_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        Depends(get_value).use_cache = False


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (Depends(get_value), Depends(get_value), True),
        (Depends(get_value, scope="function"), Depends(get_value, scope="function"), True),
        (Depends(get_value), Depends(get_value, scope="function"), False),
        (Depends(get_value), Depends(get_value, use_cache=False), False),
        (Depends(get_value), Depends(dict), False),
        (Depends(get_value, max_concurrency=1), Depends(get_value, max_concurrency=1), False),
    ],
)
def test_markers_that_say_the_same_are_equal(one: Depends, other: Depends, equal: bool) -> None:
    assert (one == other) is equal
    assert (hash(one) == hash(other)) is equal


def test_markers_of_another_class_are_not_equal() -> None:
    assert Depends(get_value) != Security(get_value)


@dataclass(frozen=True, eq=False)
class Security(Depends):
    scopes: tuple[str, ...] = ()

    @property
    def context(self) -> tuple[str, ...]:  # type: ignore[override]
        return self.scopes


def test_a_subclass_may_carry_context() -> None:
    assert Security(get_value, scopes=("read",)).context == ("read",)


def test_another_dependency_keeps_options_class_and_limit() -> None:
    marker = Security(scopes=("read",), max_concurrency=2)
    other = marker.with_dependency(get_value)
    assert (other.dependency, other.context, other.limit) == (get_value, ("read",), marker.limit)
    assert isinstance(other, Security)
    assert marker.dependency is None


def test_inline_marks_a_function() -> None:
    assert not is_inline(get_value)

    @inline
    def get_cheap() -> None: ...

    assert is_inline(get_cheap)


@pytest.mark.parametrize("sentinel", [MISSING, INVALID])
def test_sentinels_stay_themselves(sentinel: Any) -> None:
    assert copy.deepcopy(sentinel) is sentinel
    assert repr(sentinel) in ("MISSING", "INVALID")
