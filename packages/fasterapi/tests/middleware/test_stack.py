"""The first middleware of the list is the outermost one; errors are caught outside of all."""

import pytest

from fasterapi.middleware import Middleware, ServerErrorMiddleware, build_stack
from fasterapi.middleware.stack import wrap


class Tag:
    """Adds its name to a header on the way out."""

    def __init__(self, app, name, *, header="x-way"):
        self.app = app
        self.name = name
        self.header = header.encode()

    async def __call__(self, scope, receive, send):
        async def tagged(message):
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], (self.header, self.name.encode())]}
            await send(message)

        await self.app(scope, receive, tagged)


def test_a_record_is_iterated_as_class_positional_and_keyword_options():
    cls, args, kwargs = Middleware(Tag, "a", header="x")

    assert (cls, args, kwargs) == (Tag, ("a",), {"header": "x"})


@pytest.mark.parametrize(
    ("record", "text"),
    [
        (Middleware(Tag), "Middleware(Tag)"),
        (Middleware(Tag, "a"), "Middleware(Tag, 'a')"),
        (Middleware(Tag, "a", header="x"), "Middleware(Tag, 'a', header='x')"),
    ],
)
def test_a_record_is_shown_as_it_is_written(record, text):
    assert repr(record) == text


def test_the_first_record_is_the_outermost(ask, reply):
    stack = build_stack(reply(), [Middleware(Tag, "outer"), Middleware(Tag, "inner")])

    answer = ask(stack)

    assert [value for name, value in answer.start["headers"] if name == b"x-way"] == [b"inner", b"outer"]


def test_without_records_only_the_error_layer_is_added(reply):
    app = reply()

    stack = build_stack(app, [])

    assert isinstance(stack, ServerErrorMiddleware)
    assert stack.app is app


def test_wrap_adds_no_error_layer(reply):
    app = reply()

    assert wrap(app, []) is app
    assert isinstance(wrap(app, [Middleware(Tag, "a")]), Tag)


def test_an_error_in_a_middleware_is_answered_by_the_handler_and_raised(ask_async):
    import asyncio

    from fasterapi.responses import PlainTextResponse

    class Broken:
        def __init__(self, app):
            pass

        async def __call__(self, scope, receive, send):
            raise LookupError("broken")

    async def handler(request, error):
        return PlainTextResponse(f"sorry: {error}", status_code=503)

    async def run():
        sent = []

        async def send(message):
            sent.append(message)

        with pytest.raises(LookupError):
            await stack({"type": "http", "method": "GET", "path": "/", "headers": []}, None, send)
        return sent

    stack = build_stack(None, [Middleware(Broken)], error_handler=handler)
    start, body = asyncio.run(run())

    assert (start["status"], body["body"]) == (503, b"sorry: broken")


def test_a_middleware_that_cannot_be_built_is_named(reply):
    with pytest.raises(TypeError) as caught:
        build_stack(reply(), [Middleware(Tag, nonsense=1)])

    assert caught.value.__notes__ == ["while building Middleware(Tag, nonsense=1)"]


def test_middleware_that_wants_the_500_stands_outside_of_the_errors_if_nothing_else_is_further_out(reply):
    class Outside(Tag):
        outside_errors = True

    inside = [Middleware(Tag, "inside")]
    stack = build_stack(
        reply(),
        [Middleware(Outside, "a"), Middleware(Tag, "b"), Middleware(Outside, "c")],
        inside_errors=inside,
    )
    classes = []
    while hasattr(stack, "app"):
        classes.append(type(stack).__name__)
        stack = stack.app
    assert classes == ["Outside", "ServerErrorMiddleware", "Tag", "Tag", "Outside"]
