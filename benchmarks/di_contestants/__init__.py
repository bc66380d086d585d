"""Everyone who resolves the graphs: one function per library, `prepare(make) -> call`.

`make(mark=…, annotate=…)` builds the callables in the style of the library; the function returns what is timed, or
None for a row that the library can't do. Libraries are imported when they are prepared; absent ones are left out.
Each is used in the fastest way that its documentation shows for a value per call.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from di_contestants.graphs import Built, by_hand

Make = Callable[..., Built]
Call = Callable[[], Any]


@dataclass(frozen=True)
class Contestant:
    name: str
    distribution: str
    prepare: Callable[[Make], Call | None]
    always_async: bool = False


def hand_written(make: Make) -> Call:
    return by_hand(make())


def ours(make: Make) -> Call:
    from fasterapi_di import Depends, inject

    return inject(make(mark=Depends).target)


def ours_with_unused_overrides(make: Make) -> Call:
    from fasterapi_di import Depends, inject

    return inject(make(mark=Depends).target, overrides={})


def ours_with_overrides(make: Make) -> Call:
    from fasterapi_di import Depends, inject

    built = make(mark=Depends)
    # Every maker is replaced by itself in another coat: the same work, found by way of the overrides.
    return inject(built.target, overrides={len: len, **{maker: maker for maker in built.makers[:1]}})


def fastapi(make: Make) -> Call:
    from contextlib import AsyncExitStack

    from fastapi import Depends
    from fastapi.dependencies.utils import get_dependant, solve_dependencies
    from starlette.requests import Request

    target = make(mark=Depends).target
    dependant = get_dependant(path="/", call=target)
    is_async = make().is_async

    async def call() -> Any:
        async with AsyncExitStack() as request_stack, AsyncExitStack() as function_stack:
            scope = {
                "type": "http",
                "headers": [],
                "query_string": b"",
                "fastapi_inner_astack": request_stack,
                "fastapi_function_astack": function_stack,
            }
            solved = await solve_dependencies(
                request=Request(scope),
                dependant=dependant,
                async_exit_stack=request_stack,
                embed_body_fields=False,
            )
            result = target(**solved.values)
            return await result if is_async else result

    return call


def fast_depends(make: Make) -> Call:
    from fast_depends import Depends, inject

    mark = lambda maker: Depends(maker, cast=False)  # noqa: E731
    return inject(make(mark=mark).target, cast=False, cast_result=False, serializer_cls=None)


def dishka(make: Make) -> Call | None:
    from dishka import Provider, Scope, make_async_container, make_container

    built = make()
    if not built.makers:
        return None
    provider = Provider(scope=Scope.REQUEST)
    for maker in built.makers:
        provider.provide(maker)
    roots = [built.types[need] for need in built.row.target]
    target = built.target
    if built.is_async:
        container = make_async_container(provider)

        async def call_async() -> Any:
            async with container() as request:
                return await target(*[await request.get(root) for root in roots])

        return call_async
    container = make_container(provider)

    def call() -> Any:
        with container() as request:
            return target(*[request.get(root) for root in roots])

    return call


def wireup(make: Make) -> Call:
    import wireup
    from wireup import Injected

    built = make(annotate=lambda type_: Injected[type_])
    injectables = [wireup.injectable(lifetime="scoped")(maker) for maker in built.makers]
    create = wireup.create_async_container if built.is_async else wireup.create_sync_container
    return wireup.inject_from_container(create(injectables=injectables))(built.target)


def diwire(make: Make) -> Call | None:
    from diwire import Container, DependencyRegistrationPolicy, Lifetime, LockMode, MissingPolicy, Scope

    built = make()
    if not built.makers:
        return None
    container = Container(
        lock_mode=LockMode.NONE,
        missing_policy=MissingPolicy.ERROR,
        dependency_registration_policy=DependencyRegistrationPolicy.IGNORE,
        use_resolver_context=False,
    )
    for type_, maker in zip(built.types, built.makers, strict=True):
        add = container.add_generator if built.row.yields else container.add_factory
        add(maker, provides=type_, scope=Scope.REQUEST, lifetime=Lifetime.SCOPED)
    resolver = container.compile()
    roots = [built.types[need] for need in built.row.target]
    target = built.target
    if built.is_async:

        async def call_async() -> Any:
            async with resolver.enter_scope(Scope.REQUEST) as request:
                return await target(*[await request.aresolve(root) for root in roots])

        return call_async

    def call() -> Any:
        with resolver.enter_scope(Scope.REQUEST) as request:
            return target(*[request.resolve(root) for root in roots])

    return call


def that_depends(make: Make) -> Call:
    from that_depends import Provide, container_context, inject, providers

    built = make()
    made: list[Any] = []
    kinds = {
        (False, False): providers.Factory,
        (True, False): providers.AsyncFactory,
        (False, True): providers.ContextResource,
        (True, True): providers.ContextResource,
    }
    kind = kinds[built.is_async, built.row.yields]
    for maker, needs in zip(built.makers, built.row.needs, strict=True):
        made.append(kind(maker, *[made[need].cast for need in needs]))
    target = built.target
    if made:
        target.__defaults__ = tuple(Provide[made[need]] for need in built.row.target)
    injected = inject(target)
    if not built.row.yields:
        return injected
    if built.is_async:

        async def call_async() -> Any:
            async with container_context(*made):
                return await injected()

        return call_async

    def call() -> Any:
        from contextlib import ExitStack

        with ExitStack() as stack:
            for provider in made:
                stack.enter_context(provider.context_sync())
            return injected()

    return call


def svcs(make: Make) -> Call | None:
    import svcs

    built = make()
    if not built.makers:
        return None
    registry = svcs.Registry()
    for type_, maker, needs in zip(built.types, built.makers, built.row.needs, strict=True):
        registry.register_factory(type_, _svcs_factory(built, maker, [built.types[need] for need in needs]))
    roots = [built.types[need] for need in built.row.target]
    target = built.target
    if built.is_async:

        async def call_async() -> Any:
            async with svcs.Container(registry) as container:
                return await target(*[await container.aget(root) for root in roots])

        return call_async

    def call() -> Any:
        with svcs.Container(registry) as container:
            return target(*[container.get(root) for root in roots])

    return call


def _svcs_factory(built: Built, maker: Any, types: list[type]) -> Any:
    import svcs

    if built.is_async and built.row.yields:

        async def open_async(svcs_container: svcs.Container) -> Any:
            async for value in maker(*[await svcs_container.aget(type_) for type_ in types]):
                yield value

        return open_async
    if built.is_async:

        async def make_async(svcs_container: svcs.Container) -> Any:
            return await maker(*[await svcs_container.aget(type_) for type_ in types])

        return make_async
    if built.row.yields:

        def open_plain(svcs_container: svcs.Container) -> Any:
            yield from maker(*[svcs_container.get(type_) for type_ in types])

        return open_plain
    return lambda svcs_container: maker(*[svcs_container.get(type_) for type_ in types])


def anydi(make: Make) -> Call:
    from anydi import Container, Provide

    built = make(annotate=lambda type_: Provide[type_])
    container = Container()
    for maker in built.makers:
        container.provider(scope="request")(maker)
    injected = container.inject(built.target)
    if built.is_async:

        async def call_async() -> Any:
            async with container.arequest_context():
                return await injected()

        return call_async

    def call() -> Any:
        with container.request_context():
            return injected()

    return call


def taskiq(make: Make) -> Call:
    from taskiq_dependencies import DependencyGraph, Depends

    built = make(mark=Depends)
    graph = DependencyGraph(built.target)
    target = built.target
    if built.is_async:

        async def call_async() -> Any:
            async with graph.async_ctx() as context:
                return await target(**await context.resolve_kwargs())

        return call_async

    def call() -> Any:
        with graph.sync_ctx() as context:
            return target(**context.resolve_kwargs())

    return call


CONTESTANTS = (
    Contestant("by hand", "", hand_written),
    Contestant("fasterapi-di", "fasterapi-di", ours),
    Contestant("… overrides={}", "fasterapi-di", ours_with_unused_overrides),
    Contestant("… overrides in force", "fasterapi-di", ours_with_overrides),
    Contestant("diwire", "diwire", diwire),
    Contestant("dishka", "dishka", dishka),
    Contestant("wireup", "wireup", wireup),
    Contestant("svcs", "svcs", svcs),
    Contestant("taskiq-dependencies", "taskiq-dependencies", taskiq),
    Contestant("that-depends", "that-depends", that_depends),
    Contestant("anydi", "anydi", anydi),
    Contestant("fast-depends", "fast-depends", fast_depends),
    Contestant("FastAPI", "fastapi", fastapi, always_async=True),
)
