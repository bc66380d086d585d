"""What a handler returned → the bytes or plain values that leave, and nothing beyond the declared response model.

Knows: the response model and FastAPI's `response_model_*` options. Does not know: responses, status codes, headers.

A value that is exactly of the declared type (`closed`) is encoded as it stands. Anything else, such as a subclass, a
dictionary or a row of an ORM, is first converted to the declared type, which drops all other fields.
"""

from collections.abc import Callable, Mapping
from functools import partial
from operator import countOf
from typing import Any, Final, Literal

import msgspec

from fasterapi.types import IncEx
from fasterapi.validation.build import build
from fasterapi.validation.closed import Accepted, Place, closed_classes
from fasterapi.validation.completion import complete, leaves_defaults
from fasterapi.validation.containers import SequenceNode
from fasterapi.validation.dump import DumpOptions, dump
from fasterapi.validation.errors import ErrorDict, Loc, Refused, SerializationError
from fasterapi.validation.fields_set import tracking_aside
from fasterapi.validation.hooks import dec_hook, enc_hook
from fasterapi.validation.models import ModelNode
from fasterapi.validation.pydantic_models import PydanticNode
from fasterapi.validation.walk import Enough, Node, Source, Walk, reachable

_LOC: Final[Loc] = ("response",)


class ResponseSerializer:
    """Filters, validates and encodes the results of one route; made at registration.

    `type_` None takes anything that `jsonable_encoder` takes. `validate="always"` checks every value, even if its
    class is the declared one, whose fields are otherwise trusted. `encoder` stands in for JSON's. Raises
    UnsupportedType for a type that cannot be read. `encode` and `to_builtins` raise SerializationError, whose
    `errors` name the places.

    >>> class Public(msgspec.Struct):
    ...     name: str
    >>> class Private(Public):
    ...     password: str = ""
    >>> ResponseSerializer(Public).encode(Private("ann", "secret"))
    b'{"name":"ann"}'
    """

    encode: Callable[[Any], bytes]
    """A handler's value → JSON bytes."""

    def __init__(
        self,
        type_: Any,
        *,
        include: IncEx | None = None,
        exclude: IncEx | None = None,
        by_alias: bool = True,
        exclude_unset: bool = False,
        exclude_defaults: bool = False,
        exclude_none: bool = False,
        validate: Literal["auto", "always"] = "auto",
        encoder: Callable[[Any], bytes] | None = None,
    ) -> None:
        self.type = type_
        self._encode = encoder or _ENCODE
        self.include = include
        self.exclude = exclude
        self.options = DumpOptions(by_alias, exclude_unset, exclude_defaults, exclude_none)
        self.node: Node | None = None if type_ is None or type_ is Any else build(type_)
        self._completes = self.node is not None and leaves_defaults(self.node)
        self.encode = self._choose_encode(validate)

    def to_builtins(self, value: Any) -> Any:
        """A handler's value → JSON's own types: dict, list, str, int, float, bool, None."""
        if self.node is None:
            return msgspec.to_builtins(value, enc_hook=enc_hook, str_keys=True)
        if isinstance(self.node, PydanticNode):
            return self._by_pydantic(self.node, self.node.to_builtins, value)
        with tracking_aside():
            return dump(self.fit(value), self.options, self.include, self.exclude)

    def fit(self, value: Any) -> Any:
        """The value converted to the declared type, by which every other field is dropped."""
        if self.node is None:
            return value
        walk = Walk(Source.PYTHON, track=self.options.exclude_unset)
        try:
            found = self.node.validate(value, _LOC, walk)
        except Enough:
            found = None
        except RecursionError:
            raise SerializationError([_TOO_DEEP.as_error(_LOC, None)]) from None
        if walk.errors:
            raise SerializationError(walk.errors)
        return found

    def errors(self, value: Any) -> list[ErrorDict]:
        """Everything that keeps a value from being the declared type."""
        try:
            self.fit(value)
        except SerializationError as error:
            return error.errors
        return []

    def _choose_encode(self, validate: str) -> Callable[[Any], bytes]:
        if self.node is None:
            return self._encode
        if isinstance(self.node, PydanticNode):
            if self._encode is not _ENCODE:  # another form than JSON
                return self._encode_dumped
            return partial(self._by_pydantic, self.node, self.node.encode)
        if self.include is not None or self.exclude is not None or not self.options.is_plain:
            return self._encode_dumped
        if validate == "always":
            return self._encode_fitted
        accepted = closed_classes(self.node)
        if accepted is None:
            return self._encode
        self._is_closed = Place(accepted).one
        self._by_msgspec = self.node.decodable and not any(map(_is_renamed, reachable(self.node)))
        return self._item_encoder(self.node) or self._closed_encoder(accepted)

    def _by_pydantic(
        self, node: PydanticNode, write: Callable[[Any, Mapping[str, Any]], Any], value: Any
    ) -> Any:
        options = {"include": self.include, "exclude": self.exclude, **msgspec.structs.asdict(self.options)}
        try:
            return write(value, options)
        except node.refusal as error:
            raise SerializationError(node.errors(error, _LOC)) from error

    def _encode_dumped(self, value: Any) -> bytes:
        return self._encode(self.to_builtins(value))

    def _encode_fitted(self, value: Any) -> bytes:
        return self._encode(self.fit(value))

    def _closed_encoder(self, accepted: Accepted) -> Callable[[Any], bytes]:
        convert, to_bytes = self._convert, self._encode
        if len(accepted) == 1:
            # By far the most frequent: one class, which is seen without a call.
            ((class_, content),) = accepted.items()
            is_closed = None if content is None else content.one

            def encode_one(value: Any) -> bytes:
                if type(value) is class_ and (is_closed is None or is_closed(value)):
                    return to_bytes(value)
                return to_bytes(convert(value))

            return encode_one
        is_any_closed = self._is_closed

        def encode(value: Any) -> bytes:
            return to_bytes(value if is_any_closed(value) else convert(value))

        return encode

    def _item_encoder(self, node: Node) -> Callable[[Any], bytes] | None:
        """For a list of one class without models inside, the most frequent long answer, counting is enough."""
        if not isinstance(node, SequenceNode) or node.kind != "list" or node.checks:
            return None
        items = closed_classes(node.item)
        if items is None or len(items) != 1 or any(items.values()):
            return None
        (class_,) = items
        convert, to_bytes = self._convert, self._encode

        def encode_items(value: Any) -> bytes:
            if type(value) is list and countOf(map(type, value), class_) == len(value):
                return to_bytes(value)
            return to_bytes(convert(value))

        return encode_items

    def _convert(self, value: Any) -> Any:
        """As `fit`, by msgspec where it can: it reads attributes and drops fields, but passes exact instances as they
        are, with whatever they hold; so its result is looked at again.
        """
        assert self.node is not None
        if self._by_msgspec and not isinstance(value, str):
            try:
                found = msgspec.convert(
                    value, self.node.annotation, strict=True, from_attributes=True, dec_hook=dec_hook
                )
                if self._completes:
                    complete(found)
                if self._is_closed(found):
                    return found
            except (msgspec.ValidationError, RecursionError):
                pass  # `fit` says what and where
        return self.fit(value)


def _is_renamed(node: Node) -> bool:
    """Whether a dictionary may have Python's names for fields, which msgspec would take for unknown ones."""
    return isinstance(node, ModelNode) and any(field.name != field.encoded_name for field, _ in node.fields)


_ENCODE: Final = msgspec.json.Encoder(enc_hook=enc_hook).encode
_TOO_DEEP: Final = Refused("recursion_loop")
