"""Problem details (RFC 9457): the members of every error, who may change them, and that the document says the same."""

import asyncio
import logging
import subprocess
import sys

import msgspec
import pytest

from fasterapi import Faster, FasterRouter, HTTPException, JSONResponse, Response
from fasterapi.authentication import AuthenticationBackend, AuthenticationError
from fasterapi.exceptions import ProblemException
from fasterapi.middleware import Middleware
from fasterapi.middleware.authentication import AuthenticationMiddleware
from fasterapi.middleware.body_limit import BodyLimitMiddleware
from fasterapi.middleware.cors import CORSMiddleware
from fasterapi.middleware.decompression import DecompressionMiddleware
from fasterapi.middleware.gzip import GZipMiddleware
from fasterapi.middleware.ratelimit import RateLimitMiddleware
from fasterapi.middleware.timeout import TimeoutMiddleware
from fasterapi.middleware.trustedhost import TrustedHostMiddleware
from fasterapi.problems import ProblemDetails, ValidationProblemDetails, problem_of
from fasterapi.testclient import TestClient, WebSocketDenialResponse

PROBLEM = "application/problem+json"


class OutOfStock(ProblemException):
    status_code = 409
    type = "https://shop.example/problems/out-of-stock"
    title = "Out of stock"


class Order(msgspec.Struct):
    count: int


RAISED = {
    "plain": HTTPException(404, "No item 7"),
    "phrase": HTTPException(401, headers={"WWW-Authenticate": "Basic"}),
    "own": OutOfStock("Item 7 is sold out", left=0, headers={"Retry-After": "5"}),
    "without-detail": ProblemException(status_code=410),
    "named": ProblemException("no", status_code=400, type="/t", title="T", instance="urn:uuid:1"),
    "mapping": HTTPException(400, {"code": 3, "title": "Bad code"}),
    "list": HTTPException(400, ["a", "b"]),
    "status-in-mapping": HTTPException(400, {"status": "no number"}),
    "unknown": HTTPException(599, "?"),
}


def declare(app):
    @app.get("/raise/{name}")
    async def raise_(name: str) -> str:
        raise RAISED[name]

    @app.get("/bug")
    async def bug() -> str:
        raise ZeroDivisionError("secret")

    @app.post("/orders/{number}")
    async def order(number: int, body: Order) -> Order:
        return body

    return app


def client(app):
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture
def answers():
    return client(declare(Faster(problem_details=True)))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("plain", {"title": "Not Found", "status": 404, "detail": "No item 7"}),
        ("phrase", {"title": "Unauthorized", "status": 401, "detail": "Unauthorized"}),
        (
            "own",
            {
                "type": "https://shop.example/problems/out-of-stock",
                "title": "Out of stock",
                "status": 409,
                "detail": "Item 7 is sold out",
                "left": 0,
            },
        ),
        ("without-detail", {"title": "Gone", "status": 410}),
        ("named", {"type": "/t", "title": "T", "status": 400, "detail": "no", "instance": "urn:uuid:1"}),
        ("mapping", {"title": "Bad code", "status": 400, "code": 3}),
        ("list", {"title": "Bad Request", "status": 400, "errors": ["a", "b"]}),
        ("status-in-mapping", {"title": "Bad Request", "status": 400, "errors": {"status": "no number"}}),
        ("unknown", {"title": "Status 599", "status": 599, "detail": "?"}),
    ],
)
def test_an_http_exception_becomes_a_problem(answers, name, expected):
    response = answers.get(f"/raise/{name}")
    assert response.headers["content-type"] == PROBLEM
    assert response.status_code == expected["status"]
    assert response.json() == {"type": "about:blank", "instance": f"/raise/{name}"} | expected


@pytest.mark.parametrize(
    ("name", "header", "value"), [("phrase", "www-authenticate", "Basic"), ("own", "retry-after", "5")]
)
def test_its_headers_stay(answers, name, header, value):
    assert answers.get(f"/raise/{name}").headers[header] == value


@pytest.mark.parametrize(
    ("method", "path", "status", "title"),
    [
        ("GET", "/none", 404, "Not Found"),
        ("GET", "/orders", 404, "Not Found"),
        ("GET", "/orders/1", 405, "Method Not Allowed"),
    ],
)
def test_what_no_route_answers_is_a_problem(answers, method, path, status, title):
    response = answers.request(method, path)
    assert (response.status_code, response.headers["content-type"]) == (status, PROBLEM)
    assert response.json()["title"] == title
    assert ("allow" in response.headers) == (status == 405)


def test_a_request_that_does_not_fit_has_all_errors_in_fastapis_form(answers):
    response = answers.post("/orders/x", json={"count": "many"})
    problem = response.json()
    plain = client(declare(Faster())).post("/orders/x", json={"count": "many"}).json()
    assert (response.status_code, response.headers["content-type"]) == (422, PROBLEM)
    assert problem["errors"] == plain["detail"]
    assert problem["detail"] == "2 validation errors"
    assert (problem["title"], problem["status"]) == ("Unprocessable Content", 422)


def test_the_instance_is_the_path_without_the_query(answers):
    assert answers.get("/a b?token=secret").json()["instance"] == "/a%20b"


@pytest.mark.parametrize("middleware", [[], [Middleware(GZipMiddleware)]])
@pytest.mark.parametrize("where", ["app", "router"])
def test_an_unhandled_exception_is_a_problem_that_tells_nothing(middleware, where, caplog):
    app = Faster(problem_details=where == "app" or None, middleware=middleware)
    app.include_router(declare(FasterRouter(problem_details=where == "router" or None)))
    with caplog.at_level(logging.ERROR):
        response = client(app).get("/bug")
    assert (response.status_code, response.headers["content-type"]) == (500, PROBLEM)
    assert response.json() == {
        "type": "about:blank",
        "title": "Internal Server Error",
        "status": 500,
        "instance": "/bug",
    }
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("where", ["app", "router"])
def test_a_refusal_of_middleware_is_a_problem(where):
    limit = Middleware(RateLimitMiddleware, "1/hour")
    app = Faster(problem_details=True, middleware=[limit] if where == "app" else [])
    app.include_router(declare(FasterRouter(middleware=[limit] if where == "router" else [])))
    answers = client(app)
    statuses = [answers.get("/raise/plain").status_code for _ in range(2)]
    refused = answers.get("/raise/plain")
    assert statuses == [404, 429]
    assert (refused.headers["content-type"], refused.json()["title"]) == (PROBLEM, "Too Many Requests")


class Refusing(AuthenticationBackend):
    async def authenticate(self, conn):
        raise AuthenticationError("Not you")


TEXT_REFUSALS = {
    "host": (TrustedHostMiddleware, {"allowed_hosts": ["example.org"]}, {}, (400, "Invalid host header")),
    "size": (BodyLimitMiddleware, {"max_body_size": 1}, {"content": b"{}"}, (413, "Content Too Large")),
    "coding": (
        DecompressionMiddleware,
        {},
        {"headers": {"content-encoding": "x"}},
        (415, "Unsupported Content-Encoding"),
    ),
    "credentials": (AuthenticationMiddleware, {"backend": Refusing()}, {}, (400, "Not you")),
    "preflight": (
        CORSMiddleware,
        {"allow_origins": ["https://a.example"]},
        {"headers": {"origin": "https://b.example", "access-control-request-method": "GET"}},
        (400, "Disallowed CORS origin"),
    ),
    "time": (TimeoutMiddleware, {"timeout_seconds": 1e-9}, {}, (504, "Gateway Timeout")),
}


def refused(name, *, where="app", **options):
    cls, arguments, request, _ = TEXT_REFUSALS[name]
    middleware = [Middleware(cls, **arguments)]
    app = Faster(middleware=middleware if where == "app" else [], **options)
    router = FasterRouter(middleware=middleware if where == "router" else [])

    @router.api_route("/", methods=["GET", "OPTIONS", "POST"])
    async def nothing() -> None:
        await asyncio.Event().wait() if name == "time" else None

    app.include_router(router)
    method = {"preflight": "OPTIONS", "size": "POST", "coding": "POST"}.get(name, "GET")
    return client(app).request(method, "/", **request)


@pytest.mark.parametrize("where", ["app", "router"])
@pytest.mark.parametrize("name", TEXT_REFUSALS)
def test_what_middleware_says_in_a_line_of_text_is_a_problem_where_they_are_asked_for(name, where):
    status, text = TEXT_REFUSALS[name][3]
    response = refused(name, where=where, problem_details=True)
    assert (response.status_code, response.headers["content-type"]) == (status, PROBLEM)
    assert (response.json()["status"], response.json()["detail"]) == (status, text)


@pytest.mark.parametrize("name", TEXT_REFUSALS)
def test_it_stays_a_line_of_text_where_nobody_asks_for_problems(name):
    response = refused(name)
    assert (response.status_code, response.text) == TEXT_REFUSALS[name][3]
    assert response.headers["content-type"].startswith("text/plain")


def test_its_headers_are_those_of_the_line_of_text():
    plain, problem = (refused("coding", problem_details=asks) for asks in (False, True))
    assert problem.headers["accept-encoding"] == plain.headers["accept-encoding"]


def test_a_handler_of_the_user_answers_it_as_any_other_problem():
    async def mine(request, exc):
        return JSONResponse({"mine": exc.detail}, exc.status_code)

    response = refused("host", problem_details=True, exception_handlers={400: mine})
    assert response.json() == {"mine": "Invalid host header"}


def test_a_handshake_for_another_host_is_denied_by_a_problem():
    app = Faster(
        problem_details=True, middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["example.org"])]
    )
    with pytest.raises(WebSocketDenialResponse) as denied, client(app).websocket_connect("/ws"):
        pass
    assert (denied.value.status_code, denied.value.json()["title"]) == (400, "Bad Request")


@pytest.mark.parametrize("problem_details", [False, True])
def test_a_bad_token_is_refused_with_its_challenge_in_both_forms(problem_details):
    pytest.importorskip("jwt")
    from fasterapi.middleware.jwt import JWTMiddleware
    from fasterapi.security.jwt import JWTBearer

    bearer = JWTBearer(key="k" * 32, algorithms=["HS256"])
    app = Faster(problem_details=problem_details, middleware=[Middleware(JWTMiddleware, bearer=bearer)])
    response = client(app).get("/", headers={"authorization": "Bearer x.y.z"})
    assert (response.status_code, response.headers["www-authenticate"][:6]) == (401, "Bearer")
    assert response.headers["content-type"] == (PROBLEM if problem_details else "application/json")
    assert response.json()["detail"]


@pytest.mark.parametrize("middleware", [[], [Middleware(GZipMiddleware)]])
def test_the_option_of_a_router_is_its_own(middleware):
    app = declare(Faster(middleware=middleware))
    app.include_router(declare(FasterRouter(problem_details=True)), prefix="/new")
    assert client(app).get("/new/raise/plain").headers["content-type"] == PROBLEM
    assert client(app).get("/raise/plain").json() == {"detail": "No item 7"}
    assert client(app).get("/none").json() == {"detail": "Not Found"}
    assert client(app).get("/bug").text == "Internal Server Error"


def test_the_nearest_word_counts():
    app = declare(Faster(problem_details=True))
    app.include_router(declare(FasterRouter(problem_details=False)), prefix="/old")
    assert client(app).get("/old/raise/plain").json() == {"detail": "No item 7"}
    assert client(app).get("/old/bug").text == "Internal Server Error"


def test_a_router_that_stands_alone_answers_problems():
    assert client(FasterRouter(problem_details=True)).get("/none").headers["content-type"] == PROBLEM


def test_without_the_option_nothing_changes_but_for_a_problem_that_is_raised_itself():
    answers = client(declare(Faster()))
    assert answers.get("/raise/plain").json() == {"detail": "No item 7"}
    assert answers.get("/none").headers["content-type"] == "application/json"
    assert answers.get("/raise/own").json()["type"] == OutOfStock.type


@pytest.mark.parametrize("key", [404, HTTPException])
def test_a_handler_of_the_user_goes_first(key):
    async def mine(request, exc):
        return JSONResponse({"mine": exc.status_code}, exc.status_code)

    app = declare(Faster(problem_details=True, exception_handlers={key: mine}))
    assert client(app).get("/raise/plain").json() == {"mine": 404}


def test_a_handler_for_500_goes_first():
    async def mine(request, exc):
        return Response("mine", 500)

    app = declare(Faster(problem_details=True, exception_handlers={500: mine}))
    assert client(app).get("/bug").text == "mine"


def test_a_status_without_content_has_none():
    app = Faster(problem_details=True)

    @app.get("/")
    async def nothing() -> str:
        raise HTTPException(304, headers={"ETag": '"1"'})

    response = client(app).get("/")
    assert (response.status_code, response.content, response.headers["etag"]) == (304, b"", '"1"')


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({}, "needs a status"), ({"status_code": 400, "status": 3}, "`status` is the response's own")],
)
def test_a_problem_that_cannot_be_meant_is_refused_when_it_is_made(arguments, message):
    with pytest.raises(TypeError, match=message):
        ProblemException("x", **arguments)


def test_an_extension_never_replaces_a_member():
    exc = HTTPException(400, {"detail": "d", "type": "/t"})
    assert problem_of(exc, "/x") == {
        "type": "/t",
        "title": "Bad Request",
        "status": 400,
        "detail": "d",
        "instance": "/x",
    }


# the document -------------------------------------------------------------------------------------------------


def responses(app, method, path):
    return app.openapi()["paths"][path][method]["responses"]


def test_the_document_has_the_422_and_the_default_of_problems():
    app = declare(Faster(problem_details=True))
    found = responses(app, "post", "/orders/{number}")
    assert found["422"]["content"] == {
        PROBLEM: {"schema": {"$ref": "#/components/schemas/ValidationProblemDetails"}}
    }
    assert found["default"]["content"] == {
        PROBLEM: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}
    }
    assert "422" not in responses(app, "get", "/bug")
    assert "HTTPValidationError" not in app.openapi()["components"]["schemas"]


def test_errors_that_the_user_describes_are_problems_unless_they_say_otherwise():
    class Stock(ProblemDetails, kw_only=True):
        left: int

    class Mine(msgspec.Struct):
        text: str

    app = Faster(problem_details=True)

    @app.get(
        "/",
        responses={
            404: {"description": "No item"},
            409: {"model": Stock},
            400: {"model": Mine},
            202: {"description": "later"},
        },
    )
    async def show() -> int:
        return 1

    found = responses(app, "get", "/")
    assert list(found["404"]["content"]) == [PROBLEM]
    assert list(found["409"]["content"]) == [PROBLEM]
    assert list(found["400"]["content"]) == ["application/json"]
    assert "content" not in found["202"]


def test_a_document_without_problems_does_not_name_them():
    app = declare(Faster())
    app.include_router(declare(FasterRouter(problem_details=True)), prefix="/new")
    assert "default" not in responses(app, "get", "/bug")
    assert "default" in responses(app, "get", "/new/bug")
    assert responses(app, "post", "/orders/{number}")["422"]["content"].keys() == {"application/json"}


@pytest.mark.parametrize(
    ("method", "template", "path", "body"),
    [
        *(("GET", "/raise/{name}", f"/raise/{name}", None) for name in RAISED),
        ("GET", "/bug", "/bug", None),
        ("POST", "/orders/{number}", "/orders/x", {"count": "many"}),
        ("POST", "/orders/{number}", "/orders/1", [1]),
    ],
)
def test_every_answer_is_what_the_document_promises(answers, method, template, path, body):
    promised = responses(answers.app, method.lower(), template)
    response = answers.request(method, path, json=body)
    spec = promised.get(str(response.status_code), promised["default"])
    (media_type,) = spec["content"]
    assert response.headers["content-type"] == media_type
    model = {"ProblemDetails": ProblemDetails, "ValidationProblemDetails": ValidationProblemDetails}
    name = spec["content"][media_type]["schema"]["$ref"].rpartition("/")[2]
    assert msgspec.json.decode(response.content, type=model[name]).status == response.status_code


def test_nothing_of_it_is_imported_before_it_is_asked_for():
    code = "import sys, fasterapi; fasterapi.Faster(); print('fasterapi.problems' in sys.modules)"
    found = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
    )
    assert found.stdout.strip() == "False"
