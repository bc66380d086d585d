"""Pages of long lists: by limit and offset, or by a cursor that says where the last page ended.

Knows: the parameters, their bounds, the shape of a page, `Link` headers (RFC 8288). Does not know: where items come
from, what a cursor looks like (`_cursors`).

    page: Annotated[Pagination, Depends()]        # in a handler
    return page.of(items, total=1000)
"""

import inspect
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Final, Generic, TypeAlias, TypeVar
from urllib.parse import parse_qsl, urlencode

import msgspec

from fasterapi._cursors import BadCursor, CursorCodec
from fasterapi.exceptions import FasterAPIError, RequestValidationError
from fasterapi.params import Query
from fasterapi.requests import Request
from fasterapi.responses import Response
from fasterapi.validation import register_type
from fasterapi.validation.errors import Refused

__all__ = ["CursorPage", "CursorPagination", "Page", "Pagination"]

T = TypeVar("T")


class Page(msgspec.Struct, Generic[T], kw_only=True):
    """One page of a list whose length is known."""

    items: list[T]
    total: int
    """How many items there are on all pages."""
    limit: int
    """How many items a page has at most."""
    offset: int
    """How many items come before this page."""


class CursorPage(msgspec.Struct, Generic[T], kw_only=True):
    """One page of a list that is read from one end to the other."""

    items: list[T]
    next_cursor: str | None = None
    """Where the next page begins; null on the last one."""
    previous_cursor: str | None = None
    """Where the page before begins; null on the first one."""


_MOST: Final = 2**53 - 1  # the largest integer that every reader of JSON has


class _Paging:
    """What both kinds have in common: bounds of the limit, and links to other pages."""

    default_limit: ClassVar[int] = 20
    max_limit: ClassVar[int] = 100
    # What the document says of the answers of every route that depends on this.
    __response_headers__: ClassVar[dict[str, Any]] = {
        "Link": {
            "description": "Addresses of other pages: first, prev, next, last (RFC 8288)",
            "schema": {"type": "string"},
        }
    }

    def __init_subclass__(
        cls, *, default_limit: int | None = None, max_limit: int | None = None, **options: Any
    ) -> None:
        super().__init_subclass__(**options)
        maximum = cls.max_limit if max_limit is None else max_limit
        default = min(cls.default_limit, maximum) if default_limit is None else default_limit
        if not 1 <= default <= maximum:
            message = f"{cls.__name__}: 1 <= default_limit <= max_limit does not hold: {default}, {maximum}"
            raise FasterAPIError(message)
        cls.default_limit, cls.max_limit = default, maximum
        cls.__signature__ = cls._signature()  # type: ignore[attr-defined]  # inspect's hook

    @classmethod
    def _signature(cls) -> inspect.Signature:
        """The constructor's signature, from which parameters and document are made, with the limit's bounds."""
        description = f"How many items a page has at most; {cls.max_limit} at the most"
        limit = Annotated[int, Query(ge=1, le=cls.max_limit, description=description)]
        parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]
        return inspect.Signature(
            [
                one.replace(annotation=limit, default=cls.default_limit) if one.name == "limit" else one
                for one in parameters
            ]
        )

    def __init__(self, request: Request, response: Response, limit: int) -> None:
        self.limit = limit
        self._request = request
        self._response = response

    def _link(self, name: str, targets: Mapping[str, int | str]) -> None:
        """Write the `Link` header: the same address with other parameters, whatever proxies stand before it.

        `targets`: relation → the value of the parameter `name`, in letters that need no encoding.
        """
        if not targets:
            return
        kept = ""
        if asked := self._request.scope.get("query_string", b""):
            query = parse_qsl(asked.decode("latin-1"), keep_blank_values=True)
            kept = urlencode([pair for pair in query if pair[0] not in {"limit", name}])
        start = f"<?{kept}&limit={self.limit}&{name}=" if kept else f"<?limit={self.limit}&{name}="
        links = ", ".join(f'{start}{value}>; rel="{relation}"' for relation, value in targets.items())
        self._response.raw_headers.append((b"link", links.encode("ascii")))


class Pagination(_Paging, default_limit=20, max_limit=100):
    """The parameters `limit` and `offset`: `page: Annotated[Pagination, Depends()]`.

    Bounds of one's own are a class of one's own, in items; a limit beyond is answered 422.

    >>> class Rows(Pagination, default_limit=50, max_limit=1000): ...
    >>> Rows.default_limit
    50
    """

    def __init__(
        self,
        request: Request,
        response: Response,
        limit: int = 20,
        offset: Annotated[int, Query(ge=0, le=_MOST, description="How many items to leave out")] = 0,
    ) -> None:
        super().__init__(request, response, limit)
        self.offset = offset

    def of(self, items: Iterable[T], total: int) -> Page[T]:
        """The page of these items, of `total` in all; links to its neighbours go into the header `Link`."""
        limit, offset = self.limit, self.offset
        last = max(total - 1, 0) // limit * limit
        starts = {"first": 0}
        if offset > 0:
            starts["prev"] = max(min(offset - limit, last), 0)
        if offset + limit < total:
            starts["next"] = offset + limit
        starts["last"] = last
        self._link("offset", starts)
        return Page(items=list(items), total=total, limit=limit, offset=offset)

    def slice(self, items: Sequence[T]) -> Page[T]:
        """The page of a list that is in memory as a whole."""
        return self.of(items[self.offset : self.offset + self.limit], len(items))


class _Cursor(str):
    """The text of a cursor, and where it points to: it is read as a parameter, together with all others."""

    __slots__ = ("position",)

    position: Any


def _cursor_of(codec: CursorCodec) -> type[_Cursor]:
    """The type of the parameter, for cursors of one list."""

    class Cursor(_Cursor):
        __slots__ = ()

    def decode(text: str) -> Cursor:
        cursor = Cursor(text)
        cursor.position = codec.decode(text)
        return cursor

    register_type(Cursor, decode=decode)
    return Cursor


_BEGIN: Final = Query(description="Where the page begins, as another page says")
_CursorText: TypeAlias = Annotated[str | None, _BEGIN]


class CursorPagination(_Paging, default_limit=20, max_limit=100):
    """The parameters `limit` and `cursor`. `position` is where the page begins: None for the first one.

    A subclass says what a position is (`position=tuple[datetime, int]`; text by default), and with a `secret` signs
    its cursors, so that nobody makes one up. A cursor is opaque; one that was not made here is answered 422.

    >>> class Feed(CursorPagination, position=tuple[int, str], secret="s", max_limit=50): ...
    """

    _codec: ClassVar[CursorCodec] = CursorCodec(str, None)
    _type: ClassVar[type[_Cursor]] = _cursor_of(_codec)

    def __init_subclass__(
        cls, *, position: Any = None, secret: str | bytes | None = None, **options: Any
    ) -> None:
        if position is not None or secret is not None:
            cls._codec = CursorCodec(cls._codec.type if position is None else position, secret)
            cls._type = _cursor_of(cls._codec)
        super().__init_subclass__(**options)

    @classmethod
    def _signature(cls) -> inspect.Signature:
        signature = super()._signature()
        cursor: Any = Annotated[cls._type | None, _BEGIN]
        return signature.replace(
            parameters=[
                one.replace(annotation=cursor) if one.annotation == _CursorText else one
                for one in signature.parameters.values()
            ]
        )

    def __init__(
        self,
        request: Request,
        response: Response,
        limit: int = 20,
        cursor: _CursorText = None,
    ) -> None:
        super().__init__(request, response, limit)
        self.cursor = cursor
        self.position: Any = None
        if cursor is not None:
            self.position = cursor.position if isinstance(cursor, _Cursor) else self._position_of(cursor)

    def _position_of(self, cursor: str) -> Any:
        """For who calls the constructor with a text of their own."""
        try:
            return self._codec.decode(cursor)
        except BadCursor as error:
            refused = Refused("value_error", sentence=str(error), error={})
            raise RequestValidationError([refused.as_error(("query", "cursor"), cursor)]) from None

    def of(self, items: Iterable[T], *, next: Any = None, previous: Any = None) -> CursorPage[T]:
        """The page of these items; `next` and `previous` are the positions of its neighbours, None for no such page."""
        found = {"prev": previous, "next": next}
        cursors = {
            name: self._codec.encode(position) for name, position in found.items() if position is not None
        }
        self._link("cursor", cursors)
        return CursorPage(
            items=list(items), next_cursor=cursors.get("next"), previous_cursor=cursors.get("prev")
        )
