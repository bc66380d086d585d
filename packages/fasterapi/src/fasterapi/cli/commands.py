"""The commands and their options.

Knows: names, help texts, defaults. Does not know: how anything is done; each command hands over to one module.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from fasterapi._version import __version__
from fasterapi.cli.output import fail

Command = TypeVar("Command", bound=Callable[..., Any])

_APPLICATION_HELP = """

    PATH is a file, a package folder, or an import string such as main:app. Without it, the entrypoint of
    [tool.fasterapi] in pyproject.toml counts, then main.py, app.py, api.py, app/main.py, app/app.py, app/api.py.
    """


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, "--version", message="fasterapi %(version)s")
def cli() -> None:
    """Run, inspect and create FasterAPI applications, and bring FastAPI applications over."""


def _application_options(command: Command) -> Command:
    options = (
        click.argument("path", required=False),
        click.option("--app", "name", metavar="NAME", help="The variable that holds the application."),
        click.option(
            "--entrypoint", "-e", metavar="MODULE:NAME", help="The import string, instead of a path."
        ),
    )
    for option in reversed(options):
        command = option(command)
    command.__doc__ = (command.__doc__ or "") + _APPLICATION_HELP
    return command


def _server_options(host: str) -> Callable[[Command], Command]:
    def decorate(command: Command) -> Command:
        options = (
            click.option("--host", default=host, show_default=True, help="The address to listen on; 0.0.0.0 for all."),
            click.option(
                "--port", default=8000, type=click.IntRange(0, 65535), show_default=True, envvar="PORT",
                show_envvar=True, help="The port.",
            ),
            click.option(
                "--reload-dir", "reload_dirs", multiple=True, metavar="FOLDER",
                type=click.Path(exists=True, file_okay=False, path_type=Path),
                help="Watch this folder instead of the current one; may be given several times.",
            ),
            click.option("--root-path", default="", metavar="PREFIX", help="The path prefix that a proxy strips."),
            click.option(
                "--proxy-headers/--no-proxy-headers", default=None,
                help="Believe X-Forwarded-For and X-Forwarded-Proto of trusted proxies (uvicorn does by default).",
            ),
            click.option("--forwarded-allow-ips", metavar="IPS", help="Proxies to trust, comma-separated; * for all."),
            click.option(
                "--server", type=click.Choice(("uvicorn", "granian", "hypercorn")), default="uvicorn",
                show_default=True, help="The ASGI server.",
            ),
            click.option(
                "--graceful-timeout", default=20, show_default=True, metavar="SECONDS", type=click.IntRange(min=1),
                help="How long requests and background tasks may go on after SIGTERM.",
            ),
            click.option(
                "--access-log/--no-access-log", default=True, show_default=True,
                help="The server's own line per request.",
            ),
        )  # fmt: skip
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


@cli.command()
@_application_options
@_server_options("0.0.0.0")  # noqa: S104 - production listens on all addresses, as FastAPI's command does
@click.option("--reload/--no-reload", default=False, help="Restart when a file changes; for development.")
@click.option("--workers", type=click.IntRange(min=1), help="The number of processes.")
def run(path: str | None, name: str | None, entrypoint: str | None, **options: Any) -> None:
    """Serve an application in production."""
    _serve(path, name, entrypoint, options)


@cli.command()
@_application_options
@_server_options("127.0.0.1")
@click.option("--reload/--no-reload", default=True, help="Restart when a file changes.")
def dev(path: str | None, name: str | None, entrypoint: str | None, **options: Any) -> None:
    """Serve an application for development: on this machine alone, reloading."""
    os.environ.setdefault("FASTERAPI_ENV", "development")
    _serve(path, name, entrypoint, options)


def _serve(path: str | None, name: str | None, entrypoint: str | None, options: dict[str, Any]) -> None:
    from fasterapi.cli.discovery import load, locate  # noqa: PLC0415 - `--help` needs none of it
    from fasterapi.cli.serve import ServeOptions, serve  # noqa: PLC0415

    serve(load(locate(path, name=name, entrypoint=entrypoint)), ServeOptions(**options))


def _load(path: str | None, name: str | None, entrypoint: str | None) -> Any:
    from fasterapi.cli.discovery import load, locate  # noqa: PLC0415 - see above

    return load(locate(path, name=name, entrypoint=entrypoint)).app


@cli.command()
@_application_options
@click.option(
    "--explain", "request", metavar='"GET /items/1"', help="Show what happens to this request instead."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--all", "with_documentation", is_flag=True, help="Those of /docs, /redoc and /openapi.json as well."
)
def routes(
    path: str | None,
    name: str | None,
    entrypoint: str | None,
    request: str | None,
    **options: bool,
) -> None:
    """List the routes, or explain what happens to one request."""
    from fasterapi.cli.inspection import explain, show_routes  # noqa: PLC0415 - see above

    app = _load(path, name, entrypoint)
    if request is not None:
        explain(app, request)
    else:
        show_routes(app, **options)


@cli.command()
@_application_options
def check(path: str | None, name: str | None, entrypoint: str | None) -> None:
    """Compile every route and build the document, without serving. Problems are listed with file and line."""
    from fasterapi.cli.inspection import check as check_application  # noqa: PLC0415 - see above

    check_application(_load(path, name, entrypoint))


@cli.command()
@_application_options
@click.option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
@click.option(
    "--yaml", "as_yaml", is_flag=True, help="YAML instead of JSON; a file called *.yaml says so by itself."
)
def openapi(
    path: str | None, name: str | None, entrypoint: str | None, output: Path | None, as_yaml: bool
) -> None:
    """Print the OpenAPI document, or write it to a file."""
    from fasterapi.cli.inspection import write_document  # noqa: PLC0415 - see above

    write_document(_load(path, name, entrypoint), output, as_yaml=as_yaml)


@cli.command()
@click.argument("name")
def new(name: str) -> None:
    """Create a small project in the new folder NAME.

    It holds an application, tests, pyproject.toml, README and Dockerfile; it serves at once, and its tests pass.
    """
    from fasterapi.cli.scaffold import create  # noqa: PLC0415 - see above

    create(name)


@cli.command("migrate-from-fastapi")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Change nothing; report what would change.")
@click.option("--diff", "show_diff", is_flag=True, help="Change nothing; print what would change as a diff.")
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the report to this file (*.json: JSON).",
)
@click.option("--force", is_flag=True, help="Even if git knows of uncommitted changes.")
@click.option(
    "--import-from", "package", type=click.Choice(("FasterAPI", "fasterapi")), default="FasterAPI", show_default=True,
    help="How imports of the public names are spelled; both are the same objects.",
)  # fmt: skip
def migrate_from_fastapi(
    path: Path, *, dry_run: bool, show_diff: bool, report: Path | None, force: bool, package: str
) -> None:
    """Rewrite the FastAPI application in PATH.

    Imports, Pydantic models, validators and tests are rewritten; comments and formatting stay.

    What cannot be translated stays, under a comment `# TODO(fasterapi): why`, and is listed in the report.
    """
    try:
        from fasterapi.cli.migrate.command import run_migration  # noqa: PLC0415 - needs libcst
    except ModuleNotFoundError as error:
        if error.name != "libcst":
            raise
        fail("the migration needs libcst", fix='pip install "fasterapi[cli]"')
    run_migration(
        path,
        write=not (dry_run or show_diff),
        show_diff=show_diff,
        report=report,
        force=force,
        package=package,
    )
