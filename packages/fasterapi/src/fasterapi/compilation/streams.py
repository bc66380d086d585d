"""A handler that yields → the response that streams its items.

Knows: Server-Sent Events, JSON lines, and plain streams by response class, as FastAPI tells them apart.
Does not know: how a stream is sent (`responses`, `sse`).
"""

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

from fasterapi.exceptions import EndpointContext, ResponseValidationError
from fasterapi.responses import JSONLinesResponse, JSONResponse, Response, StreamingResponse
from fasterapi.sse import EventSourceResponse, ServerSentEvent, encode_item
from fasterapi.validation import SerializationError
from fasterapi.validation.serializer import ResponseSerializer

if TYPE_CHECKING:
    from fasterapi.routing.route import APIRoute

__all__ = ["StreamBuilder"]


class StreamBuilder:
    """Makes the response of one route whose handler is a generator; items are filtered to `item_type`."""

    def __init__(self, route: "APIRoute", item_type: Any, endpoint: EndpointContext) -> None:
        self._route = route
        self._endpoint = endpoint
        self._serializer = ResponseSerializer(
            item_type,
            include=route.response_model_include,
            exclude=route.response_model_exclude,
            by_alias=route.response_model_by_alias,
            exclude_unset=route.response_model_exclude_unset,
            exclude_defaults=route.response_model_exclude_defaults,
            exclude_none=route.response_model_exclude_none,
        )

    def build(self, items: AsyncIterator[Any] | Iterator[Any]) -> Response:
        """The response; nothing has been asked of `items` yet."""
        route = self._route
        status = {} if route.status_code is None else {"status_code": route.status_code}
        response_class: Any = route.actual_response_class
        if issubclass(response_class, EventSourceResponse):
            response: Response = response_class(items, encode=self._event, **status)
        elif route.response_class is None or issubclass(response_class, JSONResponse):
            lines = self._lines_async(items) if isinstance(items, AsyncIterator) else self._lines(items)
            response = StreamingResponse(
                lines, route.status_code or 200, media_type=JSONLinesResponse.media_type
            )
        else:
            response = response_class(items, **status)
        return response

    def _item(self, item: Any) -> bytes:
        try:
            return self._serializer.encode(item)
        except SerializationError as problem:
            raise ResponseValidationError(problem.errors, body=item, endpoint_ctx=self._endpoint) from problem

    async def _lines_async(self, items: AsyncIterator[Any]) -> AsyncIterator[bytes]:
        async for item in items:
            yield self._item(item) + b"\n"

    def _lines(self, items: Iterator[Any]) -> Iterator[bytes]:
        for item in items:
            yield self._item(item) + b"\n"

    def _event(self, item: Any) -> bytes:
        # An event of the user's own making is sent as it is; only plain items are held to the declared type.
        return encode_item(item) if isinstance(item, ServerSentEvent) else encode_item(item, self._item)
