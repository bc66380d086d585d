"""`DocumentSpec` and `OperationSpec`s → `Document`.

Knows: the order of work and what must be unique. Does not know: how any single part is written.

collect every type → name the components → write the operations → write the components.
"""

import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from .collect import TypeCollector
from .components import ComponentGraph
from .constraint import deep_merge
from .describe import DocumentSpec, OperationSpec
from .document import Components, Document, Info, Operation, PathItem, to_builtins
from .errors import DuplicateOperation, DuplicateOperationId, OpenAPIWarning
from .naming import NameHook
from .operation import (
    OperationWriter,
    describe_operation,
    documented_path,
    operation_name,
)
from .schema import EncodeHook, SchemaHook, SchemaWriter
from .validation import VALIDATION_ERROR_SCHEMAS
from .values import ValueWriter

OnDuplicate = Literal["error", "warn"]
_FIXED_METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})


def build_document(
    info: DocumentSpec,
    operations: Iterable[OperationSpec],
    *,
    webhooks: Iterable[OperationSpec] = (),
    security_schemes: Mapping[str, Any] | None = None,
    schema_hook: SchemaHook | None = None,
    encode_hook: EncodeHook | None = None,
    name_hook: NameHook | None = None,
    on_duplicate: OnDuplicate = "error",
) -> Document:
    """Build a whole document.

    `webhooks`: operations whose `path` is the webhook's name. `security_schemes` join those of `info`.
    `schema_hook`: a type that msgspec does not know → its schema, or None. `encode_hook`: msgspec's
    `enc_hook` for defaults and examples. `name_hook`: a type → its component's name, or None.
    `on_duplicate`: two operations with one id (`DuplicateOperationId`), or with one method and path
    (`DuplicateOperation`), are an error; or a warning, and then the first of one path is documented.
    Raises `UnsupportedType` and `InvalidSpec` too; each names the operation.

    >>> document = build_document(
    ...     DocumentSpec(title="Shop", version="1"), [OperationSpec(method="GET", path="/items")]
    ... )
    >>> list(document.paths)
    ['/items']
    """
    return _Builder(info, schema_hook, encode_hook, on_duplicate).build(
        tuple(operations), tuple(webhooks), security_schemes or {}, name_hook
    )


class _Builder:
    def __init__(
        self,
        info: DocumentSpec,
        schema_hook: SchemaHook | None,
        encode_hook: EncodeHook | None,
        on_duplicate: OnDuplicate,
    ) -> None:
        self._info = info
        self._is_3_2 = info.openapi_version.startswith("3.2")
        self._graph = ComponentGraph(
            separate=info.separate_input_output_schemas,
            output_defaults_required=info.output_defaults_required,
        )
        self._schemas = SchemaWriter(self._graph, schema_hook=schema_hook, encode_hook=encode_hook)
        self._values = ValueWriter(self._schemas, is_3_2=self._is_3_2)
        self._operations = OperationWriter(self._values)
        self._on_duplicate = on_duplicate
        self._ids: dict[str, OperationSpec] = {}

    def build(
        self,
        operations: Sequence[OperationSpec],
        webhooks: Sequence[OperationSpec],
        security_schemes: Mapping[str, Any],
        name_hook: NameHook | None,
    ) -> Document:
        everything = list(_with_callbacks((*operations, *webhooks)))
        collector = TypeCollector(self._graph)
        for spec in everything:
            collector.collect(spec)
        self._graph.assign_names(reserved=_reserved(everything), name_hook=name_hook)
        info = self._info
        paths = self._paths(operations, has_template=True)
        hooks = self._paths(webhooks, has_template=False)
        return Document(
            openapi=info.openapi_version,
            info=_info_object(info),
            servers=info.servers or None,
            paths=paths,
            webhooks=hooks or None,
            components=self._components({**info.security_schemes, **security_schemes}),
            security=info.security,
            tags=info.tags or None,
            external_docs=info.external_docs,
        )

    def _paths(self, operations: Iterable[OperationSpec], *, has_template: bool) -> dict[str, PathItem]:
        paths: dict[str, PathItem] = {}
        owners: dict[tuple[str, str], OperationSpec] = {}
        for spec in operations:
            path = documented_path(spec.path) if has_template else spec.path
            first = owners.setdefault((spec.method.upper(), path), spec)
            if first is spec:
                item = paths.setdefault(path, PathItem())
                self._place(item, spec.method, self._operation(spec, has_template=has_template))
            else:
                self._report(DuplicateOperation(describe_operation(first), describe_operation(spec)))
        return paths

    def _operation(self, spec: OperationSpec, *, has_template: bool) -> Operation | dict[str, Any]:
        self._claim_id(spec)
        callbacks: dict[str, dict[str, PathItem]] = {}
        for name, expressions in spec.callbacks.items():
            items = callbacks[name] = {}
            for expression, specs in expressions.items():
                item = items[expression] = PathItem()
                for callback in specs:
                    self._place(item, callback.method, self._operation(callback, has_template=False))
        return self._operations.operation(spec, callbacks, has_template=has_template)

    def _place(self, item: PathItem, method: str, operation: Operation | dict[str, Any]) -> None:
        name = method.lower()
        if name in _FIXED_METHODS or (name == "query" and self._is_3_2):
            setattr(item, name, operation)
        elif self._is_3_2:
            item.additional_operations = {**(item.additional_operations or {}), method.upper(): operation}
        else:
            extended = item.additional_operations_extension or {}
            item.additional_operations_extension = {**extended, method.upper(): operation}

    def _claim_id(self, spec: OperationSpec) -> None:
        if spec.operation_id is None:
            return
        first = self._ids.get(spec.operation_id)
        if first is None:
            self._ids[spec.operation_id] = spec
            return
        if (first.method, first.path, first.source) == (spec.method, spec.path, spec.source):
            return  # a callback that several operations have
        self._report(
            DuplicateOperationId(spec.operation_id, describe_operation(first), describe_operation(spec))
        )

    def _report(self, error: DuplicateOperation | DuplicateOperationId) -> None:
        if self._on_duplicate == "error":
            raise error
        warnings.warn(str(error), OpenAPIWarning, stacklevel=2)

    def _components(self, security_schemes: Mapping[str, Any]) -> Components | dict[str, Any] | None:
        schemas = dict(self._values.bodies)
        for node in self._graph.nodes.values():
            for mode in node.modes:
                name = self._graph.name(node, mode)
                if name not in schemas:
                    schemas[name] = self._schemas.component(node, mode)
        if self._operations.needs_validation_error:
            schemas.update(VALIDATION_ERROR_SCHEMAS)
        components = Components(
            schemas=dict(sorted(schemas.items())) or None, security_schemes=dict(security_schemes) or None
        )
        if self._info.components:
            return deep_merge(to_builtins(components), self._info.components)
        return components if schemas or security_schemes else None


def _with_callbacks(operations: Iterable[OperationSpec]) -> Iterable[OperationSpec]:
    for spec in operations:
        yield spec
        for expressions in spec.callbacks.values():
            for specs in expressions.values():
                yield from _with_callbacks(specs)


def _reserved(operations: Sequence[OperationSpec]) -> set[str]:
    """Names of components that are not classes, so that no class takes them."""
    names: set[str] = set()
    if any(spec.validation_error for spec in operations):
        names.update(VALIDATION_ERROR_SCHEMAS)
    for spec in operations:
        for media in spec.body.content.values() if spec.body is not None else ():
            if media.fields is not None:
                names.add(media.name or f"Body_{operation_name(spec)}")
    return names


def _info_object(info: DocumentSpec) -> Info:
    return Info(
        title=info.title,
        summary=info.summary,
        description=info.description,
        terms_of_service=info.terms_of_service,
        contact=info.contact,
        license=info.license_info,
        version=info.version,
    )
