"""The markers by which a handler says where its arguments come from. Inert data.

Knows: the options that FastAPI's `Path`, `Query`, `Header`, `Cookie`, `Body`, `Form`, `File`, `Depends` and
`Security` take. Does not know: types, requests, or what is made of a marker (`binding` decides that).

`fasterapi.Query(...)` and its siblings (`param_functions`) return these objects typed as `Any`, so that
`q: str = Query()` satisfies type checkers.
"""

import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal, TypedDict, Unpack, cast, final

from fasterapi.exceptions import FasterAPIDeprecationWarning
from fasterapi.validation import Constraints
from fasterapi_di import MISSING, Depends

__all__ = [
    "MISSING",
    "AliasChoices",
    "Body",
    "BodyOptions",
    "Cookie",
    "Depends",
    "File",
    "FileOptions",
    "Form",
    "Header",
    "HeaderOptions",
    "Marker",
    "MarkerOptions",
    "Param",
    "Path",
    "Query",
    "Security",
]

ParamSource = Literal["path", "query", "header", "cookie", "body", "form", "file"]


@final
class AliasChoices:
    """Several names for one parameter; the first one that the request has is read.

    >>> AliasChoices("page", "p").choices
    ('page', 'p')
    """

    __slots__ = ("choices",)

    def __init__(self, first_choice: str, *choices: str) -> None:
        self.choices = (first_choice, *choices)


class MarkerOptions(TypedDict, total=False):
    """What every marker takes. Constraints have JSON Schema's meaning; lengths count characters or items."""

    default_factory: Callable[[], Any] | None
    alias: str | None
    validation_alias: Any  # str, AliasChoices, or an object with `choices`
    serialization_alias: str | None
    title: str | None
    description: str | None
    gt: float | None
    ge: float | None
    lt: float | None
    le: float | None
    multiple_of: float | None
    min_length: int | None
    max_length: int | None
    pattern: str | re.Pattern[str] | None
    regex: str | None
    strict: bool | None
    allow_inf_nan: bool | None
    max_digits: int | None
    decimal_places: int | None
    examples: Sequence[Any] | None
    example: Any
    openapi_examples: Mapping[str, Any] | None
    deprecated: bool | str | None
    include_in_schema: bool
    json_schema_extra: Any  # a mapping, or a callable that changes the schema in place
    discriminator: str | None
    validate_default: bool | None


class HeaderOptions(MarkerOptions, total=False):
    """A header's name is the parameter's with `_` read as `-`, unless `convert_underscores=False`."""

    convert_underscores: bool


class BodyOptions(MarkerOptions, total=False):
    """`embed=True` expects the value under its own name in a JSON object."""

    embed: bool | None
    media_type: str


class FileOptions(BodyOptions, total=False):
    """Each file has at most `max_size` bytes, and one of `content_types`: `image/png`, `image/*`.

    `min_length` and `max_length` count the files of a list, and the bytes of one `bytes` file.
    """

    max_size: int | None
    content_types: Sequence[str]


_CONSTRAINTS: Final = (
    "gt",
    "ge",
    "lt",
    "le",
    "multiple_of",
    "min_length",
    "max_length",
    "pattern",
    "strict",
    "allow_inf_nan",
    "max_digits",
    "decimal_places",
)
_IGNORED: Final = frozenset({"alias_priority", "union_mode", "fail_fast", "serialization_alias"})


class Marker:
    """What all markers have in common: a default, names, constraints, and words for the documentation."""

    source: ParamSource
    embed: bool | None = None
    media_type: str = "application/json"
    convert_underscores: bool = False

    def __init__(self, default: Any = MISSING, **options: Unpack[MarkerOptions]) -> None:
        self.default = MISSING if default is ... else default
        self.default_factory = options.get("default_factory")
        if self.default is not MISSING and self.default_factory is not None:
            message = f"{type(self).__name__}(): give either `default` or `default_factory`, not both"
            raise TypeError(message)
        self.alias = options.get("alias")
        self.validation_alias = options.get("validation_alias")
        self.title = options.get("title")
        self.description = options.get("description")
        self.examples = options.get("examples")
        self.example = options.get("example", MISSING)
        self.openapi_examples = options.get("openapi_examples")
        self.deprecated = options.get("deprecated")
        self.include_in_schema = options.get("include_in_schema", True)
        self.json_schema_extra = options.get("json_schema_extra")
        self.discriminator = options.get("discriminator")
        self.validate_default = options.get("validate_default")
        self.constraints = self._constraints(options)
        _refuse_unknown(type(self).__name__, options)

    @staticmethod
    def _constraints(options: MarkerOptions) -> Constraints | None:
        given = {name: options.get(name) for name in _CONSTRAINTS if options.get(name) is not None}
        regex = options.get("regex")
        if regex is not None:
            warnings.warn(
                "`regex` is deprecated, write `pattern` instead", FasterAPIDeprecationWarning, stacklevel=4
            )
            given.setdefault("pattern", regex)
        pattern = given.get("pattern")
        if isinstance(pattern, re.Pattern):
            given["pattern"] = pattern.pattern
        return Constraints(**given) if given else None  # type: ignore[arg-type]  # a TypedDict's values, by name

    @property
    def aliases(self) -> tuple[str, ...]:
        """The names given by hand, in the order in which they are tried; empty when none is given."""
        choices = getattr(self.validation_alias, "choices", None)
        if choices is not None:
            return tuple(choices)
        name = self.validation_alias or self.alias
        return (name,) if name else ()

    def __repr__(self) -> str:
        default = "" if self.default is MISSING else repr(self.default)
        return f"{type(self).__name__}({default})"


_KNOWN: Final = frozenset(MarkerOptions.__annotations__) | _IGNORED


_SPECIAL: Final = frozenset({"convert_underscores", "embed", "media_type"})


def _shared(options: Mapping[str, Any] | MarkerOptions) -> MarkerOptions:
    """The options that every marker takes."""
    return cast("MarkerOptions", {name: value for name, value in options.items() if name not in _SPECIAL})


def _refuse_unknown(marker: str, options: Mapping[str, Any] | MarkerOptions) -> None:
    unknown = [name for name in options if name not in _KNOWN]
    if unknown:
        message = f"{marker}() got an unexpected keyword argument {unknown[0]!r}"
        raise TypeError(message)


class Param(Marker):
    """A value that stands outside the body."""


class Path(Param):
    """A part of the path. Always required.

    >>> Path(ge=1).constraints.ge
    1
    """

    source: ParamSource = "path"

    def __init__(self, default: Any = MISSING, **options: Unpack[MarkerOptions]) -> None:
        if default is not MISSING and default is not ...:
            message = f"Path({default!r}): path parameters cannot have a default value; remove it"
            raise TypeError(message)
        super().__init__(**options)


class Query(Param):
    """A value of the query string, a list of them, or a model whose fields are query parameters."""

    source: ParamSource = "query"


class Header(Param):
    """A request header; `x_token` reads `x-token`."""

    source: ParamSource = "header"
    convert_underscores = True

    def __init__(self, default: Any = MISSING, **options: Unpack[HeaderOptions]) -> None:
        self.convert_underscores = options.get("convert_underscores", True)
        super().__init__(default, **_shared(options))


class Cookie(Param):
    """A cookie."""

    source: ParamSource = "cookie"


class Body(Marker):
    """The JSON body, or one of its fields."""

    source: ParamSource = "body"

    def __init__(self, default: Any = MISSING, **options: Unpack[BodyOptions]) -> None:
        self.embed = options.get("embed")
        self.media_type = options.get("media_type", type(self).media_type)
        super().__init__(default, **_shared(options))


class Form(Body):
    """A form field, URL-encoded or multipart; or a model whose fields are form fields."""

    source: ParamSource = "form"
    media_type = "application/x-www-form-urlencoded"


class File(Form):
    """An uploaded file of a multipart form: `UploadFile` or `bytes`. See `FileOptions`.

    >>> File(max_size=1024, content_types=["image/*"]).content_types
    ('image/*',)
    >>> File(content_types="image/png")
    Traceback (most recent call last):
    ...
    TypeError: File(content_types='image/png'): give a list of media types, as ['image/png', 'text/*']
    """

    source: ParamSource = "file"
    media_type = "multipart/form-data"

    def __init__(self, default: Any = MISSING, **options: Unpack[FileOptions]) -> None:
        self.max_size = options.get("max_size")
        self.content_types = _media_types(options.get("content_types", ()))
        size: object = self.max_size
        if size is not None and (isinstance(size, bool) or not isinstance(size, int) or size < 0):
            message = f"File(max_size={size!r}): give a number of bytes"
            raise TypeError(message)
        super().__init__(default, **cast("BodyOptions", _without_file_options(options)))


def _without_file_options(options: Mapping[str, Any] | FileOptions) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name not in {"max_size", "content_types"}}


def _media_types(given: Any) -> tuple[str, ...]:
    if isinstance(given, str) or not all(isinstance(item, str) and item.count("/") == 1 for item in given):
        message = f"File(content_types={given!r}): give a list of media types, as ['image/png', 'text/*']"
        raise TypeError(message)
    return tuple(item.strip().lower() for item in given)


class Security(Depends):
    """A dependency that asks for OAuth2 scopes; they reach `SecurityScopes` below it."""

    def __init__(
        self,
        dependency: Callable[..., Any] | None = None,
        *,
        scopes: Sequence[str] | None = None,
        use_cache: bool = True,
    ) -> None:
        super().__init__(dependency, use_cache=use_cache)
        object.__setattr__(self, "context", tuple(scopes or ()))

    @property
    def scopes(self) -> tuple[str, ...]:
        """The OAuth2 scopes asked for here; those of the dependants above come in front of them."""
        return self.context
