"""Path, query, header and cookie parameters: conversion, defaults, constraints, errors."""

import datetime
import decimal
import enum
import uuid
from typing import Annotated, Any, Literal

import pytest


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(int, enum.Enum):
    LOW = 1
    HIGH = 2


def build(kit: Any) -> Any:
    app = kit.App()
    Query, Path, Header, Cookie = kit.Query, kit.Path, kit.Header, kit.Cookie

    @app.get("/path/int/{value}")
    async def path_int(value: int):
        return value

    @app.get("/path/float/{value}")
    async def path_float(value: float):
        return value

    @app.get("/path/bool/{value}")
    async def path_bool(value: bool):
        return value

    @app.get("/path/str/{value}")
    async def path_str(value: str):
        return value

    @app.get("/path/uuid/{value}")
    async def path_uuid(value: uuid.UUID):
        return value

    @app.get("/path/date/{value}")
    async def path_date(value: datetime.date):
        return value

    @app.get("/path/enum/{value}")
    async def path_enum(value: Color):
        return value

    @app.get("/path/literal/{value}")
    async def path_literal(value: Literal["a", "b"]):
        return value

    @app.get("/path/rest/{value:path}")
    async def path_rest(value: str):
        return value

    @app.get("/path/converter/{value:int}")
    async def path_converter(value: int):
        return value

    @app.get("/path/bounded/{value}")
    async def path_bounded(value: int = Path(ge=1, le=10)):
        return value

    @app.get("/path/length/{value}")
    async def path_length(value: Annotated[str, Path(min_length=2, max_length=4)]):
        return value

    @app.get("/path/alias/{item_id}")
    async def path_alias(value: Annotated[int, Path(alias="item_id")]):
        return value

    @app.get("/query/plain")
    async def query_plain(a: int, b: str = "x", c: bool | None = None, d: float = 1.5):
        return [a, b, c, d]

    @app.get("/query/marker")
    async def query_marker(q: str = Query("fixed", min_length=3, max_length=5, pattern="^f")):
        return q

    @app.get("/query/annotated")
    async def query_annotated(q: Annotated[int, Query(gt=0, lt=10)] = 5):
        return q

    @app.get("/query/required")
    async def query_required(q: Annotated[str, Query()]):
        return q

    @app.get("/query/ellipsis")
    async def query_ellipsis(q: str = Query(...)):
        return q

    @app.get("/query/alias")
    async def query_alias(q: Annotated[str | None, Query(alias="item-query")] = None):
        return q

    @app.get("/query/list")
    async def query_list(q: Annotated[list[int], Query()] = []):
        return q

    @app.get("/query/list-required")
    async def query_list_required(q: Annotated[list[str], Query()]):
        return q

    @app.get("/query/set")
    async def query_set(q: Annotated[set[int], Query()] = set()):
        return sorted(q)

    @app.get("/query/list-optional")
    async def query_list_optional(q: Annotated[list[str] | None, Query()] = None):
        return q

    @app.get("/query/list-length")
    async def query_list_length(q: Annotated[list[int], Query(min_length=2, max_length=3)]):
        return q

    @app.get("/query/enum")
    async def query_enum(color: Color = Color.RED, level: Level = Level.LOW):
        return [color, level]

    @app.get("/query/types")
    async def query_types(
        when: datetime.datetime | None = None,
        day: datetime.date | None = None,
        at: datetime.time | None = None,
        delta: datetime.timedelta | None = None,
        price: decimal.Decimal | None = None,
        id: uuid.UUID | None = None,
    ):
        return {"when": when, "day": day, "at": at, "delta": delta, "price": price, "id": id}

    @app.get("/query/union")
    async def query_union(q: int | str = 0):
        return q

    @app.get("/query/multiple")
    async def query_multiple(q: Annotated[int, Query(multiple_of=5)]):
        return q

    @app.get("/query/factory")
    async def query_factory(q: Annotated[list[str], Query(default_factory=lambda: ["made"])]):
        return q

    filters = kit.model(
        "Filters",
        limit=(Annotated[int, kit.field(gt=0, le=100)], 100),
        order=(Literal["a", "b"], "a"),
        tags=(list[str], list),
    )
    strict = kit.model("StrictFilters", forbid=True, limit=(int, 1))

    @app.get("/query/model")
    async def query_model(f: Annotated[filters, Query()]):
        return f

    @app.get("/query/model-strict")
    async def query_model_strict(f: Annotated[strict, Query()]):
        return f

    @app.get("/header/plain")
    async def header_plain(
        user_agent: Annotated[str | None, Header()] = None, x_token: Annotated[int, Header()] = 7
    ):
        return [user_agent, x_token]

    @app.get("/header/required")
    async def header_required(x_token: str = Header()):
        return x_token

    @app.get("/header/alias")
    async def header_alias(token: Annotated[str | None, Header(alias="X-Other")] = None):
        return token

    @app.get("/header/list")
    async def header_list(x_token: Annotated[list[str] | None, Header()] = None):
        return x_token

    @app.get("/header/underscores")
    async def header_underscores(
        strange_header: Annotated[str | None, Header(convert_underscores=False)] = None,
    ):
        return strange_header

    common = kit.model("CommonHeaders", host=str, save_data=bool, x_tag=(list[str], list))

    @app.get("/header/model")
    async def header_model(h: Annotated[common, Header()]):
        return [h.host, h.save_data, h.x_tag]

    @app.get("/cookie/plain")
    async def cookie_plain(
        session: Annotated[str | None, Cookie()] = None, count: Annotated[int, Cookie()] = 0
    ):
        return [session, count]

    @app.get("/cookie/required")
    async def cookie_required(session: str = Cookie()):
        return session

    jar = kit.model("Jar", session=str, tracker=(str | None, None))

    @app.get("/cookie/model")
    async def cookie_model(c: Annotated[jar, Cookie()]):
        return c

    return app


PATHS = [
    *[
        f"/path/int/{value}"
        for value in (
            "5",
            "-5",
            "0",
            "+5",
            "x",
            "5.0",
            "5.5",
            "1e3",
            "%205%20",
            "1_000",
            "99999999999999999999",
            "",
        )
    ],
    *[f"/path/float/{value}" for value in ("5", "5.5", "-1e3", "x", "1_0.5")],
    *[
        f"/path/bool/{value}"
        for value in ("true", "False", "1", "0", "on", "OFF", "yes", "no", "y", "n", "t", "f", "2", "maybe")
    ],
    *[f"/path/str/{value}" for value in ("a", "%20", "a%2Fb", "ü", "a b", "123")],
    *[
        f"/path/uuid/{value}"
        for value in (
            "6f2b1a7e-2d3c-4b5a-8e9f-0a1b2c3d4e5f",
            "6f2b1a7e2d3c4b5a8e9f0a1b2c3d4e5f",
            "x",
            "6f2b1a7e-2d3c",
        )
    ],
    *[f"/path/date/{value}" for value in ("2024-02-29", "2023-02-29", "x", "2024-01-01T00:00:00")],
    *[f"/path/enum/{value}" for value in ("red", "RED", "green")],
    *[f"/path/literal/{value}" for value in ("a", "b", "c")],
    *[f"/path/rest/{value}" for value in ("a/b/c", "a", "")],
    *[f"/path/converter/{value}" for value in ("5", "x", "-5")],
    *[f"/path/bounded/{value}" for value in ("0", "1", "10", "11", "x")],
    *[f"/path/length/{value}" for value in ("a", "ab", "abcd", "abcde")],
    *[f"/path/alias/{value}" for value in ("5", "x")],
    *[
        f"/query/plain?{value}"
        for value in (
            "a=1",
            "",
            "a=x",
            "a=1&b=&c=true&d=2",
            "a=1&c=maybe&d=x",
            "a=1&a=2",
            "a=",
            "a=1&unknown=2",
        )
    ],
    *[f"/query/marker?{value}" for value in ("", "q=foo", "q=f", "q=foobar", "q=bar", "q=")],
    *[f"/query/annotated?{value}" for value in ("", "q=1", "q=0", "q=10", "q=x")],
    *[f"/query/required?{value}" for value in ("", "q=", "q=a", "q=a+b%20c")],
    *[f"/query/ellipsis?{value}" for value in ("", "q=a")],
    *[f"/query/alias?{value}" for value in ("item-query=1", "q=1")],
    *[f"/query/list?{value}" for value in ("", "q=1", "q=1&q=2", "q=1&q=x&q=y", "q=1,2")],
    *[f"/query/list-required?{value}" for value in ("", "q=a", "q=a&q=")],
    *[f"/query/set?{value}" for value in ("q=1&q=2&q=1", "q=x")],
    *[f"/query/list-optional?{value}" for value in ("", "q=a")],
    *[f"/query/list-length?{value}" for value in ("q=1", "q=1&q=2", "q=1&q=2&q=3&q=4")],
    *[f"/query/enum?{value}" for value in ("", "color=blue&level=2", "color=green", "level=3", "level=x")],
    *[
        f"/query/types?{value}"
        for value in (
            "when=2024-01-02T03:04:05",
            "when=x",
            "day=2024-01-02",
            "day=x",
            "at=10:11:12",
            "at=25:00:00",
            "delta=x",
            "price=x",
            "id=x",
        )
    ],
    *[f"/query/union?{value}" for value in ("q=1", "q=a")],
    *[f"/query/multiple?{value}" for value in ("q=10", "q=11")],
    *[f"/query/factory?{value}" for value in ("", "q=a")],
    *[
        f"/query/model?{value}"
        for value in (
            "",
            "limit=5&order=b&tags=x&tags=y",
            "limit=0",
            "limit=101&order=c",
            "limit=x&unknown=1",
        )
    ],
    *[f"/query/model-strict?{value}" for value in ("limit=5", "limit=5&other=1", "limit=x&other=1")],
]

WITH_HEADERS = [
    ("/header/plain", {}),
    ("/header/plain", {"X-Token": "8", "User-Agent": "me"}),
    ("/header/plain", {"x-token": "x"}),
    ("/header/required", {}),
    ("/header/required", {"X-TOKEN": "a"}),
    ("/header/alias", {"x-other": "b"}),
    ("/header/list", [("x-token", "a"), ("x-token", "b")]),
    ("/header/list", {}),
    ("/header/underscores", {"strange_header": "c"}),
    ("/header/underscores", {"strange-header": "c"}),
    ("/header/model", {"save-data": "true"}),
    ("/header/model", [("save-data", "1"), ("x-tag", "a"), ("x-tag", "b")]),
    ("/header/model", {}),
    ("/header/model", {"save-data": "x"}),
    ("/cookie/plain", {}),
    ("/cookie/plain", {"Cookie": "session=a; count=3"}),
    ("/cookie/plain", {"Cookie": "count=x"}),
    ("/cookie/required", {}),
    ("/cookie/required", {"Cookie": 'session="quoted value"'}),
    ("/cookie/model", {"Cookie": "session=a"}),
    ("/cookie/model", {"Cookie": "tracker=a"}),
]


@pytest.mark.parametrize("path", PATHS)
def test_path_and_query_parameters_answer_alike(parity, path):
    parity(build, "GET", path)


@pytest.mark.parametrize(("path", "headers"), WITH_HEADERS)
def test_headers_and_cookies_answer_alike(parity, path, headers):
    parity(build, "GET", path, headers=headers)
