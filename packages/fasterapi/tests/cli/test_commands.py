"""The commands as they are typed: output, exit codes, plain text in pipes."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fasterapi import __version__
from fasterapi.cli.commands import cli

APP = """
from fasterapi import Faster, FasterRouter
import msgspec

app = Faster(title="Shop")
router = FasterRouter(prefix="/v1")

class Item(msgspec.Struct):
    name: str

@app.get("/items/{item_id}")
async def read_item(item_id: int) -> Item: ...

@router.post("/items", name="make")
def create_item(item: Item) -> Item: ...

@app.websocket("/ws")
async def live(websocket): ...

app.include_router(router)
app.mount("/old", Faster())
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    (tmp_path / "shop_app.py").write_text(APP)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


def call(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments))


def test_help_names_every_command() -> None:
    result = call("--help")
    assert result.exit_code == 0
    for name in ("run", "dev", "new", "routes", "check", "openapi", "migrate-from-fastapi"):
        assert name in result.output
    assert call("-h").output == result.output


@pytest.mark.parametrize("name", ["run", "dev", "new", "routes", "check", "openapi", "migrate-from-fastapi"])
def test_every_command_explains_itself(name: str) -> None:
    result = call(name, "--help")
    assert result.exit_code == 0
    assert result.output.startswith(f"Usage: cli {name}")


def test_version() -> None:
    assert call("--version").output == f"fasterapi {__version__}\n"


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["new"], ["run", "--port", "x"], ["run", "--server", "apache"]]
)
def test_wrong_usage_is_exit_code_2(arguments: list[str]) -> None:
    assert call(*arguments).exit_code == 2


def test_routes_are_tab_separated_in_a_pipe(project: Path) -> None:
    result = call("routes", "shop_app:app")
    assert result.exit_code == 0
    rows = [line.split("\t") for line in result.output.splitlines()]
    assert ["GET", "/items/{item_id}", "read_item", "shop_app.py:11"] in rows
    assert ["POST", "/v1/items", "make", "shop_app.py:14"] in rows
    assert [row[:3] for row in rows if row[0] == "WEBSOCKET"] == [["WEBSOCKET", "/ws", "live"]]
    assert [row[1] for row in rows if row[0] == "MOUNT"] == ["/old"]
    assert not [row for row in rows if row[1].startswith("/docs")]


def test_all_routes_are_those_of_the_documentation_too(project: Path) -> None:
    assert "\t/docs\t" in call("routes", "shop_app:app", "--all").output


def test_routes_as_json(project: Path) -> None:
    records = json.loads(call("routes", "shop_app.py", "--json").output)
    assert {"methods": ["POST"], "path": "/v1/items", "name": "make", "location": "shop_app.py:14"} in records


def test_a_request_is_explained(project: Path) -> None:
    result = call("routes", "shop_app:app", "--explain", "GET /items/7")
    assert result.exit_code == 0
    assert "read_item" in result.output
    assert "async def call_read_item" in result.output


@pytest.mark.parametrize(
    ("request_line", "sentence"),
    [("GET", "is no request"), ("GET /nowhere", "/nowhere"), ("PUT /items/1", "GET")],
)
def test_what_cannot_be_explained_is_said(project: Path, request_line: str, sentence: str) -> None:
    result = call("routes", "shop_app:app", "--explain", request_line)
    assert result.exit_code == 1
    assert sentence in result.output


def test_a_sound_application_passes_the_check(project: Path) -> None:
    result = call("check", "shop_app:app")
    assert result.exit_code == 0, result.output
    assert result.output.startswith("ok: ")


def test_problems_are_listed_with_their_places(project: Path) -> None:
    (project / "bad_app.py").write_text(
        "from fasterapi import Faster\napp = Faster()\n"
        "class Odd: ...\n"
        "@app.get('/a')\ndef a(x: Odd): ...\n"
        "@app.get('/b')\ndef b(x: Odd): ...\n"
    )
    result = call("check", "bad_app:app")
    assert result.exit_code == 1
    assert "bad_app.py:4" in result.output or "bad_app.py:5" in result.output


def test_the_document_goes_to_standard_output_or_a_file(project: Path) -> None:
    document = json.loads(call("openapi", "shop_app:app").output)
    assert document["info"]["title"] == "Shop"
    assert call("openapi", "shop_app:app", "-o", "api.json").exit_code == 0
    assert json.loads((project / "api.json").read_text()) == document


def test_the_document_as_yaml(project: Path) -> None:
    yaml = pytest.importorskip("yaml")
    assert call("openapi", "shop_app:app", "-o", "api.yaml").exit_code == 0
    assert yaml.safe_load((project / "api.yaml").read_text())["info"]["title"] == "Shop"
    assert yaml.safe_load(call("openapi", "shop_app:app", "--yaml").output)["info"]["title"] == "Shop"


def test_yaml_without_pyyaml_says_what_to_install(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    result = call("openapi", "shop_app:app", "--yaml")
    assert result.exit_code == 1
    assert "pip install pyyaml" in result.output


def test_a_document_that_cannot_be_written(project: Path) -> None:
    result = call("openapi", "shop_app:app", "-o", "missing/api.json")
    assert (result.exit_code, "cannot be written" in result.output) == (1, True)


def test_a_new_project_is_complete_and_its_tests_pass(project: Path) -> None:
    result = call("new", "my-shop")
    assert result.exit_code == 0, result.output
    folder = project / "my-shop"
    assert {
        "app/main.py",
        "tests/test_main.py",
        "pyproject.toml",
        "README.md",
        "Dockerfile",
        ".gitignore",
    } <= {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
    assert 'name = "my-shop"' in (folder / "pyproject.toml").read_text()
    pytest.importorskip("httpx")
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    tests = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert tests.returncode == 0, tests.stdout


@pytest.mark.parametrize(
    ("name", "sentence"), [("1st", "no name for a project"), ("a b", "no name"), ("taken", "exists already")]
)
def test_a_project_needs_a_free_good_name(project: Path, name: str, sentence: str) -> None:
    (project / "taken").mkdir()
    (project / "taken" / "file").write_text("")
    result = call("new", name)
    assert (result.exit_code, sentence in result.output) == (1, True)


def serve(project: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "fasterapi", *arguments],
        cwd=project, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, "PYTHONWARNINGS": "default"}, start_new_session=True,
    )  # fmt: skip


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.parametrize("command", [["run"], ["dev", "--no-reload"]])
def test_an_application_is_served_until_it_is_interrupted(project: Path, command: list[str]) -> None:
    port = free_port()
    process = serve(project, *command, "shop_app.py", "--host", "127.0.0.1", "--port", str(port))
    try:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if "running on" in line:
                break
        text = "".join(lines)
        assert "Serving shop_app:app by uvicorn" in text
        assert f"documentation: http://127.0.0.1:{port}/docs" in text
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(b"GET /items/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            assert connection.recv(100).startswith(b"HTTP/1.1 422")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0


def test_a_port_in_use_is_one_sentence(project: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = call("run", "shop_app:app", "--host", "127.0.0.1", "--port", str(taken.getsockname()[1]))
    assert result.exit_code == 1
    assert "cannot listen on 127.0.0.1" in result.output
    assert "take another --port" in result.output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--host", "no.such.host.invalid"], "is no address of this machine"),
        (["--port", "99999"], "99999 is not in the range"),
        (["--reload", "--workers", "2"], "exclude each other"),
        (["--reload-dir", "missing"], "does not exist"),
    ],
)
def test_options_that_cannot_work(project: Path, arguments: list[str], sentence: str) -> None:
    result = call("run", "shop_app:app", *arguments)
    assert result.exit_code in {1, 2}
    assert sentence in result.output


def test_a_missing_server_is_named_with_its_command(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = call("run", "shop_app:app", "--server", "granian")
    assert result.exit_code == 1
    assert "pip install granian" in result.output


def test_a_broken_pipe_is_silent(project: Path) -> None:
    process = serve(project, "openapi", "shop_app:app")
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(timeout=30) in {0, 1}


def test_a_migration_from_the_command_line(project: Path) -> None:
    pytest.importorskip("libcst")
    source = "from fastapi import FastAPI\napp = FastAPI()\n"
    (project / "old.py").write_text(source)
    assert "would be rewritten" in call("migrate-from-fastapi", "old.py", "--dry-run").output
    diff = CliRunner().invoke(cli, ["migrate-from-fastapi", "old.py", "--diff"])
    assert "-from fastapi import FastAPI" in diff.stdout
    assert "rewritten" not in diff.stdout
    assert (project / "old.py").read_text() == source
    result = call("migrate-from-fastapi", "old.py", "--report", "report.json", "--import-from", "fasterapi")
    assert result.exit_code == 0, result.output
    assert (project / "old.py").read_text() == "from fasterapi import Faster\napp = Faster()\n"
    assert json.loads((project / "report.json").read_text())["changed"] == ["old.py"]


def test_a_refused_migration_is_a_sentence(project: Path) -> None:
    pytest.importorskip("libcst")
    (project / "empty").mkdir()
    result = call("migrate-from-fastapi", "empty")
    assert (result.exit_code, "holds no Python file" in result.output) == (1, True)


def test_a_migration_without_libcst_says_what_to_install(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith(("libcst", "fasterapi.cli.migrate"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "libcst", None)
    result = call("migrate-from-fastapi", "shop_app.py")
    assert result.exit_code == 1
    assert 'pip install "fasterapi[cli]"' in result.output


def test_problems_of_the_document_and_of_routes_are_told_apart(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "half_app.py").write_text(
        "from fasterapi import Faster\nfrom fasterapi.exceptions import FasterAPIError\n"
        "app = Faster()\n"
        "def refuse():\n    raise FasterAPIError('no document')\n"
        "app.openapi = refuse\n"
    )
    checked = call("check", "half_app:app")
    assert (checked.exit_code, "the OpenAPI document: no document" in checked.output) == (1, True)
    printed = call("openapi", "half_app:app")
    assert (printed.exit_code, "cannot be built: no document" in printed.output) == (1, True)


def test_every_broken_route_is_listed(project: Path) -> None:
    (project / "routes_app.py").write_text(
        "class Broken:\n"
        "    path, name, methods = '/x', 'x', {'GET'}\n"
        "from fasterapi import Faster\nfrom fasterapi.routing import APIRoute\n"
        "class Failing(APIRoute):\n"
        "    def __init__(self, path): self.path, self.name, self.methods, self.location = path, 'x', {'GET'}, 'f.py:3'\n"
        "    @property\n    def call(self): raise RuntimeError('cannot compile')\n"
        "class App(Faster):\n    routes = [Failing('/a'), Failing('/b')]\n"
        "app = App()\n"
    )
    result = call("check", "routes_app:app")
    assert result.exit_code == 1
    assert "problem: f.py:3: GET /a: RuntimeError: cannot compile" in result.output
    assert "GET /b" in result.output
    assert "2 problems in 2 routes" in result.output


def test_an_application_without_routes_is_said_to_have_none(project: Path) -> None:
    (project / "raw_app.py").write_text("async def app(scope, receive, send): ...\n")
    result = call("routes", "raw_app:app")
    assert (result.exit_code, "has no list of routes" in result.output) == (1, True)


def test_a_report_that_cannot_be_written(project: Path) -> None:
    pytest.importorskip("libcst")
    result = call("migrate-from-fastapi", "shop_app.py", "--dry-run", "--report", "missing/report.txt")
    assert (result.exit_code, "cannot be written" in result.output) == (1, True)


def test_a_project_that_cannot_be_written(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    result = call("new", "shop")
    assert (result.exit_code, "shop cannot be written: Permission denied" in result.output) == (1, True)


def test_a_port_that_needs_rights(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("socket.socket.bind", refuse)
    result = call("run", "shop_app:app", "--host", "127.0.0.1", "--port", "80")
    assert (result.exit_code, "port 80 needs more rights" in result.output) == (1, True)
