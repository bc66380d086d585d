"""Everything the framework knows about types: reading values, saying what is wrong with them, writing them.

Knows: msgspec, FastAPI's conversions of texts, FastAPI's error names. Does not know: ASGI, requests, routes. A
further model library would be plugged in here (`hooks`, `fields`, `build`) and nowhere else.

To read the code, start at `adapter`, then `build` (annotation → nodes), `walk` (the slow pass) and one kind of node
in `scalars`, `containers`, `models` or `unions`. The way out is `serializer`.
"""

from fasterapi.validation.adapter import Adapter
from fasterapi.validation.classify import (
    TypeKind,
    is_model_type,
    is_scalar_sequence_type,
    is_scalar_type,
    is_sequence_type,
)
from fasterapi.validation.constraints import Constraints
from fasterapi.validation.errors import (
    TEXT_ERRORS,
    ErrorDict,
    Loc,
    SerializationError,
    UnsupportedType,
)
from fasterapi.validation.fields import ModelField, model_fields
from fasterapi.validation.fields_set import fields_set, track_fields_set
from fasterapi.validation.hooks import dec_hook, enc_hook, register_type
from fasterapi.validation.serializer import ResponseSerializer
from fasterapi.validation.textfields import TextFields

__all__ = [
    "TEXT_ERRORS",
    "Adapter",
    "Constraints",
    "ErrorDict",
    "Loc",
    "ModelField",
    "ResponseSerializer",
    "SerializationError",
    "TextFields",
    "TypeKind",
    "UnsupportedType",
    "dec_hook",
    "enc_hook",
    "fields_set",
    "is_model_type",
    "is_scalar_sequence_type",
    "is_scalar_type",
    "is_sequence_type",
    "model_fields",
    "register_type",
    "track_fields_set",
]
