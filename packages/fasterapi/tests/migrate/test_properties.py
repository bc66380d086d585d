"""Whatever part of a program is given: what comes out parses, and a second run changes nothing."""

import ast
from pathlib import Path, PurePosixPath

import pytest

libcst = pytest.importorskip("libcst", reason="the codemod needs the extra `cli`")
matchers = pytest.importorskip("libcst.matchers", reason="the codemod needs the extra `cli`")

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fasterapi.cli.migrate import rewrite_sources

FOLDER = Path(__file__).parent
FILES = [*sorted((FOLDER / "golden").glob("*.before.py")), *sorted((FOLDER / "apps").rglob("*.py"))]
STATEMENTS = [tuple(libcst.parse_module(file.read_text("utf-8")).body) for file in FILES]
MAIN = PurePosixPath("main.py")


def imports(line: libcst.CSTNode) -> bool:
    return matchers.matches(
        line, matchers.SimpleStatementLine(body=[matchers.Import() | matchers.ImportFrom()])
    )


@st.composite
def programs(draw: st.DrawFn) -> bytes:
    """Some statements of some of the example programs with all their imports, in any line ending.

    Imports stay, for a name that nothing binds is no program: the codemod leaves `Annotated[...]` alone until
    something imports it, and its own import would then make the second run see more than the first.
    """
    chosen = draw(st.lists(st.sampled_from(STATEMENTS), min_size=1, max_size=3))
    body = [line for lines in chosen for line in lines if imports(line) or draw(st.booleans())]
    text = libcst.Module(body=body).code
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n"]))).encode()


def rewrite(content: bytes) -> bytes:
    result = rewrite_sources({MAIN: content})[MAIN]
    assert result.problem is None
    return result.content


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs())
def test_any_part_of_a_program_migrates_to_something_stable_that_parses(content: bytes) -> None:
    once = rewrite(content)
    ast.parse(once)
    assert rewrite(once).decode() == once.decode()
    assert (b"\r\n" in once) == (b"\r\n" in content) or b"\n" not in content
