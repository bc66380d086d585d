"""Which globals a function's code really uses, read from its bytecode.

Knows: code objects of CPython 3.11 and later. Does not know: what the names stand for, or pickling.
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Iterator
from types import CodeType
from typing import Final

# Opcode -> how far its argument is shifted left of the index into `co_names`.
_GLOBAL: Final = {
    dis.opmap[name]: shift
    for name, shift in [
        ("LOAD_GLOBAL", 1),
        ("LOAD_NAME", 0),  # class bodies inside functions
        ("LOAD_FROM_DICT_OR_GLOBALS", 0),
        ("STORE_GLOBAL", 0),
        ("DELETE_GLOBAL", 0),
    ]
    if name in dis.opmap
}
_ATTRIBUTE: Final = (
    {dis.opmap["LOAD_ATTR"]: 1}
    if sys.version_info >= (3, 12)
    else {dis.opmap["LOAD_ATTR"]: 0, dis.opmap["LOAD_METHOD"]: 0}
)
_SKIPPED: Final = frozenset({dis.opmap["CACHE"], dis.opmap["NOP"]})


def global_names(code: CodeType) -> dict[str, set[tuple[str, ...]]]:
    """Global names that `code` and the functions inside it use, each with the attribute chains taken from it.

    An empty chain means that the object itself is used, so any attribute may be.

    >>> sorted(global_names(compile("lambda: math.sin(x)", "", "eval")).items())
    [('math', {('sin',)}), ('x', {()})]
    """
    found: dict[str, set[tuple[str, ...]]] = {}
    root: str | None = None
    chain: tuple[str, ...] = ()
    for opcode, argument in _instructions(code):
        if opcode in _SKIPPED:
            continue
        if root is not None:
            if opcode in _ATTRIBUTE:
                chain += (_name(code, argument, _ATTRIBUTE[opcode]),)
                continue
            found.setdefault(root, set()).add(chain)
            root, chain = None, ()
        if opcode in _GLOBAL:
            root = _name(code, argument, _GLOBAL[opcode])
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            for name, chains in global_names(constant).items():
                found.setdefault(name, set()).update(chains)
    return found


def _name(code: CodeType, argument: int, shift: int) -> str:
    return code.co_names[argument >> shift]


def _instructions(code: CodeType) -> Iterator[tuple[int, int]]:
    extension = 0
    raw = code.co_code
    for index in range(0, len(raw), 2):
        argument = raw[index + 1] | extension
        if raw[index] == dis.EXTENDED_ARG:
            extension = argument << 8
            continue
        extension = 0
        yield raw[index], argument
