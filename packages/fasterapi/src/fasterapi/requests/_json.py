"""Text → what JSON has.

Knows: msgspec's decoder and what it raises. Does not know: requests; where a mistake is (`_malformed`).
"""

from typing import Any

import msgspec

__all__ = ["decode_json"]


def decode_json(data: bytes | str) -> Any:
    """Decode JSON into dicts, lists, `str`, `int`, `float`, `bool` and `None`.

    Raises `MalformedJSON`, also for NaN, infinity, a byte order mark, wrong UTF-8 and too deep nesting.

    >>> decode_json(b'{"a": [1, 2.5, null]}')
    {'a': [1, 2.5, None]}
    """
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        text = data if isinstance(data, str) else data.decode("utf-8", "replace")
        from fasterapi.requests._malformed import locate  # noqa: PLC0415 - msgspec reads everything but this

        raise locate(text, error) from error
