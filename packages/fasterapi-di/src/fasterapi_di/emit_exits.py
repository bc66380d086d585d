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
from fasterapi_di.threads import RunInThread

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
    """Write exits into `code`; `run_in_thread` runs those of plain generators entered in a thread."""

    def __init__(self, code: CodeBuilder, run_in_thread: RunInThread[Any]) -> None:
        self._code = code
        self._run_in_thread = run_in_thread
        self._locals: dict[str, str] = {}

    def close(self, exit_: Exit) -> None:
        """Write what follows the `try` block of one generator."""
        swallows, finish = self._leaving(exit_)
        self._clauses(f"not {swallows}", finish)

    def close_list(self, exits: str, *, is_async: bool, threads: bool) -> None:
        """Write what follows the `try` block of a whole list of generators."""
        runner = f", {self._runner()}" if threads else ""
        unwind = self._runtime(runtime.unwind_async if is_async else runtime.unwind)
        awaits = "await " if is_async else ""
        self._clauses(
            f"not {awaits}{unwind}({exits}, {self.error}{runner})",
            [f"{awaits}{unwind}({exits}, None{runner})"],
        )

    @property
    def error(self) -> str:
        """The local of the exception that is on its way."""
        return self._local("error")

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
            run = self._runner()
            return f"await {run}(lambda: {swallows})", [f"await {run}(lambda: {finish})"]
        swallows = self._runtime(runtime.swallows_async if exit_.way == "async" else runtime.swallows)
        refuse = self._runtime(
            runtime.refuse_second_yield_async if exit_.way == "async" else runtime.refuse_second_yield
        )
        second = self._local("second_value")
        if exit_.way == "async":
            return (
                f"await {swallows}({generator}, {self.error})",
                [f"async for {second} in {generator}:", f"await {refuse}({generator})"],
            )
        return (
            f"{swallows}({generator}, {self.error})",
            [f"for {second} in {generator}:", f"{refuse}({generator})"],
        )

    def _runner(self) -> str:
        return self._code.global_(self._run_in_thread, "run_exit_in_thread")

    def _local(self, hint: str) -> str:
        if hint not in self._locals:
            self._locals[hint] = self._code.local(hint)
        return self._locals[hint]

    def _runtime(self, function: Callable[..., Any]) -> str:
        return self._code.global_(function, function.__name__)
