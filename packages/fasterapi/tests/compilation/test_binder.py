"""What is declared alike is bound and read by one object, without routes or parameters noticing it."""

from typing import Annotated

from fasterapi import Depends, Faster, Query
from fasterapi.testclient import TestClient


def readers_of(route):
    return {reader.name: reader for reader in route.handler.reading.readers}


def test_routes_that_declare_a_parameter_alike_have_one_reader_and_answer_as_themselves():
    app = Faster(openapi_url=None)

    @app.get("/a/{item_id}")
    async def first(item_id: int, q: str = "a") -> str:
        return f"first {item_id} {q}"

    @app.get("/b/{item_id}")
    async def second(item_id: int, q: str = "b") -> str:
        return f"second {item_id} {q}"

    one, other = map(readers_of, app.routes)
    assert one["item_id"] is other["item_id"]
    assert one["q"] is not other["q"]  # another default
    client = TestClient(app)
    assert [client.get(path).json() for path in ("/a/1", "/b/2", "/b/3?q=x")] == [
        "first 1 a",
        "second 2 b",
        "second 3 x",
    ]


def test_a_parameter_with_a_marker_has_a_reader_of_its_own():
    app = Faster(openapi_url=None)
    for number in range(2):

        @app.get(f"/{number}")
        async def show(q: Annotated[str, Query(min_length=2)] = "") -> str:
            return q

    one, other = map(readers_of, app.routes)
    assert one["q"] is not other["q"]


def test_a_handler_and_its_dependency_read_a_parameter_that_both_declare_each_for_itself():
    app = Faster(openapi_url=None)
    default: list[str] = []

    def tags(tag: list[str] = Query(default)) -> list[str]:
        tag.append("dependency")
        return tag

    def limit(size: int = 5) -> int:
        return size

    @app.get("/")
    async def show(
        size: int = 5,
        tag: list[str] = Query(default),
        inner: int = Depends(limit),
        tagged: list[str] = Depends(tags),
    ) -> list[object]:
        return [size, inner, tag, tagged]

    sizes = [reader for reader in app.routes[0].handler.reading.readers if reader.name == "size"]
    assert len(sizes) == 2
    assert TestClient(app).get("/?size=7").json() == [7, 7, [], ["dependency"]]
