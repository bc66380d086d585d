"""Reading and comparing credentials."""

import ast
from pathlib import Path

import pytest

import fasterapi.security
from fasterapi.security import compare_secrets
from fasterapi.security.utils import get_authorization_scheme_param


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, ("", "")),
        ("", ("", "")),
        ("Bearer", ("Bearer", "")),
        ("Bearer abc", ("Bearer", "abc")),
        ("Bearer  abc ", ("Bearer", "abc")),
        ("Digest a=b, c=d", ("Digest", "a=b, c=d")),
    ],
)
def test_the_parts_of_an_authorization_header(header, expected):
    assert get_authorization_scheme_param(header) == expected


@pytest.mark.parametrize(
    ("given", "expected", "is_equal"),
    [
        ("secret", "secret", True),
        ("secret", "Secret", False),
        ("secret", "secret2", False),
        ("", "", True),
        ("", "secret", False),
        ("pässword", "pässword", True),
        (b"secret", "secret", True),
        ("\ud800", "secret", False),  # a lone surrogate, out of a client's JSON
        ("\ud800", "\ud800", True),
    ],
)
def test_secrets_are_compared(given, expected, is_equal):
    assert compare_secrets(given, expected) is is_equal


def test_nothing_here_compares_secrets_by_equality():
    """An attacker could measure how much of a secret is right."""
    words = {"password", "credentials", "api_key", "token", "secret", "username"}
    for path in Path(fasterapi.security.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Compare) and any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops):
                names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
                assert not names & words, f"{path.name}:{node.lineno}"
