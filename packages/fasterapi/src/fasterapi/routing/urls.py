"""A route's name and parameters → its path.

Knows: names of routes, `mount:route` names, percent-encoding by the router. Does not know: hosts of requests.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from fasterapi.datastructures import URLPath
from fasterapi.exceptions import NoMatchFound
from fasterapi.routing.mounts import Host, Mount
from fasterapi.routing.table import ANY_METHOD
from fasterapi_router import RadixRouter, RouterError

__all__ = ["build_path", "find_path"]


def find_path(entries: Iterable[Any], name: str, params: Mapping[str, Any]) -> URLPath:
    """The path of the first entry called `name` that takes exactly `params`. Raises NoMatchFound.

    `"users:show"` is the route `show` of the application mounted under the name `users`.
    """
    for entry in entries:
        try:
            return build_path(entry, name, params)
        except NoMatchFound:
            continue
    raise NoMatchFound(name, params)


def build_path(entry: Any, name: str, params: Mapping[str, Any]) -> URLPath:
    """The path of one entry, if it is the one called `name`. Raises NoMatchFound."""
    if isinstance(entry, Mount):
        return _below_mount(entry, name, params)
    if isinstance(entry, Host):
        return _below_host(entry, name, params)
    if entry.name != name:
        raise NoMatchFound(name, params)
    protocol: Literal["http", "websocket"] = "http" if hasattr(entry, "methods") else "websocket"
    return URLPath(path=_fill(entry.path, name, params), protocol=protocol)


def _below_mount(mount: Mount, name: str, params: Mapping[str, Any]) -> URLPath:
    if mount.name and name == mount.name and "path" in params:
        rest = dict(params)
        below = str(rest.pop("path")).lstrip("/")
        return URLPath(path=_fill(f"{mount.path}/{{path:path}}", name, {**rest, "path": below}))
    prefix, _, remaining = name.partition(":") if mount.name else ("", "", name)
    if prefix == mount.name and remaining:
        own = {key: value for key, value in params.items() if f"{{{key}" in mount.path}
        below_params = {key: value for key, value in params.items() if key not in own}
        below = find_path(mount.routes, remaining, below_params)
        return URLPath(
            path=_fill(mount.path or "/", name, own).rstrip("/") + str(below), protocol=_protocol(below)
        )
    raise NoMatchFound(name, params)


def _below_host(host: Host, name: str, params: Mapping[str, Any]) -> URLPath:
    prefix, _, remaining = name.partition(":") if host.name else ("", "", name)
    if prefix != host.name or not remaining:
        raise NoMatchFound(name, params)
    own = {key: str(value) for key, value in params.items() if f"{{{key}}}" in host.host}
    below = find_path(host.routes, remaining, {key: value for key, value in params.items() if key not in own})
    name_of_host = host.host
    for key, value in own.items():
        name_of_host = name_of_host.replace(f"{{{key}}}", value)
    return URLPath(path=str(below), host=name_of_host, protocol=_protocol(below))


def _protocol(path: URLPath) -> Literal["http", "websocket", ""]:
    return path.protocol  # type: ignore[return-value]  # kept as a plain string


def _fill(template: str, name: str, params: Mapping[str, Any]) -> str:
    router: RadixRouter[None] = RadixRouter()
    router.add_route(ANY_METHOD, template, None, name=name)
    try:
        return router.url_path_for(name, **params)
    except RouterError as error:
        raise NoMatchFound(name, params) from error
