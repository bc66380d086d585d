"""What `File()` declares about files is checked while they arrive, and documented."""

import asyncio
from typing import Annotated

import pytest

from fasterapi import Faster, File, Form, Request, UploadFile
from fasterapi.exceptions import FasterAPIError
from fasterapi.testclient import TestClient


@pytest.fixture(scope="module")
def app():
    app = Faster()

    @app.post("/one")
    async def one(file: Annotated[UploadFile, File(max_size=3, content_types=["image/*", "text/CSV"])]):
        return [file.filename, file.size]

    @app.post("/bytes")
    async def whole(file: Annotated[bytes, File(max_size=3, min_length=2)]):
        return file.decode()

    @app.post("/optional")
    async def optional(file: Annotated[UploadFile | None, File(content_types=["image/png"])] = None):
        return file and file.filename

    @app.post("/many")
    async def many(
        files: Annotated[
            list[UploadFile], File(max_size=3, content_types=["*/*"], min_length=2, max_length=3)
        ],
        note: Annotated[str, Form()] = "",
    ):
        return [len(files), note]

    @app.post("/many-bytes")
    async def many_bytes(files: Annotated[list[bytes], File(max_size=3)]):
        return [len(file) for file in files]

    @app.post("/early")
    async def early(
        request: Request, file: Annotated[UploadFile, File(max_size=3, content_types=["image/png"])]
    ):
        return "never"

    return app


@pytest.fixture(scope="module")
def client(app):
    return TestClient(app)


def png(size, name="a.png"):
    return (name, b"x" * size, "image/png")


TEXT = ("a.txt", b"x", "text/plain")


@pytest.mark.parametrize(
    ("path", "files", "answer"),
    [
        ("/one", [("file", png(3))], ["a.png", 3]),
        ("/one", [("file", ("a.csv", b"1,2", "text/csv; charset=utf-8"))], ["a.csv", 3]),
        ("/bytes", [("file", png(3))], "xxx"),
        ("/optional", [("file", png(100))], "a.png"),
        ("/optional", [("other", TEXT)], None),
        ("/many", [("files", png(3))] * 3, [3, ""]),
        ("/many-bytes", [("files", png(3)), ("files", TEXT)], [3, 1]),
    ],
)
def test_files_that_keep_to_the_rules(client, path, files, answer):
    response = client.post(path, files=files)
    assert (response.status_code, response.json()) == (200, answer)


@pytest.mark.parametrize(
    ("path", "files", "status", "kind", "loc"),
    [
        ("/one", [("file", png(4))], 413, "file_too_large", ["body", "file"]),
        ("/one", [("file", TEXT)], 422, "content_type", ["body", "file"]),
        ("/one", [("file", ("a", b"x", "imagex/png"))], 422, "content_type", ["body", "file"]),
        ("/bytes", [("file", png(4))], 413, "file_too_large", ["body", "file"]),
        ("/bytes", [("file", png(1))], 422, "bytes_too_short", ["body", "file"]),
        ("/optional", [("file", TEXT)], 422, "content_type", ["body", "file"]),
        ("/many", [("files", png(1))], 422, "too_short", ["body", "files"]),
        ("/many", [("files", png(1))] * 4, 422, "too_long", ["body", "files"]),
        ("/many", [("files", png(1)), ("files", png(4))], 413, "file_too_large", ["body", "files", 1]),
        ("/many-bytes", [("files", TEXT), ("files", png(4))], 413, "file_too_large", ["body", "files", 1]),
    ],
)
def test_files_that_do_not(client, path, files, status, kind, loc):
    response = client.post(path, files=files)
    (error,) = response.json()["detail"]
    assert (response.status_code, error["type"], error["loc"]) == (status, kind, loc)


def test_the_errors_say_what_was_expected(client):
    (error,) = client.post("/one", files=[("file", TEXT)]).json()["detail"]
    assert error["msg"] == "File should be of type image/*, text/csv, not text/plain"
    assert error["input"] == {"filename": "a.txt"}
    assert error["ctx"] == {"expected": "image/*, text/csv", "content_type": "text/plain"}
    (error,) = client.post("/one", files=[("file", png(4))]).json()["detail"]
    assert (error["msg"], error["ctx"]) == ("File should have at most 3 bytes", {"max_size": 3})


def test_an_empty_file_input_is_no_file(client):
    """Browsers send an empty part without a file name for an input that nobody has filled in."""
    body = (
        b'--b\r\ncontent-disposition: form-data; name="file"; filename=""\r\n'
        b"content-type: application/octet-stream\r\n\r\n\r\n--b--\r\n"
    )
    headers = {"content-type": "multipart/form-data; boundary=b"}
    assert client.post("/optional", content=body, headers=headers).json() is None


@pytest.mark.parametrize(
    ("kind", "data", "status"),
    [("image/png", b"x" * 4, 413), ("text/plain", b"", 422)],
    ids=["too large", "wrong type"],
)
def test_the_rest_of_a_refused_file_is_not_waited_for(app, kind, data, status):
    head = (
        b'--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\ncontent-type: '
        + kind.encode()
        + b"\r\n\r\n"
    )
    messages = [{"type": "http.request", "body": head + data, "more_body": True}]
    sent = []

    async def receive():
        assert messages, "asked for more of a body that is refused"
        return messages.pop()

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/early",
        "query_string": b"",
        "headers": [(b"content-type", b"multipart/form-data; boundary=b")],
    }
    asyncio.run(app(scope, receive, send))
    assert sent[0]["status"] == status


def test_a_form_that_middleware_has_parsed_is_checked_too(app):
    outer = Faster()

    @outer.post("/one")
    async def one(file: Annotated[UploadFile, File(max_size=3, content_types=["image/*"])]):
        return file.size

    @outer.middleware("http")
    async def parse(request, call_next):
        await request.form()
        return await call_next(request)

    client = TestClient(outer)
    assert client.post("/one", files={"file": png(3)}).json() == 3
    assert client.post("/one", files={"file": png(4)}).status_code == 413
    assert client.post("/one", files={"file": TEXT}).status_code == 422


def test_the_rules_are_documented(app):
    document = app.openapi()
    media = document["paths"]["/one"]["post"]["requestBody"]["content"]["multipart/form-data"]
    assert media["encoding"] == {"file": {"contentType": "image/*, text/csv"}}
    schemas = document["components"]["schemas"]
    assert schemas["Body_one_one_post"]["properties"]["file"]["maxLength"] == 3
    files = schemas["Body_many_many_post"]["properties"]["files"]
    assert (files["items"]["maxLength"], files["minItems"], files["maxItems"]) == (3, 2, 3)


@pytest.mark.parametrize(
    "options",
    [
        {"content_types": "image/png"},
        {"content_types": ["png"]},
        {"max_size": -1},
        {"max_size": True},
        {"max_size": "1MB"},
    ],
)
def test_a_rule_that_cannot_be_meant_is_an_error_at_once(options):
    with pytest.raises(TypeError, match="give a"):
        File(**options)


def test_rules_are_for_files():
    app = Faster()
    with pytest.raises(FasterAPIError, match="are for UploadFile and bytes, not <class 'str'>"):

        @app.post("/")
        async def handler(file: Annotated[str, File(max_size=3)]): ...
