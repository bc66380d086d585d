"""Tables: where a name of FastAPI, Starlette or Pydantic lives on the other side.

Knows: names only. Does not know: syntax trees.
"""

from typing import Final

PACKAGE: Final = "fasterapi"
SPELLINGS: Final = ("FasterAPI", "fasterapi")
"""Where the public names may be imported from; the first is how the documentation writes it."""

FRAMEWORK_RENAMES: Final = {
    "fastapi.FastAPI": "Faster",
    "fastapi.applications.FastAPI": "Faster",
    "fastapi.APIRouter": "FasterRouter",
    "fastapi.routing.APIRouter": "FasterRouter",
    "fastapi.exceptions.FastAPIError": "FasterAPIError",
    "fastapi.exceptions.FastAPIDeprecationWarning": "FasterAPIDeprecationWarning",
}
"""Qualified name there → last part here."""

MOVED_NAMES: Final = frozenset(
    {
        "fastapi.applications.FastAPI",
        "fastapi.routing.APIRouter",
        "fastapi.testclient.TestClient",
        "starlette.testclient.TestClient",
    }
)
"""Names of submodules that are imported from the root here, as the documentation does."""

MODULES: Final = {
    "fastapi": PACKAGE,
    **{
        f"fastapi.{name}": f"{PACKAGE}.{name}"
        for name in (
            "background", "concurrency", "datastructures", "encoders", "exception_handlers", "exceptions",
            "middleware", "middleware.cors", "middleware.gzip", "middleware.httpsredirect",
            "middleware.trustedhost", "middleware.wsgi", "openapi", "openapi.docs", "openapi.utils",
            "param_functions", "params", "requests", "responses", "routing", "security", "security.api_key",
            "security.base", "security.http", "security.oauth2", "security.open_id_connect_url",
            "security.utils", "sse", "staticfiles", "templating", "testclient", "websockets",
        )
    },
    "fastapi.applications": f"{PACKAGE}.app",
    **{
        f"starlette.{name}": f"{PACKAGE}.{name}"
        for name in (
            "authentication", "background", "concurrency", "datastructures", "endpoints", "exceptions",
            "formparsers", "middleware", "middleware.authentication", "middleware.base", "middleware.cors",
            "middleware.errors", "middleware.exceptions", "middleware.gzip", "middleware.httpsredirect",
            "middleware.sessions", "middleware.trustedhost", "middleware.wsgi", "requests", "responses",
            "routing", "staticfiles", "status", "templating", "testclient", "types", "websockets",
        )
    },
}  # fmt: skip
"""Modules that exist here under the same last name, so that only the package in front changes."""

BUILT_ON_FASTAPI: Final = frozenset(
    {"slowapi", "sqladmin", "starlette_admin", "prometheus_fastapi_instrumentator", "ormar", "fastcrud"}
)
"""Third-party packages that subclass FastAPI's or Starlette's own classes; `fastapi_*` is recognised by name."""

MODEL_BASES: Final = frozenset({"pydantic.BaseModel", "pydantic.main.BaseModel"})

LEFT_ALONE_BASES: Final = (
    "pydantic_settings.",
    "pydantic.v1.",
    "pydantic.BaseSettings",
    "pydantic.RootModel",
    "pydantic.root_model.",
    "sqlmodel.",
)
"""Prefixes of qualified base classes whose subclasses stay what they are."""

CONSTRAINED_TYPES: Final = {
    "pydantic.PositiveInt": ("int", {"gt": "0"}),
    "pydantic.NegativeInt": ("int", {"lt": "0"}),
    "pydantic.NonNegativeInt": ("int", {"ge": "0"}),
    "pydantic.NonPositiveInt": ("int", {"le": "0"}),
    "pydantic.PositiveFloat": ("float", {"gt": "0"}),
    "pydantic.NegativeFloat": ("float", {"lt": "0"}),
    "pydantic.NonNegativeFloat": ("float", {"ge": "0"}),
    "pydantic.NonPositiveFloat": ("float", {"le": "0"}),
}
"""Pydantic's named constrained types → type and arguments of `msgspec.Meta`."""

AWARENESS: Final = {"pydantic.AwareDatetime": "True", "pydantic.NaiveDatetime": "False"}

CONSTRAINED_CALLS: Final = {
    "pydantic.constr": "str",
    "pydantic.conint": "int",
    "pydantic.confloat": "float",
    "pydantic.conbytes": "bytes",
    "pydantic.conlist": "list",
    "pydantic.conset": "set",
    "pydantic.confrozenset": "frozenset",
}
"""Pydantic's functions that make a constrained type; the collections take their item type as first argument."""

COMPAT_TYPES: Final = frozenset(
    {"EmailStr", "NameEmail", "HttpUrl", "AnyHttpUrl", "AnyUrl", "SecretStr", "SecretBytes",
     "PostgresDsn", "RedisDsn", "MongoDsn", "MySQLDsn", "AmqpDsn", "WebsocketUrl",
     "UUID1", "UUID3", "UUID4", "UUID5",
     "PastDate", "FutureDate", "PastDatetime", "FutureDatetime", "ValidationInfo"}
)  # fmt: skip
"""Pydantic's types that `fasterapi.compat` offers under the same name."""

PLAIN_TYPES: Final = {"pydantic.StrictStr": "str"}
"""msgspec never converts a number to a string, so the strict type is the plain one."""

META_CONSTRAINTS: Final = {
    "gt": "gt",
    "ge": "ge",
    "lt": "lt",
    "le": "le",
    "multiple_of": "multiple_of",
    "min_length": "min_length",
    "max_length": "max_length",
    "min_items": "min_length",
    "max_items": "max_length",
    "pattern": "pattern",
    "regex": "pattern",
}
"""Constraints of `Field(...)` that msgspec checks itself, by their name in `msgspec.Meta`."""

CHECKED_CONSTRAINTS: Final = frozenset({"max_digits", "decimal_places", "allow_inf_nan"})
"""Constraints that msgspec does not know; `compat.constrained` checks them after decoding."""

META_TEXTS: Final = frozenset({"title", "description", "examples"})

SCHEMA_KEYS: Final = frozenset({"deprecated", "example"})
"""Options of `Field(...)` that only reach the JSON schema: they travel in `Meta(extra_json_schema=...)`."""

IGNORED_FIELD_OPTIONS: Final = frozenset(
    {"repr", "init", "kw_only", "init_var", "validate_default", "union_mode"}
)

NUMBERS: Final = frozenset({"int", "float"})
TEXTS: Final = frozenset({"str", "bytes"})
COLLECTIONS: Final = frozenset(
    {"list", "set", "frozenset", "tuple", "dict", "typing.List", "typing.Set", "typing.FrozenSet",
     "typing.Tuple", "typing.Dict", "typing.Sequence", "typing.Mapping", "collections.abc.Sequence",
     "collections.abc.Mapping", "collections.abc.Set"}
)  # fmt: skip
JSON_SCALARS: Final = frozenset({"str", "int", "float", "bool", "None"})
