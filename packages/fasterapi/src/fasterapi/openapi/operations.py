"""Routes → `OperationSpec`s: what the binding of a handler says, in OpenAPI's neutral words.

Knows: bound parameters, route options. Does not know: what is said of one value (`values`), where security schemes are
found (`schemes`); schemas or the document's layout, which are `fasterapi_openapi`'s.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any

from fasterapi.binding import Bound
from fasterapi.openapi.responses import Responses
from fasterapi.openapi.schemes import Schemes
from fasterapi.openapi.values import encoding, model_fields, parameter_specs, schema_type, title_of, value
from fasterapi.routing.route import APIRoute, generate_unique_id
from fasterapi_openapi import BodySpec, FieldSpec, MediaSpec, OperationSpec, ParameterSpec, ResponseSpec

__all__ = ["operation_specs", "outside_routes"]

_PARAMETER_SOURCES = ("path", "query", "header", "cookie")


def operation_specs(routes: Iterable[Any], schemes: Schemes) -> Iterator[OperationSpec]:
    """One specification for each method of each documented route; of two with one method and path, the first."""
    seen: set[tuple[str, str]] = set()
    described = _Described(schemes)
    for route in routes:
        if not isinstance(route, APIRoute) or not route.include_in_schema:
            continue
        for method in sorted(route.methods):
            key = (method, route.path_format)
            if key not in seen:
                seen.add(key)
                yield _Operation(route, method, described).spec()


class _Described:
    """What routes have in common; each part is described once, and is one object in all their specifications."""

    def __init__(self, schemes: Schemes) -> None:
        self.schemes = schemes
        self.responses = Responses()
        self.parameters: dict[Bound, tuple[ParameterSpec, ...]] = {}
        self.parameter_lists: dict[tuple[Bound, ...], tuple[ParameterSpec, ...]] = {}
        self.bodies: dict[tuple[Bound, ...], BodySpec] = {}


class _Operation:
    def __init__(self, route: APIRoute, method: str, described: _Described) -> None:
        self.route = route
        self.method = method
        self._described = described
        reading = route.handler.reading
        self.parameters = reading.parameters
        self.body = reading.body
        self.conditional = route.handler.conditional

    def spec(self) -> OperationSpec:
        route = self.route
        parameters = self._parameters()
        body = self._shared_body() if self.body.fields else None
        takes_input = body is not None or any(bound.source in _PARAMETER_SOURCES for bound in self.parameters)
        return OperationSpec(
            method=self.method,
            path=route.path_format,
            operation_id=self._operation_id(),
            summary=route.summary or title_of(route.name),
            description=route.description or None,
            tags=[str(tag.value) if isinstance(tag, Enum) else str(tag) for tag in route.tags],
            deprecated=bool(route.deprecated),
            parameters=parameters if self.conditional is None else self._with_conditions(parameters),
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

    def _with_conditions(self, declared: Sequence[ParameterSpec]) -> list[ParameterSpec]:
        """The conditions of `etag=`, unless the handler reads them itself. Whatever they say, nothing is refused."""
        from fasterapi.openapi.conditional import condition_parameters  # noqa: PLC0415 - few routes ask for it

        known = {spec.name.lower() for spec in declared if spec.location == "header"}
        assert self.conditional is not None
        found = condition_parameters(self.conditional, self.method)
        return [*declared, *(spec for spec in found if spec.name.lower() not in known)]

    def _responses(self, *, takes_input: bool) -> Mapping[int | str, ResponseSpec]:
        responses: Mapping[int | str, ResponseSpec] = self._described.responses.of(self.route)
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

    def _parameters(self) -> tuple[ParameterSpec, ...]:
        key = tuple(self.parameters)
        known = self._described.parameter_lists.get(key)
        if known is None:
            known = self._described.parameter_lists[key] = tuple(self._parameter_list())
        return known

    def _parameter_list(self) -> list[ParameterSpec]:
        described = self._described.parameters
        specs: dict[tuple[str, str], ParameterSpec] = {}
        for source in _PARAMETER_SOURCES:
            for bound in self.parameters:
                if bound.source == source:
                    found = described.get(bound)
                    if found is None:
                        found = described[bound] = tuple(parameter_specs(bound))
                    for spec in found:
                        known = specs.get((source, spec.name))
                        if known is None or (spec.required and not known.required):
                            specs[source, spec.name] = spec
        return [spec for spec in specs.values() if spec.include_in_schema]

    def _shared_body(self) -> BodySpec:
        if self.route.codecs is not None:
            return self._body()
        key = tuple(self.body.fields)
        known = self._described.bodies.get(key)
        if known is None:
            known = self._described.bodies[key] = self._body()
        return known

    def _body(self) -> BodySpec:
        fields = list({bound.name: bound for bound in self.body.fields}.values())
        first = fields[0]
        assert first.marker is not None
        if not self.body.embedded:
            media = MediaSpec(**{**value(first), "type": schema_type(first)})
            return BodySpec(
                content=dict.fromkeys(self._body_types(first.marker.media_type), media),
                required=first.required,
                description=first.marker.description,
                name=first.alias,
            )
        specs: list[FieldSpec] = []
        for bound in fields:
            if self.body.kind == "form" and bound.is_model:
                specs += model_fields(bound)
            else:
                specs.append(
                    FieldSpec(
                        name=bound.alias,
                        required=bound.required,
                        **{**value(bound), "type": schema_type(bound)},
                    )
                )
        return BodySpec(
            content=dict.fromkeys(
                self._body_types(self._media_type(fields)),
                MediaSpec(fields=specs, encoding=encoding(fields)),
            ),
            required=any(bound.required for bound in fields),
        )

    def _body_types(self, media_type: str) -> list[str]:
        codecs = self.route.codecs
        if codecs is None:
            return [media_type]
        from fasterapi.compilation.negotiation import is_negotiated  # noqa: PLC0415 - rarely used

        if not is_negotiated(self.body):
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
        for scheme, scopes in self._described.schemes.of(self.route):
            requirements.setdefault(scheme.scheme_name, {}).update(dict.fromkeys(scopes))
        return [{name: list(scopes)} for name, scopes in requirements.items()]


def _callbacks(routes: Sequence[Any]) -> dict[str, dict[str, list[OperationSpec]]]:
    if not routes:
        return {}
    callbacks: dict[str, dict[str, list[OperationSpec]]] = {}
    described = _Described(Schemes())
    for route in outside_routes(routes):
        expressions = callbacks.setdefault(route.name, {})
        expressions.setdefault(route.path, []).extend(
            _Operation(route, method, described).spec() for method in sorted(route.methods)
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
