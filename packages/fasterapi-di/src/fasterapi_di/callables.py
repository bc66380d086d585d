"""What a callable is: its kind, its readable name, and where it was written.

Knows: functions, methods, classes, partials, callable objects, decorated functions. Does not know:
parameters.
"""

import inspect
import os
import sys
from collections.abc import Callable
from functools import lru_cache, partial
from types import FunctionType
from typing import Any, Literal

Kind = Literal["sync", "async", "generator", "async_generator"]

_KIND_FLAGS = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
_KIND_OF_FLAG: dict[int, Kind] = {
    0: "sync",
    inspect.CO_COROUTINE: "async",
    inspect.CO_GENERATOR: "generator",
    inspect.CO_ASYNC_GENERATOR: "async_generator",
}


def kind_of(call: Callable[..., Any]) -> Kind:
    """Say what has to be done with the result of `call`.

    `"sync"`: nothing. `"async"`: await it. `"generator"`, `"async_generator"`: run it up to its `yield`, and
    leave it later. What a decorator hides behind `__wrapped__` counts, so does what `functools.partial`
    holds and the `__call__` of an object. A bare class is always `"sync"`: calling it makes an instance.

    >>> kind_of(print), kind_of(dict)
    ('sync', 'sync')
    >>> async def get_user(): ...
    >>> kind_of(partial(get_user))
    'async'
    """
    if type(call) is FunctionType and not call.__dict__:  # nothing hides anything: its flags tell
        flags = call.__code__.co_flags & _KIND_FLAGS
        return _KIND_OF_FLAG[flags]
    candidates = [_without_partial(call), unwrap(call)]
    if not inspect.isclass(candidates[1]):
        for candidate in tuple(candidates):
            dunder = getattr(candidate, "__call__", None)  # noqa: B004 - the method itself is wanted
            if dunder is not None and not inspect.isroutine(candidate):
                candidates += [_without_partial(dunder), unwrap(dunder)]
    # What is async wins: a decorator can make async of plain code, but not the other way round.
    if any(map(inspect.isasyncgenfunction, candidates)):
        return "async_generator"
    if any(map(inspect.isgeneratorfunction, candidates)):
        return "generator"
    return "async" if any(map(_is_coroutine_function, candidates)) else "sync"


def is_plain_generator(call: Callable[..., Any]) -> bool:
    """Whether calling `call` is sure to give a generator object, because no decorator stands between."""
    function = _without_partial(call)
    if not inspect.isroutine(function):
        function = type(function).__call__
    return inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function)


def is_plain_coroutine(call: Callable[..., Any]) -> bool:
    """Whether calling `call` is sure to give a coroutine, because no decorator stands between."""
    return inspect.iscoroutinefunction(_without_partial(call))


def is_class(call: Callable[..., Any]) -> bool:
    """Whether calling `call` constructs an instance."""
    return inspect.isclass(unwrap(call))


def unwrap(call: Callable[..., Any]) -> Callable[..., Any]:
    """Return what stands behind partials and decorators."""
    unwrapped: Callable[..., Any] = inspect.unwrap(_without_partial(call))
    return unwrapped


def name_of(call: Callable[..., Any]) -> str:
    """Return the name that a person would use for `call`.

    >>> class Clock:
    ...     def now(self): ...
    ...     def __call__(self): ...
    >>> name_of(Clock), name_of(Clock().now), name_of(Clock())
    ('Clock', 'Clock.now', 'Clock(...)')
    """
    call = _without_partial(call)
    name = getattr(call, "__qualname__", None) or getattr(call, "__name__", None)
    if not isinstance(name, str):
        return f"{type(call).__name__}(...)"
    return name.rpartition("<locals>.")[2]


def location(call: Callable[..., Any]) -> str:
    """Return `file:line` of the place where `call` was written; its module where there is no such place.

    A file below the present directory is given relative to it.

    >>> location(len)
    'module builtins'
    """
    if type(call) is FunctionType and not call.__dict__:
        return f"{_short(call.__code__.co_filename)}:{call.__code__.co_firstlineno}"
    place = unwrap(call)
    if inspect.isclass(place):
        return _class_location(place)
    if not inspect.isroutine(place):
        place = unwrap(type(place).__call__)
    code = getattr(inspect.unwrap(place), "__code__", None)
    if code is None:
        return f"module {getattr(place, '__module__', None) or 'builtins'}"
    return f"{_short(code.co_filename)}:{code.co_firstlineno}"


def _class_location(cls: type[Any]) -> str:
    line = vars(cls).get("__firstlineno__")  # since 3.13
    module = sys.modules.get(cls.__module__)
    filename = getattr(module, "__file__", None)
    if line is not None and filename:
        return f"{_short(filename)}:{line}"
    for value in vars(cls).values():
        code = getattr(value, "__code__", None)
        if code is not None and code.co_filename == filename:
            return f"{_short(filename)}:{code.co_firstlineno}"
    return f"module {cls.__module__}"


def _short(filename: str) -> str:
    return _seen_from(os.getcwd(), filename)  # noqa: PTH109 - text is enough


@lru_cache(maxsize=256)
def _seen_from(folder: str, filename: str) -> str:
    try:
        relative = os.path.relpath(filename, folder)
    except ValueError:  # on another drive than the present directory
        return filename
    return filename if relative.startswith("..") or not os.access(filename, os.F_OK) else relative


def _without_partial(call: Callable[..., Any]) -> Callable[..., Any]:
    while isinstance(call, partial):
        call = call.func
    return call


def _is_coroutine_function(call: object) -> bool:
    if inspect.iscoroutinefunction(call):
        return True
    # Before Python 3.12 a decorator marked its result with asyncio's private object.
    asyncio_coroutines = sys.modules.get("asyncio.coroutines")
    marker = getattr(asyncio_coroutines, "_is_coroutine", None)
    return marker is not None and getattr(call, "_is_coroutine", None) is marker
