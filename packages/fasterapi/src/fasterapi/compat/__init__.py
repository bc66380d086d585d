"""What migrated code needs and msgspec lacks: Pydantic's extra types and the methods of its models, as functions.

Knows: Structs and Pydantic's names. Does not know: Pydantic itself, which is never imported; requests, routes.
New code does without: `msgspec.to_builtins`, `msgspec.convert` and `msgspec.structs.replace` are faster.
Importing the module registers its types with `fasterapi.validation.register_type`.
"""

from fasterapi.compat.dates import FutureDate, FutureDatetime, PastDate, PastDatetime
from fasterapi.compat.dump import fields_set, model_copy, model_dump, model_dump_json
from fasterapi.compat.email import EmailStr, NameEmail
from fasterapi.compat.hooks import ValidationInfo, computed, set_field, validate_field, validate_model
from fasterapi.compat.load import ValidationError, model_construct, model_validate, model_validate_json
from fasterapi.compat.schema import model_json_schema
from fasterapi.compat.secrets import SecretBytes, SecretStr
from fasterapi.compat.urls import (
    AmqpDsn,
    AnyHttpUrl,
    AnyUrl,
    HttpUrl,
    MongoDsn,
    MySQLDsn,
    PostgresDsn,
    RedisDsn,
    WebsocketUrl,
)
from fasterapi.compat.uuids import UUID1, UUID3, UUID4, UUID5

__all__ = [
    "UUID1",
    "UUID3",
    "UUID4",
    "UUID5",
    "AmqpDsn",
    "AnyHttpUrl",
    "AnyUrl",
    "EmailStr",
    "FutureDate",
    "FutureDatetime",
    "HttpUrl",
    "MongoDsn",
    "MySQLDsn",
    "NameEmail",
    "PastDate",
    "PastDatetime",
    "PostgresDsn",
    "RedisDsn",
    "SecretBytes",
    "SecretStr",
    "ValidationError",
    "ValidationInfo",
    "WebsocketUrl",
    "computed",
    "fields_set",
    "model_construct",
    "model_copy",
    "model_dump",
    "model_dump_json",
    "model_json_schema",
    "model_validate",
    "model_validate_json",
    "set_field",
    "validate_field",
    "validate_model",
]
