"""One bound parameter → the statements that read it (path, query, headers, cookies, objects of the request).

Knows: the locals that a generated function has (`SHARED`), conversion code of an `Adapter`.
Does not know: dependencies, responses, bodies (`bodies`).

Statements leave INVALID in their target and append to `errors` when the request's value does not fit; so all
errors of a request are collected, and a dependency runs whenever its own inputs are good, as in FastAPI.
"""

from __future__ import annotations

import copy
import enum
import re
from typing import TYPE_CHECKING, Any

from fasterapi.background import BackgroundTasks
from fasterapi.binding import Bound
from fasterapi.compilation.handed import handed_request
from fasterapi.compilation.runtime import ResponseDraft, copies_of
from fasterapi.compilation.textmodels import ModelSource, missing
from fasterapi.requests import Request, find_cookie, is_token
from fasterapi.validation import TEXT_ERRORS, Adapter
from fasterapi.websockets import WebSocket
from fasterapi_di import INVALID, Reader

if TYPE_CHECKING:
    from fasterapi_di import CodeBuilder

__all__ = ["InjectedReader", "ParameterReader", "emit_absent", "emit_refusal", "text_reader"]

_PLAIN_DEFAULTS = (type(None), str, bytes, int, float, bool, enum.Enum, type)


class ParameterReader(Reader):
    """Reads one parameter; subclasses say from where.

    `needs` names the shared locals (`query`, `headers` …) that must be there before the statements run.
    """

    needs: frozenset[str] = frozenset()

    def __init__(self, bound: Bound) -> None:
        self.bound = bound
        self.name = bound.name
        self.can_fail = self._may_fail()

    @property
    def adapter(self) -> Adapter[Any]:
        """What converts the value; every parameter but an upload has one."""
        assert self.bound.adapter is not None
        return self.bound.adapter

    @property
    def loc(self) -> tuple[str, ...]:
        """Where an error says it is: `("query", "limit")`."""
        return (self.bound.source, self.bound.alias)

    def _may_fail(self) -> bool:
        """Whether a request can have a value that does not fit; a plain optional string always does."""
        return self.bound.required or not self._is_plain

    @property
    def _is_plain(self) -> bool:
        return self.adapter.text_inline == "{raw}"

    def read(self, context: Any) -> Any:
        """Generated code is the only way to read a request's parameter."""
        raise NotImplementedError

    def emit(self, code: CodeBuilder, target: str) -> None:
        """Write the statements that assign `target`."""
        raise NotImplementedError


class PathReader(ParameterReader):
    """A path parameter is always there, unless the parameter belongs to another route's path."""

    def _may_fail(self) -> bool:
        return not self._is_plain

    def emit(self, code: CodeBuilder, target: str) -> None:
        value = f"path_params[{self.bound.alias!r}]"
        if self._is_plain:
            code.line(f"{target} = {value}")
        else:
            raw = code.local(f"raw_{self.name}")
            code.line(f"{raw} = {value}")
            emit_conversion(self, code, target, raw)


class SingleReader(ParameterReader):
    """One text of a mapping: the query string's last value, a header's first, a cookie."""

    def __init__(self, bound: Bound, mapping: str) -> None:
        super().__init__(bound)
        self.mapping = mapping
        if mapping == "cookies" and all(map(is_token, bound.aliases)):
            self.mapping = "cookie"  # the whole header: it is searched for one name, not parsed
        self.needs = frozenset({self.mapping})

    def _lookup(self, code: CodeBuilder, alias: str) -> str:
        match self.mapping:
            case "cookie":
                return f"{code.global_(find_cookie, 'find_cookie')}(cookie, {alias!r})"
            case "headers":
                return f"headers.get({alias.lower().encode('latin-1')!r})"
            case _:
                return f"{self.mapping}.get({alias!r})"

    def emit(self, code: CodeBuilder, target: str) -> None:
        first, *others = self.bound.aliases
        raw = target if self._is_plain else code.local(f"raw_{self.name}")
        code.line(f"{raw} = {self._lookup(code, first)}")
        for alias in others:
            with code.block(f"if {raw} is None:"):
                code.line(f"{raw} = {self._lookup(code, alias)}")
        absent_is_none = self._is_plain and self.bound.default is None and self.mapping != "headers"
        if absent_is_none:
            return
        with code.block(f"if {raw} is None:"):
            emit_absent(self, code, target)
        text = f'{raw}.decode("latin-1")' if self.mapping == "headers" else raw
        if self._is_plain and text == target:
            return
        with code.block("else:"):
            if self._is_plain:
                code.line(f"{target} = {text}")
            else:
                emit_conversion(self, code, target, raw, text)


class SequenceReader(ParameterReader):
    """All texts under a name, as a list, set or tuple."""

    def __init__(self, bound: Bound) -> None:
        super().__init__(bound)
        self.needs = frozenset({"query_lists"} if bound.source == "query" else {"header_lists"})

    def _may_fail(self) -> bool:
        return True

    def emit(self, code: CodeBuilder, target: str) -> None:
        (mapping,) = self.needs
        raw = code.local(f"raw_{self.name}")
        keys = [alias.lower() if mapping == "header_lists" else alias for alias in self.bound.aliases]
        code.line(f"{raw} = {mapping}.get({keys[0]!r})")
        for key in keys[1:]:
            with code.block(f"if {raw} is None:"):
                code.line(f"{raw} = {mapping}.get({key!r})")
        with code.block(f"if not {raw}:"):
            emit_absent(self, code, target)
        with code.block("else:"):
            convert = code.global_(self.adapter.from_texts, f"convert_{self.name}")
            errors = code.global_(TEXT_ERRORS, "TEXT_ERRORS")
            with code.block("try:"):
                code.line(f"{target} = {convert}({raw})")
            with code.block(f"except {errors}:"):
                emit_refusal(code, target, f"{_explain(self, code)}({raw}, {self.loc!r})")


class ModelReader(ParameterReader):
    """A model whose fields are query parameters, headers or cookies."""

    def __init__(self, bound: Bound) -> None:
        super().__init__(bound)
        mapping = {"query": "query_lists", "header": "header_lists", "cookie": "cookies"}[bound.source]
        self.needs = frozenset({mapping})

    def _may_fail(self) -> bool:
        return True

    def emit(self, code: CodeBuilder, target: str) -> None:
        (mapping,) = self.needs
        read = code.global_(ModelSource(self.bound).read, f"read_{self.name}")
        problems = code.local(f"problems_{self.name}")
        code.line(f"{target}, {problems} = {read}({mapping})")
        with code.block(f"if {problems}:"):
            emit_refusal(code, target, problems)


class InjectedReader(Reader):
    """An object of the request itself, made where it is asked for; all who ask for one kind share it.

    `target` is the local that holds it, once the statements are written. `is_handed` says that a user's route class
    may have made the request.
    """

    can_fail = False

    def __init__(self, bound: Bound, *, is_handed: bool = False) -> None:
        self.bound = bound
        self._request_class: Any = handed_request if is_handed else Request
        self.name = bound.name
        self.uses_context = bound.source == "security_scopes"
        self.key = ("injected", bound.source, bound.context if self.uses_context else ())
        self.needs = frozenset({"route"} if bound.source in {"request", "websocket"} else ())
        self.target = ""

    def read(self, context: Any) -> Any:
        """Generated code is the only way to read a request's objects."""
        raise NotImplementedError

    def emit(self, code: CodeBuilder, target: str) -> None:
        """Write the statement that assigns `target`."""
        self.target = target
        match self.bound.source:
            case "request":
                code.line(f"{target} = {code.global_(self._request_class, 'Request')}(scope, receive, send)")
            case "websocket":
                code.line(f"{target} = {code.global_(WebSocket, 'WebSocket')}(scope, receive, send)")
            case "response":
                code.line(f"{target} = {code.global_(ResponseDraft, 'ResponseDraft')}()")
            case "background_tasks":
                code.line(f"{target} = {code.global_(BackgroundTasks, 'BackgroundTasks')}()")
            case _:
                make = code.global_(self.bound.type, "SecurityScopes")
                code.line(f"{target} = {make}({list(self.bound.context)!r})")


def text_reader(bound: Bound) -> ParameterReader:
    """Choose the reader for a path, query, header or cookie parameter."""
    if bound.source == "path":
        return PathReader(bound)
    if bound.is_model:
        return ModelReader(bound)
    if bound.is_sequence and bound.source in {"query", "header"}:
        return SequenceReader(bound)
    return SingleReader(bound, {"query": "query", "header": "headers", "cookie": "cookies"}[bound.source])


def emit_conversion(
    reader: ParameterReader, code: CodeBuilder, target: str, raw: str, text: str | None = None
) -> None:
    """Write `target = convert(text)` with its refusal; `raw` is the local that `text` is made from."""
    text = text or raw
    errors = code.global_(TEXT_ERRORS, "TEXT_ERRORS")
    with code.block("try:"):
        code.line(f"{target} = {_conversion(reader, code, text)}")
    with code.block(f"except {errors}:"):
        emit_refusal(code, target, f"{_explain(reader, code)}({text}, {reader.loc!r})")


def _conversion(reader: ParameterReader, code: CodeBuilder, text: str) -> str:
    template = reader.adapter.text_inline
    if template is None:
        return f"{code.global_(reader.adapter.from_text, f'convert_{reader.name}')}({text})"
    names = {name: code.global_(value, name) for name, value in reader.adapter.text_namespace.items()}
    if names:
        pattern = r"\b(" + "|".join(map(re.escape, names)) + r")\b"
        template = re.sub(pattern, lambda found: names[found[1]], template)
    return template.replace("{raw}", text)


def _explain(reader: ParameterReader, code: CodeBuilder) -> str:
    return code.global_(reader.adapter.text_errors, f"explain_{reader.name}")


def emit_refusal(code: CodeBuilder, target: str, problems: str) -> None:
    """Write that the request's value does not fit: `problems` is an expression giving a list of errors."""
    code.line(f"errors = (errors or []) + {problems}")
    code.line(f"{target} = {code.global_(INVALID, 'INVALID')}")


def emit_absent(
    reader: ParameterReader, code: CodeBuilder, target: str, loc: tuple[str, ...] | None = None
) -> None:
    """Write what happens when the request has no value: the default, or an error."""
    bound = reader.bound
    if bound.required:
        problems = code.global_([missing(tuple(loc or reader.loc))], f"missing_{bound.name}")
        emit_refusal(code, target, f"{code.global_(copies_of, 'copies_of')}({problems})")
    elif bound.default_factory is not None:
        code.line(f"{target} = {code.global_(bound.default_factory, f'default_{bound.name}')}()")
    elif bound.default is None or bound.default is True or bound.default is False:
        code.line(f"{target} = {bound.default!r}")
    elif isinstance(bound.default, _PLAIN_DEFAULTS):
        code.line(f"{target} = {code.global_(bound.default, f'default_{bound.name}')}")
    else:
        copied = code.global_(copy.deepcopy, "deepcopy")
        code.line(f"{target} = {copied}({code.global_(bound.default, f'default_{bound.name}')})")
