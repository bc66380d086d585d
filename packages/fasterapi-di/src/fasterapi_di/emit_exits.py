"""The text of exits: one `try` per generator, or lists of generators where blocks can't express the order.

Knows: what is left when, and how Python writes it. Does not know: calls, arguments, hooks.
"""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Literal

from fasterapi_di import runtime
from fasterapi_di.code import CodeBuilder
from fasterapi_di.plan import Call, Ending

Way = Literal["plain", "async", "thread"]


@dataclass(frozen=True, slots=True)
class Exit:
    """A local `generator` that has to be left; `way` says how."""

    generator: str
    ending: Ending
    way: Way


def nests(generators: Sequence[Call], most: int) -> bool:
    """Whether blocks inside each other give the right order of exits.

    Generators with the scope "function" are left first, so they must be the inner ones.
    """
    endings = [call.ending for call in generators]
    blocks = len(endings) + sum(call.limit is not None for call in generators)
    return blocks <= most and endings == sorted(endings, key=("request", "function").index)


class ExitWriter:
    """Write exits into `code`. `hop(expression)` gives the text that runs a function in a worker thread."""

    def __init__(self, code: CodeBuilder, hop: Callable[[str], str]) -> None:
        self._code = code
        self._hop = hop
        self._error = ""

    def close(self, exit_: Exit) -> None:
        """Write what follows the `try` block of one generator."""
        swallows, finish = self._leaving(exit_)
        self._clauses(f"not {swallows}", finish)

    def close_list(self, exits: str, *, is_async: bool, runner: str) -> None:
        """Write what follows the `try` block of a whole list of generators."""
        unwind = self._runtime(runtime.unwind_async if is_async else runtime.unwind)
        awaits, runner = ("await ", f", {runner}" if runner else "") if is_async else ("", "")
        self._clauses(
            f"not {awaits}{unwind}({exits}, {self.error}{runner})",
            [f"{awaits}{unwind}({exits}, None{runner})"],
        )

    @property
    def error(self) -> str:
        """The local of the exception that is on its way."""
        if not self._error:
            self._error = self._code.local("error")
        return self._error

    def _clauses(self, goes_on: str, finish: list[str]) -> None:
        base = self._code.global_(BaseException, "BaseException")
        with self._code.block(f"except {base} as {self.error}:"), self._code.block(f"if {goes_on}:"):
            self._code.line("raise")
        with self._code.block("else:"):
            header, *inside = finish
            with self._code.block(header) if inside else nullcontext():
                for line in inside or [header]:
                    self._code.line(line)

    def _leaving(self, exit_: Exit) -> tuple[str, list[str]]:
        generator = exit_.generator
        if exit_.way == "thread":
            swallows = f"{self._runtime(runtime.swallows)}({generator}, {self.error})"
            finish = f"{self._runtime(runtime.finish)}({generator})"
            return self._hop(f"lambda: {swallows}"), [self._hop(f"lambda: {finish}")]
        swallows = self._runtime(runtime.swallows_async if exit_.way == "async" else runtime.swallows)
        refuse = self._runtime(
            runtime.refuse_second_yield_async if exit_.way == "async" else runtime.refuse_second_yield
        )
        if exit_.way == "async":
            return (
                f"await {swallows}({generator}, {self.error})",
                [f"async for _ in {generator}:", f"await {refuse}({generator})"],
            )
        return f"{swallows}({generator}, {self.error})", [f"for _ in {generator}:", f"{refuse}({generator})"]

    def _runtime(self, function: Callable[..., Any]) -> str:
        return self._code.global_(function, function.__name__)
