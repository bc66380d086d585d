"""Parameters from the body → the statements that read them.

Knows: JSON as one value or as an object of several, what counts as absent.
Does not know: forms (`forms`), other sources (`readers`), how a body arrives (`requests`).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from types import CodeType
from typing import TYPE_CHECKING, Any, Final

from fasterapi.binding import BodyContract, Bound
from fasterapi.compilation.forms import FormField
from fasterapi.compilation.readers import ParameterReader, emit_absent, emit_refusal
from fasterapi.compilation.textmodels import default_of, missing
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

    @property
    def wants_fields_set(self) -> bool:
        """Whether the route leaves out of its responses what was not sent."""
        return getattr(self._handler.route, "response_model_exclude_unset", False)

    def explainer(self, adapter: Adapter[Any]) -> Callable[[bytes], list[Any]]:
        """What says why a body is not what `adapter` decodes; it raises RequestValidationError if it is no JSON."""
        find_problems, handler = adapter.explain, self._handler

        def explain(body: bytes) -> list[Any]:
            problems = find_problems(body)
            if problems and problems[0]["type"] == "json_invalid":
                raise RequestValidationError(
                    problems, body=_text(body), endpoint_ctx=handler.endpoint_context
                )
            return problems

        return explain

    def decode(self, body: bytes) -> Any:
        """The body without a type, for several parameters in one object."""
        try:
            return _ANY.decode(body)
        except DECODE_ERRORS:
            self.explainer(_ANY)(body)
            raise


_ANY: Final[Adapter[Any]] = Adapter(Any)


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")


_ABSENT: Final = MISSING


class BodyReader(ParameterReader):
    """One parameter that is the body, a field of a JSON body, or fields of a form."""

    needs = frozenset({"body"})

    def __init__(
        self,
        bound: Bound,
        contract: BodyContract,
        document: JSONDocument,
        call: Callable[..., Any],
        *,
        has_codecs: bool = False,
    ) -> None:
        super().__init__(bound)
        self._call = call
        self._has_codecs = has_codecs
        self.document = document
        self.contract = contract
        contract.fields.append(bound)

    @property
    def is_tracked(self) -> bool:
        """Whether somebody asks which fields of the body were sent."""
        return self.document.wants_fields_set or mentions_fields_set(self._call)

    @property
    def is_negotiated(self) -> bool:
        """Whether the body may come in another form than JSON."""
        if not self._has_codecs:
            return False
        from fasterapi.compilation.negotiation import is_negotiated  # noqa: PLC0415 - rarely used

        return is_negotiated(self.contract)

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
                decode = adapter.decode_tracked if self.is_tracked else adapter.decode
                code.line(f"{target} = {code.global_(decode, f'decode_{self.name}')}(body)")
            with code.block(f"except {code.global_(DECODE_ERRORS, 'DECODE_ERRORS')}:"):
                explain = code.global_(self.document.explainer(adapter), f"explain_{self.name}")
                emit_refusal(code, target, f"{explain}(body)")
        if self.is_negotiated:
            from fasterapi.compilation.negotiation import PlainDocument  # noqa: PLC0415 - rarely used

            with code.block(f"elif plain_body is not {code.global_(_ABSENT, 'MISSING')}:"):
                self._emit_parse(
                    code, target, PlainDocument(self.bound, is_tracked=self.is_tracked).read, "plain_body"
                )
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
            return INVALID, [missing(self._loc)]
        for alias in bound.aliases:
            if document is not _ABSENT and alias in document:
                value = document[alias]
                try:
                    return self._adapter.convert(value), []
                except DECODE_ERRORS:
                    return INVALID, self._adapter.errors(value, (*self._loc[:-1], alias))
        if bound.required:
            return INVALID, [missing(self._loc)]
        return default_of(bound), []
