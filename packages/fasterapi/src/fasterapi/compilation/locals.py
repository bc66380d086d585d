"""The locals that every generated function may have, and the statements that make them.

Knows: which shared value is made from what, in which order. Does not know: parameters, responses.
A value is made only when a reader asks for it by name (`ParameterReader.needs`).
"""

from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any, Final

from fasterapi.binding import BodyContract
from fasterapi.compilation.bodies import JSONDocument
from fasterapi.compilation.runtime import declares_json, first_values, header_lists, read_rest
from fasterapi.requests import parse_cookies, parse_query_first, parse_query_multi
from fasterapi.requests._body import BODY_KEY, StreamState, body_is_gone, body_too_large
from fasterapi_di import MISSING, CodeBuilder

if TYPE_CHECKING:
    from fasterapi.compilation.negotiation import AcceptedBody

__all__ = ["PARAMETERS", "reserve_shared", "write_json_body", "write_note_of_route", "write_shared"]

PARAMETERS: Final = ("scope", "receive", "send", "path_params")
_SHARED: Final = (
    "dependencies",
    "errors",
    "started",
    "is_answered",
    "query",
    "query_lists",
    "headers",
    "header_lists",
    "raw_headers",
    "cookie",
    "cookies",
    "body",
    "message",
    "is_json",
    "document",
    "plain_body",
    "codec",
    "form",
    "content",
    "status",
    "number",
    "values",
    "name",
)


def reserve_shared(code: CodeBuilder) -> None:
    """Take the shared names, so that no parameter's local hides one."""
    for name in _SHARED:
        code.reserve(name)


def write_note_of_route(code: CodeBuilder, route: Any) -> None:
    """Write the statements that leave in the scope which route was found."""
    code.line(f"scope['route'] = {code.global_(route, 'route')}")
    code.line(f"scope['endpoint'] = {code.global_(route.endpoint, 'endpoint')}")
    code.line("scope['path_params'] = path_params")


def write_shared(code: CodeBuilder, needs: AbstractSet[str], app: Any, route: Any) -> None:
    """Write the statements that make what is needed, everything but the body."""
    if "route" in needs:
        code.line(f"scope['app'] = {code.global_(app, 'app')}")
        write_note_of_route(code, route)
    if "query_lists" in needs:
        code.line(f"query_lists = {_global(code, parse_query_multi)}(scope.get('query_string', b''))")
        if "query" in needs:
            code.line("query = {name: values[-1] for name, values in query_lists.items()}")
    elif "query" in needs:
        code.line(f"query = {_global(code, parse_query_first)}(scope.get('query_string', b''))")
    if "header_lists" in needs:
        code.line(f"header_lists = {_global(code, header_lists, 'read_header_lists')}(scope)")
    if needs & {"headers", "cookie", "cookies"}:
        code.line("raw_headers = scope.get('headers', ())")
        code.line("headers = dict(raw_headers)")
        with code.block("if len(headers) != len(raw_headers):"):
            code.line(f"headers = {_global(code, first_values)}(raw_headers)")
    if needs & {"cookie", "cookies"}:
        code.line("cookie = headers.get(b'cookie', b'').decode('latin-1')")
    if "cookies" in needs:
        code.line(f"cookies = {_global(code, parse_cookies)}(cookie)")


def write_json_body(
    code: CodeBuilder,
    contract: BodyContract,
    *,
    limit: int | None,
    strict_content_type: bool,
    reader: JSONDocument,
    accepted: "AcceptedBody | None" = None,
) -> None:
    """Write the statements that receive the body and say whether it is declared as JSON.

    `accepted` decodes what is not; its plain values are in `plain_body`, or are the `document` itself.
    """
    code.line(f"body = scope.get({BODY_KEY!r})")
    with code.block("if body is None:"):
        code.line("message = await receive()")
        with code.block("if message['type'] == 'http.request' and not message.get('more_body'):"):
            code.line(f"body = scope[{BODY_KEY!r}] = message.get('body', b'')")
        with code.block("else:"):
            code.line(f"body = await {_global(code, read_rest)}(scope, receive, message)")
    with code.block(f"elif isinstance(body, {_global(code, StreamState)}):"):
        code.line(f"raise {_global(code, body_is_gone)}(body)")
    if limit is not None:
        with code.block(f"if len(body) > {limit}:"):
            code.line(f"raise {_global(code, body_too_large)}({limit})")
    declared = f"{_global(code, declares_json)}(scope, {strict_content_type})"
    code.line(f"is_json = (b'content-type', b'application/json') in scope.get('headers', ()) or {declared}")
    if accepted is not None:
        if not accepted.takes_json:
            code.line("is_json = False")
        code.line(f"plain_body = {code.global_(accepted.load, 'load_body')}(scope, body, is_json)")
    if contract.embedded:
        missing = code.global_(MISSING, "MISSING")
        document = code.global_(reader, "json_document")
        otherwise = missing if accepted is None else "plain_body"
        code.line(f"document = {document}.decode(body) if body and is_json else {otherwise}")


def _global(code: CodeBuilder, value: Any, hint: str | None = None) -> str:
    return code.global_(value, hint or value.__name__)
