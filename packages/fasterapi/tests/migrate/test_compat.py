"""`fasterapi.compat`: what migrated code uses in place of Pydantic."""

import uuid
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from typing import Any, ClassVar, Generic, Literal, NamedTuple, TypeVar

import msgspec
import pytest

from fasterapi import compat
from fasterapi.compat import (
    EmailStr,
    FutureDate,
    FutureDatetime,
    HttpUrl,
    NameEmail,
    PastDate,
    PastDatetime,
    SecretBytes,
    SecretStr,
    ValidationError,
    computed,
    fields_set,
    model_construct,
    model_copy,
    model_dump,
    model_dump_json,
    model_json_schema,
    model_validate,
    model_validate_json,
    set_field,
    validate_field,
    validate_model,
)
from fasterapi.compat.hooks import FieldRefused
from fasterapi.validation import dec_hook, enc_hook

T = TypeVar("T")


class Colour(Enum):
    RED = "red"


class Point(NamedTuple):
    x: int
    y: int


class Sub(msgspec.Struct):
    a: int
    b: str | None = None


class Item(msgspec.Struct):
    name: str
    item_id: int = msgspec.field(default=1, name="itemId")
    subs: list[Sub] = []
    by_name: dict[str, Sub] = {}
    when: date | None = None
    colour: Colour = Colour.RED
    pair: tuple[int, ...] = ()
    point: Point = Point(1, 2)
    labels: set[str] = set()


class Tagged(msgspec.Struct, tag_field="kind", tag="cat"):
    kind: ClassVar[Literal["cat"]] = "cat"
    lives: int = 9


class Box(msgspec.Struct, Generic[T]):
    value: T


def roundtrip(type_: Any, text: str) -> Any:
    return msgspec.json.decode(msgspec.json.encode(text), type=type_, dec_hook=dec_hook)


# dumping


ITEM = Item("pen", 3, [Sub(1), Sub(2, "x")], {"k": Sub(3)}, date(2026, 1, 2), labels={"l"})


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"include": {"name"}}, {"name": "pen"}),
        ({"include": {"item_id"}, "by_alias": True}, {"itemId": 3}),
        ({"include": {"subs": {0: {"a"}}}}, {"subs": [{"a": 1}]}),
        ({"include": {"subs": {"__all__": {"a"}}}}, {"subs": [{"a": 1}, {"a": 2}]}),
        ({"include": {"subs": {"__all__"}}, "exclude_none": True}, {"subs": [{"a": 1}, {"a": 2, "b": "x"}]}),
        ({"include": {"by_name"}, "exclude": {"by_name": {"k": {"b"}}}}, {"by_name": {"k": {"a": 3}}}),
        ({"include": {"subs"}, "exclude": {"subs": {1: True}}}, {"subs": [{"a": 1, "b": None}]}),
        ({"include": {"name": True, "when": ...}}, {"name": "pen", "when": date(2026, 1, 2)}),
        ({"include": {"name": False}}, {}),
        ({"include": {"colour", "point", "pair", "labels"}},
         {"colour": Colour.RED, "point": Point(1, 2), "pair": (), "labels": {"l"}}),
        ({"include": {"when", "colour"}, "mode": "json"}, {"when": "2026-01-02", "colour": "red"}),
        ({"exclude_defaults": True, "exclude": {"subs", "by_name", "when", "labels"}}, {"name": "pen", "item_id": 3}),
        ({"exclude_unset": True, "include": {"name", "colour"}}, {"name": "pen"}),
    ],
)  # fmt: skip
def test_dump_selects_as_pydantic_does(options: dict[str, Any], expected: dict[str, Any]) -> None:
    assert model_dump(ITEM, **options) == expected


def test_dump_brings_the_tag() -> None:
    assert model_dump(Tagged()) == {"kind": "cat", "lives": 9}
    assert model_dump(Tagged(), exclude={"kind"}) == {"lives": 9}
    assert model_validate(Tagged, model_dump(Tagged(3))) == Tagged(3)


def test_dump_as_text() -> None:
    assert model_dump_json(Sub(1)) == '{"a":1,"b":null}'
    assert model_dump_json(Sub(1), indent=2, exclude_none=True) == '{\n  "a": 1\n}'


def test_copy_updates_without_checks() -> None:
    item = Item("pen")
    copied = model_copy(item, update={"name": 3, "unknown": 1})
    assert (copied.name, item.name) == (3, "pen")
    assert model_copy(item) == item
    assert model_copy(item) is not item


def test_copy_keeps_private_attributes() -> None:
    class Private(msgspec.Struct, dict=True):
        x: int

        def __post_init__(self) -> None:
            self._log = ["made"]

    private = Private(1)
    private._log.append("used")
    assert model_copy(private)._log == ["made", "used"]


class Foreign:
    """What a Pydantic settings object or an SQLModel row looks like from outside."""

    model_fields_set = {"a"}

    def __init__(self, **values: Any) -> None:
        self.values = values

    def model_dump(self, **options: Any) -> dict[str, Any]:
        return {"dumped": options}

    def model_dump_json(self, **options: Any) -> str:
        return "text"

    def model_copy(self, **options: Any) -> "Foreign":
        return Foreign(**options)

    @classmethod
    def model_validate(cls, value: Any) -> "Foreign":
        return cls(value=value)

    @classmethod
    def model_validate_json(cls, value: Any) -> "Foreign":
        return cls(json=value)

    @classmethod
    def model_construct(cls, **values: Any) -> "Foreign":
        return cls(**values)


def test_objects_that_are_no_structs_keep_their_own_methods() -> None:
    assert model_dump(Foreign(), exclude_none=True) == {"dumped": {"mode": "python", "exclude_none": True}}
    assert model_dump_json(Foreign()) == model_dump_json(Foreign(), indent=2) == "text"
    assert model_copy(Foreign(), update={"a": 1}).values == {"update": {"a": 1}}
    assert model_copy(Foreign()).values == {}
    assert model_validate(Foreign, 3).values == {"value": 3}
    assert model_validate_json(Foreign, "3").values == {"json": "3"}
    assert model_construct(Foreign, a=1).values == {"a": 1}
    assert fields_set(Foreign()) == {"a"}


def test_dictionaries_copy_themselves_and_old_models_dump_themselves() -> None:
    class Old:
        def dict(self, **options: Any) -> Any:
            return {"old": options}

    assert model_dump(Old(), exclude_none=True) == {"old": {"exclude_none": True}}
    assert model_copy({"a": 1}) == {"a": 1}


@pytest.mark.parametrize("function", [model_dump, model_copy])
def test_other_objects_are_refused_by_name(function: Any) -> None:
    with pytest.raises(TypeError, match="object is no model"):
        function(object())


# loading


@pytest.mark.parametrize(
    "value",
    [
        {"name": "pen", "itemId": "3", "more": 1},
        {"name": "pen", "item_id": 3},
        Foreign(),
        Item("pen", 3),
    ],
    ids=["alias", "own name", "attributes", "itself"],
)
def test_validate_takes_mappings_and_objects(value: Any) -> None:
    if isinstance(value, Foreign):
        value.name, value.item_id = "pen", 3
    assert model_validate(Item, value) == Item("pen", 3)


def test_validate_converts_nested_values_and_takes_models_as_they_are() -> None:
    sub = Sub(1)
    item = model_validate(Item, {"name": "a", "subs": [sub, {"a": "2"}], "when": "2026-01-02"})
    assert item.subs == [Sub(1), Sub(2)]
    assert item.when == date(2026, 1, 2)


def test_generic_models() -> None:
    assert model_validate(Box[int], {"value": "3"}) == Box(3)
    assert model_construct(Box[int], value="x", other=1) == Box("x")


def test_everything_wrong_is_listed() -> None:
    with pytest.raises(ValidationError) as caught:
        model_validate(Item, {"itemId": "x", "subs": [{}]})
    error = caught.value
    assert isinstance(error, ValueError)
    assert [(item["type"], item["loc"]) for item in error.errors()] == [
        ("missing", ("name",)),
        ("int_parsing", ("itemId",)),
        ("missing", ("subs", 0, "a")),
    ]
    assert error.error_count() == 3
    assert str(error).startswith("3 validation errors for Item\nname: Field required\n")
    assert msgspec.json.decode(error.json())[0]["type"] == "missing"


@pytest.mark.parametrize("text", ['{"name":', '{"itemId": 1}', b"\xff"])
def test_json_that_does_not_fit(text: str | bytes) -> None:
    with pytest.raises(ValidationError):
        model_validate_json(Item, text)


def test_json_that_fits() -> None:
    assert model_validate_json(Item, '{"name": "a", "itemId": "2"}') == Item("a", 2)


# __post_init__


class Checked(msgspec.Struct):
    name: str
    nick: str | None = None
    tags: list[str] = []
    made: list[int] = msgspec.field(default_factory=lambda: [1])
    again: str = msgspec.field(default="", name="Again")
    size: int = computed()

    @classmethod
    def not_blank(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("must not be blank")
        return value.strip()

    @staticmethod
    def not_empty(value: list[Any]) -> list[Any]:
        if not value:
            raise AssertionError("must not be empty")  # pytest would add to the text of an `assert`
        return value

    @classmethod
    def same(cls, value: str, info: compat.ValidationInfo) -> str:
        if value != info.data["name"]:
            raise ValueError(f"{info.field_name} differs")
        return value

    def check(self) -> None:
        assert self.name != self.nick, "nick is the name"

    def __post_init__(self) -> None:
        validate_field(self, "name", self.not_blank)
        validate_field(self, "nick", self.not_blank)
        validate_field(self, "tags", self.not_empty)
        validate_field(self, "made", self.not_empty)
        validate_field(self, "again", self.same, info=True)
        validate_model(self.check)
        self.size = len(self.name)


def test_validators_change_what_was_given_and_skip_defaults() -> None:
    checked = Checked(" ada ", again="ada")
    assert (checked.name, checked.nick, checked.tags, checked.size) == ("ada", None, [], 3)
    assert msgspec.to_builtins(checked)["size"] == 3


@pytest.mark.parametrize(
    ("values", "sentence", "loc"),
    [
        ({"name": " "}, "must not be blank", ("name",)),
        ({"name": "a", "nick": ""}, "must not be blank", ("nick",)),
        ({"name": "a", "made": []}, "Assertion failed, must not be empty", ("made",)),
        ({"name": "a", "again": "b"}, "again differs", ("Again",)),
    ],
)
def test_a_refusal_names_the_field(values: dict[str, Any], sentence: str, loc: tuple[str, ...]) -> None:
    with pytest.raises(FieldRefused) as caught:
        Checked(**values)
    assert (str(caught.value), caught.value.loc) == (sentence, loc)
    with pytest.raises(ValidationError, match=sentence):
        model_validate(Checked, {("Again" if name == "again" else name): item for name, item in values.items()})


def test_a_models_own_check_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="nick is the name"):
        Checked("a", nick="a")
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"name": "a", "nick": "a"}', type=Checked)


def test_frozen_structs_are_filled_in() -> None:
    class Frozen(msgspec.Struct, frozen=True):
        x: int
        double: int = computed()

        def __post_init__(self) -> None:
            validate_field(self, "x", abs)
            set_field(self, "double", self.x * 2)

    assert (Frozen(-2).x, Frozen(-2).double) == (2, 4)


# types


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ada@example.com", "ada@example.com"),
        ("Ada.L+x@EXAMPLE.co.uk", "Ada.L+x@example.co.uk"),
        (" ada@example.com ", "ada@example.com"),
        ("käse@bücher.de", "käse@bücher.de"),
    ],
)
def test_addresses(text: str, expected: str) -> None:
    assert roundtrip(EmailStr, text) == expected
    assert msgspec.json.encode(EmailStr(text), enc_hook=enc_hook) == msgspec.json.encode(expected)


@pytest.mark.parametrize(
    "text",
    ["", "ada", "@example.com", "ada@", "ada@example", "a b@example.com", "a..b@example.com", "a@-x.com", "a@x..com",
     "a@x.test", "a@host.localhost", "a@1.2.3.4", "a@b@c.de", f"{'x' * 65}@example.com", "a@" + "x." * 130 + "de"],
)  # fmt: skip
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        roundtrip(EmailStr, text)


def test_addresses_with_names() -> None:
    found = roundtrip(NameEmail, '"Ada L" <ada@example.com>')
    assert (found.name, found.email, str(found)) == ("Ada L", "ada@example.com", "Ada L <ada@example.com>")
    assert NameEmail.parse("ada@example.com") == NameEmail("ada", "ada@example.com")
    assert len({found, NameEmail.parse(str(found))}) == 1
    assert repr(found) == "NameEmail('Ada L', 'ada@example.com')"
    assert NameEmail.parse("  Ada L  <ada@example.com> ") == NameEmail("Ada L", "ada@example.com")
    assert NameEmail.parse(" <ada@example.com>") == NameEmail("", "ada@example.com")


@pytest.mark.parametrize(
    "text",
    ["Ada <>", "Ada <ada@example.com", "Ada <<ada@example.com>", "A > <ada@example.com>", "a <b@c.de> x", ">", "<", ""]
    + [" " * 100_000, " " * 100_000 + "<", "<" * 100_000, "a " * 100_000 + "<>", "@" * 100_000],
    ids=lambda text: text[:30],
)
def test_what_is_no_address_with_a_name_is_refused_at_once(text):
    with pytest.raises(ValueError, match=r"e-mail|address|domain|part"):
        NameEmail.parse(text)


@pytest.mark.parametrize("type_", [EmailStr, NameEmail, HttpUrl, SecretStr, SecretBytes, compat.UUID4])
def test_types_of_text_take_nothing_else(type_: Any) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b"3", type=type_, dec_hook=dec_hook)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://example.com", "https://example.com/"),
        ("HTTP://Example.COM:80/A?b=c#d", "http://example.com/A?b=c#d"),
        ("https://u:p@example.com:8443/", "https://u:p@example.com:8443/"),
        ("http://[::1]:8000", "http://[::1]:8000/"),
        ("http://bücher.example", "http://xn--bcher-kva.example/"),
    ],
)
def test_urls_have_a_normal_form(text: str, expected: str) -> None:
    url = roundtrip(HttpUrl, text)
    assert str(url) == url.unicode_string() == expected
    assert msgspec.json.encode(url, enc_hook=enc_hook) == msgspec.json.encode(expected)


def test_urls_have_parts() -> None:
    url = HttpUrl("https://u:p@example.com/a/b?x=1&y=#top")
    assert (url.scheme, url.host, url.port, url.username, url.password) == ("https", "example.com", 443, "u", "p")
    assert (url.path, url.query, url.fragment) == ("/a/b", "x=1&y=", "top")
    assert url.query_params() == [("x", "1"), ("y", "")]
    bare = compat.AnyUrl("mailto:ada@example.com")
    assert (bare.host, bare.query, bare.fragment, bare.port) == (None, None, None, None)
    assert compat.AnyUrl("foo://bar").path is None
    assert len({url, HttpUrl(url), HttpUrl(str(url))}) == 1
    assert sorted([HttpUrl("http://b"), HttpUrl("http://a")])[0].host == "a"
    assert (len(url), repr(bare)) == (len(str(url)), "AnyUrl('mailto:ada@example.com')")
    assert model_dump(model_copy(Box(url)))["value"] is url


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        (HttpUrl, "nonsense"),
        (HttpUrl, "ftp://example.com"),
        (HttpUrl, "http://"),
        (HttpUrl, "http://a b.com"),
        (HttpUrl, "http://a:99999"),
        (HttpUrl, "http://a/" + "x" * 2083),
        (HttpUrl, "http://" + "ü" * 70 + ".de"),
        (compat.PostgresDsn, "mysql://u@host/db"),
        (compat.PostgresDsn, "postgresql:///db"),
    ],
)
def test_what_is_no_url(type_: Any, text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        roundtrip(type_, text)


def test_addresses_of_services() -> None:
    assert roundtrip(compat.PostgresDsn, "postgresql+asyncpg://u:p@db:5432/app").path == "/app"
    assert roundtrip(compat.RedisDsn, "redis://localhost:6379/0").port == 6379


def test_secrets_do_not_show() -> None:
    secret = roundtrip(SecretStr, "hunter2")
    assert (str(secret), repr(secret), len(secret)) == ("**********", "SecretStr('**********')", 7)
    assert secret.get_secret_value() == "hunter2"
    assert msgspec.json.encode(Box(secret), enc_hook=enc_hook) == b'{"value":"**********"}'
    assert (secret == SecretStr("hunter2"), secret == SecretStr("x"), secret == "hunter2") == (True, False, False)
    assert len({secret, SecretStr("hunter2")}) == 1
    assert str(SecretStr("")) == ""
    binary = roundtrip(SecretBytes, "é")
    assert (binary.get_secret_value(), binary == SecretBytes("é".encode())) == ("é".encode(), True)


def test_versions_of_uuids() -> None:
    good = uuid.uuid4()
    assert roundtrip(compat.UUID4, str(good)) == good
    assert compat.UUID4(good) == good
    for bad in (str(uuid.uuid1()), "x"):
        with pytest.raises(msgspec.ValidationError):
            roundtrip(compat.UUID4, bad)


DAY = timedelta(days=2)


@pytest.mark.parametrize(
    ("type_", "good", "bad"),
    [
        (PastDate, date.today() - DAY, date.today() + DAY),
        (FutureDate, date.today() + DAY, date.today() - DAY),
        (PastDatetime, datetime.now() - DAY, datetime.now() + DAY),
        (FutureDatetime, datetime.now(timezone.utc) + DAY, datetime.now(timezone.utc) - DAY),
    ],
)
def test_past_and_future(type_: Any, good: date, bad: date) -> None:
    found = roundtrip(type_, good.isoformat())
    assert found == good
    assert isinstance(found, type_)
    assert msgspec.json.encode(found, enc_hook=enc_hook) == msgspec.json.encode(found.isoformat())
    with pytest.raises(msgspec.ValidationError):
        roundtrip(type_, bad.isoformat())
    with pytest.raises(msgspec.ValidationError):
        roundtrip(type_, "soon")


def test_decimals_stay_decimals() -> None:
    assert model_dump(Box(Decimal("1.50"))) == {"value": Decimal("1.50")}


def test_public_names_are_exactly_these() -> None:
    public = {name for name, value in vars(compat).items() if not name.startswith("_") and type(value) is not type(uuid)}
    assert public == set(compat.__all__)


def test_errors_can_leave_parts_out() -> None:
    with pytest.raises(ValidationError) as caught:
        model_validate(Item, {})
    assert set(caught.value.errors(include_url=False, include_input=False)[0]) == {"type", "loc", "msg"}
    assert caught.value.json(indent=1, include_input=False).startswith("[\n {")


class Node(msgspec.Struct):
    children: list["Node"] = []


@pytest.mark.parametrize(
    ("type_", "expected"),
    [
        (Sub, {
            "title": "Sub", "type": "object", "required": ["a"],
            "properties": {
                "a": {"type": "integer", "title": "A"},
                "b": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None, "title": "B"},
            },
        }),
        (Box[EmailStr], {
            "title": "Box[EmailStr]", "type": "object", "required": ["value"],
            "properties": {"value": {"type": "string", "format": "email", "title": "Value"}},
        }),
    ],
)  # fmt: skip
def test_the_schema_of_one_model(type_: Any, expected: dict[str, Any]) -> None:
    assert model_json_schema(type_) == expected


def test_the_schema_keeps_definitions_that_are_needed() -> None:
    assert set(model_json_schema(Item)["$defs"]) == {"Colour", "Sub", "Point"} & set(model_json_schema(Item)["$defs"])
    assert model_json_schema(Node)["$ref"] == "#/$defs/Node"


def test_a_foreign_class_gives_its_own_schema() -> None:
    class Own:
        @classmethod
        def model_json_schema(cls) -> dict[str, Any]:
            return {"own": True}

    assert model_json_schema(Own) == {"own": True}
    with pytest.raises(TypeError):
        model_json_schema(Box[Own])


def test_a_deep_copy_shares_nothing() -> None:
    item = Item("pen", subs=[Sub(1)])
    shallow, deep = model_copy(item), model_copy(item, deep=True)
    assert (shallow.subs is item.subs, deep.subs is item.subs, deep.subs == item.subs) == (True, False, True)
    assert model_copy(Foreign(), deep=True).values == {"deep": True}


@pytest.mark.parametrize("value", [{"a": 1}, [1], {1}])
def test_values_of_models_inside_sets_and_dataclasses(value: Any) -> None:
    import dataclasses

    @dataclasses.dataclass
    class Holder:
        inside: Any

    assert model_dump(Box(Holder(value)))["value"] == {"inside": value}
