"""Pydantic's models as forms: with files, and unions of several, with and without a discriminator."""

from typing import Annotated, Any, Literal

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


def test_models_with_files_are_documented_alike(clients):
    documents = [clients[name].get("/openapi.json").json() for name in ("theirs", "ours")]
    theirs, ours = (
        [document["paths"]["/files/form"], document["components"]["schemas"]["Profile"]]
        for document in documents
    )
    assert ours == theirs
