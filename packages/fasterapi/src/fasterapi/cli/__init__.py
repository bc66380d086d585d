"""The command line: `fasterapi run`, `dev`, `new`, `routes`, `check`, `openapi`, `migrate-from-fastapi`.

Knows: how the command starts. Does not know: what it does; `commands` declares that, one module each does it.
click comes with uvicorn; what only one command needs (libcst, granian, PyYAML) is imported by that command.
"""

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line of `sys.argv`; exits with 0, 1 for a failure that is explained, 2 for wrong usage."""
    try:
        from fasterapi.cli.commands import cli  # noqa: PLC0415 - its libraries may be missing
    except ModuleNotFoundError as error:
        if error.name != "click":
            raise
        sys.exit('The command line needs click. Install it with:  pip install "fasterapi[cli]"')
    cli(prog_name="fasterapi")
