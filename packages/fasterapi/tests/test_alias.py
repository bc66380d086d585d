"""`FasterAPI` and `fasterapi` are two spellings of one package: the same modules, the same classes."""

import subprocess
import sys

import pytest

NAMES = [
    ("app", "app", "Faster"),
    ("router", "routing", "FasterRouter"),
    ("router", "routing", "RadixRouter"),
    ("request", "requests", "Request"),
    ("response", "responses", "JSONResponse"),
    ("params", "params", "Query"),
    ("params", "params", "MISSING"),
    ("dependencies", "param_functions", "Depends"),
    ("middleware", "middleware", "CORSMiddleware"),
    ("exceptions", "exceptions", "HTTPException"),
    ("background", "background", "BackgroundTasks"),
    ("websocket", "websockets", "WebSocket"),
    ("datastructures", "datastructures", "UploadFile"),
    ("openapi.generator", "openapi.generator", "generate_openapi"),
    ("openapi.ui", "openapi.ui", "swagger_ui_html"),
    ("testclient", "testclient", "TestClient"),
    ("concurrency", "concurrency", "run_in_threadpool"),
    ("middleware.cors", "middleware.cors", "CORSMiddleware"),
]

ORDERS = {
    "the seed's first": "import FasterAPI.{seed} as a; import fasterapi.{real} as b",
    "the package's first": "import fasterapi.{real} as b; import FasterAPI.{seed} as a",
    "from-imports": "from FasterAPI import Faster; import fasterapi.{real} as b; import FasterAPI.{seed} as a",
}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_both_spellings_give_the_same_objects_in_any_order(order):
    lines = []
    for seed, real, name in NAMES:
        lines.append(order.format(seed=seed, real=real).replace("; ", "\n"))
        lines.append(f"assert a is b, ({seed!r}, a, b)\nassert a.{name} is b.{name}")
    lines.append(
        "import FasterAPI, fasterapi\nassert FasterAPI is fasterapi and FasterAPI.Faster is fasterapi.Faster"
    )
    lines.append("assert fasterapi.routing.__spec__.name == 'fasterapi.routing'")
    subprocess.run([sys.executable, "-c", "\n".join(lines)], check=True, timeout=60)


def test_a_module_that_does_not_exist_is_an_import_error():
    with pytest.raises(ModuleNotFoundError):
        import FasterAPI.nothing  # noqa: F401
