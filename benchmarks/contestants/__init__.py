"""The contestants, one module each; all fulfil the protocol described here.

    DISTRIBUTION: str           the package whose version is printed; "" for code that needs none
    def build(kind: str) -> ASGI application

`kind` is one of `harness.workloads.KINDS`. A module may also define

    ENVIRONMENT: str            the folder under .venvs/ that it needs for itself
    FASTAPI_ERRORS = True       error bodies are compared with raw ASGI's; else only the status is
    UNSUPPORTED: dict[str, str] workload -> why it cannot take part
    AWAITS_DISCONNECT = True    a request ends for it only when the client has gone
    HTTP_ONLY = True            no ASGI application: `serve(kind, port)` runs the framework's own server

Rules: written as the framework's documentation teaches, with its fastest documented JSON settings, debug and
access logs off, documentation routes left as they come. Nothing may be computed before a request comes.
"""
