"""Responses of JSON.

Knows: msgspec's encoder and the hook for what it lacks. Does not know: response models.
"""

from collections.abc import AsyncIterable, Callable, Iterable, Mapping
from typing import Any, Final

import msgspec

from fasterapi.background import BackgroundTask
from fasterapi.responses._base import Response
from fasterapi.responses._streaming import StreamingResponse
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


class JSONLinesResponse(StreamingResponse):
    r"""One JSON value per line (https://jsonlines.org), sent as the iterator gives them.

    `encode` makes a value compact JSON; without one, `encode_json` does.

    >>> JSONLinesResponse([]).encode_piece({"a": 1})
    b'{"a":1}\n'
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
        super().__init__(content, status_code, headers, media_type, background)
        self._encode = encode

    def encode_piece(self, piece: Any) -> bytes:
        """One value and the end of its line."""
        return self._encode(piece) + b"\n"
