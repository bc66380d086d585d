"""The worker's side of a job: definitions rebuilt, functions called, outcomes packed.

Knows: pickle, marshal, how a function or a class is put together. Does not know: queues, pools, event loops.
Invariant: it imports nothing of this package, and little else. Its source is executed alone in a worker (an
interpreter or a process) under its usual module name, so that a worker starts quickly and stays small.
"""

from __future__ import annotations

import marshal
import sys
import types

TYPE_CHECKING = False
if TYPE_CHECKING:  # not imported at run time: `typing` alone costs a worker 5 ms
    from collections.abc import Callable
    from typing import Any

try:  # the C half of `pickle` alone, which does not import `re`
    from _pickle import Pickler, dumps, loads
except ImportError:  # pragma: no cover - a Python without C accelerators
    from pickle import Pickler, dumps, loads

VALUE, PICKLED, BYTEARRAY, FAILED, REFUSED, CANCELLED, MISSING, DIED = range(8)  # kinds of outcomes
Outcome = tuple[int, "Any"]  # the kind and its data; the data's type depends on the kind
PROTOCOL = 5
LARGE_BYTES = 64 * 1024  # from here on a buffer travels beside the pickle instead of inside it
MAX_FUNCTIONS = 256  # kept by a worker; the oldest is dropped, and asked for again when needed
SMALLEST, LARGEST = -(2**63), 2**63 - 1  # integers that cross between interpreters as they are
PLAIN = frozenset({bytes, str, float, bool, type(None)})  # and other types that do

functions: dict[int, Callable[..., Any]] = {}
classes: dict[int, type] = {}  # token -> the class rebuilt in this worker
tokens: dict[type, int] = {}  # and back
originals: dict[int, type] = {}  # token -> the class that was sent; filled where pools live, never in workers


class JobCancelled(BaseException):
    """Raised inside a running job whose caller no longer waits for it."""


class DefinitionMissing(Exception):  # noqa: N818 - a signal to the pool that users never see
    """A job names a class by a token that this worker does not know (any more)."""


def run_job(key: int, blob: Any, payload: Any, buffers: Any) -> Outcome:
    """Call function `key` with the pickled `(args, kwargs)` of `payload`; errors of the call are the caller's.

    `blob` is the function's definition, or `None` if the pool believes that this worker has it. `buffers` are
    pairs of a type's name and a memoryview, in the order in which the pickle refers to them.
    """
    try:
        function = functions.get(key)
        if function is None:
            if blob is None:
                return MISSING, None
            if len(functions) >= MAX_FUNCTIONS:
                del functions[next(iter(functions))]
            function = functions[key] = loads(blob)  # noqa: S301 - from our own pool
        if buffers is None:
            args, kwargs = loads(payload)  # noqa: S301 - from our own pool
        else:
            received = [receive(*buffer) for buffer in buffers]
            args, kwargs = loads(payload, buffers=received)  # noqa: S301 - from our own pool
    except DefinitionMissing:
        return MISSING, None
    return pack(function(*args, **kwargs))


def receive(kind: str, view: bytes | memoryview) -> bytes | bytearray | memoryview:
    """A large buffer as the job shall see it: one copy for `bytes` and `bytearray`, none for `memoryview`."""
    if kind == "bytes":
        return bytes(view)
    return bytearray(view) if kind == "bytearray" else view


def pack(value: Any) -> Outcome:
    """A result in the cheapest form that can cross."""
    kind = type(value)
    if kind in PLAIN or (kind is int and SMALLEST <= value <= LARGEST):
        return VALUE, value
    if kind is bytearray and len(value) >= LARGE_BYTES:
        return BYTEARRAY, memoryview(value)
    try:
        return PICKLED, dump(value)
    except Exception as error:
        return REFUSED, f"the result, of type {name_of(kind)}, cannot be pickled: {error}"


def dump(value: Any) -> bytes:
    if not tokens:
        return dumps(value, PROTOCOL)
    from io import BytesIO  # noqa: PLC0415 - loaded at every interpreter's start, but not needed by most

    file = BytesIO()
    _Returning(file, PROTOCOL).dump(value)
    return file.getvalue()


class _Returning(Pickler):
    """Names classes that were sent by value by their token, so that the pool finds the original class."""

    def reducer_override(self, obj: Any) -> Any:
        token = tokens.get(obj) if isinstance(obj, type) else None
        return NotImplemented if token is None else (original_class, (token,))


def describe_failure(error: BaseException) -> Outcome:
    """An exception as `(pickled exception or None, its type and text, the remote traceback)`."""
    try:
        from traceback import format_exception  # noqa: PLC0415 - only failing jobs need it

        text = "".join(format_exception(error))
        summary = f"{name_of(type(error))}: {error}"
    except Exception as second:  # such as a failing __str__, or no memory left
        text = summary = f"{name_of(type(error))} (not described: {name_of(type(second))})"
    try:
        pickled = dump(error)
    except Exception:
        pickled = None
    return FAILED, dumps((pickled, summary, text), PROTOCOL)


def serve(current: list[int], job: int, call: tuple[int, Any, Any, Any]) -> Outcome:
    """Run one job to an outcome, whatever it does, even if `JobCancelled` is raised into this thread.

    `current[0]` is the job's number exactly while an interruption is allowed. One that was sent in time but is
    raised late is raised in `_settle`, so none reaches the worker's own loop or the next job.
    """
    try:
        try:
            try:
                current[0] = job
                outcome = run_job(*call)
            except JobCancelled:
                raise
            except BaseException as error:
                outcome = describe_failure(error)
        finally:
            current[0] = 0
        _settle()
    except JobCancelled:
        current[0] = 0
        outcome = CANCELLED, None
    return outcome


def _settle() -> None:
    """Being called is the point: the interpreter raises pending asynchronous exceptions at a function's start."""


def probe(name: str) -> str | None:
    """Import a module in this worker; the error's text, or `None` if that works."""
    try:
        __import__(name)
    except BaseException as error:
        return f"{name_of(type(error))}: {error}".splitlines()[0]
    return None


def name_of(kind: type) -> str:
    module = kind.__module__
    return kind.__qualname__ if module == "builtins" else f"{module}.{kind.__qualname__}"


def original_class(token: int) -> type:
    """Where pools live: the class that was sent to the workers as `token`."""
    return originals[token]


def known_class(token: int) -> type:
    """In a worker: the class that came as `token` with an earlier job."""
    try:
        return classes[token]
    except KeyError:
        raise DefinitionMissing from None


def make_module(name: str) -> types.ModuleType:
    """A stand-in for a module of the user that holds only the attributes a function uses."""
    return types.ModuleType(name, "Sent by value: holds only what the sent functions use.")


def fill_module(module: types.ModuleType, attributes: dict[str, Any]) -> None:
    module.__dict__.update(attributes)


def find_module(name: str) -> types.ModuleType:
    __import__(name)
    return sys.modules[name]


def make_namespace(name: str, path: str | None, package: str | None) -> dict[str, Any]:
    """The globals shared by all functions of one module that came with one definition."""
    return {"__builtins__": __builtins__, "__name__": name, "__file__": path, "__package__": package}


def make_cell() -> types.CellType:
    return types.CellType()


def fill_cell(cell: types.CellType, content: tuple[Any, ...]) -> None:
    if content:
        (cell.cell_contents,) = content


def make_function(code: bytes, namespace: dict[str, Any], name: str, cells: tuple[Any, ...]) -> Any:
    return types.FunctionType(marshal.loads(code), namespace, name, None, cells)  # noqa: S302 - our own bytes


def fill_function(function: Any, state: dict[str, Any]) -> None:
    function.__globals__.update(state.pop("globals"))
    function.__dict__.update(state.pop("attributes"))
    for name, value in state.items():
        setattr(function, name, value)


def make_cached(maxsize: int | None, typed: bool, *parts: Any) -> Any:
    from functools import lru_cache  # noqa: PLC0415 - only where the user has one

    return lru_cache(maxsize, typed)(make_function(*parts))


def fill_cached(wrapper: Any, state: dict[str, Any]) -> None:
    fill_function(wrapper.__wrapped__, state)


def make_cached_property(function: Callable[[Any], Any], name: str | None) -> Any:
    from functools import cached_property  # noqa: PLC0415 - only where the user has one

    made = cached_property(function)
    made.attrname = name
    return made


def make_field() -> Any:
    from dataclasses import field  # noqa: PLC0415 - only where the user has one

    return field()


def fill_field(field: Any, state: dict[str, Any]) -> None:
    metadata = types.MappingProxyType(state.pop("metadata"))
    for name, value in (state | {"metadata": metadata}).items():
        setattr(field, name, value)


def make_class(token: int, meta: Any, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
    """The class of that token, without its methods if it is new: they may refer to the class itself."""
    if token in classes:
        return classes[token]
    return register(
        token, types.new_class(name, bases, {"metaclass": meta}, lambda space: space.update(body))
    )


def make_enum(token: int, meta: Any, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
    """An enumeration needs its members at birth; `body` is its namespace with them in order."""
    if token in classes:
        return classes[token]
    space = meta.__prepare__(name, bases)
    for key, value in body.items():
        space[key] = value
    return register(token, meta(name, bases, space))


def register(token: int, made: type) -> type:
    classes[token] = made
    tokens[made] = token
    return made


def fill_class(made: type, attributes: dict[str, Any]) -> None:
    """Idempotent: a class may come again with a later job, and keeps what it has."""
    if tokens.get(made) in _filled:
        return
    _filled.add(tokens[made])
    for name, value in attributes.items():
        type.__setattr__(made, name, value)
    if hasattr(made, "__abstractmethods__"):
        from abc import update_abstractmethods  # noqa: PLC0415 - only for abstract classes

        update_abstractmethods(made)


_filled: set[int] = set()
