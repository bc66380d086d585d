"""What is asked twice with one key is done once."""

import asyncio
import json

import pytest

from fasterapi import Faster, HTTPException, Request
from fasterapi.middleware import BaseHTTPMiddleware, Middleware
from fasterapi.middleware.idempotency import IdempotencyMiddleware
from fasterapi.responses import JSONResponse, PlainTextResponse, StreamingResponse
from fasterapi.stores import MemoryStore
from fasterapi.testclient import TestClient

KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}


class Counting:
    """An application that answers how often it was called, and what it was sent."""

    def __init__(self, status=200, headers=(), pieces=None, error=None):
        self.calls = 0
        self.status = status
        self.headers = list(headers)
        self.pieces = pieces
        self.error = error

    async def __call__(self, scope, receive, send):
        self.calls += 1
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body", False):
                break
        if self.error is not None:
            raise self.error
        pieces = [b"%d:%s" % (self.calls, body)] if self.pieces is None else self.pieces
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        for number, piece in enumerate(pieces):
            more = number < len(pieces) - 1
            await send({"type": "http.response.body", "body": piece, "more_body": more})


@pytest.fixture
def post(ask):
    """`post(app, body, headers, …)`, with the one key unless others are given."""

    def run(app, body=b"x", headers=KEY, **request):
        return ask(app, method=request.pop("method", "POST"), headers=headers, body=body, **request)

    return run


def test_the_first_answer_is_given_again(post):
    app = IdempotencyMiddleware(inner := Counting(201, [(b"location", b"/1")]))

    first, second = post(app), post(app)

    assert inner.calls == 1
    assert (first.status, first.body, first.headers) == (201, b"1:x", {"location": "/1"})
    assert (second.status, second.body) == (201, b"1:x")
    assert second.headers == {"location": "/1", "idempotent-replayed": "true"}


def test_without_a_key_it_is_done_again(post):
    app = IdempotencyMiddleware(inner := Counting())

    assert [post(app, headers={}).body for _ in range(2)] == [b"1:x", b"2:x"]
    assert inner.calls == 2


@pytest.mark.parametrize(
    ("method", "calls"), [("POST", 1), ("PATCH", 1), ("PUT", 2), ("DELETE", 2), ("GET", 2)]
)
def test_only_methods_that_are_not_idempotent_are_watched(post, method, calls):
    app = IdempotencyMiddleware(inner := Counting())

    post(app, method=method)
    post(app, method=method)

    assert inner.calls == calls


def test_the_methods_can_be_chosen_but_not_safe_ones(post):
    app = IdempotencyMiddleware(inner := Counting(), methods=["DELETE"])
    post(app, method="DELETE")
    post(app, method="DELETE")

    assert inner.calls == 1
    with pytest.raises(ValueError, match="GET may be repeated anyway"):
        IdempotencyMiddleware(inner, methods=["POST", "GET"])


OTHERS = [
    {"body": b"y"},
    {"body": b""},
    {"path": "/other"},
    {"query_string": b"a=1"},
    {"method": "PATCH"},
    {"headers": {**KEY, "Content-Type": "text/plain"}},
    {"headers": {**KEY, "Host": "other.example"}},
    {"headers": {**KEY, "Cookie": "session=other"}},
]


@pytest.mark.parametrize("other", OTHERS)
def test_the_key_with_another_request_is_a_422(post, other):
    app = IdempotencyMiddleware(inner := Counting())
    post(app)

    refused = post(app, **other)

    assert (refused.status, inner.calls) == (422, 1)
    assert refused.body == b'{"detail":"This Idempotency-Key was used for another request"}'
    assert post(app).body == b"1:x"


def test_headers_that_change_on_the_way_make_no_other_request(post):
    app = IdempotencyMiddleware(inner := Counting())

    post(app, headers={**KEY, "User-Agent": "a", "X-Request-Id": "1"})
    post(app, headers={"X-Request-Id": "2", **KEY})

    assert inner.calls == 1


def test_a_key_belongs_to_whoever_is_authorized(post):
    app = IdempotencyMiddleware(Counting())
    ada, bob = ({**KEY, "Authorization": f"Bearer {name}"} for name in ("ada", "bob"))

    assert [post(app, headers=headers).body for headers in (ada, bob, ada, KEY)] == [
        b"1:x",
        b"2:x",
        b"1:x",
        b"3:x",
    ]


async def user_of_connection(connection):
    return connection.headers["x-user"]


@pytest.mark.parametrize("principal", [lambda connection: connection.headers["x-user"], user_of_connection])
def test_whose_a_key_is_can_be_said_otherwise(post, principal):
    app = IdempotencyMiddleware(Counting(), principal=principal)
    ada = {**KEY, "X-User": "ada", "Cookie": "visit=1"}
    again = {**KEY, "X-User": "ada", "Cookie": "visit=2"}
    bob = {**KEY, "X-User": "bob"}

    assert [post(app, headers=headers).body for headers in (ada, again, bob)] == [b"1:x", b"1:x", b"2:x"]


def test_of_two_at_once_the_second_is_a_409(ask_async):
    entered = asyncio.Event()
    go_on = asyncio.Event()
    calls = []

    async def slow(scope, receive, send):
        calls.append(scope["path"])
        entered.set()
        await go_on.wait()
        await PlainTextResponse("done")(scope, receive, send)

    async def use():
        app = IdempotencyMiddleware(slow)
        first = asyncio.create_task(ask_async(app, method="POST", headers=KEY, body=b"x"))
        await entered.wait()
        second = await ask_async(app, method="POST", headers=KEY, body=b"x")
        other = await ask_async(app, method="POST", headers=KEY, body=b"other")
        go_on.set()
        return await first, second, other, await ask_async(app, method="POST", headers=KEY, body=b"x")

    first, second, other, third = asyncio.run(use())

    assert [answer.status for answer in (first, second, other, third)] == [200, 409, 422, 200]
    assert second.headers["retry-after"] == "1"
    assert json.loads(second.body)["detail"] == "A request with this Idempotency-Key is being answered"
    assert (third.body, len(calls)) == (b"done", 1)


def test_an_answer_is_kept_for_a_while(post):
    now = [0.0]
    app = IdempotencyMiddleware(Counting(), store=MemoryStore(clock=lambda: now[0]), expires_in=600)
    post(app)

    now[0] += 599
    assert post(app).body == b"1:x"
    now[0] += 1
    assert post(app).body == b"2:x"


def test_a_key_whose_request_never_ends_is_free_after_a_while(ask_async):
    """As a process leaves it that is killed."""
    now = [0.0]
    calls = []

    async def hanging(scope, receive, send):
        calls.append(1)
        if len(calls) == 1:
            await asyncio.Event().wait()
        await PlainTextResponse("done")(scope, receive, send)

    async def use():
        store = MemoryStore(clock=lambda: now[0])
        app = IdempotencyMiddleware(hanging, store=store, lock_expires_in=60)
        first = asyncio.create_task(ask_async(app, method="POST", headers=KEY))
        found = []
        for seconds in (0, 59, 60):
            await asyncio.sleep(0)
            now[0] = seconds
            found.append((await ask_async(app, method="POST", headers=KEY)).status)
        first.cancel()
        await asyncio.wait([first])
        # What ends too late takes nothing from the one that came after it.
        found.append((await ask_async(app, method="POST", headers=KEY)).headers["idempotent-replayed"])
        return found

    assert asyncio.run(use()) == [409, 409, 200, "true"]


# the lock -----------------------------------------------------------------------------------------------------


class Loop(asyncio.SelectorEventLoop):
    """An event loop in which waiting takes no time, but `time()` says that it did."""

    now = 0.0

    def time(self):
        return self.now

    def _run_once(self):
        if not self._ready and self._scheduled:
            self.now = max(self.now, self._scheduled[0].when())
        super()._run_once()


@pytest.fixture
def run_timeless():
    def run(main):
        with asyncio.Runner(loop_factory=Loop) as runner:
            return runner.run(main)

    return run


class Watched(MemoryStore):
    """A store that counts writes, and fails at those whose numbers are in `failing`."""

    def __init__(self, failing=()):
        super().__init__(clock=lambda: asyncio.get_running_loop().time())
        self.writes = 0
        self.failing = failing

    async def set(self, key, value, expires_in=None):
        self.writes += 1
        if self.writes in self.failing:
            raise ConnectionError("no way to the store")
        await super().set(key, value, expires_in)


def taking(seconds, calls):
    async def app(scope, receive, send):
        calls.append(1)
        await asyncio.sleep(seconds)
        await PlainTextResponse("done")(scope, receive, send)

    return app


@pytest.mark.parametrize("failing", [(), (3, 4)])
def test_the_key_stays_locked_for_as_long_as_the_handler_runs(ask_async, run_timeless, failing, caplog):
    calls = []

    async def use():
        store = Watched(failing)
        app = IdempotencyMiddleware(taking(1000, calls), store=store, lock_expires_in=60)
        first = asyncio.create_task(ask_async(app, method="POST", headers=KEY))
        found = []
        for _ in range(9):
            await asyncio.sleep(100.5)
            found.append((await ask_async(app, method="POST", headers=KEY)).status)
        found.append((await first).status)
        writes = store.writes
        await asyncio.sleep(1000)
        found.append((await ask_async(app, method="POST", headers=KEY)).headers["idempotent-replayed"])
        return found, writes, store.writes

    found, writes, later = run_timeless(use())

    assert found == [*[409] * 9, 200, "true"]
    assert len(calls) == 1
    assert writes == later  # nothing is renewed once it is answered
    assert len(caplog.records) == len(failing)


def test_a_lock_that_was_lost_is_not_taken_back(ask_async, run_timeless):
    """The store did not answer for longer than the lock lives, so somebody else has the key."""
    calls = []

    async def use():
        store = Watched(failing=range(2, 5))
        app = IdempotencyMiddleware(taking(90, calls), store=store, lock_expires_in=60)
        first = asyncio.create_task(ask_async(app, method="POST", headers=KEY))
        await asyncio.sleep(61)
        second = asyncio.create_task(ask_async(app, method="POST", headers=KEY))
        await asyncio.sleep(1)
        ((theirs, _),) = store._entries.values()
        await asyncio.sleep(27)
        ((later, _),) = store._entries.values()
        return later == theirs, (await first).body, (await second).body

    assert run_timeless(use()) == (True, b"done", b"done")
    assert len(calls) == 2


@pytest.mark.parametrize("ends_at", [15, 16])
def test_an_answer_that_comes_during_a_renewal_is_what_stays(ask_async, run_timeless, ends_at):
    """The renewal begins after 15 seconds, and the store takes its time."""

    class Slow(Watched):
        reads = 0

        async def get(self, key):
            self.reads += 1
            return await super().get(key)

        async def set(self, key, value, expires_in=None):
            await asyncio.sleep(5 if key in self._entries and value == self._entries[key][0] else 0)
            await super().set(key, value, expires_in)

    async def use():
        store = Slow()
        app = IdempotencyMiddleware(taking(ends_at, []), store=store, lock_expires_in=60)
        await ask_async(app, method="POST", headers=KEY)
        reads = store.reads
        await asyncio.sleep(100)
        assert store.reads == reads  # there is nothing to renew
        return (await ask_async(app, method="POST", headers=KEY)).headers["idempotent-replayed"]

    assert run_timeless(use()) == "true"


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
def test_a_lock_has_some_time(seconds):
    with pytest.raises(ValueError, match="lock_expires_in must be positive"):
        IdempotencyMiddleware(Counting(), lock_expires_in=seconds)


@pytest.mark.parametrize(
    ("status", "calls"), [(200, 1), (204, 1), (400, 1), (404, 1), (422, 1), (500, 2), (503, 2)]
)
def test_a_failure_of_the_server_may_be_tried_again(post, status, calls):
    app = IdempotencyMiddleware(inner := Counting(status))

    assert [post(app).status, post(app).status] == [status, status]
    assert inner.calls == calls


def test_an_exception_frees_the_key_and_passes(post):
    app = IdempotencyMiddleware(inner := Counting(error=LookupError("broken")))

    for _ in range(2):
        with pytest.raises(LookupError, match="broken"):
            post(app)
    assert inner.calls == 2


def test_a_cancelled_request_frees_the_key(ask_async):
    async def use():
        store = MemoryStore()
        app = IdempotencyMiddleware(lambda scope, receive, send: asyncio.Event().wait(), store=store)
        task = asyncio.create_task(ask_async(app, method="POST", headers=KEY))
        while not len(store._entries):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        return len(store._entries)

    assert asyncio.run(use()) == 0


def test_a_stream_passes_piece_by_piece_and_is_neither_kept_nor_done_again(post):
    app = IdempotencyMiddleware(inner := Counting(pieces=[b"a", b"b", b""]))

    first, second = post(app), post(app)

    assert [message.get("body") for message in first.messages] == [None, b"a", b"b", b""]
    assert (second.status, inner.calls) == (409, 1)
    assert b"was answered" in second.body


def test_an_answer_in_pieces_that_says_its_length_is_kept(post):
    """As every answer is that has passed a `BaseHTTPMiddleware`."""
    app = IdempotencyMiddleware(Counting(headers=[(b"content-length", b"2")], pieces=[b"a", b"b", b""]))

    post(app)

    assert post(app).body == b"ab"


def test_an_answer_that_is_shorter_than_it_says_is_not_kept(post):
    app = IdempotencyMiddleware(Counting(headers=[(b"content-length", b"3")], pieces=[b"a", b"b"]))

    post(app)

    assert post(app).status == 409


def test_an_answer_beyond_the_size_is_not_kept(post):
    app = IdempotencyMiddleware(Counting(pieces=[b"x" * 11]), max_answer_size=10)

    assert [post(app).status, post(app).status] == [200, 409]


def test_a_body_beyond_the_size_is_refused(post):
    app = IdempotencyMiddleware(inner := Counting(), max_body_size=3)

    assert [post(app, body=[b"ab", b"c"]).status, post(app, body=[b"ab", b"cd"]).status] == [200, 413]
    assert inner.calls == 1


def test_cookies_are_set_once_only(post):
    app = IdempotencyMiddleware(Counting(headers=[(b"set-cookie", b"session=1"), (b"x-a", b"b")]))

    assert "set-cookie" in post(app).headers
    assert post(app).headers == {"x-a": "b", "idempotent-replayed": "true"}


@pytest.mark.parametrize("key", ["", '""', "a\tb", "ä", "x" * 256])
def test_a_malformed_key_is_a_400(post, key):
    refused = post(IdempotencyMiddleware(inner := Counting()), headers={"Idempotency-Key": key})

    assert (refused.status, inner.calls) == (400, 0)


def test_a_key_in_quotes_is_the_same_key(post):
    app = IdempotencyMiddleware(Counting())

    assert [post(app, headers={"Idempotency-Key": key}).body for key in ("a", '"a"')] == [b"1:x", b"1:x"]


def test_a_key_can_be_required(post):
    app = IdempotencyMiddleware(Counting(), required=True, header="X-Key")

    refused = post(app, headers={})

    assert (refused.status, refused.body) == (400, b'{"detail":"The header X-Key is missing"}')
    assert post(app, headers={"X-Key": "a"}).status == 200


def test_what_the_store_has_of_another_version_is_neither_sent_nor_done_again(post):
    store = MemoryStore()
    app = IdempotencyMiddleware(inner := Counting(), store=store)
    post(app)
    (key,) = store._entries
    asyncio.run(store.set(key, b"{}", 60))

    assert (post(app).status, inner.calls) == (409, 1)


def test_a_client_that_leaves_in_mid_body_is_not_answered():
    inner = Counting()

    async def receive():
        return {"type": "http.disconnect"}

    async def send(message):
        raise AssertionError("nobody is there")

    scope = {"type": "http", "method": "POST", "path": "/", "headers": [(b"idempotency-key", b"a")]}
    asyncio.run(IdempotencyMiddleware(inner)(scope, receive, send))

    assert inner.calls == 0


def shop(**options):
    app = Faster(**options)
    app.state.orders = []
    app.add_middleware(IdempotencyMiddleware)

    @app.post("/orders", status_code=201)
    async def order(item: dict[str, int]) -> dict[str, int]:
        app.state.orders.append(item)
        return {"number": len(app.state.orders)}

    @app.post("/form")
    async def form(request: Request):
        app.state.orders.append(dict(await request.form()))
        return len(app.state.orders)

    @app.post("/refused")
    async def refused():
        app.state.orders.append("refused")
        raise HTTPException(402)

    @app.post("/stream")
    async def stream():
        app.state.orders.append("stream")
        return StreamingResponse(iter(["a", "b"]))

    return app


def test_an_application_orders_once():
    client = TestClient(app := shop(), headers=KEY)

    answers = [client.post("/orders", json={"tea": 1}) for _ in range(3)]

    assert [(answer.status_code, answer.json()) for answer in answers] == [(201, {"number": 1})] * 3
    assert app.state.orders == [{"tea": 1}]
    assert client.post("/orders", json={"tea": 2}).status_code == 422


def test_refusals_and_forms_are_kept_too():
    client = TestClient(app := shop())

    for _ in range(2):
        assert client.post("/refused", headers={"Idempotency-Key": "1"}).json() == {
            "detail": "Payment Required"
        }
        assert client.post("/form", data={"a": "1"}, headers={"Idempotency-Key": "2"}).json() == 2
        assert client.post("/orders", json=[], headers={"Idempotency-Key": "3"}).status_code == 422
    assert app.state.orders == ["refused", {"a": "1"}]


@pytest.mark.parametrize("is_outside", [True, False])
def test_it_works_with_middleware_that_reads_bodies(is_outside):
    bodies = []

    async def look(request, call_next):
        bodies.append(await request.body())
        return await call_next(request)

    app = shop(middleware=[] if is_outside else [Middleware(BaseHTTPMiddleware, dispatch=look)])
    if is_outside:
        app.add_middleware(BaseHTTPMiddleware, dispatch=look)
    client = TestClient(app, headers=KEY)

    assert [client.post("/orders", json={"tea": 1}).json() for _ in range(2)] == [{"number": 1}] * 2
    assert app.state.orders == [{"tea": 1}]
    assert bodies == [b'{"tea":1}'] * (2 if is_outside else 1)


def test_refusals_have_the_shape_that_the_application_gives_them():
    app = shop()

    @app.exception_handler(HTTPException)
    async def own_shape(request, error):
        return JSONResponse({"problem": error.detail}, status_code=error.status_code)

    client = TestClient(app, headers=KEY)
    client.post("/orders", json={"tea": 1})

    assert client.post("/orders", json={}).json() == {
        "problem": "This Idempotency-Key was used for another request"
    }
