"""No secret is compared by `==`, whose time tells how much of a guess is right: `compare_secrets` does it.

The source is read as a syntax tree, names decide: `token == given` is found, `len(token) == 3` is not.
"""

import ast
import re
from pathlib import Path

import pytest

import fasterapi

ROOT = Path(fasterapi.__file__).parent
SECRET = re.compile(
    r"(^|_)(password|passwd|secrets?|tokens?|signatures?|digest|hmac|mac|api_?key|nonce|code_verifier|credentials"
    r"|otp|csrf)(_|$)"
)
# Modules in which nothing of the like is a secret: tokens of a grammar, signatures of functions.
NO_SECRETS = ("cli/", "compat/", "compilation/", "validation/", "openapi/", "binding.py", "routing/")
FILES = sorted(
    path for path in ROOT.rglob("*.py") if not path.relative_to(ROOT).as_posix().startswith(NO_SECRETS)
)


def identifier(node):
    """The name by which a value is known, if it has one."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
        case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str(name)), *_]):
            return name
        case ast.Call(
            func=ast.Attribute(value=value, attr="encode" | "decode" | "hexdigest" | "digest" | "strip")
        ):
            return identifier(value) or "digest"
    return ""


def comparisons(source):
    """The lines that compare a secret by `==`, `!=`, or `in` a list of them."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            for operator, left, right in zip(node.ops, sides, sides[1:], strict=False):
                if not isinstance(operator, ast.Eq | ast.NotEq):
                    continue
                if any(isinstance(side, ast.Constant) for side in (left, right)):
                    continue  # with what stands in the source, there is nothing to find out
                if any(SECRET.search(identifier(side).lower()) for side in (left, right)):
                    yield node.lineno


# In a checkout, what users copy from as well.
EXAMPLES = sorted((Path(__file__).parents[4] / "examples").glob("*.py"))


@pytest.mark.parametrize(
    "path", [*FILES, *EXAMPLES], ids=lambda path: path.as_posix().rpartition("/fasterapi/")[2]
)
def test_no_secret_is_compared_by_equality(path):
    assert list(comparisons(path.read_text())) == [], f"{path}: use fasterapi.security.compare_secrets"


def test_the_modules_that_handle_secrets_are_among_them():
    names = {path.relative_to(ROOT).as_posix() for path in FILES}
    assert {
        "authentication.py",
        "middleware/sessions.py",
        "security/http.py",
        "security/_oidc_provider.py",
        "security/_verifier.py",
    } <= names


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("password == given", True),
        ("given != self.api_key", True),
        ("user['token'] == x", True),
        ("form.get('client_secret') == x", True),
        ("hmac.new(key, text).hexdigest() == x", True),
        ("token.encode() == x", True),
        ("a == b == session_token", True),
        ("compare_secrets(password, given)", False),
        ("len(token) == 3", False),
        ("token == ''", False),
        ("tokenize == x", False),
        ("scheme.lower() == 'digest'", False),
    ],
)
def test_what_is_found(source, found):
    assert bool(list(comparisons(source))) is found
