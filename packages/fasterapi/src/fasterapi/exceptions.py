"""Every exception that the framework raises to users, under FastAPI's names.

Knows: status codes and error lists. Does not know: how a response is made of them (`exception_handlers`).
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict


class EndpointContext(TypedDict, total=False):
    """Where the handler that an error belongs to is written."""

    function: str
    path: str
    file: str
    line: int


class HTTPException(Exception):  # noqa: N818 - FastAPI's name
    """Answer the request with an error: `{"detail": detail}` and the given status.

    `detail` is any JSON-encodable value; absent, it is the status' reason phrase (RFC 9110, section 15).
    `headers` are added to the response.

    >>> str(HTTPException(404))
    '404: Not Found'
    """

    def __init__(
        self,
        status_code: int,
        detail: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        if detail is None:
            detail = _reason_phrase(status_code)
        super().__init__(status_code, detail)
        self.status_code = status_code
        self.detail = detail
        self.headers = headers

    def __str__(self) -> str:
        return f"{self.status_code}: {self.detail}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}(status_code={self.status_code!r}, detail={self.detail!r})"


class ProblemException(HTTPException):
    """Answer the request with a problem (RFC 9457), whether the application asks for problem details or not.

    `type` is a URI that identifies the kind of problem, `title` names it; a subclass sets them for all its
    occurrences, with the `status_code`. `extensions` are further members. Raises TypeError without a status and
    for an extension called `status`.

    >>> class OutOfStock(ProblemException):
    ...     status_code = 409
    ...     type = "https://shop.example/problems/out-of-stock"
    ...     title = "Out of stock"
    >>> OutOfStock("Item 7 is sold out", item_id=7)
    OutOfStock(status_code=409, detail='Item 7 is sold out')
    >>> ProblemException("No such item", status_code=404).type is None
    True
    """

    status_code: int = 0
    type: str | None = None
    title: str | None = None

    def __init__(
        self,
        detail: str | None = None,
        *,
        status_code: int | None = None,
        type: str | None = None,
        title: str | None = None,
        instance: str | None = None,
        headers: Mapping[str, str] | None = None,
        **extensions: Any,
    ) -> None:
        status = status_code or self.status_code
        if not status:
            message = f"{self.__class__.__name__}() needs a status: pass status_code=, or set it in the class"
            raise TypeError(message)
        if "status" in extensions:
            message = (
                f"{self.__class__.__name__}(): `status` is the response's own; pass status_code= instead"
            )
            raise TypeError(message)
        super().__init__(status, detail, headers)
        self.detail = detail
        self.type = type or self.type
        self.title = title or self.title
        self.instance = instance
        self.extensions = extensions


def _reason_phrase(status_code: int) -> str:
    from http import HTTPStatus  # noqa: PLC0415 - its tables are built while it is imported

    try:
        return HTTPStatus(status_code).phrase
    except ValueError:
        return ""


class WebSocketException(Exception):  # noqa: N818 - FastAPI's name
    """Close the WebSocket with `code` (RFC 6455, section 7.4.1) and `reason` (at most 123 bytes of UTF-8)."""

    def __init__(self, code: int, reason: str | None = None) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason or ""

    def __str__(self) -> str:
        return f"{self.code}: {self.reason}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}(code={self.code!r}, reason={self.reason!r})"


class FasterAPIError(RuntimeError):
    """The framework was used in a way that cannot work; the text says what, where and how to mend it."""


class DependencyScopeError(FasterAPIError):
    """A dependency depends on another one that is left before it."""


class NoMatchFound(FasterAPIError):  # noqa: N818 - Starlette's name
    """No route has this name and these path parameters."""

    def __init__(self, name: str, path_params: Mapping[str, Any]) -> None:
        given = ", ".join(path_params)
        super().__init__(f'No route exists for name "{name}" and params "{given}".')


class ClientDisconnect(Exception):  # noqa: N818 - Starlette's name
    """The client went away before it had sent the whole body; no handler sees half a body."""


class FasterAPIDeprecationWarning(UserWarning):
    """A deprecated feature is used. Not a `DeprecationWarning`, because Python hides those by default."""


class ValidationException(Exception):  # noqa: N818 - FastAPI's name
    """Something did not fit its declared type; `errors()` lists what, with `loc`, `type`, `msg` and `input`."""

    def __init__(
        self,
        errors: Sequence[Any],
        *,
        endpoint_ctx: EndpointContext | None = None,
    ) -> None:
        super().__init__(errors)
        self._errors = errors
        self.endpoint_ctx = endpoint_ctx
        context: EndpointContext = endpoint_ctx or {}
        self.endpoint_function = context.get("function")
        self.endpoint_path = context.get("path")
        self.endpoint_file = context.get("file")
        self.endpoint_line = context.get("line")

    def errors(self) -> Sequence[Any]:
        """One dict per error: `type`, `loc` (tuple of str and int), `msg`, `input`, and `ctx` where it helps."""
        return self._errors

    def __str__(self) -> str:
        count = len(self._errors)
        lines = [f"{count} validation error{'' if count == 1 else 's'}:"]
        lines += [f"  {error}" for error in self._errors]
        if self.endpoint_file and self.endpoint_line and self.endpoint_function:
            lines.append(
                f'  File "{self.endpoint_file}", line {self.endpoint_line}, in {self.endpoint_function}'
            )
        if self.endpoint_path:
            lines.append(f"  Endpoint: {self.endpoint_path}")
        return "\n".join(lines)


class RequestValidationError(ValidationException):
    """The request does not fit what the handler declares; answered with 422. `body` is the decoded body."""

    def __init__(
        self,
        errors: Sequence[Any],
        *,
        body: Any = None,
        endpoint_ctx: EndpointContext | None = None,
    ) -> None:
        super().__init__(errors, endpoint_ctx=endpoint_ctx)
        self.body = body


class WebSocketRequestValidationError(ValidationException):
    """The WebSocket's handshake does not fit what the handler declares; closed with 1008."""


class ResponseValidationError(ValidationException):
    """The handler returned something that does not fit its response model; a 500, logged with the field."""

    def __init__(
        self,
        errors: Sequence[Any],
        *,
        body: Any = None,
        endpoint_ctx: EndpointContext | None = None,
    ) -> None:
        super().__init__(errors, endpoint_ctx=endpoint_ctx)
        self.body = body
