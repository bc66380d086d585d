"""Who asks for whom, what is shared, and which declarations can't work."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import pytest

from fasterapi_di import (
    CallableReader,
    DependencyCycle,
    DependencyError,
    Depends,
    Graph,
    Node,
    Origin,
    Parameter,
    Reader,
    ScopeError,
    SignatureError,
    UnresolvedNameError,
    UnsuppliedParameterError,
    build_graph,
    build_plan,
)


def leave(parameter: Parameter, node: Node) -> None:
    return None


def graph_of(target: Callable[..., Any], **options: Any) -> Graph:
    return build_graph(target, **{"bind": leave, **options})


def names(graph: Graph) -> list[str]:
    return [node.name for node in graph.nodes]


@dataclass(frozen=True, eq=False)
class Security(Depends):
    scopes: tuple[str, ...] = ()

    @property
    def context(self) -> tuple[str, ...]:  # type: ignore[override]
        return self.scopes


class ContextReader(CallableReader):
    def __init__(self, node: Node) -> None:
        super().__init__("context", lambda: node.context, uses_context=True)


def get_settings() -> dict[str, str]:
    return {}


def get_database(settings: dict[str, str] = Depends(get_settings)) -> str:
    return "database"


def get_cache(settings: dict[str, str] = Depends(get_settings)) -> str:
    return "cache"


def show(
    number: int, database: str = Depends(get_database), cache: Annotated[str, Depends(get_cache)] = ""
) -> None: ...


def test_a_diamond_has_one_node_per_dependency() -> None:
    graph = graph_of(show)
    assert names(graph) == ["get_settings", "get_database", "get_cache", "show"]
    database, cache = graph.root.children
    assert database.children == cache.children


def test_arguments_tell_where_values_come_from() -> None:
    reader = CallableReader("number", lambda: 1)
    graph = graph_of(show, bind=lambda parameter, node: reader if parameter.name == "number" else None)
    origins = [argument.origin for argument in graph.root.arguments]
    assert origins == [reader, *graph.root.children]
    assert graph.readers == (reader,)


def test_what_bind_leaves_to_the_caller() -> None:
    assert graph_of(show).root.arguments[0].origin is Origin.CALLER


def test_bind_is_asked_once_for_every_other_parameter() -> None:
    asked: list[tuple[str, str]] = []

    def bind(parameter: Parameter, node: Node) -> Reader:
        asked.append((node.name, parameter.name))
        return CallableReader(parameter.name, lambda: 1)

    def leaf(a: int) -> None: ...
    def left(b: int, leaf: None = Depends(leaf)) -> None: ...
    def right(leaf: None = Depends(leaf), c: int = 1) -> None: ...
    def target(left: None = Depends(left), right: None = Depends(right), *, d: int) -> None: ...

    graph_of(target, bind=bind)
    assert sorted(asked) == [("leaf", "a"), ("left", "b"), ("right", "c"), ("target", "d")]


def test_defaults_of_dependencies_stay() -> None:
    def get_page(size: int = 50) -> int:
        return size

    def target(page: int = Depends(get_page)) -> None: ...

    (page,) = graph_of(target).root.children
    assert page.arguments[0].origin is Origin.DEFAULT


def test_extra_dependencies_come_first_and_share() -> None:
    def check(settings: Any = Depends(get_settings)) -> None: ...

    graph = graph_of(show, extra=[Depends(check), Depends(get_cache)])
    assert names(graph) == ["get_settings", "check", "get_cache", "get_database", "show"]


def test_last_dependencies_come_after_all_others_and_share() -> None:
    def check(settings: Any = Depends(get_settings)) -> None: ...

    graph = graph_of(show, last=[Depends(check), Depends(get_cache)])
    assert names(graph) == ["get_settings", "get_database", "get_cache", "check", "show"]
    assert [step.slot.hint for step in build_plan(graph).calls][-1] == "check"
    assert "└─ get_cache ↑ shared" in str(graph)
    assert "-.->" in graph.mermaid()


def test_depends_without_callable_takes_the_annotation() -> None:
    class Pager:
        def __init__(self, size: int = 10) -> None: ...

    def target(pager: Annotated[Pager, Depends()]) -> None: ...

    assert names(graph_of(target)) == ["Pager", "target"]


# Sharing.


def count(**markers: Depends) -> int:
    """The number of nodes for one dependency that is asked for by these markers."""

    def target(**_: Any) -> None: ...

    import inspect

    target.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=marker)
            for name, marker in markers.items()
        ]
    )
    return len(graph_of(target).nodes) - 1


def open_value() -> Iterator[int]:
    yield 1


@pytest.mark.parametrize(
    ("expected", "markers"),
    [
        (1, [Depends(get_settings), Depends(get_settings)]),
        (2, [Depends(get_settings), Depends(get_settings, use_cache=False)]),
        # As in FastAPI: a value that was made for one asker alone serves a later asker that shares.
        (1, [Depends(get_settings, use_cache=False), Depends(get_settings)]),
        (2, [Depends(get_settings, use_cache=False), Depends(get_settings, scope="transient")]),
        (1, [Depends(open_value), Depends(open_value, scope="request")]),
        (2, [Depends(open_value), Depends(open_value, scope="function")]),
        (1, [Depends(get_settings), Depends(get_settings, max_concurrency=3)]),
        (2, [Depends(get_settings), Depends(get_settings, scope="app")]),
        (1, [Security(get_settings, scopes=("a", "b")), Security(get_settings, scopes=("b", "a"))]),
        (2, [Security(get_settings, scopes=("a",)), Security(get_settings, scopes=("b",))]),
        (2, [Security(get_settings, scopes=("a",)), Depends(get_settings)]),
    ],
)
def test_sharing(expected: int, markers: list[Depends]) -> None:
    assert count(**{f"p{number}": marker for number, marker in enumerate(markers)}) == expected


class Unhashable:
    __hash__ = None  # type: ignore[assignment]

    def __call__(self) -> int:
        return 1


def test_callables_that_cannot_be_hashed_are_shared_by_identity() -> None:
    first, second = Unhashable(), Unhashable()
    assert count(a=Depends(first), b=Depends(first), c=Depends(second)) == 2


def test_contexts_accumulate_without_repetition() -> None:
    def user(context: Any) -> None: ...
    def items(user: Any = Security(user, scopes=("me", "items"))) -> None: ...
    def target(items: Any = Security(items, scopes=("items", "all"))) -> None: ...

    graph = graph_of(target, bind=lambda parameter, node: ContextReader(node))
    assert [node.context for node in graph.nodes] == [("items", "all", "me"), ("items", "all"), ()]


def test_only_what_uses_its_context_is_made_once_per_context() -> None:
    def plain() -> None: ...
    def user(context: Any, plain: Any = Depends(plain)) -> None: ...
    def left(user: Any = Security(user, scopes=("a",)), plain: Any = Depends(plain)) -> None: ...
    def right(user: Any = Security(user, scopes=("b",)), plain: Any = Depends(plain)) -> None: ...
    def target(left: Any = Depends(left), right: Any = Depends(right)) -> None: ...

    graph = graph_of(target, bind=lambda parameter, node: ContextReader(node))
    assert names(graph).count("user") == 2
    assert names(graph).count("plain") == 1


# Overrides.


def get_other() -> str:
    return "other"


def test_overrides_replace_anywhere_and_bring_their_own_dependencies() -> None:
    def fake_database(other: str = Depends(get_other)) -> str:
        return f"fake {other}"

    graph = graph_of(show, overrides={get_database: fake_database, get_cache: lambda: "no cache"})
    assert names(graph) == ["get_other", "fake_database", "<lambda>", "show"]
    assert graph.root.children[0].declared is get_database


def test_overrides_are_not_overridden_themselves() -> None:
    graph = graph_of(show, overrides={get_database: get_other, get_other: get_cache})
    assert "get_other" in names(graph)


def test_dependencies_of_overrides_are_overridden() -> None:
    def fake(other: str = Depends(get_other)) -> None: ...

    graph = graph_of(show, overrides={get_database: fake, get_other: get_settings})
    assert "get_other" not in names(graph)


def test_sharing_follows_the_declared_dependency() -> None:
    graph = graph_of(show, overrides={get_database: get_other, get_cache: get_other})
    assert names(graph).count("get_other") == 2


def test_an_override_that_asks_for_the_original_is_a_cycle() -> None:
    def fake(database: str = Depends(get_database)) -> None: ...

    with pytest.raises(DependencyCycle):
        graph_of(show, overrides={get_database: fake})


def test_unhashable_dependencies_cannot_be_overridden() -> None:
    call = Unhashable()

    def target(value: int = Depends(call)) -> None: ...

    assert graph_of(target, overrides={get_settings: get_other}).root.children[0].call is call


# Lifetimes.


def test_app_values_may_hold_app_values_and_what_is_theirs_alone() -> None:
    def get_pool(
        settings: Any = Depends(get_settings, scope="app"),
        own: Any = Depends(get_other, scope="transient"),
        size: int = 3,
    ) -> None: ...
    def target(pool: Any = Depends(get_pool, scope="app")) -> None: ...

    (pool,) = graph_of(target).root.children
    assert [node.scope for node in pool.children] == ["app", "app"]


def ends_with_request(value: Any = Depends(open_value)) -> None: ...
def ends_with_function(value: Any = Depends(open_value, scope="function")) -> None: ...
def holds_shared(settings: Any = Depends(get_settings)) -> None: ...
def holds_indirectly(own: Any = Depends(holds_shared, scope="transient")) -> None: ...


@pytest.mark.parametrize("call", [ends_with_request, ends_with_function, holds_shared, holds_indirectly])
def test_app_values_may_not_hold_shorter_lives(call: Any) -> None:
    def target(value: Any = Depends(call, scope="app")) -> None: ...

    with pytest.raises(ScopeError, match="lives as long as the application"):
        graph_of(target)


def test_app_values_may_not_hold_what_is_read_in_every_call() -> None:
    def get_pool(size: int = 3) -> None: ...
    def target(pool: Any = Depends(get_pool, scope="app")) -> None: ...

    with pytest.raises(ScopeError, match="read anew"):
        graph_of(target, bind=lambda parameter, node: CallableReader("size", lambda: 1))


def test_request_generators_may_not_hold_function_values() -> None:
    def open_outer(value: Any = Depends(open_value, scope="function")) -> Any:
        yield

    def target(outer: Any = Depends(open_outer)) -> None: ...

    with pytest.raises(ScopeError, match='"function"'):
        graph_of(target)


# Mistakes, with the drawing that each one gets.


def first(second: Any = Depends(lambda: None)) -> None: ...
def second(third: Any) -> None: ...


def cycle() -> Any:
    def get_a(b: Any) -> None: ...
    def get_b(c: Any = Depends(get_a)) -> None: ...

    get_a.__defaults__ = (Depends(get_b),)

    def target(a: Any = Depends(get_a)) -> None: ...

    return target


def cycle_through_itself() -> Any:
    def get_a(a: Any) -> None: ...

    get_a.__defaults__ = (Depends(get_a),)
    return get_a


def variadic() -> Any:
    def get_a(*values: int) -> None: ...
    def target(a: Any = Depends(get_a)) -> None: ...

    return target


def variadic_keywords() -> Any:
    def target(**values: int) -> None: ...

    return target


def without_type() -> Any:
    def target(a=Depends()) -> None: ...  # type: ignore[no-untyped-def]

    return target


def with_type_that_is_no_callable() -> Any:
    def target(a: Any = Depends()) -> None: ...

    target.__annotations__["a"] = 3
    return target


def unsupplied() -> Any:
    def get_a(size: int) -> None: ...
    def get_b(a: Any = Depends(get_a)) -> None: ...
    def target(b: Any = Depends(get_b)) -> None: ...

    return target


def unknown_type() -> Any:
    def target(a: "Missing" = Depends()) -> None: ...  # type: ignore[name-defined]

    return target


def unknown_marker() -> Any:
    def target(a: "Annotated[int, Depends(get_missing)]") -> None: ...  # type: ignore[name-defined]

    return target


def without_signature() -> Any:
    def target(a: Any = Depends(dict)) -> None: ...

    return target


def app_leak() -> Any:
    def get_pool(settings: Any = Depends(get_settings)) -> None: ...
    def target(pool: Any = Depends(get_pool, scope="app")) -> None: ...

    return target


def function_leak() -> Any:
    def open_outer(value: Any = Depends(open_value, scope="function")) -> Any:
        yield

    def target(outer: Any = Depends(open_outer)) -> None: ...

    return target


def no_app_scope() -> Any:
    def target(settings: Any = Depends(get_settings, scope="app")) -> None: ...

    return target


MISTAKES = [
    (cycle, DependencyCycle),
    (cycle_through_itself, DependencyCycle),
    (variadic, SignatureError),
    (variadic_keywords, SignatureError),
    (without_type, SignatureError),
    (with_type_that_is_no_callable, SignatureError),
    (unsupplied, UnsuppliedParameterError),
    (unknown_type, UnresolvedNameError),
    (unknown_marker, UnresolvedNameError),
    (without_signature, SignatureError),
    (app_leak, ScopeError),
    (function_leak, ScopeError),
    (no_app_scope, ScopeError),
]


@pytest.mark.parametrize(("make", "error"), MISTAKES, ids=lambda value: value.__name__)
def test_mistakes_are_drawn(
    make: Any, error: type[DependencyError], golden: Callable[[str, str], None]
) -> None:
    with pytest.raises(error) as raised:
        build_plan(graph_of(make()))
    text = str(raised.value)
    assert "fix:" in text
    # Line numbers change with every edit of this file; that they are there is what matters.
    text = re.sub(r"[\w./-]*test_graph\.py:\d+", "test_graph.py:LINE", text)
    golden(f"error_{make.__name__}.txt", text + "\n")


def test_an_extra_dependency_needs_a_callable() -> None:
    with pytest.raises(SignatureError, match="extra dependency"):
        graph_of(show, extra=[Depends()])


def test_an_extra_dependency_that_asks_for_the_target_is_a_cycle() -> None:
    def check(shown: Any = Depends(show)) -> None: ...

    with pytest.raises(DependencyCycle):
        graph_of(show, extra=[Depends(check)])
