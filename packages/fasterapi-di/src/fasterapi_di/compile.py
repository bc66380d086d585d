"""Source text → function. The only `exec` in this repository.

Knows: linecache, naming. Does not know: parameters, dependencies, requests.
Invariant: every name used by the text is in `Source.namespace`; user text never enters the source unquoted.
"""

import linecache
import threading
import weakref
from collections import deque
from collections.abc import Callable
from types import CodeType
from typing import Any

from fasterapi_di.code import Source

_lock = threading.Lock()
# Filenames of functions that are gone. Functions may be freed at any line, also in the middle of `linecache`'s own
# loop over its entries, which fails when one vanishes: entries are taken out at the next compilation instead.
_unused: deque[str] = deque()


def compile_source(source: Source) -> Callable[..., Any]:
    r"""Compile `source` and return the function it defines.

    The text is registered in `linecache`, so tracebacks, `pdb`, `inspect.getsource` and coverage show the
    lines; when the function is gone, the next compilation takes the entry out. `function.__source__` is the
    text. If the filename is taken, a number is added to it. Thread-safe.

    >>> function = compile_source(Source("def answer():\n    return 42\n", {}, "answer", "<answer>"))
    >>> function(), function.__code__.co_filename
    (42, '<answer>')
    >>> print(function.__source__)
    def answer():
        return 42
    <BLANKLINE>
    """
    filename = _register(source)
    namespace = dict(source.namespace)
    if source.code is None:
        code = compile(source.text, filename, "exec", dont_inherit=True)
    else:
        code = _renamed(source.code, filename)
    exec(code, namespace)  # noqa: S102 - the one place; see the invariant above
    # Taken out of its own globals, the function is freed as soon as nobody refers to it.
    function: Any = namespace.pop(source.name)
    function.__source__ = source.text
    weakref.finalize(function, _unused.append, filename).atexit = False
    return function  # type: ignore[no-any-return]  # the text decides the type


def _renamed(code: CodeType, filename: str) -> CodeType:
    """`code`, with the functions in it, as if it had been compiled under `filename`."""
    constants = tuple(
        _renamed(constant, filename) if isinstance(constant, CodeType) else constant
        for constant in code.co_consts
    )
    return code.replace(co_filename=filename, co_consts=constants)


def _register(source: Source) -> str:
    lines = source.text.splitlines(keepends=True)
    # A name may contain anything, but `compile` refuses some characters in file names.
    filename = source.filename
    if not filename.isprintable():
        filename = "".join(character if character.isprintable() else "?" for character in filename)
    stem, end = (filename[:-1], ">") if filename.endswith(">") else (filename, "")
    number = 1
    with _lock:
        while _unused:
            linecache.cache.pop(_unused.popleft(), None)
        while filename in linecache.cache:
            number += 1
            filename = f"{stem} ({number}){end}"
        # An entry whose mtime is None survives `linecache.checkcache`, which every traceback calls.
        linecache.cache[filename] = (len(source.text), None, lines, filename)
    return filename
