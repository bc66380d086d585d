"""CPU-bound work in sub-interpreters with their own GIL, threads and processes."""

from fasterapi_concurrency._version import __version__

__all__ = ["__version__"]
