"""Every check of the repository. `nox` runs what a change must pass; `nox --list` shows the rest.

Packages are tested alone: each in an environment that holds its own wheel, what that wheel declares, and the test
tools; never the checkout. So an undeclared import fails here even where it works in an editable environment.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import nox

ROOT = Path(__file__).parent
DIST = ROOT / "dist"
PACKAGES = ("fasterapi-router", "fasterapi-di", "fasterapi-openapi", "fasterapi-concurrency", "fasterapi")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
REQUIRED_IN_CI = ("3.11", "3.12", "3.13")
TEST_TOOLS = ("pytest>=9", "pytest-timeout", "hypothesis")
# What the tests of one package need beside its wheel.
EXTRAS = {"fasterapi": "[all,test,cli]"}
# Imported by modules that only applications which ask for them import.
OBSERVING = (
    "opentelemetry-sdk>=1.44",
    "opentelemetry-exporter-otlp-proto-http>=1.44",
    "prometheus-client>=0.20",
)
FASTAPI = (
    "fastapi==0.165.0",
    "jinja2",
    "itsdangerous",
    "python-multipart",
    "a2wsgi",
    "brotli",
    "email-validator",
    "pydantic-settings",
    "sqlalchemy",
    "structlog",
    *OBSERVING,
)

nox.needs_version = ">=2024.10.9"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.download_python = "never"
nox.options.error_on_missing_interpreters = False
nox.options.reuse_existing_virtualenvs = True
nox.options.sessions = ["wheels", "lint", "typing", "tests", "parity", "e2e", "coverage", "interpreters"]


def found_pythons() -> list[str]:
    """The supported Pythons on this machine: on PATH, under pyenv, or the one that runs nox."""
    return [version for version in PYTHONS if _interpreter(version)]


def _interpreter(version: str) -> str | None:
    if sys.version_info[:2] == tuple(map(int, version.split("."))):
        return sys.executable
    for folder in sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin"), reverse=True):
        candidate = folder / f"python{version}"
        if candidate.exists():
            return str(candidate)
    found = shutil.which(f"python{version}")
    # A pyenv shim exists for versions that are not active, and fails when it is called.
    return None if found is None or "shims" in found else found


FOUND = found_pythons()
NEWEST = "3.13" if "3.13" in FOUND else FOUND[-1]


def wheel(package: str) -> str:
    """The package's built wheel, as a file: a namesake on a public index cannot take its place."""
    name = package.replace("-", "_")
    built = sorted(DIST.glob(f"{name}-[0-9]*.whl"))
    if not built:
        raise SystemExit(f"no wheel of {package} in dist/: run `nox -s wheels` first")
    return str(built[-1])


def install_wheels(session: nox.Session, *packages: str, extras: bool = True) -> None:
    """Install built wheels; siblings that they need come from dist/ too."""
    requirements = [wheel(package) + (EXTRAS.get(package, "") if extras else "") for package in packages]
    if "fasterapi" in packages:
        requirements += [wheel(package) for package in PACKAGES if package != "fasterapi"]
    session.install(*requirements)


@nox.session(python=NEWEST)
def wheels(session: nox.Session) -> None:
    """Build wheel and sdist of all five packages into dist/."""
    session.install("build", "hatchling>=1.27")
    shutil.rmtree(DIST, ignore_errors=True)
    for package in PACKAGES:
        session.run(
            "python",
            "-m",
            "build",
            "--no-isolation",
            "--outdir",
            str(DIST),
            f"packages/{package}",
            silent=True,
        )
    for package in PACKAGES:
        session.log(Path(wheel(package)).name)


@nox.session(python=NEWEST)
def lint(session: nox.Session) -> None:
    """Format, style, and who may import whom."""
    session.install("ruff", "import-linter")
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")
    install_wheels(session, "fasterapi", extras=False)
    session.run("lint-imports")


@nox.session(python=NEWEST)
def typing(session: nox.Session) -> None:
    """Mypy --strict over packages and examples; type tests by mypy and pyright."""
    session.install(
        "mypy", "pyright[nodejs]", "httpx", "jinja2", "types-PyYAML", "attrs", "hypothesis", *OBSERVING
    )
    install_wheels(session, "fasterapi")
    for package in PACKAGES:
        session.run("mypy", f"packages/{package}/src/{package.replace('-', '_')}")
    session.run("mypy", "examples")
    for folder in sorted(ROOT.glob("packages/*/tests/typing")):
        session.run("mypy", str(folder))
        session.run("pyright", str(folder))


@nox.session(python=FOUND)
@nox.parametrize("package", PACKAGES, ids=PACKAGES)
def tests(session: nox.Session, package: str) -> None:
    """One package alone against its own wheel, on every supported Python that was found."""
    install_wheels(session, package)
    session.install(*TEST_TOOLS)
    _pytest(session, f"packages/{package}", *session.posargs)
    if package == "fasterapi" and not session.posargs:
        amount = "100000" if session.python == NEWEST else "20000"
        session.env["FASTERAPI_EXAMPLES"] = os.environ.get("FASTERAPI_EXAMPLES", amount)
        _pytest(session, "packages/fasterapi/tests/validation/test_equivalence_at_scale.py")


@nox.session(python=NEWEST)
def parity(session: nox.Session) -> None:
    """The same requests to FastAPI 0.165.0, Starlette and this project; routers inside other frameworks."""
    install_wheels(session, "fasterapi")
    session.install(
        *TEST_TOOLS, *FASTAPI, "litestar", "werkzeug", "openapi-spec-validator", "pyyaml", "websockets"
    )
    for package in PACKAGES:
        folders = [
            str(folder.relative_to(ROOT))
            for folder in sorted(ROOT.glob(f"packages/{package}/tests/**"))
            if folder.is_dir() and folder.name in {"parity", "integration"}
        ]
        if folders:
            _pytest(session, *folders)


@nox.session(python=NEWEST)
def e2e(session: nox.Session) -> None:
    """Real servers, real clients over TCP, clean shutdown."""
    install_wheels(session, "fasterapi")
    session.install(
        *TEST_TOOLS, "granian", "hypercorn[uvloop]", "httpx[http2]", "websockets", "schemathesis>=4"
    )
    # The examples are imported from the checkout; the packages are not, they lie deeper.
    session.env["PYTHONPATH"] = str(ROOT)
    _pytest(session, "e2e")


@nox.session(python=NEWEST)
def coverage(session: nox.Session) -> None:
    """Branch coverage of all packages together; below the floor it fails."""
    install_wheels(session, "fasterapi")
    session.install(*TEST_TOOLS, "coverage>=7.6", *FASTAPI)
    session.run("coverage", "erase")
    for package in PACKAGES:
        session.run(
            "coverage",
            "run",
            "-m",
            "pytest",
            "-q",
            f"packages/{package}/tests",
            env=_environment(),
        )
    session.run("coverage", "combine", silent=True)
    session.run("coverage", "report", "--fail-under=95")


@nox.session(python=NEWEST)
def browser(session: nox.Session) -> None:
    """The documentation pages in headless Chromium, with the network blocked."""
    install_wheels(session, "fasterapi")
    session.install(*TEST_TOOLS, "playwright")
    folders = [str(folder.relative_to(ROOT)) for folder in sorted(ROOT.glob("packages/*/tests/browser"))]
    session.env["PYTHONPATH"] = str(ROOT)
    _pytest(session, *folders, "e2e/test_browser.py")


@nox.session(python=NEWEST)
def bench(session: nox.Session) -> None:
    """The direct comparison, side by side in one interleaved run."""
    install_wheels(session, "fasterapi")
    session.install("-r", "benchmarks/requirements.txt")
    session.run("python", "benchmarks/compare.py", "--direct", *session.posargs)


@nox.session(python=False)
def interpreters(session: nox.Session) -> None:
    """Say which Pythons were tested; in CI the required ones must have been there."""
    absent = [version for version in PYTHONS if version not in FOUND]
    session.log(f"tested on Python {', '.join(FOUND)}")
    if absent:
        session.warn(f"not found, so not tested: Python {', '.join(absent)}")
    if os.environ.get("CI") == "true" and set(REQUIRED_IN_CI) & set(absent):
        session.error(f"CI needs Python {', '.join(REQUIRED_IN_CI)}")


def _environment() -> dict[str, str]:
    # Byte code goes beside the environments: the tree stays clean, and servers under test start fast.
    pycache = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(ROOT / ".nox" / "pycache")}
    return {"FASTERAPI_ROOT": str(ROOT), **pycache}


def _pytest(session: nox.Session, *arguments: str) -> None:
    """Run from an empty folder, so that only what is installed can be imported."""
    with tempfile.TemporaryDirectory() as empty:
        session.chdir(empty)
        paths = [str(ROOT / argument) if (ROOT / argument).exists() else argument for argument in arguments]
        session.run(
            "python",
            "-m",
            "pytest",
            "-q",
            f"--rootdir={ROOT}",
            f"--config-file={ROOT / 'pyproject.toml'}",
            *paths,
            env=_environment(),
        )
        session.chdir(ROOT)
