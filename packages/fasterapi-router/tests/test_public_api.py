"""The public names are exactly these, and importing them costs nothing."""

import subprocess
import sys

import fasterapi_router

SUBMODULES = {
    "asgi",
    "converter",
    "errors",
    "host",
    "leaf",
    "lifespan",
    "pattern",
    "piece",
    "plan",
    "render",
    "result",
    "router",
    "table",
    "template",
    "tree",
    "url",
}


def test_public_names_are_exactly_these():
    assert fasterapi_router.__all__ == [
        "ANY_METHOD",
        "ConflictingRoute",
        "Converter",
        "DuplicateRoute",
        "Found",
        "HostRoute",
        "HostRouter",
        "InvalidParameter",
        "InvalidTemplate",
        "MethodNotAllowed",
        "NoSuchRoute",
        "NotFound",
        "RadixRouter",
        "Route",
        "RouterError",
        "__version__",
    ]
    public = {name for name in vars(fasterapi_router) if not name.startswith("_")} - SUBMODULES
    assert public == set(fasterapi_router.__all__) - {"__version__"}


def test_importing_the_router_imports_no_event_loop_and_no_package_but_itself():
    code = (
        "import sys; before = set(sys.modules); import fasterapi_router; "
        "print(*sorted({name.partition('.')[0] for name in set(sys.modules) - before}))"
    )
    imported = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "fasterapi_router" in imported
    assert not {"asyncio", "logging", "http", "socket"} & set(imported)
    assert set(imported) - {"fasterapi_router"} <= sys.stdlib_module_names | {"_frozen_importlib_external"}
