"""So many requests in so much time; whoever asks, and whatever they say about themselves."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fasterapi import Depends, Faster, HTTPException, WebSocket, WebSocketDisconnect
from fasterapi.middleware import Middleware, ProxyHeadersMiddleware
from fasterapi.middleware._rates import Rate
from fasterapi.middleware.ratelimit import RateLimit, RateLimitMiddleware, client_address
from fasterapi.requests import HTTPConnection
from fasterapi.responses import JSONResponse
from fasterapi.stores import MemoryStore
from fasterapi.testclient import TestClient


class Clock:
    """Seconds since the epoch, at the beginning of a window of any usual length."""

    def __init__(self):
        self.now = 86400.0 * 10_000

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def statuses(ask, app, count, **request):
    return [ask(app, **request).status for _ in range(count)]


@pytest.mark.parametrize(
    ("text", "limit", "seconds"),
    [
        ("10/second", 10, 1),
        ("100/minute", 100, 60),
        ("1000/hour", 1000, 3600),
        ("1/day", 1, 86400),
        ("5/10 seconds", 5, 10),
        ("5/10s", 5, 10),
        ("5 per minute", 5, 60),
        ("5 / 2 Hours", 5, 7200),
        (" 3/m ", 3, 60),
    ],
)
def test_rates_are_written_as_text(text, limit, seconds):
    assert Rate.parse(text) == Rate(limit, seconds)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "10",
        "10/fortnight",
        "-1/minute",
        "0/minute",
        "1/0 minutes",
        "a/minute",
        "1.5/s",
        "10/month",
        "٣/minute",
        "9999999/second",
    ],
)
def test_anything_else_is_refused_at_once(text):
    with pytest.raises(ValueError, match="a rate"):
        RateLimit(text)


@pytest.mark.parametrize(
    ("options", "wrong"),
    [({"name": 'a"b'}, "name"), ({"name": ""}, "name"), ({"fields": "x"}, "fields"), ({"burst": 0}, "burst")],
)
def test_options_that_make_no_header_are_refused_at_once(options, wrong):
    with pytest.raises(ValueError, match=wrong):
        RateLimit("1/minute", **options)


def test_one_too_many_is_a_429_that_says_when_to_come_again(ask, reply, clock):
    app = RateLimitMiddleware(reply(), "2/minute", clock=clock)

    assert statuses(ask, app, 2) == [200, 200]
    refused = ask(app)

    assert (refused.status, refused.body) == (429, b'{"detail":"Too Many Requests"}')
    assert refused.headers["retry-after"] == "30"
    clock.now += 29
    assert ask(app).status == 429
    clock.now += 1
    assert statuses(ask, app, 2) == [200, 429]


def test_the_header_fields_of_the_draft(ask, reply, clock):
    app = RateLimitMiddleware(reply(), "2/minute", name="burst", clock=clock)

    answers = [ask(app).headers for _ in range(3)]

    assert [headers["ratelimit"] for headers in answers] == [
        '"burst";r=1;t=30',
        '"burst";r=0;t=60',
        '"burst";r=0;t=30',
    ]
    assert {headers["ratelimit-policy"] for headers in answers} == {'"burst";q=2;w=60'}


def test_the_separate_header_fields(ask, reply, clock):
    app = RateLimitMiddleware(reply(), "5/minute", fields="separate", clock=clock)

    assert ask(app).headers == {"ratelimit-limit": "5", "ratelimit-remaining": "4", "ratelimit-reset": "12"}


def test_no_header_fields_but_retry_after(ask, reply, clock):
    app = RateLimitMiddleware(reply(), "1/minute", fields="none", clock=clock)

    assert ask(app).headers == {}
    assert set(ask(app).headers) == {"retry-after", "content-length", "content-type"}


def test_a_client_that_comes_evenly_is_never_refused(ask, reply, clock):
    app = RateLimitMiddleware(reply(), "10/minute", burst=1, clock=clock)
    found = []
    for _ in range(50):
        found.append(ask(app).status)
        clock.now += 6

    assert found == [200] * 50


@pytest.mark.parametrize(("burst", "allowed"), [(None, 10), (1, 1), (3, 3), (30, 30)])
def test_as_many_as_a_burst_has_come_at_once(ask, reply, clock, burst, allowed):
    app = RateLimitMiddleware(reply(), "10/minute", burst=burst, clock=clock)

    assert statuses(ask, app, 40) == [200] * allowed + [429] * (40 - allowed)


@pytest.mark.parametrize(("milliseconds", "allowed"), [(0, 10), (-1, 10), (-250, 10), (-251, 9), (-5000, 9)])
def test_whose_time_is_a_little_behind_does_not_lose_its_place(ask, reply, clock, milliseconds, allowed):
    """Of two that come at once, the later one may be counted first; clocks of two machines differ."""
    app = RateLimitMiddleware(reply(), "10/hour", clock=clock)
    ask(app)

    clock.now += milliseconds / 1000

    assert 1 + statuses(ask, app, 20).count(200) == allowed


def test_requests_that_are_refused_take_nothing(ask, reply, clock):
    app = RateLimitMiddleware(reply(), "1/second", clock=clock)
    assert statuses(ask, app, 50).count(200) == 1

    clock.now += 1

    assert ask(app).status == 200


def take(limiter, clock, moments):
    """The verdicts on requests at these moments."""
    start = clock.now
    connection = HTTPConnection({"type": "http", "client": ("a", 1)})

    async def use():
        for moment in sorted(moments):
            clock.now = start + moment
            yield moment, await limiter._take(connection, "")

    async def collect():
        return [pair async for pair in use()]

    return asyncio.run(collect())


RATES = st.builds("{}/{} seconds".format, st.integers(1, 50), st.sampled_from([1, 7, 60, 3600]))
MOMENTS = st.lists(st.floats(0, 5), min_size=1, max_size=200)


@given(rate=RATES, burst=st.integers(1, 60), moments=MOMENTS)
def test_whoever_waits_as_long_as_was_said_is_let_in(rate, burst, moments):
    clock = Clock()
    limiter = RateLimit(rate, burst=burst, clock=clock)
    _, last = take(limiter, clock, moments)[-1]

    clock.now += last.wait

    assert not last.is_refused or not take(limiter, clock, [0])[0][1].is_refused


@given(limit=st.integers(1, 50), burst=st.integers(1, 60), moments=MOMENTS)
def test_in_no_second_there_are_more_than_the_rate_and_a_burst(limit, burst, moments):
    clock = Clock()
    verdicts = take(RateLimit(f"{limit}/second", burst=burst, clock=clock), clock, moments)
    allowed = [moment for moment, verdict in verdicts if not verdict.is_refused]

    for moment in allowed:
        assert sum(moment <= other < moment + 1 for other in allowed) <= limit + burst


@given(rate=RATES, moments=MOMENTS)
def test_what_is_said_to_remain_may_come_at_once(rate, moments):
    clock = Clock()
    limiter = RateLimit(rate, clock=clock)
    _, last = take(limiter, clock, moments)[-1]

    verdicts = [verdict for _, verdict in take(limiter, clock, [0] * (last.remaining + 1))]

    assert [verdict.is_refused for verdict in verdicts] == [False] * last.remaining + [True]


def test_clients_are_counted_by_their_own_address(ask, reply, clock):
    app = RateLimitMiddleware(reply(), "1/minute", clock=clock)

    assert statuses(ask, app, 2, client=("192.0.2.1", 1)) == [200, 429]
    assert statuses(ask, app, 2, client=("192.0.2.2", 1)) == [200, 429]


def test_cve_2025_59152_another_x_forwarded_for_is_not_another_client(ask, reply, clock):
    app = RateLimitMiddleware(reply(), "3/minute", clock=clock)
    names = ["X-Forwarded-For", "Forwarded", "X-Real-IP", "CF-Connecting-IP", "True-Client-IP"]

    found = [ask(app, headers={name: f"192.0.2.{number}" for name in names}).status for number in range(10)]

    assert found == [200] * 3 + [429] * 7


def test_behind_a_trusted_proxy_the_address_is_the_one_that_the_proxy_saw(ask, reply, clock):
    limited = RateLimitMiddleware(reply(), "1/minute", clock=clock)
    app = ProxyHeadersMiddleware(limited, trusted_hosts="10.0.0.1")
    proxy = ("10.0.0.1", 1)

    def through(*addresses):
        return ask(app, client=proxy, headers={"X-Forwarded-For": ", ".join(addresses)}).status

    assert [through("192.0.2.1"), through("192.0.2.2"), through("192.0.2.1")] == [200, 200, 429]
    # What the client itself had written stands in front of what the proxy has added.
    assert [through(f"198.51.100.{number}", "192.0.2.1") for number in range(3)] == [429] * 3


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unix:/run/x", "unix:/run/x"),
        ("testclient", "testclient"),
    ],
)
def test_one_customer_is_one_address(host, counted):
    assert client_address(HTTPConnection({"type": "http", "client": (host, 1)})) == counted


def test_clients_without_an_address_are_counted_as_one(ask, reply, clock):
    app = RateLimitMiddleware(reply(), "1/minute", clock=clock)

    assert statuses(ask, app, 2, client=None) == [200, 429]


async def user_of_connection(connection):
    return connection.headers.get("x-user")


@pytest.mark.parametrize("key", [lambda connection: connection.headers.get("x-user"), user_of_connection])
def test_the_key_can_be_chosen_and_none_is_not_counted(ask, reply, clock, key):
    app = RateLimitMiddleware(reply(), "1/minute", key=key, clock=clock)

    assert statuses(ask, app, 2, headers={"X-User": "ada"}) == [200, 429]
    assert statuses(ask, app, 2, headers={"X-User": "bob"}) == [200, 429]
    unlimited = ask(app)
    assert (unlimited.status, unlimited.headers) == (200, {})


def test_a_key_cannot_pretend_to_be_another_name(ask, reply, clock):
    store = MemoryStore()
    first = RateLimitMiddleware(reply(), "1/minute", key=lambda c: "bc", name="a", store=store, clock=clock)
    second = RateLimitMiddleware(reply(), "1/minute", key=lambda c: "c", name="ab", store=store, clock=clock)

    assert statuses(ask, first, 2) == [200, 429]
    assert statuses(ask, second, 2) == [200, 429]


def test_limits_of_one_name_in_one_store_count_together(ask, reply, clock):
    store = MemoryStore()
    workers = [RateLimitMiddleware(reply(), "3/minute", store=store, clock=clock) for _ in range(2)]

    assert [ask(workers[number % 2]).status for number in range(5)] == [200, 200, 200, 429, 429]


def test_the_answer_passes_as_it_comes(ask_async, reply, clock):
    app = RateLimitMiddleware(reply(body=[b"a", b"b"]), "3/minute", clock=clock)

    answer = asyncio.run(ask_async(app))

    assert [message.get("body") for message in answer.messages] == [None, b"a", b"b"]


def limited_app(clock, **options):
    app = Faster(**options)
    shared = RateLimit("2/minute", name="shared", clock=clock)

    @app.get("/own/{number}", dependencies=[Depends(RateLimit("1/minute", clock=clock))])
    async def own(number: int) -> int:
        return number

    limit = RateLimit("1/minute", clock=clock)
    app.get("/a", dependencies=[Depends(limit)])(lambda: "a")
    app.get("/b", dependencies=[Depends(limit)])(lambda: "b")
    app.get("/c", dependencies=[Depends(shared)])(lambda: "c")
    app.get("/d", dependencies=[Depends(shared)])(lambda: "d")
    return app


def test_a_route_has_a_limit_of_its_own(clock):
    client = TestClient(limited_app(clock))

    first, second, third = (client.get(f"/own/{number}") for number in (1, 2, 3))

    assert first.headers["ratelimit"] == '"default";r=0;t=60'
    assert (second.status_code, third.status_code) == (429, 429)  # the route counts, not its path
    assert second.json() == {"detail": "Too Many Requests"}
    assert second.headers["retry-after"] == "60"
    assert second.headers["ratelimit"] == '"default";r=0;t=60'


def test_a_websocket_too_many_is_denied_before_it_opens(clock):
    app = Faster()

    @app.websocket("/ws/{number}", dependencies=[Depends(RateLimit("1/minute", clock=clock))])
    async def echo(websocket: WebSocket, number: int) -> None:
        await websocket.accept()

    client = TestClient(app)
    with client.websocket_connect("/ws/1"):
        pass
    with pytest.raises(WebSocketDisconnect) as denied, client.websocket_connect("/ws/2"):
        pass

    assert (denied.value.status_code, denied.value.headers["retry-after"]) == (429, "60")


def test_routes_count_apart_unless_they_share_a_name(clock):
    client = TestClient(limited_app(clock))

    assert [client.get(path).status_code for path in ("/a", "/b", "/a", "/b")] == [200, 200, 429, 429]
    assert [client.get(path).status_code for path in ("/c", "/d", "/c", "/d")] == [200, 200, 429, 429]


@pytest.mark.parametrize("kind", [429, HTTPException])
def test_the_429_is_answered_by_the_handlers_of_the_application(clock, kind):
    app = limited_app(clock)
    app.add_middleware(RateLimitMiddleware, "1/minute", clock=clock)

    @app.exception_handler(kind)
    async def own_shape(request, error):
        return JSONResponse({"problem": error.detail}, status_code=error.status_code, headers=error.headers)

    client = TestClient(app)
    client.get("/a")
    refused = client.get("/a")

    assert (refused.status_code, refused.json()) == (429, {"problem": "Too Many Requests"})
    assert refused.headers["retry-after"] == "60"


def test_middleware_of_a_route_uses_the_handlers_of_its_router(clock):
    from fasterapi import FasterRouter

    async def own_shape(request, error):
        return JSONResponse({"router": error.detail}, status_code=error.status_code)

    router = FasterRouter(
        middleware=[Middleware(RateLimitMiddleware, "1/minute", clock=clock)],
        exception_handlers={HTTPException: own_shape},
    )
    router.get("/a")(lambda: "a")
    app = Faster()
    app.include_router(router)
    client = TestClient(app)

    assert [client.get("/a").json() for _ in range(2)] == ["a", {"router": "Too Many Requests"}]


# the document -------------------------------------------------------------------------------------------------


def described(dependency, **options):
    app = Faster(**options.pop("app", {}))

    @app.get("/", dependencies=[Depends(dependency)], **options)
    async def show() -> int:
        return 1

    return app.openapi()["paths"]["/"]["get"]["responses"]


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ("draft", {"RateLimit-Policy", "RateLimit"}),
        ("separate", {"RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"}),
        ("none", set()),
    ],
)
def test_the_document_of_a_route_has_the_429_and_the_fields_that_are_sent(clock, fields, names):
    limit = RateLimit("1/minute", fields=fields, clock=clock)
    responses = described(limit)
    assert responses["429"]["description"] == "Too Many Requests"
    assert responses["429"].get("headers", {}).keys() == names | {"Retry-After"}
    assert responses["200"].get("headers", {}).keys() == names
    app = Faster()
    app.add_api_route("/", lambda: 1, dependencies=[Depends(limit)])
    answers = [TestClient(app).get("/").headers for _ in range(2)]
    assert [{name for name in found if name.startswith("r")} for found in answers] == [
        {name.lower() for name in responses[status].get("headers", {})} for status in ("200", "429")
    ]


@pytest.mark.parametrize("key", [429, "429"])
def test_what_the_user_says_of_the_429_stays(clock, key):
    limit = RateLimit("1/minute", clock=clock)
    assert described(limit, responses={key: {"description": "Slow down"}})["429"] == {
        "description": "Slow down"
    }


def test_where_problem_details_are_asked_for_the_429_is_one(clock):
    limit = RateLimit("1/minute", clock=clock)
    content = described(limit, app={"problem_details": True})["429"]["content"]
    assert list(content) == ["application/problem+json"]
