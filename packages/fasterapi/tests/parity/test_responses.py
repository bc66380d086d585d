"""Results: response models, status codes, response classes, the Response parameter, streams."""

import datetime
import enum
from collections.abc import AsyncIterable, Iterable
from typing import Annotated, Any, Optional, Union

import pytest


class Kind(enum.Enum):
    A = "a"


def build(kit: Any) -> Any:
    app = kit.App()
    Public = kit.model("Public", name=str, note=(Optional[str], None))
    Private = kit.model("Private", base=Public, password=(str, "secret"))
    Holder = kit.model("Holder", owner=Public, others=(list[Public], list))
    Defaults = kit.model("Defaults", a=int, b=(int, 2), c=(Optional[int], None))

    class Row:
        def __init__(self) -> None:
            self.name, self.note, self.password = "row", None, "secret"

    @app.get("/dict")
    async def dict_():
        return {"a": 1}

    @app.get("/none")
    async def none():
        return None

    @app.get("/annotated-none")
    async def annotated_none() -> None:
        return None

    @app.get("/scalar")
    async def scalar() -> int:
        return 5

    @app.get("/wrong-scalar")
    async def wrong_scalar() -> int:
        return "x"

    @app.get("/filtered", response_model=Public)
    async def filtered():
        return Private(name="a")

    @app.get("/filtered-annotation")
    async def filtered_annotation() -> Public:
        return Private(name="a")

    @app.get("/filtered-dict", response_model=Public)
    async def filtered_dict():
        return {"name": "a", "password": "secret", "extra": {"x": 1}}

    @app.get("/filtered-object", response_model=Public)
    async def filtered_object():
        return Private(name="obj")

    @app.get("/filtered-list", response_model=list[Public])
    async def filtered_list():
        return [Private(name="a"), {"name": "b", "password": "x"}]

    @app.get("/filtered-nested", response_model=Holder)
    async def filtered_nested():
        return {"owner": Private(name="a"), "others": [{"name": "b", "password": "x"}], "secret": 1}

    @app.get("/filtered-union", response_model=Union[Holder, Public])
    async def filtered_union():
        return {"name": "a", "password": "x"}

    @app.get("/filtered-mapping", response_model=dict[str, Public])
    async def filtered_mapping():
        return {"k": {"name": "a", "password": "x"}}

    @app.get("/missing-field", response_model=Public)
    async def missing_field():
        return {"note": "x"}

    @app.get("/wrong-type", response_model=Public)
    async def wrong_type():
        return [1]

    @app.get("/model-none", response_model=None)
    async def model_none() -> Public:
        return {"free": "form"}

    @app.get("/optional-model", response_model=Optional[Public])
    async def optional_model():
        return None

    @app.get("/include", response_model=Defaults, response_model_include={"a", "b"})
    async def include():
        return {"a": 1}

    @app.get("/exclude", response_model=Defaults, response_model_exclude={"b"})
    async def exclude():
        return {"a": 1}

    @app.get("/exclude-unset", response_model=Defaults, response_model_exclude_unset=True)
    async def exclude_unset():
        return {"a": 1, "b": 2}

    @app.get("/exclude-defaults", response_model=Defaults, response_model_exclude_defaults=True)
    async def exclude_defaults():
        return {"a": 1, "b": 2}

    @app.get("/exclude-none", response_model=Defaults, response_model_exclude_none=True)
    async def exclude_none():
        return {"a": 1}

    @app.post("/created", status_code=201)
    async def created():
        return {"id": 1}

    @app.delete("/empty", status_code=204)
    async def empty():
        return None

    @app.get("/teapot")
    async def teapot(response: kit.Response):
        response.status_code = 418
        response.headers["x-token"] = "abc"
        response.set_cookie("session", "v", httponly=True, max_age=10)
        return {"ok": True}

    @app.get("/returned")
    async def returned():
        return kit.JSONResponse({"a": 1}, status_code=202, headers={"x-token": "t"})

    @app.get("/html", response_class=kit.HTMLResponse)
    async def html():
        return "<p>hi</p>"

    @app.get("/text", response_class=kit.PlainTextResponse)
    def text():
        return "hi"

    @app.get("/text-status", response_class=kit.PlainTextResponse, status_code=203)
    def text_status(response: kit.Response):
        response.headers["x-token"] = "t"
        return "hi"

    @app.get("/redirect", response_class=kit.RedirectResponse)
    async def redirect():
        return "/dict"

    @app.get("/redirect-status", response_class=kit.RedirectResponse, status_code=302)
    async def redirect_status():
        return "/dict?a=ü"

    @app.get("/redirect-object")
    async def redirect_object():
        return kit.RedirectResponse("/dict", status_code=301)

    @app.get("/bytes")
    async def bytes_():
        return kit.Response(b"\x00\x01", media_type="application/octet-stream")

    @app.get("/stream")
    async def stream():
        async def chunks():
            yield b"a"
            yield "b"

        return kit.StreamingResponse(chunks(), media_type="text/plain")

    @app.get("/sync-stream")
    def sync_stream():
        return kit.StreamingResponse(iter(["a", "b"]))

    @app.get("/json-lines")
    async def json_lines() -> AsyncIterable[Public]:
        yield Public(name="a")
        yield Private(name="b")

    @app.get("/json-lines-sync")
    def json_lines_sync() -> Iterable[dict]:
        yield {"a": 1}
        yield {"b": 2}

    @app.get("/events", response_class=kit.EventSourceResponse)
    async def events() -> AsyncIterable[Public]:
        yield Public(name="a")
        yield kit.ServerSentEvent(data=1, event="update", id="7", retry=10, comment="c")
        yield kit.ServerSentEvent(raw_data="a\nb")

    @app.get("/yield-text", response_class=kit.PlainTextResponse)
    async def yield_text(response: kit.Response):
        return "plain"

    @app.get("/raw-stream", response_class=kit.StreamingResponse)
    def raw_stream():
        yield "a"
        yield "b"

    @app.get("/special")
    async def special():
        return {"kind": Kind.A, "set": {1}, "day": datetime.date(2024, 1, 2), "tuple": (1, 2), 1: "int key"}

    @app.get("/unencodable")
    async def unencodable():
        return {"x": lambda: 1}

    return app


PATHS = [
    "/dict",
    "/none",
    "/annotated-none",
    "/scalar",
    "/wrong-scalar",
    "/filtered",
    "/filtered-annotation",
    "/filtered-dict",
    "/filtered-object",
    "/filtered-list",
    "/filtered-nested",
    "/filtered-union",
    "/filtered-mapping",
    "/missing-field",
    "/wrong-type",
    "/model-none",
    "/optional-model",
    "/include",
    "/exclude",
    "/exclude-unset",
    "/exclude-defaults",
    "/exclude-none",
    "/teapot",
    "/returned",
    "/html",
    "/text",
    "/text-status",
    "/redirect",
    "/redirect-status",
    "/redirect-object",
    "/bytes",
    "/stream",
    "/sync-stream",
    "/json-lines",
    "/json-lines-sync",
    "/events",
    "/yield-text",
    "/raw-stream",
    "/special",
]


@pytest.mark.parametrize("path", PATHS)
def test_results_are_sent_alike(parity, path):
    parity(build, "GET", path)


def test_a_created_resource_has_its_status(parity):
    parity(build, "POST", "/created")


def test_no_content_has_no_body(parity):
    parity(build, "DELETE", "/empty")
