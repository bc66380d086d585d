"""The process of one contestant behind a server.

    python -m harness.server SERVER CONTESTANT KIND PORT

Knows: how uvicorn, granian and frameworks with servers of their own are started. Logs are off, one worker.
"""

import importlib
import logging
import sys

__all__ = ["application", "main"]


def application():
    """For granian, which imports a factory: the contestant and kind stand in the arguments."""
    return importlib.import_module(f"contestants.{sys.argv[2]}").build(sys.argv[3])


def main(server: str, contestant: str, kind: str, port: int) -> None:
    """Serve until the process is ended."""
    logging.disable(logging.CRITICAL)
    module = importlib.import_module(f"contestants.{contestant}")
    if server == "own":
        module.serve(kind, port)
    elif server == "uvicorn":
        import uvicorn

        # Named, so that nobody runs on a slower loop or parser because its environment lacks them.
        uvicorn.run(
            module.build(kind),
            host="127.0.0.1",
            port=port,
            loop="uvloop",
            http="httptools",
            access_log=False,
            log_level="critical",
        )
    else:
        from granian import Granian
        from granian.constants import Interfaces

        Granian(
            "harness.server:application",
            address="127.0.0.1",
            port=port,
            interface=Interfaces.ASGI,
            factory=True,
            log_enabled=False,
        ).serve()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
