"""The project's own spelling of the import: `from FasterAPI import Faster`. The same objects as `fasterapi`.

Knows: which module of `fasterapi` each name stands for. Does not know: what is in it.
A folder of this name beside `fasterapi/` would be one folder on a disk that ignores case; so this is a file, and
an import hook stands for its submodules. Type checkers read the stubs in `FasterAPI-stubs`.
"""

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Final

import fasterapi

_PREFIX: Final = "FasterAPI."
# Module names of the seed that FastAPI, and so this package, writes differently.
_RENAMED: Final = {
    "router": "routing",
    "request": "requests",
    "response": "responses",
    "websocket": "websockets",
    "dependencies": "param_functions",
}


class _Alias(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds `FasterAPI.x` and puts the module `fasterapi.x` itself in its place."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002 - the protocol's signature
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> importlib.machinery.ModuleSpec | None:
        if not fullname.startswith(_PREFIX):
            return None
        name = _real_name(fullname)
        if importlib.util.find_spec(name) is None:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=False)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:  # noqa: ARG002
        return None

    def exec_module(self, module: ModuleType) -> None:
        # The import system takes what stands here afterwards; the real module keeps its own `__spec__`.
        sys.modules[module.__name__] = importlib.import_module(_real_name(module.__name__))


def _real_name(fullname: str) -> str:
    first, dot, rest = fullname.removeprefix(_PREFIX).partition(".")
    return f"fasterapi.{_RENAMED.get(first, first)}{dot}{rest}"


if not any(isinstance(finder, _Alias) for finder in sys.meta_path):
    sys.meta_path.insert(0, _Alias())
sys.modules[__name__] = fasterapi
