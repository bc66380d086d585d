"""One `OperationSpec` → one Operation Object.

Knows: the parts of an operation and FastAPI's wording for them. Does not know: other operations.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import UNSET

from .constraint import deep_merge
from .describe import BodySpec, HeaderSpec, OperationSpec, ParameterSpec, ResponseSpec
from .document import Header, Operation, Parameter, PathItem, RequestBody, Response, to_builtins
from .errors import InvalidSpec
from .schema import title_of
from .validation import validation_error_response
from .values import ValueWriter, is_titled_by_itself

_ORDER = {"path": 0, "query": 1, "header": 2, "cookie": 3}
_CONVERTER = re.compile(r"\{([^{}:]+):[^{}]*\}")
_PARAMETER = re.compile(r"\{([^{}]+)\}")
_RANGES = {
    "1XX": "Information",
    "2XX": "Success",
    "3XX": "Redirection",
    "4XX": "Client Error",
    "5XX": "Server Error",
    "default": "Default Response",
}


def documented_path(path: str) -> str:
    """A path template as OpenAPI writes it: without converters.

    >>> documented_path("/files/{rest:path}")
    '/files/{rest}'
    """
    return _CONVERTER.sub(r"{\1}", path) if ":" in path else path


def describe_operation(spec: OperationSpec) -> str:
    """How an operation is called in messages.

    >>> describe_operation(OperationSpec(method="get", path="/users", source="users.py:3"))
    'GET /users (users.py:3)'
    """
    place = f" ({spec.source})" if spec.source else ""
    return f"{spec.method.upper()} {spec.path}{place}"


def operation_name(spec: OperationSpec) -> str:
    """The operation's id, or what stands in for it where a name is needed."""
    return spec.operation_id or re.sub(r"\W+", "_", f"{spec.method.lower()}{spec.path}").strip("_")


class OperationWriter:
    """Writes operations; `needs_validation_error` tells afterwards whether FastAPI's 422 was documented.

    Parts that specs share are written once, known by their identity: the specs must live as long as the writer.
    """

    def __init__(self, values: ValueWriter) -> None:
        self._values = values
        self._parameter_lists: dict[Any, list[Parameter | dict[str, Any]]] = {}
        self._bodies: dict[int, RequestBody | dict[str, Any]] = {}
        self._response_maps: dict[Any, dict[str, Response | dict[str, Any]]] = {}
        self.needs_validation_error = False

    def operation(
        self, spec: OperationSpec, callbacks: Mapping[str, Mapping[str, PathItem]], *, has_template: bool
    ) -> Operation | dict[str, Any]:
        """The Operation Object. `has_template`: the path is a template whose parameters must be documented.

        Raises `InvalidSpec` for a path parameter that the template lacks.
        """
        used_by = describe_operation(spec)
        parameters = self._parameters(spec, used_by, has_template=has_template)
        operation = Operation(
            tags=list(spec.tags) or None,
            summary=spec.summary or None,
            description=spec.description or None,
            external_docs=spec.external_docs,
            operation_id=spec.operation_id,
            parameters=parameters or None,
            request_body=self._body(spec, spec.body, used_by) if spec.body is not None else None,
            responses=self._responses(spec, used_by),
            callbacks=callbacks or None,
            deprecated=spec.deprecated,
            security=spec.security,
            servers=spec.servers or None,
        )
        return deep_merge(to_builtins(operation), spec.extra) if spec.extra else operation

    def _parameters(
        self, spec: OperationSpec, used_by: str, *, has_template: bool
    ) -> list[Parameter | dict[str, Any]]:
        names = tuple(path_parameters(spec.path)) if has_template else None
        key = (id(spec.parameters), names)
        written = self._parameter_lists.get(key)
        if written is None:
            chosen: dict[tuple[str, str], ParameterSpec] = {}
            for parameter in sorted(spec.parameters, key=lambda one: _ORDER[one.location]):
                place = (parameter.location, parameter.name)
                if parameter.include_in_schema and (place not in chosen or not chosen[place].required):
                    chosen[place] = (
                        parameter  # two dependencies may read one parameter; the stricter one is told
                    )
            if names is not None:
                _complete_path_parameters(spec, names, chosen)
            written = [self._values.parameter(parameter, used_by) for parameter in chosen.values()]
            self._parameter_lists[key] = written
        return written

    def _body(self, spec: OperationSpec, body: BodySpec, used_by: str) -> RequestBody | dict[str, Any]:
        known = self._bodies.get(id(body))
        if known is not None:
            return known
        name = operation_name(spec)
        content = {
            media_type: self._values.media(
                media_type,
                media,
                "input",
                title=title_of(body.name),
                body_name=f"Body_{name}",
                used_by=f"the body of {used_by}",
            )
            for media_type, media in body.content.items()
        }
        plain = RequestBody(description=body.description or None, content=content, required=body.required)
        written = deep_merge(to_builtins(plain), body.extra) if body.extra else plain
        if all(media.fields is None for media in body.content.values()):
            self._bodies[id(body)] = written
        return written

    def _responses(self, spec: OperationSpec, used_by: str) -> dict[str, Response | dict[str, Any]]:
        error_types = tuple(spec.error_media_types) if spec.validation_error else None
        place = (id(spec.responses), error_types)
        known = self._response_maps.get(place)
        if known is not None:
            return known
        written: dict[str, Response | dict[str, Any]] = {}
        for status, response in spec.responses.items():
            key = status_key(status)
            written[key] = self._response(spec, key, response, is_main=not written, used_by=used_by)
        if error_types is not None and not {"422", "4XX", "default"} & written.keys():
            written["422"] = validation_error_response(error_types)
            self.needs_validation_error = True
        if all(
            _names_no_operation(response, written[status_key(status)])
            for status, response in spec.responses.items()
        ):
            self._response_maps[place] = written
        return written

    def _response(
        self, spec: OperationSpec, status: str, response: ResponseSpec, *, is_main: bool, used_by: str
    ) -> Response | dict[str, Any]:
        name = operation_name(spec)
        title = title_of(f"Response_{name}" if is_main else f"Response_{status}_{name}")
        where = f"response {status} of {used_by}"
        content = {
            media_type: self._values.media(
                media_type, media, "output", title=title, body_name=f"Response_{status}_{name}", used_by=where
            )
            for media_type, media in response.content.items()
        }
        headers: dict[str, Header | dict[str, Any]] = {
            header: self._values.header(value, f"header {header!r} of {where}")
            if isinstance(value, HeaderSpec)
            else dict(value)
            for header, value in response.headers.items()
        }
        description = response.description or ("Successful Response" if is_main else status_text(status))
        links = {link: dict(value) for link, value in response.links.items()}
        written = Response(
            description=description, headers=headers or None, content=content or None, links=links or None
        )
        return deep_merge(to_builtins(written), response.extra) if response.extra else written


def _names_no_operation(spec: ResponseSpec, written: Response | dict[str, Any]) -> bool:
    """Whether no schema in a response has its title, or its own name, from the operation's id."""
    if isinstance(written, dict):
        return False
    content = written.content or {}
    return all(
        media.fields is None
        and media_type in content
        and (media.type is UNSET or is_titled_by_itself(media, content[media_type]))
        for media_type, media in spec.content.items()
    )


def _complete_path_parameters(
    spec: OperationSpec, names: Sequence[str], chosen: dict[tuple[str, str], ParameterSpec]
) -> None:
    """Every name of the template is documented exactly once (OpenAPI 3.1.1, section 4.8.2)."""
    declared = [name for location, name in chosen if location == "path"]
    for name in declared:
        if name not in names:
            raise InvalidSpec(
                f"{describe_operation(spec)} documents a path parameter {name!r} that its path does not have",
                source=spec.source,
                fix=f"write {{{name}}} into the path, or read the parameter from somewhere else",
            )
    missing = [name for name in names if name not in declared]
    if missing:
        rest = dict(chosen)
        chosen.clear()
        chosen.update({key: value for key, value in rest.items() if key[0] == "path"})
        for name in missing:
            chosen["path", name] = ParameterSpec(name=name, location="path", type=str, required=True)
        chosen.update({key: value for key, value in rest.items() if key[0] != "path"})


def status_key(status: int | str) -> str:
    """A status as a key of `responses`: `"404"`, `"4XX"` or `"default"`.

    >>> status_key(404), status_key("4xx"), status_key("DEFAULT")
    ('404', '4XX', 'default')
    """
    key = str(int(status) if isinstance(status, int) else status).upper()
    return "default" if key == "DEFAULT" else key


def status_text(status: str) -> str:
    """What a status means when nobody says it better.

    >>> status_text("404"), status_text("5XX"), status_text("799")
    ('Not Found', 'Server Error', 'Additional Response')
    """
    if status in _RANGES:
        return _RANGES[status]
    from http import HTTPStatus  # noqa: PLC0415 - its tables are built while it is imported

    try:
        return HTTPStatus(int(status)).phrase
    except ValueError:
        return "Additional Response"


def path_parameters(path: str) -> list[str]:
    """The names in a path template.

    >>> path_parameters("/a/{id:int}/{rest:path}")
    ['id', 'rest']
    """
    return _PARAMETER.findall(documented_path(path))
