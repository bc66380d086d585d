"""Twelve typical applications, documented by FastAPI and by this package: the same documents."""

import dataclasses
import datetime
import decimal
import enum
import uuid
from collections.abc import Callable
from typing import Annotated, Any, Literal, NamedTuple

import pytest

fastapi = pytest.importorskip("fastapi", reason="compares with FastAPI's own documents")
typing_extensions = pytest.importorskip("typing_extensions", reason="comes with FastAPI")

from fastapi import (  # noqa: E402
    APIRouter, Body, Cookie, Depends, FastAPI, File, Form, Header, Path, Query, Security, UploadFile,
)  # fmt: skip
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse  # noqa: E402
from fastapi.security import (  # noqa: E402
    APIKeyCookie, APIKeyHeader, APIKeyQuery, HTTPBasic, HTTPBearer, OAuth2PasswordBearer, OpenIdConnect,
    SecurityScopes,
)  # fmt: skip


class Color(enum.Enum):
    """Of the paint."""

    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


@dataclasses.dataclass
class Image:
    url: str
    width: int | None = None


@dataclasses.dataclass
class Item:
    """A thing on sale.

    In the shop.
    """

    name: str
    price: float
    color: Color
    description: str | None = None
    tags: list[str] = dataclasses.field(default_factory=list)
    image: Image | None = None
    level: Level = Level.LOW
    images_by_name: dict[str, Image] | None = None


@dataclasses.dataclass
class Bill:
    amount: decimal.Decimal
    items: list[Item]


@dataclasses.dataclass
class Tree:
    name: str
    children: "list[Tree]" = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Everything:
    when: datetime.datetime
    day: datetime.date
    clock: datetime.time
    span: datetime.timedelta
    key: uuid.UUID
    pair: tuple[int, str]
    many: tuple[int, ...]
    unique: set[int]
    anything: Any
    number_or_text: int | str
    one: Literal["only"]
    some: Literal["b", "a"]
    mixed: Literal["a", 1]
    nothing: None
    by_id: dict[uuid.UUID, Image]
    nested: list[list[int]]
    maybe_list: list[Image] | None
    either: Image | Tree | None
    free: dict
    loose: list
    flag: bool = True
    waits: datetime.timedelta = datetime.timedelta(seconds=5)


class Options(typing_extensions.TypedDict, total=False):
    zoom: int
    area: typing_extensions.Required[str]


class Pair(NamedTuple):
    left: int
    right: str = "r"


@dataclasses.dataclass
class Message:
    message: str


def items() -> FastAPI:
    app = FastAPI(title="Items", version="2.0")

    @app.get("/items/")
    def list_items(
        skip: int = 0,
        limit: Annotated[int, Query(gt=0, le=100, description="How many.")] = 10,
        q: Annotated[
            str | None, Query(min_length=3, max_length=50, pattern="^[a-z]+$", title="Search")
        ] = None,
        colors: Annotated[list[Color] | None, Query(deprecated=True)] = None,
        item_name: Annotated[str, Query(alias="item-name")] = "x",
        hidden: Annotated[str, Query(include_in_schema=False)] = "",
    ) -> list[Item]:
        """List them."""

    @app.get("/items/{item_id}", tags=["items"], summary="One", deprecated=True)
    def show_item(
        item_id: Annotated[int, Path(ge=1, examples=[7])],
        user_agent: Annotated[str | None, Header()] = None,
        x_token: Annotated[list[str] | None, Header()] = None,
        session: Annotated[str, Cookie(description="Who.")] = "none",
    ) -> Item:
        pass

    @app.put("/items/{item_id}")
    def replace_item(item_id: uuid.UUID, item: Item, force: bool = False) -> Item | None:
        pass

    @app.delete("/items/{item_id}", status_code=204)
    def delete_item(item_id: int) -> None:
        pass

    return app


def bodies() -> FastAPI:
    app = FastAPI()

    @app.post("/one")
    def one(
        item: Annotated[Item, Body(openapi_examples={"a": {"summary": "A", "value": {"name": "x"}}})],
    ) -> None:
        pass

    @app.post("/embedded")
    def embedded(item: Annotated[Item, Body(embed=True, description="The item.")]):
        pass

    @app.post("/several")
    def several(
        item: Item,
        image: Image | None = None,
        importance: Annotated[int, Body(gt=0, examples=[3])] = 1,
        *,
        note: Annotated[str, Body(title="A note")],
    ):
        pass

    @app.post("/many")
    def many(items: list[Item], x: int) -> dict[str, Item]:
        pass

    @app.post("/optional")
    def optional(item: Item | None = None):
        pass

    @app.post("/scalar")
    def scalar(weight_kg: Annotated[float, Body(ge=0.5)]):
        pass

    @app.post("/weights")
    def weights(weights: dict[int, float]) -> float:
        pass

    return app


def forms() -> FastAPI:
    app = FastAPI()

    @app.post("/login")
    def login(
        username: Annotated[str, Form(min_length=1)],
        password: Annotated[str, Form()],
        keep: bool = Form(False),
    ):
        pass

    @app.post("/upload")
    def upload(
        file: UploadFile,
        raw: Annotated[bytes, File(description="Bytes.")],
        files: list[UploadFile],
        maybe: UploadFile | None = None,
        more: Annotated[list[bytes] | None, File()] = None,
        note: str = Form("none"),
    ) -> list[int]:
        pass

    return app


def responses() -> FastAPI:
    app = FastAPI()

    @app.get(
        "/a",
        responses={
            404: {"model": Message},
            418: {"description": "Tea."},
            "5XX": {},
            "default": {"model": Message},
        },
    )
    def a() -> Item:
        pass

    @app.post(
        "/b",
        status_code=201,
        response_description="Made.",
        responses={201: {"headers": {"Location": {"schema": {"type": "string"}}}}},
    )
    def b() -> Item:
        pass

    @app.get("/c", responses={200: {"content": {"image/png": {}}, "description": "An item or a picture."}})
    def c(q: int) -> Item:
        pass

    @app.get("/html", response_class=HTMLResponse)
    def page():
        pass

    @app.get("/text", response_class=PlainTextResponse)
    def text():
        pass

    @app.get("/moved", response_class=RedirectResponse)
    def moved():
        pass

    @app.get("/own-422/{x}", responses={422: {"model": Message, "description": "Mine."}})
    def own(x: int):
        pass

    @app.get(
        "/linked", responses={200: {"links": {"again": {"operationId": "linked"}}}}, operation_id="linked"
    )
    def linked() -> int:
        pass

    return app


def security() -> FastAPI:
    app = FastAPI()
    login = OAuth2PasswordBearer(
        tokenUrl="token", scopes={"read": "Read.", "write": "Write."}, auto_error=False
    )

    def user(scopes: SecurityScopes, token: Annotated[str, Depends(login)]) -> str:
        return token

    @app.get("/a")
    def a(who: Annotated[str, Security(user, scopes=["read"])]):
        pass

    @app.get("/b", dependencies=[Security(user, scopes=["write"])])
    def b(q: int, key: Annotated[str, Depends(APIKeyHeader(name="X-Key", description="D."))]):
        pass

    @app.get("/c")
    def c(
        one: Annotated[str, Depends(APIKeyCookie(name="c"))],
        two: Annotated[str, Depends(APIKeyQuery(name="q"))],
        three: Annotated[Any, Depends(HTTPBasic())],
        four: Annotated[Any, Depends(HTTPBearer(bearerFormat="JWT"))],
        five: Annotated[Any, Depends(OpenIdConnect(openIdConnectUrl="/.well-known"))],
    ):
        pass

    return app


def metadata() -> FastAPI:
    app = FastAPI(
        title="Meta", version="3", summary="Short.", description="Long.", terms_of_service="http://example.com/terms",
        contact={"name": "Us", "url": "http://example.com/contact", "email": "us@example.com"},
        license_info={"name": "Apache 2.0", "identifier": "Apache-2.0"},
        openapi_tags=[{"name": "a", "description": "A.", "externalDocs": {"url": "http://example.com/a"}}],
        servers=[{"url": "https://a.example.com", "description": "A"}, {"url": "/b"}],
        openapi_external_docs={"url": "http://example.com/docs", "description": "More."},
    )  # fmt: skip

    @app.get(
        "/a",
        tags=["a", "b"],
        openapi_extra={
            "x-aperture": "blue",
            "parameters": [{"in": "query", "name": "z", "schema": {"type": "string"}}],
        },
    )
    def a(q: int = 1):
        """Text of a.

        More text.
        """

    @app.get("/hidden", include_in_schema=False)
    def hidden():
        pass

    @app.webhooks.post("new-subscription")
    def new_subscription(body: Message):
        """Told to you."""

    return app


def callbacks() -> FastAPI:
    app = FastAPI()
    router = APIRouter()

    @router.post("{$callback_url}/invoices/{$request.body.id}", response_model=Message)
    def invoice_notification(body: Message):
        pass

    @app.post("/invoices/", callbacks=router.routes)
    def create_invoice(bill: Message, callback_url: str | None = None):
        pass

    return app


def dependencies() -> FastAPI:
    app = FastAPI()

    def page(skip: int = 0, limit: Annotated[int, Query(le=100)] = 10) -> tuple[int, int]:
        return skip, limit

    def tenant(x_tenant: Annotated[str, Header()], tenant_id: int, q: str | None = None) -> int:
        return tenant_id

    router = APIRouter(prefix="/t/{tenant_id}", tags=["tenants"], dependencies=[Depends(tenant)])

    @router.get("/users", responses={404: {"description": "No tenant."}})
    def users(paging: Annotated[tuple[int, int], Depends(page)], q: str) -> list[str]:
        pass

    app.include_router(router)
    return app


def types() -> FastAPI:
    app = FastAPI()

    @app.post("/everything")
    def everything(body: Everything) -> Everything:
        pass

    @app.get("/parameters")
    def parameters(
        when: datetime.datetime,
        color: Color,
        level: Level = Level.HIGH,
        one: Literal["only"] = "only",
        some: Literal["b", "a"] | None = None,
        union: int | str = 3,
        day: datetime.date | None = None,
        numbers: Annotated[set[int], Query()] = set(),
    ):
        pass

    return app


def other_kinds() -> FastAPI:
    app = FastAPI()

    @app.post("/options")
    def options(body: Options) -> Pair:
        pass

    @app.post("/trees")
    def trees(body: list[Tree]) -> dict[str, Tree | None]:
        pass

    @app.post("/color")
    def color(body: Color) -> Color | None:
        pass

    return app


def split() -> FastAPI:
    app = FastAPI()

    @app.post("/bills")
    def bills(body: Bill) -> list[Bill]:
        pass

    @app.post("/items")
    def plain(body: Item) -> Item:
        pass

    return app


def not_split() -> FastAPI:
    app = FastAPI(separate_input_output_schemas=False)
    app.router.routes.extend(split().router.routes[-2:])
    return app


APPLICATIONS: list[Callable[[], FastAPI]] = [
    items, bodies, forms, responses, security, metadata, callbacks, dependencies, types, other_kinds, split, not_split,
]  # fmt: skip


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("make", APPLICATIONS, ids=lambda make: make.__name__)
def test_both_documents_are_equal(differing: Any, make: Callable[[], FastAPI]) -> None:
    assert differing(make()) == []


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("make", APPLICATIONS, ids=lambda make: make.__name__)
def test_ours_are_valid(both: Any, make: Callable[[], FastAPI]) -> None:
    validator = pytest.importorskip(
        "openapi_spec_validator", reason="openapi-spec-validator is not a dependency"
    )
    validator.validate(both(make())[1])
