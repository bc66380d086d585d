"""Spans of what happens inside a request: dependencies, handler, serialization, background tasks.

Knows: how a function is wrapped, and where generated functions of an observed application call in.
Does not know: the span of the request itself (`observation`).
Invariant: only applications with telemetry have these calls in their generated functions.
"""

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.trace import Span, StatusCode

from fasterapi.background import BackgroundTask, BackgroundTasks
from fasterapi.concurrency import is_coroutine
from fasterapi.exceptions import RequestValidationError, ValidationException
from fasterapi.requests import Request
from fasterapi.responses import Response
from fasterapi.telemetry.record import Record, current_record, exception_type, is_failure, note_refusal
from fasterapi.types import Receive, Scope, Send
from fasterapi.websockets import WebSocket

__all__ = ["Dependencies", "TracedTasks", "begin_dependencies", "refusing", "trace_background", "traced"]

Call = Callable[..., Any]


def traced(function: Call, name: str, subject: Call | None = None, *, keeps_values: bool = False) -> Call:
    """`function` inside a span `fasterapi.{name}` whenever it is called in an observed request.

    The span names `subject`, which is `function` itself unless given; with `keeps_values` the arguments become
    those of the request's `TelemetryData`.
    """
    attributes = _attributes(subject or function)
    is_task = name == "background_task"
    names = tuple(inspect.signature(function).parameters) if keeps_values else ()

    def keep(record: Record | None, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if keeps_values and record is not None and record.data is not None:
            record.data.values = {**dict(zip(names, args, strict=False)), **kwargs}
            record.data.errors = []

    if is_coroutine(function):

        @functools.wraps(function)
        async def traced_async(*args: Any, **kwargs: Any) -> Any:
            record = current_record()
            keep(record, args, kwargs)
            with _operation(record, name, attributes, is_task=is_task):
                return await function(*args, **kwargs)

        return traced_async

    @functools.wraps(function)
    def traced_plain(*args: Any, **kwargs: Any) -> Any:
        record = current_record()
        keep(record, args, kwargs)
        with _operation(record, name, attributes, is_task=is_task):
            return function(*args, **kwargs)

    return traced_plain


def _attributes(function: Call) -> dict[str, str]:
    module = getattr(function, "__module__", type(function).__module__)
    qualname = getattr(function, "__qualname__", type(function).__qualname__)
    return {"code.function.name": f"{module}.{qualname}"}


@contextmanager
def _operation(
    record: Record | None, name: str, attributes: dict[str, str], *, is_task: bool
) -> Iterator[None]:
    if record is None or record.tracer is None:
        yield
        return
    with record.tracer.start_as_current_span(
        f"fasterapi.{name}", attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as span:
        try:
            yield
        except Exception as error:
            if is_task or is_failure(error):
                _mark(span, error)
            raise


def _mark(span: Span, error: BaseException) -> None:
    span.set_attribute("error.type", exception_type(error))
    span.set_status(StatusCode.ERROR)


class Dependencies:
    """The span of reading a request's parameters and calling its dependencies.

    It ends where the handler begins, which may be in a worker thread: so no token of the context variable is
    kept, the outer context is set again instead.
    """

    __slots__ = ("_is_begun", "_outer", "_span")

    def __init__(self, span: Span | None) -> None:
        self._is_begun = True
        self._span = span
        self._outer = otel_context.get_current()
        if span is not None:
            otel_context.attach(trace.set_span_in_context(span))

    def leave(self) -> None:
        """End the span, if it has not ended yet."""
        self._is_begun = False
        if self._span is not None:
            self._span.end()
            self._span = None
            otel_context.attach(self._outer)

    def fail(self, error: BaseException) -> None:
        """The same, because of an exception; the handler's own, when the span has ended, is not its business."""
        if self._is_begun and isinstance(error, RequestValidationError) and _is_no_json(error):
            note_refusal(error)  # the other ones are raised when everything was read, by `refusing`
        if self._span is not None and is_failure(error):
            _mark(self._span, error)
        self.leave()


_UNOBSERVED = Dependencies(None)  # has no state that would differ from one request to the next


def _is_no_json(error: RequestValidationError) -> bool:
    return any(problem.get("type") == "json_invalid" for problem in error.errors())


def begin_dependencies(endpoint: Call) -> Callable[[Scope, Receive, Send], Dependencies]:
    """What a route's generated function calls first: it starts the span that names `endpoint`."""
    attributes = _attributes(endpoint)

    def begin(scope: Scope, receive: Receive, send: Send) -> Dependencies:
        record = current_record()
        if record is None:
            return _UNOBSERVED
        record.name_span()
        if record.data is not None:
            if scope["type"] == "http":
                record.data.request = Request(scope, receive, send)
            else:
                record.data.websocket = WebSocket(scope, receive, send)
        if record.tracer is None:
            return Dependencies(None)
        return Dependencies(record.tracer.start_span("fasterapi.dependencies", attributes=attributes))

    return begin


def refusing(make: Callable[..., ValidationException]) -> Callable[..., ValidationException]:
    """`make`, which makes the exception of a request that does not fit, with the event of it."""

    def refuse(*args: Any) -> ValidationException:
        error = make(*args)
        note_refusal(error)
        return error

    return refuse


class TracedTasks(BackgroundTasks):
    """The tasks of `tasks`, each inside a span."""

    def __init__(self, tasks: BackgroundTasks) -> None:
        self.tasks = tasks.tasks

    async def __call__(self) -> None:
        for task in self.tasks:
            if type(task) is BackgroundTask:
                function = traced(task.func, "background_task")
                await BackgroundTask(function, *task.args, **task.kwargs)()
            else:
                await task()


def trace_background(response: Response) -> None:
    """Have the background tasks of a response that the handler made run inside spans."""
    if type(response.background) is BackgroundTasks:
        response.background = TracedTasks(response.background)
