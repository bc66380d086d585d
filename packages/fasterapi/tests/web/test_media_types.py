"""With `media_types`, bodies come and go in the form that the client names, under the same rules as JSON."""

import datetime
import json
import sys

import msgspec
import pytest

from fasterapi import Body, Faster, FasterRouter, Form, HTTPException, Response
from fasterapi._accept import choose_media_type
from fasterapi.codecs import MAX_YAML_DEPTH, Codec, find_codecs
from fasterapi.exceptions import FasterAPIError
from fasterapi.middleware import Middleware
from fasterapi.middleware.ratelimit import RateLimitMiddleware
from fasterapi.responses import HTMLResponse, JSONResponse
from fasterapi.testclient import TestClient

pytest.importorskip("yaml")
pytest.importorskip("tomli_w")

FORMS = {
    "application/json": msgspec.json,
    "application/msgpack": msgspec.msgpack,
    "application/yaml": msgspec.yaml,
    "application/toml": msgspec.toml,
}
NOW = datetime.datetime(2024, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)


class Item(msgspec.Struct):
    name: str
    price: float = 1.0
    made: datetime.datetime = NOW
    data: bytes = b""


class Secret(Item):
    password: str = "hunter2"


app = Faster(media_types=list(FORMS))
called = []


@app.post("/items")
async def show(item: Item) -> Item:
    called.append(item)
    return Secret(item.name, item.price, item.made, item.data)


@app.post("/several")
async def several(item: Item, number: int = Body(gt=0)):
    return {"name": item.name, "number": number}


@app.post("/untyped")
async def untyped(value: dict):
    return value


@app.post("/draft", status_code=201)
async def draft(response: Response):
    response.headers["x-more"] = "1"
    return {"a": 1}


@app.get("/null")
async def null():
    return {"a": None}


@app.get("/own")
async def own():
    return JSONResponse({"own": True})


@app.get("/html", response_class=HTMLResponse)
async def html():
    return "<p>"


@app.post("/form")
async def form(name: str = Form()):
    return {"name": name}


@app.post("/raw")
async def raw(body: bytes = Body()):
    return {"size": len(body)}


@app.get("/stream")
async def stream():
    yield {"a": 1}


@app.delete("/gone", status_code=204)
async def gone(): ...


client = TestClient(app)


def send(path, kind, value, accept=None, method="POST"):
    content = value if isinstance(value, bytes) else FORMS[kind].encode(value)
    return client.request(
        method, path, content=content, headers={"content-type": kind, "accept": accept or kind}
    )


@pytest.mark.parametrize("accept", FORMS)
@pytest.mark.parametrize("kind", FORMS)
def test_every_form_both_ways(kind, accept):
    value = {"name": "ü", "price": 1.5, "made": NOW, "data": b"\x00\xff"}
    response = send("/items", kind, value, accept)
    assert (response.status_code, response.headers["content-type"]) == (200, accept)
    assert response.headers["vary"] == "Accept"
    assert called[-1] == Item("ü", 1.5, NOW, b"\x00\xff")
    # … and what the response model does not name stays inside
    plain = FORMS[accept].decode(response.content)
    assert sorted(plain) == ["data", "made", "name", "price"]
    assert msgspec.convert(plain, Item, strict=False) == called[-1]


@pytest.mark.parametrize("kind", FORMS)
def test_parameters_that_share_a_body(kind):
    response = send("/several", kind, {"item": {"name": "a"}, "number": 3})
    assert FORMS[kind].decode(response.content) == {"name": "a", "number": 3}


INVALID = [
    ("/items", {"name": 1, "price": "x"}),
    ("/items", {"price": 2.0}),
    ("/items", {"name": "a", "made": NOW, "price": []}),
    ("/several", {"item": {"name": "a"}, "number": 0}),
    ("/several", {"number": "x"}),
]


@pytest.mark.parametrize(("path", "value"), INVALID)
@pytest.mark.parametrize("kind", FORMS)
def test_the_errors_are_those_of_json(path, value, kind):
    expected = send(path, "application/json", value)
    response = send(path, kind, value, "application/json")
    assert response.status_code == expected.status_code == 422
    assert response.json() == expected.json()


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/msgpack", b"\xff\xff"),
        ("application/msgpack", b"\x91" * 10_000),
        ("application/msgpack", b"\xdd\xff\xff\xff\xff"),
        ("application/yaml", b"\xff"),
        ("application/yaml", b"{a: "),
        ("application/yaml", b"1\n--- \n2"),
        ("application/yaml", b"a: &a [1]\nb: [*a, *a]"),
        ("application/yaml", b"[" * 100_000),
        ("application/yaml", b"[" * (MAX_YAML_DEPTH + 1) + b"]" * (MAX_YAML_DEPTH + 1)),
        ("application/yaml", b"a: 1" + b":1" * 100_000),
        ("application/yaml", b'a: !!int "1' + b":1" * 100_000 + b'"'),
        ("application/yaml", b"!!python/object/apply:os.getcwd []"),
        ("application/toml", b"a ="),
        ("application/toml", b"\xff"),
        ("application/toml", b"a" + b".a" * 20_000 + b" = 1"),
        ("application/toml", b'["a"' + b' . "b"' * 20_000 + b"]"),
    ],
)
def test_what_is_malformed_is_refused_at_once(kind, body):
    response = send("/untyped", kind, body, "application/json")
    (error,) = response.json()["detail"]
    assert (response.status_code, error["type"]) == (422, f"{kind.partition('/')[2]}_invalid")


def test_texts_that_look_like_long_numbers_are_texts():
    body = b'a: "' + b"1:" * 100 + b'"\n'
    assert send("/untyped", "application/yaml", body, "application/json").json() == {"a": "1:" * 100}


def test_a_text_of_many_underscores_is_read_at_once():
    body = b"a: " + b"_" * 1_000_000 + b"x\n"
    assert send("/untyped", "application/yaml", body, "application/json").status_code == 200


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/x-msgpack", 200),
        ("Application/VND.msgpack; charset=binary", 200),
        ("text/csv", 415),
        ("application/octet-stream", 415),
    ],
)
def test_the_content_type_decides(content_type, status):
    body = msgspec.msgpack.encode({"name": "a"})
    response = client.post("/items", content=body, headers={"content-type": content_type})
    assert response.status_code == status
    if status == 415:
        assert response.headers["accept"] == ", ".join(FORMS)


def test_a_body_that_is_missing_is_missing():
    response = client.post("/items", headers={"content-type": "application/msgpack"})
    assert response.json()["detail"][0]["type"] == "missing"


JSON, PACK, YAML = (
    ("application/json",),
    ("application/msgpack", "application/x-msgpack"),
    ("application/yaml",),
)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("application/msgpack", PACK),
        ("application/x-msgpack", PACK),
        ("APPLICATION/YAML; indent=2", YAML),
        ("application/json;q=0.5, application/yaml", YAML),
        ("application/json;q=0.5, application/yaml; q=0.4", JSON),
        ("application/json;q=0, */*;q=0.1", PACK),
        ("application/*;q=0.1, application/yaml;q=0.2", YAML),
        ("text/html, */*;q=0.8", JSON),
        ("application/yaml;q=nonsense, application/msgpack;q=0.1", PACK),
        ("text/html", None),
        ("*/*;q=0", None),
        ("application/json;q=0", None),
        (",,", JSON),
    ],
)
def test_the_client_chooses(accept, expected):
    offered = [JSON, PACK, YAML]
    place = choose_media_type(accept, offered)
    assert (None if place is None else offered[place]) == expected


def test_what_nobody_can_make_is_refused_before_the_handler_is_called():
    before = len(called)
    response = send("/items", "application/json", {"name": "a"}, "text/html")
    assert (response.status_code, len(called)) == (406, before)
    assert response.headers["vary"] == "Accept"


def test_a_result_without_a_form_is_not_acceptable():
    """TOML has no null."""
    assert client.get("/null", headers={"accept": "application/toml"}).status_code == 406
    assert client.get("/null", headers={"accept": "application/yaml"}).content == b"a: null\n"


def test_headers_and_status_of_the_handler_are_kept():
    response = client.post("/draft", headers={"accept": "application/msgpack"})
    assert (response.status_code, response.headers["x-more"]) == (201, "1")
    assert response.headers["content-type"] == "application/msgpack"
    assert msgspec.msgpack.decode(response.content) == {"a": 1}


@pytest.mark.parametrize(
    ("method", "path", "options", "kind"),
    [
        ("GET", "/own", {}, "application/json"),
        ("GET", "/html", {}, "text/html; charset=utf-8"),
        ("GET", "/stream", {}, "application/jsonl"),
        ("POST", "/form", {"data": {"name": "a"}}, "application/yaml"),
        ("POST", "/raw", {"content": b"abc", "headers": {"content-type": "text/csv"}}, "application/yaml"),
        ("DELETE", "/gone", {}, "application/json"),
    ],
)
def test_what_is_not_negotiated_stays_as_it_is(method, path, options, kind):
    headers = {"accept": "application/yaml", **options.pop("headers", {})}
    response = client.request(method, path, headers=headers, **options)
    assert (response.is_success, response.headers["content-type"]) == (True, kind)


@pytest.mark.parametrize("kind", FORMS)
def test_which_fields_were_sent_is_known(kind):
    own = Faster(media_types=list(FORMS))

    @own.post("/")
    async def handler(item: Item):
        from fasterapi.validation import fields_set

        return {"set": sorted(fields_set(item))}

    body = FORMS[kind].encode({"name": "a", "price": 2.0})
    response = TestClient(own).post("/", content=body, headers={"content-type": kind})
    assert response.json() == {"set": ["name", "price"]}


def test_nearer_routers_and_routes_decide():
    outer = Faster(media_types=["application/json", "application/msgpack"])
    router = FasterRouter(prefix="/r", media_types=["application/yaml"])

    @router.get("/router")
    async def of_router():
        return {"a": 1}

    @router.get("/route", media_types=["application/toml", "application/json"])
    async def of_route():
        return {"a": 1}

    outer.include_router(router)
    inner = TestClient(outer)
    assert inner.get("/r/router").text == "a: 1\n"
    assert inner.get("/r/router", headers={"accept": "application/json"}).status_code == 406
    assert inner.get("/r/route").text == "a = 1\n"


def test_a_route_may_refuse_json():
    strict = Faster(media_types=["application/msgpack"])

    @strict.post("/")
    async def handler(item: Item):
        return item.name

    response = TestClient(strict).post("/", json={"name": "a"})
    assert response.status_code == 415


def test_an_application_may_bring_a_codec():
    lines = Codec(
        "text/x-lines",
        decode=lambda body: dict(line.split("=") for line in body.decode().split()),
        encode=lambda value: "\n".join(f"{key}={text}" for key, text in value.items()).encode(),
    )
    own = Faster(media_types=["application/json", lines])

    @own.post("/")
    async def handler(item: Item) -> Item:
        return item

    inner = TestClient(own)
    headers = {"content-type": "text/x-lines", "accept": "text/x-lines"}
    response = inner.post("/", content=b"name=a price=2", headers=headers)
    assert response.text == "name=a\nprice=2.0\nmade=2024-01-02T03:04:05Z\ndata="
    # … whose errors stay JSON, as it does not say that it can write them
    assert (
        inner.post("/", content=b"name=a price=x", headers=headers).json()["detail"][0]["type"]
        == "float_parsing"
    )
    assert inner.post("/", content=b"nothing", headers=headers).status_code == 422


# errors -------------------------------------------------------------------------------------------------------


def failing(**options):
    failing = Faster(**options)

    @failing.get("/raise")
    async def raises():
        raise HTTPException(409, "Gone ahead", headers={"X-More": "1", "Vary": "Cookie"})

    @failing.get("/number")
    async def number(value: int): ...

    @failing.get("/nothing")
    async def nothing():
        raise HTTPException(304)

    return TestClient(failing, raise_server_exceptions=False)


@pytest.mark.parametrize("problem_details", [False, True])
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/raise", 409),
        ("GET", "/number?value=x", 422),
        ("POST", "/number", 405),
        ("GET", "/none", 404),
    ],
)
@pytest.mark.parametrize("kind", FORMS)
def test_errors_are_in_the_form_that_the_client_accepts(kind, method, path, status, problem_details):
    plain = failing(problem_details=problem_details).request(method, path)
    response = failing(media_types=list(FORMS), problem_details=problem_details).request(
        method, path, headers={"accept": kind}
    )
    expected = plain.headers["content-type"] if kind == "application/json" else kind
    assert (response.status_code, response.headers["content-type"]) == (status, expected)
    assert FORMS[kind].decode(response.content) == plain.json()
    assert int(response.headers["content-length"]) == len(response.content)
    assert "Accept" in response.headers["vary"].split(", ")
    assert response.headers.get("x-more") == plain.headers.get("x-more")
    assert response.headers.get("allow") == plain.headers.get("allow")


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "application/msgpack"),
        ("*/*", "application/msgpack"),
        ("text/x-own", "application/json"),
        ("text/x-own, application/msgpack;q=0.1", "application/msgpack"),
        ("image/png", "application/json"),
    ],
)
def test_errors_are_in_the_default_form_or_json_where_none_that_can_hold_them_is_accepted(accept, expected):
    own = Codec("text/x-own", decode=bytes.decode, encode=str.encode)
    client = failing(media_types=["application/msgpack", own])
    response = client.get("/none", headers={} if accept is None else {"accept": accept})
    assert response.headers["content-type"] == expected


def test_an_error_that_a_form_cannot_hold_is_json():
    """TOML has no null."""
    response = failing(media_types=list(FORMS)).get("/number", headers={"accept": "application/toml"})
    assert response.headers["content-type"] == "application/json"
    assert response.json()["detail"][0]["input"] is None


def test_a_codec_may_write_errors():
    own = Codec("text/x-own", decode=bytes.decode, encode=lambda v: v["detail"].encode(), writes_errors=True)
    response = failing(media_types=["application/json", own]).get("/none", headers={"accept": "text/x-own"})
    assert (response.headers["content-type"], response.text) == ("text/x-own", "Not Found")


def test_what_a_handler_of_the_user_answers_stays_as_it_is():
    async def mine(request, exc):
        return JSONResponse({"mine": True}, 409)

    client = failing(media_types=list(FORMS), exception_handlers={409: mine})
    assert client.get("/raise", headers={"accept": "application/msgpack"}).json() == {"mine": True}


def test_an_answer_without_a_body_gets_none():
    response = failing(media_types=list(FORMS)).get("/nothing", headers={"accept": "application/yaml"})
    assert (response.status_code, response.content) == (304, b"")


def test_what_middleware_refuses_by_the_applications_handlers_is_in_that_form_too():
    limit = Middleware(RateLimitMiddleware, "1/hour")
    client = failing(media_types=list(FORMS), middleware=[limit])
    headers = {"accept": "application/msgpack"}
    client.get("/raise", headers=headers)
    response = client.get("/raise", headers=headers)
    assert (response.status_code, msgspec.msgpack.decode(response.content)) == (
        429,
        {"detail": "Too Many Requests"},
    )


@pytest.mark.parametrize("problem_details", [False, True])
def test_the_forms_of_errors_are_documented(problem_details):
    own = Codec("text/x-own", decode=bytes.decode, encode=str.encode)
    client = failing(media_types=[own, "application/msgpack"], problem_details=problem_details)
    responses = client.app.openapi()["paths"]["/number"]["get"]["responses"]
    json_type = "application/problem+json" if problem_details else "application/json"
    assert list(responses["422"]["content"]) == ["application/msgpack", json_type]
    assert len({str(media) for media in responses["422"]["content"].values()}) == 1
    if problem_details:
        assert list(responses["default"]["content"]) == ["application/msgpack", json_type]


def test_all_forms_are_documented():
    operation = app.openapi()["paths"]["/items"]["post"]
    assert list(operation["requestBody"]["content"]) == list(FORMS)
    assert list(operation["responses"]["200"]["content"]) == list(FORMS)
    assert list(app.openapi()["paths"]["/form"]["post"]["requestBody"]["content"]) == [
        "application/x-www-form-urlencoded"
    ]
    assert list(app.openapi()["paths"]["/html"]["get"]["responses"]["200"]["content"]) == ["text/html"]


def test_a_route_without_media_types_has_nothing_of_it():
    plain = Faster()

    @plain.post("/")
    async def handler(item: Item) -> Item:
        return item

    (source,) = [route.source for route in plain.routes if getattr(route, "endpoint", None) is handler]
    assert "codec" not in source
    assert "plain_body" not in source


@pytest.mark.parametrize(
    ("media_types", "text"),
    [
        (["text/csv"], "no codec for 'text/csv'; there are application/json, .*\n  fix: pass a Codec"),
        ("application/json", "give a list"),
        ([], "give a list"),
    ],
)
def test_media_types_that_cannot_be_meant_are_errors_at_once(media_types, text):
    with pytest.raises(FasterAPIError, match=text):
        Faster(media_types=media_types)


@pytest.mark.parametrize(("module", "kind"), [("yaml", "yaml"), ("tomli_w", "toml")])
def test_a_missing_library_is_named(monkeypatch, module, kind):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(FasterAPIError, match=rf'pip install "fasterapi\[{kind}\]"'):
        find_codecs([f"application/{kind}"])


def test_plain_json_is_as_it_was():
    response = client.post("/untyped", json={"a": [1, None]})
    assert (response.text, response.headers["vary"]) == ('{"a":[1,null]}', "Accept")
    assert json.loads(response.text) == {"a": [1, None]}
