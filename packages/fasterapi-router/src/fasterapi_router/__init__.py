"""A radix-tree path router for ASGI and anything else that has paths."""

from fasterapi_router._version import __version__

__all__ = ["__version__"]
