"""Pydantic's types and validators as parameters: `HttpUrl`, `Annotated[str, AfterValidator(...)]`, `Json[...]`."""

import json
from typing import Annotated, Any, Optional
from urllib.parse import quote

import pytest

from fasterapi.testclient import TestClient

pydantic = pytest.importorskip("pydantic")


def no_x(value: Any) -> Any:
    if str(value).startswith("x"):
        raise ValueError("no x")
    return value


class Item(pydantic.BaseModel):
    a: int


TYPES: dict[str, Any] = {
    "url": pydantic.HttpUrl,
    "url-or-none": Optional[pydantic.HttpUrl],
    "after": Annotated[str, pydantic.AfterValidator(no_x)],
    "after-or-none": Annotated[Optional[str], pydantic.AfterValidator(no_x)],
    "before": Annotated[int, pydantic.BeforeValidator(lambda value: str(value).strip("x"))],
    "positive": pydantic.PositiveInt,
    "conint": pydantic.conint(gt=3, multiple_of=2),
    "constr": pydantic.constr(min_length=2, to_upper=True),
    "field": Annotated[str, pydantic.Field(max_length=3, pattern="^a")],
    "described": Annotated[int, pydantic.Field(description="a number", title="Number")],
    "stripped": Annotated[str, pydantic.StringConstraints(strip_whitespace=True, min_length=1)],
    "short-texts": list[Annotated[str, pydantic.Field(max_length=2)]],
    "numbers": list[pydantic.conint(ge=2)],
    "json": pydantic.Json[list[int]],
    "json-item": pydantic.Json[Item],
    "secret": pydantic.SecretStr,
    "past": pydantic.PastDate,
    "union": int | Annotated[str, pydantic.AfterValidator(no_x)],
}
LISTS = {"short-texts", "numbers"}
# What FastAPI takes and then always answers 422.
REFUSED = {("cookie", "short-texts"), ("cookie", "numbers"), ("form", "json-item")}
TEXTS = [
    None, "", "1", "4", "x", "xa", "a", "abcd", " ", "  a ", "http://a.example/b", "ftp://x", "[1,2]", '{"a": 1}',
    '{"a": "x"}', "2020-01-01", "3020-01-01",
]  # fmt: skip
PLACES = ("path", "query", "header", "cookie", "form", "body", "plain")


def build(kit: Any) -> Any:
    app = kit.App(title="types")
    markers = {place: getattr(kit, place.title()) for place in PLACES[:-1]}
    for name, type_ in TYPES.items():
        for place in PLACES:
            if place == "path" and (name in LISTS or name.startswith("json")):
                continue
            if (place, name) in REFUSED:
                continue

            async def required(v: Any) -> Any:
                return repr(v)

            async def optional(v: Any = "default") -> Any:
                return repr(v)

            annotation = Annotated[type_, markers[place]()] if place in markers else type_
            required.__annotations__["v"] = optional.__annotations__["v"] = annotation
            method = app.post if place in {"form", "body", "plain"} else app.get
            path = f"/{name}/{place}"
            method(f"{path}/{{v}}" if place == "path" else path)(required)
            if place != "path":
                method(f"{path}/default")(optional)
    return app


def requests_of(name: str, place: str, text: str | None) -> list[tuple[str, str, dict[str, Any]]]:
    path = f"/{name}/{place}"
    if place == "path":
        return [("GET", f"{path}/{quote(text, safe='')}", {})] if text and "/" not in text else []
    if place == "cookie" and text is not None and '"' in text:
        return []
    given = {} if text is None else {"v": text}
    options: dict[str, Any] = {
        "query": {"params": given},
        "plain": {"params": given},
        "header": {"headers": given},
        "cookie": {"headers": {} if text is None else {"cookie": f"v={text}"}},
        "form": {"data": given},
        "body": {"content": b"" if text is None else json.dumps(text), "headers": {"content-type": "application/json"}},
    }[place]  # fmt: skip
    method = "POST" if place in {"form", "body", "plain"} else "GET"
    return [(method, path, options), (method, f"{path}/default", options)]


@pytest.fixture(scope="module")
def clients(parity):
    return {name: TestClient(build(kit), raise_server_exceptions=False) for name, kit in parity._kits.items()}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", TYPES)
def test_pydantic_reads_its_types(clients, name, place):
    for text in () if (place, name) in REFUSED else TEXTS:
        if text is not None and not text.strip() and name == "json":
            continue  # an accident: as a list without items, it counts as missing
        for method, path, options in requests_of(name, place, text):
            theirs, ours = (clients[which].request(method, path, **options) for which in ("theirs", "ours"))
            assert (ours.status_code, ours.text) == (theirs.status_code, theirs.text) or (
                ours.json() == theirs.json()
            ), (path, text)


def test_they_are_documented_alike(clients):
    theirs, ours = (clients[name].get("/openapi.json").json() for name in ("theirs", "ours"))
    for path, item in theirs["paths"].items():
        assert ours["paths"][path] == item
    assert ours == theirs
