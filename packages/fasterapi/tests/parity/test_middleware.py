"""CORS, GZip, trusted hosts, HTTPS and sessions around a whole application, and how they meet its errors."""

from typing import Any

import pytest

A, B = "https://a.example", "https://b.example"


def routes(kit: Any, app: Any) -> Any:
    @app.get("/small")
    async def small():
        return "small"

    @app.get("/large")
    async def large():
        return {"text": "lorem ipsum " * 200}

    @app.get("/stream")
    async def stream():
        return kit.StreamingResponse((b"x" * 400 for _ in range(5)), media_type="text/plain")

    @app.get("/encoded")
    async def encoded():
        return kit.Response(b"x" * 2000, media_type="text/plain", headers={"content-encoding": "x-own"})

    @app.get("/varied")
    async def varied():
        return kit.PlainTextResponse("v" * 1000, headers={"vary": "Cookie"})

    @app.get("/http")
    async def http():
        raise kit.HTTPException(409, "x" * 1000, headers={"x-token": "t"})

    @app.get("/number")
    async def number(n: int):
        return n

    @app.post("/post")
    async def post(item: dict[str, int]):
        return item

    @app.put("/put/{name}")
    async def put(name: str):
        return name

    return app


def with_cors(**options: Any) -> Any:
    def build(kit: Any) -> Any:
        app = kit.App()
        app.add_middleware(kit.CORSMiddleware, **options)
        return routes(kit, app)

    return build


CORS = {
    "nothing": with_cors(),
    "one": with_cors(allow_origins=[A]),
    "all": with_cors(allow_origins=["*"]),
    "all with credentials": with_cors(allow_origins=["*"], allow_credentials=True),
    "generous": with_cors(
        allow_origins=["*"], allow_methods=["*"], allow_headers=["*"], expose_headers=["X-Token"]
    ),
    "regex": with_cors(allow_origin_regex=r"https://.*\.example", allow_methods=["PUT"], max_age=5),
}
PREFLIGHT = {"access-control-request-method": "PUT"}
CORS_REQUESTS = [
    ("GET", "/small", {}),
    ("GET", "/small", {"origin": A}),
    ("GET", "/small", {"origin": B, "cookie": "a=b"}),
    ("GET", "/varied", {"origin": A}),
    ("GET", "/http", {"origin": A}),
    ("GET", "/number?n=x", {"origin": A}),
    ("GET", "/nowhere", {"origin": A}),
    ("POST", "/small", {"origin": A}),
    ("OPTIONS", "/put/x", {"origin": A, **PREFLIGHT}),
    ("OPTIONS", "/put/x", {"origin": B, **PREFLIGHT}),
    ("OPTIONS", "/nowhere", {"origin": A, **PREFLIGHT}),
    (
        "OPTIONS",
        "/put/x",
        {"origin": A, **PREFLIGHT, "access-control-request-headers": "X-Token, Content-Type"},
    ),
    ("OPTIONS", "/put/x", {"origin": A}),
]


@pytest.mark.parametrize(("method", "path", "headers"), CORS_REQUESTS)
@pytest.mark.parametrize("options", CORS)
def test_cors_answers_alike(parity, options, method, path, headers):
    ignored = ("allow",) if method in {"OPTIONS", "POST"} else ()  # docs/differences.md: `Allow` of a 405
    parity(CORS[options], method, path, headers=headers, ignore_headers=ignored)


def build_gzip(kit: Any) -> Any:
    app = kit.App()
    app.add_middleware(kit.GZipMiddleware, minimum_size=500, compresslevel=5)
    return routes(kit, app)


@pytest.mark.parametrize("path", ["/small", "/large", "/stream", "/encoded", "/varied", "/http", "/nowhere"])
@pytest.mark.parametrize("accepted", ["gzip", "gzip, deflate", "identity", "", "deflate"])
def test_compression_answers_alike(parity, path, accepted):
    # JSON without spaces is shorter, so its compressed length differs; the decompressed content is compared.
    ignored = ("content-length",) if path == "/large" else ()
    parity(build_gzip, "GET", path, headers={"accept-encoding": accepted}, ignore_headers=ignored)


def build_hosts(kit: Any) -> Any:
    app = kit.App()
    app.add_middleware(
        kit.TrustedHostMiddleware, allowed_hosts=["example.org", "*.example.com", "www.redirect.me"]
    )
    return routes(kit, app)


@pytest.mark.parametrize(
    "host",
    [
        "example.org",
        "example.org:8000",
        "a.example.com",
        "a.b.example.com:80",
        "example.com",
        "evil.org",
        "example.org.evil.org",
        "redirect.me",
        "www.redirect.me",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/small", "/nowhere"])
def test_hosts_are_trusted_alike(parity, host, path):
    parity(build_hosts, "GET", path, headers={"host": host})


def build_https(kit: Any) -> Any:
    app = kit.App()
    app.add_middleware(kit.HTTPSRedirectMiddleware)
    return routes(kit, app)


@pytest.mark.parametrize("target", ["/small", "/small?a=1&b=%20", "/nowhere"])
@pytest.mark.parametrize("host", ["testserver", "testserver:8000", "testserver:80"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_redirects_to_https_are_alike(parity, target, host, method):
    for_both = {}
    for name, client in parity.clients(build_https).items():
        response = client.request(method, target, headers={"host": host}, follow_redirects=False)
        for_both[name] = (response.status_code, response.headers.get("location"), response.content)
    assert for_both["ours"] == for_both["theirs"]


def build_order(kit: Any) -> Any:
    app = kit.App()

    def tagging(name: str) -> Any:
        async def tag(request: kit.Request, call_next: Any):
            if request.query_params.get("stop") == name:
                return kit.PlainTextResponse(f"stopped by {name}", status_code=418)
            if request.query_params.get("raise") == name:
                raise kit.HTTPException(409, name)
            response = await call_next(request)
            response.headers["x-first"] = response.headers.get("x-first", "") + name
            return response

        return tag

    for name in ("a", "b", "c"):
        app.middleware("http")(tagging(name))

    @app.middleware("http")
    async def body(request: kit.Request, call_next: Any):
        length = len(await request.body())
        response = await call_next(request)
        response.headers["x-second"] = str(length)
        return response

    return routes(kit, app)


@pytest.mark.parametrize("path", ["/small", "/stream", "/http", "/nowhere", "/number?n=x"])
@pytest.mark.parametrize("query", ["", "stop=a", "stop=c"])
def test_functions_as_middleware_answer_alike(parity, path, query):
    parity(build_order, "GET", path, params=dict([query.split("=")]) if query else None)


@pytest.mark.parametrize("body", [b"", b'{"a": 1}', b'{"a": "x"}', b"{"])
def test_a_body_that_middleware_has_read_arrives_alike(parity, body):
    parity(build_order, "POST", "/post", content=body, headers={"content-type": "application/json"})
