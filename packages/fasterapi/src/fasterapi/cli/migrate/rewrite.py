"""Sources in, sources out: the two passes over every file of a project, in memory.

Knows: the order of the passes and the check that nothing unparsable comes out. Does not know: the file system.
"""

import ast
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

import libcst as cst

from fasterapi.cli.migrate.bindings import read_bindings
from fasterapi.cli.migrate.framework import rewrite_framework
from fasterapi.cli.migrate.index import ProjectIndex, Source, module_name, parse
from fasterapi.cli.migrate.models import rewrite_models
from fasterapi.cli.migrate.names import SPELLINGS
from fasterapi.cli.migrate.syntax import MARK


@dataclass(frozen=True)
class Rewritten:
    """One file after migration; `problem` says why it was left exactly as it was."""

    content: bytes
    problem: str | None = None


def rewrite_sources(
    contents: Mapping[PurePosixPath, bytes], *, package: str = SPELLINGS[0]
) -> dict[PurePosixPath, Rewritten]:
    r"""Migrate the Python files of one project, given as path relative to the project → content.

    Encoding, byte-order mark and line endings stay. A file that cannot be parsed is returned unchanged.

    >>> before = {PurePosixPath("main.py"): b"from fastapi import FastAPI\napp = FastAPI()\n"}
    >>> print(rewrite_sources(before)[PurePosixPath("main.py")].content.decode(), end="")
    from FasterAPI import Faster
    app = Faster()
    """
    sources: dict[PurePosixPath, Source] = {}
    results: dict[PurePosixPath, Rewritten] = {}
    for path, content in contents.items():
        try:
            sources[path] = parse(path, content)
        except (cst.ParserSyntaxError, SyntaxError, UnicodeDecodeError, LookupError, RecursionError) as error:
            results[path] = Rewritten(content, f"cannot be parsed: {_first_line(error)}")
    index = ProjectIndex(sources)
    for path, source in sources.items():
        try:
            results[path] = _rewrite_file(source, contents[path], index, package)
        except Exception as error:  # one file that trips the codemod must not keep the others from migrating
            problem = (
                f"trips the codemod ({type(error).__name__}: {_first_line(error)}); please report this file"
            )
            results[path] = Rewritten(contents[path], problem)
    return results


def _rewrite_file(source: Source, content: bytes, index: ProjectIndex, package: str) -> Rewritten:
    if not _is_concerned(source, content, index):
        return Rewritten(content)
    tree = rewrite_models(source, index)
    bindings = read_bindings(tree, module_name(source.path), is_package=source.path.name == "__init__.py")
    tree = rewrite_framework(tree, bindings, index, package)
    new = _without_repeated_marks(tree).bytes
    if new == content:
        return Rewritten(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the project's own invalid escapes are not this tool's business
            ast.parse(new)
    except (SyntaxError, ValueError) as error:
        return Rewritten(
            content, f"the migrated text does not parse ({_first_line(error)}); please report this file"
        )
    return Rewritten(new)


def _is_concerned(source: Source, content: bytes, index: ProjectIndex) -> bool:
    """Whether the file can hold anything to rewrite: most files of a large project cannot, and passes are slow."""
    if any(word in content for word in (b"fastapi", b"starlette", b"pydantic", b"model_", b".dict(")):
        return True
    targets = source.bindings.names.values()
    return any(index.has_module(target) or index.has_module(target.rpartition(".")[0]) for target in targets)


def _without_repeated_marks(tree: cst.Module) -> cst.Module:
    """Comments above the first statement belong to the module, where a second run does not look for its marks."""
    header = {line.comment.value for line in tree.header if line.comment is not None}
    first = tree.body[0] if tree.body else None
    if first is None or not header:
        return tree
    kept = [
        line
        for line in first.leading_lines
        if line.comment is None or not line.comment.value.startswith(MARK) or line.comment.value not in header
    ]
    return tree.with_changes(body=[first.with_changes(leading_lines=kept), *tree.body[1:]])


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
