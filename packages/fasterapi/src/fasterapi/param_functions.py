"""`Query()`, `Depends()` and their siblings as users write them: typed `Any`, so that they fit any annotation.

Knows: which marker each name makes. Does not know: what a marker means.
"""

from collections.abc import Callable, Sequence
from typing import Any, Literal, Unpack

from fasterapi import params
from fasterapi.params import MISSING, BodyOptions, FileOptions, HeaderOptions, MarkerOptions

__all__ = ["Body", "Cookie", "Depends", "File", "Form", "Header", "Path", "Query", "Security"]


def Path(default: Any = MISSING, **options: Unpack[MarkerOptions]) -> Any:  # noqa: N802 - FastAPI's name
    """A part of the path, as in `item_id: int = Path(ge=1)`. See `params.MarkerOptions` for the options."""
    return params.Path(default, **options)


def Query(default: Any = MISSING, **options: Unpack[MarkerOptions]) -> Any:  # noqa: N802
    """A query parameter, as in `limit: int = Query(10, le=100)`."""
    return params.Query(default, **options)


def Header(default: Any = MISSING, **options: Unpack[HeaderOptions]) -> Any:  # noqa: N802
    """A request header, as in `x_token: str = Header()` reads `x-token`."""
    return params.Header(default, **options)


def Cookie(default: Any = MISSING, **options: Unpack[MarkerOptions]) -> Any:  # noqa: N802
    """A cookie, as in `session: str | None = Cookie(None)`."""
    return params.Cookie(default, **options)


def Body(default: Any = MISSING, **options: Unpack[BodyOptions]) -> Any:  # noqa: N802
    """The JSON body, or with `embed=True` (or beside other bodies) one field of it."""
    return params.Body(default, **options)


def Form(default: Any = MISSING, **options: Unpack[BodyOptions]) -> Any:  # noqa: N802
    """A form field, as in `username: str = Form()`."""
    return params.Form(default, **options)


def File(default: Any = MISSING, **options: Unpack[FileOptions]) -> Any:  # noqa: N802
    """An uploaded file, as in `data: bytes = File()` or `upload: UploadFile = File(max_size=1024)`."""
    return params.File(default, **options)


def Depends(  # noqa: N802
    dependency: Callable[..., Any] | None = None,
    *,
    use_cache: bool = True,
    scope: Literal["function", "request", "app", "transient"] | None = None,
    inline: bool = False,
    max_concurrency: int | None = None,
) -> Any:
    """The result of another callable, whose own parameters are read from the request too.

    `scope` says when a `yield` dependency is left: "function" before the response is sent, "request" (the
    default) after it; "app" values live as long as the application. `inline=True` promises that a `def`
    never blocks, so that it needs no thread. `max_concurrency` limits how many calls run at once.
    """
    return params.Depends(
        dependency, use_cache=use_cache, scope=scope, inline=inline, max_concurrency=max_concurrency
    )


def Security(  # noqa: N802
    dependency: Callable[..., Any] | None = None,
    *,
    scopes: Sequence[str] | None = None,
    use_cache: bool = True,
) -> Any:
    """`Depends()` that also asks for OAuth2 scopes."""
    return params.Security(dependency, scopes=scopes, use_cache=use_cache)
