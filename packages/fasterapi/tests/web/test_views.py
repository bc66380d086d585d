"""Views: which fields of a model they have, what is refused, and that no other field leaves or enters."""

import dataclasses
import subprocess
import sys
from typing import Annotated, Generic, TypedDict, TypeVar

import msgspec
import pytest

from fasterapi import Faster, FasterAPIError
from fasterapi.testclient import TestClient
from fasterapi.views import View, view_of

T = TypeVar("T")


class Address(msgspec.Struct, rename="camel"):
    full_street: str
    secret_code: str = "1234"


class User(msgspec.Struct):
    """Somebody."""

    id: int
    name: Annotated[str, msgspec.Meta(min_length=1)]
    password: str
    address: Address | None = None
    previous: list[Address] = []
    places: dict[str, Address] = {}


class Page(msgspec.Struct, Generic[T]):
    items: list[T]
    total: int = 0


@dataclasses.dataclass
class Point:
    x: int
    y: int = 2
    tags: list[str] = dataclasses.field(default_factory=list)


class Options(TypedDict, total=False):
    color: str
    size: int


ANN = User(1, "ann", "pw", Address("Main St"), [Address("Old St")], {"work": Address("Side St")})


def fields(view):
    return [field.encode_name for field in msgspec.structs.fields(view)]


@pytest.mark.parametrize(
    ("model", "options", "expected"),
    [
        (User, {"exclude": {"password", "previous", "places"}}, ["id", "name", "address"]),
        (User, {"include": {"id", "name"}}, ["id", "name"]),
        (User, {"include": {"id", "password"}, "exclude": {"password"}}, ["id"]),
        (User, {"include": ["name"], "rename": {"name": "userName"}}, ["userName"]),
        (Address, {"exclude": {"secret_code"}}, ["fullStreet"]),
        (Address, {}, ["fullStreet", "secretCode"]),
        (Point, {"exclude": {"x"}}, ["y", "tags"]),
        (Options, {"exclude": {"size"}}, ["color"]),
        (Page[User], {"exclude": {"total"}}, ["items"]),
    ],
)
def test_a_view_has_these_fields(model, options, expected):
    assert fields(view_of(model, **options)) == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            {"include": {"address": {"full_street"}, "previous": {"full_street"}, "places": {"full_street"}}},
            {
                "address": {"fullStreet": "Main St"},
                "previous": [{"fullStreet": "Old St"}],
                "places": {"work": {"fullStreet": "Side St"}},
            },
        ),
        (
            {"include": {"id": True, "address": True}, "exclude": {"address": {"secret_code": True}}},
            {"id": 1, "address": {"fullStreet": "Main St"}},
        ),
    ],
)
def test_a_view_reaches_into_models_inside(options, expected):
    view = view_of(User, **options)
    assert msgspec.to_builtins(msgspec.convert(ANN, view, from_attributes=True)) == expected


def test_a_partial_view_takes_and_sends_what_was_given():
    change = view_of(User, exclude={"id"}, partial=True)
    found = msgspec.json.decode(b'{"name":"bob","previous":[]}', type=change)
    assert found.password is msgspec.UNSET
    assert msgspec.json.encode(found) == b'{"name":"bob","previous":[]}'
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"name":""}', type=change)


@pytest.mark.parametrize(
    ("model", "options", "name"),
    [
        (User, {"exclude": {"password"}}, "UserWithoutPassword"),
        (User, {"exclude": {"password", "id"}}, "UserWithoutIdPassword"),
        (User, {"include": {"id"}}, "UserWithId"),
        (User, {"partial": True, "exclude": {"id"}}, "PartialUserWithoutId"),
        (User, {"include": {"id"}, "rename": {"id": "number"}}, "UserWithIdRenamedNumber"),
        (User, {"exclude": {"address": {"secret_code"}}}, "UserWithoutAddressSecretCode"),
        (User, {"exclude": {"password"}, "name": "PublicUser"}, "PublicUser"),
        (Page[User], {"exclude": {"total"}}, "PageUserWithoutTotal"),
    ],
)
def test_the_name_says_what_it_is(model, options, name):
    assert view_of(model, **options).__name__ == name


def test_views_that_are_alike_are_one_class():
    assert view_of(User, exclude={"id", "name"}) is view_of(User, exclude=["name", "id"])
    assert View(exclude={"id"}) == View(exclude=("id",))
    assert View(exclude={"id"}) != View(include={"id"})


def test_what_the_model_says_of_itself_stays():
    class Event(msgspec.Struct, tag="event", frozen=True, forbid_unknown_fields=True, omit_defaults=True):
        at: int
        note: str = ""
        secret: str = ""

    view = view_of(Event, exclude={"secret"})
    assert msgspec.json.encode(view(at=1)) == b'{"type":"event","at":1}'
    assert view.__struct_config__.frozen
    with pytest.raises(msgspec.ValidationError, match="secret"):
        msgspec.json.decode(b'{"type":"event","at":1,"secret":"x"}', type=view)


class Pair(tuple):
    __slots__ = ()
    _fields = ("a", "b")


@pytest.mark.parametrize(
    ("model", "options", "message"),
    [
        (User, {"exclude": {"pasword"}}, r"User has no field 'pasword' \(it has: id, name, password"),
        (User, {"rename": {"nam": "n"}}, "no field 'nam'"),
        (User, {"include": set()}, "no fields at all"),
        (User, {"rename": {"id": "name"}}, "two fields would be called 'name'"),
        (User, {"exclude": {"name": {"first"}}}, "reaches into 'name', which holds no model"),
        (User, {"exclude": {"address": {"street"}}}, "Address has no field 'street'"),
        (User, {"exclude": "password"}, "not the text 'password'"),
        (int, {"exclude": {"x"}}, "is no model"),
        (Pair, {"include": {"a"}}, "places, not names"),
    ],
)
def test_what_cannot_be_meant_is_refused(model, options, message):
    with pytest.raises(FasterAPIError, match=message):
        view_of(model, **options)


PublicUser = Annotated[
    User, View(exclude={"password": True, "address": {"secret_code"}, "previous": True, "places": True})
]
PUBLIC = {"id": 1, "name": "ann", "address": {"fullStreet": "Main St"}}


def returned(annotation, value):
    app = Faster()

    async def show():
        return value

    show.__annotations__["return"] = annotation
    app.get("/")(show)
    return app


@pytest.mark.parametrize(
    ("annotation", "value", "expected"),
    [
        (PublicUser, ANN, PUBLIC),
        (
            PublicUser,
            {"id": 1, "name": "ann", "password": "pw", "address": {"full_street": "Main St"}},
            PUBLIC,
        ),
        (PublicUser | None, ANN, PUBLIC),
        (PublicUser | None, None, None),
        (list[PublicUser], [ANN, ANN], [PUBLIC, PUBLIC]),
        (dict[str, list[PublicUser]], {"a": [ANN]}, {"a": [PUBLIC]}),
        (Page[PublicUser], Page([ANN], 1), {"items": [PUBLIC], "total": 1}),
        (Annotated[list[User], View(include={"id"})], [ANN], [{"id": 1}]),
    ],
)
def test_a_return_annotation_with_a_view_sends_the_view(annotation, value, expected):
    app = returned(annotation, value)
    assert TestClient(app).get("/").json() == expected
    assert "password" not in str(app.openapi())


def test_a_response_model_may_be_a_view_or_have_one():
    app = Faster()
    for path, model in (("/a", PublicUser), ("/b", list[PublicUser]), ("/c", view_of(User, include={"id"}))):

        @app.get(path, response_model=model)
        async def show(many: bool = False):
            return [ANN] if many else ANN

    client = TestClient(app)
    answers = [client.get("/a").json(), client.get("/b?many=1").json(), client.get("/c").json()]
    assert answers == [PUBLIC, [PUBLIC], {"id": 1}]


def test_a_stream_of_views_sends_views():
    from collections.abc import AsyncIterator

    app = Faster()

    @app.get("/")
    async def stream() -> AsyncIterator[PublicUser]:
        yield ANN

    assert msgspec.json.decode(TestClient(app).get("/").content) == PUBLIC


def test_a_view_is_a_body_of_its_own():
    app = Faster()
    Change = view_of(User, include={"name", "id"}, partial=True)

    @app.patch("/")
    async def change(body: Change) -> dict[str, bool]:
        return {name: getattr(body, name) is not msgspec.UNSET for name in ("id", "name")}

    client = TestClient(app)
    assert client.patch("/", json={"name": "bob"}).json() == {"id": False, "name": True}
    assert client.patch("/", json={"name": ""}).json()["detail"][0]["loc"] == ["body", "name"]


def test_the_marker_beside_a_body_is_an_error_that_says_what_to_write():
    with pytest.raises(FasterAPIError, match=r"parameter 'body' .*write view_of\(User, \.\.\.\)"):

        @Faster().post("/")
        async def make(body: PublicUser) -> None: ...


def test_a_wrong_view_is_an_error_that_comes_with_the_declaration():
    app = Faster()
    with pytest.raises(FasterAPIError, match="no field 'pasword'"):
        app.get("/", response_model=Annotated[User, View(exclude={"pasword"})])(lambda: ANN)


def test_the_document_names_every_view():
    app = returned(PublicUser, ANN)
    schemas = app.openapi()["components"]["schemas"]
    (name,) = [name for name in schemas if name.startswith("User")]
    assert schemas[name]["properties"].keys() == {"id", "name", "address"}
    assert schemas[name]["description"] == "Somebody."
    assert schemas["AddressWithoutSecretCode"]["properties"].keys() == {"fullStreet"}


def test_an_additional_response_may_be_a_view():
    app = Faster()
    app.get("/", responses={409: {"model": PublicUser}})(lambda: 1)
    assert "password" not in str(app.openapi())


def test_nothing_of_it_is_imported_before_it_is_asked_for():
    code = "import sys, fasterapi; fasterapi.Faster(); print('fasterapi.views' in sys.modules)"
    found = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
    )
    assert found.stdout.strip() == "False"
