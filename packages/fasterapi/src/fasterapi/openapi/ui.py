"""The seed's names for the pages' HTML. Knows: `fasterapi_openapi.pages`. Does not know: responses."""

from fasterapi_openapi import redoc_html, swagger_ui_html

__all__ = ["redoc_html", "swagger_ui_html"]
