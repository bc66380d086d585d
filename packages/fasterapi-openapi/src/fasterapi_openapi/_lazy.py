"""Names of a package that are imported when they are first used (PEP 562).

Knows: modules and the names in them. Does not know: what the names are. Type checkers read the imports that stand
beside each use under `TYPE_CHECKING`.
"""

import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

__all__ = ["lazy_names"]


def lazy_names(
    package: str, modules: Mapping[str, Sequence[str]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The `__getattr__` and `__dir__` of `package`, which finds each of `modules` and the names in it when asked.

    >>> find, _ = lazy_names("fasterapi_openapi", {"fasterapi_openapi.pages": ["redoc_html"]})
    >>> find("redoc_html").__name__
    'redoc_html'
    """
    places = {name: module for module, names in modules.items() for name in names}
    inner = {module.removeprefix(f"{package}."): module for module in modules}

    def find(name: str) -> Any:
        if name in places:
            value = getattr(importlib.import_module(places[name]), name)
        elif name in inner:
            value = importlib.import_module(inner[name])
        else:
            message = f"module {package!r} has no attribute {name!r}"
            raise AttributeError(message)
        vars(sys.modules[package])[name] = value
        return value

    def list_names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *places, *inner})

    return find, list_names
