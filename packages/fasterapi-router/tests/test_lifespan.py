"""One lifespan for several applications: started in order, ended in reverse, none left behind."""

import asyncio

import pytest

from fasterapi_router import lifespan
from fasterapi_router.asgi import ASGIRouter

COMPLETE = "lifespan.{}.complete"


def application(log, name, *, fails_at=None, raises_at=None, ends_after=None):
    """An ASGI application that notes what happens to it."""

    async def app(scope, receive, send):
        if scope["type"] != "lifespan":
            raise NotImplementedError
        scope["state"][name] = True
        for stage in ("startup", "shutdown"):
            message = await receive()
            assert message["type"] == f"lifespan.{stage}"
            log.append(f"{name} {stage}")
            if stage == raises_at:
                raise RuntimeError(f"{name} broke")
            if stage == fails_at:
                await send({"type": f"lifespan.{stage}.failed", "message": f"{name} failed"})
                return
            await send({"type": f"lifespan.{stage}.complete"})
            if stage == ends_after:
                return

    return app


def run(*apps):
    """The messages that the server gets, and the state."""
    state = {}
    sent = []

    async def main():
        inbox = asyncio.Queue()
        for stage in ("startup", "shutdown"):
            inbox.put_nowait({"type": f"lifespan.{stage}"})

        async def send(message):
            sent.append(message)

        await lifespan.run(apps, {"type": "lifespan", "state": state}, inbox.get, send)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())
    return [message.get("message") or message["type"].removeprefix("lifespan.") for message in sent], state


def test_applications_start_in_order_and_end_in_reverse():
    log = []
    sent, state = run(application(log, "a"), application(log, "b"))
    assert sent == ["startup.complete", "shutdown.complete"]
    assert log == ["a startup", "b startup", "b shutdown", "a shutdown"]
    assert state == {"a": True, "b": True}


def test_no_applications_are_a_lifespan_too():
    assert run()[0] == ["startup.complete", "shutdown.complete"]


def test_a_failed_start_ends_those_before_and_is_passed_on():
    log = []
    sent, _ = run(application(log, "a"), application(log, "b", fails_at="startup"), application(log, "c"))
    assert sent == ["b failed"]
    assert log == ["a startup", "b startup", "a shutdown"]


def test_a_failed_end_does_not_keep_the_others_from_ending():
    log = []
    sent, _ = run(
        application(log, "a", fails_at="shutdown"),
        application(log, "b", raises_at="shutdown"),
        application(log, "c"),
    )
    assert sent == ["startup.complete", "RuntimeError('b broke'); a failed"]
    assert log[-3:] == ["c shutdown", "b shutdown", "a shutdown"]


@pytest.mark.parametrize("how", ["raises", "returns", "ends early"])
def test_an_application_without_lifespan_is_left_alone(how):
    async def returns(scope, receive, send):
        return

    log = []
    app = {
        "raises": application(log, "a", raises_at="startup"),
        "returns": returns,
        "ends early": application(log, "a", ends_after="startup"),
    }[how]
    sent, _ = run(app, application(log, "b"))
    assert sent == ["startup.complete", "shutdown.complete"]
    assert log[-2:] == ["b startup", "b shutdown"]


def test_a_failure_without_message_is_still_a_failure():
    async def silent(scope, receive, send):
        await receive()
        await send({"type": "lifespan.startup.failed"})

    assert run(silent)[0] == ["no reason given"]


def test_an_application_that_does_not_end_is_cancelled_when_the_server_gives_up():
    log = []

    async def main():
        async def receive():
            if "asked" in log:
                await asyncio.sleep(3600)
            log.append("asked")
            return {"type": "lifespan.startup"}

        async def send(message):
            log.append(message["type"])

        async def stubborn(scope, receive, send):
            await receive()
            await send({"type": "lifespan.startup.complete"})
            try:
                await receive()
            finally:
                log.append("cancelled")

        task = asyncio.ensure_future(lifespan.run([stubborn], {"type": "lifespan"}, receive, send))
        while "lifespan.startup.complete" not in log:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())
    assert log[-1] == "cancelled"


def test_a_router_runs_the_lifespan_of_each_mount_and_host_once():
    log = []
    shared = application(log, "shared")
    inner = ASGIRouter()
    inner.mount("/x", application(log, "inner"))
    app = ASGIRouter()
    app.mount("/a", shared)
    app.mount("/b", shared)
    app.mount("/c", inner)
    app.host("example.com", application(log, "host"))
    app.add_route("/route", application(log, "route"))
    sent, _ = run(app)
    assert sent == ["startup.complete", "shutdown.complete"]
    assert log[:3] == ["shared startup", "inner startup", "host startup"]
    assert log[3:] == ["host shutdown", "inner shutdown", "shared shutdown"]
