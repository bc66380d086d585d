"""Where each parameter comes from, and declarations that are refused at registration with their place named."""

from typing import Annotated, Any

import msgspec
import pytest

from fasterapi import (
    BackgroundTasks,
    Body,
    Cookie,
    Depends,
    Faster,
    FasterAPIError,
    File,
    Form,
    Header,
    Path,
    Query,
    Request,
    Response,
    UploadFile,
    WebSocket,
)
from fasterapi.exceptions import DependencyScopeError
from fasterapi.requests import HTTPConnection
from fasterapi.security import SecurityScopes


class Item(msgspec.Struct):
    name: str


def sources(handler: Any, path: str = "/{item_id}") -> dict[str, str]:
    app = Faster(openapi_url=None)
    app.post(path)(handler)
    return {bound.name: bound.source for bound in app.routes[0].handler.reading.parameters}


def test_a_bare_parameter_is_path_query_body_or_file_by_name_and_type():
    async def handler(item_id: int, q: str, n: list[str], item: Item, untyped, file: UploadFile): ...

    assert sources(handler) == {
        "item_id": "path",
        "q": "query",
        "n": "body",
        "item": "body",
        "untyped": "query",
        "file": "file",
    }


def test_a_marker_decides_in_either_style():
    async def handler(
        item_id: Annotated[int, Path()],
        q: Annotated[list[str], Query()],
        h: str = Header(),
        c: str = Cookie(),
        b: int = Body(),
        f: Annotated[str, Form()] = "x",
        u: bytes = File(),
    ): ...

    assert list(sources(handler).values()) == ["path", "query", "header", "cookie", "body", "form", "file"]


def test_objects_of_the_request_are_given_by_type():
    async def handler(
        request: Request,
        connection: HTTPConnection,
        response: Response,
        tasks: BackgroundTasks,
        scopes: SecurityScopes,
    ): ...

    assert list(sources(handler, "/").values()) == [
        "request",
        "request",
        "response",
        "background_tasks",
        "security_scopes",
    ]


def test_the_marker_of_annotated_that_stands_last_counts():
    async def handler(q: Annotated[str, Query(alias="a"), Header(alias="b")]): ...

    assert sources(handler, "/") == {"q": "header"}


def path_without_name(other: int = Path()): ...
def path_with_default(item_id: Annotated[int, Path()] = 1): ...
def query_for_path_name(item_id: int = Query()): ...
def marker_twice(q: Annotated[str, Query()] = Header()): ...
def default_in_annotated(q: Annotated[str, Query("x")]): ...
def marker_on_request(request: Request = Query()): ...
def query_of_dict(q: dict[str, dict[str, int]] = Query()): ...
def path_of_list(item_id: list[int]): ...
def constraint_on_wrong_type(q: str = Query(gt=1)): ...
def unknown_type(value: Annotated[object, Query()]): ...
def star_arguments(*args: int): ...


@pytest.mark.parametrize(
    ("handler", "text"),
    [
        (path_without_name, "Path() names 'other', which the path does not have (it has: item_id)"),
        (query_for_path_name, "the path has {item_id}; write Path() instead of Query()"),
        (marker_twice, "keep one"),
        (default_in_annotated, "write `q: ... = 'x'` instead"),
        (marker_on_request, "a Request takes no Query(); remove it"),
        (query_of_dict, "Query() takes a scalar, a sequence of scalars or a model"),
        (path_of_list, "a path parameter must be a scalar"),
        (constraint_on_wrong_type, "gt"),
        (star_arguments, "*args"),
    ],
)
def test_a_declaration_that_cannot_be_meant_is_refused_with_its_place(handler, text):
    with pytest.raises(FasterAPIError) as caught:
        Faster().get("/{item_id}")(handler)
    assert text in str(caught.value)
    assert "test_binding.py:" in str(caught.value)


def test_a_path_parameter_takes_no_default():
    with pytest.raises(TypeError, match="cannot have a default"):
        Path(5)


def test_a_default_and_a_factory_exclude_each_other():
    with pytest.raises(TypeError, match="not both"):
        Query(1, default_factory=int)


def test_an_option_that_no_marker_has_is_a_type_error():
    with pytest.raises(TypeError, match="unexpected keyword argument 'minimum'"):
        Query(minimum=1)


def test_a_cycle_is_drawn_with_its_places():
    def first(x: Any = Depends(lambda: None)): ...

    def second(x: Any = Depends(first)): ...

    first.__defaults__ = (Depends(second),)
    with pytest.raises(FasterAPIError, match="second → first → second"):
        Faster().get("/")(second)


def test_a_request_dependency_may_not_hold_a_function_one():
    def short():
        yield 1

    def long(x: int = Depends(short, scope="function")):
        yield x

    with pytest.raises(DependencyScopeError, match="ends before it"):

        @Faster().get("/")
        async def handler(x: int = Depends(long, scope="request")): ...


def test_a_websocket_handler_gets_the_connection_as_a_websocket():
    app = Faster()

    @app.websocket("/ws")
    async def handler(connection: HTTPConnection, ws: WebSocket): ...

    assert [bound.source for bound in app.routes[-1].handler.reading.parameters] == ["websocket", "websocket"]


def test_routes_of_a_router_are_bound_when_the_router_is_included():
    from fasterapi import FasterRouter

    router = FasterRouter()

    @router.get("/{x}")
    async def handler(tenant: int = Path()): ...

    with pytest.raises(FasterAPIError, match="tenant"):
        Faster().include_router(router)
    app = Faster()
    app.include_router(router, prefix="/{tenant}")
    assert app.routes[-1].path == "/{tenant}/{x}"


def bounds(app: Faster) -> list[list[Any]]:
    return [route.handler.reading.parameters for route in app.routes]


def test_what_is_declared_alike_is_bound_once():
    async def one(item_id: int, item: Item, q: str = ""): ...
    async def other(item_id: int, item: Item, q: str = ""): ...

    app, second = Faster(openapi_url=None), Faster(openapi_url=None)
    for path, handler in (("/a/{item_id}", one), ("/b/{item_id}", other)):
        app.post(path)(handler)
    second.post("/a/{item_id}")(one)
    first, again = bounds(app)
    assert [a is b for a, b in zip(first, again, strict=True)] == [True, True, True]
    assert [a is b for a, b in zip(first, bounds(second)[0], strict=True)] == [False, False, False]


def test_declarations_that_differ_in_anything_are_bound_apart():
    async def query(name: int): ...
    async def one(name: int = 1): ...
    async def true(name: int = True): ...
    async def real(name: float = 1): ...
    async def marked(name: int = Query(1, le=5)): ...
    async def annotated(name: Annotated[int, Query(le=5)] = 1): ...

    app = Faster(openapi_url=None)
    for index, handler in enumerate((query, one, true, real, marked, annotated)):
        app.get(f"/{index}")(handler)
    app.get("/path/{name}")(query)
    strict = Faster(openapi_url=None, strict=True)
    strict.get("/")(query)
    found = [bound for app in (app, strict) for (bound,) in bounds(app)]
    assert len({id(bound) for bound in found}) == len(found)
    assert [(bound.source, bound.default) for bound in found[1:3]] == [("query", 1), ("query", True)]
    assert found[2].default is True
    assert [bound.source for bound in found[-2:]] == ["path", "query"]
