"""The seed's name for building a document. Knows: `utils.get_openapi`. Does not know: schemas."""

from typing import Any

from fasterapi.openapi.utils import get_openapi

__all__ = ["generate_openapi"]


def generate_openapi(app: Any, **options: Any) -> dict[str, Any]:
    """The OpenAPI document of `app`; `options` (`title`, `version` …) go before the application's own.

    >>> from fasterapi import Faster
    >>> generate_openapi(Faster(), title="Shop")["info"]["title"]
    'Shop'
    """
    if not options:
        document: dict[str, Any] = app.openapi()
        return document
    described = {
        "title": app.title,
        "version": app.version,
        "description": app.description,
        "routes": app.routes,
    }
    return get_openapi(**{**described, **options})
