"""Compile a callable and its dependencies into one straight-line function."""

from fasterapi_di._version import __version__

__all__ = ["__version__"]
