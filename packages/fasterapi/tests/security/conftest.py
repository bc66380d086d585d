"""A connection with nothing but what a security scheme looks at."""

import asyncio

import pytest

from fasterapi.exceptions import HTTPException
from fasterapi.requests import HTTPConnection


@pytest.fixture
def ask():
    """`ask(scheme, headers={…}, query="…", type="http")` gives the credentials, or the error's parts."""

    def run(scheme, *, headers=None, query="", type="http"):
        raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in (headers or {}).items()]
        scope = {"type": type, "path": "/", "headers": raw, "query_string": query.encode()}
        try:
            return asyncio.run(scheme(HTTPConnection(scope)))
        except HTTPException as error:
            return error.status_code, error.detail, error.headers

    return run


@pytest.fixture
def refusal():
    """`refusal(challenge)` is what a request without credentials gets."""

    def make(challenge):
        return 401, "Not authenticated", {"WWW-Authenticate": challenge}

    return make
