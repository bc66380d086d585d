"""Pydantic's models in applications of this project: the answers and schemas that FastAPI gives for the same models."""

import json
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import pytest

pydantic = pytest.importorskip("pydantic", reason="the parity session installs FastAPI")

from fasterapi import Faster  # noqa: E402
from fasterapi.exceptions import FasterAPIError  # noqa: E402
from fasterapi.testclient import TestClient  # noqa: E402


class Owner(pydantic.BaseModel):
    name: str = pydantic.Field(min_length=2)
    email: str | None = None


class Item(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(populate_by_name=True)
    title: str = pydantic.Field(alias="Title")
    price: Decimal = Decimal("1.5")
    tags: set[str] = set()
    owner: Owner | None = None
    kind: Literal["a", "b"] = "a"

    @pydantic.field_validator("price")
    @classmethod
    def is_positive(cls, value: Decimal) -> Decimal:
        if value < 0:
            raise ValueError("must not be negative")
        return value


class Secret(Item):
    password: str = "secret"


class Node(pydantic.BaseModel):
    value: int
    children: "list[Node]" = []


class Cat(pydantic.BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(pydantic.BaseModel):
    kind: Literal["dog"]
    bark: str


class Filter(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid")
    limit: int = pydantic.Field(10, gt=0)
    tags: list[str] = []


class Row:
    """An object of an ORM."""

    Title = title = "row"
    price = 2
    tags = ("x",)
    owner = None
    kind = "b"
    password = "secret"


SECRET = Secret(Title="t", owner=Owner(name="ann"), tags={"x"})
Pet = Annotated[Cat | Dog, pydantic.Field(discriminator="kind")]


def build(kit: Any) -> Any:
    app = kit.App()

    @app.post("/item")
    async def item(item: Item) -> Item:
        return item

    @app.post("/optional")
    async def optional(item: Item | None = None) -> Item | None:
        return item

    @app.post("/many")
    async def many(items: list[Item]) -> dict[str, Item]:
        return {each.title: each for each in items}

    @app.post("/two")
    async def two(
        item: Item, owner: Annotated[Owner, kit.Body()], count: Annotated[int, kit.Body(gt=0)]
    ) -> Any:
        return {"item": item, "owner": owner, "count": count}

    @app.post("/node")
    async def node(node: Node) -> Node:
        return node

    @app.post("/pet")
    async def pet(pet: Pet) -> Pet:
        return pet

    @app.get("/query")
    async def query(values: Annotated[Filter, kit.Query()]) -> Filter:
        return values

    @app.post("/form")
    async def form(values: Annotated[Filter, kit.Form()]) -> Filter:
        return values

    @app.get("/subclass")
    async def subclass() -> Item:
        return SECRET

    @app.get("/subclasses", response_model=list[Item])
    async def subclasses() -> Any:
        return [SECRET, {"Title": "d", "password": "secret"}]

    @app.get("/row", response_model=Item)
    async def row() -> Any:
        return Row()

    @app.get("/untyped")
    async def untyped() -> Any:
        return {"item": SECRET}

    for name, options in OPTIONS.items():
        app.get(f"/options/{name}", response_model=Item, **options)(secret)

    @app.get("/wrong", response_model=Item)
    async def wrong() -> Any:
        return {"price": 1}

    return app


async def secret() -> Any:
    return SECRET


OPTIONS: dict[str, dict[str, Any]] = {
    "unset": {"response_model_exclude_unset": True},
    "defaults": {"response_model_exclude_defaults": True},
    "none": {"response_model_exclude_none": True},
    "names": {"response_model_by_alias": False},
    "include": {"response_model_include": {"title", "owner"}},
    "exclude": {"response_model_exclude": {"owner": {"email"}, "price": True}},
}

GOOD = {"Title": "a", "price": "2.50", "tags": ["x"], "owner": {"name": "ann"}}
BAD = {"price": -1, "tags": [1], "owner": {"name": "a"}, "kind": "c"}
REQUESTS: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "/item", {"json": GOOD}),
    ("POST", "/item", {"json": {"title": "by name"}}),
    ("POST", "/item", {"json": BAD}),
    ("POST", "/item", {"json": []}),
    ("POST", "/item", {"json": None}),
    ("POST", "/item", {"content": b"{", "headers": {"content-type": "application/json"}}),
    ("POST", "/item", {}),
    ("POST", "/optional", {}),
    ("POST", "/optional", {"json": GOOD}),
    ("POST", "/optional", {"json": BAD}),
    ("POST", "/many", {"json": [GOOD]}),
    ("POST", "/many", {"json": [GOOD, BAD, 1]}),
    ("POST", "/many", {"json": GOOD}),
    ("POST", "/two", {"json": {"item": GOOD, "owner": {"name": "bob"}, "count": 1}}),
    ("POST", "/two", {"json": {"item": BAD, "count": 0}}),
    ("POST", "/node", {"json": {"value": 1, "children": [{"value": 2}]}}),
    ("POST", "/node", {"json": {"value": 1, "children": [{"value": "x"}]}}),
    ("POST", "/pet", {"json": {"kind": "dog", "bark": "w"}}),
    ("POST", "/pet", {"json": {"kind": "cow"}}),
    ("POST", "/pet", {"json": {"kind": "cat", "lives": "x"}}),
    ("GET", "/query?limit=3&tags=a&tags=b", {}),
    ("GET", "/query?limit=0&other=1", {}),
    ("GET", "/query", {}),
    ("POST", "/form", {"data": {"limit": "3", "tags": ["a", "b"]}}),
    ("POST", "/form", {"data": {"limit": "x"}}),
    ("GET", "/subclass", {}),
    ("GET", "/subclasses", {}),
    ("GET", "/row", {}),
    ("GET", "/untyped", {}),
    ("GET", "/wrong", {}),
    *(("GET", f"/options/{name}", {}) for name in OPTIONS),
]


@pytest.mark.parametrize(("method", "path", "options"), REQUESTS, ids=lambda item: str(item)[:60])
def test_answers_are_those_of_fastapi(parity: Any, method: str, path: str, options: dict[str, Any]) -> None:
    parity(build, method, path, **options)


def test_errors_are_written_as_in_fastapi(parity: Any) -> None:
    clients = parity.clients(build)
    ours, theirs = (clients[name].post("/item", json=BAD).json() for name in ("ours", "theirs"))
    assert ours == theirs


@pytest.mark.parametrize("name", ["Owner", "Node", "Cat", "Dog", "Item"])
def test_models_are_documented_as_in_fastapi(parity: Any, name: str) -> None:
    schemas = {
        which: app.openapi()["components"]["schemas"] for which, app in parity.applications(build).items()
    }
    theirs = schemas["theirs"].get(name) or schemas["theirs"][f"{name}-Input"]
    # FastAPI writes what is received and what is sent apart; here both are what is received.
    same_names = json.loads(json.dumps(theirs).replace("-Input", ""))
    assert schemas["ours"][name] == {**same_names, "title": name}


def test_a_struct_may_hold_a_model_and_its_subclass_gives_nothing_away() -> None:
    class Wrapped(msgspec.Struct):
        item: Item

    app = Faster()

    @app.post("/")
    async def wrap(body: Wrapped) -> Wrapped:
        assert type(body.item) is Item
        return Wrapped(SECRET)

    client = TestClient(app)
    answer = client.post("/", json={"item": GOOD})
    assert answer.status_code == 200
    assert answer.json()["item"]["Title"] == "t"
    assert "password" not in answer.text
    (error,) = client.post("/", json={"item": {}}).json()["detail"]
    assert error["loc"] == ["body", "item", "Title"]


def test_two_models_of_one_name_are_an_error_that_names_it() -> None:
    app = Faster()
    for path, kind in (("/a", int), ("/b", str)):
        model = pydantic.create_model("Same", field=(kind, ...))
        app.get(path, response_model=model)(secret)
    with pytest.raises(FasterAPIError, match="Same"):
        app.openapi()


def test_the_example_of_the_page_runs() -> None:
    page = Path(__file__).parents[4] / "docs" / "pydantic.md"
    if not page.exists():
        pytest.skip("the page is no part of the package")
    (example,) = re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)
    names: dict[str, Any] = {"__name__": "example"}
    exec(compile(example, page, "exec"), names)
    client = TestClient(names["app"])
    assert client.post("/items", json={"title": "ab"}).json() == {"title": "ab"}
    assert client.get("/items?limit=1&tags=a").json() == [{"title": "first", "price": 1.0}]


def test_pydantic_is_imported_by_nobody_else() -> None:
    program = "import sys, fasterapi, fasterapi.openapi.utils; print('pydantic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
