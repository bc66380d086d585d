"""What is declared alike in many routes of one application is bound once, and read by one reader.

Knows: when two declarations mean the same. Does not know: what they mean (`binding`).
"""

from collections.abc import Collection, Hashable
from enum import EnumMeta

from msgspec import StructMeta

from fasterapi.binding import Bound, bind_parameter
from fasterapi.compilation.readers import ParameterReader, text_reader
from fasterapi.params import Depends, Marker
from fasterapi_di import Node, Parameter

__all__ = ["Binder"]

# Classes of these kinds are equal only to themselves.
_CLASSES = frozenset({type, EnumMeta, StructMeta})
_MARKERS = (Marker, Depends)


class Binder:
    """Binds the parameters of one application: what is declared alike is decided once, and kept once.

    Only declarations without markers are looked for; `item_id: int` occurs in many routes, a marker in one.
    """

    __slots__ = ("_known", "_readers")

    def __init__(self) -> None:
        self._known: dict[Hashable, Bound] = {}
        self._readers: dict[Bound, ParameterReader | None] = {}

    def bind(
        self,
        parameter: Parameter,
        node: Node,
        path_names: Collection[str],
        *,
        strict: bool,
        is_websocket: bool,
    ) -> Bound:
        """`bind_parameter`, or what it gave for an equal declaration."""
        type_, default = parameter.annotation, parameter.default
        if parameter.metadata or type(type_) not in _CLASSES or isinstance(default, _MARKERS):
            return bind_parameter(parameter, node, path_names, strict=strict, is_websocket=is_websocket)
        in_path = parameter.name in path_names
        # The default itself counts, not what it is equal to: `1 == True`. A Bound keeps the default alive, except that
        # of a path parameter, which does not matter.
        key = (parameter.name, type_, id(default), in_path, strict, is_websocket, node.context)
        found = self._known.get(key)
        if found is None:
            found = bind_parameter(parameter, node, path_names, strict=strict, is_websocket=is_websocket)
            self._known[key] = found
            self._readers[found] = None
        return found

    def reader(self, bound: Bound) -> ParameterReader:
        """The reader of a path, query, header or cookie parameter; one for all routes that declare it alike.

        For one route it is good for one parameter: whoever shares a reader shares the value.
        """
        try:
            reader = self._readers[bound]
        except KeyError:  # declared with a marker, so nobody else has it
            return text_reader(bound)
        if reader is None:
            reader = self._readers[bound] = text_reader(bound)
        return reader
