"""`frontend(path, directory=...)`: a single-page application's files, behind all other routes.

Knows: that a frontend is a route whose handler looks for a file, so that dependencies and handlers of its routers
hold for it. Does not know: which file answers (`fasterapi.frontend`).
"""

import os
from typing import Any, Literal

from fasterapi.frontend import Fallback, Frontend, match_frontend, normalize_frontend_path, resolve_check_dir
from fasterapi.requests import Request
from fasterapi.responses import Response
from fasterapi.routing.options import Inherited
from fasterapi.routing.route import APIRoute

__all__ = ["FrontendRoute"]


class FrontendRoute(APIRoute):
    """Everything below a path that no other route answers."""

    def __init__(
        self,
        path: str,
        *,
        directory: str | os.PathLike[str],
        fallback: Fallback | None,
        check_dir: bool | Literal["auto"],
        inherited: Inherited,
    ) -> None:
        frontend = Frontend(
            path,
            directory=directory,
            fallback=fallback,
            check_dir=resolve_check_dir(directory, check_dir),
        )

        async def serve_frontend(request: Request) -> Response:
            return await frontend.respond(request.path_params["_rest"], request.scope)

        super().__init__(
            normalize_frontend_path(path), serve_frontend, inherited=inherited, include_in_schema=False
        )

    @property
    def path_format(self) -> str:
        """The template of all paths below this frontend."""
        return self.path.rstrip("/") + "/{path}"

    def match(self, path: str) -> dict[str, Any] | None:
        """The path's rest below this frontend, as path parameters."""
        rest = match_frontend(self.path.rstrip("/") or "/", path)
        return None if rest is None else {"_rest": rest}
