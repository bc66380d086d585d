"""Starting a server: uvicorn, granian or hypercorn with one set of options.

Knows: what each server calls its options. Does not know: how the application was found.
"""

import importlib.util
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from fasterapi.cli.discovery import Found
from fasterapi.cli.output import fail, style


@dataclass(frozen=True)
class ServeOptions:
    """What the command line says about serving; None is the server's own default."""

    host: str
    port: int
    server: str = "uvicorn"
    reload: bool = False
    reload_dirs: tuple[Path, ...] = field(default_factory=tuple)
    workers: int | None = None
    root_path: str = ""
    proxy_headers: bool | None = None
    forwarded_allow_ips: str | None = None
    graceful_timeout: int | None = None
    access_log: bool = True


def serve(found: Found, options: ServeOptions) -> None:
    """Say where the application is, and serve it until it is stopped."""
    if importlib.util.find_spec(options.server) is None:
        fail(f"the server {options.server} is not installed", fix=f"pip install {options.server}")
    if options.reload and (options.workers or 1) > 1:
        fail("--reload and --workers exclude each other: reloading needs one process")
    _require_free_port(options.host, options.port)
    _announce(found, options)
    _SERVERS[options.server](found, options)


def _announce(found: Found, options: ServeOptions) -> None:
    mode = (
        "with reload"
        if options.reload
        else f"with {options.workers} workers"
        if options.workers
        else "in one process"
    )
    click.echo(
        f"Serving {style(found.import_string, bold=True)} by {options.server} {mode} (from {found.target.origin})"
    )
    everywhere = options.host in {"0.0.0.0", "::"}  # noqa: S104 - compared, not bound
    host = "127.0.0.1" if everywhere else options.host
    host = f"[{host}]" if ":" in host else host
    base = f"http://{host}:{options.port}"
    click.echo(
        f"  {style(base, fg='cyan')}"
        + (f"  (all addresses of this machine, {options.host})" if everywhere else "")
    )
    prefix = options.root_path.rstrip("/") or getattr(found.app, "root_path", "")
    for label, attribute in (("documentation", "docs_url"), ("ReDoc", "redoc_url")):
        url = getattr(found.app, attribute, None)
        if url and getattr(found.app, "openapi_url", None):
            click.echo(f"  {label}: {style(f'{base}{prefix}{url}', fg='cyan')}")


def _require_free_port(host: str, port: int) -> None:
    """Fail with a sentence where the server would fail with a traceback, or after starting its workers."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (socket.gaierror, UnicodeError):
        fail(
            f"{host!r} is no address of this machine",
            fix="127.0.0.1 for this machine alone, 0.0.0.0 for everybody",
        )
    with socket.socket(family, kind, protocol) as probe:
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except PermissionError:
            fail(f"port {port} needs more rights than this user has", fix="take a port from 1024 on")
        except OSError as error:
            fail(
                f"cannot listen on {host}:{port}: {error.strerror}",
                fix="stop the other program, or take another --port",
            )


def _uvicorn(found: Found, options: ServeOptions) -> None:
    import uvicorn  # noqa: PLC0415 - only the chosen server is imported

    uvicorn.run(
        found.import_string,
        host=options.host,
        port=options.port,
        reload=options.reload,
        reload_dirs=[str(path.resolve()) for path in options.reload_dirs] or None,
        workers=options.workers,
        root_path=options.root_path,
        proxy_headers=options.proxy_headers is not False,
        forwarded_allow_ips=options.forwarded_allow_ips,
        app_dir=str(found.target.folder),
        timeout_graceful_shutdown=options.graceful_timeout,
        access_log=options.access_log,
    )


def _granian(found: Found, options: ServeOptions) -> None:
    from granian import Granian  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415 - optional
    from granian.constants import Interfaces  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415

    _refuse_proxy_options(options)
    Granian(
        found.import_string,
        address=options.host,
        port=options.port,
        interface=Interfaces.ASGI,
        workers=options.workers or 1,
        reload=options.reload,
        reload_paths=list(options.reload_dirs) or None,
        url_path_prefix=options.root_path or None,
        working_dir=found.target.folder,
        workers_kill_timeout=options.graceful_timeout,
        log_access=options.access_log,
    ).serve()


def _hypercorn(found: Found, options: ServeOptions) -> None:
    from hypercorn.config import Config  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415 - optional
    from hypercorn.run import run  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415

    _refuse_proxy_options(options)
    config = Config()
    config.application_path = found.import_string
    host = f"[{options.host}]" if ":" in options.host else options.host
    config.bind = [f"{host}:{options.port}"]
    # Hypercorn's own processes are not sent the signal that the application watches; without any, it is its own.
    config.workers = options.workers or (1 if options.reload else 0)
    if options.graceful_timeout is not None:
        config.graceful_timeout = options.graceful_timeout
    config.use_reloader = options.reload
    config.root_path = options.root_path
    config.accesslog = "-" if options.access_log else None
    if importlib.util.find_spec("uvloop") is not None:
        config.worker_class = "uvloop"
    run(config)


def _refuse_proxy_options(options: ServeOptions) -> None:
    if options.proxy_headers or options.forwarded_allow_ips is not None:
        fail(
            f"{options.server} does not read proxy headers itself",
            fix="add ProxyHeadersMiddleware to the application, or serve by uvicorn",
        )


_SERVERS: Mapping[str, Callable[[Found, ServeOptions], Any]] = {
    "uvicorn": _uvicorn,
    "granian": _granian,
    "hypercorn": _hypercorn,
}
SERVER_NAMES = tuple(_SERVERS)
