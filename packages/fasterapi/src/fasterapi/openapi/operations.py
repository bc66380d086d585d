"""Routes → `OperationSpec`s: what the binding of a handler says, in OpenAPI's neutral words.

Knows: bound parameters, route options. Does not know: where security schemes are found (`schemes`); schemas or the
document's layout, which are `fasterapi_openapi`'s.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, get_args, get_origin

from msgspec import UNSET

from fasterapi.binding import Bound, is_upload_type
from fasterapi.compilation.negotiation import is_negotiated
from fasterapi.datastructures import UploadFile
from fasterapi.openapi.responses import response_specs
from fasterapi.openapi.schemes import schemes_of
from fasterapi.params import File, Marker
from fasterapi.routing.route import APIRoute, generate_unique_id
from fasterapi_di import MISSING
from fasterapi_openapi import BodySpec, FieldSpec, MediaSpec, OperationSpec, ParameterSpec, ResponseSpec

__all__ = ["operation_specs", "outside_routes"]

_PARAMETER_SOURCES = ("path", "query", "header", "cookie")


def operation_specs(routes: Iterable[Any]) -> Iterator[OperationSpec]:
    """One specification for each method of each documented route; of two with one method and path, the first."""
    seen: set[tuple[str, str]] = set()
    described: _Described = {}
    for route in routes:
        if not isinstance(route, APIRoute) or not route.include_in_schema:
            continue
        for method in sorted(route.methods):
            key = (method, route.path_format)
            if key not in seen:
                seen.add(key)
                yield _Operation(route, method, described).spec()


# Routes have parameters in common; each is described once.
_Described = dict[Bound, Sequence[ParameterSpec]]


class _Operation:
    def __init__(self, route: APIRoute, method: str, described: _Described) -> None:
        self.route = route
        self.method = method
        self._described = described
        self.parameters = route.handler.reading.parameters
        self.body = route.handler.reading.body
        self.conditional = route.handler.conditional

    def spec(self) -> OperationSpec:
        route = self.route
        parameters = self._parameters()
        body = self._body() if self.body.fields else None
        takes_input = bool(parameters) or body is not None
        return OperationSpec(
            method=self.method,
            path=route.path_format,
            operation_id=self._operation_id(),
            summary=route.summary or _title(route.name),
            description=route.description or None,
            tags=[str(tag.value) if isinstance(tag, Enum) else str(tag) for tag in route.tags],
            deprecated=bool(route.deprecated),
            parameters=[*parameters, *self._conditions(parameters)],
            body=body,
            responses=self._responses(takes_input=takes_input),
            security=self._security() or None,
            callbacks=_callbacks(route.callbacks),
            # Problems have a 422 of their own.
            validation_error=takes_input and not route.inherited.problem_details,
            error_media_types=self._error_forms(),
            extra=route.openapi_extra,
            source=route.location,
        )

    def _conditions(self, declared: Sequence[ParameterSpec]) -> list[ParameterSpec]:
        """The conditions of `etag=`, unless the handler reads them itself. Whatever they say, nothing is refused."""
        if self.conditional is None:
            return []
        from fasterapi.openapi.conditional import condition_parameters  # noqa: PLC0415 - few routes ask for it

        known = {spec.name.lower() for spec in declared if spec.location == "header"}
        found = condition_parameters(self.conditional, self.method)
        return [spec for spec in found if spec.name.lower() not in known]

    def _responses(self, *, takes_input: bool) -> Mapping[int | str, ResponseSpec]:
        responses: Mapping[int | str, ResponseSpec] = response_specs(self.route)
        if self.conditional is not None:
            from fasterapi.openapi.conditional import with_conditions  # noqa: PLC0415 - few routes ask for it

            responses = with_conditions(responses, self.conditional, self.method)
        if not self.route.inherited.problem_details:
            return responses
        from fasterapi.openapi.problems import with_problems  # noqa: PLC0415 - problems are asked for

        return with_problems(responses, takes_input=takes_input, forms=self._error_forms())

    def _error_forms(self) -> Sequence[str]:
        if self.route.codecs is None:
            return ("application/json",)
        from fasterapi._errorforms import error_forms  # noqa: PLC0415 - other forms are asked for

        return error_forms(self.route.codecs)

    def _operation_id(self) -> str:
        route = self.route
        if len(route.methods) > 1 and not route.operation_id:
            if route.generate_unique_id_function is generate_unique_id:
                base = re.sub(r"\W", "_", f"{route.name}{route.path_format}")
                return f"{base}_{self.method.lower()}"
            return f"{route.unique_id}_{self.method.lower()}"
        return route.unique_id

    def _parameters(self) -> list[ParameterSpec]:
        specs: dict[tuple[str, str], ParameterSpec] = {}
        for source in _PARAMETER_SOURCES:
            for bound in self.parameters:
                if bound.source == source:
                    found = self._described.get(bound)
                    if found is None:
                        found = self._described[bound] = tuple(_parameter_specs(bound))
                    for spec in found:
                        known = specs.get((source, spec.name))
                        if known is None or (spec.required and not known.required):
                            specs[source, spec.name] = spec
        return [spec for spec in specs.values() if spec.include_in_schema]

    def _body(self) -> BodySpec:
        fields = list({bound.name: bound for bound in self.body.fields}.values())
        first = fields[0]
        assert first.marker is not None
        if not self.body.embedded:
            media = MediaSpec(**{**_value(first), "type": _schema_type(first)})
            return BodySpec(
                content=dict.fromkeys(self._body_types(first.marker.media_type), media),
                required=first.required,
                description=first.marker.description,
                name=first.alias,
            )
        specs: list[FieldSpec] = []
        for bound in fields:
            if self.body.kind == "form" and bound.is_model:
                specs += _model_fields(bound)
            else:
                specs.append(
                    FieldSpec(
                        name=bound.alias,
                        required=bound.required,
                        **{**_value(bound), "type": _schema_type(bound)},
                    )
                )
        return BodySpec(
            content=dict.fromkeys(
                self._body_types(self._media_type(fields)),
                MediaSpec(fields=specs, encoding=_encoding(fields)),
            ),
            required=any(bound.required for bound in fields),
        )

    def _body_types(self, media_type: str) -> list[str]:
        codecs = self.route.codecs
        if codecs is None or not is_negotiated(self.body):
            return [media_type]
        return [codec.media_type for codec in codecs]

    def _media_type(self, fields: Sequence[Bound]) -> str:
        media_types = [bound.marker.media_type for bound in fields if bound.marker is not None]
        if any(bound.source == "file" for bound in fields) or "multipart/form-data" in media_types:
            return "multipart/form-data"
        forms = [
            bound.marker.media_type for bound in fields if bound.marker is not None and bound.source == "form"
        ]
        return (forms or media_types)[0]

    def _security(self) -> list[Mapping[str, Sequence[str]]]:
        requirements: dict[str, dict[str, None]] = {}
        for scheme, scopes in schemes_of(self.route):
            requirements.setdefault(scheme.scheme_name, {}).update(dict.fromkeys(scopes))
        return [{name: list(scopes)} for name, scopes in requirements.items()]


def _title(name: str) -> str:
    return name.replace("_", " ").title()


def _parameter_specs(bound: Bound) -> Iterator[ParameterSpec]:
    location: Any = bound.source
    if bound.is_model:
        assert bound.adapter is not None
        assert bound.marker is not None
        for field in bound.adapter.model_fields:
            name = (
                field.encoded_name.replace("_", "-")
                if bound.marker.convert_underscores
                else field.encoded_name
            )
            default = UNSET if field.required or field.default is None else field.default
            yield ParameterSpec(
                name=name,
                location=location,
                required=field.required,
                type=field.type,
                default=default,
                title=_title(field.encoded_name),
            )
        return
    assert bound.marker is not None
    yield ParameterSpec(
        name=bound.alias,
        location=location,
        required=bound.required,
        include_in_schema=bound.marker.include_in_schema,
        **_value(bound),
    )


def _model_fields(bound: Bound) -> list[FieldSpec]:
    assert bound.adapter is not None
    return [
        FieldSpec(
            name=field.encoded_name,
            required=field.required,
            type=field.type,
            default=UNSET if field.required or field.default is None else field.default,
        )
        for field in bound.adapter.model_fields
    ]


def _value(bound: Bound) -> dict[str, Any]:
    marker = bound.marker
    assert marker is not None
    is_plain = bound.default is not MISSING and bound.default is not None
    return {
        "type": bound.type,
        "title": marker.title,
        "description": marker.description,
        "deprecated": bool(marker.deprecated),
        "default": bound.default if is_plain else UNSET,
        "example": UNSET if marker.example is MISSING else marker.example,
        "examples": _examples(marker),
        "constraints": _constraints(marker),
        "extra_schema": _extra_schema(bound),
    }


def _examples(marker: Marker) -> Any:
    if marker.openapi_examples:
        return marker.openapi_examples
    return list(marker.examples) if marker.examples else None


def _constraints(marker: Marker) -> dict[str, Any] | None:
    constraints = marker.constraints
    if constraints is None:
        return None
    names = ("gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "pattern")
    return {name: value for name in names if (value := getattr(constraints, name)) is not None}


def _encoding(fields: Sequence[Bound]) -> dict[str, Any] | None:
    """The media types of files (OpenAPI 3.1.1, section 4.8.15)."""
    encoding = {
        bound.alias: {"contentType": ", ".join(bound.marker.content_types)}
        for bound in fields
        if isinstance(bound.marker, File) and bound.marker.content_types
    }
    return encoding or None


def _extra_schema(bound: Bound) -> Mapping[str, Any] | None:
    """What the marker adds to the schema; a file's size in bytes is the length of its binary text."""
    marker = bound.marker
    assert marker is not None
    extra = marker.json_schema_extra if isinstance(marker.json_schema_extra, Mapping) else None
    if not isinstance(marker, File) or marker.max_size is None:
        return extra
    size = {"maxLength": marker.max_size}
    return {**({"items": size} if bound.is_sequence else size), **(extra or {})}


def _schema_type(bound: Bound) -> Any:
    """The documented type: `bytes` in a file field is an upload, not a base64 text."""
    if bound.source != "file" or is_upload_type(bound.type):
        return bound.type
    return _as_upload(bound.type)


def _as_upload(type_: Any) -> Any:
    if type_ is bytes:
        return UploadFile
    arguments = get_args(type_)
    if not arguments:
        return type_
    replaced = tuple(_as_upload(item) for item in arguments)
    origin = get_origin(type_)
    if isinstance(origin, type) and issubclass(origin, list | tuple | set | frozenset):
        return origin[replaced if len(replaced) > 1 else replaced[0]]  # type: ignore[index]  # a generic alias
    union: Any = replaced[0]
    for item in replaced[1:]:
        union = union | item
    return union


def _callbacks(routes: Sequence[Any]) -> dict[str, dict[str, list[OperationSpec]]]:
    callbacks: dict[str, dict[str, list[OperationSpec]]] = {}
    for route in outside_routes(routes):
        expressions = callbacks.setdefault(route.name, {})
        expressions.setdefault(route.path, []).extend(
            _Operation(route, method, {}).spec() for method in sorted(route.methods)
        )
    return callbacks


def outside_routes(routes: Iterable[Any]) -> list[APIRoute]:
    """Callbacks and webhooks, which no request reaches here, with their parameters read."""
    found = [route.within(route.outer) for route in routes if isinstance(route, APIRoute)]
    if not found:
        return []
    from fasterapi.app import Faster  # noqa: PLC0415 - they are read as the routes of an application

    app = Faster(openapi_url=None)
    for route in found:
        app._attach(route)
    return found
