"""Live is what answers at all; ready is what can do its work and is to go on doing so."""

import asyncio
import threading

import pytest

from fasterapi import Depends, Faster
from fasterapi.health import HealthCheck, health_router
from fasterapi.testclient import AsyncTestClient, TestClient

SOON = 0.02


def application(*args, **options):
    app = Faster()
    app.include_router(health_router(*args, **options))
    return app


def ask(*args, path="/health/ready", **options):
    response = TestClient(application(*args, **options)).get(path)
    return response.status_code, response.json()


async def passes():
    return None


async def breaks():
    raise ConnectionError("postgres://user:password@host")


async def hangs():
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("check", "outcome"),
    [
        (passes, "ok"),
        (lambda: None, "ok"),
        (lambda: 0, "ok"),
        (lambda: False, "failed"),
        (lambda: 1 / 0, "failed"),
        (breaks, "failed"),
        (hangs, "timed out"),
        (HealthCheck(hangs, timeout=SOON / 2), "timed out"),
    ],
)
def test_a_check_passes_fails_or_takes_too_long(check, outcome, caplog):
    status, content = ask({"it": check}, timeout=SOON)
    assert (status, content["checks"]) == (200 if outcome == "ok" else 503, {"it": outcome})
    assert content["status"] == ("ok" if outcome == "ok" else "failing")
    assert "password" not in str(content)


def test_the_log_says_why_a_check_has_failed(caplog):
    ask({"database": breaks})
    (record,) = [record for record in caplog.records if record.name == "fasterapi.health"]
    assert record.getMessage() == "health check database failed"
    assert record.exc_info[0] is ConnectionError


def test_without_checks_it_is_ready():
    assert ask() == (200, {"status": "ok", "checks": {}})


def test_liveness_asks_no_check():
    assert ask({"it": breaks}, path="/health/live") == (200, {"status": "ok"})


def test_all_checks_are_named_and_run_at_once():
    both = asyncio.Barrier(2)

    async def meet():
        await both.wait()

    assert ask({"a": meet, "b": meet, "c": breaks})[1]["checks"] == {"a": "ok", "b": "ok", "c": "failed"}


def test_a_check_may_have_dependencies():
    left = []

    def connection():
        yield "connection"
        left.append(True)

    async def ping(connection=Depends(connection)):
        return connection == "connection"

    assert ask({"it": ping})[0] == 200
    assert left == [True]


def test_a_plain_function_runs_off_the_event_loop():
    threads = []
    ask({"it": lambda: threads.append(threading.current_thread())})

    async def on_the_loop():
        threads.append(threading.current_thread())

    ask({"it": on_the_loop})
    assert threads[0] is not threads[1]


def test_a_check_that_hangs_in_its_thread_is_not_started_a_second_time():
    starts, release = [], threading.Event()

    def stuck():
        starts.append(True)
        release.wait(20)

    app = application({"it": stuck}, timeout=SOON)

    async def main():
        async with AsyncTestClient(app) as client:
            for _ in range(3):
                assert (await client.get("/health/ready")).json()["checks"] == {"it": "timed out"}
            release.set()
            while (await client.get("/health/ready")).status_code != 200:
                pass

    asyncio.run(main())
    assert len(starts) == 2  # the stuck one, and one after its end


def test_a_check_that_was_cancelled_is_started_again():
    outcomes = iter([asyncio.Event().wait, passes])

    async def first_hangs():
        await next(outcomes)()

    app = application({"it": first_hangs}, timeout=SOON)

    async def main():
        async with AsyncTestClient(app) as client:
            assert (await client.get("/health/ready")).status_code == 503
            assert (await client.get("/health/ready")).status_code == 200

    asyncio.run(main())


def test_an_application_that_goes_down_is_live_and_not_ready():
    app = application({"it": passes})
    with TestClient(app) as client:
        assert client.get("/health/ready").status_code == 200
        app.begin_shutdown()
        response = client.get("/health/ready")
        assert (response.status_code, response.json()) == (503, {"status": "shutting down"})
        assert client.get("/health/live").status_code == 200


def test_the_lifespan_says_when_the_application_goes_down():
    app = application()
    seen = []

    @app.on_event("shutdown")
    async def stop():
        seen.append(app.is_shutting_down)

    for _ in range(2):
        with TestClient(app) as client:
            assert client.get("/health/ready").status_code == 200
    assert seen == [True, True]


def test_nothing_of_it_is_stored_or_documented():
    app = application()
    assert TestClient(app).get("/health/ready").headers["cache-control"] == "no-store"
    assert app.openapi()["paths"] == {}


def test_another_prefix_holds_for_both():
    app = application(prefix="/status")
    assert [TestClient(app).get(path).status_code for path in ("/status/live", "/status/ready")] == [200, 200]


@pytest.mark.parametrize("timeout", [0, -1])
def test_a_time_out_must_be_positive(timeout):
    with pytest.raises(ValueError, match="'it': the time-out must be positive"):
        health_router({"it": passes}, timeout=timeout)


def test_a_check_that_needs_an_argument_is_refused_at_once():
    with pytest.raises(ValueError, match="nobody gives it a value for 'session'"):
        health_router({"it": lambda session: True})
