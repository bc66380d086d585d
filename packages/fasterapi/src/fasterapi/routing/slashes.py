"""`encoded_slashes=True`: a `%2F` in a path belongs to a value and separates nothing (RFC 3986, section 2.2).

Knows: how such a slash is kept apart while a path is looked up. Does not know: what a path leads to. Applications
that do not ask for it never import this module: in them a `%2F` is a slash like any other, as servers decode paths.

While a path is looked up, the slash of a value is a lone surrogate, which no decoded path can hold. Nothing outside
of the look-up sees it: `scope["path"]` stays as the server gave it.
"""

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import unquote

from fasterapi.datastructures._url import encode_path
from fasterapi.requests._connection import OUTER_PARAMS_KEY
from fasterapi.routing.dispatch import Dispatcher
from fasterapi.routing.entries import Entry, route_path
from fasterapi.routing.mounts import Mount
from fasterapi.types import Scope

__all__ = ["SlashDispatcher"]

_SLASH: Final = "\udc2f"
_Lookup = Callable[[str, str], Any]


def path_with_slashes(scope: Scope) -> str:
    r"""As `route_path`, with encoded slashes kept apart; a request without `raw_path` has none.

    >>> scope = {"path": "/app/files/a/b", "raw_path": b"/app/files/a%2Fb", "root_path": "/app"}
    >>> path_with_slashes(scope) == "/files/a\udc2fb"
    True
    """
    below = route_path(scope)
    return _kept_apart(scope)[len(scope["path"]) - len(below) :]


def encoded_with_slashes(path: str) -> str:
    r"""As `encode_path`, for a path whose encoded slashes are kept apart.

    >>> encoded_with_slashes("/files/a\udc2fb c")
    '/files/a%2Fb%20c'
    """
    return "%2F".join(map(encode_path, path.split(_SLASH)))


class SlashDispatcher(Dispatcher):
    """Looks paths up as the client wrote them."""

    _path_of = staticmethod(path_with_slashes)
    _encoded = staticmethod(encoded_with_slashes)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._resolve = _restoring(self._resolve)
        self._resolve_websocket = _restoring(self._resolve_websocket)

    def entry(self) -> Entry:
        """Every request takes the long way; a path with a `%2F` cannot be told beforehand."""
        return self._other

    def _mounted(self, path: str, scope: Scope) -> Mount | None:
        mount = super()._mounted(path, scope)
        if mount is not None:
            scope["root_path"] = _restored(scope["root_path"])
            scope["path_params"] = _restored_values(scope["path_params"])
            if OUTER_PARAMS_KEY in scope:
                scope[OUTER_PARAMS_KEY] = scope["path_params"]
        return mount

    def _frontend(self, path: str) -> tuple[Any, Any] | None:
        return super()._frontend(_restored(path))


def _kept_apart(scope: Scope) -> str:
    path: str = scope["path"]
    raw: bytes = scope.get("raw_path") or b""
    if b"%2F" not in raw and b"%2f" not in raw:
        return path
    parts = raw.partition(b"?")[0].decode("latin-1").replace("%2f", "%2F").split("%2F")
    found = _SLASH.join(map(unquote, parts))
    # A server or middleware may have cut or joined the path; then there is nothing to be told apart.
    return found if _restored(found) == path else path


def _restored(path: str) -> str:
    return path.replace(_SLASH, "/")


def _restored_values(params: dict[str, Any]) -> dict[str, Any]:
    return {name: _restored(value) if isinstance(value, str) else value for name, value in params.items()}


def _restoring(look_up: _Lookup) -> Any:
    """`look_up(method, path)`, which gives slashes back in the values of path parameters."""

    def restoring(method: str, path: str) -> Any:
        found = look_up(method, path)
        if found is None or _SLASH not in path:
            return found
        return (found[0], _restored_values(found[1]), *found[2:])

    return restoring
