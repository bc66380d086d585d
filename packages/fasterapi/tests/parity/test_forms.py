"""Form fields, uploads, form models."""

from typing import Annotated, Any, Optional

import pytest


def build(kit: Any) -> Any:
    app = kit.App()
    Form, File, UploadFile = kit.Form, kit.File, kit.UploadFile

    @app.post("/login")
    async def login(
        username: Annotated[str, Form()], password: Annotated[str, Form(min_length=3)], age: int = Form(0)
    ):
        return [username, password, age]

    @app.post("/optional")
    async def optional(a: Annotated[str | None, Form()] = None, tags: Annotated[list[str], Form()] = []):
        return [a, tags]

    data = kit.model("FormData", username=str, age=(int, 1), tags=(list[str], list))
    strict = kit.model("StrictForm", forbid=True, username=str)

    @app.post("/model")
    async def model(data: Annotated[data, Form()]):
        return data

    @app.post("/model-strict")
    async def model_strict(data: Annotated[strict, Form()]):
        return data

    @app.post("/bytes")
    async def bytes_(file: Annotated[bytes, File()]):
        return len(file)

    @app.post("/upload")
    async def upload(file: UploadFile):
        return [file.filename, file.content_type, file.size, (await file.read()).decode()]

    @app.post("/upload-optional")
    async def upload_optional(file: Optional[UploadFile] = None):
        return file and file.filename

    @app.post("/uploads")
    async def uploads(files: list[UploadFile]):
        return [file.filename for file in files]

    @app.post("/bytes-list")
    async def bytes_list(files: Annotated[list[bytes], File()]):
        return [len(file) for file in files]

    @app.post("/bytes-limited")
    async def bytes_limited(file: Annotated[bytes, File(min_length=2, max_length=3)]):
        return len(file)

    @app.post("/bytes-counted")
    async def bytes_counted(files: Annotated[list[bytes], File(min_length=2)]):
        return len(files)

    @app.post("/uploads-counted")
    async def uploads_counted(files: Annotated[list[UploadFile], File(min_length=1, max_length=2)]):
        return len(files)

    @app.post("/both")
    async def both(note: Annotated[str, Form()], file: UploadFile, count: Annotated[int, Form(gt=0)] = 1):
        return [note, file.filename, count]

    @app.post("/raw")
    async def raw(request: kit.Request):
        async with request.form() as form:
            return sorted(
                (key, value if isinstance(value, str) else value.filename)
                for key, value in form.multi_items()
            )

    return app


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/login", {"username": "u", "password": "secret"}), ("/login", {"username": "u", "password": "s", "age": "x"}),
        ("/login", {}), ("/login", {"username": "", "password": "secret"}), ("/login", {"username": "a b&ü", "password": "+++"}),
        ("/optional", {}), ("/optional", {"a": "x", "tags": ["1", "2"]}), ("/optional", {"tags": "1"}),
        ("/model", {"username": "u"}), ("/model", {"username": "u", "age": "5", "tags": ["a", "b"]}), ("/model", {"age": "x"}),
        ("/model", {"username": "u", "other": "1"}), ("/model-strict", {"username": "u"}), ("/model-strict", {"username": "u", "x": "1"}),
        ("/raw", {"b": "2", "a": ["1", "3"]}), ("/upload", {"file": "text"}),
    ],
)  # fmt: skip
def test_forms_answer_alike(parity, path, data):
    parity(build, "POST", path, data=data)


@pytest.mark.parametrize(
    ("path", "files", "data"),
    [
        ("/bytes", {"file": ("a.txt", b"hello", "text/plain")}, {}), ("/bytes", {}, {}),
        ("/upload", {"file": ("a.txt", b"hello", "text/plain")}, {}), ("/upload", {"other": ("a.txt", b"x")}, {}),
        ("/upload", {"file": ("", b"")}, {}), ("/upload-optional", {"file": ("a.txt", b"x")}, {}), ("/upload-optional", {}, {}),
        ("/uploads", [("files", ("a.txt", b"1")), ("files", ("b.txt", b"2"))], {}), ("/uploads", {"other": ("a", b"x")}, {}),
        ("/bytes-list", [("files", ("a.txt", b"1")), ("files", ("b.txt", b"22"))], {}),
        *(("/bytes-limited", {"file": ("a.txt", b"x" * size)}, {}) for size in (1, 2, 3, 4)),
        *(("/bytes-counted", [("files", ("a.txt", b"x"))] * count, {}) for count in (1, 2)),
        *(("/uploads-counted", [("files", ("a.txt", b"x"))] * count, {}) for count in (1, 2)),
        ("/both", {"file": ("a.txt", b"x")}, {"note": "n", "count": "2"}), ("/both", {"file": ("a.txt", b"x")}, {"count": "0"}),
        ("/both", {}, {"note": "n"}), ("/raw", {"file": ("a.txt", b"x")}, {"note": "n"}),
    ],
)  # fmt: skip
def test_uploads_answer_alike(parity, path, files, data):
    parity(build, "POST", path, files=files, data=data)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"username=a&password=bcd", "application/x-www-form-urlencoded"), (b"{}", "application/json"), (b"", ""),
        (b"garbage", "multipart/form-data; boundary=x"), (b"garbage", "multipart/form-data"),
    ],
)  # fmt: skip
def test_broken_forms_answer_alike(parity, content, kind):
    parity(build, "POST", "/login", content=content, headers={"content-type": kind} if kind else {})
