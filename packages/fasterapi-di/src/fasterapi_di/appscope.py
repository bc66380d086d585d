"""Values that live as long as the application: made once, when first asked for, and closed in reverse order.

Knows: threads and tasks that ask at the same time, exits, closing. Does not know: plans, generated code.
Invariant: at any moment at most one thread or task makes the value of a cell; everyone else waits for it.
"""

import threading
from collections.abc import AsyncGenerator, Generator, Hashable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from weakref import WeakValueDictionary

from fasterapi_di import runtime
from fasterapi_di.building import identity
from fasterapi_di.errors import ClosedScopeError, DependencyCycle, ScopeError
from fasterapi_di.graph import Node, Origin
from fasterapi_di.markers import MISSING
from fasterapi_di.threads import RunInThread

if TYPE_CHECKING:
    import asyncio

Run = RunInThread[Any]


class AppScope:
    """Keep the values of dependencies with `scope="app"`.

    One scope belongs to one application. A value is made when it is first asked for, exactly once however
    many threads and tasks ask; if making it fails, the error goes to the one who made it and the next one
    tries again. An overridden dependency has a value of its own. `close` and `aclose` run the exits in
    reverse order; after them `ClosedScopeError` is raised until the scope is opened again. `with` and `async
    with` open and close.

    >>> from fasterapi_di import Depends, inject
    >>> def get_pool():
    ...     print("open")
    ...     yield "pool"
    ...     print("close")
    >>> with AppScope() as scope:
    ...
    ...     @inject(scope=scope)
    ...     def job(number: int, pool: str = Depends(get_pool, scope="app")) -> str:
    ...         return f"{number} with {pool}"
    ...
    ...     job(1), job(2)
    open
    ('1 with pool', '2 with pool')
    close
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.is_closed = False
        self._cells: WeakValueDictionary[Hashable, Cell] = WeakValueDictionary()
        self._made: list[Cell] = []
        self._exits: list[runtime.AnyGenerator] = []

    def cell(self, node: Node) -> "Cell":
        """Return the cell of `node`: the same for the same callable with the same dependencies."""
        key = _key(node)
        with self.lock:
            cell = self._cells.get(key)
            if cell is None:
                cell = self._cells[key] = Cell(self, node)
            return cell

    def open(self) -> None:
        """Allow values to be made (again). A new scope is open."""
        self.is_closed = False

    def close(self) -> None:
        """Leave everything, the youngest first, and forget all values.

        All exits run even if some fail; one failure is raised as it is, several as an exception group. Raises
        `ScopeError` if an async generator has to be left, and leaves nothing then.
        """
        if any(isinstance(generator, AsyncGenerator) for generator in self._exits):
            raise ScopeError(
                "an AppScope that holds async dependencies was closed without an event loop",
                fix="use `await scope.aclose()` or `async with`",
            )
        failures: list[BaseException] = []
        for generator in self._take_exits():
            assert isinstance(generator, Generator)
            try:
                runtime.finish(generator)
            except BaseException as error:
                failures.append(error)
        _report(failures)

    async def aclose(self, run_in_thread: Run | None = None) -> None:
        """Do what `close` does for plain and async dependencies; plain ones go through `run_in_thread`."""
        failures: list[BaseException] = []
        for generator in self._take_exits():
            try:
                await runtime.leave_async(generator, None, run_in_thread)
            except BaseException as error:
                failures.append(error)
        _report(failures)

    def keep(self, cell: "Cell", value: Any) -> None:
        """Publish the value of `cell`. Only cells call this."""
        with self.lock:
            if not self.is_closed:
                cell.value = value
                self._made.append(cell)

    def add_exit(self, generator: runtime.AnyGenerator) -> bool:
        """Remember to leave `generator`; False if the scope was closed meanwhile. Only cells call this."""
        with self.lock:
            if not self.is_closed:
                self._exits.append(generator)
            return not self.is_closed

    def _take_exits(self) -> list[runtime.AnyGenerator]:
        with self.lock:
            self.is_closed = True
            exits, self._exits = self._exits, []
            made, self._made = self._made, []
            for cell in made:
                cell.value = MISSING
        return exits[::-1]

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()


class Cell:
    """The place of one value. Generated code reads `value` and, if that is MISSING, makes it."""

    __slots__ = ("__weakref__", "_claim", "_node", "_scope", "value")

    def __init__(self, scope: AppScope, node: Node) -> None:
        self.value: Any = MISSING
        self._scope = scope
        self._node = node
        self._claim: _Claim | None = None

    def make(self) -> Any:
        """Return the value, made here or by another thread. Raises what making it raises."""
        while True:
            claim, is_mine = self._enter(threading.get_ident())
            if claim is None:
                if (made := self.value) is MISSING:  # the scope was closed meanwhile: `_enter` says so
                    continue
                return made
            if is_mine:
                break
            claim.done.wait()
        try:
            value = self._call([_make(self._scope, child) for child in self._node.children])
            if self._node.is_generator:
                value = self._start(value)
            self._scope.keep(self, value)
        finally:
            self._release(claim)
        return value

    async def make_async(self, run_in_thread: Run | None = None) -> Any:
        """Return the value, made here or elsewhere meanwhile; plain code goes through `run_in_thread`."""
        if not self._node.needs_loop:
            # A thread that waits for this value may be the one of the loop, so the making must not need the loop.
            return self.make() if run_in_thread is None else await run_in_thread(self.make)
        import asyncio  # noqa: PLC0415 - a program without an event loop never pays for this import

        while True:
            claim, is_mine = self._enter(asyncio.current_task())
            if claim is None:
                if (made := self.value) is MISSING:  # as above
                    continue
                return made
            if is_mine:
                break
            await self._wait(claim, asyncio.get_running_loop())
        try:
            children = [await _make_async(self._scope, child, run_in_thread) for child in self._node.children]
            value = await self._make_own(children, run_in_thread)
            self._scope.keep(self, value)
        finally:
            self._release(claim)
        return value

    async def _make_own(self, children: list[Any], run_in_thread: Run | None) -> Any:
        if self._node.kind == "async":
            return await self._call(children)
        if self._node.kind == "async_generator":
            generator = runtime.as_async_generator(self._call(children))
            value = await runtime.start_async(generator)
            if not self._scope.add_exit(generator):
                await runtime.finish_async(generator)
                raise self._closed()
            return value

        def plain() -> Any:
            called = self._call(children)
            return self._start(called) if self._node.is_generator else called

        if run_in_thread is None or not self._node.can_block:
            return plain()
        return await run_in_thread(plain)

    def _call(self, children: list[Any]) -> Any:
        values = iter(children)
        positional: list[Any] = []
        by_name: dict[str, Any] = {}
        for argument in self._node.arguments:
            parameter = argument.parameter
            if argument.origin is Origin.DEFAULT:
                if parameter.kind is parameter.kind.POSITIONAL_ONLY:
                    positional.append(parameter.default)
            elif parameter.kind is parameter.kind.POSITIONAL_ONLY:
                positional.append(next(values))
            else:
                by_name[parameter.name] = next(values)
        return self._node.call(*positional, **by_name)

    def _start(self, opened: Any) -> Any:
        generator = runtime.as_generator(opened)
        value = runtime.start(generator)
        if not self._scope.add_exit(generator):
            runtime.finish(generator)
            raise self._closed()
        return value

    def _enter(self, owner: object) -> "tuple[_Claim | None, bool]":
        """Return the claim to wait for, or the caller's own one, or None if there is a value."""
        with self._scope.lock:
            if self.value is not MISSING:
                return None, False
            if self._scope.is_closed:
                raise self._closed()
            if self._claim is None:
                self._claim = _Claim(owner)
                return self._claim, True
            if self._claim.owner == owner:
                raise DependencyCycle(
                    f"making {self._node.name} asks for {self._node.name}",
                    where=[f"{self._node.name} ({self._node.location})"],
                    fix="don't call a function that needs the value while the value is being made",
                )
            return self._claim, False

    def _release(self, claim: "_Claim") -> None:
        with self._scope.lock:
            self._claim = None
            waiters, claim.waiters = claim.waiters, None
        claim.done.set()
        for loop, future in waiters or ():
            try:
                loop.call_soon_threadsafe(_wake, future)
            except RuntimeError:  # that loop was closed, and with it whoever waited there
                continue

    async def _wait(self, claim: "_Claim", loop: "asyncio.AbstractEventLoop") -> None:
        future = loop.create_future()
        with self._scope.lock:
            if claim.waiters is None:
                return
            claim.waiters.append((loop, future))
        await future

    def _closed(self) -> ClosedScopeError:
        return ClosedScopeError(
            f"{self._node.name} was asked for after its AppScope was closed",
            where=[f"{self._node.name} ({self._node.location})"],
            fix="call it while the scope is open, or open the scope again",
        )


class _Claim:
    """Someone is making a value. `waiters` is None as soon as that has ended, well or badly."""

    def __init__(self, owner: object) -> None:
        self.owner = owner
        self.done = threading.Event()
        self.waiters: list[tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]] | None = []


def _wake(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)


def _make(scope: AppScope, node: Node) -> Any:
    return _cell(scope, node).make()


async def _make_async(scope: AppScope, node: Node, run_in_thread: Run | None) -> Any:
    cell = _cell(scope, node)
    return cell.value if cell.value is not MISSING else await cell.make_async(run_in_thread)


def _cell(scope: AppScope, node: Node) -> Cell:
    is_shared = node.depends is None or node.depends.shared
    return scope.cell(node) if is_shared else Cell(scope, node)


def _key(node: Node) -> Hashable:
    context = frozenset(node.context) if node.uses_context else None
    return identity(node.declared), identity(node.call), context, tuple(map(_key, node.children))


def _report(failures: list[BaseException]) -> None:
    if len(failures) == 1:
        raise failures[0]
    if failures:
        raise BaseExceptionGroup(
            "several dependencies of an AppScope failed while they were closed", failures
        )
