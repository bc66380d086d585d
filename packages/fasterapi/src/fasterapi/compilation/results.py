"""A handler's result → the statements that encode and send it.

Knows: response model, response class, status, the draft that the handler wrote headers to, streams.
Does not know: where arguments came from. The encoder and the fixed headers are chosen here, once.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from fasterapi._tracking import TrackedSend
from fasterapi.compilation.models import allows_body, response_model_of
from fasterapi.compilation.runtime import (
    ResponseErrors,
    finish_draft,
    send_built,
    send_returned,
)
from fasterapi.compilation.streams import StreamBuilder
from fasterapi.exceptions import EndpointContext
from fasterapi.responses import JSONResponse, Response, StreamingResponse
from fasterapi.responses._lengths import CONTENT_LENGTHS
from fasterapi.routing.route import APIRoute, stream_item_type
from fasterapi.validation import SerializationError
from fasterapi.validation.serializer import ResponseSerializer
from fasterapi_di import MISSING, CodeBuilder, kind_of

__all__ = ["ResultWriter", "start_of_json", "write_messages"]

_JSON = b"application/json"
_JSON_HEADER = '(b"content-type", b"application/json")'


def start_of_json(code: CodeBuilder, status: int, content_type: str = _JSON_HEADER) -> str:
    """The first message of a response whose JSON is in the local `content`."""
    length = f"{code.global_(CONTENT_LENGTHS, 'content_lengths')}[len(content)]"
    return f'{{"type": "http.response.start", "status": {status}, "headers": [{length}, {content_type}]}}'


def write_messages(code: CodeBuilder, start: str) -> None:
    """Write the sending of a response: `start` is an expression, the body is in the local `content`."""
    code.line("started = True")
    code.line(f"await send({start})")
    code.line('await send({"type": "http.response.body", "body": content})')


class ResultWriter:
    """Writes what happens after the handler has returned."""

    def __init__(self, app: Any, route: APIRoute, endpoint: EndpointContext, operations: Any = None) -> None:
        self.app = app
        self.route = route
        self.endpoint = endpoint
        self.operations = operations

    def write(self, code: CodeBuilder, result: str, draft: str | None, tasks: str | None) -> None:
        """Write statements that send `result` and run background tasks; they fall through when done.

        `draft` and `tasks` are the locals of the handler's `Response` and `BackgroundTasks`, if it has any.
        """
        if self.operations is not None and tasks is not None:
            code.line(f"{tasks} = {code.global_(self.operations.TracedTasks, 'TracedTasks')}({tasks})")
        if kind_of(self.route.endpoint) in {"generator", "async_generator"}:
            self._write_stream(code, result, draft, tasks)
            return
        # Most results are dicts, and their class is seen faster than that they are no Response.
        is_response = f"isinstance({result}, {code.global_(Response, 'Response')})"
        with code.block(f"if {result}.__class__ is not dict and {is_response}:"):
            if self.operations is not None:
                trace_background = code.global_(self.operations.trace_background, "trace_background")
                code.line(f"{trace_background}({result})")
            code.line(f"scope['app'] = {code.global_(self.app, 'app')}")
            code.line(f"send = {code.global_(TrackedSend, 'TrackedSend')}(send)")
            send_it = code.global_(send_returned, "send_returned")
            code.line(f"await {send_it}({result}, scope, receive, send, {tasks})")
        with code.block("else:"):
            if self.route.response_class in {None, JSONResponse}:
                self._write_json(code, result, draft, tasks)
            else:
                self._write_built(code, result, draft, tasks)

    @property
    def is_negotiated(self) -> bool:
        """Whether the client chooses the form of the result."""
        route = self.route
        is_stream = kind_of(route.endpoint) in {"generator", "async_generator"}
        is_data = route.response_class in {None, JSONResponse} and allows_body(route.status_code)
        return route.codecs is not None and is_data and not is_stream

    def write_choice(self, code: CodeBuilder) -> None:
        """Write, ahead of all others, the statement that finds the form in which the client wants the result."""
        if self.is_negotiated:
            from fasterapi.compilation.negotiation import Representations  # noqa: PLC0415 - rarely used

            assert self.route.codecs is not None
            choose = Representations(self.route.codecs, self._make_serializer).choose
            code.line(f"codec = {code.global_(choose, 'choose_codec')}(scope)")

    @property
    def serializer(self) -> ResponseSerializer:
        """What filters, validates and encodes this route's results."""
        return self._make_serializer()

    def _make_serializer(self, **more: Any) -> ResponseSerializer:
        route = self.route
        model = response_model_of(route, route.return_annotation)
        return ResponseSerializer(
            None if model is MISSING else model,
            include=route.response_model_include,
            exclude=route.response_model_exclude,
            by_alias=route.response_model_by_alias,
            exclude_unset=route.response_model_exclude_unset,
            exclude_defaults=route.response_model_exclude_defaults,
            exclude_none=route.response_model_exclude_none,
            **more,
        )

    @property
    def _content(self) -> Any:
        """What makes a result the content of the route's own response class."""
        serializer = self.serializer
        has_model = response_model_of(self.route, self.route.return_annotation) is not MISSING
        if has_model or issubclass(self.route.actual_response_class, JSONResponse):
            return serializer.to_builtins
        if issubclass(self.route.actual_response_class, StreamingResponse):
            return _as_it_is
        return partial(_unless_bytes, serializer.to_builtins)

    def _encoder(self, code: CodeBuilder, encode: Any) -> str:
        """The expression of what encodes: `encode`, or else the codec that the request asks for."""
        if encode is not None:
            if self.operations is not None:
                encode = self.operations.traced(encode, "serialization", self.route.endpoint)
            return code.global_(encode, "encode_result")
        if self.operations is None:
            return "codec.encode"
        traced = code.global_(self.operations.traced, "traced")
        return f"{traced}(codec.encode, 'serialization', {code.global_(self.route.endpoint, 'endpoint')})"

    def _write_encoding(self, code: CodeBuilder, encode: Any, result: str) -> None:
        encoder = self._encoder(code, encode)
        with code.block("try:"):
            code.line(f"content = {encoder}({result})")
        with code.block(f"except {code.global_(SerializationError, 'SerializationError')} as problem:"):
            refuse = code.global_(ResponseErrors(self.endpoint), "response_errors")
            code.line(f"raise {refuse}(problem, {result}) from problem")

    def _write_json(self, code: CodeBuilder, result: str, draft: str | None, tasks: str | None) -> None:
        status = self.route.status_code or 200
        is_negotiated = self.is_negotiated
        self._write_encoding(code, None if is_negotiated else self.serializer.encode, result)
        if draft is not None:
            finish = code.global_(finish_draft, "finish_draft")
            more = ", codec.headers" if is_negotiated else ""
            code.line(f"status, headers, content = {finish}({draft}, {status}, content{more})")
            start = '{"type": "http.response.start", "status": status, "headers": headers}'
        elif not allows_body(status):
            code.line('content = b""')
            fixed = code.global_([(b"content-type", _JSON)], "fixed_headers")
            start = f'{{"type": "http.response.start", "status": {status}, "headers": {fixed}[:]}}'
        else:
            start = start_of_json(code, status, "*codec.headers" if is_negotiated else _JSON_HEADER)
        write_messages(code, start)
        if tasks is not None:
            with code.block(f"if {tasks}.tasks:"):
                code.line(f"await {tasks}()")

    def _write_built(self, code: CodeBuilder, result: str, draft: str | None, tasks: str | None) -> None:
        """The route has a response class of its own, which renders the filtered result."""
        self._write_encoding(code, self._content, result)
        make = code.global_(self.route.actual_response_class, "response_class")
        code.line(f"scope['app'] = {code.global_(self.app, 'app')}")
        status = f", status_code={self.route.status_code}" if self.route.status_code else ""
        code.line(f"send = {code.global_(TrackedSend, 'TrackedSend')}(send)")
        code.line(
            f"await {code.global_(send_built, 'send_built')}"
            f"({make}(content{status}), scope, receive, send, {draft}, {tasks})"
        )

    def _write_stream(self, code: CodeBuilder, result: str, draft: str | None, tasks: str | None) -> None:
        item = stream_item_type(self.route.return_annotation)
        builder = StreamBuilder(self.route, None if item is MISSING else item, self.endpoint)
        code.line(f"scope['app'] = {code.global_(self.app, 'app')}")
        code.line(f"send = {code.global_(TrackedSend, 'TrackedSend')}(send)")
        build = code.global_(builder.build, "build_stream")
        code.line(
            f"await {code.global_(send_built, 'send_built')}"
            f"({build}({result}), scope, receive, send, {draft}, {tasks})"
        )


def _as_it_is(result: Any) -> Any:
    return result


def _unless_bytes(convert: Callable[[Any], Any], result: Any) -> Any:
    """Only in JSON are bytes base64."""
    return result if isinstance(result, bytes) else convert(result)
