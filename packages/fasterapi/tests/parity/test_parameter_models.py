"""Models whose fields are query parameters, headers, cookies or form fields: which texts count, and what errors say.

Each model is declared three times: for FastAPI, as a Struct, and as the same Pydantic model. Errors are compared whole.
"""

from typing import Annotated, Any

import pytest

from fasterapi.testclient import TestClient

pydantic = pytest.importorskip("pydantic")


def struct_models() -> tuple[Any, Any, Any]:
    import msgspec

    class Headers(msgspec.Struct):
        save_data: bool
        x_tag: list[int] = []
        if_none: str | None = None
        named: str = msgspec.field(default="d", name="x_named")

    class Closed(msgspec.Struct, forbid_unknown_fields=True):
        a_b: int
        t: list[int] = []

    class Open(msgspec.Struct):
        name: str | None = None
        ids: set[int] | None = None
        limit: int = 5

    return Headers, Closed, Open


def pydantic_models() -> tuple[Any, Any, Any]:
    class Headers(pydantic.BaseModel):
        save_data: bool
        x_tag: list[int] = []
        if_none: str | None = None
        named: str = pydantic.Field("d", alias="x_named")

    class Closed(pydantic.BaseModel):
        model_config = pydantic.ConfigDict(extra="forbid")
        a_b: int
        t: list[int] = []

    class Open(pydantic.BaseModel):
        name: str | None = None
        ids: set[int] | None = None
        limit: int = 5

    return Headers, Closed, Open


def build(kit: Any, models: tuple[Any, Any, Any]) -> Any:
    Headers, Closed, Open = models
    app = kit.App(title="models")
    Header, Query, Cookie, Form = kit.Header, kit.Query, kit.Cookie, kit.Form

    def shown(model: Any) -> Any:
        names = ("save_data", "x_tag", "if_none", "named", "a_b", "t", "name", "limit")
        found = {name: getattr(model, name) for name in names if hasattr(model, name)}
        return found | {"ids": sorted(model.ids)} if getattr(model, "ids", None) else found

    def add(path: str, type_: Any, marker: Any, default: Any = ..., **options: Any) -> None:
        async def read(model: Any = default) -> Any:
            return None if model is None else shown(model)

        read.__annotations__["model"] = Annotated[type_, marker]
        if default is ...:
            read.__defaults__ = None
        app.api_route(path, methods=["POST" if marker.__class__.__name__ == "Form" else "GET"], **options)(
            read
        )

    add("/header", Headers, Header())
    add("/header/literal", Headers, Header(convert_underscores=False))
    add("/header/optional", Headers | None, Header(), None)
    add("/header/required-optional", Headers | None, Header())
    for name, marker in (("query", Query), ("cookie", Cookie), ("form", Form)):
        add(f"/{name}", Closed, marker())
        add(f"/{name}/optional", Closed | None, marker(), None)
        add(f"/{name}/required-optional", Closed | None, marker())
        add(f"/{name}/open", Open, marker())
        add(f"/{name}/open/optional", Open | None, marker(), None)

    @app.get("/query/two")
    async def two(model: Annotated[Closed, Query()], z: int = 0):
        return [shown(model), z]

    return app


HEADER_LISTS: list[list[tuple[str, str]]] = [
    [],
    [("save-data", "1")],
    [("save_data", "1")],
    [("save-data", "x"), ("x-tag", "1"), ("x-tag", "y")],
    [("save-data", "1"), ("x-named", "n")],
    [("save-data", "1"), ("X_Named", "n")],
    [("x-tag", "3")],
    [("if-none", "")],
    [("save-data", "1"), ("save-data", "0")],
    [("save_data", "0"), ("save-data", "1")],
]
QUERIES = [
    "", "a_b=1", "a_b=x", "a_b=1&t=1&t=2", "a_b=1&zz=3", "zz=3", "zz=3&zz=4", "t=1", "a_b=", "a_b=1&a_b=2", "a-b=1", "z=3",
    "a_b=1&z=3", "a_b=1&z=x", "t=", "name=", "name=a&name=b", "ids=1&ids=2&ids=2", "ids=", "limit=", "limit=7&other=1", "other=1",
]  # fmt: skip
FORM = {"content-type": "application/x-www-form-urlencoded"}
REQUESTS: list[tuple[str, str, dict[str, Any]]] = [
    *[("GET", path, {"headers": headers}) for path in ("/header", "/header/literal", "/header/optional", "/header/required-optional")
      for headers in HEADER_LISTS],
    *[("GET", f"{path}?{query}", {}) for path in ("/query", "/query/optional", "/query/required-optional", "/query/open",
      "/query/open/optional", "/query/two") for query in QUERIES],
    *[("POST", path, {"content": query, "headers": FORM}) for path in ("/form", "/form/optional", "/form/required-optional",
      "/form/open", "/form/open/optional") for query in QUERIES],
    *[("GET", path, {"headers": {"cookie": cookie}}) for path in ("/cookie", "/cookie/optional", "/cookie/required-optional",
      "/cookie/open", "/cookie/open/optional") for cookie in ("", "a_b=1", "a_b=x; zz=1", "zz=1", "name=", "limit=x; other=1", "name=a; name=b")],
]  # fmt: skip


@pytest.fixture(scope="module")
def clients(parity):
    kits = parity._kits
    applications = {
        "theirs": build(kits["theirs"], pydantic_models()),
        "structs": build(kits["ours"], struct_models()),
        "pydantic": build(kits["ours"], pydantic_models()),
    }
    return {
        name: TestClient(app, raise_server_exceptions=False, headers={"accept-encoding": "gzip"})
        for name, app in applications.items()
    }


@pytest.mark.parametrize("kind", ["structs", "pydantic"])
@pytest.mark.parametrize(("method", "path", "options"), REQUESTS, ids=str)
def test_the_fields_of_a_model_are_read_alike(clients, kind, method, path, options):
    answers = {name: clients[name].request(method, path, **options) for name in ("theirs", kind)}
    theirs, ours = ((answer.status_code, answer.json()) for answer in answers.values())
    assert ours == theirs


@pytest.mark.parametrize("kind", ["structs", "pydantic"])
def test_the_parameters_are_documented_alike(clients, kind):
    documents = [clients[name].get("/openapi.json").json()["paths"] for name in ("theirs", kind)]
    theirs, ours = (
        {path: item["get"].get("parameters") for path, item in paths.items() if "get" in item}
        for paths in documents
    )
    assert ours == theirs
