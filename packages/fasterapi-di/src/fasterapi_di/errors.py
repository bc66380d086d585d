"""What can go wrong, said with the place and the way to mend it.

Knows: the kinds of mistake and the layout of their text. Does not know: how a mistake is found.
Every message has the same three parts: what happened, where (file:line), and a line that starts with `fix:`.
"""


class DependencyError(Exception):
    """Base class of every error that this package raises on its own account.

    >>> try:
    ...     raise DependencyCycle("a → a", where=["a (app.py:1)"], fix="remove one `Depends`")
    ... except DependencyError as error:
    ...     print(error)
    DependencyCycle: a → a
      a (app.py:1)
      fix: remove one `Depends`
    """

    def __init__(self, what: str, *, where: list[str] | None = None, fix: str = "") -> None:
        self.what = what
        self.where = tuple(where or ())
        self.fix = fix
        super().__init__(self._text())

    def add_chain(self, chain: list[str]) -> None:
        """Put the questions that led to the mistake before its own places."""
        self.where = tuple(dict.fromkeys((*chain, *self.where)))
        self.args = (self._text(),)

    def _text(self) -> str:
        lines = [f"{type(self).__name__}: {self.what}", *(f"  {line}" for line in self.where)]
        if self.fix:
            lines.append(f"  fix: {self.fix}")
        return "\n".join(lines)


class InvalidMarkerError(DependencyError, ValueError):
    """A `Depends(...)` was written with options that contradict each other or mean nothing."""


class SignatureError(DependencyError, TypeError):
    """A signature can't be served: there is none, it has `*args`, or a `Depends()` without a type."""


class UnresolvedNameError(DependencyError, NameError):
    """An annotation uses a name that does not exist where the callable was defined."""


class UnsuppliedParameterError(DependencyError, TypeError):
    """A dependency has a parameter that nobody supplies."""


class DependencyCycle(DependencyError):  # noqa: N818 - the name is the first line of its message
    """Dependencies ask for each other in a circle."""


class ScopeError(DependencyError):
    """A value that lives long would hold one that is closed earlier."""


class AsyncDependencyError(DependencyError, TypeError):
    """A plain function was given dependencies that need an event loop."""


class CodeError(DependencyError):
    """Generated code would be wrong: an undefined or clashing name. A mistake of a reader's author."""


class GeneratorProtocolError(DependencyError, RuntimeError):
    """A dependency with `yield` yielded never or more than once. The only error raised during a call."""


class ClosedScopeError(DependencyError, RuntimeError):
    """An `AppScope` was asked for a value after it was closed."""
