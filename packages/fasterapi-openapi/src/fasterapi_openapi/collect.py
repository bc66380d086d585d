"""Operations → the types that they mention, for the graph of components.

Knows: where a specification holds types. Does not know: how anything is written.
"""

from msgspec import UNSET

from .components import ComponentGraph, Mode
from .describe import HeaderSpec, MediaSpec, OperationSpec
from .operation import describe_operation


class TypeCollector:
    """Shows the graph every type that operations mention; what several operations share is looked at once.

    What is shared is known by its identity, so the specs must live as long as the collector.
    """

    def __init__(self, graph: ComponentGraph) -> None:
        self._graph = graph
        self._seen: set[int] = set()

    def collect(self, spec: OperationSpec) -> None:
        """Add the types of one operation. Raises `UnsupportedType`, naming the first operation that has it."""
        if self._is_new(spec.parameters):
            self._parameters(spec)
        if spec.body is not None and self._is_new(spec.body):
            for media in spec.body.content.values():
                _collect_media(self._graph, media, "input", f"the body of {describe_operation(spec)}")
        if self._is_new(spec.responses):
            self._responses(spec)

    def _is_new(self, part: object) -> bool:
        if id(part) in self._seen:
            return False
        self._seen.add(id(part))
        return True

    def _parameters(self, spec: OperationSpec) -> None:
        for parameter in spec.parameters:
            if parameter.include_in_schema and self._is_new(parameter):
                used_by = f"{parameter.location} parameter {parameter.name!r} of {describe_operation(spec)}"
                self._graph.add(parameter.type, "input", used_by)

    def _responses(self, spec: OperationSpec) -> None:
        used_by = describe_operation(spec)
        for status, response in spec.responses.items():
            for media in response.content.values():
                _collect_media(self._graph, media, "output", f"response {status} of {used_by}")
            for name, header in response.headers.items():
                if isinstance(header, HeaderSpec):
                    self._graph.add(
                        header.type, "output", f"header {name!r} of response {status} of {used_by}"
                    )


def _collect_media(graph: ComponentGraph, media: MediaSpec, mode: Mode, used_by: str) -> None:
    """Show the graph every type that a media type mentions."""
    if media.type is not UNSET:
        graph.add(media.type, mode, used_by)
    if media.item_type is not UNSET:
        graph.add(media.item_type, mode, used_by)
    for field in media.fields or ():
        graph.add(field.type, mode, f"{field.name!r} of {used_by}")
