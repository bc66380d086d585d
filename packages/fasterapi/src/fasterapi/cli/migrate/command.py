"""`fasterapi migrate-from-fastapi`: the codemod with its answers printed.

Knows: terminals and files for reports. Does not know: how files are rewritten.
"""

from pathlib import Path

import click

from fasterapi.cli.migrate.project import MigrationError, migrate
from fasterapi.cli.output import fail, style


def run_migration(
    path: Path, *, write: bool, show_diff: bool, report: Path | None, force: bool, package: str
) -> None:
    """Migrate and report; `show_diff` prints the diff to standard output and the report to standard error."""
    try:
        result = migrate(path, write=write, force=force, package=package)
    except MigrationError as error:
        fail(str(error))
    if show_diff:
        click.echo("\n".join(map(_coloured, result.diff.splitlines())))
    click.echo(result.to_text(), nl=False, err=show_diff)
    if report is not None:
        text = result.to_json() + "\n" if report.suffix == ".json" else result.to_text()
        try:
            report.write_text(text, encoding="utf-8")
        except OSError as error:
            fail(f"{report} cannot be written: {error.strerror}")


def _coloured(line: str) -> str:
    colour = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1])
    return line if colour is None else style(line, fg=colour)
