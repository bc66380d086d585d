"""A key in the query, a header or a cookie."""

import msgspec
import pytest

from fasterapi.security import APIKeyCookie, APIKeyHeader, APIKeyQuery

PLACES = [
    (APIKeyQuery, "query", {"query": "key=secret"}, {"query": "key="}),
    (APIKeyHeader, "header", {"headers": {"KEY": "secret"}}, {"headers": {"key": ""}}),
    (APIKeyCookie, "cookie", {"headers": {"Cookie": "a=b; key=secret"}}, {"headers": {"Cookie": "key="}}),
]


@pytest.mark.parametrize(("cls", "place", "given", "empty"), PLACES)
def test_the_key_is_given(ask, cls, place, given, empty):
    assert ask(cls(name="key"), **given) == "secret"


@pytest.mark.parametrize(("cls", "place", "given", "empty"), PLACES)
def test_without_a_key_it_is_401(ask, refusal, cls, place, given, empty):
    assert ask(cls(name="key")) == refusal("APIKey")
    assert ask(cls(name="key"), **empty) == refusal("APIKey")
    assert ask(cls(name="other"), **given) == refusal("APIKey")


@pytest.mark.parametrize(("cls", "place", "given", "empty"), PLACES)
def test_a_key_may_be_optional(ask, cls, place, given, empty):
    optional = cls(name="key", auto_error=False)

    assert ask(optional, **given) == "secret"
    assert ask(optional) is None
    assert ask(optional, **empty) is None


@pytest.mark.parametrize(("cls", "place", "given", "empty"), PLACES)
def test_websockets_have_keys_too(ask, cls, place, given, empty):
    assert ask(cls(name="key"), type="websocket", **given) == "secret"


@pytest.mark.parametrize(("cls", "place", "given", "empty"), PLACES)
def test_the_scheme_in_openapi(cls, place, given, empty):
    scheme = cls(name="key")
    named = cls(name="key", scheme_name="Mine", description="A key.")

    assert scheme.scheme_name == cls.__name__
    assert msgspec.to_builtins(scheme.model) == {"type": "apiKey", "name": "key", "in": place}
    assert named.scheme_name == "Mine"
    assert msgspec.to_builtins(named.model)["description"] == "A key."


def test_the_error_can_be_changed(ask):
    from fasterapi.exceptions import HTTPException

    class Hidden(APIKeyHeader):
        def make_not_authenticated_error(self):
            return HTTPException(404)

    assert ask(Hidden(name="key"))[0] == 404
