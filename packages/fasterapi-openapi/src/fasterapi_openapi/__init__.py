"""OpenAPI 3.1 documents from msgspec types, and documentation pages that work offline."""

from fasterapi_openapi._version import __version__

__all__ = ["__version__"]
