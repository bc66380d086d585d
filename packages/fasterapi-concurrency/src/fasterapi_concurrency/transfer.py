"""What crosses to a worker and back: functions as cached definitions, arguments as bytes, outcomes as values.

Knows: pickles and their culprits. Does not know: queues, workers, futures.
A definition is made once per function and made again when a global or closure variable that it captured is bound
to another object. Workers are known here by their numbers (`uid`), which no two workers of a process share.
"""

from __future__ import annotations

import itertools
import pickle
import weakref
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from functools import partial
from io import BytesIO
from types import CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any, Final, NamedTuple

from fasterapi_concurrency import remote
from fasterapi_concurrency.definitions import SENT, Captured, DefinitionPickler
from fasterapi_concurrency.errors import NotTransferableError, RemoteError, WorkerDiedError

_ATOMS: Final = frozenset({int, float, bool, type(None), str, complex})
_BUFFERS: Final[dict[type, str]] = {bytes: "bytes", bytearray: "bytearray", memoryview: "memoryview"}
_ABSENT: Final = object()
_keys = itertools.count(1)
_class_holders: dict[int, set[int]] = {}  # token -> the workers that know the class


class Packed(NamedTuple):
    """Arguments on their way: a pickle, the buffers beside it, and what is inside: classes and packages."""

    payload: bytes
    buffers: tuple[tuple[str, bytes | memoryview], ...] | None = None
    tokens: AbstractSet[int] = frozenset()
    modules: tuple[str, ...] = ()


class Definition:
    """A function by value, with what must hold for it to be sent again as it is."""

    __slots__ = ("blob", "captured", "holders", "key", "modules", "tokens")

    def __init__(self, blob: bytes, pickler: DefinitionPickler) -> None:
        self.key = next(_keys)
        self.blob = blob
        self.modules = list(pickler.modules)
        self.tokens = frozenset(pickler.tokens)
        self.captured = pickler.captured
        self.holders: set[int] = set()  # the workers that have it

    def is_current(self) -> bool:
        """Whether all that it captured is still bound to the same objects."""
        for captured in self.captured:  # noqa: SIM110 - asked for every job, and a generator takes twice the time
            if _read(captured) is not captured.value:
                return False
        return True

    def learned_by(self, uid: int) -> None:
        self.holders.add(uid)
        note_holders(self.tokens, uid)


class Shipper:
    """Makes definitions and packs arguments for one kind of worker (`place`, as in "a sub-interpreter")."""

    def __init__(self, place: str, *, by_name: bool) -> None:
        self.place = place
        self.must_prove = not by_name  # interpreters refuse some packages, processes refuse none
        self._by_name = by_name
        self.verdicts: dict[str, str | None] = {}  # package -> why workers cannot import it, or None
        self._definitions: dict[int, tuple[weakref.ref[Any], Definition]] = {}

    def define(self, function: Callable[..., Any]) -> Definition:
        """Return the function's definition; raises `NotTransferableError` that names the culprit."""
        definition = self._kept(function)
        if definition is not None and definition.is_current():
            return definition
        file = BytesIO()
        pickler = DefinitionPickler(file, _knows_nothing, by_name=self._by_name)
        try:
            pickler.dump(function)
        except Exception as error:
            raise self._refusal(function, pickler, error) from error
        definition = Definition(file.getvalue(), pickler)
        self._keep(function, definition)
        return definition

    def _kept(self, function: Callable[..., Any]) -> Definition | None:
        if type(function) is FunctionType:
            kept: dict[Shipper, Definition] | None = function.__dict__.get(SENT)
            return None if kept is None else kept.get(self)
        found = self._definitions.get(id(function))
        return found[1] if found is not None and found[0]() is function else None

    def _keep(self, function: Callable[..., Any], definition: Definition) -> None:
        if type(function) is FunctionType:
            # On the function, so that both are garbage together: the definition may refer to the function.
            function.__dict__.setdefault(SENT, {})[self] = definition
            return
        key, kept = id(function), self._definitions

        def forget(reference: weakref.ref[Any]) -> None:
            if key in kept and kept[key][0] is reference:
                del kept[key]

        try:
            kept[key] = weakref.ref(function, forget), definition
        except TypeError:  # such as a builtin method: defined at every call, by its name
            return

    def pack(
        self,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        live: AbstractSet[int] | None,
    ) -> Packed:
        """Pickle the arguments; classes that all `live` workers know go by token, none do if that is `None`."""
        for value in (*args, *kwargs.values()) if kwargs else args:
            if type(value) not in _ATOMS and (type(value) is not bytes or len(value) >= remote.LARGE_BYTES):
                break
        else:
            return Packed(pickle.dumps((args, kwargs), remote.PROTOCOL))
        try:
            return self._pack(args, kwargs, live)
        except Exception as error:
            raise self._argument_refusal(function, args, kwargs, error) from error

    def _pack(
        self, args: tuple[Any, ...], kwargs: Mapping[str, Any], live: AbstractSet[int] | None
    ) -> Packed:
        own: dict[int, tuple[str, bytes | memoryview]] = {}
        buffers: list[tuple[str, bytes | memoryview]] = []

        def apart(value: Any) -> Any:
            kind = _BUFFERS.get(type(value))
            if kind is None or (kind != "memoryview" and len(value) < remote.LARGE_BYTES):
                return value
            buffer = pickle.PickleBuffer(value)
            own[id(buffer)] = kind, memoryview(value) if kind == "bytearray" else value
            return buffer

        def take(buffer: pickle.PickleBuffer) -> None:
            buffers.append(own.get(id(buffer)) or ("memoryview", memoryview(buffer)))

        apart_args = tuple([apart(value) for value in args])
        apart_kwargs = {name: apart(value) for name, value in kwargs.items()}
        file = BytesIO()
        knows = _knows_nothing if live is None else lambda token: live <= _class_holders.get(token, _NOBODY)
        pickler = DefinitionPickler(file, knows, by_name=self._by_name, buffer_callback=take)
        pickler.dump((apart_args, apart_kwargs))
        return Packed(file.getvalue(), tuple(buffers) or None, pickler.tokens, tuple(pickler.modules))

    def _refusal(
        self, function: Callable[..., Any], pickler: DefinitionPickler, error: Exception
    ) -> NotTransferableError:
        culprit = next((c for c in reversed(pickler.captured) if not self._crosses(c.value)), None)
        if culprit is None:
            return NotTransferableError(f"{describe(function)} cannot be sent to {self.place}\n  {error}")
        return NotTransferableError(
            f"{describe(function)} cannot be sent to {self.place}\n"
            f"  {describe_code(culprit.code)} uses {_variable(culprit)}, of type"
            f" {remote.name_of(type(culprit.value))}: {error}\n"
            f"  fix: create it inside the function, pass plain data as an argument, or use run_in_threadpool"
        )

    def _crosses(self, value: Any) -> bool:
        try:
            DefinitionPickler(BytesIO(), _knows_nothing, by_name=self._by_name).dump(value)
        except Exception:
            return False
        return True

    def _argument_refusal(
        self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any], error: Exception
    ) -> NotTransferableError:
        named = [*((f"argument {n}", value) for n, value in enumerate(args, 1)), *kwargs.items()]
        for name, value in named:
            if type(value) is not memoryview and not self._crosses(value):
                return NotTransferableError(
                    f"{name} of {describe(function)}, of type {remote.name_of(type(value))}, cannot be sent to "
                    f"{self.place}\n  {error}\n  fix: pass plain data (numbers, text, bytes, lists, dicts, dataclasses)"
                )
        return NotTransferableError(
            f"the arguments of {describe(function)} cannot be sent to {self.place}\n  {error}"
        )

    def module_refusal(
        self, function: Callable[..., Any], captured: Iterable[Captured], module: str, error: str
    ) -> NotTransferableError:
        """The error for a module that a worker was seen to be unable to import."""
        user = next(
            (f"{describe_code(c.code)} uses {_variable(c)}" for c in captured if _is_of(c, module)), None
        )
        return NotTransferableError(
            f"{describe(function)} cannot run in {self.place}\n"
            f"  {user or 'it uses a part'} of the module {module!r}, which does not load there: {error}\n"
            f"  fix: use run_in_process, or keep {module.partition('.')[0]!r} out of what runs in the worker"
        )


_NOBODY: Final[frozenset[int]] = frozenset()


def _knows_nothing(_: int) -> bool:
    return False


def _read(captured: Captured) -> Any:
    container = captured.container
    if isinstance(container, CellType):
        try:
            return container.cell_contents
        except ValueError:
            return _ABSENT
    return container.get(captured.name, _ABSENT) if container is not None else captured.value


def note_holders(tokens: Iterable[int], uid: int) -> None:
    """Worker `uid` has seen the definitions of these classes."""
    for token in tokens:
        _class_holders.setdefault(token, set()).add(uid)


def _variable(captured: Captured) -> str:
    kind = "the closure variable" if isinstance(captured.container, CellType) else "the global"
    return f"{kind} `{captured.name}`"


def _is_of(captured: Captured, module: str) -> bool:
    value = captured.value
    name = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
    origins = [name, type(value).__module__, type(type(value)).__module__]
    origins += [base.__module__ for base in getattr(value, "__mro__", ())]
    return any(module == origin or str(origin).startswith(module + ".") for origin in origins)


def describe(function: Callable[..., Any]) -> str:
    """A function's name with the place where it is written.

    >>> describe(len)
    'len()'
    """
    inner: Any = function
    while isinstance(inner, (MethodType, partial)):
        inner = inner.__func__ if isinstance(inner, MethodType) else inner.func
    name = getattr(inner, "__qualname__", None) or repr(inner)
    code = getattr(inner, "__code__", None)
    return f"{name}()" if code is None else describe_code(code)


def describe_code(code: CodeType) -> str:
    return f"{code.co_qualname}() ({code.co_filename}:{code.co_firstlineno})"


class RemoteTraceback(Exception):  # noqa: N818 - it is shown as a cause, and is no error of its own
    """The traceback in the worker, as text; the cause of an exception that came from there."""

    def __str__(self) -> str:
        return f'\n"""\n{self.args[0]}"""'


def unpack(kind: int, data: Any) -> tuple[Any, BaseException | None]:
    """An outcome as `(value, None)` or `(None, error)`."""
    try:
        if kind == remote.VALUE:
            return data, None
        if kind == remote.PICKLED:
            return pickle.loads(data), None  # noqa: S301 - from our own worker
        if kind == remote.BYTEARRAY:
            return bytearray(data), None
    except Exception as error:
        return None, NotTransferableError(f"the result cannot be unpickled: {type(error).__name__}: {error}")
    if kind == remote.REFUSED:
        return None, NotTransferableError(f"{data}\n  fix: return plain data")
    if kind == remote.FAILED:
        return None, _failure(*pickle.loads(data))  # noqa: S301 - from our own worker
    if kind == remote.DIED:
        return None, WorkerDiedError(f"the worker died: {data}")
    return None, WorkerDiedError("the worker was stopped while it ran the job")


def _failure(pickled: bytes | None, summary: str, text: str) -> BaseException:
    error: object = None
    if pickled is not None:
        try:
            error = pickle.loads(pickled)  # noqa: S301 - from our own worker
        except Exception:  # an exception whose __init__ does not take its args back
            pickled = None
    if not isinstance(error, BaseException):
        error = RemoteError(f"{summary} (raised in a worker; it cannot be sent as it is)")
    error.__cause__ = RemoteTraceback(text)
    return error
