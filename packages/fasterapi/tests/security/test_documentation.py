"""`docs/security.md`: its examples run, and its table of advisories is the list of the tests."""

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent
PAGE = TESTS.parents[2] / "docs" / "security.md"
ID = re.compile(r"(?:CVE-\d{4}-\d+|GHSA(?:-[a-z0-9]{4}){3}|CWE-\d+)")
IN_NAME = re.compile(r"_*((?:cve_\d{4}_\d+|ghsa(?:_[a-z0-9]{4}){3}|cwe_\d+))(?=_|$)", re.IGNORECASE)

if not PAGE.exists():
    pytest.skip("not in a checkout", allow_module_level=True)


def collect():
    """(file, name without ids) → the ids in the name, for every test of the package."""
    found = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                name = IN_NAME.sub("", node.name.removeprefix("test_")).strip("_")
                found.setdefault((path.name, name), set()).update(map(published, IN_NAME.findall(node.name)))
    return found


def published(id):
    """An id as its publisher writes it: `cve_2020_7695` is `CVE-2020-7695`."""
    kind, _, rest = id.partition("_")
    return f"{kind.upper()}-{rest.replace('_', '-')}"


def rows():
    """The ids, and the tests as (file, name), of each row of the table."""
    table = PAGE.read_text().partition("| Advisory |")[2].splitlines()[2:]
    for line in table:
        advisory, _, tests = (cell.strip() for cell in line.strip("|").split("|"))
        named, file = [], ""
        for word in tests.replace(",", " ").split():
            if word.startswith("`"):
                file = word.strip("`")
            else:
                named.append((file, word))
        yield set(ID.findall(advisory)), named


ROWS = list(rows())
TESTS_OF_ADVISORIES = collect()


@pytest.mark.parametrize(
    ("ids", "named"), ROWS, ids=[" ".join(sorted(ids)) or named[0][1] for ids, named in ROWS]
)
def test_a_row_names_tests_that_carry_its_ids(ids, named):
    assert named
    assert [test for test in named if test not in TESTS_OF_ADVISORIES] == []
    assert ids <= set().union(*(TESTS_OF_ADVISORIES[test] for test in named))


def test_every_test_with_an_id_stands_in_the_rows_of_its_ids():
    listed = {}
    for ids, named in ROWS:
        for test in named:
            listed.setdefault(test, set()).update(ids)
    missing = {
        test: ids - listed.get(test, set())
        for test, ids in TESTS_OF_ADVISORIES.items()
        if not ids <= listed.get(test, set())
    }
    assert missing == {}


def test_the_examples_run():
    pytest.importorskip("jwt")
    pytest.importorskip("itsdangerous")
    from fasterapi.testclient import TestClient

    namespace = {"__name__": "security"}
    for block in re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL):
        exec(compile(block, "security.md", "exec"), namespace)
    with TestClient(namespace["app"]) as client:
        headers = {"Authorization": f"Bearer {client.post('/token').json()}"}
        assert client.get("/me", headers=headers).json() == {"sub": "ada", "admin": False}
        assert client.get("/orders", headers=headers).status_code == 403
        assert client.delete("/orders/ada", headers=headers).status_code == 403
        assert client.delete("/orders/ada").status_code == 401
    with TestClient(namespace["shop"]) as client:
        assert client.get("/account").status_code == 401
