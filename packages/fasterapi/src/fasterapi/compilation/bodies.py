"""Parameters from the body → the statements that read them.

Knows: JSON as one value or as an object of several, forms and uploads, what counts as absent.
Does not know: other sources (`readers`), how a body arrives (`requests`).
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Iterator
from types import CodeType
from typing import TYPE_CHECKING, Any, Final

from fasterapi.binding import BodyContract, Bound, is_upload_type
from fasterapi.compilation.readers import ParameterReader, default_of, emit_absent, emit_refusal
from fasterapi.datastructures import FormData, UploadFile
from fasterapi.exceptions import RequestValidationError
from fasterapi.validation import Adapter
from fasterapi_di import INVALID, MISSING

if TYPE_CHECKING:
    from fasterapi.compilation.handler import Handler
    from fasterapi_di import CodeBuilder

# What decoding and converting raise; too deep nesting is no ValueError.
DECODE_ERRORS: Final = (ValueError, RecursionError)

__all__ = ["BodyReader", "JSONDocument", "mentions_fields_set"]


class JSONDocument:
    """The JSON body of one route: bytes → value, or the errors of all that is wrong with it."""

    __slots__ = ("_handler",)

    def __init__(self, handler: Handler) -> None:
        self._handler = handler

    def explain(self, adapter: Adapter[Any], body: bytes) -> list[Any]:
        """Why `body` is not what `adapter` decodes. Raises RequestValidationError when it is not JSON at all."""
        problems = adapter.json_errors(body, ("body",))
        if problems and problems[0]["type"] == "json_invalid":
            raise RequestValidationError(
                problems, body=_text(body), endpoint_ctx=self._handler.endpoint_context
            )
        return problems

    def decode(self, body: bytes) -> Any:
        """The body without a type, for several parameters in one object."""
        try:
            return _ANY.decode(body)
        except DECODE_ERRORS:
            self.explain(_ANY, body)
            raise


_ANY: Final[Adapter[Any]] = Adapter(Any)


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")


_ABSENT: Final = MISSING


class BodyReader(ParameterReader):
    """One parameter that is the body, a field of a JSON body, or fields of a form."""

    needs = frozenset({"body"})

    def __init__(
        self, bound: Bound, contract: BodyContract, document: JSONDocument, is_tracked: Callable[[], bool]
    ) -> None:
        super().__init__(bound)
        self.is_tracked = is_tracked
        self.document = document
        self.contract = contract
        contract.fields.append(bound)

    def _may_fail(self) -> bool:
        return True

    @property
    def loc(self) -> tuple[str, ...]:
        return ("body", self.bound.alias) if self.contract.embedded else ("body",)

    def emit(self, code: CodeBuilder, target: str) -> None:
        if self.contract.kind == "form":
            self._emit_parse(code, target, FormField(self.bound).read, "form")
        elif self.contract.embedded:
            self._emit_parse(code, target, ObjectField(self.bound, self.loc).read, "document")
        else:
            self._emit_whole(code, target)

    def _emit_parse(self, code: CodeBuilder, target: str, read: Any, source: str) -> None:
        problems = code.local(f"problems_{self.name}")
        code.line(f"{target}, {problems} = {code.global_(read, f'read_{self.name}')}({source})")
        with code.block(f"if {problems}:"):
            emit_refusal(code, target, problems)

    def _emit_whole(self, code: CodeBuilder, target: str) -> None:
        adapter = self.adapter
        with code.block("if is_json and body:"):
            with code.block("try:"):
                decode = adapter.decode_tracked if self.is_tracked() else adapter.decode
                code.line(f"{target} = {code.global_(decode, f'decode_{self.name}')}(body)")
            with code.block(f"except {code.global_(DECODE_ERRORS, 'DECODE_ERRORS')}:"):
                adapted = code.global_(adapter, f"{self.name}_adapter")
                document = code.global_(self.document, "json_document")
                emit_refusal(code, target, f"{document}.explain({adapted}, body)")
        with code.block("elif not body:"):
            emit_absent(self, code, target, ("body",))
        with code.block("else:"):
            self._emit_parse(code, target, RawBody(self.bound).read, "body")


def mentions_fields_set(call: Any) -> bool:
    """Whether a handler's code asks which fields were sent; only then is it written down while decoding.

    >>> def patch(item):
    ...     return item.model_dump(exclude_unset=True)
    >>> mentions_fields_set(patch), mentions_fields_set(print)
    (True, False)
    """
    code = getattr(inspect.unwrap(call), "__code__", None)
    return code is not None and any(name in _ASKS_FOR_FIELDS_SET for name in _names(code))


def _names(code: CodeType) -> Iterator[str]:
    yield from (*code.co_names, *code.co_freevars)
    for constant in code.co_consts:
        if isinstance(constant, tuple):  # the keywords of a call
            yield from (item for item in constant if isinstance(item, str))
        elif isinstance(constant, CodeType):
            yield from _names(constant)


_ASKS_FOR_FIELDS_SET: Final = frozenset({"exclude_unset", "fields_set", "model_fields_set"})


class RawBody:
    """A body that is not declared as JSON: good for `bytes` and `str`, an error for anything else."""

    def __init__(self, bound: Bound) -> None:
        assert bound.adapter is not None
        self._adapter = bound.adapter

    def read(self, body: bytes) -> tuple[Any, list[Any]]:
        """Return (value, []) or (INVALID, errors)."""
        if self._adapter.kind == "bytes":
            return body, []
        try:
            text = body.decode()
            problems = self._adapter.errors(text, ("body",))
            return (INVALID, problems) if problems else (self._adapter.convert(text), [])
        except UnicodeDecodeError:
            problem = {"type": "string_unicode", "loc": ("body",), "msg": _NOT_UNICODE, "input": _text(body)}
            return INVALID, [problem]


_NOT_UNICODE: Final = "Input should be a valid string, unable to parse raw data as a unicode string"


class ObjectField:
    """One of several parameters in a JSON object, under its alias."""

    def __init__(self, bound: Bound, loc: tuple[str, ...]) -> None:
        assert bound.adapter is not None
        self._bound = bound
        self._adapter = bound.adapter
        self._loc = loc

    def read(self, document: Any) -> tuple[Any, list[Any]]:
        """Return (value, []) or (INVALID, errors)."""
        bound = self._bound
        if document is not _ABSENT and not isinstance(document, dict):
            return INVALID, [_missing(self._loc)]
        for alias in bound.aliases:
            if document is not _ABSENT and alias in document:
                value = document[alias]
                try:
                    return self._adapter.convert(value), []
                except DECODE_ERRORS:
                    return INVALID, self._adapter.errors(value, (*self._loc[:-1], alias))
        if bound.required:
            return INVALID, [_missing(self._loc)]
        return default_of(bound), []


class FormField:
    """A form field, a list of them, a file, or a model whose fields are form fields."""

    def __init__(self, bound: Bound) -> None:
        self._bound = bound
        self._loc = ("body", bound.alias)
        self._takes_upload = is_upload_type(bound.type)
        self._takes_bytes = not self._takes_upload and bound.source == "file"

    def read(self, form: FormData) -> tuple[Any, list[Any]]:
        """Return (value, []) or (INVALID, errors)."""
        bound = self._bound
        if bound.is_model:
            return self._read_model(form)
        found = self._find(form)
        if found is None:
            return (INVALID, [_missing(self._loc)]) if bound.required else (default_of(bound), [])
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
        lists = {name: [item for item in form.getlist(name) if item != ""] for name in form}
        lists = {name: items for name, items in lists.items() if items}
        names = {field.encoded_name for field in bound.adapter.model_fields}
        if not bound.required and not names.intersection(lists):
            return default_of(bound), []
        return bound.adapter.from_mapping(lists, loc=("body",), convert_underscores=False)

    def _uploads(self, found: Any) -> tuple[Any, list[Any]]:
        items = found if isinstance(found, list) else [found]
        problems = [
            _not_a_file((*self._loc, index) if isinstance(found, list) else self._loc, item)
            for index, item in enumerate(items)
            if not isinstance(item, UploadFile)
        ]
        return (INVALID, problems) if problems else (found, [])

    def _converted(self, found: Any) -> tuple[Any, list[Any]]:
        adapter = self._bound.adapter
        assert adapter is not None
        if self._takes_bytes:
            return found, []
        try:
            return (adapter.from_texts(found) if isinstance(found, list) else adapter.from_text(found)), []
        except (*DECODE_ERRORS, TypeError, ValueError):
            return INVALID, adapter.text_errors(found, self._loc)


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


def _missing(loc: tuple[str | int, ...]) -> dict[str, Any]:
    return {"type": "missing", "loc": loc, "msg": "Field required", "input": None}


def _not_a_file(loc: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    return {
        "type": "value_error",
        "loc": loc,
        "msg": f"Value error, Expected UploadFile, received: {type(value)}",
        "input": copy.copy(value),
        "ctx": {"error": {}},
    }
