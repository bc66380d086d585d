"""The names that FastAPI's users import."""

import importlib
import subprocess
import sys

import pytest

import fasterapi.security


def test_public_names_are_exactly_these():
    assert fasterapi.security.__all__ == [
        "APIKeyCookie",
        "APIKeyHeader",
        "APIKeyQuery",
        "HTTPAuthorizationCredentials",
        "HTTPBasic",
        "HTTPBasicCredentials",
        "HTTPBearer",
        "HTTPDigest",
        "OAuth2",
        "OAuth2AuthorizationCodeBearer",
        "OAuth2PasswordBearer",
        "OAuth2PasswordRequestForm",
        "OAuth2PasswordRequestFormStrict",
        "OpenIdConnect",
        "SecurityScopes",
        "compare_secrets",
    ]


@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("security.jwt", "InvalidToken JWTBearer JWTOptions JWTVerifier Unavailable encode"),
        ("security.oidc", "LoginFailed OIDCLogin local_target"),
        ("security.guards", "Require"),
        ("middleware.jwt", "JWTBackend JWTMiddleware JWTUser"),
    ],
)
def test_modules_of_their_own(module, names):
    found = importlib.import_module(f"fasterapi.{module}")
    assert found.__all__ == names.split()
    assert all(hasattr(found, name) for name in found.__all__)


HEAVY = ("jwt", "cryptography", "httpx", "itsdangerous", "urllib.request", "fasterapi.security._verifier")


def test_importing_the_schemes_imports_no_library_for_tokens():
    code = f"import sys, fasterapi.security; print([name for name in {HEAVY!r} if name in sys.modules])"
    found = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
    )
    assert found.stdout.strip() == "[]"


def test_without_pyjwt_the_error_says_what_to_install():
    code = (
        "import sys; sys.modules['jwt'] = None\n"
        "from fasterapi.security.jwt import JWTBearer\n"
        "JWTBearer(key='k' * 32, algorithms=['HS256'])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert "JWTBearer needs PyJWT with cryptography, which are not installed." in found.stderr
    assert 'fix: pip install "fasterapi[jwt]"' in found.stderr
