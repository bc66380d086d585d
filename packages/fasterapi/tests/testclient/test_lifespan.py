"""Start-up and shutdown of the application, around a `with` block."""

import contextvars
import gc
import threading

import pytest

from fasterapi.testclient import TestClient


def test_the_application_starts_and_stops(app):
    with TestClient(app) as client:
        assert app.calls == ["startup"]
        client.get("/scope")
    assert app.calls == ["startup", "shutdown"]


def test_without_a_block_there_is_no_lifespan(app):
    TestClient(app).get("/scope")

    assert app.calls == []


def test_the_state_reaches_every_request_and_stays_its_own(app):
    with TestClient(app) as client:
        first, second = client.get("/state").json(), client.get("/state").json()
        assert client.app_state == {"database": "open"}

    assert first == second == {"database": "open"}


def lifespan_app(script):
    """An application whose lifespan is `script(receive, send)`."""

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            await script(receive, send)
        else:
            await send({"type": "http.response.start", "status": 200})
            await send({"type": "http.response.body", "body": b"ok"})

    return app


async def fails_before(receive, send):
    raise LookupError("no database")


async def fails_as_frameworks_do(receive, send):
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "traceback"})
    raise LookupError("no database")


async def fails_at_shutdown(receive, send):
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.failed", "message": "traceback"})
    raise LookupError("no database")


async def fails_between(receive, send):
    await receive()
    await send({"type": "lifespan.startup.complete"})
    raise LookupError("no database")


async def fails_after(receive, send):
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})
    raise LookupError("no database")


async def dies_at_shutdown(receive, send):
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    raise LookupError("no database")


@pytest.mark.parametrize(
    "script",
    [
        fails_before,
        fails_as_frameworks_do,
        fails_at_shutdown,
        fails_between,
        fails_after,
        dies_at_shutdown,
    ],
)
def test_the_exception_of_the_application_is_raised(script):
    with pytest.raises(LookupError, match="no database"):
        with TestClient(lifespan_app(script)):
            pass


@pytest.mark.parametrize("phase", ["startup", "shutdown"])
def test_a_failure_without_an_exception_is_raised_with_its_message(phase):
    async def script(receive, send):
        while (await receive())["type"] != f"lifespan.{phase}":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": f"lifespan.{phase}.failed", "message": "no database"})

    with pytest.raises(RuntimeError, match=f"lifespan.{phase}.*no database"):
        with TestClient(lifespan_app(script)):
            pass


def test_an_application_that_ignores_lifespans_is_fine():
    async def script(receive, send):
        pass

    with TestClient(lifespan_app(script)) as client:
        assert client.get("/").text == "ok"


def test_start_up_and_shutdown_share_a_context():
    variable = contextvars.ContextVar("variable")
    seen = []

    async def script(receive, send):
        await receive()
        token = variable.set("start-up")
        await send({"type": "lifespan.startup.complete"})
        await receive()
        seen.append(variable.get())
        variable.reset(token)
        await send({"type": "lifespan.shutdown.complete"})

    with TestClient(lifespan_app(script)):
        pass

    assert seen == ["start-up"]


def test_an_error_in_the_block_still_shuts_down(app):
    with pytest.raises(ValueError, match="the test"):
        with TestClient(app):
            raise ValueError("the test")

    assert app.calls == ["startup", "shutdown"]


def test_a_client_can_be_used_again(app):
    client = TestClient(app)
    for _ in range(2):
        with client:
            assert client.get("/scope").status_code == 200

    assert app.calls == ["startup", "shutdown"] * 2


def test_closing_the_client_inside_of_the_block_shuts_down(app):
    with TestClient(app) as client:
        client.close()
        assert app.calls == ["startup", "shutdown"]

    assert app.calls == ["startup", "shutdown"]


def test_a_closed_client_makes_no_requests(app):
    client = TestClient(app)
    client.close()

    with pytest.raises(RuntimeError, match="closed"):
        client.get("/scope")


def test_a_response_that_fails_on_closing_does_not_hinder_the_shutdown(app):
    with pytest.raises(LookupError, match="broken"):
        with TestClient(app) as client:
            client.send(client.build_request("GET", "/raiselate"), stream=True)

    assert app.calls == ["startup", "shutdown"]


def threads():
    return {thread for thread in threading.enumerate() if thread.name == "fasterapi-testclient"}


def test_no_thread_is_left_behind_by_a_block(app):
    before = threads()
    with TestClient(app) as client:
        client.get("/scope")
        assert threads() - before

    assert threads() <= before


def test_no_thread_is_left_behind_by_a_failed_start_up():
    before = threads()
    with pytest.raises(LookupError):
        TestClient(lifespan_app(fails_before)).__enter__()

    assert threads() <= before


def test_no_thread_is_left_behind_by_a_client_that_nobody_closes(app):
    before = threads()
    client = TestClient(app)
    client.get("/scope")
    del client
    gc.collect()

    assert threads() <= before


def test_tasks_that_are_left_are_cancelled():
    import asyncio

    ended = []

    async def script(receive, send):
        async def forever():
            try:
                await asyncio.Event().wait()
            finally:
                ended.append(True)

        await receive()
        task = asyncio.create_task(forever())
        await asyncio.sleep(0)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        assert not task.done()

    with TestClient(lifespan_app(script)):
        pass

    assert ended == [True]


def test_the_loop_can_be_used_by_the_test(app):
    async def double(number):
        return number * 2

    with TestClient(app) as client:
        assert client.portal.call(double, 21) == 42
        assert client.portal.call(int, "7") == 7
