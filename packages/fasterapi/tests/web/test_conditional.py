"""Conditional requests of JSON routes: what RFC 9110, section 13, says of each condition, and when it is evaluated."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Annotated

import pytest

from fasterapi import (
    Depends,
    Faster,
    FasterAPIError,
    FasterRouter,
    Header,
    HTTPException,
    JSONResponse,
    PlainTextResponse,
    Request,
    Response,
    StreamingResponse,
)
from fasterapi.conditional import ETag, Validators, entity_tag, failed_precondition, validators_of
from fasterapi.middleware import Middleware
from fasterapi.middleware.gzip import GZipMiddleware
from fasterapi.security import APIKeyHeader
from fasterapi.testclient import TestClient

NOON = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)
BEFORE, AT, AFTER = (
    "Thu, 01 Jan 2026 11:59:59 GMT",
    "Thu, 01 Jan 2026 12:00:00 GMT",
    "Thu, 01 Jan 2026 12:00:01 GMT",
)
TWO = Validators("2", NOON)
WEAK = Validators('W/"2"')
DATED = Validators(last_modified=NOON)


@pytest.mark.parametrize(
    ("method", "asked", "current", "status"),
    [
        ("GET", {}, TWO, None),
        ("PUT", {}, TWO, None),
        # If-Match compares strongly
        ("PUT", {"if-match": '"2"'}, TWO, None),
        ("PUT", {"if-match": '"1", "2"'}, TWO, None),
        ("PUT", {"if-match": '"1"'}, TWO, 412),
        ("PUT", {"if-match": 'W/"2"'}, TWO, 412),
        ("PUT", {"if-match": '"2"'}, WEAK, 412),
        ("PUT", {"if-match": "2"}, TWO, 412),
        ("PUT", {"if-match": "*"}, TWO, None),
        ("PUT", {"if-match": "*"}, None, 412),
        ("PUT", {"if-match": '"2"'}, None, 412),
        ("PUT", {"if-match": '"2"'}, DATED, 412),
        ("GET", {"if-match": '"1"'}, TWO, 412),
        # If-Unmodified-Since counts only without If-Match, and only where dates are known
        ("PUT", {"if-unmodified-since": BEFORE}, TWO, 412),
        ("PUT", {"if-unmodified-since": AT}, TWO, None),
        ("PUT", {"if-unmodified-since": AFTER}, TWO, None),
        ("PUT", {"if-unmodified-since": "yesterday"}, TWO, None),
        ("PUT", {"if-unmodified-since": BEFORE}, WEAK, None),
        ("PUT", {"if-match": '"2"', "if-unmodified-since": BEFORE}, TWO, None),
        # If-None-Match compares weakly, and comes after If-Match
        ("GET", {"if-none-match": '"2"'}, TWO, 304),
        ("HEAD", {"if-none-match": 'W/"2"'}, TWO, 304),
        ("GET", {"if-none-match": '"2"'}, WEAK, 304),
        ("GET", {"if-none-match": '"a,b", "2"'}, TWO, 304),
        ("GET", {"if-none-match": '"1"'}, TWO, None),
        ("GET", {"if-none-match": "*"}, TWO, 304),
        ("GET", {"if-none-match": "*"}, None, None),
        ("PUT", {"if-none-match": "*"}, TWO, 412),
        ("PUT", {"if-none-match": "*"}, None, None),
        ("POST", {"if-none-match": '"2"'}, TWO, 412),
        ("GET", {"if-match": '"1"', "if-none-match": '"2"'}, TWO, 412),
        ("GET", {"if-match": '"2"', "if-none-match": '"2"'}, TWO, 304),
        # If-Modified-Since counts only for GET and HEAD, and only without If-None-Match
        ("GET", {"if-modified-since": AT}, TWO, 304),
        ("GET", {"if-modified-since": BEFORE}, TWO, None),
        ("GET", {"if-modified-since": "yesterday"}, TWO, None),
        ("GET", {"if-modified-since": AT}, WEAK, None),
        ("PUT", {"if-modified-since": AT}, TWO, None),
        ("GET", {"if-none-match": '"1"', "if-modified-since": AT}, TWO, None),
    ],
)
def test_conditions_are_evaluated_as_rfc_9110_says(method, asked, current, status):
    assert failed_precondition(method, asked, current) == status


@pytest.mark.parametrize(
    ("method", "asked", "status"),
    [
        ("PUT", {}, 428),
        ("DELETE", {"if-modified-since": AT}, 428),
        ("PUT", {"if-match": '"2"'}, None),
        ("PUT", {"if-unmodified-since": AT}, None),
        ("PUT", {"if-none-match": "*"}, 412),
        ("GET", {}, None),
    ],
)
def test_a_change_may_be_required_to_name_the_version_that_it_changes(method, asked, status):
    assert failed_precondition(method, asked, TWO, required=True) == status


@pytest.mark.parametrize(
    ("current", "headers"),
    [
        ("2", {"etag": '"2"'}),
        (2, {"etag": '"2"'}),
        ('"2"', {"etag": '"2"'}),
        ('W/"2"', {"etag": 'W/"2"'}),
        ("", {"etag": '""'}),
        (NOON, {"last-modified": AT}),
        (NOON.astimezone(), {"last-modified": AT}),
        (TWO, {"etag": '"2"', "last-modified": AT}),
    ],
)
def test_a_version_is_said_by_these_fields(current, headers):
    assert validators_of(current).headers == headers


@pytest.mark.parametrize("tag", ['a"b', "a b", "a\r\nset-cookie: x", "\x00"])
def test_what_no_tag_can_hold_is_refused(tag):
    with pytest.raises(ValueError, match="entity tag"):
        entity_tag(tag)


@pytest.mark.parametrize("current", [True, 1.5, b"2", ["2"]])
def test_anything_else_is_no_version(current):
    with pytest.raises(FasterAPIError, match="gives a str or int"):
        validators_of(current)


def test_a_date_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="needs a time zone"):
        Validators(last_modified=NOON.replace(tzinfo=None))


# tags of what is sent ------------------------------------------------------------------------------------------


def answering(result, *, etag=True, **options):
    app = Faster(**options)

    @app.get("/", etag=etag)
    async def show(response: Response):
        response.headers["cache-control"] = "max-age=60"
        response.headers["x-other"] = "1"
        return result

    return TestClient(app)


@pytest.mark.parametrize("result", [{"a": 1}, [], "text", JSONResponse({"a": 1}), PlainTextResponse("a")])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_tag_of_an_answer_saves_sending_it_again(result, method):
    client = answering(result)
    first = client.get("/")
    again = client.request(method, "/", headers={"If-None-Match": first.headers["etag"]})
    other = client.request(method, "/", headers={"If-None-Match": '"other"'})
    assert first.headers["etag"].startswith('W/"')
    assert (first.status_code, other.status_code) == (200, 200)
    # An answer made by the handler has no content to take a tag from when it answers HEAD.
    expected = 200 if method == "HEAD" and isinstance(result, Response) else 304
    assert (again.status_code, again.content) == (expected, b"")


def test_an_answer_without_its_content_gets_no_tag_of_nothing():
    client = answering(JSONResponse({"a": 1}))
    assert ["etag" in client.request(method, "/").headers for method in ("GET", "HEAD")] == [True, False]


def test_two_contents_have_two_tags():
    assert answering({"a": 1}).get("/").headers["etag"] != answering({"a": 2}).get("/").headers["etag"]


def test_a_strong_tag_is_asked_for():
    assert answering({}, etag="strong").get("/").headers["etag"].startswith('"')


def test_a_304_repeats_only_what_a_cache_needs():
    client = answering({"a": 1})
    tag = client.get("/").headers["etag"]
    again = client.get("/", headers={"If-None-Match": tag})
    assert again.headers == {"cache-control": "max-age=60", "etag": tag}


@pytest.mark.parametrize("result", [JSONResponse({}, 201), PlainTextResponse("no", 404)])
def test_only_a_200_is_tagged(result):
    assert "etag" not in answering(result).get("/").headers


def test_a_stream_is_sent_as_it_comes():
    async def parts():
        yield b"a"
        yield b"b"

    response = answering(StreamingResponse(parts())).get("/")
    assert ("etag" in response.headers, response.content) == (False, b"ab")


@pytest.mark.parametrize("make", [JSONResponse, lambda content, **kw: StreamingResponse(iter([b"a"]), **kw)])
def test_a_tag_of_the_handler_is_the_tag(make):
    client = answering(make({}, headers={"etag": '"mine"'}))
    assert client.get("/").headers["etag"] == '"mine"'
    again = client.get("/", headers={"If-None-Match": 'W/"mine"'})
    assert (again.status_code, again.content) == (304, b"")


def test_compression_around_it_does_not_matter():
    client = answering({"a": "b" * 5000}, middleware=[Middleware(GZipMiddleware)])
    first = client.get("/")
    assert first.headers["content-encoding"] == "gzip"
    assert client.get("/", headers={"If-None-Match": first.headers["etag"]}).status_code == 304


def test_a_router_tags_what_can_be_tagged():
    app = Faster()
    router = FasterRouter(etag=True)

    @router.get("/")
    async def show() -> int:
        return 1

    @router.get("/not", etag=False)
    async def show_not() -> int:
        return 1

    @router.post("/")
    async def change() -> int:
        return 1

    app.include_router(router)
    client = TestClient(app)
    tagged = [
        ("etag" in client.request(*request).headers)
        for request in (("GET", "/"), ("GET", "/not"), ("POST", "/"))
    ]
    assert tagged == [True, False, False]


@pytest.mark.parametrize("etag", ["Weak", 1, "", [1]])
def test_a_value_that_means_nothing_is_an_error_at_registration(etag):
    with pytest.raises(FasterAPIError, match="etag="):
        Faster().get("/", etag=etag)(lambda: 1)


def test_tags_of_content_for_a_change_are_an_error_at_registration():
    with pytest.raises(FasterAPIError, match="etag=True tags answers to GET.*\n.*current_version"):
        Faster().put("/", etag=True)(lambda: 1)


def test_what_is_no_dependency_is_an_error_at_once():
    with pytest.raises(FasterAPIError, match="takes a dependency"):
        ETag("2")


# conditions before the handler -----------------------------------------------------------------------------------


class Store:
    def __init__(self):
        self.versions = {"a": 2}
        self.calls = []


def get_store(request: Request) -> Store:
    return request.app.state.store


def current_version(name: str, store: Annotated[Store, Depends(get_store)]) -> int | None:
    store.calls.append("version")
    return store.versions.get(name)


def require_user(token: Annotated[str | None, Header()] = None):
    if token != "t":
        raise HTTPException(401)


@pytest.fixture
def app():
    app = Faster()
    app.state.store = Store()

    @app.get("/{name}", etag=current_version)
    async def show(
        name: str, store: Annotated[Store, Depends(get_store)], response: Response
    ) -> dict[str, int]:
        store.calls.append("show")
        response.headers["x-other"] = "1"
        return {"version": store.versions[name]}

    @app.put("/{name}", etag=ETag(current_version, required=True))
    def change(
        name: str,
        size: int,
        store: Annotated[Store, Depends(get_store)],
        user: Annotated[None, Depends(require_user)],
        version: Annotated[int | None, Depends(current_version)],
    ) -> dict[str, int]:
        store.calls.append("change")
        store.versions[name] = (version or 0) + 1
        return {"version": store.versions[name]}

    return app


@pytest.fixture
def store(app):
    return app.state.store


@pytest.fixture
def client(app):
    return TestClient(app)


def test_a_get_has_the_tag_of_its_dependency(client, store):
    response = client.get("/a")
    assert (response.headers["etag"], response.headers["x-other"]) == ('"2"', "1")
    assert store.calls == ["version", "show"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_the_client_has_is_not_computed_again(client, store, method):
    response = client.request(method, "/a", headers={"If-None-Match": '"2"'})
    assert (response.status_code, response.content, response.headers["etag"]) == (304, b"", '"2"')
    assert store.calls == ["version"]


def put(client, condition=None, *, path="/a?size=1", **headers):
    headers = {"token": "t", **headers, **({"If-Match": condition} if condition else {})}
    return client.put(path, headers=headers)


def test_a_change_of_the_current_version_is_made_once(client, store):
    assert put(client, '"2"').json() == {"version": 3}
    assert put(client, '"2"').status_code == 412
    assert store.calls == ["version", "change", "version"]
    assert store.versions == {"a": 3}


def test_a_change_without_a_condition_is_refused_where_one_is_required(client, store):
    assert put(client).status_code == 428
    assert store.versions == {"a": 2}


def test_the_answer_to_a_change_does_not_name_the_version_before_it(client):
    assert "etag" not in put(client, '"2"').headers


def test_a_resource_may_be_made_once(client, store):
    create = {"token": "t", "If-None-Match": "*"}
    assert [client.put("/b?size=1", headers=create).status_code for _ in range(2)] == [200, 412]


def test_conditions_in_several_fields_are_one_list(client):
    headers = [("token", "t"), ("If-Match", '"1"'), ("If-Match", '"2"')]
    assert client.put("/a?size=1", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("path", "token", "status"),
    [("/a?size=1", "wrong", 401), ("/a?size=big", "t", 422), ("/a?size=1", "t", 412)],
)
def test_whatever_else_is_wrong_is_said_first(client, path, token, status):
    assert put(client, '"1"', path=path, token=token).status_code == status


def test_the_current_version_can_be_overridden(app, client):
    app.dependency_overrides[current_version] = lambda: "9"
    assert client.get("/a").headers["etag"] == '"9"'
    assert client.get("/a", headers={"If-None-Match": '"9"'}).status_code == 304


def test_a_304_repeats_what_dependencies_have_written_for_caches():
    app = Faster()

    def fresh(response: Response):
        response.headers["cache-control"] = "max-age=60"
        response.headers["x-other"] = "1"

    @app.get("/", etag=lambda: NOON + timedelta(milliseconds=500), dependencies=[Depends(fresh)])
    async def show() -> int:
        return 1

    response = TestClient(app).get("/", headers={"If-Modified-Since": AT})
    assert response.status_code == 304
    assert response.headers == {"cache-control": "max-age=60", "last-modified": AT}


def test_validators_of_the_handler_are_not_doubled():
    app = Faster()

    @app.get("/", etag=lambda: Validators("1", NOON))
    async def show() -> JSONResponse:
        return JSONResponse(1, headers={"ETag": '"mine"'})

    headers = TestClient(app).get("/").headers
    assert headers.get_list("etag") == ['"mine"']
    assert headers["last-modified"] == AT


def test_a_resource_without_a_version_has_no_tag():
    app = Faster()
    app.get("/", etag=lambda: None)(lambda: JSONResponse(1))
    response = TestClient(app).get("/", headers={"If-None-Match": "*"})
    assert (response.status_code, "etag" in response.headers) == (200, False)


def test_a_failed_condition_is_a_problem_where_problems_are_asked_for(app, client):
    app = Faster(problem_details=True)
    app.put("/", etag=lambda: "2")(lambda: 1)
    response = TestClient(app).put("/", headers={"If-Match": '"1"'})
    assert (response.status_code, response.json()["title"]) == (412, "Precondition Failed")


# the document ----------------------------------------------------------------------------------------------------


def test_the_document_says_what_conditions_do(app):
    paths = app.openapi()["paths"]["/{name}"]
    names = {method: [p["name"] for p in paths[method]["parameters"]] for method in paths}
    assert names == {
        "get": ["name", "If-None-Match"],
        "put": ["name", "size", "token", "If-Match", "If-None-Match"],
    }
    assert list(paths["get"]["responses"]) == ["200", "304", "422"]
    assert list(paths["put"]["responses"]) == ["200", "412", "428", "422"]
    assert paths["get"]["responses"]["200"]["headers"]["ETag"]["schema"]["type"] == "string"


def test_a_condition_alone_promises_no_422():
    app = answering({}).app
    assert list(app.openapi()["paths"]["/"]["get"]["responses"]) == ["200", "304"]


def test_a_condition_that_the_handler_reads_is_documented_once():
    app = Faster()

    @app.get("/", etag=True)
    async def show(if_none_match: Annotated[str | None, Header()] = None) -> int:
        return 1

    assert [p["name"] for p in app.openapi()["paths"]["/"]["get"]["parameters"]] == ["if-none-match"]


def test_nothing_of_it_is_imported_before_it_is_asked_for():
    code = (
        "import sys, fasterapi; app = fasterapi.Faster(); app.get('/')(lambda: 1); app.compile(); app.openapi();"
        "print([name for name in sys.modules if 'conditional' in name])"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
    )
    assert found.stdout.strip() == "[]"


def test_a_security_scheme_that_gives_the_version_is_in_the_document():
    app = Faster()

    @app.put("/", etag=APIKeyHeader(name="X-Version"))
    async def change() -> int:
        return 1

    assert app.openapi()["paths"]["/"]["put"]["security"] == [{"APIKeyHeader": []}]
    assert list(app.openapi()["components"]["securitySchemes"]) == ["APIKeyHeader"]
