"""Build the text of a function together with the namespace it needs.

Knows: Python's lexical rules. Does not know: dependencies, plans, execution.
Invariant: a name in the text is either generated here from a cleaned hint, or a parameter that was checked;
a value reaches the text only through the namespace, never by its text.
"""

import builtins
import keyword
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from types import CodeType
from typing import Any

from fasterapi_di.errors import CodeError

_INDENT = "    "
_NOT_A_WORD = re.compile(r"[^A-Za-z0-9_]+")
_BUILTINS = frozenset(vars(builtins))


@dataclass(frozen=True, slots=True)
class Source:
    """A function as text: `text` defines `name`, `namespace` holds what it refers to, `filename` names it.

    `filename` is what a traceback shows, for example `<fasterapi: GET /users/{user_id}>`. `code` is the text
    compiled, where that is known.
    """

    text: str
    namespace: dict[str, Any] = field(repr=False)
    name: str
    filename: str
    code: CodeType | None = field(default=None, repr=False, compare=False)


class CodeBuilder:
    """Collect lines of code and hand out names that can't clash.

    >>> code = CodeBuilder()
    >>> with code.function("call_double", ["number"]):
    ...     double = code.global_(lambda number: number * 2, "double")
    ...     result = code.local("result")
    ...     code.line(f"{result} = {double}(number)")
    ...     code.line(f"return {result}")
    >>> print(code.source("call_double", "<example>").text)
    def call_double(number):
        result = double(number)
        return result
    <BLANKLINE>
    """

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._depth = 0
        self._taken: set[str] = set()
        self._namespace: dict[str, Any] = {}
        self._global_names: dict[int, str] = {}

    def line(self, text: str) -> None:
        """Add one line at the present depth. `text` is code, never a user's text."""
        if "\n" in text or "\r" in text:
            raise CodeError(f"a line of code contains a line break: {text!r}", fix="add it line by line")
        self._lines.append(_INDENT * self._depth + text)

    @contextmanager
    def block(self, header: str) -> Iterator[None]:
        """Add `header` (ending in a colon) and indent what is added inside; an empty block gets `pass`."""
        if not header.endswith(":"):
            raise CodeError(f"the header of a block ends in a colon: {header!r}")
        self.line(header)
        self._depth += 1
        begin = len(self._lines)
        yield
        if len(self._lines) == begin:
            self.line("pass")
        self._depth -= 1

    @contextmanager
    def function(
        self, name: str, parameters: Sequence[str | tuple[str, object]] = (), *, is_async: bool = False
    ) -> Iterator[None]:
        """Open `def name(parameters):`; a parameter is a name, `"/"`, `"*"` or a pair (name, default)."""
        named = [parameter if isinstance(parameter, str) else parameter[0] for parameter in parameters]
        for reserved in (name, *named):
            if reserved not in ("/", "*"):
                self.reserve(reserved)
        declared = [
            parameter
            if isinstance(parameter, str)
            else f"{parameter[0]}={self.global_(parameter[1], f'default_{parameter[0]}')}"
            for parameter in parameters
        ]
        with self.block(f"{'async ' if is_async else ''}def {name}({', '.join(declared)}):"):
            yield

    def reserve(self, name: str) -> str:
        """Take exactly this name, for code that is written by hand. Raises `CodeError` if it is taken."""
        if not name.isidentifier() or keyword.iskeyword(name):
            raise CodeError(f"{name!r} can't be a name in Python code", fix="rename the parameter")
        if name in self._taken:
            raise CodeError(f"the name {name!r} is used twice in one function", fix="rename one of the two")
        self._taken.add(name)
        return name

    def local(self, hint: str) -> str:
        """Return a new name that resembles `hint`, whatever `hint` contains."""
        name = base = clean_name(hint)
        number = 2
        while name in self._taken or name in _BUILTINS:
            name = f"{base}_{number}"
            number += 1
        self._taken.add(name)
        return name

    def global_(self, value: object, hint: str) -> str:
        """Return the name under which the text can use `value`; the same object keeps its first name."""
        known = self._global_names.get(id(value))
        if known is not None:
            return known
        if hint in _BUILTINS and getattr(builtins, hint) is value and hint not in self._taken:
            name = hint  # `next` stays `next`, unless a parameter has taken that name
            self._taken.add(name)
        else:
            name = self.local(hint)
        # The namespace also keeps `value` alive, so its id can't be given to another object.
        self._namespace[name] = value
        self._global_names[id(value)] = name
        return name

    def source(self, name: str, filename: str) -> Source:
        """Return the finished text, which must define `name`. Raises `CodeError` for undefined names."""
        text = "\n".join(self._lines) + "\n"
        if name not in self._taken:
            raise CodeError(f"no function {name!r} was opened", fix="open it with `function(...)`")
        code = compile(text, "<generated>", "exec", dont_inherit=True)
        _check_names(code, text, filename, self._namespace)
        return Source(text, dict(self._namespace), name, filename, code)


@lru_cache(maxsize=1024)
def clean_name(hint: str) -> str:
    """Return an ASCII name that resembles `hint`, whatever `hint` contains.

    >>> clean_name("it's"), clean_name("class"), clean_name("<lambda>"), clean_name("9 lives"), clean_name("")
    ('it_s', 'class_', 'lambda_', 'value_9_lives', 'value')
    """
    name = _NOT_A_WORD.sub("_", hint).strip("_")
    if not name or name[0].isdigit():
        name = f"value_{name}".rstrip("_")
    return f"{name}_" if keyword.iskeyword(name) or keyword.issoftkeyword(name) else name


def _check_names(code: CodeType, text: str, filename: str, namespace: dict[str, Any]) -> None:
    """Every global name must exist; no local may hide a global of the namespace."""
    functions = list(_functions(code))
    known = {*namespace, *(function.co_name for function in functions)}
    for function in functions:
        hidden = namespace.keys() & {*function.co_varnames, *function.co_cellvars}
        if hidden:
            raise CodeError(
                f"generated code assigns {min(hidden)!r}, which names a value of its namespace",
                where=[f"in {filename}"],
                fix="take names of locals from `local`",
            )
        for name in {*function.co_names} - known - _BUILTINS:
            # An attribute, nearly always: it stands behind a dot wherever it stands. Else the compiler is asked again.
            if _stands_alone(name, text) and _is_undefined(name, text):
                raise CodeError(
                    f"generated code uses the undefined name {name!r}",
                    where=[f"in {filename}"],
                    fix="pass the value through `global_` or an ExpressionReader's `namespace`",
                )


def _functions(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _functions(constant)


def _stands_alone(name: str, text: str) -> bool:
    # The text always begins with `def` or `async`, so there is a character before each name.
    before = (text[found.start() - 1] for found in re.finditer(rf"{name}\b", text))
    return any(character != "." and not f"_{character}".isidentifier() for character in before)


def _is_undefined(name: str, text: str) -> bool:
    """Whether `name` is a global: not (only) an attribute, a keyword of a call, or a word in a text."""
    import symtable  # noqa: PLC0415 - asked for few names

    tables = [symtable.symtable(text, "<generated>", "exec")]
    for table in tables:
        tables += table.get_children()
        if (
            table.get_type() != "module"
            and name in table.get_identifiers()
            and table.lookup(name).is_global()
        ):
            return True
    return False
