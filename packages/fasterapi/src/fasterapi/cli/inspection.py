"""Looking at an application without serving it: its routes, one route's plan, its problems, its document.

Knows: the application's public attributes. Does not know: how it was found or who reads the answer.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from fasterapi.cli.output import fail, style, table
from fasterapi.exceptions import FasterAPIError
from fasterapi.routing import APIRoute, APIWebSocketRoute, Mount
from fasterapi.routing.mounts import WebSocketRoute


@dataclass(frozen=True)
class Row:
    """One route as the table shows it."""

    methods: str
    path: str
    name: str
    location: str


def rows(app: Any, *, with_documentation: bool = False) -> list[Row]:
    """The routes in the order in which they are declared; those of the documentation pages only if asked for."""
    return [
        Row(
            _methods(route),
            str(getattr(route, "path", "") or getattr(route, "host", "")),
            route.name,
            _location(route),
        )
        for route in _routes(app)
        if with_documentation or not _is_documentation(route)
    ]


def _is_documentation(route: Any) -> bool:
    module = getattr(getattr(route, "endpoint", None), "__module__", None) or ""
    return module.startswith("fasterapi.openapi")


def show_routes(app: Any, *, as_json: bool, with_documentation: bool = False) -> None:
    """Print the table, or a JSON list with the same four keys."""
    found = rows(app, with_documentation=with_documentation)
    if as_json:
        records = [
            {"methods": row.methods.split(","), "path": row.path, "name": row.name, "location": row.location}
            for row in found
        ]
        click.echo(json.dumps(records, indent=2))
        return
    click.echo(
        table(
            ("METHODS", "PATH", "NAME", "DEFINED AT"),
            [(r.methods, r.path, r.name, r.location) for r in found],
        )
    )


def explain(app: Any, request: str) -> None:
    """Print route, dependencies, plan and generated source for `GET /items/1`."""
    method, _, path = request.strip().partition(" ")
    if not path.strip().startswith("/"):
        fail(f"{request!r} is no request", fix='write a method and a path, such as --explain "GET /items/1"')
    try:
        click.echo(app.explain(method, path.strip()))
    except FasterAPIError as error:
        fail(str(error))


def check(app: Any) -> None:
    """Compile every route and build the document; print every problem with its place, and fail if there is one."""
    problems: list[str] = []
    routes = _routes(app)
    for route in routes:
        if isinstance(route, APIRoute | APIWebSocketRoute):
            try:
                _ = route.call
            except Exception as error:  # any failure of one route is that route's problem, and all are listed
                problems.append(f"{_location(route)}: {_methods(route)} {route.path}: {_sentence(error)}")
    if not problems and hasattr(app, "openapi"):
        try:
            app.openapi()
        except Exception as error:  # see above
            problems.append(f"the OpenAPI document: {_sentence(error)}")
    if problems:
        for problem in problems:
            click.echo(f"{style('problem:', fg='red', bold=True, err=True)} {problem}", err=True)
        fail(f"{len(problems)} problem{'s' if len(problems) > 1 else ''} in {len(routes)} routes")
    click.echo(
        f"{style('ok:', fg='green', bold=True)} {len(routes)} routes compile, and the OpenAPI document can be built"
    )


def write_document(app: Any, output: Path | None, *, as_yaml: bool) -> None:
    """Write the OpenAPI document as JSON, or as YAML if asked for or if the file's name says so."""
    try:
        document = app.openapi()
    except FasterAPIError as error:
        fail(f"the OpenAPI document cannot be built: {_sentence(error)}")
    as_yaml = as_yaml or (output is not None and output.suffix in {".yaml", ".yml"})
    text = _yaml(document) if as_yaml else json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        fail(f"{output} cannot be written: {error.strerror}")
    click.echo(f"{output}: {len(document.get('paths', {}))} paths")


def _yaml(document: Any) -> str:
    try:
        import yaml  # type: ignore[import-untyped,unused-ignore]  # noqa: PLC0415 - optional
    except ModuleNotFoundError:
        fail("YAML output needs PyYAML", fix="pip install pyyaml")
    text: str = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
    return text


def _routes(app: Any) -> list[Any]:
    if not hasattr(app, "routes"):
        fail(f"{type(app).__name__} has no list of routes")
    try:
        return list(app.routes)
    except FasterAPIError as error:
        fail(_sentence(error))


def _methods(route: Any) -> str:
    if isinstance(route, APIWebSocketRoute | WebSocketRoute):
        return "WEBSOCKET"
    methods = getattr(route, "methods", None)
    if methods:
        return ",".join(sorted(methods))
    return "MOUNT" if isinstance(route, Mount) else "ANY"


def _location(route: Any) -> str:
    """`file:line`, the file as seen from here; empty for an application that is mounted."""
    place = getattr(route, "location", None)
    if place is None:
        code = getattr(getattr(route, "endpoint", None), "__code__", None)
        place = f"{code.co_filename}:{code.co_firstlineno}" if code is not None else ""
    file, colon, line = str(place).rpartition(":")
    here = Path.cwd()
    path = Path(file) if file else None
    if path is not None and path.is_absolute() and path.is_relative_to(here):
        return f"{path.relative_to(here)}{colon}{line}"
    return str(place)


def _sentence(error: BaseException) -> str:
    text = str(error).strip() or type(error).__name__
    return text if isinstance(error, FasterAPIError) else f"{type(error).__name__}: {text}"
