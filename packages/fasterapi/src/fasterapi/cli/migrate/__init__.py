"""The codemod behind `fasterapi migrate-from-fastapi`: FastAPI and Pydantic in, FasterAPI and msgspec out.

Reading order: `project` (which files), `index` (which classes are models), `rewrite` (one file through the two
passes `models` and `framework`), `report` (what is left to do by hand). Needs libcst; imports nothing of the
framework, so a project can be migrated in an environment that cannot run it.
"""

from fasterapi.cli.migrate.project import MigrationError, migrate
from fasterapi.cli.migrate.report import FileReport, Report, Todo
from fasterapi.cli.migrate.rewrite import rewrite_sources

__all__ = ["FileReport", "MigrationError", "Report", "Todo", "migrate", "rewrite_sources"]
