"""Controllers: which routes a class has, where its instance comes from, what subclasses change, what is refused."""

import functools
import subprocess
import sys
import textwrap
import types
from collections.abc import AsyncIterator
from typing import Annotated, ClassVar

import pytest

from fasterapi import (
    Depends,
    Faster,
    FasterAPIError,
    FasterRouter,
    Header,
    HTTPException,
    JSONResponse,
    Query,
    WebSocket,
)
from fasterapi.controllers import (
    Controller,
    api_route,
    delete,
    get,
    head,
    options,
    patch,
    post,
    put,
    query,
    trace,
    websocket,
)
from fasterapi.testclient import TestClient

OPENED: list[str] = []


class Store:
    def __init__(self):
        self.items = {1: "one"}


STORE = Store()


def get_store() -> Store:
    return STORE


async def open_session() -> AsyncIterator[str]:
    OPENED.append("open")
    yield "session"
    OPENED.append("close")


class Items(Controller, prefix="/items", tags=["items"], responses={404: {"description": "No item"}}):
    store: Annotated[Store, Depends(get_store)]
    session: Annotated[str, Depends(open_session)]
    size: Annotated[int, Query(le=9)] = 3

    @get()
    async def all(self) -> list[str]:
        """Every item."""
        return list(self.store.items.values())[: self.size]

    @get("/{number}")
    def show(self, number: int, suffix: str = "") -> str:
        if number not in self.store.items:
            raise HTTPException(404)
        return f"{self.session} {self.store.items[number]}{suffix} {self.size}"

    @post("", status_code=201, tags=["write"])
    async def make(self, text: Annotated[str, Query()]) -> dict[str, str]:
        return {"made": text}

    def not_a_route(self) -> None: ...


@pytest.fixture
def client():
    app = Faster()
    app.add_controller(Items)
    return TestClient(app)


@pytest.mark.parametrize(
    ("method", "path", "status", "answer"),
    [
        ("GET", "/items", 200, ["one"]),
        ("GET", "/items?size=0", 200, []),
        ("GET", "/items/1", 200, "session one 3"),
        ("GET", "/items/1?suffix=!&size=4", 200, "session one! 4"),
        ("GET", "/items/2", 404, {"detail": "Not Found"}),
        ("POST", "/items?text=a", 201, {"made": "a"}),
    ],
)
def test_methods_answer_requests(client, method, path, status, answer):
    response = client.request(method, path)
    assert (response.status_code, response.json()) == (status, answer)


def test_all_errors_of_a_request_are_in_one_answer(client):
    errors = client.get("/items/x?size=10").json()["detail"]
    assert sorted(error["loc"][-1] for error in errors) == ["number", "size"]


def test_dependencies_of_the_instance_are_left_after_the_request(client):
    OPENED.clear()
    client.get("/items")
    assert OPENED == ["open", "close"]


def test_the_instance_is_one_line_of_the_generated_function():
    app = Faster()
    app.add_controller(Items)
    assert "self = Items(store=store, session=session, size=size)" in app.explain("GET", "/items/1")


class Counting(Controller):
    made: ClassVar[list[int]] = []

    def __init__(self) -> None:
        self.made.append(id(self))

    @get("/")
    async def show(self, other: Annotated["Counting", Depends()]) -> bool:
        return other is self


def test_an_instance_is_made_for_every_request():
    app = Faster()
    app.add_controller(Counting)
    client = TestClient(app)
    assert [client.get("/").json() for _ in range(3)] == [True, True, True]
    assert len(Counting.made) == 3


def test_parameters_of_a_constructor_are_dependencies():
    class Mine(Controller, prefix="/mine"):
        def __init__(
            self, store: Annotated[Store, Depends(get_store)], token: Annotated[str, Header()]
        ) -> None:
            self.items, self.token = store.items, token

        @get("/{number}")
        async def show(self, number: int) -> list[str]:
            return [self.items[number], self.token]

    app = Faster()
    app.add_controller(Mine)
    assert TestClient(app).get("/mine/1", headers={"token": "t"}).json() == ["one", "t"]
    assert TestClient(app).get("/mine/1").json()["detail"][0]["loc"] == ["header", "token"]


def test_every_method_of_http_has_its_decorator():
    class Every(Controller):
        @get("/")
        @put("/")
        @post("/")
        @delete("/")
        @patch("/")
        @options("/")
        @trace("/")
        @query("/")
        @api_route("/", methods=["LINK", "UNLINK"])
        async def any(self) -> int:
            return 1

        @head("/")
        async def head(self) -> None: ...

    methods = [sorted(route.methods) for route in Every.router.routes]
    assert methods == [
        [name] for name in ("GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "TRACE", "QUERY")
    ] + [["LINK", "UNLINK"], ["HEAD"]]


def test_a_method_may_serve_websockets():
    class Live(Controller, prefix="/live"):
        store: Annotated[Store, Depends(get_store)]

        @websocket("/{number}")
        async def talk(self, connection: WebSocket, number: int) -> None:
            await connection.accept()
            await connection.send_text(self.store.items[number])

    app = Faster()
    app.add_controller(Live)
    with TestClient(app).websocket_connect("/live/1") as connection:
        assert connection.receive_text() == "one"


def test_a_method_may_stream():
    class Stream(Controller):
        @get("/")
        async def numbers(self) -> AsyncIterator[int]:
            yield 1
            yield 2

    app = Faster()
    app.add_controller(Stream)
    assert TestClient(app).get("/").text == "1\n2\n"


def test_a_decorated_method_is_a_method():
    def loud(function):
        @functools.wraps(function)
        async def louder(*args, **kwargs):
            return (await function(*args, **kwargs)).upper()

        return louder

    class Loud(Controller):
        @get("/{name}")
        @loud
        async def show(self, name: str) -> str:
            return name

    app = Faster()
    app.add_controller(Loud)
    assert TestClient(app).get("/ann").json() == "ANN"


# inheritance -----------------------------------------------------------------------------------------------------


class Base(Controller, tags=["base"]):
    store: Annotated[Store, Depends(get_store)]

    @get("/one")
    async def one(self) -> str:
        return f"{type(self).__name__} one {sorted(vars(self))}"

    @get("/two")
    async def two(self) -> str:
        return "two"


class Derived(Base, prefix="/derived"):
    extra: int = 1

    async def two(self) -> str:
        return f"{await super().two()} and more"

    @get("/three")
    async def three(self) -> str:
        return "three"


class Fewer(Base, prefix="/fewer", tags=["fewer"]):
    one = None

    @post("/two")
    async def two(self) -> str:
        return "posted"


class WithInit(Derived, prefix="/init"):
    def __init__(self, number: int = 5) -> None:
        self.number = number


class BelowInit(WithInit, prefix="/below"):
    note: str = "not read from requests"


@pytest.fixture
def family():
    app = Faster()
    for controller in (Derived, Fewer, Base):
        app.add_controller(controller)
    return TestClient(app)


@pytest.mark.parametrize(
    ("method", "path", "answer"),
    [
        ("GET", "/derived/one", "Derived one ['extra', 'store']"),
        ("GET", "/derived/two", "two and more"),
        ("GET", "/derived/three", "three"),
        ("GET", "/fewer/one", {"detail": "Not Found"}),
        ("GET", "/fewer/two", {"detail": "Method Not Allowed"}),
        ("POST", "/fewer/two", "posted"),
        ("GET", "/one", "Base one ['store']"),
        ("GET", "/two", "two"),
        ("GET", "/three", {"detail": "Not Found"}),
    ],
)
def test_a_subclass_has_the_routes_of_its_base_as_it_changes_them(family, method, path, answer):
    assert family.request(method, path).json() == answer


def test_options_are_inherited_by_name(family):
    paths = family.app.openapi()["paths"]
    assert [paths[path]["get"]["tags"] for path in ("/derived/one", "/one")] == [["base"], ["base"]]
    assert paths["/fewer/two"]["post"]["tags"] == ["fewer"]


def test_a_constructor_replaces_the_attributes_of_bases_that_have_no_default_dependency():
    with pytest.raises(FasterAPIError, match="store .*depends on something, but WithInit has an __init__"):
        _ = WithInit.router
    with pytest.raises(FasterAPIError, match="BelowInit has an __init__"):
        _ = BelowInit.router


# routers and applications ----------------------------------------------------------------------------------------


def test_a_controller_is_a_router_with_a_router_s_options():
    async def handler(request, exc):
        return JSONResponse("handled", 418)

    def refuse() -> None:
        raise HTTPException(401)

    class Failing(Controller, prefix="/f", exception_handlers={ValueError: handler}):
        @get("/")
        async def fail(self) -> None:
            raise ValueError

    router = FasterRouter(prefix="/outer")
    router.add_controller(Failing, prefix="/inner", tags=["t"])
    app = Faster()
    app.include_router(router)
    app.add_controller(Failing, prefix="/closed", dependencies=[Depends(refuse)])
    client = TestClient(app)
    assert client.get("/outer/inner/f/").status_code == 418
    assert client.get("/closed/f/").status_code == 401
    assert app.openapi()["paths"]["/outer/inner/f/"]["get"]["tags"] == ["t"]


def test_one_controller_has_one_router():
    assert Items.router is Items.router
    assert Derived.router is not Base.router


def test_the_instance_and_its_dependencies_can_be_overridden(client):
    other = Store()
    other.items = {1: "other"}
    client.app.dependency_overrides[get_store] = lambda: other
    assert client.get("/items").json() == ["other"]
    client.app.dependency_overrides[Items] = lambda: types.SimpleNamespace(store=STORE, size=1)
    assert client.get("/items").json() == ["one"]


def test_the_document_is_that_of_functions(client):
    operation = client.app.openapi()["paths"]["/items"]["get"]
    assert (operation["operationId"], operation["summary"], operation["description"]) == (
        "all_items_get",
        "All",
        "Every item.",
    )
    assert [parameter["name"] for parameter in operation["parameters"]] == ["size"]
    assert set(operation["responses"]) == {"200", "404", "422"}


def test_routes_tell_where_their_methods_are_written():
    route = Items.router.routes[1]
    assert "test_controllers.py" in route.location
    assert route.name == "show"


def test_annotations_may_be_texts(tmp_path, monkeypatch):
    source = """
        from __future__ import annotations
        from typing import Annotated, ClassVar
        from fasterapi import Depends, Faster
        from fasterapi.controllers import Controller, get

        class Late:
            value = "late"

        class Texts(Controller, prefix="/texts"):
            late: Annotated[Late, Depends()]
            shared: ClassVar[int] = 1

            @get("/{number}")
            async def show(self, number: int) -> list[str]:
                return [self.late.value, str(number + self.shared)]

        app = Faster()
        app.add_controller(Texts)
    """
    (tmp_path / "texts_module.py").write_text(textwrap.dedent(source))
    monkeypatch.syspath_prepend(tmp_path)
    import texts_module  # noqa: PLC0415 - written above

    assert TestClient(texts_module.app).get("/texts/1").json() == ["late", "2"]
    assert texts_module.app.openapi()["paths"]["/texts/{number}"]["get"]["parameters"][0]["name"] == "number"


# what is refused -------------------------------------------------------------------------------------------------


def test_a_controller_without_routes_is_refused_when_it_is_used():
    class Nothing(Controller): ...

    with pytest.raises(FasterAPIError, match=r"Nothing .* has no routes"):
        Faster().add_controller(Nothing)


def test_a_route_needs_self():
    class Bad(Controller):
        @get("/")
        async def show() -> None: ...

    with pytest.raises(FasterAPIError, match=r"Bad\.show .*no `self`"):
        _ = Bad.router


@pytest.mark.parametrize("wrapper", [staticmethod, classmethod, property])
def test_a_route_is_a_plain_method(wrapper):
    with pytest.raises(FasterAPIError, match="is a function with `self`"):

        class Bad(Controller):
            @get("/")
            @wrapper
            def show(self) -> None: ...


def test_a_route_overridden_by_something_else_is_refused():
    class Bad(Base):
        one = 1

    with pytest.raises(FasterAPIError, match=r"Bad\.one has a route by a base class, but is 1"):
        _ = Bad.router


def test_a_parameter_that_cannot_be_bound_is_an_error_at_registration():
    class Bad(Controller):
        def __init__(self, *args: int) -> None: ...

        @get("/")
        async def show(self) -> None: ...

    with pytest.raises(FasterAPIError, match=r"Bad takes `\*args`"):
        Faster().add_controller(Bad)


def test_an_unknown_option_is_refused():
    with pytest.raises(TypeError, match="prefx"):

        class Bad(Controller, prefx="/x"): ...


def test_nothing_of_it_is_imported_before_it_is_asked_for():
    code = "import sys, fasterapi; fasterapi.Faster(); print('fasterapi.controllers' in sys.modules)"
    found = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
    )
    assert found.stdout.strip() == "False"
