r"""A URL's path → a path below a directory, as far as its text tells.

Knows: the separators and names that systems treat in a special way. Does not know: the disk.
"""

import os
import re
from typing import Final

from fasterapi.types import Scope

# Windows opens a device for these names, with any extension (CVE-2026-48818).
_DEVICE_NAMES: Final = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$"]
    + [f"{kind}{number}" for kind in ("com", "lpt") for number in "0123456789¹²³"]
)
# What is normal already, as most paths are: no empty segment, no dot at the start of one.
_NORMAL: Final = re.compile(r"/(?:[^/.\\\0][^/\\\0]*/)*[^/.\\\0][^/\\\0]*")


def route_path(scope: Scope) -> str:
    """The path below the application's `root_path`.

    >>> route_path({"path": "/static/a.css", "root_path": "/static"})
    '/a.css'
    """
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    if root and (path == root or path.startswith(f"{root.rstrip('/')}/")):
        return path[len(root.rstrip("/")) :]
    return path


def normalize_path(path: str) -> str:
    """A URL path in the system's spelling; for another way to write a path, `..`, which the lookup refuses.

    What a router in front sees must be what is opened: a guard of `/static/private` has no say in
    `/static//private`, `/static/./private` and `/static/x/../private`, so they name nothing (CVE-2022-35920).

    >>> [normalize_path(path) for path in ("/", "/a/b/", "/./a")]
    ['.', 'a/b', '..']
    """
    if os.sep == "/" and _NORMAL.fullmatch(path):
        return path[1:]
    if path in {"", "/"}:
        return os.curdir
    names = path.removeprefix("/").removesuffix("/").split("/")
    if not {"", os.curdir, os.pardir}.isdisjoint(names):
        return os.pardir
    return os.path.join(*names)  # noqa: PTH118 - as text


def is_local_path(path: str, *, is_windows: bool = os.name == "nt") -> bool:
    r"""Whether `path` can only name something below the directory it is joined to, as far as its text tells.

    Backslashes, which only Windows takes for separators, are refused everywhere: no two layers may disagree.

    >>> [
    ...     is_local_path(path, is_windows=True)
    ...     for path in ("a/b.txt", "..\\a", "C:a", "a.txt:stream", "nul.txt")
    ... ]
    [True, False, False, False, False]
    """
    if path.startswith("/") or "\\" in path or "\0" in path:
        return False
    if not is_windows:
        return True
    names = (part.partition(".")[0].rstrip(" ").lower() for part in path.split("/"))
    return ":" not in path and _DEVICE_NAMES.isdisjoint(names)
