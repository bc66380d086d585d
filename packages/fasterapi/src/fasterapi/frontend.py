"""The build of a single-page application, served where no route answers.

Knows: which file answers a path, and when `index.html` answers in its place. Does not know: routing order.
"""

import os
import stat
import warnings
from typing import Final, Literal

from fasterapi.datastructures import Headers
from fasterapi.exceptions import FasterAPIError, HTTPException
from fasterapi.responses import Response
from fasterapi.staticfiles import StaticFiles, normalize_path, redirect_to_directory, route_path
from fasterapi.types import Receive, Scope, Send

Fallback = Literal["auto", "index.html", "404.html"]

_FALLBACKS: Final = ("auto", "index.html", "404.html", None)
_PAGE_TYPES: Final = frozenset(("text/html", "application/xhtml+xml"))


class Frontend(StaticFiles):
    """The files of `directory` below the URL path `path`, for a router that asks it last.

    `fallback` answers paths without a file: `"index.html"` (200, for navigation only: requests that accept
    HTML), `"404.html"` (404), `"auto"` (the one that exists, 404.html first), `None`. A directory is answered
    by its `index.html`. `FasterAPIError` for a directory or fallback file that is missing, if `check_dir`.
    """

    def __init__(
        self,
        path: str,
        *,
        directory: str | os.PathLike[str],
        fallback: Fallback | None = "auto",
        check_dir: bool,
    ) -> None:
        if fallback not in _FALLBACKS:
            raise FasterAPIError(
                f"fallback must be 'auto', 'index.html', '404.html' or None, not {fallback!r}"
            )
        if check_dir and not os.path.isdir(directory):  # noqa: PTH112 - any PathLike
            raise FasterAPIError(_missing_directory(directory))
        super().__init__(directory=directory, html=True, check_dir=check_dir)
        self.path = normalize_frontend_path(path)
        self.fallback = fallback
        if check_dir and fallback in {"index.html", "404.html"}:
            _, found = self.lookup_path(str(fallback))
            if found is None or not stat.S_ISREG(found.st_mode):
                raise FasterAPIError(self._missing_fallback(str(fallback)))

    @property
    def specificity(self) -> int:
        """The frontend of the longest path answers first."""
        return 0 if self.path == "/" else len(self.path)

    def match(self, path: str) -> str | None:
        """The rest of `path` below this frontend, or `None`."""
        return match_frontend(self.path, path)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        rest = self.match(route_path(scope)) if scope["type"] == "http" else None
        if rest is None:
            raise HTTPException(status_code=404)
        response = await self.respond(rest, scope)
        await response(scope, receive, send)

    async def respond(self, rest: str, scope: Scope) -> Response:
        """The response for `rest`, the path below this frontend. `HTTPException` 404 or 405 without one."""
        await self.ensure_checked()
        return await self.get_response(normalize_path(f"/{rest}"), scope)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The response for `path` below the directory."""
        found = await self._find_file(path)
        if scope["method"] not in {"GET", "HEAD"}:
            if found is None:
                raise HTTPException(status_code=404)
            raise HTTPException(status_code=405, headers={"Allow": "GET, HEAD"})
        if found is not None:
            full_path, stat_result, is_directory = found
            has_slash = scope["path"].endswith("/")
            if is_directory and not has_slash:
                return redirect_to_directory(scope)
            if is_directory or not has_slash:  # a file has one path: with `/` behind it, it is no file
                return self.file_response(full_path, stat_result, scope)
        return await self._fall_back(scope)

    async def _find_file(self, path: str) -> tuple[str, os.stat_result, bool] | None:
        full_path, found = await self.look_up(path)
        is_directory = found is not None and stat.S_ISDIR(found.st_mode)
        if is_directory:
            full_path, found = await self.look_up(os.path.join(path, "index.html"))  # noqa: PTH118 - as text
        if found is None or not stat.S_ISREG(found.st_mode):
            return None
        return full_path, found, is_directory

    async def _fall_back(self, scope: Scope) -> Response:
        candidates = ["404.html", "index.html"] if self.fallback == "auto" else [self.fallback or ""]
        for name in candidates:
            if not name or (name == "index.html" and not is_navigation(scope)):
                continue
            full_path, found = await self.look_up(name)
            if found is not None and stat.S_ISREG(found.st_mode):
                return self.file_response(full_path, found, scope, 404 if name == "404.html" else 200)
            if self.fallback == name:
                raise FasterAPIError(self._missing_fallback(name))
        raise HTTPException(status_code=404)

    def _missing_fallback(self, name: str) -> str:
        return (
            f"Frontend fallback file '{name}' does not exist in directory '{self.directory}'."
            f" Resolved absolute directory: '{os.path.realpath(self.directory or '')}'"
        )


def _missing_directory(directory: str | os.PathLike[str]) -> str:
    resolved = os.path.realpath(os.fspath(directory))
    return f"Frontend directory '{directory}' does not exist. Resolved absolute path: '{resolved}'"


def normalize_frontend_path(path: str) -> str:
    """`path` without slashes at its end. `FasterAPIError` unless it starts with `/`.

    >>> normalize_frontend_path("/app/")
    '/app'
    """
    if not path.startswith("/"):
        raise FasterAPIError(f"A frontend path must start with '/', got {path!r}")
    return path.rstrip("/") or "/"


def match_frontend(prefix: str, path: str) -> str | None:
    """What follows the frontend path `prefix` in `path`, or `None`.

    >>> match_frontend("/app", "/app/a.js"), match_frontend("/app", "/application")
    ('a.js', None)
    """
    if prefix == "/":
        return path.removeprefix("/")
    if path == prefix:
        return ""
    return path[len(prefix) + 1 :] if path.startswith(f"{prefix}/") else None


def resolve_check_dir(directory: str | os.PathLike[str], check_dir: bool | Literal["auto"]) -> bool:
    """Whether to insist on the directory: `"auto"` only warns while `FASTERAPI_ENV` is `development`."""
    if check_dir != "auto":
        return check_dir
    if os.environ.get("FASTERAPI_ENV") != "development":
        return True
    if not os.path.isdir(directory):  # noqa: PTH112 - any PathLike
        warnings.warn(_missing_directory(directory), stacklevel=3)
    return False


def is_navigation(scope: Scope) -> bool:
    """Whether a person goes to the address, rather than a script fetching it: `Accept` names HTML."""
    for part in Headers(scope=scope).get("accept", "").split(","):
        media_type, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if media_type in _PAGE_TYPES and not any(_is_zero(parameter) for parameter in parameters):
            return True
    return False


def _is_zero(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    return name.strip() == "q" and value.strip().strip("0.") == "" and "0" in value
