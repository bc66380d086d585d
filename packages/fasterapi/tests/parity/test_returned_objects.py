"""What handlers return that is of no declared class: subclasses of `datetime`, rows, pairs, objects with attributes."""

import datetime as dt
import decimal
import types
import uuid
from typing import Any

import pytest

UTC = dt.timezone.utc


class Instant(dt.datetime):
    """As pendulum's, pandas' or freezegun's."""


class Day(dt.date): ...


class Clock(dt.time): ...


class Identifier(uuid.UUID): ...


class Amount(decimal.Decimal): ...


class Text(str): ...


class Number(int): ...


class Pretended:
    """As asyncpg's UUID: it says that it is one."""

    def __str__(self) -> str:
        return str(uuid.UUID(int=1))

    @property
    def __class__(self) -> Any:
        return uuid.UUID

    @property
    def __dict__(self) -> Any:
        raise TypeError


class Row:
    __slots__ = ("values",)

    def __init__(self) -> None:
        self.values = {"a": 1}

    def keys(self) -> Any:
        return self.values.keys()

    def __getitem__(self, key: str) -> Any:
        return self.values[key]


class Pairs:
    def __iter__(self) -> Any:
        return iter([("a", 1)])


UNTYPED = {
    "datetime": Instant(2020, 1, 2, 3, 4, 5, 6),
    "date": Day(2020, 1, 2),
    "time": Clock(1, 2),
    "uuid": Identifier(int=1),
    "pretended": Pretended(),
    "row": Row(),
    "pairs": Pairs(),
    "namespace": types.SimpleNamespace(a=1, b=None),
    "text": Text("a"),
    "number": Number(1),
    "object": object(),
}
TYPED = {
    "datetime": (dt.datetime, Instant(2020, 1, 2, tzinfo=UTC)),
    "fold": (dt.datetime, Instant(2020, 1, 2, fold=1)),
    "date": (dt.date, Day(2020, 1, 2)),
    "midnight": (dt.date, Instant(2020, 1, 2)),
    "time": (dt.time, Clock(1, 2, tzinfo=UTC)),
    "uuid": (uuid.UUID, Identifier(int=1)),
    "decimal": (decimal.Decimal, Amount("1.50")),
    "text": (str, Text("a")),
    "number": (int, Number(1)),
}


def build(kit: Any) -> Any:
    app = kit.App()

    def add(path: str, value: Any, **options: Any) -> None:
        @app.get(path, **options)
        async def read():
            return value

    for name, value in UNTYPED.items():
        add(f"/untyped/{name}", value)
        add(f"/untyped/{name}/inside", {"values": [value]})
    for name, (type_, value) in TYPED.items():
        Model = kit.model("Model", value=type_)
        add(f"/typed/{name}", value, response_model=type_)
        add(f"/typed/{name}/list", [value], response_model=list[type_])
        add(f"/typed/{name}/dict", {"a": value}, response_model=dict[str, type_])
        add(f"/typed/{name}/model", {"value": value}, response_model=Model)
        add(f"/typed/{name}/instance", Model(value=value), response_model=Model)
    return app


PATHS = [
    *[f"/untyped/{name}{end}" for name in UNTYPED for end in ("", "/inside")],
    *[f"/typed/{name}{end}" for name in TYPED for end in ("", "/list", "/dict", "/model")],
    # What is in an instance of the model is trusted (docs/differences.md), so it has to be right.
    *[f"/typed/{name}/instance" for name in TYPED if name != "midnight"],
]


@pytest.mark.parametrize("path", PATHS)
def test_what_is_returned_has_the_same_form(parity, path):
    parity(build, "GET", path)
