"""The OpenAPI documents of the parity applications: the same as FastAPI's, apart from what is listed here."""

import importlib.util
import warnings
from collections.abc import AsyncIterable
from pathlib import Path
from typing import Annotated, Any

import pytest

MODULES = ["parameters", "bodies", "responses", "routing", "dependencies", "errors", "forms", "security"]
# Where the documents differ on purpose (docs/differences.md, "Documents").
DIFFERENT = {
    "info.title": "the default title is the project's name",
    "/multi.get.operationId": "operations of one handler have ids of their own",
    "/multi.put.operationId": "theirs is that of a method which Python's hashing chooses",
    "/query/types.get.parameters[4].schema.anyOf": "an optional Decimal is nested",
    "x-oai-itemSchema": "OpenAPI 3.1 has no itemSchema; its validators refuse it",
    "itemSchema": "OpenAPI 3.1 has no itemSchema; its validators refuse it",
    "properties.tags.default": "an empty list as a default is documented",
    "properties.lookup.default": "an empty dict as a default is documented",
    "properties.others.default": "an empty list as a default is documented",
    "/header/model.get.parameters[2].schema.default": "an empty list as a default is documented",
    "/query/model.get.parameters[2].schema.default": "an empty list as a default is documented",
    "/inner.get.parameters": "a path parameter is documented also where the handler does not read it",
    "/inner/late/route.get.parameters": "a path parameter is documented also where the handler does not read it",
}


def differences(ours: Any, theirs: Any, path: str = "") -> list[str]:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        found = []
        for key in sorted({*ours, *theirs}):
            place = f"{path}.{key}"
            if (key in ours) != (key in theirs):
                found.append(f"{place}: only in {'ours' if key in ours else 'theirs'}")
            else:
                found += differences(ours[key], theirs[key], place)
        return found
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        return [
            item
            for index, pair in enumerate(zip(ours, theirs))
            for item in differences(*pair, f"{path}[{index}]")
        ]
    return [] if ours == theirs else [f"{path}: {ours!r} is not {theirs!r}"]


@pytest.mark.parametrize("name", MODULES)
def test_the_document_is_the_same(parity, name):
    place = Path(__file__).with_name(f"test_{name}.py")
    spec = importlib.util.spec_from_file_location(f"documented_{name}", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ours, theirs = (parity.applications(module.build)[which].openapi() for which in ("ours", "theirs"))
    found = [
        item
        for item in differences(ours, theirs)
        if not any(item.split(":")[0].endswith(end) for end in DIFFERENT)
    ]
    assert found == []


def build_scopes_and_hooks(kit: Any) -> Any:
    app = kit.App(title="x")
    scheme = kit.OAuth2AuthorizationCodeBearer("a", "t", scopes={"read": "r", "write": "w"}, auto_error=False)
    Depends, Security = kit.Depends, kit.Security

    async def token(found: Any = Depends(scheme)): ...

    async def user(found: Any = Security(scheme, scopes=["user"])): ...

    router = kit.Router(dependencies=[Security(scheme, scopes=["read"])])

    @router.get("/items")
    async def read(found: Any = Depends(scheme)): ...

    @router.post("/items")
    async def write(found: Any = Security(scheme, scopes=["read", "write"])): ...

    app.include_router(router)

    @app.get("/outer", dependencies=[Security(token, scopes=["read", "write"])])
    async def outer(): ...

    @app.get("/ways")
    async def ways(a: Any = Depends(token), b: Any = Security(user, scopes=["x"])): ...

    @app.get("/shared", dependencies=[Depends(scheme)])
    async def shared(a: Any = Security(token, scopes=["x"])): ...

    callbacks = kit.Router()

    @callbacks.post("{$callback_url}/invoices/{$request.body.id}")
    async def notify(body: dict[str, int]): ...

    @app.post("/invoices", callbacks=callbacks.routes)
    async def invoice(callback_url: str | None = None): ...

    @app.webhooks.post("new-subscription")
    async def subscribed(body: dict[str, int], found: Any = Depends(scheme)): ...

    return app


def test_scopes_callbacks_and_webhooks_are_the_same(parity):
    ours, theirs = (
        parity.applications(build_scopes_and_hooks)[which].openapi() for which in ("ours", "theirs")
    )
    assert ours == theirs


def build_shared_callbacks(kit: Any) -> Any:
    app, callbacks = kit.App(title="x"), kit.Router()

    @callbacks.post("{$callback_url}/done")
    async def done(value: int): ...

    router = kit.Router(callbacks=callbacks.routes)
    for place, name in ((app, "a"), (app, "b"), (router, "c"), (router, "d")):

        @place.post(f"/{name}", name=name, callbacks=callbacks.routes if place is app else None)
        async def handler(callback_url: str): ...

    app.include_router(router)
    return app


def test_operations_may_have_callbacks_in_common(parity):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # FastAPI warns of the ids
        ours, theirs = (
            parity.applications(build_shared_callbacks)[which].openapi() for which in ("ours", "theirs")
        )
    assert differences(ours, theirs) == []


def build_remarks(kit: Any) -> Any:
    app = kit.App(title="x")

    @app.get("/hidden")
    async def hidden(q: str = kit.Query("", include_in_schema=False)): ...

    @app.get("/image", responses={200: {"content": {"image/png": {}}}})
    async def image() -> int: ...

    @app.get("/events", response_class=kit.EventSourceResponse)
    async def events() -> AsyncIterable[kit.ServerSentEvent]:
        yield kit.ServerSentEvent(data=1)

    Fields = kit.model(
        "Fields", q=(Annotated[int, kit.field(description="a number", title="Number", gt=2)], 5)
    )

    @app.get("/fields")
    async def fields(model: Annotated[Fields, kit.Query()]): ...

    @app.get("/fields/hidden")
    async def hidden_fields(model: Annotated[Fields, kit.Query(include_in_schema=False)]): ...

    @app.get("/annotated")
    async def annotated(q: Annotated[int, kit.field(description="a number", ge=3), kit.Query()]): ...

    return app


def test_remarks_are_documented_alike(parity):
    ours, theirs = (parity.applications(build_remarks)[which].openapi() for which in ("ours", "theirs"))
    found = differences(ours, theirs)
    assert [item for item in found if "itemSchema" not in item] == []
