"""Finding the application: a path, an import string, `pyproject.toml`, or the usual places.

Knows: files, packages, `sys.path`, imports. Does not know: servers.
The order is FastAPI's: what the command line says, then `[tool.fasterapi] entrypoint`, then `main.py`, `app.py`,
`api.py`, each also inside a folder `app`.
"""

import importlib
import sys
import tomllib
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fasterapi.app import Faster
from fasterapi.cli.output import fail

USUAL_FILES = ("main.py", "app.py", "api.py", "app/main.py", "app/app.py", "app/api.py")
USUAL_NAMES = ("app", "api")


@dataclass(frozen=True)
class Target:
    """Where the application is: `folder` goes on `sys.path`, `name` is its variable (None: look for it)."""

    module: str
    name: str | None
    folder: Path
    origin: str


@dataclass(frozen=True)
class Found:
    """An imported application."""

    app: Any
    target: Target

    @property
    def import_string(self) -> str:
        """`module:name`, as servers take it."""
        return f"{self.target.module}:{self.target.name}"


def locate(given: str | None, *, name: str | None = None, entrypoint: str | None = None) -> Target:
    """Decide which module holds the application, without importing it.

    `given` is a path or `module:name`; `name` the variable. Fails with a sentence if nothing is there.
    """
    if entrypoint is not None:
        if given is not None or name is not None:
            fail("--entrypoint says everything; leave out the path and --app")
        return _from_import_string(entrypoint, "--entrypoint")
    if given is not None and not Path(given).exists() and (":" in given or _is_module(given)):
        return _from_import_string(given, "the command line", name)
    if given is not None or name is not None:
        return _from_path(Path(given) if given is not None else _usual_file(), name, "the command line")
    configured = _configured_entrypoint(Path.cwd())
    if configured is not None:
        return _from_import_string(configured, "pyproject.toml")
    return _from_path(_usual_file(), None, "the usual places")


def load(target: Target) -> Found:
    """Import the module and take the application out of it; fails with a sentence that names file and line."""
    sys.path.insert(0, str(target.folder))
    importlib.invalidate_caches()
    try:
        module: Any = importlib.import_module(target.module)
    except ModuleNotFoundError as error:
        if error.name is not None and (
            target.module == error.name or target.module.startswith(f"{error.name}.")
        ):
            fail(
                f"there is no module {target.module!r} in {target.folder}",
                fix="check the name, or give a path",
            )
        fail(
            _import_failure(target, error),
            fix=f"pip install {(error.name or '').partition('.')[0]}, if it is a package",
        )
    except Exception as error:  # whatever the user's module raises belongs to the user, in one sentence
        fail(_import_failure(target, error))
    if target.name is not None:
        return Found(_named(module, target), target)
    name = _application_name(module)
    if name is None:
        fail(
            f"no application in {target.module}: none of its variables is a Faster()",
            fix="say `app = Faster()` there, or name the variable with --app",
        )
    return Found(getattr(module, name), Target(target.module, name, target.folder, target.origin))


def _named(module: Any, target: Target) -> Any:
    app = module
    for part in (target.name or "").split("."):
        if not hasattr(app, part):
            fail(f"{target.module} has no variable {target.name!r}", fix=_suggestion(module))
        app = getattr(app, part)
    if not callable(app):
        fail(
            f"{target.module}:{target.name} is no application but of type {type(app).__name__}",
            fix=_suggestion(module),
        )
    return app


def _suggestion(module: Any) -> str | None:
    name = _application_name(module)
    return None if name is None else f"{module.__name__}:{name} is one"


def _application_name(module: Any) -> str | None:
    for name in (*USUAL_NAMES, *dir(module)):
        if isinstance(getattr(module, name, None), Faster):
            return name
    return None


def _is_module(given: str) -> bool:
    return (
        not given.endswith(".py")
        and "/" not in given
        and "\\" not in given
        and all(part.isidentifier() for part in given.split("."))
    )


def _from_import_string(text: str, origin: str, name: str | None = None) -> Target:
    module, colon, variable = text.partition(":")
    if not module or (colon and not variable):
        fail(f"{text!r} is no import string", fix="write module:variable, such as main:app")
    return Target(module, variable or name, Path.cwd(), origin)


def _from_path(path: Path, name: str | None, origin: str) -> Target:
    if not path.exists():
        fail(f"{path} does not exist")
    path = path.resolve()
    if path.is_dir():
        inside = next(
            (path / file for file in (*USUAL_FILES[:3], "__init__.py") if (path / file).is_file()), None
        )
        if inside is None:
            fail(
                f"{path} holds none of main.py, app.py, api.py",
                fix="give the file that holds the application",
            )
        path = inside
    if path.suffix != ".py":
        fail(f"{path.name} is no Python file")
    parts = [] if path.name == "__init__.py" else [path.stem]
    folder = path.parent
    while (folder / "__init__.py").is_file():
        parts.insert(0, folder.name)
        folder = folder.parent
    return Target(".".join(parts), name, folder, origin)


def _usual_file() -> Path:
    for file in USUAL_FILES:
        if Path(file).is_file():
            return Path(file)
    return fail(
        "no application found: there is no main.py, app.py or api.py here or in ./app",
        fix="give a path (fasterapi run path/to/file.py) or an import string (fasterapi run module:app)",
    )


def _configured_entrypoint(folder: Path) -> str | None:
    """`[tool.fasterapi] entrypoint`; a project that came from FastAPI may still say `[tool.fastapi]`."""
    file = folder / "pyproject.toml"
    if not file.is_file():
        return None
    try:
        tools = tomllib.loads(file.read_text("utf-8")).get("tool", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        fail(f"pyproject.toml cannot be read: {error}")
    for tool in ("fasterapi", "fastapi"):
        entrypoint = tools.get(tool, {}).get("entrypoint")
        if isinstance(entrypoint, str):
            return entrypoint
        if entrypoint is not None:
            fail(f"[tool.{tool}] entrypoint in pyproject.toml is no string", fix='entrypoint = "main:app"')
    return None


def _import_failure(target: Target, error: Exception) -> str:
    """`main cannot be imported: NameError: ... (main.py:3)`, the place being the last one in the user's code."""
    if isinstance(error, SyntaxError):
        place = f" ({error.filename}:{error.lineno})" if error.filename else ""
        return f"{target.module} cannot be imported: {type(error).__name__}: {error.msg}{place}"
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(target.folder) and "site-packages" not in frame.filename
    ]
    place = f" ({frames[-1].filename}:{frames[-1].lineno})" if frames else ""
    return f"{target.module} cannot be imported: {type(error).__name__}: {error}{place}"
