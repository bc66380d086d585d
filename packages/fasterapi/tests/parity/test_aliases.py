"""Aliases of PEP 695, which Python 3.11 cannot parse: they are made by hand, as `typing_extensions` does it."""

import sys
from typing import Annotated, Any, TypeVar

import pytest

from fasterapi import Body, Faster, FasterAPIError

T = TypeVar("T")


def build(kit: Any) -> Any:
    from typing_extensions import TypeAliasType

    Pair = TypeAliasType("Pair", tuple[T, T], type_params=(T,))
    Numbers = TypeAliasType("Numbers", list[int])
    Maybe = TypeAliasType("Maybe", T | None, type_params=(T,))
    Large = TypeAliasType("Large", Annotated[T, kit.Query(ge=3)], type_params=(T,))
    app = kit.App()

    @app.post("/pair")
    async def pair(value: Annotated[Pair[int], kit.Body()]) -> Pair[int]:
        return value

    @app.post("/numbers")
    async def numbers(value: Annotated[Numbers, kit.Body()]) -> Numbers:
        return value

    @app.get("/maybe")
    async def maybe(value: Maybe[int] = None) -> Maybe[int]:
        return value

    @app.get("/large")
    async def large(value: Large[int]):
        return value

    return app


@pytest.mark.parametrize(
    ("method", "path", "json"),
    [
        ("POST", "/pair", [1, 2]), ("POST", "/pair", [1, "x"]), ("POST", "/pair", [1]), ("POST", "/numbers", [1, "2"]),
        ("POST", "/numbers", ["x"]), ("GET", "/maybe", None), ("GET", "/maybe?value=3", None),
        ("GET", "/maybe?value=x", None), ("GET", "/large?value=2", None), ("GET", "/large?value=4", None),
    ],
)  # fmt: skip
def test_an_alias_is_what_it_stands_for(parity, method, path, json):
    parity(build, method, path, json=json)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="Python 3.11 has no such statement")
def test_an_alias_that_refers_to_itself_is_refused_at_registration():
    names: dict[str, Any] = {}
    exec("type Tree = dict[str, Tree] | int", names)
    with pytest.raises(FasterAPIError, match="refers to itself"):

        @Faster().post("/")
        async def read(value: Annotated[names["Tree"], Body()]): ...
