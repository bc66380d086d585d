"""One compiled function per set of overrides that makes a difference."""

import threading
from typing import Any

from fasterapi_di import Depends, PlanCache, build_graph
from fasterapi_di import plan_cache


def get_name() -> str:
    return "Ada"


def get_user(name: str = Depends(get_name)) -> str:
    return name


def target(user: str = Depends(get_user)) -> str:
    return user


def other() -> str:
    return "other"


def unrelated() -> None: ...


def cache() -> tuple[PlanCache[Any], list[dict[Any, Any]]]:
    built: list[dict[Any, Any]] = []

    def build(overrides: Any) -> Any:
        built.append(dict(overrides))
        return build_graph(target, bind=lambda parameter, node: None, overrides=overrides), object()

    return PlanCache(build), built


def test_the_same_overrides_give_the_same_function() -> None:
    plans, built = cache()
    overrides = {get_name: other}
    assert plans.variant(overrides) is plans.variant(overrides) is plans.variant(dict(overrides))
    assert len(built) == 1


def test_each_set_has_a_function_and_keeps_it() -> None:
    plans, built = cache()
    sets: list[dict[Any, Any]] = [
        {},
        {get_name: other},
        {get_user: other},
        {get_user: get_name, get_name: other},
    ]
    functions = [plans.variant(overrides) for overrides in sets]
    assert len(set(functions)) == 4
    assert [plans.variant(overrides) for overrides in sets] == functions
    assert built == sets


def test_overrides_of_what_does_not_occur_make_no_difference() -> None:
    plans, built = cache()
    assert plans.variant({}) is plans.variant({unrelated: other}) is plans.variant({target: other})
    # With `get_user` replaced nobody asks for `get_name` any more.
    assert plans.variant({get_user: other}) is plans.variant({get_user: other, get_name: unrelated})
    assert len(built) == 2


def test_dependencies_of_a_replacement_count_too() -> None:
    plans, built = cache()

    def fake(extra: Any = Depends(unrelated)) -> None: ...

    assert plans.variant({get_user: fake}) is not plans.variant({get_user: fake, unrelated: other})


def test_equal_replacements_are_not_the_same() -> None:
    class Equal:
        def __eq__(self, other: object) -> bool:
            return isinstance(other, Equal)

        def __hash__(self) -> int:
            return 1

        def __call__(self) -> None: ...

    plans, built = cache()
    assert plans.variant({get_name: Equal()}) is not plans.variant({get_name: Equal()})


def test_a_mapping_that_changes_in_place_is_noticed() -> None:
    plans, _ = cache()
    overrides: dict[Any, Any] = {get_name: other}
    first = plans.variant(overrides)
    overrides[get_name] = unrelated
    second = plans.variant(overrides)
    overrides[get_name] = other
    assert first is not second
    assert plans.variant(overrides) is first


def test_many_threads_build_once() -> None:
    plans, built = cache()
    barrier = threading.Barrier(8)

    def ask() -> None:
        barrier.wait()
        plans.variant({get_name: other})

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(built) == 1


def test_only_so_many_variants_are_kept(monkeypatch: Any) -> None:
    monkeypatch.setattr(plan_cache, "_MOST_VARIANTS", 2)
    plans, built = cache()
    replacements = [lambda: "a", lambda: "b", lambda: "c"]
    for replacement in replacements:
        plans.variant({get_name: replacement})
    plans.variant({get_name: replacements[1]})
    assert len(built) == 3
    plans.variant({get_name: replacements[0]})
    assert len(built) == 4


def test_unhashable_dependencies_are_no_obstacle() -> None:
    class Unhashable:
        __hash__ = None  # type: ignore[assignment]

        def __call__(self) -> None: ...

    def asks(value: Any = Depends(Unhashable())) -> None: ...

    plans: PlanCache[Any] = PlanCache(
        lambda overrides: (
            build_graph(asks, bind=lambda parameter, node: None, overrides=overrides),
            object(),
        )
    )
    assert plans.variant({get_name: other}) is plans.variant({get_user: other})
