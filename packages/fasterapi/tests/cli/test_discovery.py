"""Where `fasterapi run` and its siblings find the application."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fasterapi import Faster
from fasterapi.cli.discovery import load, locate
from fasterapi.cli.output import CommandError

APP = "from fasterapi import Faster\napp = Faster()\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty current folder; modules imported from it are forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / (name.replace("__slash__", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.mark.parametrize(
    ("files", "module"),
    [
        (["main.py", "app.py", "api.py"], "main"),
        (["app.py", "api.py"], "app"),
        (["api.py", "app/main.py"], "api"),
        (["app/main.py", "app/app.py", "app/api.py"], "main"),
        (["app/__init__.py", "app/main.py"], "app.main"),  # a package: its folder is no entry of sys.path
        (["app/__init__.py", "app/api.py"], "app.api"),
    ],
)
def test_the_usual_places_are_tried_in_fastapis_order(project: Path, files: list[str], module: str) -> None:
    for file in files:
        (project / file).parent.mkdir(exist_ok=True)
        (project / file).write_text("")
    assert locate(None).module == module


@pytest.mark.parametrize(
    ("given", "module", "folder"),
    [
        ("one.py", "one", "."),
        ("pack/inner/deep.py", "pack.inner.deep", "."),
        ("pack/inner", "pack.inner", "."),
        ("plain", "main", "plain"),
        ("plain/main.py", "main", "plain"),
        ("pack.inner.deep:app", "pack.inner.deep", "."),
        ("one:app", "one", "."),
    ],
)
def test_paths_and_import_strings(project: Path, given: str, module: str, folder: str) -> None:
    for file in (
        "one.py",
        "pack/__init__.py",
        "pack/inner/__init__.py",
        "pack/inner/deep.py",
        "plain/main.py",
    ):
        (project / file).parent.mkdir(parents=True, exist_ok=True)
        (project / file).write_text("")
    found = locate(given)
    assert (found.module, found.folder.resolve()) == (module, (project / folder).resolve())


@pytest.mark.parametrize("tool", ["fasterapi", "fastapi"])
def test_pyproject_names_the_entrypoint(project: Path, tool: str) -> None:
    (project / "pyproject.toml").write_text(f'[tool.{tool}]\nentrypoint = "shop.web:api"\n')
    (project / "main.py").write_text("")
    found = locate(None)
    assert (found.module, found.name, found.origin) == ("shop.web", "api", "pyproject.toml")
    assert locate("main.py").module == "main"  # what the command line says comes first


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[tool.fasterapi]\nentrypoint = 3\n", "entrypoint in pyproject.toml is no string"),
        ("[tool.fasterapi\n", "pyproject.toml cannot be read"),
        ('[tool.fasterapi]\nentrypoint = "main:"\n', "'main:' is no import string"),
    ],
)
def test_a_bad_pyproject_is_a_sentence(project: Path, text: str, sentence: str) -> None:
    (project / "pyproject.toml").write_text(text)
    with pytest.raises(CommandError, match=sentence):
        locate(None)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (APP, "app"),
        ("from fasterapi import Faster\nzeta = Faster()\napi = Faster()\n", "api"),
        ("from fasterapi import Faster\napp = 3\nservice = Faster()\n", "service"),
    ],
)
def test_the_variable_is_found(project: Path, source: str, name: str) -> None:
    write(project, found_one=source)
    found = load(locate("found_one.py"))
    assert isinstance(found.app, Faster)
    assert found.import_string == f"found_one:{name}"


def test_a_named_variable_may_be_any_application(project: Path) -> None:
    write(project, raw="class Holder:\n    async def app(scope, receive, send): ...\n")
    assert callable(load(locate("raw:Holder.app")).app)


@pytest.mark.parametrize(
    ("files", "given", "name", "sentence", "fix"),
    [
        ({}, None, None, "no application found", "give a path"),
        ({}, "nothing.py", None, "nothing.py does not exist", None),
        ({}, "nothing:app", None, "there is no module 'nothing'", "check the name"),
        ({"empty_one": "x = 1"}, "empty_one.py", None, "no application in empty_one", "app = Faster"),
        ({"other_one": APP}, "other_one:nope", None, "has no variable 'nope'", "other_one:app is one"),
        (
            {"third_one": APP + "n = 3\n"},
            "third_one.py",
            "n",
            "no application but of type int",
            "third_one:app",
        ),
        (
            {"needs": "import no_such_package.sub\n"},
            "needs.py",
            None,
            r"needs.py:1\)",
            "pip install no_such_package",
        ),
        (
            {"breaks": "\n\nboom\n"},
            "breaks.py",
            None,
            r"NameError: name 'boom' is not defined \(.*breaks.py:3\)",
            None,
        ),
        ({"wrong": "def f(:\n"}, "wrong.py", None, r"SyntaxError: .*wrong.py:1\)", None),
        ({}, "a:", None, "is no import string", "module:variable"),
    ],
)
def test_what_goes_wrong_is_one_sentence(
    project: Path, files: dict[str, str], given: str | None, name: str | None, sentence: str, fix: str | None
) -> None:
    write(project, **files)
    with pytest.raises(CommandError, match=sentence) as caught:
        load(locate(given, name=name))
    assert "\n" not in caught.value.message
    if fix is not None:
        assert fix in (caught.value.fix or "")


def test_folders_and_other_files(project: Path) -> None:
    (project / "empty").mkdir()
    (project / "notes.txt").write_text("")
    with pytest.raises(CommandError, match="holds none of"):
        locate("empty")
    with pytest.raises(CommandError, match="is no Python file"):
        locate("notes.txt")


def test_an_entrypoint_excludes_a_path(project: Path) -> None:
    assert locate(None, entrypoint="a.b:c").name == "c"
    with pytest.raises(CommandError, match="leave out the path"):
        locate("main.py", entrypoint="a:b")
