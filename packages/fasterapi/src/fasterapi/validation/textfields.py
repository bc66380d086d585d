"""The texts of a query, a header list, cookies or a form → what each field of a model is made of, as FastAPI does it.

Knows: which of several texts with one name counts, what is absent, under which names a header is looked up.
Does not know: how a text is converted, or where the texts came from.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct

from fasterapi.validation.errors import ErrorDict
from fasterapi.validation.fields import ModelField

__all__ = ["TextFields", "TextSource"]

TextSource = Literal["query", "header", "cookie", "form"]


class _Field(Struct, frozen=True):
    """`first` and `others` are pairs: the name under which a model takes the field, and the request's key for it."""

    first: tuple[str, str]
    others: tuple[tuple[str, str], ...]
    is_sequence: bool


class TextFields:
    """The fields of one model in one kind of source.

    `sequences` are the encoded names of the fields that take all texts of a name; of the others, a header's first
    text counts, and the last one elsewhere. A header's name is the field's with `_` read as `-`, where
    `convert_underscores` says so and the field has no name of its own for clients. `known` are further fields, which
    are not selected here, and `drops_empty` says that an empty text is as good as none for them.
    """

    def __init__(
        self,
        fields: Sequence[ModelField],
        sequences: frozenset[str],
        source: TextSource,
        *,
        convert_underscores: bool = False,
        known: Iterable[ModelField] = (),
        drops_empty: bool = False,
    ) -> None:
        self._drops_empty = drops_empty
        self._is_header = source == "header"
        self._is_form = source == "form"
        self._converts = convert_underscores and self._is_header
        self._fields = []
        self._called: dict[str, str] = {}
        done: set[str] = set()
        for field in fields:
            names = list(self._names(field))
            self._called |= {name: sent for name, sent in names if name != sent}
            first, *others = ((name, self._key(sent)) for name, sent in names)
            self._fields.append(_Field(first, tuple(others), field.encoded_name in sequences))
            done.add(first[1])
            # A name that was converted is no further header of its own.
            done |= {self._key(name) for name, sent in names if name != sent}
        self._done = frozenset(done)
        self._known = {self._key(name) for field in (*fields, *known) for _, name in self._names(field)}

    def _names(self, field: ModelField) -> Iterable[tuple[str, str]]:
        for name in (field.encoded_name, *field.further_names):
            is_own = name == field.name
            yield name, name.replace("_", "-") if self._converts and is_own else name

    def name_of(self, field: ModelField) -> str:
        """The name that is documented."""
        return next(iter(self._names(field)))[1]

    def are_given(self, texts: Mapping[str, Any]) -> bool:
        """Whether the request has any of the fields."""
        return not self._known.isdisjoint(texts)

    def select(self, texts: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        """What the model is made of, and the names by which errors call its fields, where they are others.

        What belongs to no field comes last: one text as itself, several as a list.
        """
        given: dict[str, Any] = {}
        done = self._done
        for field in self._fields:
            name, key = field.first
            if key not in texts:
                if not field.others:
                    continue
                name, key = next((pair for pair in field.others if pair[1] in texts), field.first)
                done = done | {key}
            value = self._value(texts.get(key), is_sequence=field.is_sequence)
            if value is not None:
                given[name] = value
        for key, value in texts.items():
            if key not in done:
                found = value[0] if isinstance(value, list) and len(value) == 1 else value
                if not (self._drops_empty and found == ""):
                    given[key] = found
        return given, self._called

    def _key(self, name: str) -> str:
        return name.lower() if self._is_header else name

    def _value(self, value: Any, *, is_sequence: bool) -> Any:
        """The texts or the one text that count; None for an absent field."""
        values = value if isinstance(value, list) else [] if value is None else [value]
        if not is_sequence:
            found = values[0 if self._is_header else -1] if values else None
            return None if self._is_form and (found == "" or _is_empty_file(found)) else found
        if self._is_form:
            values = [item for item in values if not _is_empty_file(item)]
        return values or None


def rename(errors: list[ErrorDict], depth: int, called: Mapping[str, str]) -> None:
    """Call the fields in `errors`, at `depth` of each `loc`, by the names that the request has for them."""
    for error in errors:
        loc = tuple(error["loc"])
        if len(loc) > depth and loc[depth] in called:
            error["loc"] = (*loc[:depth], called[str(loc[depth])], *loc[depth + 1 :])


def _is_empty_file(value: Any) -> bool:
    # Browsers send an empty name and nothing for a file that was not chosen.
    return getattr(value, "filename", None) == "" and not getattr(value, "size", None)
