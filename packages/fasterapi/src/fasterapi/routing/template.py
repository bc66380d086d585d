"""Which route a request was led to, as a text that is the same for all requests of the route.

Knows: what the dispatcher notes in the scope. Does not know: what the template is wanted for (logs, metrics, spans).
"""

import re
from functools import lru_cache
from typing import Final

from fasterapi.types import Scope

__all__ = ["MOUNTED_AT", "route_template"]

# The templates of the mounts that a request has come through, joined.
MOUNTED_AT: Final = "fasterapi.mounted_at"


def route_template(scope: Scope) -> str | None:
    """The path as it was declared, `/items/{item_id}`; None while, or where, no route was found.

    Below a mount that has no routes, such as static files, it is the mount's path and `/{path}`. A path that is
    known with another method (405), or with another slash at its end, has its route's template.

    >>> from fasterapi.routing.mounts import Route
    >>> route_template({"route": Route("/files/{name:path}", print), "fasterapi.mounted_at": "/old"})
    '/old/files/{name}'
    """
    prefix: str = scope.get(MOUNTED_AT, "")
    route = scope.get("route")
    if route is None:
        return f"{_bare(prefix)}/{{path}}" if MOUNTED_AT in scope else None
    path: str = getattr(route, "path_format", None) or route.path
    return _bare(prefix + path)


@lru_cache(maxsize=4096)
def _bare(path: str) -> str:
    return re.sub(r"\{(\w+):[^{}]*\}", r"{\1}", path)
