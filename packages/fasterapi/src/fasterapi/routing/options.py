"""What a route can be told: one typed record for all decorators, and how routers pass it down.

Knows: the names of FastAPI's route options and how they combine over nested routers.
Does not know: handlers, requests, documents.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from enum import Enum
from typing import Any, TypedDict

from msgspec import Struct, field
from msgspec.structs import replace

from fasterapi._limits import FormLimits, validate_form_limits, validate_max_body_size
from fasterapi._origins import validate_origins
from fasterapi.params import Depends
from fasterapi.types import IncEx

__all__ = ["FormLimits", "Inherited", "RouteOptions", "RouterOptions"]


class RouterOptions(TypedDict, total=False):
    """What an application, a router, an `include_router` and a route have in common."""

    tags: Sequence[str | Enum] | None
    dependencies: Sequence[Depends] | None
    responses: Mapping[int | str, Mapping[str, Any]] | None
    callbacks: Sequence[Any] | None
    deprecated: bool | None
    include_in_schema: bool
    generate_unique_id_function: Callable[[Any], str] | None
    strict: bool | None
    strict_content_type: bool | None
    max_body_size: int | None
    form_limits: FormLimits | None
    media_types: Sequence[Any] | None  # of str and Codec
    exception_handlers: Mapping[Any, Callable[..., Any]] | None
    middleware: Sequence[Any] | None
    problem_details: bool | None
    etag: Any  # fasterapi.conditional.ETagOption | None
    # WebSockets only:
    allowed_origins: Collection[str] | None
    max_message_size: int | None
    idle_timeout: float | None


class RouteOptions(RouterOptions, total=False):
    """The keywords of `@app.get(...)` and its siblings."""

    response_model: Any
    status_code: int | None
    summary: str | None
    description: str | None
    response_description: str
    operation_id: str | None
    response_model_include: IncEx | None
    response_model_exclude: IncEx | None
    response_model_by_alias: bool
    response_model_exclude_unset: bool
    response_model_exclude_defaults: bool
    response_model_exclude_none: bool
    response_class: Any  # type[Response]; `None` means the router's default
    name: str | None
    cancel_on_disconnect: bool
    openapi_extra: Mapping[str, Any] | None


class Inherited(Struct, frozen=True):
    """The options that reach a route from the routers around it; outer ones first where order counts."""

    prefix: str = ""
    tags: tuple[str | Enum, ...] = ()
    dependencies: tuple[Depends, ...] = ()
    responses: Mapping[int | str, Mapping[str, Any]] = field(default_factory=dict)
    callbacks: tuple[Any, ...] = ()
    deprecated: bool | None = None
    include_in_schema: bool = True
    response_class: Any = None
    generate_unique_id_function: Callable[[Any], str] | None = None
    strict: bool | None = None
    strict_content_type: bool | None = None
    max_body_size: int | None = None
    form_limits: FormLimits = field(default_factory=FormLimits)
    codecs: tuple[Any, ...] | None = None
    exception_handlers: tuple[Mapping[Any, Callable[..., Any]], ...] = ()
    middleware: tuple[Any, ...] = ()
    problem_details: bool | None = None
    etag: Any = None
    allowed_origins: Collection[str] | None = None
    max_message_size: int | None = None
    idle_timeout: float | None = None

    @classmethod
    def of(cls, prefix: str = "", response_class: Any = None, **options: Any) -> "Inherited":
        """Make a record of the keywords that a router or an `include_router` was given."""
        validate_max_body_size(options.get("max_body_size"))
        return cls(
            prefix=prefix,
            tags=tuple(options.get("tags") or ()),
            dependencies=tuple(options.get("dependencies") or ()),
            responses=options.get("responses") or {},
            callbacks=tuple(options.get("callbacks") or ()),
            deprecated=options.get("deprecated"),
            include_in_schema=options.get("include_in_schema", True),
            response_class=response_class,
            generate_unique_id_function=options.get("generate_unique_id_function"),
            strict=options.get("strict"),
            strict_content_type=options.get("strict_content_type"),
            max_body_size=options.get("max_body_size"),
            form_limits=validate_form_limits(options.get("form_limits")),
            codecs=_codecs(options.get("media_types")),
            exception_handlers=_one(options.get("exception_handlers")),
            middleware=tuple(options.get("middleware") or ()),
            problem_details=options.get("problem_details"),
            etag=options.get("etag"),
            allowed_origins=validate_origins(options.get("allowed_origins")),
            max_message_size=_positive("max_message_size", options.get("max_message_size")),
            idle_timeout=_positive("idle_timeout", options.get("idle_timeout")),
        )

    def then(self, inner: "Inherited") -> "Inherited":
        """Combine with what is nearer to the route: lists add up, single values give way to the nearer one."""
        return replace(
            inner,
            prefix=self.prefix + inner.prefix,
            tags=self.tags + inner.tags,
            dependencies=self.dependencies + inner.dependencies,
            responses={**self.responses, **inner.responses},
            callbacks=self.callbacks + inner.callbacks,
            deprecated=_nearer(self.deprecated, inner.deprecated),
            include_in_schema=self.include_in_schema and inner.include_in_schema,
            response_class=_nearer(self.response_class, inner.response_class),
            generate_unique_id_function=_nearer(
                self.generate_unique_id_function, inner.generate_unique_id_function
            ),
            strict=_nearer(self.strict, inner.strict),
            strict_content_type=_nearer(self.strict_content_type, inner.strict_content_type),
            max_body_size=_nearer(self.max_body_size, inner.max_body_size),
            form_limits={**self.form_limits, **inner.form_limits},
            codecs=_nearer(self.codecs, inner.codecs),
            exception_handlers=inner.exception_handlers + self.exception_handlers,
            middleware=self.middleware + inner.middleware,
            problem_details=_nearer(self.problem_details, inner.problem_details),
            etag=_nearer(self.etag, inner.etag),
            allowed_origins=_nearer(self.allowed_origins, inner.allowed_origins),
            max_message_size=_nearer(self.max_message_size, inner.max_message_size),
            idle_timeout=_nearer(self.idle_timeout, inner.idle_timeout),
        )


def _codecs(media_types: Sequence[Any] | None) -> tuple[Any, ...] | None:
    if media_types is None:
        return None
    from fasterapi.codecs import find_codecs  # noqa: PLC0415 - only for those who ask for it

    return find_codecs(media_types)


def _nearer(outer: Any, inner: Any) -> Any:
    return outer if inner is None else inner


def _positive(name: str, value: float | None) -> Any:
    if value is not None and not value > 0:
        message = f"{name} must be more than 0, or None for no limit; got {value!r}"
        raise ValueError(message)
    return value


def _one(handlers: Mapping[Any, Callable[..., Any]] | None) -> tuple[Mapping[Any, Callable[..., Any]], ...]:
    # An empty mapping is kept: a router's handlers may be registered after its routes.
    return () if handlers is None else (handlers,)
