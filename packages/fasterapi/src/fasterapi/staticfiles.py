"""Files below a directory, as responses.

Knows: which file a path names, and every way in which it must not. Does not know: how a file is sent
(`responses`), how one is remembered (`_filecache`).
Invariants: no answer tells whether something exists outside of the directories; nothing waits for the disk on
the event loop.
"""

import errno
import importlib.util
import os
import stat
from collections.abc import Sequence
from typing import Final

from fasterapi._filecache import FileCache
from fasterapi._localpath import is_local_path, normalize_path, route_path
from fasterapi.concurrency import run_in_threadpool
from fasterapi.datastructures import Headers, URLPath
from fasterapi.datastructures._url import encode_path
from fasterapi.exceptions import FasterAPIError, HTTPException
from fasterapi.responses import FileResponse, NotModifiedResponse, RedirectResponse, Response, is_not_modified
from fasterapi.types import PathLike, Receive, Scope, Send
from fasterapi.websockets import WebSocketClose

__all__ = ["StaticFiles", "is_local_path", "normalize_path", "redirect_to_directory", "route_path"]

# Bytes of small files in memory.
DEFAULT_CACHE_SIZE: Final = 4 * 1024 * 1024

# Encodings of files that stand beside the original, in the order of preference: suffix, name in HTTP.
_PRECOMPRESSED: Final = ((".br", "br"), (".zst", "zstd"), (".gz", "gzip"))

# What a request must have to be answered by less than the file.
_CONDITIONS: Final = frozenset({b"if-none-match", b"if-modified-since"})


class StaticFiles:
    """An ASGI application that serves the files below `directory` and below the directories of `packages`.

    A package is named `"package"` (its folder `statics`) or `("package", "folder")`. `html` serves
    `index.html` for a directory and `404.html` for what is missing. `follow_symlink` follows links that leave
    the directory. `precompressed` sends `x.br`, `x.zst` or `x.gz` instead of `x` to clients that accept it.
    Small files are kept in memory, up to `cache_size` bytes of them (0 for none), and each is held against the
    disk before it is sent.
    `FasterAPIError` for a directory that does not exist, unless `check_dir` is off.

    >>> StaticFiles(directory="nowhere")
    Traceback (most recent call last):
    ...
    fasterapi.exceptions.FasterAPIError: Directory 'nowhere' does not exist
    """

    def __init__(
        self,
        *,
        directory: PathLike | None = None,
        packages: Sequence[str | tuple[str, str]] | None = None,
        html: bool = False,
        check_dir: bool = True,
        follow_symlink: bool = False,
        precompressed: bool = False,
        cache_size: int = DEFAULT_CACHE_SIZE,
    ) -> None:
        self.directory = directory
        self.packages = packages
        self.all_directories = self.get_directories(directory, packages)
        self.html = html
        self.config_checked = False
        self.follow_symlink = follow_symlink
        self.precompressed = precompressed
        self._cache = FileCache(cache_size)
        if check_dir and directory is not None and not os.path.isdir(directory):  # noqa: PTH112 - any PathLike
            raise FasterAPIError(f"Directory '{directory}' does not exist")

    def get_directories(
        self,
        directory: PathLike | None = None,
        packages: Sequence[str | tuple[str, str]] | None = None,
    ) -> list[PathLike]:
        """Where files are looked for, in order. `FasterAPIError` for a package without the folder."""
        directories: list[PathLike] = [] if directory is None else [directory]
        return directories + [_package_directory(package) for package in packages or ()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await WebSocketClose()(scope, receive, send)
            return
        if not self.config_checked:
            await self.ensure_checked()
        response = await self.get_response(self.get_path(scope), scope)
        await response(scope, receive, send)

    async def ensure_checked(self) -> None:
        """Check the directory at the first request. `FasterAPIError` when it is none."""
        if not self.config_checked:
            await self.check_config()
            self.config_checked = True

    async def check_config(self) -> None:
        """Raise `FasterAPIError` when the directory is missing or is a file."""
        if self.directory is None:
            return
        if not await run_in_threadpool(os.path.exists, self.directory):
            raise FasterAPIError(f"StaticFiles directory '{self.directory}' does not exist.")
        if not await run_in_threadpool(os.path.isdir, self.directory):
            raise FasterAPIError(f"StaticFiles path '{self.directory}' is not a directory.")

    def get_path(self, scope: Scope) -> str:
        """The path below the directories that a request names, in the system's spelling."""
        return normalize_path(route_path(scope))

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The response for `path`. `HTTPException` 404 without one, 405 for methods but GET and HEAD."""
        if scope["method"] not in {"GET", "HEAD"}:
            raise HTTPException(status_code=405, headers={"Allow": "GET, HEAD"})
        full_path, found = await self.look_up(path)
        # A file has one path, as above: with `/` behind it, it is no file.
        if found is not None and stat.S_ISREG(found.st_mode) and not scope["path"].endswith("/"):
            return await self._encoded_response(path, full_path, found, scope)
        if self.html:
            if found is not None and stat.S_ISDIR(found.st_mode):
                index = os.path.join(path, "index.html")  # noqa: PTH118 - as text
                full_path, found = await self.look_up(index)
                if found is not None and stat.S_ISREG(found.st_mode):
                    if not scope["path"].endswith("/"):
                        return redirect_to_directory(scope)
                    return await self._encoded_response(index, full_path, found, scope)
            full_path, found = await self.look_up("404.html")
            if found is not None and stat.S_ISREG(found.st_mode):
                return FileResponse(full_path, stat_result=found, status_code=404)
        raise HTTPException(status_code=404)

    async def look_up(self, path: str) -> tuple[str, os.stat_result | None]:
        """`lookup_path`, in a worker thread unless the file is known; 404 for what the system refuses."""
        location = self._cached_location(path)
        if location is not None:
            known = self._cache.find(location)
            if known is not None:
                return known.path, known.stat_result
        try:
            return await run_in_threadpool(self._look_up_and_load, path, location)
        except PermissionError:
            return "", None
        except OSError as error:
            if error.errno in {errno.ENAMETOOLONG, errno.ELOOP, errno.EINVAL}:
                return "", None
            raise
        except ValueError:  # a NUL byte, a surrogate
            return "", None

    def _cached_location(self, path: str) -> str | None:
        """Under which name the cache knows `path`; `None` when only `lookup_path` can tell which file it is."""
        is_own = getattr(self.lookup_path, "__func__", None) is StaticFiles.lookup_path
        if not is_own or len(self.all_directories) != 1:
            return None
        return os.path.join(self.all_directories[0], path)  # noqa: PTH118 - as text

    def _look_up_and_load(self, path: str, location: str | None) -> tuple[str, os.stat_result | None]:
        full_path, found = self.lookup_path(path)
        if location is not None and found is not None and stat.S_ISREG(found.st_mode):
            known = self._cache.load(location, full_path, found)
            if known is not None:
                return known.path, known.stat_result
        return full_path, found

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """The full path and the state of the first file or directory that `path` names; blocks."""
        if not is_local_path(path):
            return "", None
        for directory in self.all_directories:
            resolve = os.path.abspath if self.follow_symlink else os.path.realpath
            root = resolve(directory)
            full_path = resolve(os.path.join(root, path))  # noqa: PTH118 - as text
            if os.path.commonpath([full_path, root]) != root:
                continue
            try:
                return full_path, os.stat(full_path)  # noqa: PTH116 - as text
            except (FileNotFoundError, NotADirectoryError):
                continue
        return "", None

    async def _encoded_response(
        self, path: str, full_path: str, found: os.stat_result, scope: Scope
    ) -> Response:
        """The file, or a compressed copy that the client accepts (RFC 9110, section 12.5.3)."""
        if not self.precompressed:
            return self.file_response(full_path, found, scope)
        accepted = _accepted_codings(Headers(scope=scope).get("accept-encoding", ""))
        for suffix, coding in _PRECOMPRESSED:
            if coding in accepted:
                copy_path, copy = await self.look_up(path + suffix)
                if copy is not None and stat.S_ISREG(copy.st_mode):
                    response = self._whole(copy_path, copy)
                    original = FileResponse(full_path)
                    response.headers["content-type"] = original.headers["content-type"]
                    response.headers["content-encoding"] = coding
                    response.headers.add_vary_header("accept-encoding")
                    return unless_not_modified(response, scope)
        response = self._whole(full_path, found)
        response.headers.add_vary_header("accept-encoding")
        return unless_not_modified(response, scope)

    def file_response(
        self, full_path: PathLike, stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """The file, or 304 for a client that has it."""
        return unless_not_modified(self._whole(full_path, stat_result, status_code), scope)

    def _whole(
        self, full_path: PathLike, stat_result: os.stat_result, status_code: int = 200
    ) -> FileResponse:
        known = self._cache.of(full_path, stat_result)
        if known is None:
            return FileResponse(full_path, status_code=status_code, stat_result=stat_result)
        if known.extra is None:
            known.extra = FileResponse(full_path, stat_result=stat_result)
            known.extra.content = known.content
        response: FileResponse = known.extra.again(status_code)
        return response

    def is_not_modified(self, response_headers: Headers, request_headers: Headers) -> bool:
        """Whether the client has what `response_headers` describe."""
        return is_not_modified(response_headers, request_headers)


def unless_not_modified(response: FileResponse, scope: Scope) -> Response:
    """`response`, or 304 for a client that has it."""
    for name, _ in scope.get("headers", ()):
        if name in _CONDITIONS:
            if is_not_modified(response.headers, Headers(scope=scope)):
                return NotModifiedResponse(response.headers)
            break
    return response


def redirect_to_directory(scope: Scope) -> Response:
    """To the same path with `/` at its end; relative, so that no header of the client names the host."""
    query = scope.get("query_string", b"").decode("latin-1")
    path = URLPath(encode_path(f"{scope['path']}/"))
    return RedirectResponse(f"{path}?{query}" if query else path)


def _accepted_codings(header: str) -> set[str]:
    accepted = set()
    for part in header.split(","):
        coding, _, parameters = part.partition(";")
        weight = parameters.strip().lower().removeprefix("q=")
        if not weight or weight.strip("0.") != "":
            accepted.add(coding.strip().lower())
    return accepted


def _package_directory(package: str | tuple[str, str]) -> str:
    name, folder = package if isinstance(package, tuple) else (package, "statics")
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise FasterAPIError(f"Package {name!r} could not be found.")
    directory = os.path.normpath(os.path.join(spec.origin, "..", folder))  # noqa: PTH118 - as text
    if not os.path.isdir(directory):  # noqa: PTH112 - as text
        raise FasterAPIError(f"Directory {folder!r} in package {name!r} could not be found.")
    return directory
