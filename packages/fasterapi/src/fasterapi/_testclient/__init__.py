"""The parts of `fasterapi.testclient`: all that stands between httpx and an ASGI application in one process.

Knows: that httpx is an extra. Does not know: any class of the framework's request and response objects.
"""

try:
    import httpx as httpx  # re-exported: its absence is explained once, here
except ModuleNotFoundError as error:
    raise RuntimeError(
        "fasterapi.testclient needs httpx, which is not installed.\n"
        '  fix: pip install "fasterapi[test]", or pip install httpx'
    ) from error
