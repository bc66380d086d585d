"""What each server is told, without starting one."""

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from fasterapi import Faster
from fasterapi.cli import serve as serving
from fasterapi.cli.discovery import Found, Target
from fasterapi.cli.output import CommandError
from fasterapi.cli.serve import ServeOptions, serve

Calls = list[dict[str, Any]]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """Stand-ins for the three servers; each notes what it was told."""
    noted: Calls = []

    class Granian:
        def __init__(self, target: str, **options: Any) -> None:
            noted.append({"target": target, **options})

        def serve(self) -> None: ...

    def run_uvicorn(target: str, **options: Any) -> None:
        noted.append({"target": target, **options})

    def run_hypercorn(config: Any) -> None:
        noted.append(vars(config))

    def module(name: str, **members: Any) -> None:
        stand_in = ModuleType(name)
        vars(stand_in).update(members)
        monkeypatch.setitem(sys.modules, name, stand_in)

    module("uvicorn", run=run_uvicorn)
    module("granian", Granian=Granian)
    module("granian.constants", Interfaces=SimpleNamespace(ASGI="asgi"))
    module("hypercorn", __path__=[])
    module("hypercorn.config", Config=SimpleNamespace)
    module("hypercorn.run", run=run_hypercorn)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    monkeypatch.setattr(serving, "_require_free_port", lambda host, port: None)
    return noted


def found(app: Any = None) -> Found:
    return Found(app or Faster(), Target("shop.web", "app", Path("/srv"), "the command line"))


def test_uvicorn_gets_everything(calls: Calls, tmp_path: Path) -> None:
    serve(
        found(),
        ServeOptions(
            "127.0.0.1", 80, reload=True, reload_dirs=(tmp_path,), root_path="/api", forwarded_allow_ips="*"
        ),
    )
    assert calls == [
        {
            "target": "shop.web:app", "host": "127.0.0.1", "port": 80, "reload": True,
            "reload_dirs": [str(tmp_path)], "workers": None, "root_path": "/api", "proxy_headers": True,
            "forwarded_allow_ips": "*", "app_dir": "/srv", "timeout_graceful_shutdown": None,
            "access_log": True,
        }
    ]  # fmt: skip


def test_proxy_headers_can_be_switched_off(calls: Calls) -> None:
    serve(found(), ServeOptions("127.0.0.1", 80, proxy_headers=False))
    assert calls[0]["proxy_headers"] is False


def test_granian(calls: Calls) -> None:
    serve(found(), ServeOptions("0.0.0.0", 80, server="granian", workers=3))
    assert (calls[0]["target"], calls[0]["address"], calls[0]["workers"]) == ("shop.web:app", "0.0.0.0", 3)
    assert (calls[0]["interface"], calls[0]["working_dir"]) == ("asgi", Path("/srv"))


@pytest.mark.parametrize(("host", "bind"), [("127.0.0.1", "127.0.0.1:80"), ("::1", "[::1]:80")])
def test_hypercorn(calls: Calls, host: str, bind: str) -> None:
    serve(found(), ServeOptions(host, 80, server="hypercorn", root_path="/api", reload=True))
    assert (calls[0]["application_path"], calls[0]["bind"]) == ("shop.web:app", [bind])
    assert (calls[0]["root_path"], calls[0]["use_reloader"], calls[0]["workers"]) == ("/api", True, 1)
    assert calls[0]["worker_class"] == "uvloop"


def test_hypercorn_is_its_own_process_where_it_may_be(calls: Calls) -> None:
    """The processes that it starts are not sent the signal by which an application notices a shutdown."""
    for workers in (None, 1, 2):
        serve(found(), ServeOptions("127.0.0.1", 80, server="hypercorn", workers=workers))
    assert [call["workers"] for call in calls] == [0, 1, 2]


@pytest.mark.parametrize(
    ("server", "name"),
    [
        ("uvicorn", "timeout_graceful_shutdown"),
        ("granian", "workers_kill_timeout"),
        ("hypercorn", "graceful_timeout"),
    ],
)
def test_the_time_to_end_is_the_servers_to_keep(calls: Calls, server: str, name: str) -> None:
    serve(found(), ServeOptions("127.0.0.1", 80, server=server, graceful_timeout=7))
    assert calls[0][name] == 7


@pytest.mark.parametrize(
    ("server", "name", "on", "off"),
    [
        ("uvicorn", "access_log", True, False),
        ("granian", "log_access", True, False),
        ("hypercorn", "accesslog", "-", None),
    ],
)
def test_the_servers_own_access_log_can_be_switched_off(
    calls: Calls, server: str, name: str, on: object, off: object
) -> None:
    serve(found(), ServeOptions("127.0.0.1", 80, server=server))
    serve(found(), ServeOptions("127.0.0.1", 80, server=server, access_log=False))
    assert [call[name] for call in calls] == [on, off]


@pytest.mark.parametrize("server", ["granian", "hypercorn"])
@pytest.mark.parametrize("options", [{"proxy_headers": True}, {"forwarded_allow_ips": "*"}])
def test_servers_that_do_not_read_proxy_headers_say_so(
    calls: Calls, server: str, options: dict[str, Any]
) -> None:
    with pytest.raises(CommandError, match=f"{server} does not read proxy headers") as caught:
        serve(found(), ServeOptions("127.0.0.1", 80, server=server, **options))
    assert "ProxyHeadersMiddleware" in (caught.value.fix or "")


@pytest.mark.parametrize(
    ("app", "options", "lines"),
    [
        (Faster(), {}, ["http://127.0.0.1:80", "documentation: http://127.0.0.1:80/docs", "ReDoc: http://127.0.0.1:80/redoc"]),
        (Faster(docs_url="/d", redoc_url=None), {"root_path": "/api"},
         ["http://127.0.0.1:80", "documentation: http://127.0.0.1:80/api/d"]),
        (Faster(openapi_url=None), {}, ["http://127.0.0.1:80"]),
        (Faster(docs_url=None, redoc_url=None), {"host": "0.0.0.0"},
         ["http://127.0.0.1:80  (all addresses of this machine, 0.0.0.0)"]),
        (Faster(docs_url=None, redoc_url=None), {"host": "::1"}, ["http://[::1]:80"]),
        (lambda scope, receive, send: None, {}, ["http://127.0.0.1:80"]),
    ],
)  # fmt: skip
def test_addresses_are_printed(
    calls: Calls, capsys: pytest.CaptureFixture[str], app: Any, options: dict[str, Any], lines: list[str]
) -> None:
    serve(found(app), ServeOptions(**({"host": "127.0.0.1", "port": 80} | options)))
    first, *others = capsys.readouterr().out.splitlines()
    assert first == "Serving shop.web:app by uvicorn in one process (from the command line)"
    assert [line.strip() for line in others] == lines


@pytest.mark.parametrize(
    ("options", "mode"), [({"reload": True}, "with reload"), ({"workers": 2}, "with 2 workers")]
)
def test_the_mode_is_printed(
    calls: Calls, capsys: pytest.CaptureFixture[str], options: dict[str, Any], mode: str
) -> None:
    serve(found(), ServeOptions("127.0.0.1", 80, **options))
    assert f"by uvicorn {mode} (from" in capsys.readouterr().out
