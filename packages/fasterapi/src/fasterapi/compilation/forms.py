"""Form fields and uploads → arguments.

Knows: what counts as absent in a form, what a field declares about its files. Does not know: JSON (`bodies`), how
a form arrives (`formparsers`).
"""

import copy
from collections.abc import Iterable
from typing import Any, Final

from fasterapi._filerules import FileRule
from fasterapi.binding import Bound, is_upload_type
from fasterapi.compilation.textmodels import default_of, is_supplied, missing, text_fields
from fasterapi.datastructures import FormData, UploadFile
from fasterapi.params import File
from fasterapi.validation.errors import Refused
from fasterapi_di import INVALID

# What converting raises; too deep nesting is no ValueError.
_ERRORS: Final = (ValueError, TypeError, RecursionError)

__all__ = ["FormField", "file_rules"]


def file_rules(fields: Iterable[Bound]) -> dict[str, FileRule]:
    """What the fields of a form declare about their files, for the parser to check as they arrive."""
    rules: dict[str, FileRule] = {}
    for bound in fields:
        rule = _rule_of(bound)
        if rule is not None:
            rules |= {alias: rule for alias in bound.aliases if alias not in rules}
    return rules


def _rule_of(bound: Bound) -> FileRule | None:
    marker = bound.marker
    if not isinstance(marker, File):
        return None
    most = marker.constraints.max_length if marker.constraints is not None and bound.is_sequence else None
    if marker.max_size is None and not marker.content_types and most is None:
        return None
    loc = ("body", bound.alias)
    return FileRule(loc, marker.max_size, marker.content_types, most, is_list=bound.is_sequence)


class FormField:
    """A form field, a list of them, a file, or a model whose fields are form fields."""

    def __init__(self, bound: Bound) -> None:
        self._bound = bound
        self._loc = ("body", bound.alias)
        self._takes_upload = is_upload_type(bound.type)
        self._takes_bytes = not self._takes_upload and bound.source == "file"
        self._rule = _rule_of(bound)
        if bound.is_model:
            self._fields = text_fields(bound)

    def read(self, form: FormData) -> tuple[Any, list[Any]]:
        """Return (value, []) or (INVALID, errors)."""
        bound = self._bound
        if bound.is_model:
            return self._read_model(form)
        found = self._find(form)
        if found is None:
            return (INVALID, [missing(self._loc)]) if bound.required else (default_of(bound), [])
        problems = [] if self._rule is None else _rule_problems(self._rule, found)
        if problems:
            return INVALID, problems
        if self._takes_upload:
            return self._uploads(found)
        if self._takes_bytes:
            found = _file_bytes(found)
        return self._converted(found)

    def _find(self, form: FormData) -> Any:
        """The field's value or values; empty text and an empty file input count as absent, as in FastAPI."""
        for alias in self._bound.aliases:
            values = [value for value in form.getlist(alias) if not _is_empty_file(value)]
            if self._bound.is_sequence:
                if values:
                    return values
            elif values and values[-1] != "":
                return values[-1]
        return None

    def _read_model(self, form: FormData) -> tuple[Any, list[Any]]:
        bound = self._bound
        assert bound.adapter is not None
        texts = {name: form.getlist(name) for name in form}
        if not is_supplied(bound, self._fields, texts):
            if not bound.required:
                return default_of(bound), []
            if bound.is_optional:
                return INVALID, [missing(("body",))]
        return bound.adapter.from_mapping(texts, ("body",), self._fields)

    def _uploads(self, found: Any) -> tuple[Any, list[Any]]:
        items = found if isinstance(found, list) else [found]
        problems = [
            _not_a_file((*self._loc, index) if isinstance(found, list) else self._loc, item)
            for index, item in enumerate(items)
            if not isinstance(item, UploadFile)
        ]
        problems = problems or self._count_problems(found)
        return (INVALID, problems) if problems else (found, [])

    def _count_problems(self, found: Any) -> list[Any]:
        marker = self._bound.marker
        constraints = None if marker is None else marker.constraints
        if constraints is None or not isinstance(found, list):
            return []
        least, most, count = constraints.min_length, constraints.max_length, len(found)
        if least is not None and count < least:
            refused = Refused("too_short", field_type="List", min_length=least, actual_length=count)
        elif most is not None and count > most:
            refused = Refused("too_long", field_type="List", max_length=most, actual_length=count)
        else:
            return []
        return [refused.as_error(self._loc, [_described(item) for item in found])]

    def _converted(self, found: Any) -> tuple[Any, list[Any]]:
        adapter = self._bound.adapter
        assert adapter is not None
        if self._takes_bytes:
            try:
                return adapter.convert(found), []
            except _ERRORS:
                return INVALID, adapter.errors(found, self._loc)
        try:
            return (adapter.from_texts(found) if isinstance(found, list) else adapter.from_text(found)), []
        except _ERRORS:
            return INVALID, adapter.text_errors(found, self._loc)


def _rule_problems(rule: FileRule, found: Any) -> list[Any]:
    """What the parser would have refused, for a form that was parsed without the rule: by middleware, say.

    Raises HTTPException 413.
    """
    problems = []
    for index, item in enumerate(found if isinstance(found, list) else [found]):
        if isinstance(item, UploadFile):
            rule.check_size(index, item.filename, item.size or 0)
            problems.append(rule.type_problem(index, item.filename, item.content_type))
        else:
            rule.check_size(index, None, len(item.encode()))
    return [problem for problem in problems if problem is not None]


def _described(item: Any) -> Any:
    if not isinstance(item, UploadFile):
        return item
    return {"filename": item.filename, "size": item.size, "headers": dict(item.headers)}


def _file_bytes(found: Any) -> Any:
    if isinstance(found, list):
        return [_file_bytes(item) for item in found]
    if isinstance(found, UploadFile):
        # An automatic conversion leaves the file as it was for other parameters that share it.
        position = found.file.tell()
        content = found.file.read()
        found.file.seek(position)
        return content
    return found.encode() if isinstance(found, str) else found


def _is_empty_file(value: Any) -> bool:
    return isinstance(value, UploadFile) and value.filename == "" and not value.size


def _not_a_file(loc: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    return {
        "type": "value_error",
        "loc": loc,
        "msg": f"Value error, Expected UploadFile, received: {type(value)}",
        "input": copy.copy(value),
        "ctx": {"error": {}},
    }
