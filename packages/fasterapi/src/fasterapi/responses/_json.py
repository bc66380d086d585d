"""Responses of JSON.

Knows: msgspec's encoder and the hook for what it lacks. Does not know: response models.
"""

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Mapping
from typing import Any, Final

import msgspec

from fasterapi.background import BackgroundTask
from fasterapi.responses._base import Response
from fasterapi.responses._streaming import StreamingResponse, ThreadedIterator, close_iterator
from fasterapi.validation.hooks import enc_hook

_ENCODER: Final = msgspec.json.Encoder(enc_hook=enc_hook)


def encode_json(content: Any) -> bytes:
    r"""Encode anything that the framework can as compact JSON. `NotImplementedError` names a type that it can't.

    Infinite numbers and NaN become `null`, as in browsers.

    >>> encode_json({"a": [1, 2.5, None], "b": "ü"})
    b'{"a":[1,2.5,null],"b":"\xc3\xbc"}'
    """
    return _ENCODER.encode(content)


class JSONResponse(Response):
    """`content` as JSON: every type that msgspec encodes, and those of `fasterapi.encoders`.

    >>> JSONResponse({"a": 1}).body
    b'{"a":1}'
    """

    __slots__ = ()
    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """`content` as compact JSON."""
        return _ENCODER.encode(content)


class ORJSONResponse(JSONResponse):
    """`JSONResponse` under the name that FastAPI applications import; msgspec encodes here as well."""

    __slots__ = ()


class UJSONResponse(JSONResponse):
    """`JSONResponse` under the name that FastAPI applications import; msgspec encodes here as well."""

    __slots__ = ()


class _Lines(AsyncIterator[bytes]):
    """Encodes what another iterator gives; closing it closes that one."""

    __slots__ = ("_encode", "_values")

    def __init__(self, values: AsyncIterable[Any] | Iterable[Any], encode: Callable[[Any], bytes]) -> None:
        self._values = aiter(values) if isinstance(values, AsyncIterable) else ThreadedIterator(values)
        self._encode = encode

    async def __anext__(self) -> bytes:
        return self._encode(await anext(self._values)) + b"\n"

    async def aclose(self) -> None:
        await close_iterator(self._values)


class JSONLinesResponse(StreamingResponse):
    r"""One JSON value per line (https://jsonlines.org), sent as the iterator gives them.

    `encode` makes a value compact JSON; without one, `encode_json` does.

    >>> import asyncio
    >>> async def body(response):
    ...     return [line async for line in response.body_iterator]
    >>> asyncio.run(body(JSONLinesResponse([{"a": 1}, [2]])))
    [b'{"a":1}\n', b'[2]\n']
    """

    media_type = "application/jsonl"

    def __init__(
        self,
        content: AsyncIterable[Any] | Iterable[Any],
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
        background: BackgroundTask | None = None,
        *,
        encode: Callable[[Any], bytes] = encode_json,
    ) -> None:
        super().__init__(_Lines(content, encode), status_code, headers, media_type, background)
