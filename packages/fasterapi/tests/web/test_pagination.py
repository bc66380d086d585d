"""Pages: their shape, their bounds, their links, and cursors that nobody makes up."""

import subprocess
import sys
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urljoin
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fasterapi import Depends, Faster, FasterAPIError, Request, Response
from fasterapi._cursors import BadCursor, CursorCodec
from fasterapi.pagination import CursorPage, CursorPagination, Page, Pagination
from fasterapi.testclient import TestClient


class Item(msgspec.Struct):
    id: int


ALL = [Item(number) for number in range(95)]


class Rows(Pagination, default_limit=50, max_limit=1000): ...


class Feed(CursorPagination, position=tuple[int, str], secret="secret", max_limit=30): ...


@pytest.fixture(scope="module")
def client():
    app = Faster()

    @app.get("/items")
    async def items(page: Annotated[Pagination, Depends()], q: str = "") -> Page[Item]:
        return page.slice(ALL)

    @app.get("/rows")
    def rows(page: Annotated[Rows, Depends()]) -> Page[Item]:
        return page.of(ALL[page.offset : page.offset + page.limit], total=len(ALL))

    @app.get("/feed")
    async def feed(page: Annotated[Feed, Depends()]) -> CursorPage[Item]:
        start = 0 if page.position is None else page.position[0]
        end = start + page.limit
        return page.of(
            ALL[start:end],
            next=(end, "n") if end < len(ALL) else None,
            previous=(start - page.limit, "p") if start >= page.limit else None,
        )

    return TestClient(app)


def links(response):
    return {relation: link["url"] for relation, link in response_links(response).items()}


def response_links(response):
    found = {}
    for link in response.headers.get("link", "").split(", "):
        if link:
            target, _, relation = link.partition("; rel=")
            found[relation.strip('"')] = {"url": target.strip("<>")}
    return found


@pytest.mark.parametrize(
    ("query", "ids", "offset", "limit"),
    [
        ("", range(20), 0, 20),
        ("limit=10&offset=90", range(90, 95), 90, 10),
        ("limit=100", range(95), 0, 100),
        ("offset=1000", [], 1000, 20),
    ],
)
def test_a_page_says_what_it_is_part_of(client, query, ids, offset, limit):
    assert client.get(f"/items?{query}").json() == {
        "items": [{"id": number} for number in ids],
        "total": 95,
        "limit": limit,
        "offset": offset,
    }


@pytest.mark.parametrize(
    ("path", "name", "type_"),
    [
        ("/items?limit=101", "limit", "less_than_equal"),
        ("/items?limit=0", "limit", "greater_than_equal"),
        ("/items?limit=x", "limit", "int_parsing"),
        ("/items?offset=-1", "offset", "greater_than_equal"),
        ("/items?offset=9007199254740992", "offset", "less_than_equal"),
        ("/rows?limit=1001", "limit", "less_than_equal"),
        ("/feed?limit=31", "limit", "less_than_equal"),
        ("/feed?cursor=abc", "cursor", "value_error"),
    ],
)
def test_what_is_out_of_bounds_is_refused_by_name(client, path, name, type_):
    response = client.get(path)
    assert response.status_code == 422
    assert [(error["loc"], error["type"]) for error in response.json()["detail"]] == [
        (["query", name], type_)
    ]


class Signed(CursorPagination, position=int, secret="s"): ...


def test_a_bad_cursor_is_one_error_among_all_of_a_request():
    app = Faster()

    @app.post("/{number}")
    async def feed(number: int, item: Item, page: Annotated[Signed, Depends()]) -> CursorPage[Item]:
        return page.of([item])

    response = TestClient(app).post("/x?cursor=abc&limit=0", json={"id": "x"})
    assert sorted(error["loc"] for error in response.json()["detail"]) == [
        ["body", "id"],
        ["path", "number"],
        ["query", "cursor"],
        ["query", "limit"],
    ]


class Filtered(Signed):
    def __init__(self, request: Request, response: Response, q: str, limit: int = 20, cursor: str = ""):
        super().__init__(request, response, limit, cursor or None)
        self.q = q


@pytest.mark.parametrize("paging", [Signed, Filtered])
def test_a_page_has_the_text_of_its_cursor_and_the_position(paging):
    app = Faster()

    @app.get("/")
    async def feed(page: Annotated[paging, Depends()]) -> tuple[str | None, int | None]:
        return page.cursor, page.position

    client = TestClient(app)
    text = CursorCodec(int, "s").encode(7)
    assert client.get("/", params={"cursor": text, "q": ""}).json() == [text, 7]
    assert client.get("/", params={"q": ""}).json() == [None, None]
    (error,) = client.get("/", params={"cursor": "abc", "q": ""}).json()["detail"]
    assert (error["loc"], error["type"], error["input"]) == (["query", "cursor"], "value_error", "abc")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"first": 0, "next": 20, "last": 80}),
        ("offset=20", {"first": 0, "prev": 0, "next": 40, "last": 80}),
        ("offset=5", {"first": 0, "prev": 0, "next": 25, "last": 80}),
        ("offset=80", {"first": 0, "prev": 60, "last": 80}),
        ("offset=1000", {"first": 0, "prev": 80, "last": 80}),
    ],
)
def test_links_lead_to_the_pages_around(client, query, expected):
    found = links(client.get(f"/items?{query}"))
    assert found == {relation: f"?limit=20&offset={offset}" for relation, offset in expected.items()}


def test_links_keep_the_other_parameters_and_the_address(client):
    response = client.get("/items?q=a%26b%20%C3%BC&q=2&limit=50&q=")
    following = links(response)["next"]
    assert following == "?q=a%26b+%C3%BC&q=2&q=&limit=50&offset=50"
    assert urljoin(str(response.url), following).startswith("http://testserver/items?q=")


def test_an_empty_list_has_one_page():
    app = Faster()

    @app.get("/")
    async def nothing(page: Annotated[Pagination, Depends()]) -> Page[Item]:
        return page.of([], total=0)

    assert links(TestClient(app).get("/")) == {"first": "?limit=20&offset=0", "last": "?limit=20&offset=0"}


def test_cursors_lead_through_the_whole_list_and_back(client):
    seen, cursor, pages = [], None, []
    while True:
        page = client.get("/feed", params={"limit": 20} | ({"cursor": cursor} if cursor else {})).json()
        pages.append(page)
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == list(range(95))
    back = client.get("/feed", params={"limit": 20, "cursor": pages[-1]["previous_cursor"]}).json()
    assert back == pages[-2]


def test_cursors_are_links_too(client):
    response = client.get("/feed?limit=20")
    assert links(response) == {"next": f"?limit=20&cursor={response.json()['next_cursor']}"}
    assert client.get("/feed" + links(response)["next"]).json()["items"][0] == {"id": 20}


@given(st.tuples(st.integers(-(2**63), 2**63 - 1), st.text(max_size=40)))
def test_a_cursor_gives_back_what_it_was_made_of(position):
    for secret in (None, "secret"):
        codec = CursorCodec(tuple[int, str], secret)
        text = codec.encode(position)
        assert codec.decode(text) == position
        assert text.replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize(
    ("type_", "position"),
    [
        (str, "a"),
        (UUID, UUID(int=1)),
        (tuple[datetime, UUID], (datetime(2026, 1, 1, tzinfo=UTC), UUID(int=2))),
        (Item, Item(3)),
    ],
)
def test_a_position_is_of_any_type_that_msgpack_holds(type_, position):
    codec = CursorCodec(type_, None)
    assert codec.decode(codec.encode(position)) == position


GOOD = CursorCodec(int, "secret").encode(7)


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "=",
        "a",
        "ü",
        "a b",
        "a/b+",
        GOOD[:-1],
        GOOD + "A",
        ("B" if GOOD[0] == "A" else "A") + GOOD[1:],
        CursorCodec(int, "other").encode(7),
        CursorCodec(int, None).encode(7),
        CursorCodec(str, "secret").encode("a"),
    ],
)
def test_what_was_not_signed_here_is_no_cursor(cursor):
    with pytest.raises(BadCursor):
        CursorCodec(int, "secret").decode(cursor)


@given(st.text(max_size=60))
def test_nobody_guesses_a_signed_cursor(text):
    with pytest.raises(BadCursor):
        CursorCodec(int, "secret").decode(text)


@given(st.text(max_size=60))
def test_an_unsigned_cursor_is_at_least_of_its_type(text):
    try:
        found = CursorCodec(int, None).decode(text)
    except BadCursor:
        return
    assert isinstance(found, int)


def test_an_empty_secret_is_refused():
    with pytest.raises(ValueError, match="anybody could sign"):
        type("Bad", (CursorPagination,), {}, secret="")


@pytest.mark.parametrize(
    "bounds", [{"max_limit": 0}, {"default_limit": 0}, {"default_limit": 11, "max_limit": 10}]
)
def test_bounds_that_cannot_hold_are_refused(bounds):
    with pytest.raises(FasterAPIError, match="default_limit <= max_limit"):
        type("Bad", (Pagination,), {}, **bounds)


def test_a_smaller_maximum_lowers_the_default():
    class Few(Pagination, max_limit=5): ...

    assert (Few.default_limit, Few.max_limit, Pagination.max_limit) == (5, 5, 100)


def test_bounds_and_position_are_inherited():
    class Short(Feed, max_limit=3): ...

    assert Short._codec is Feed._codec
    assert Short.max_limit == 3


def test_the_document_has_bounds_links_and_names(client):
    document = client.app.openapi()
    operation = document["paths"]["/rows"]["get"]
    limit, offset = operation["parameters"]
    assert limit["schema"].items() >= {"minimum": 1, "maximum": 1000, "default": 50}.items()
    assert offset["name"] == "offset"
    answer = operation["responses"]["200"]
    assert answer["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Page_Item_"}
    assert list(answer["headers"]) == ["Link"]
    assert "CursorPage_Item_" in document["components"]["schemas"]


def test_nothing_of_it_is_imported_before_it_is_asked_for():
    code = "import sys, fasterapi; fasterapi.Faster(); print('fasterapi.pagination' in sys.modules)"
    found = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
    )
    assert found.stdout.strip() == "False"
