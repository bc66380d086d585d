"""Every transformation as a pair of files, `golden/NAME.before.py` and `golden/NAME.after.py`."""

import ast
import os
from pathlib import Path, PurePosixPath

import pytest

pytest.importorskip("libcst", reason="the codemod needs the extra `cli`")

from fasterapi.cli.migrate import rewrite_sources

GOLDEN = Path(__file__).parent / "golden"
CASES = sorted(file.name.removesuffix(".before.py") for file in GOLDEN.glob("*.before.py"))


def rewrite_all(contents: dict[str, bytes]) -> dict[str, bytes]:
    """Migrate the cases as one project, so that they may import each other."""
    results = rewrite_sources({PurePosixPath(f"{name}.py"): content for name, content in contents.items()})
    problems = {path: item.problem for path, item in results.items() if item.problem}
    assert not problems
    return {path.stem: item.content for path, item in results.items()}


@pytest.fixture(scope="module")
def before() -> dict[str, bytes]:
    return {name: (GOLDEN / f"{name}.before.py").read_bytes() for name in CASES}


@pytest.fixture(scope="module")
def after(before: dict[str, bytes]) -> dict[str, bytes]:
    return rewrite_all(before)


@pytest.mark.parametrize("name", CASES)
def test_a_transformation_gives_its_golden_file(after: dict[str, bytes], name: str) -> None:
    path = GOLDEN / f"{name}.after.py"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_bytes(after[name])
    assert after[name].decode() == path.read_text("utf-8"), f"{path.name} changed; UPDATE_GOLDEN=1 and read the diff"


@pytest.mark.parametrize("name", CASES)
def test_a_second_run_changes_nothing(after: dict[str, bytes], name: str) -> None:
    assert rewrite_all(after)[name].decode() == after[name].decode()


@pytest.mark.parametrize("name", CASES)
def test_what_comes_out_parses(after: dict[str, bytes], name: str) -> None:
    ast.parse(after[name])


@pytest.mark.parametrize("name", CASES)
def test_each_case_changes_alone_as_it_does_in_company(before: dict[str, bytes], name: str) -> None:
    if name == "testing":
        pytest.skip("imports the models of another case")
    alone = rewrite_all({name: before[name]})[name]
    assert alone.decode() == (GOLDEN / f"{name}.after.py").read_text("utf-8")
