"""Several workers that share one Redis behave as one."""

import asyncio
from collections import Counter

import pytest

pytest.importorskip("redis", reason="the extra `redis` is not installed")

import httpx  # noqa: E402

from fasterapi import Faster, Request, Response  # noqa: E402
from fasterapi.middleware.idempotency import IdempotencyMiddleware  # noqa: E402
from fasterapi.middleware.ratelimit import RateLimitMiddleware  # noqa: E402
from fasterapi.middleware.responsecache import ResponseCacheMiddleware  # noqa: E402
from fasterapi.middleware.sessions import SessionMiddleware  # noqa: E402
from fasterapi.stores.redis import RedisStore  # noqa: E402


@pytest.fixture
def run(redis_url, request):
    """`run(make, use)` awaits `use(first, second)`, clients of two `make(store)` with connections of their own."""

    def in_loop(make, use):
        async def main():
            space = request.node.name
            async with (
                RedisStore(redis_url, namespace=space) as a,
                RedisStore(redis_url, namespace=space) as b,
            ):
                transports = [httpx.ASGITransport(make(store)) for store in (a, b)]
                first, second = (httpx.AsyncClient(transport=t, base_url="http://test") for t in transports)
                async with first, second:
                    return await use(first, second)

        return asyncio.run(main())

    return in_loop


def test_a_limit_holds_for_all_together(run):
    def make(store):
        app = Faster()
        app.add_middleware(RateLimitMiddleware, "25/day", store=store)
        app.get("/")(lambda: None)
        return app

    async def use(first, second):
        found = await asyncio.gather(*((first, second)[n % 2].get("/") for n in range(60)))
        return Counter(answer.status_code for answer in found)

    assert run(make, use) == {200: 25, 429: 35}


def test_a_request_is_done_once_by_all_together(run):
    done = []

    def make(store):
        app = Faster()
        app.add_middleware(IdempotencyMiddleware, store=store)

        @app.post("/")
        async def order() -> int:
            done.append(1)
            await asyncio.sleep(0)
            return len(done)

        return app

    async def use(first, second):
        key = {"Idempotency-Key": "1"}
        found = await asyncio.gather(*((first, second)[n % 2].post("/", headers=key) for n in range(40)))
        later = await second.post("/", headers=key)
        return {answer.status_code for answer in found}, later.json()

    statuses, later = run(make, use)

    assert statuses <= {200, 409}
    assert (later, done) == (1, [1])


def test_a_session_is_known_to_all(run):
    pytest.importorskip("itsdangerous", reason="the extra `sessions` is not installed")

    def make(store):
        app = Faster()
        app.add_middleware(SessionMiddleware, secret_key="key", store=store)

        @app.post("/{user}")
        async def enter(request: Request, user: str) -> None:
            request.session["user"] = user

        @app.delete("/")
        async def leave(request: Request) -> None:
            request.session.clear()

        @app.get("/")
        async def who(request: Request) -> str | None:
            return request.session.get("user")

        return app

    async def use(first, second):
        cookies = (await first.post("/ada")).cookies
        session = {"Cookie": f"session={cookies['session']}"}
        before = (await second.get("/", headers=session)).json()
        await second.delete("/", headers=session)
        return before, (await first.get("/", headers=session)).json()

    assert run(make, use) == ("ada", None)


def test_an_answer_of_one_is_given_by_the_other(run):
    calls = []

    def make(store):
        app = Faster()
        app.add_middleware(ResponseCacheMiddleware, store=store)

        @app.get("/")
        async def root(response: Response) -> int:
            response.headers["Cache-Control"] = "max-age=60"
            response.headers["Vary"] = "Accept-Language"
            calls.append(1)
            return len(calls)

        app.post("/")(lambda: None)
        return app

    async def use(first, second):
        found = [(await client.get("/")).json() for client in (first, second, first)]
        await second.post("/")
        return [*found, (await first.get("/")).json()]

    assert run(make, use) == [1, 1, 1, 2]
