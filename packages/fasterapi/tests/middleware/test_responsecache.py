"""An answer is given again as long as it said that it holds, and only to those whom it was for."""

import asyncio

import pytest

from fasterapi import Faster, Request, Response
from fasterapi.middleware import CompressionMiddleware, CORSMiddleware, Middleware, SessionMiddleware
from fasterapi.middleware._cachecontrol import lifetime
from fasterapi.middleware.responsecache import ResponseCacheMiddleware
from fasterapi.stores import MemoryStore
from fasterapi.testclient import TestClient


class Clock:
    def __init__(self):
        self.now = 1_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


class Counting:
    """An application that answers how often it was called."""

    def __init__(self, *headers, status=200, pieces=None):
        self.calls = 0
        self.headers = [(name.lower().encode(), value.encode()) for name, value in headers]
        self.status = status
        self.pieces = pieces

    async def __call__(self, scope, receive, send):
        self.calls += 1
        pieces = self.pieces or [b"%d" % self.calls]
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        for number, piece in enumerate(pieces):
            more = number < len(pieces) - 1
            await send({"type": "http.response.body", "body": piece, "more_body": more})


MINUTE = ("Cache-Control", "max-age=60")


def cached(inner, clock, **options):
    store = options.pop("store", None) or MemoryStore(clock=clock)
    return ResponseCacheMiddleware(inner, store=store, clock=clock, **options)


def bodies(ask, app, *requests):
    return [ask(app, **request).body for request in requests]


def test_an_answer_holds_as_long_as_it_says(ask, clock):
    app = cached(Counting(MINUTE), clock)

    first = ask(app)
    clock.now += 59.5
    second = ask(app)
    clock.now += 0.5
    third = ask(app)

    assert [answer.body for answer in (first, second, third)] == [b"1", b"1", b"2"]
    assert first.headers == {"cache-control": "max-age=60", "cache-status": "fasterapi; fwd=miss"}
    assert second.headers == {
        "cache-control": "max-age=60",
        "age": "59",
        "cache-status": "fasterapi; hit; ttl=0",
    }


KEPT = [
    ["max-age=60"],
    ["public, max-age=60"],
    ["Max-Age=60"],
    ['max-age="60"'],
    ["s-maxage=60"],
    ["s-maxage=60, max-age=0"],
    ["max-age=60, must-revalidate"],
    ["public", "max-age=60"],
]
NOT_KEPT = [
    [],
    ["public"],
    ["no-store"],
    ["max-age=60, no-store"],
    ["max-age=60", "private"],
    ["private, max-age=60"],
    ['private="x, y", max-age=60'],
    ["PRIVATE, max-age=60"],
    ["no-cache, max-age=60"],
    ["max-age=0"],
    ["max-age=60, s-maxage=0"],
    ["max-age=60, max-age=0"],
    ["max-age=0", "max-age=60"],
    ["max-age=-1"],
    ["max-age=1e9"],
    ["max-age=٣"],
    ["max-age"],
    ["max-age=99999999999999999999"],
]


@pytest.mark.parametrize(
    ("values", "is_kept"), [(values, True) for values in KEPT] + [(values, False) for values in NOT_KEPT]
)
def test_cache_control_decides(ask, clock, values, is_kept):
    headers = [("Cache-Control", value) for value in values]
    app = cached(Counting(*headers), clock)

    assert bodies(ask, app, {}, {}) == [b"1", b"1" if is_kept else b"2"]


@pytest.mark.parametrize(
    ("status", "said", "by_default"),
    [(200, 60, 10), (203, 60, 10), (301, 60, 10), (308, 60, 10), (404, 60, 0), (410, 60, 0), (204, 60, 0)]
    + [(status, 0, 0) for status in (201, 206, 302, 303, 304, 307, 401, 403, 416, 429, 500, 502, 503)],
)
def test_only_whole_and_lasting_answers_are_kept(status, said, by_default):
    assert lifetime(status, [(b"cache-control", b"max-age=60")], 10) == said
    assert lifetime(status, [], 10) == by_default


def test_answers_that_say_nothing_may_be_given_a_lifetime(ask, clock):
    app = cached(Counting(), clock, expires_in=10)

    assert bodies(ask, app, {}, {}) == [b"1", b"1"]
    clock.now += 10
    assert bodies(ask, app, {}) == [b"2"]
    assert bodies(ask, cached(Counting(("Cache-Control", "no-store")), clock, expires_in=10), {}, {}) == [
        b"1",
        b"2",
    ]


def test_an_answer_that_was_old_already_is_older(ask, clock):
    app = cached(Counting(MINUTE, ("Age", "50")), clock)
    ask(app)

    clock.now += 9
    assert ask(app).headers["age"] == "59"
    clock.now += 1
    assert ask(app).body == b"2"


DIFFERENT = [
    {"path": "/a"},
    {"path": "/b"},
    {"path": "/", "query_string": b"a=1"},
    {"path": "/", "query_string": b"a=1&b=2"},
    {"path": "/", "query_string": b"b=2&a=1"},
    {"path": "/?a=1"},
    {"path": "/A"},
    {"path": "/a/b", "raw_path": b"/a/b"},
    {"path": "/a/b", "raw_path": b"/a%2Fb"},
    {"path": "/b", "root_path": "/a"},
    {"path": "/a", "headers": {"Host": "evil.example"}},
    {"path": "/a", "headers": {"Host": "other.example"}},
    {"path": "/a", "scheme": "https"},
    {"path": "/\u00e9"},
    {"path": "/e\u0301"},
    {"path": "/", "query_string": b"%61=1"},
]


def test_cve_2026_25480_what_is_only_alike_is_another_key(ask, clock):
    app = cached(Counting(MINUTE), clock)

    first = bodies(ask, app, *DIFFERENT)

    assert len(set(first)) == len(DIFFERENT)
    assert bodies(ask, app, *DIFFERENT) == first


def test_the_answer_of_one_user_reaches_no_other_one(ask, clock):
    """A cache by path and query alone gave the first one's answer to all."""
    app = cached(Counting(MINUTE), clock)
    ada = {"headers": {"Authorization": "Bearer ada"}}
    bob = {"headers": {"Authorization": "Bearer bob"}}
    cookie = {"headers": {"Cookie": "session=ada"}}

    assert bodies(ask, app, ada, bob, ada, cookie, cookie, {}, {}, ada) == [
        b"1", b"2", b"3", b"4", b"5", b"6", b"6", b"7",
    ]  # fmt: skip


@pytest.mark.parametrize("header", ["Set-Cookie", "set-cookie"])
def test_cve_2023_30861_an_answer_that_sets_a_cookie_is_not_kept(ask, clock, header):
    app = cached(
        Counting(("Cache-Control", "public, max-age=60"), (header, "session=1")), clock, expires_in=60
    )

    assert bodies(ask, app, {}, {}) == [b"1", b"2"]


def test_cve_2023_30861_a_session_is_nobody_elses():
    pytest.importorskip("itsdangerous", reason="the extra `sessions` is not installed")
    app = Faster()
    app.add_middleware(SessionMiddleware, secret_key="key")
    app.add_middleware(ResponseCacheMiddleware, expires_in=60)

    @app.get("/")
    async def root(request: Request, response: Response, name: str | None = None) -> str:
        if name:
            request.session["name"] = name
        return request.session.get("name", "nobody")

    ada, bob = TestClient(app), TestClient(app)

    assert ada.get("/?name=ada").json() == "ada"
    assert [client.get("/").json() for client in (ada, bob, ada)] == ["ada", "nobody", "ada"]
    assert bob.get("/?name=ada").json() == "ada"  # its own session
    assert bob.get("/").headers["vary"] == "Cookie"


def test_a_principal_tells_whose_an_answer_is(ask, clock):
    app = cached(Counting(MINUTE), clock, principal=lambda c: c.headers.get("authorization", ""))
    ada = {"headers": {"Authorization": "Bearer ada"}}
    visitor = {"headers": {"Cookie": "visit=1"}}

    assert bodies(ask, app, ada, ada, visitor, {}, ada) == [b"1", b"1", b"2", b"2", b"1"]


def test_a_principal_of_none_passes(ask, clock):
    async def nobody(connection):
        return None

    assert bodies(ask, cached(Counting(MINUTE), clock, principal=nobody), {}, {}) == [b"1", b"2"]


def variant(value, name="Accept-Language"):
    return {"headers": {} if value is None else {name: value}}


def test_vary_keeps_answers_apart(ask, clock):
    app = cached(Counting(MINUTE, ("Vary", "Accept-Language, Accept")), clock)
    de, en, no, empty = variant("de"), variant("en"), variant(None), variant("")

    assert bodies(ask, app, de, en, no, empty, de, en, no, empty) == [b"1", b"2", b"3", b"4"] * 2
    assert bodies(ask, app, {"headers": {"Accept-Language": "de", "Accept": "x"}}) == [b"5"]
    assert bodies(ask, app, {"headers": {"Accept-Language": "de", "User-Agent": "x"}}) == [b"1"]


def test_vary_on_two_headers_cannot_be_confused(ask, clock):
    app = cached(Counting(MINUTE, ("Vary", "A, B")), clock)
    ways = [
        {"A": "x", "B": "y"},
        {"A": "xB=y"},
        {"A": "x=B", "B": "y"},
        {"B": "xy"},
        {"A": "", "B": "x"},
        {"A": "x", "B": ""},
    ]
    requests = [{"headers": way} for way in ways]

    assert len(set(bodies(ask, app, *requests))) == len(ways)


def test_vary_on_everything_is_not_kept(ask, clock):
    assert bodies(ask, cached(Counting(MINUTE, ("Vary", "Accept, *")), clock), {}, {}) == [b"1", b"2"]


def test_an_answer_that_forgets_its_vary_is_still_only_for_its_kind(ask, clock):
    inner = Counting(MINUTE, ("Vary", "Accept-Language"))
    app = cached(inner, clock)
    a, b, none = variant("de"), variant("en"), variant(None)
    assert bodies(ask, app, a) == [b"1"]

    inner.headers = inner.headers[:1]

    assert bodies(ask, app, none, a, b, none) == [b"2", b"1", b"3", b"2"]


def test_pages_of_other_origins_get_answers_of_their_own():
    app = Faster()
    app.add_middleware(CORSMiddleware, allow_origins=["https://a.example"])
    app.add_middleware(ResponseCacheMiddleware, expires_in=60)
    app.get("/")(lambda: None)
    client = TestClient(app)

    found = [
        client.get("/", headers=variant(origin, "Origin")["headers"])
        for origin in (None, "https://a.example")
    ]

    assert [answer.headers.get("access-control-allow-origin") for answer in found] == [
        None,
        "https://a.example",
    ]


def test_more_vary_makes_earlier_answers_unknown(ask, clock):
    inner = Counting(MINUTE, ("Vary", "A"))
    app = cached(inner, clock)
    assert bodies(ask, app, variant("1", "A"), variant("1", "A")) == [b"1", b"1"]

    inner.headers[1] = (b"vary", b"B")

    assert bodies(ask, app, variant("2", "A"), variant("1", "A"), variant("2", "A")) == [b"2", b"3", b"2"]


def test_a_variant_lives_as_long_as_it_says_whatever_came_later(ask, clock):
    inner = Counting(MINUTE, ("Vary", "A"))
    app = cached(inner, clock)
    ask(app, **variant("1", "A"))
    inner.headers[0] = (b"cache-control", b"max-age=5")
    ask(app, **variant("2", "A"))

    clock.now += 30

    assert bodies(ask, app, variant("1", "A"), variant("2", "A")) == [b"1", b"3"]


def test_head_is_answered_from_get_but_not_the_other_way_round(ask, clock):
    app = cached(inner := Counting(MINUTE, ("Content-Length", "1")), clock)

    assert ask(app, method="HEAD").status == 200
    assert ask(app).body == b"2"
    head = ask(app, method="HEAD")

    assert (head.body, head.headers["content-length"], head.headers["age"]) == (b"", "1", "0")
    assert inner.calls == 2


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("vary", [[], [("Vary", "Accept")]])
def test_a_change_makes_the_answer_forgotten(ask, clock, method, vary):
    app = cached(Counting(MINUTE, *vary), clock)
    assert bodies(ask, app, {}, {"path": "/other"}) == [b"1", b"2"]

    ask(app, method=method)

    assert bodies(ask, app, {}, {"path": "/other"}) == [b"4", b"2"]


def test_a_change_makes_all_variants_forgotten(ask, clock):
    app = cached(Counting(MINUTE, ("Vary", "Accept-Language")), clock)
    de, en = variant("de"), variant("en")
    assert bodies(ask, app, de, en) == [b"1", b"2"]

    ask(app, method="POST")

    assert bodies(ask, app, de, en, de, en) == [b"4", b"5", b"4", b"5"]


def test_a_change_by_somebody_known_makes_what_everybody_gets_forgotten(ask, clock):
    app = cached(Counting(MINUTE), clock)
    ask(app)

    ask(app, method="POST", headers={"Cookie": "session=1"})

    assert ask(app).body == b"3"


def test_a_change_that_was_refused_changes_nothing(ask, clock):
    inner = Counting(MINUTE)
    app = cached(inner, clock)
    ask(app)
    inner.status = 403
    ask(app, method="POST")
    assert ask(app).body == b"1"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("no-cache", b"2"),
        ("max-age=0", b"2"),
        ("max-age=30", b"2"),
        ("max-age=31", b"1"),
        ("no-store", b"2"),
        ("max-stale", b"1"),
        ("nonsense", b"1"),
    ],
)
def test_a_client_may_want_it_fresher(ask, clock, asked, found):
    app = cached(Counting(MINUTE), clock)
    ask(app)
    clock.now += 30

    assert ask(app, headers={"Cache-Control": asked}).body == found


def test_what_was_asked_for_afresh_is_kept_unless_the_client_forbids_it(ask, clock):
    app = cached(Counting(MINUTE), clock)

    fresh, secret = ({"headers": {"Cache-Control": value}} for value in ("no-cache", "no-store"))

    assert bodies(ask, app, {}, fresh, {}, secret, {}) == [b"1", b"2", b"2", b"3", b"2"]


def test_only_if_cached(ask, clock):
    app = cached(inner := Counting(MINUTE), clock)
    only = {"headers": {"Cache-Control": "only-if-cached"}}

    assert ask(app, **only).status == 504
    ask(app)
    assert (ask(app, **only).body, inner.calls) == (b"1", 1)


@pytest.mark.parametrize(
    "headers",
    [
        {"Range": "bytes=0-0"},
        {"If-Match": '"1"'},
        {"If-Unmodified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
        {"Content-Length": "3"},
        {"Transfer-Encoding": "chunked"},
    ],
)
def test_what_only_the_application_can_judge_passes(ask, clock, headers):
    app = cached(Counting(MINUTE), clock)

    assert bodies(ask, app, {"headers": headers}, {}, {"headers": headers}) == [b"1", b"2", b"3"]


def test_a_client_that_has_the_answer_gets_a_304(ask, clock):
    app = cached(Counting(MINUTE, ("ETag", '"1"'), ("Vary", "Accept"), ("X-A", "b")), clock)
    ask(app)

    unchanged = ask(app, headers={"If-None-Match": '"0", W/"1"'})

    assert (unchanged.status, unchanged.body) == (304, b"")
    assert unchanged.headers == {
        "cache-control": "max-age=60",
        "etag": '"1"',
        "vary": "Accept",
        "age": "0",
        "cache-status": "fasterapi; hit; ttl=60",
    }
    assert ask(app, headers={"If-None-Match": '"2"'}).body == b"1"


def test_a_tag_for_an_answer_without_one_says_nothing(ask, clock):
    app = cached(Counting(MINUTE), clock)
    ask(app)

    assert ask(app, headers={"If-None-Match": '"1"'}).body == b"1"


def test_streams_pass_piece_by_piece_and_are_kept_when_they_end(ask, clock):
    app = cached(Counting(MINUTE, pieces=[b"a", b"b", b""]), clock)

    first, second = ask(app), ask(app)

    assert [message.get("body") for message in first.messages] == [None, b"a", b"b", b""]
    assert [message.get("body") for message in second.messages] == [None, b"ab"]


def test_a_stream_is_not_held_back(ask_async, clock):
    async def use():
        sent = []
        gate = asyncio.Event()

        async def app(scope, receive, send):
            await send(
                {"type": "http.response.start", "status": 200, "headers": [(b"cache-control", b"max-age=9")]}
            )
            await send({"type": "http.response.body", "body": b"a", "more_body": True})
            await gate.wait()
            await send({"type": "http.response.body", "body": b"b"})

        async def send(message):
            sent.append(message.get("body"))

        scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
        task = asyncio.create_task(cached(app, clock)(scope, None, send))
        await asyncio.sleep(0)
        before = list(sent)
        gate.set()
        await task
        return before, sent

    assert asyncio.run(use()) == ([None, b"a"], [None, b"a", b"b"])


@pytest.mark.parametrize(
    "inner",
    [
        Counting(MINUTE, ("Content-Length", "5"), pieces=[b"a", b"b"]),
        Counting(MINUTE, pieces=[b"x" * 6, b"x" * 5]),
    ],
    ids=["shorter than it says", "beyond the size"],
)
def test_what_is_not_whole_is_not_kept(ask, clock, inner):
    app = cached(inner, clock, max_body_size=10)
    ask(app)
    ask(app)

    assert inner.calls == 2


@pytest.mark.parametrize(
    "last",
    [{"type": "http.response.pathsend", "path": "/x"}, {"type": "http.response.zerocopysend", "file": 0}],
)
def test_files_that_the_server_sends_are_not_kept(ask, clock, last):
    calls = []

    async def app(scope, receive, send):
        calls.append(scope)
        await send(
            {"type": "http.response.start", "status": 200, "headers": [(b"cache-control", b"max-age=9")]}
        )
        await send(last)
        await send({"type": "http.response.body", "body": b""})

    cache = cached(app, clock)
    answer = ask(cache)
    ask(cache)

    assert answer.messages[1] == last
    assert len(calls) == 2


def test_an_answer_that_breaks_off_is_not_kept(ask, clock):
    async def app(scope, receive, send):
        await send(
            {"type": "http.response.start", "status": 200, "headers": [(b"cache-control", b"max-age=9")]}
        )
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        raise LookupError

    store = MemoryStore()
    with pytest.raises(LookupError):
        ask(cached(app, clock, store=store))
    assert len(store._entries) == 0


def test_what_the_store_has_of_another_version_is_asked_for_again(ask, clock):
    store = MemoryStore()
    app = cached(Counting(MINUTE), clock, store=store)
    ask(app)
    (key,) = store._entries
    asyncio.run(store.set(key, b"{}", 60))

    assert ask(app).body == b"2"


def test_headers_of_one_connection_or_client_are_not_kept(ask, clock):
    app = cached(
        Counting(
            MINUTE, ("Connection", "close"), ("Date", "x"), ("RateLimit", "x"), ("X-A", "b"), ("X-A", "c")
        ),
        clock,
    )
    ask(app)

    pairs = ask(app).start["headers"]

    assert [pair for pair in pairs if pair[0] == b"x-a"] == [(b"x-a", b"b"), (b"x-a", b"c")]
    assert not {b"connection", b"date", b"ratelimit"} & {name for name, _ in pairs}


def test_compressed_answers_go_to_those_that_can_read_them():
    app = Faster(
        middleware=[
            Middleware(ResponseCacheMiddleware),
            Middleware(CompressionMiddleware, encodings=["gzip"]),
        ]
    )
    calls = []

    @app.get("/")
    async def root(response: Response) -> list[int]:
        calls.append(1)
        response.headers["Cache-Control"] = "max-age=60"
        return list(range(1000))

    client = TestClient(app)
    found = [
        client.get("/", headers={"Accept-Encoding": kind})
        for kind in ("gzip", "identity", "gzip", "identity")
    ]

    assert [answer.headers.get("content-encoding") for answer in found] == ["gzip", None, "gzip", None]
    assert [answer.json() for answer in found] == [list(range(1000))] * 4
    assert len(calls) == 2


def test_one_route_can_have_a_cache_of_its_own():
    app = Faster()
    calls = []

    @app.get("/slow/{number}", middleware=[Middleware(ResponseCacheMiddleware, expires_in=60)])
    async def slow(number: int) -> int:
        calls.append(number)
        return number

    client = TestClient(app)

    assert [client.get(f"/slow/{number}").json() for number in (1, 2, 1, 2)] == [1, 2, 1, 2]
    assert [client.get("/slow/x").status_code for _ in range(2)] == [422, 422]
    assert calls == [1, 2]
