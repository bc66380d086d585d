"""The one place that knows this package's version."""

__version__ = "0.1.0"
