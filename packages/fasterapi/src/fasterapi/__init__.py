"""FastAPI's developer experience on msgspec, a radix-tree router and compiled dependency injection."""

from fasterapi._version import __version__

__all__ = ["__version__"]
