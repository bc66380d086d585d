"""What `fasterapi` promises to users, and what importing it must not do."""

import importlib
import pkgutil
import subprocess
import sys

import pytest

import fasterapi

FASTAPI_NAMES = (
    "APIRouter BackgroundTasks Body Cookie Depends File Form HTTPException Header Path Query Request Response Security "
    "UploadFile WebSocket WebSocketDisconnect WebSocketException status"
)
SEED_NAMES = (
    "BackgroundTasks BaseHTTPMiddleware Body CORSMiddleware Cookie Depends Faster FasterRouter File FileResponse Form "
    "GZipMiddleware HTMLResponse HTTPException HTTPSRedirectMiddleware Header JSONResponse Path PlainTextResponse Query "
    "RedirectResponse RequestValidationError StreamingResponse SubInterpreterPool TestClient TrustedHostMiddleware "
    "WebSocket WebSocketDisconnect run_in_subinterpreter"
)


@pytest.mark.parametrize("name", [*FASTAPI_NAMES.split(), *SEED_NAMES.split()])
def test_a_name_of_fastapi_or_of_the_seed_is_there(name):
    assert getattr(fasterapi, name) is not None
    assert name in fasterapi.__all__


def test_all_is_sorted_and_true():
    assert sorted(fasterapi.__all__) == fasterapi.__all__
    for name in fasterapi.__all__:
        assert getattr(fasterapi, name) is not None


def test_dir_knows_names_that_are_imported_when_they_are_first_used():
    code = "import fasterapi; print(sorted(set(fasterapi.__all__) - set(dir(fasterapi))))"
    found = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
    )
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize("package", ["", ".middleware", ".requests", ".responses", ".security"])
def test_no_public_name_is_that_of_a_module(package):
    # The module would take the place of a name that is imported at its first use.
    module = importlib.import_module(f"fasterapi{package}")
    modules = {found.name for found in pkgutil.iter_modules(module.__path__)}
    assert modules & set(module.__all__) <= {"status"}


@pytest.mark.parametrize(
    "name", ["FileResponse", "CORSMiddleware", "SubInterpreterPool", "EventSourceResponse"]
)
def test_a_name_that_is_imported_late_is_the_same_object_everywhere(name):
    program = (
        f"import pickle; from fasterapi import {name} as one; import fasterapi, FasterAPI; "
        f"from FasterAPI import {name} as other; "
        f"print(one is other is fasterapi.{name} is pickle.loads(pickle.dumps(one)))"
    )
    assert subprocess.check_output([sys.executable, "-c", program], text=True).strip() == "True"


def test_modules_of_a_package_are_attributes_of_it():
    program = "import fasterapi; print(fasterapi.middleware.gzip.GZipMiddleware.__name__)"
    assert subprocess.check_output([sys.executable, "-c", program], text=True).strip() == "GZipMiddleware"


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'Flask'"):
        fasterapi.Flask  # noqa: B018


HEAVY = (
    "uvicorn",
    "uvloop",
    "httpx",
    "jinja2",
    "multipart",
    "python_multipart",
    "itsdangerous",
    "libcst",
    "rich",
    "dbm",
    "email",
    "hashlib",
    "hmac",
    "http",
    "json",
    "mimetypes",
    "pathlib",
    "pickle",
    "secrets",
    "tempfile",
    "fasterapi_concurrency.pools",
    "fasterapi_di.plan",
    "fasterapi_openapi",
    "fasterapi.responses._files",
    "fasterapi.middleware.gzip",
    "redis",
    "fasterapi.stores",
    "fasterapi.middleware.csrf",
    "fasterapi.middleware.idempotency",
    "fasterapi.middleware.ratelimit",
    "fasterapi.middleware.responsecache",
)


def test_importing_it_imports_nothing_that_is_not_needed_to_serve_json():
    code = (
        "import asyncio, msgspec, sys; before = set(sys.modules); import fasterapi; "
        f"print(sorted((sys.modules.keys() - before) & {set(HEAVY)!r}))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
    )
    assert found.stdout.strip() == "[]"


def test_importing_it_changes_no_event_loop_policy_and_no_logging():
    code = (
        "import asyncio, logging; before = (asyncio.new_event_loop, list(logging.getLogger().handlers));"
        "import fasterapi; assert before == (asyncio.new_event_loop, list(logging.getLogger().handlers))"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
