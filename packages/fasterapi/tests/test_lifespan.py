"""Start-up and shutdown: order, state, failures, routers and mounted applications."""

from contextlib import asynccontextmanager

import pytest

from fasterapi import Depends, Faster, FasterAPIError, FasterRouter, Request
from fasterapi.testclient import TestClient


def test_a_lifespan_yields_state_to_requests():
    @asynccontextmanager
    async def lifespan(app):
        yield {"number": 7}

    app = Faster(lifespan=lifespan)

    @app.get("/")
    async def read(request: Request):
        return request.state.number

    with TestClient(app) as client:
        assert client.get("/").json() == 7


@pytest.mark.parametrize("spelling", ["seed", "on_event", "arguments", "add_event_handler"])
def test_startup_and_shutdown_handlers_run_in_every_spelling(spelling):
    log: list[str] = []

    async def start():
        log.append("start")

    def stop():
        log.append("stop")

    if spelling == "arguments":
        app = Faster(on_startup=[start], on_shutdown=[stop])
    else:
        app = Faster()
        if spelling == "seed":
            app.on_startup(start)
            app.on_shutdown(stop)
        elif spelling == "on_event":
            app.on_event("startup")(start)
            app.on_event("shutdown")(stop)
        else:
            app.add_event_handler("startup", start)
            app.add_event_handler("shutdown", stop)
    with TestClient(app):
        assert log == ["start"]
    assert log == ["start", "stop"]


def test_an_unknown_event_is_refused():
    with pytest.raises(FasterAPIError, match="startup"):
        Faster().add_event_handler("begin", print)


def test_a_lifespan_and_handlers_together_are_refused_because_one_would_be_lost():
    @asynccontextmanager
    async def lifespan(app):
        yield

    with (
        pytest.raises(FasterAPIError, match="not both"),
        TestClient(Faster(lifespan=lifespan, on_startup=[print])),
    ):
        pass


def test_routers_and_mounted_applications_start_inside_and_stop_in_reverse():
    log: list[str] = []

    def lifespan(name):
        @asynccontextmanager
        async def context(app):
            log.append(f"+{name}")
            yield
            log.append(f"-{name}")

        return context

    sub = Faster(lifespan=lifespan("sub"))
    subsub = Faster(lifespan=lifespan("subsub"))
    sub.mount("/subsub", subsub)
    router = FasterRouter(lifespan=lifespan("router"))
    app = Faster(lifespan=lifespan("app"))
    app.include_router(router)
    app.mount("/sub", sub)
    app.mount("/again", sub)

    async def plain(scope, receive, send):
        assert scope["type"] == "http"

    app.mount("/plain", plain)
    with TestClient(app):
        pass
    assert log == ["+app", "+router", "+sub", "+subsub", "-subsub", "-sub", "-router", "-app"]


@pytest.mark.parametrize("kind", ["async generator", "generator"])
def test_a_bare_generator_function_is_a_lifespan(kind):
    log: list[str] = []

    async def async_generator(app):
        log.append("in")
        yield
        log.append("out")

    def generator(app):
        log.append("in")
        yield
        log.append("out")

    with TestClient(Faster(lifespan=async_generator if kind == "async generator" else generator)):
        assert log == ["in"]
    assert log == ["in", "out"]


def test_a_failure_at_startup_is_told_and_raised():
    def fails():
        raise RuntimeError("no database")

    with pytest.raises(RuntimeError, match="no database"), TestClient(Faster(on_startup=[fails])):
        pass


def test_values_of_app_lifetime_are_made_once_and_closed_at_shutdown():
    log: list[str] = []

    def pool():
        log.append("open")
        yield "pool"
        log.append("close")

    app = Faster()

    @app.get("/")
    async def read(value: str = Depends(pool, scope="app")):
        return value

    for _ in range(2):
        with TestClient(app) as client:
            assert [client.get("/").json() for _ in range(3)] == ["pool"] * 3
    assert log == ["open", "close", "open", "close"]


def test_of_two_values_with_one_name_the_outer_one_counts():
    def yielding(name):
        @asynccontextmanager
        async def lifespan(app):
            yield {"shared": name, name: True}

        return lifespan

    router, app = FasterRouter(lifespan=yielding("router")), Faster(lifespan=yielding("app"))
    app.include_router(router)
    with TestClient(app) as client:
        assert client.app_state == {"shared": "app", "app": True, "router": True}
