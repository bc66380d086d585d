"""HTML from Jinja2 templates.

Knows: what a template is given beside the handler's values. Does not know: where Jinja2 finds templates.
Jinja2 is an extra (`pip install "fasterapi[templates]"`), imported with the first `Jinja2Templates`.
"""

from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any

from fasterapi.background import BackgroundTask
from fasterapi.datastructures import URL
from fasterapi.exceptions import FasterAPIError
from fasterapi.requests import Request
from fasterapi.responses import HTMLResponse
from fasterapi.types import Receive, Scope, Send

if TYPE_CHECKING:
    import jinja2

ContextProcessor = Callable[[Request], dict[str, Any]]


class TemplateResponse(HTMLResponse):
    """A rendered template; `template` and `context` are shown to test clients."""

    def __init__(  # noqa: PLR0917 - Starlette's signature
        self,
        template: Any,
        context: dict[str, Any],
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
        background: BackgroundTask | None = None,
    ) -> None:
        self.template = template
        self.context = context
        super().__init__(template.render(context), status_code, headers, media_type, background)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if "http.response.debug" in (scope.get("extensions") or {}):
            info = {"template": self.template, "context": self.context}
            await send({"type": "http.response.debug", "info": info})
        await super().__call__(scope, receive, send)


class Jinja2Templates:
    """Templates from `directory` (one or several), or of an `env` of one's own.

    Templates know `request` and `url_for(name, **path_params)`. Each of `context_processors` is given the
    request and returns more values. Values are escaped in HTML and XML templates.
    `FasterAPIError` without Jinja2, or unless one of `directory` and `env` is given.
    """

    def __init__(
        self,
        directory: str | PathLike[str] | Sequence[str | PathLike[str]] | None = None,
        *,
        context_processors: Sequence[ContextProcessor] | None = None,
        env: "jinja2.Environment | None" = None,
    ) -> None:
        try:
            import jinja2  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise FasterAPIError(
                'Jinja2Templates needs jinja2, which is not installed: pip install "fasterapi[templates]"'
            ) from error
        if (directory is None) == (env is None):
            raise FasterAPIError("Jinja2Templates takes either directory= or env=")
        self.context_processors = list(context_processors or ())
        if env is None:
            loader = jinja2.FileSystemLoader(directory or ())
            env = jinja2.Environment(loader=loader, autoescape=jinja2.select_autoescape())
        self.env = env
        self.env.globals.setdefault("url_for", jinja2.pass_context(_url_for))

    def get_template(self, name: str) -> "jinja2.Template":
        """The template of that name. `jinja2.TemplateNotFound` when there is none."""
        return self.env.get_template(name)

    def TemplateResponse(  # noqa: N802, PLR0917 - Starlette's name and signature
        self,
        request: Request,
        name: str,
        context: dict[str, Any] | None = None,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
        background: BackgroundTask | None = None,
    ) -> TemplateResponse:
        """Render a template as the response to `request`; `context` is not changed."""
        values = {"request": request, **(context or {})}
        for processor in self.context_processors:
            values.update(processor(request))
        template = self.get_template(name)
        return TemplateResponse(template, values, status_code, headers, media_type, background)


def _url_for(context: Mapping[str, Any], name: str, /, **path_params: Any) -> URL:
    request: Request = context["request"]
    return request.url_for(name, **path_params)
