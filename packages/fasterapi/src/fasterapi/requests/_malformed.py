"""A JSON body that is none, as one exception for both worlds.

Knows: msgspec's and the standard library's error classes. Does not know: requests.
"""

import json
from typing import Any

import msgspec

__all__ = ["MalformedJSON", "locate"]


class MalformedJSON(msgspec.DecodeError, json.JSONDecodeError):
    """The text is no JSON (RFC 8259): a `json.JSONDecodeError` and a `msgspec.DecodeError` at once.

    `doc` is the text, `pos` the place in it.
    """

    def __init__(self, msg: str, doc: str, pos: int) -> None:
        json.JSONDecodeError.__init__(self, msg, doc, pos)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.msg, self.doc, self.pos)


def locate(text: str, error: Exception) -> MalformedJSON:
    """The standard library knows the position where msgspec knows only the kind of the error."""
    if isinstance(error, RecursionError):
        return MalformedJSON("Nesting is too deep", text, 0)
    try:
        json.loads(text)
    except json.JSONDecodeError as found:
        return MalformedJSON(found.msg, text, found.pos)
    except RecursionError:
        pass
    return MalformedJSON(str(error), text, 0)
