"""Models whose fields are query parameters, headers, cookies or form fields: value or errors, what counts as absent.

Knows: bound parameters and their defaults. Does not know: generated code (`readers`), files (`forms`).
"""

import copy
from collections.abc import Mapping
from typing import Any

from fasterapi.binding import Bound
from fasterapi.validation import TextFields
from fasterapi_di import INVALID, MISSING

__all__ = ["ModelSource", "default_of", "is_supplied", "missing", "text_fields"]


class ModelSource:
    """A model's fields read out of a mapping of texts: value and errors."""

    def __init__(self, bound: Bound) -> None:
        assert bound.adapter is not None
        assert bound.marker is not None
        self._bound = bound
        self._adapter = bound.adapter
        self._fields = text_fields(bound)

    def read(self, mapping: Any) -> tuple[Any, list[Any]]:
        """Return (model, []) or (INVALID, errors)."""
        bound = self._bound
        if not is_supplied(bound, self._fields, mapping):
            if not bound.required:
                return default_of(bound), []
            if bound.is_optional:
                return INVALID, [missing((bound.source,))]
        return self._adapter.from_mapping(mapping, (bound.source,), self._fields)


def text_fields(bound: Bound) -> TextFields:
    """How the fields of a model that is a parameter are found in the request."""
    assert bound.adapter is not None
    assert bound.marker is not None
    source: Any = "form" if bound.source == "file" else bound.source
    return bound.adapter.text_fields(source, convert_underscores=bound.marker.convert_underscores)


def is_supplied(bound: Bound, fields: TextFields, texts: Mapping[str, Any]) -> bool:
    """Whether the request has anything for a model that is a parameter."""
    assert bound.adapter is not None
    if bound.required and not bound.is_optional:
        return True
    return fields.are_given(texts) or (bound.adapter.heeds_further_names and bool(texts))


def missing(loc: tuple[str | int, ...]) -> dict[str, Any]:
    """The error for a value that must be there."""
    return {"type": "missing", "loc": loc, "msg": "Field required", "input": None}


def default_of(bound: Bound) -> Any:
    """A fresh default value."""
    if bound.default_factory is not None:
        return bound.default_factory()
    return MISSING if bound.default is MISSING else copy.deepcopy(bound.default)
