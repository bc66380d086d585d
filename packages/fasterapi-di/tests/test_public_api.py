"""The public names are exactly these."""

import importlib
import pkgutil
import subprocess
import sys
import subprocess
import sys

import fasterapi_di

NAMES = [
    "INVALID",
    "MISSING",
    "AppScope",
    "Argument",
    "AsyncDependencyError",
    "CallableReader",
    "ClosedScopeError",
    "CodeBuilder",
    "CodeError",
    "DependencyCycle",
    "DependencyError",
    "Depends",
    "ExpressionReader",
    "GeneratorProtocolError",
    "Graph",
    "InvalidMarkerError",
    "Node",
    "Origin",
    "Parameter",
    "Plan",
    "PlanCache",
    "Reader",
    "ScopeError",
    "SignatureError",
    "Source",
    "UnresolvedNameError",
    "UnsuppliedParameterError",
    "__version__",
    "build_graph",
    "build_plan",
    "compile_source",
    "emit",
    "emit_steps",
    "inject",
    "inline",
    "interpret",
    "kind_of",
    "location",
    "name_of",
    "read_return",
    "read_signature",
    "run_exit_in_thread",
    "run_in_thread",
]


def test_public_names_are_exactly_these() -> None:
    assert fasterapi_di.__all__ == NAMES
    submodules = {module.name for module in pkgutil.iter_modules(fasterapi_di.__path__)}
    public = {name for name in dir(fasterapi_di) if not name.startswith("_")} - submodules
    assert public - {"TYPE_CHECKING", "lazy_names"} | {"__version__"} == set(NAMES)


def test_every_public_name_is_there() -> None:
    assert [name for name in NAMES if not hasattr(fasterapi_di, name)] == []


def test_no_public_name_is_that_of_a_module() -> None:
    # The module would take the place of a name that is imported at its first use.
    assert {module.name for module in pkgutil.iter_modules(fasterapi_di.__path__)} & set(NAMES) == set()


def test_importing_the_package_does_not_import_what_writes_code() -> None:
    program = "import fasterapi_di, sys; print('fasterapi_di.plan' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", program], text=True).strip() == "False"


def test_every_module_says_what_it_knows() -> None:
    for module in pkgutil.iter_modules(fasterapi_di.__path__):
        if not module.name.startswith("_"):
            docstring = importlib.import_module(f"fasterapi_di.{module.name}").__doc__ or ""
            assert "Knows: " in docstring or "Base class" in docstring, module.name


def test_import_is_light_and_has_no_effects() -> None:
    code = (
        "import sys, threading; before = threading.active_count(); import fasterapi_di;"
        "assert threading.active_count() == before;"
        "heavy = {'asyncio', 'concurrent.futures', 'logging', 'socket', 'typing_extensions'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
