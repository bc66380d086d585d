"""The command line: `fasterapi run`, `dev`, `new`, `routes`, `check`, `openapi`, `migrate-from-fastapi`."""
