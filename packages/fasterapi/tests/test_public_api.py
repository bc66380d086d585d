"""What `fasterapi` promises to users, and what importing it must not do."""

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
)


def test_importing_it_imports_nothing_that_is_not_needed_to_serve_json():
    code = f"import sys, fasterapi; print([name for name in {HEAVY!r} if name in sys.modules])"
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
