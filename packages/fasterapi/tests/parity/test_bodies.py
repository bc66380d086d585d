"""JSON bodies: models, several parameters, optional bodies, collections, unions, hostile input."""

import dataclasses
import datetime
import enum
import uuid
from typing import Annotated, Any, Literal, Optional, TypedDict, Union

import pytest


class Size(enum.Enum):
    SMALL = "s"
    LARGE = "l"


@dataclasses.dataclass
class Point:
    x: int
    y: int = 0


class Pair(TypedDict):
    left: int
    right: str


def build(kit: Any) -> Any:
    app = kit.App()
    Body, field = kit.Body, kit.field
    Image = kit.model("Image", url=str, width=(int, 1))
    Item = kit.model(
        "Item",
        name=Annotated[str, field(min_length=2, max_length=10)],
        price=Annotated[float, field(gt=0)],
        tags=(list[str], list),
        image=(Optional[Image], None),
        size=(Size, Size.SMALL),
    )
    User = kit.model("User", name=str, email=(str | None, None))
    Nested = kit.model("Nested", items=list[Item], lookup=(dict[str, Image], dict))
    Dates = kit.model(
        "Dates", at=datetime.datetime, day=(Optional[datetime.date], None), id=(Optional[uuid.UUID], None)
    )
    Strict = kit.model("Strict", forbid=True, a=int)
    Flags = kit.model("Flags", on=bool, number=int, ratio=float, text=str)

    @app.post("/item")
    async def item(item: Item):
        return item

    @app.post("/optional")
    async def optional(item: Optional[User] = None):
        return {"item": item}

    @app.post("/nested")
    async def nested(nested: Nested):
        return nested

    @app.post("/two")
    async def two(item: Item, user: User):
        return {"item": item.name, "user": user.name}

    @app.post("/two-optional")
    async def two_optional(
        user: User, other: Optional[User] = None, importance: Annotated[int, Body(gt=0)] = 1
    ):
        return {"user": user.name, "other": other and other.name, "importance": importance}

    @app.post("/embed")
    async def embed(item: Annotated[Item, Body(embed=True)]):
        return item.name

    @app.post("/singular")
    async def singular(count: Annotated[int, Body()]):
        return count

    @app.post("/list")
    async def many(items: list[User]):
        return [item.name for item in items]

    @app.post("/dict")
    async def weights(weights: dict[int, float]):
        return weights

    @app.post("/set")
    async def unique(values: set[int]):
        return sorted(values)

    @app.post("/tuple")
    async def pair(values: tuple[int, str]):
        return values

    @app.post("/any")
    async def anything(value: Annotated[Any, Body()]):
        return value

    @app.post("/plain-dict")
    async def plain(value: dict):
        return value

    @app.post("/union")
    async def union(value: Annotated[Union[int, str], Body()]):
        return value

    @app.post("/models")
    async def models(value: Union[Item, User]):
        return type(value).__name__

    @app.post("/dates")
    async def dates(value: Dates):
        return [value.at.year, value.day, value.id]

    @app.post("/strict")
    async def strict(value: Strict):
        return value.a

    @app.post("/flags")
    async def flags(value: Flags):
        return value

    @app.post("/dataclass")
    async def dataclass(point: Point):
        return point

    @app.post("/typeddict")
    async def typeddict(pair: Pair):
        return pair

    @app.post("/literal")
    async def literal(value: Annotated[Literal["a", "b"], Body(embed=True)]):
        return value

    @app.put("/mixed/{item_id}")
    async def mixed(item_id: int, item: Item, q: str | None = None):
        return {"item_id": item_id, "name": item.name, "q": q}

    @app.post("/body-default")
    async def body_default(value: Annotated[dict[str, int], Body()] = {"a": 1}):
        return value

    return app


GOOD = {"name": "foo", "price": 1.5}
JSON_CASES = [
    ("/item", GOOD),
    ("/item", {"name": "foo", "price": 1, "tags": ["a"], "image": {"url": "u"}, "size": "l"}),
    ("/item", {"name": "foo", "price": "50.5"}),
    ("/item", {"name": "f", "price": 0}),
    ("/item", {"name": "foo"}),
    ("/item", {}),
    ("/item", []),
    ("/item", None),
    ("/item", 5),
    ("/item", "text"),
    ("/item", {"name": 5, "price": "x", "tags": "a", "image": {"width": "x"}, "size": "x"}),
    ("/item", {"name": "foo", "price": 1.5, "unknown": 1}),
    ("/item", {"name": "foo", "price": 1.5, "tags": [1, "a", None]}),
    ("/item", {"name": "foo", "price": None}),
    ("/optional", {"name": "a"}),
    ("/optional", None),
    ("/optional", {"email": "x"}),
    ("/nested", {"items": [GOOD, {"name": "x"}], "lookup": {"a": {"url": "u"}, "b": {}}}),
    ("/nested", {"items": [GOOD], "lookup": {"a": {"url": "u", "width": "3"}}}),
    ("/nested", {"items": {"0": GOOD}}),
    ("/two", {"item": GOOD, "user": {"name": "u"}}),
    ("/two", {"item": GOOD}),
    ("/two", {"item": {}, "user": {}}),
    ("/two", []),
    ("/two", {}),
    ("/two-optional", {"user": {"name": "u"}, "importance": 5}),
    ("/two-optional", {"user": {"name": "u"}}),
    ("/two-optional", {"user": {"name": "u"}, "other": None, "importance": 0}),
    ("/embed", {"item": GOOD}),
    ("/embed", GOOD),
    ("/singular", 5),
    ("/singular", "5"),
    ("/singular", "x"),
    ("/singular", 5.0),
    ("/singular", 5.5),
    ("/list", [{"name": "a"}, {"name": "b"}]),
    ("/list", [{"name": "a"}, {}]),
    ("/list", {}),
    ("/dict", {"1": 1.5, "2": 2}),
    ("/dict", {"x": 1}),
    ("/dict", {"1": "x"}),
    ("/set", [1, 2, 1]),
    ("/set", ["x"]),
    ("/tuple", [1, "a"]),
    ("/tuple", [1]),
    ("/tuple", [1, "a", 2]),
    ("/any", {"a": [1, None]}),
    ("/any", None),
    ("/plain-dict", {"a": 1}),
    ("/plain-dict", [1]),
    ("/union", 1),
    ("/union", "a"),
    ("/union", [1]),
    ("/models", {"name": "foo", "price": 1}),
    ("/models", {"name": "foo"}),
    ("/models", {"email": "x"}),
    ("/dates", {"at": "2024-01-02T03:04:05Z", "day": "2024-01-02", "id": str(uuid.UUID(int=5))}),
    ("/dates", {"at": "x", "day": "x", "id": "x"}),
    ("/dates", {"at": 1700000000}),
    ("/strict", {"a": 1}),
    ("/strict", {"a": 1, "b": 2}),
    ("/strict", {"b": 2, "c": 3}),
    ("/flags", {"on": True, "number": 1, "ratio": 1.5, "text": "a"}),
    ("/flags", {"on": "true", "number": "1", "ratio": "1.5", "text": "a"}),
    ("/flags", {"on": 1, "number": 1.0, "ratio": 1, "text": "a"}),
    ("/flags", {"on": "maybe", "number": 1.5, "ratio": "x", "text": 1}),
    ("/flags", {"on": None, "number": None, "ratio": None, "text": None}),
    ("/dataclass", {"x": 1}),
    ("/dataclass", {"y": 1}),
    ("/dataclass", {"x": "a", "y": "b"}),
    ("/typeddict", {"left": 1, "right": "a"}),
    ("/typeddict", {"left": "x"}),
    ("/literal", {"value": "a"}),
    ("/literal", {"value": "c"}),
    ("/body-default", {"b": 2}),
]

JSON_TYPE = {"content-type": "application/json"}
RAW_CASES = [
    ("/item", b"", JSON_TYPE),
    ("/item", b"{", JSON_TYPE),
    ("/item", b"{]", JSON_TYPE),
    ("/item", b'{"name": "foo", "price": 1.5}', {"content-type": "text/plain"}),
    ("/item", b'{"name": "foo", "price": 1.5}', {"content-type": "application/vnd.api+json"}),
    ("/item", b'{"name": "foo", "price": 1.5}', {"content-type": "application/json; charset=utf-8"}),
    ("/item", b'{"name": "foo", "price": 1.5}', {"content-type": "APPLICATION/JSON"}),
    ("/item", b'{"name": "foo", "price": 1.5}', {"content-type": "application/x-www-form-urlencoded"}),
    ("/item", b'{"name": "foo", "price": 1.5}', {}),
    ("/item", b'{"name": "foo", "price": 1.5} x', JSON_TYPE),
    ("/item", b'{"name": "foo", "name": "bar", "price": 1.5}', JSON_TYPE),
    ("/optional", b"", JSON_TYPE),
    ("/optional", b"", {}),
    ("/body-default", b"", {}),
    ("/two", b"", JSON_TYPE),
    ("/two", b"{", JSON_TYPE),
    ("/two", b"x", {"content-type": "text/plain"}),
    ("/list", b"", {}),
    ("/any", b"null", JSON_TYPE),
]


@pytest.mark.parametrize(("path", "body"), JSON_CASES)
def test_json_bodies_answer_alike(parity, path, body):
    parity(build, "POST", path, json=body) if body is not None else parity(
        build, "POST", path, content=b"null", headers=JSON_TYPE
    )


@pytest.mark.parametrize(("path", "body", "headers"), RAW_CASES)
def test_raw_bodies_answer_alike(parity, path, body, headers):
    parity(build, "POST", path, content=body, headers=headers)


@pytest.mark.parametrize(
    ("path", "body"),
    [("/mixed/1", GOOD), ("/mixed/x", GOOD), ("/mixed/x", {"name": "f"}), ("/mixed/1?q=a", GOOD)],
)
def test_errors_of_several_sources_come_in_one_answer(parity, path, body):
    parity(build, "PUT", path, json=body)
