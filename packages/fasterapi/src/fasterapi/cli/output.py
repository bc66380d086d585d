"""What the command line prints: messages, failures, tables.

Knows: terminals. Does not know: what is printed. Colours and padding are for terminals; piped output is plain.
"""

import os
import sys
from collections.abc import Sequence
from typing import IO, Any, NoReturn

import click


class CommandError(click.ClickException):
    """A failure with one clear sentence, and what to do about it; the exit code is 1."""

    def __init__(self, message: str, *, fix: str | None = None) -> None:
        super().__init__(message)
        self.fix = fix

    def show(self, file: IO[Any] | None = None) -> None:  # noqa: ARG002 - click's signature
        """Print the sentence to standard error."""
        click.echo(f"{style('error:', fg='red', bold=True, err=True)} {self.message}", err=True)
        if self.fix is not None:
            click.echo(f"  {style('fix:', fg='green', err=True)} {self.fix}", err=True)


def fail(message: str, *, fix: str | None = None) -> NoReturn:
    """Stop the command with a sentence."""
    raise CommandError(message, fix=fix)


def has_colour(*, err: bool = False) -> bool:
    """Whether the stream is a terminal that wants colours (https://no-color.org)."""
    stream = sys.stderr if err else sys.stdout
    return stream.isatty() and not os.environ.get("NO_COLOR")


def style(text: str, *, err: bool = False, **options: Any) -> str:
    """The text in colour, where the stream shows colours."""
    return click.style(text, **options) if has_colour(err=err) else text


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns side by side for people; tab-separated lines without headings where the output is piped."""
    if not sys.stdout.isatty():
        return "\n".join("\t".join(row) for row in rows)
    widths = [max(len(row[i]) for row in [headings, *rows]) for i in range(len(headings))]
    lines = [style(_line(headings, widths), bold=True)]
    lines += [_line(row, widths) for row in rows]
    return "\n".join(lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
