"""Models as forms: Pydantic's with files, and unions of several, with and without a discriminator."""

from typing import Annotated, Any, Literal

import msgspec
import pytest

from fasterapi.testclient import TestClient

pydantic = pytest.importorskip("pydantic")


class First(pydantic.BaseModel):
    kind: Literal["a"]
    name: str
    tags: list[str] = []


class Second(pydantic.BaseModel):
    kind: Literal["b"]
    size: int
    tags: str = "x"


def build(kit: Any) -> Any:
    app = kit.App()
    Form, Body, File, UploadFile = kit.Form, kit.Body, kit.File, kit.UploadFile

    class Profile(pydantic.BaseModel):
        name: str
        avatar: UploadFile
        more: list[UploadFile] = []

    @app.post("/files/form")
    async def files_form(profile: Annotated[Profile, Form()]):
        return [profile.name, profile.avatar.filename, [file.filename for file in profile.more]]

    @app.post("/files/file")
    async def files_file(profile: Annotated[Profile, File()]):
        return [profile.name, profile.avatar.filename, [file.filename for file in profile.more]]

    @app.post("/union")
    async def union(form: Annotated[First | Second, Form()]):
        return form

    @app.post("/discriminated")
    async def discriminated(form: Annotated[First | Second, Form(discriminator="kind")]):
        return form

    @app.post("/by-field")
    async def by_field(form: Annotated[First | Second, pydantic.Field(discriminator="kind"), Form()]):
        return form

    @app.post("/tagged")
    async def tagged(form: Annotated[Annotated[First, pydantic.Tag("one")] | Second, Form()]):
        return form

    @app.post("/optional")
    async def optional(form: Annotated[First | Second | None, Form()] = None):
        return form

    @app.post("/body")
    async def body(value: Annotated[First | Second, Body(discriminator="kind")]):
        return value

    @app.post("/bodies")
    async def bodies(value: Annotated[First | Second, Body(discriminator="kind")], other: First):
        return [value, other]

    return app


FILES: list[dict[str, Any]] = [
    {"data": {"name": "n"}, "files": {"avatar": ("f.txt", b"x")}},
    {"data": {"name": "n"}},
    {"data": {"name": "n", "avatar": "text"}, "files": {"other": ("f", b"")}},
    {"data": {"name": "n"}, "files": [("avatar", ("f", b"x")), ("more", ("1", b"x")), ("more", ("2", b"y"))]},
    {"data": {"name": "n"}, "files": {"avatar": ("", b"")}},
]
TEXTS: list[dict[str, Any]] = [
    {},
    {"kind": "a", "name": "n"},
    {"kind": "a", "name": "n", "tags": ["1", "2"]},
    {"kind": "a", "name": "n", "tags": "1"},
    {"kind": "b", "size": "3"},
    {"kind": "b", "size": "x"},
    {"kind": "b"},
    {"kind": "c"},
    {"name": "n"},
    {"kind": ["a", "b"], "size": "3", "name": ""},
    {"kind": "b", "size": "3", "tags": ["1", "2"]},
    {"unknown": "x"},
]
REQUESTS = [
    *[(f"/files/{kind}", options) for kind in ("form", "file") for options in FILES],
    *[(path, {"data": texts}) for path in ("/union", "/discriminated", "/by-field", "/tagged", "/optional") for texts in TEXTS],
    *[(path, {"json": texts}) for path in ("/body", "/bodies") for texts in TEXTS],
    *[("/bodies", {"json": {"value": texts, "other": texts}}) for texts in TEXTS],
]  # fmt: skip


@pytest.fixture(scope="module")
def clients(parity):
    return {name: TestClient(build(kit), raise_server_exceptions=False) for name, kit in parity._kits.items()}


@pytest.mark.parametrize(("path", "options"), REQUESTS, ids=str)
def test_pydantic_reads_the_form(clients, path, options):
    theirs, ours = (clients[name].post(path, **options) for name in ("theirs", "ours"))
    assert (ours.status_code, ours.json()) == (theirs.status_code, theirs.json())


class A(msgspec.Struct, tag_field="kind", tag="a"):
    name: str
    tags: list[str] = []


class B(msgspec.Struct, tag_field="kind", tag="b"):
    size: int
    tags: str = "x"


def build_unions(kit: Any, first: Any, second: Any) -> Any:
    app = kit.App()
    marker = kit.Form(discriminator="kind")

    @app.post("/one")
    async def one(form: Annotated[first | second, marker]):
        return form

    @app.post("/optional")
    async def optional(form: Annotated[first | second | None, marker] = None):
        return form

    @app.post("/beside")
    async def beside(form: Annotated[first | second, marker], number: Annotated[int, kit.Form()] = 1):
        return [form, number]

    return app


@pytest.fixture(scope="module")
def unions(parity):
    kits = parity._kits
    return [
        TestClient(build_unions(kits["theirs"], First, Second), raise_server_exceptions=False),
        TestClient(build_unions(kits["ours"], A, B), raise_server_exceptions=False),
    ]


@pytest.mark.parametrize("path", ["/one", "/optional", "/beside"])
@pytest.mark.parametrize("texts", TEXTS, ids=str)
def test_tagged_structs_are_read_from_forms(unions, path, texts):
    theirs, ours = (client.post(path, data=texts) for client in unions)
    if isinstance(texts.get("kind"), list):
        assert {theirs.status_code, ours.status_code} == {422}  # of two tags each says another thing
    else:
        assert (ours.status_code, ours.json()) == (theirs.status_code, theirs.json())


def test_models_with_files_are_documented_alike(clients):
    documents = [clients[name].get("/openapi.json").json() for name in ("theirs", "ours")]
    theirs, ours = (
        [document["paths"]["/files/form"], document["components"]["schemas"]["Profile"]]
        for document in documents
    )
    assert ours == theirs
