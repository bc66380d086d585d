"""A `dispatch` that changes nothing changes nothing. Each complaint about Starlette's class is a test here."""

import asyncio
import contextvars
import sys

import pytest

from fasterapi import Faster
from fasterapi.background import BackgroundTask
from fasterapi.exceptions import ClientDisconnect, FasterAPIError
from fasterapi.middleware import BaseHTTPMiddleware, Middleware
from fasterapi.requests import Request
from fasterapi.responses import PlainTextResponse, StreamingResponse

variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="unset")


async def nothing(request, call_next):
    return await call_next(request)


async def echo(scope, receive, send):
    """Reads the raw messages, as an application that knows no `Request` does."""
    body, more = b"", True
    while more:
        message = await receive()
        assert message["type"] == "http.request", message
        body += message["body"]
        more = message["more_body"]
    await PlainTextResponse(body)(scope, receive, send)


async def echo_request(scope, receive, send):
    await PlainTextResponse(await Request(scope, receive).body())(scope, receive, send)


# What dispatch may do


def test_a_subclass_writes_dispatch(ask, reply):
    class Stamp(BaseHTTPMiddleware):
        async def dispatch(self, request, call_next):
            response = await call_next(request)
            response.headers["X-Path"] = request.url.path
            response.status_code = 202
            return response

    answer = ask(Stamp(reply(headers={"X": "y"})), path="/a")

    assert (answer.status, answer.body) == (202, b"ok")
    assert answer.headers == {"x": "y", "x-path": "/a"}


def test_dispatch_must_be_written(ask, reply):
    with pytest.raises(NotImplementedError):
        ask(BaseHTTPMiddleware(reply()))


def test_dispatch_may_answer_by_itself(ask):
    async def app(scope, receive, send):
        raise AssertionError("not called")

    async def dispatch(request, call_next):
        return PlainTextResponse("mine")

    assert ask(BaseHTTPMiddleware(app, dispatch)).body == b"mine"


def test_dispatch_may_answer_in_place_of_the_application(ask, reply):
    async def dispatch(request, call_next):
        response = await call_next(request)
        return PlainTextResponse(f"was {response.status_code}")

    assert ask(BaseHTTPMiddleware(reply(404), dispatch)).body == b"was 404"


def test_dispatch_may_catch_what_the_application_raises(ask):
    async def app(scope, receive, send):
        raise LookupError("broken")

    async def dispatch(request, call_next):
        try:
            return await call_next(request)
        except LookupError as error:
            return PlainTextResponse(f"caught {error}")

    assert ask(BaseHTTPMiddleware(app, dispatch)).body == b"caught broken"


def test_what_dispatch_does_not_catch_keeps_its_traceback(ask):
    async def app(scope, receive, send):
        raise LookupError("broken")

    with pytest.raises(LookupError) as caught:
        ask(BaseHTTPMiddleware(app, nothing))

    assert caught.traceback[-1].name == "app"
    assert caught.value.__context__ is None


def test_an_application_without_an_answer_is_an_error(ask):
    async def app(scope, receive, send):
        pass

    with pytest.raises(RuntimeError, match="No response returned"):
        ask(BaseHTTPMiddleware(app, nothing))


def test_a_dispatch_that_forgets_to_return_is_named(ask, reply):
    async def dispatch(request, call_next):
        await call_next(request)

    with pytest.raises(FasterAPIError) as caught:
        ask(BaseHTTPMiddleware(reply(), dispatch))

    line = dispatch.__code__.co_firstlineno
    assert f"dispatch ({__file__}:{line}) returned None" in str(caught.value)
    assert "return the response of call_next" in str(caught.value)


def test_the_body_may_be_read_and_replaced(ask, reply):
    async def dispatch(request, call_next):
        response = await call_next(request)
        body = b"".join([chunk async for chunk in response.body_iterator])
        return PlainTextResponse(body.upper())

    assert ask(BaseHTTPMiddleware(reply(body=[b"a", b"b"]), dispatch)).body == b"AB"


def test_the_body_iterator_may_be_wrapped(ask, reply):
    async def dispatch(request, call_next):
        response = await call_next(request)
        inner = response.body_iterator

        async def shout():
            async for chunk in inner:
                yield chunk.decode().upper()

        response.body_iterator = shout()
        return response

    answer = ask(BaseHTTPMiddleware(reply(body=[b"a", b"", b"b"]), dispatch))

    assert [m["body"] for m in answer.messages[1:]] == [b"A", b"B", b""]


def test_dispatch_may_add_a_background_task(ask, reply):
    ran = []

    async def dispatch(request, call_next):
        response = await call_next(request)
        response.background = BackgroundTask(ran.append, "ran")
        return response

    ask(BaseHTTPMiddleware(reply(), dispatch))

    assert ran == ["ran"]


def test_dispatch_may_try_again(ask):
    statuses = iter([503, 503, 200])

    async def app(scope, receive, send):
        body = await Request(scope, receive).body()
        await PlainTextResponse(body, status_code=next(statuses))(scope, receive, send)

    async def dispatch(request, call_next):
        await request.body()
        while (response := await call_next(request)).status_code == 503:
            pass
        return response

    answer = ask(BaseHTTPMiddleware(app, dispatch), body=b"again")

    assert (answer.status, answer.body) == (200, b"again")


# Bodies: starlette #495, #847, #2555


@pytest.mark.parametrize("app", [echo, echo_request], ids=["raw", "Request"])
@pytest.mark.parametrize("body", [b"", b"abc", [b"a", b"b", b"c"]], ids=["empty", "whole", "pieces"])
@pytest.mark.parametrize("read", ["body", "json", "is_disconnected", "nothing"])
def test_a_body_that_dispatch_has_read_is_read_again(ask, app, body, read):
    """starlette #495 and #847: the application waited forever for a body that was gone."""
    whole = body if isinstance(body, bytes) else b"".join(body)

    async def dispatch(request, call_next):
        if read == "body":
            assert await request.body() == whole
        elif read == "json":
            with pytest.raises(Exception):
                await request.json()
        elif read == "is_disconnected":
            assert not await request.is_disconnected()
        return await call_next(request)

    assert ask(BaseHTTPMiddleware(app, dispatch), method="POST", body=body).body == whole


@pytest.mark.parametrize("body", [b"abc", [b"a", b"b", b"c"]], ids=["whole", "pieces"])
def test_a_body_that_the_application_has_read_is_there_afterwards(ask, body):
    """starlette #2555: `RuntimeError: Stream consumed`."""
    bodies = []

    async def dispatch(request, call_next):
        response = await call_next(request)
        bodies.append(await request.body())
        return response

    ask(BaseHTTPMiddleware(echo_request, dispatch), method="POST", body=body)

    assert bodies == [b"abc"]


def test_a_body_that_is_gone_is_an_error_and_not_a_wait(ask):
    """An application that reads raw messages keeps nothing for anybody."""

    async def dispatch(request, call_next):
        response = await call_next(request)
        with pytest.raises(RuntimeError, match="streamed before"):
            await request.body()
        return response

    assert ask(BaseHTTPMiddleware(echo, dispatch), method="POST", body=[b"a", b"b"]).body == b"ab"


def test_a_body_that_dispatch_has_streamed_is_empty_for_others(ask):
    async def dispatch(request, call_next):
        assert [chunk async for chunk in request.stream()] == [b"a", b"b", b""]
        return await call_next(request)

    assert ask(BaseHTTPMiddleware(echo, dispatch), method="POST", body=[b"a", b"b"]).body == b""


@pytest.mark.parametrize("app", [echo, echo_request], ids=["raw", "Request"])
def test_several_layers_read_the_same_body(ask, app):
    bodies = []

    async def dispatch(request, call_next):
        bodies.append(await request.body())
        return await call_next(request)

    stack = BaseHTTPMiddleware(BaseHTTPMiddleware(BaseHTTPMiddleware(app, nothing), dispatch), dispatch)

    assert ask(stack, method="POST", body=[b"a", b"b"]).body == b"ab"
    assert bodies == [b"ab", b"ab"]


def test_the_body_comes_once_then_the_disconnect(ask):
    """A second replay by an outer layer must not look like a second request."""
    kinds = []

    async def app(scope, receive, send):
        kinds.append((await receive())["type"])
        await PlainTextResponse("ok")(scope, receive, send)
        kinds.append((await receive())["type"])

    async def dispatch(request, call_next):
        await request.body()
        return await call_next(request)

    ask(BaseHTTPMiddleware(BaseHTTPMiddleware(app, dispatch), dispatch), body=b"a")

    assert kinds == ["http.request", "http.disconnect"]


def test_a_request_body_is_not_buffered(ask_async, new_scope):
    """Each piece reaches the application before the next one has arrived."""
    log = []

    async def run():
        pieces = [b"1", b"2", b"3"]

        async def receive():
            log.append(f"in {len(pieces)}")
            return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

        async def app(scope, receive, send):
            async for chunk in Request(scope, receive).stream():
                log.append(f"out {chunk.decode()}")
            await PlainTextResponse("ok")(scope, receive, send)

        async def send(message): ...

        await BaseHTTPMiddleware(app, nothing)(new_scope(), receive, send)

    asyncio.run(run())

    assert log == ["in 3", "out 1", "in 2", "out 2", "in 1", "out 3", "out "]


def test_dispatch_may_hand_on_a_request_of_its_own(ask):
    async def dispatch(request, call_next):
        async def receive():
            return {"type": "http.request", "body": b"replaced", "more_body": False}

        return await call_next(Request({**request.scope, "path": "/other"}, receive))

    async def app(scope, receive, send):
        body = await Request(scope, receive).body()
        await PlainTextResponse(scope["path"].encode() + b" " + body)(scope, receive, send)

    assert ask(BaseHTTPMiddleware(app, dispatch), body=b"original").body == b"/other replaced"


# Streaming: starlette #919, #1678


def test_a_response_is_not_buffered():
    """Each piece is made when the server has taken the last one: constant memory, and back-pressure."""
    log = []

    async def pieces():
        for number in range(3):
            log.append(f"made {number}")
            yield str(number)

    async def app(scope, receive, send):
        await StreamingResponse(pieces())(scope, receive, send)

    async def run():
        async def receive():
            await asyncio.Event().wait()

        async def send(message):
            await asyncio.sleep(0)
            if message.get("body"):
                log.append(f"taken {message['body'].decode()}")

        scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
        await BaseHTTPMiddleware(BaseHTTPMiddleware(app, nothing), nothing)(scope, receive, send)

    asyncio.run(run())

    assert log == ["made 0", "taken 0", "made 1", "taken 1", "made 2", "taken 2"]


def test_an_untouched_response_is_passed_on_message_by_message(ask):
    messages = [
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"content-length", b"4")],
            "trailers": True,
        },
        {"type": "http.response.body", "body": b"ab", "more_body": True},
        {"type": "http.response.body", "body": b"", "more_body": True},
        {"type": "http.response.body", "body": b"cd"},
        {"type": "http.response.trailers", "headers": [(b"a", b"b")], "more_trailers": True},
        {"type": "http.response.trailers", "headers": [(b"c", b"d")]},
    ]

    async def app(scope, receive, send):
        for message in messages:
            await send(dict(message))

    assert ask(BaseHTTPMiddleware(app, nothing)).messages == messages


def test_messages_of_extensions_pass(ask):
    early = {"type": "http.response.early_hint", "links": [b"</a.css>; rel=preload"]}
    debug = {"type": "http.response.debug", "info": {"template": "x"}}
    file = {"type": "http.response.pathsend", "path": "/file"}

    async def app(scope, receive, send):
        await send(early)
        await send(debug)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send(file)

    async def run():
        sent = []

        async def send(message):
            sent.append(message)

        await BaseHTTPMiddleware(app, nothing)({"type": "http", "headers": []}, None, send)
        return sent

    sent = asyncio.run(run())

    assert [sent[0], sent[1], sent[3]] == [early, debug, file]


def test_an_error_in_mid_response_is_raised_and_the_body_stays_open(ask_async, new_scope):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise LookupError("broken")

    sent = []

    async def send(message):
        sent.append(message)

    with pytest.raises(LookupError):
        asyncio.run(BaseHTTPMiddleware(app, nothing)(new_scope(), None, send))

    assert [message.get("more_body") for message in sent] == [None, True]


# Background tasks: starlette #919, #1438


def test_background_tasks_run_after_the_response_has_been_sent(ask_async, new_scope):
    """starlette #919: the response was not complete before its background task was."""
    log = []

    async def background():
        log.append("background begins")
        await asyncio.sleep(0)
        log.append("background ends")

    async def app(scope, receive, send):
        await PlainTextResponse("ok", background=BackgroundTask(background))(scope, receive, send)

    async def send(message):
        log.append("sent" if message["type"] == "http.response.start" or message.get("more_body") else "last")

    asyncio.run(BaseHTTPMiddleware(BaseHTTPMiddleware(app, nothing), nothing)(new_scope(), None, send))

    assert log == ["sent", "last", "background begins", "background ends"]


def test_background_tasks_survive_the_client(ask_async, new_scope):
    """starlette #1438: they were cancelled when the client closed the connection."""
    ended = []

    async def background():
        for _ in range(5):
            await asyncio.sleep(0)
        ended.append(True)

    async def app(scope, receive, send):
        await PlainTextResponse("ok", background=BackgroundTask(background))(scope, receive, send)

    async def run():
        async def receive():
            return {"type": "http.disconnect"}  # gone as soon as anybody asks

        async def send(message): ...

        await BaseHTTPMiddleware(app, nothing)(new_scope(), receive, send)

    asyncio.run(run())

    assert ended == [True]


def test_an_error_after_the_response_is_raised(ask):
    async def app(scope, receive, send):
        await PlainTextResponse("ok")(scope, receive, send)
        raise LookupError("too late")

    with pytest.raises(LookupError, match="too late"):
        ask(BaseHTTPMiddleware(app, nothing))


# Context variables: starlette #1678, PR #1525


def test_what_dispatch_sets_is_seen_inside_and_in_the_background(ask):
    seen = []

    async def look():
        seen.append(variable.get())

    async def app(scope, receive, send):
        seen.append(variable.get())
        await PlainTextResponse("ok", background=BackgroundTask(look))(scope, receive, send)

    async def dispatch(request, call_next):
        variable.set("dispatch")
        return await call_next(request)

    ask(BaseHTTPMiddleware(app, dispatch))

    assert seen == ["dispatch", "dispatch"]


def test_what_the_application_sets_is_seen_in_dispatch_and_outside(ask):
    seen = []

    async def app(scope, receive, send):
        variable.set("application")
        await PlainTextResponse("ok")(scope, receive, send)

    async def dispatch(request, call_next):
        response = await call_next(request)
        seen.append(variable.get())
        return response

    async def outside(scope, receive, send):
        await BaseHTTPMiddleware(BaseHTTPMiddleware(app, dispatch), dispatch)(scope, receive, send)
        seen.append(variable.get())

    ask(outside)

    assert seen == ["application", "application", "application"]


def test_what_a_background_task_sets_is_seen_outside(ask):
    async def background():
        variable.set("background")

    async def app(scope, receive, send):
        await PlainTextResponse("ok", background=BackgroundTask(background))(scope, receive, send)

    async def outside(scope, receive, send):
        await BaseHTTPMiddleware(app, nothing)(scope, receive, send)
        assert variable.get() == "background"

    ask(outside)


def test_tokens_stay_valid(ask, reply):
    async def dispatch(request, call_next):
        token = variable.set("dispatch")
        try:
            return await call_next(request)
        finally:
            variable.reset(token)

    async def outside(scope, receive, send):
        await BaseHTTPMiddleware(reply(), dispatch)(scope, receive, send)
        assert variable.get() == "unset"

    ask(outside)


def test_requests_do_not_see_each_other(ask, reply):
    async def dispatch(request, call_next):
        assert variable.get() == "unset"
        variable.set(request.url.path)
        return await call_next(request)

    for path in ("/a", "/b"):
        ask(BaseHTTPMiddleware(reply(), dispatch), path=path)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="before 3.12, a task does not tell its context")
def test_what_dispatch_sets_while_the_body_is_sent_is_seen_by_the_application(ask):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        await send({"type": "http.response.body", "body": variable.get().encode()})

    async def dispatch(request, call_next):
        response = await call_next(request)
        variable.set("later")
        return response

    assert ask(BaseHTTPMiddleware(app, dispatch)).body == b"alater"


# Clients that leave


def test_a_disconnect_is_seen_by_the_application(ask):
    async def app(scope, receive, send):
        assert (await receive())["type"] == "http.request"
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})
        assert (await receive())["type"] == "http.disconnect"

    assert ask(BaseHTTPMiddleware(BaseHTTPMiddleware(app, nothing), nothing)).body == b"ok"


def test_a_disconnect_stops_a_stream(new_scope):
    closed = []

    async def pieces():
        try:
            while True:
                yield b"x"
                await asyncio.sleep(0)
        finally:
            closed.append(True)

    async def app(scope, receive, send):
        await StreamingResponse(pieces())(scope, receive, send)

    async def run():
        taken = asyncio.Event()

        async def receive():
            await taken.wait()
            return {"type": "http.disconnect"}

        async def send(message):
            if message.get("body"):
                taken.set()

        await BaseHTTPMiddleware(app, nothing)(new_scope(), receive, send)

    asyncio.run(run())

    assert closed == [True]


def test_the_disconnect_is_asked_for_once(new_scope):
    """Whoever asks again is told again, also by a server that would wait."""
    kinds = []

    async def app(scope, receive, send):
        kinds.extend([(await receive())["type"] for _ in range(3)])
        await PlainTextResponse("ok")(scope, receive, send)

    async def dispatch(request, call_next):
        await request.body()
        assert await request.is_disconnected()
        return await call_next(request)

    async def run():
        messages = [{"type": "http.request", "body": b"a"}, {"type": "http.disconnect"}]

        async def receive():
            return messages.pop(0)

        async def send(message): ...

        await BaseHTTPMiddleware(BaseHTTPMiddleware(app, nothing), dispatch)(new_scope(), receive, send)

    asyncio.run(run())

    assert kinds == ["http.request", "http.disconnect", "http.disconnect"]


def test_a_client_that_leaves_in_mid_body_is_an_error_of_its_own(new_scope):
    async def receive():
        return {"type": "http.disconnect"}

    async def send(message): ...

    with pytest.raises(ClientDisconnect):
        asyncio.run(BaseHTTPMiddleware(echo_request, nothing)(new_scope(), receive, send))


@pytest.mark.parametrize("version", ["2.3", "2.4"])
def test_an_endless_response_that_dispatch_drops_is_stopped(ask, version):
    closed = []

    async def pieces():
        try:
            while True:
                yield b"x"
        finally:
            closed.append(True)

    async def app(scope, receive, send):
        await StreamingResponse(pieces())(scope, receive, send)

    async def dispatch(request, call_next):
        await call_next(request)
        return PlainTextResponse("short")

    answer = ask(BaseHTTPMiddleware(app, dispatch), asgi={"version": "3.0", "spec_version": version})

    assert answer.body == b"short"
    assert closed == [True]


def test_an_application_whose_response_is_dropped_still_ends(ask, reply):
    ended = []

    async def app(scope, receive, send):
        await reply(body=[b"a", b"b"])(scope, receive, send)
        ended.append(True)

    async def dispatch(request, call_next):
        response = await call_next(request)
        async for _ in response.body_iterator:
            break
        return PlainTextResponse("short")

    assert ask(BaseHTTPMiddleware(app, dispatch)).body == b"short"
    assert ended == [True]


def test_a_failing_dispatch_ends_the_application(ask):
    ended = []

    async def app(scope, receive, send):
        try:
            await PlainTextResponse("ok")(scope, receive, send)
        finally:
            ended.append(True)

    async def dispatch(request, call_next):
        await call_next(request)
        raise LookupError("broken")

    with pytest.raises(LookupError):
        ask(BaseHTTPMiddleware(app, dispatch))

    assert ended == [True]


@pytest.mark.parametrize("where", ["dispatch", "background"])
def test_a_server_that_cancels_ends_everything(new_scope, where):
    ended = []

    async def app(scope, receive, send):
        try:
            if where == "background":
                await PlainTextResponse("ok")(scope, receive, send)
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    async def run():
        async def send(message): ...

        task = asyncio.create_task(BaseHTTPMiddleware(app, nothing)(new_scope(), None, send))
        for _ in range(20):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())

    assert ended == [True]


def test_an_application_that_exits_exits_the_server(ask):
    async def app(scope, receive, send):
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        ask(BaseHTTPMiddleware(app, nothing))


@pytest.mark.parametrize("layers", [1, 2])
def test_a_client_that_leaves_in_mid_body_is_no_error(new_scope, layers, caplog):
    app, sent = Faster(middleware=[Middleware(BaseHTTPMiddleware, dispatch=nothing)] * layers), []

    @app.post("/")
    async def read(body: dict[str, int]) -> None: ...

    messages = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]

    async def receive():
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    asyncio.run(app(new_scope(method="POST", headers={"content-type": "application/json"}), receive, send))
    assert sent == []
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_dispatch_may_answer_a_client_that_has_left(new_scope):
    async def dispatch(request, call_next):
        with pytest.raises(ClientDisconnect):
            await call_next(request)
        return PlainTextResponse("gone", 499)

    async def silent(scope, receive, send):
        assert (await receive())["type"] == "http.disconnect"

    async def receive():
        return {"type": "http.disconnect"}

    sent = []

    async def send(message):
        sent.append(message)

    asyncio.run(BaseHTTPMiddleware(silent, dispatch=dispatch)(new_scope(), receive, send))
    assert sent[0]["status"] == 499
