"""A route's responses → `ResponseSpec`s: the main one, and those that `responses={404: ...}` describes.

Knows: response models, response classes, streams. Does not know: parameters, bodies, security (`operations`).
"""

import inspect
from collections.abc import Hashable, Mapping
from functools import lru_cache
from typing import Any

from msgspec import UNSET

from fasterapi.compilation.models import allows_body, response_model_of
from fasterapi.responses import JSONResponse
from fasterapi.routing.route import APIRoute, stream_item_type
from fasterapi.validation.rewrite import response_type
from fasterapi_di import MISSING, kind_of
from fasterapi_openapi import MediaSpec, ResponseSpec

__all__ = ["Responses"]


class Responses:
    """The responses of a document's routes: routes that say the same of theirs share one description."""

    def __init__(self) -> None:
        self._known: dict[Hashable, Mapping[int | str, ResponseSpec]] = {}

    def of(self, route: APIRoute) -> Mapping[int | str, ResponseSpec]:
        """Status → what the document says of it, the main response first."""
        headers, answers = _words_of_dependencies(route)
        if headers or answers or route.responses or route.codecs is not None:
            return _describe(route, headers, answers)
        key = (
            route.status_code,
            route.response_class,
            route.response_description,
            route.response_model,
            route.return_annotation,
            kind_of(route.endpoint),
        )
        try:
            found = self._known.get(key)
        except TypeError:  # an annotation need not be hashable
            return _describe(route, headers, answers)
        if found is None:
            found = self._known[key] = _describe(route, headers, answers)
        return found


def _describe(
    route: APIRoute, headers: Mapping[str, Any], answers: Mapping[int, Any]
) -> dict[int | str, ResponseSpec]:
    response_class: Any = route.actual_response_class
    status = route.status_code or _default_status(response_class)
    content = _content(route) if allows_body(status) else {}
    described = dict(route.responses)
    own = described.pop(status, None) or described.pop(str(status), None) or {}
    main = ResponseSpec(description=route.response_description, content=content)
    if own or headers:
        main = _merged(main, {**own, "headers": {**headers, **(own.get("headers") or {})}}, response_class)
    for key, answer in answers.items():
        if str(key) not in map(str, (status, *described)):
            described[key] = answer
    return {
        status: main,
        **{key: _additional(value, response_class) for key, value in described.items()},
    }


def _words_of_dependencies(route: APIRoute) -> tuple[dict[str, Any], dict[int, Any]]:
    """What the route's dependencies say of themselves: headers that they set, statuses with which they answer.

    `__response_headers__` has the form of a response's `headers`, `__responses__` that of the option `responses=`.
    """
    headers: dict[str, Any] = {}
    answers: dict[int, Any] = {}
    for node in route.handler.graph.nodes:
        headers.update(getattr(node.call, "__response_headers__", {}))
        answers.update(getattr(node.call, "__responses__", {}))
    return headers, answers


def _content(route: APIRoute) -> dict[str, MediaSpec]:
    response_class: Any = route.actual_response_class
    is_stream = kind_of(route.endpoint) in {"generator", "async_generator"}
    if is_stream:
        return _stream_content(route, response_class)
    media_type = response_class.media_type
    if not media_type:
        return {}
    if not issubclass(response_class, JSONResponse):
        return {media_type: MediaSpec(schema={"type": "string"})}
    model = response_model_of(route, route.return_annotation)
    media = MediaSpec(schema={}) if model is MISSING else MediaSpec(type=model)
    if route.codecs is not None and route.response_class in {None, JSONResponse}:
        return {codec.media_type: media for codec in route.codecs}
    return {media_type: media}


def _stream_content(route: APIRoute, response_class: Any) -> dict[str, MediaSpec]:
    item = stream_item_type(route.return_annotation)
    from fasterapi.sse import EventSourceResponse, ServerSentEvent  # noqa: PLC0415 - few routes stream

    item_type = UNSET if item in {MISSING, ServerSentEvent} else item
    if issubclass(response_class, EventSourceResponse):
        return {"text/event-stream": MediaSpec(item_type=item_type)}
    if issubclass(response_class, JSONResponse):
        return {"application/jsonl": MediaSpec(item_type=item_type)}
    media_type = response_class.media_type
    return {media_type: MediaSpec(schema={"type": "string"})} if media_type else {}


@lru_cache(maxsize=64)
def _default_status(response_class: Any) -> int:
    parameter = inspect.signature(response_class.__init__).parameters.get("status_code")
    default = None if parameter is None else parameter.default
    return default if isinstance(default, int) else 200


def _additional(described: Mapping[str, Any], response_class: Any) -> ResponseSpec:
    return _merged(ResponseSpec(description=described.get("description")), described, response_class)


def _merged(spec: ResponseSpec, described: Mapping[str, Any], response_class: Any) -> ResponseSpec:
    """A response as FastAPI's `responses={404: {"model": ..., "content": ...}}` describes it."""
    content = dict(spec.content)
    model = described.get("model")
    if model is not None:
        media_type = response_class.media_type or "application/json"
        content[media_type] = MediaSpec(type=response_type(model))
    for media_type, media in (described.get("content") or {}).items():
        rest = {name: value for name, value in media.items() if name != "schema"}
        known = content.get(media_type)
        if known is not None:
            content[media_type] = MediaSpec(
                type=known.type,
                schema={**(known.schema or {}), **media.get("schema", {})} or None,
                extra=rest or None,
            )
        else:
            content[media_type] = MediaSpec(schema=media.get("schema"), extra=rest or None)
    extra = {
        name: value
        for name, value in described.items()
        if name not in {"model", "description", "content", "headers", "links"}
    }
    return ResponseSpec(
        description=described.get("description") or spec.description,
        content=content,
        headers=described.get("headers") or {},
        links=described.get("links") or {},
        extra=extra or None,
    )
