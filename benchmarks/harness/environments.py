"""Which Python runs a contestant.

Knows: interpreters, virtual environments, requirements. Does not know: what is measured.

In order: `--python name=path`; this interpreter, if it has the package in the version of `requirements.txt`; an
environment under `.venvs/`, made when it is first needed. faster-api-web has one for itself, because it imports
as `FasterAPI`, and so does this project's alias module.
"""

import importlib.metadata
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

__all__ = ["CONTESTANTS", "Absent", "Contestant", "find_python", "variables"]

FOLDER = Path(__file__).parent.parent
ENVIRONMENTS = FOLDER / ".venvs"
REQUIREMENTS = FOLDER / "requirements.txt"


class Absent(Exception):  # noqa: N818 - a state, told to the reader; nobody has erred
    """A contestant cannot take part; the text says why."""


@dataclass(frozen=True)
class Contestant:
    """`module` under contestants/, its distribution, and the environment under .venvs/ that can hold it."""

    module: str
    title: str
    distribution: str
    environment: str = "peers"
    requirements: tuple[str, ...] = ("-r", str(REQUIREMENTS))
    is_http_only: bool = False


CONTESTANTS = (
    Contestant("fasterapi", "FasterAPI (this project)", "fasterapi", environment=""),
    Contestant("raw", "raw ASGI", "fasterapi", environment=""),
    Contestant("fastapi", "FastAPI", "fastapi"),
    Contestant("starlette", "Starlette", "starlette"),
    Contestant("litestar", "Litestar", "litestar"),
    Contestant("blacksheep", "BlackSheep", "blacksheep"),
    Contestant("falcon", "Falcon", "falcon"),
    Contestant("quart", "Quart", "quart"),
    Contestant(
        "faster_api_web",
        "faster-api-web",
        "faster-api-web",
        environment="faster-api-web",
        requirements=(
            "faster-api-web==0.2.14",
            "python-multipart",
            "uvicorn",
            "uvloop",
            "httptools",
            "granian",
        ),
    ),
    Contestant("sanic", "Sanic", "sanic", is_http_only=True),
    Contestant("robyn", "Robyn", "robyn", is_http_only=True),
)


def find_python(contestant: Contestant, chosen: dict[str, str], *, may_install: bool) -> str:
    """The interpreter for `contestant`. Raises Absent."""
    if contestant.module in chosen:
        return chosen[contestant.module]
    if not contestant.environment:
        # Both run the checkout's or the installed package of this interpreter.
        _require_here(chosen)
        return chosen.get("fasterapi", sys.executable)
    if contestant.environment == "peers" and _is_installed_here(contestant.distribution):
        return sys.executable
    python = ENVIRONMENTS / contestant.environment / "bin" / "python"
    if not python.exists():
        if not may_install:
            raise Absent(f"{contestant.distribution} is not installed, and --no-install was given")
        _make_environment(python, contestant)
    return str(python)


def variables(contestant: Contestant) -> dict[str, str]:
    """The environment variables of a contestant's process.

    A PYTHONPATH that leads to this checkout is not for peers: `FasterAPI`, which faster-api-web imports, is here too.
    """
    own = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
    if contestant.environment:
        own.pop("PYTHONPATH", None)
    return own


def _require_here(chosen: dict[str, str]) -> None:
    if "fasterapi" in chosen:
        return
    try:
        importlib.metadata.version("fasterapi")
    except importlib.metadata.PackageNotFoundError:
        raise Absent("fasterapi is not installed here: pass --python fasterapi=PATH") from None


def _is_installed_here(distribution: str) -> bool:
    pinned = dict(
        line.split("==")
        for line in REQUIREMENTS.read_text(encoding="utf-8").splitlines()
        if "==" in line and not line.startswith("#")
    )
    try:
        return importlib.metadata.version(distribution) == pinned.get(distribution)
    except importlib.metadata.PackageNotFoundError:
        return False


def _make_environment(python: Path, contestant: Contestant) -> None:
    folder = python.parent.parent
    print(f"making {folder} for {contestant.title} ...", file=sys.stderr)
    commands = (
        [sys.executable, "-m", "venv", str(folder)],
        [str(python), "-m", "pip", "install", "--quiet", *contestant.requirements],
    )
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            python.unlink(missing_ok=True)  # the next run tries again
            last = (done.stderr.strip().splitlines() or ["no output"])[-1]
            raise Absent(f"{contestant.distribution} could not be installed: {last}")
