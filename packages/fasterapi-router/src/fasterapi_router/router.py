"""`RadixRouter`: method and path → the handler that was registered for them.

Knows: registration, methods, names. Does not know: HTTP messages, ASGI, what a handler is.
"""

import re
from bisect import insort
from collections.abc import Iterator, Mapping
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from fasterapi_router.converter import BUILT_IN, Converter
from fasterapi_router.errors import ConflictingRoute, DuplicateRoute, InvalidParameter, NoSuchRoute
from fasterapi_router.result import Found, MethodNotAllowed, NotFound, Route
from fasterapi_router.template import Field, TemplateParser, order_key, tail_tokens

T = TypeVar("T")


class RadixRouter(Generic[T]):
    def __init__(
        self,
        *,
        converters: Mapping[str, Converter] | None = None,
        convert: bool = False,
        head_as_get: bool = False,
    ) -> None:
        self._parser = TemplateParser({**BUILT_IN, **(converters or {})})
        self._convert = convert
        self._head_as_get = head_as_get
        self._routes: list[Route[T]] = []
        self._by_shape: dict[tuple[str, str], Route[T]] = {}
        self._ordered: dict[str, list[Any]] = {}

    def add_route(
        self,
        method: str,
        path: str,
        handler: T,
        metadata: object = None,
        *,
        name: str | None = None,
        location: str | None = None,
    ) -> Route[T]:
        method = method.upper()
        template = self._parser.parse(path)
        if name is None:
            name = getattr(handler, "__name__", None)
        route = Route(method, path, handler, metadata, name, template, template.names, location)
        first = self._by_shape.setdefault((method, template.shape), route)
        if first is not route:
            raise (DuplicateRoute if first.path == path else ConflictingRoute)(first, route)
        self._routes.append(route)
        regex = re.compile(
            "".join(
                re.escape(token) if isinstance(token, str) else f"({token.converter.pattern})"
                for token in tail_tokens(template, 0)
            ),
            re.DOTALL,
        )
        insort(self._ordered.setdefault(method, []), (order_key(template), regex, route), key=lambda row: row[0])
        return route

    def find_conflict(self, method: str, path: str) -> Route[T] | None:
        return self._by_shape.get((method.upper(), self._parser.parse(path).shape))

    def _find(self, method: str, path: str) -> tuple[Route[T], tuple[Any, ...]] | None:
        for _, regex, route in self._ordered.get(method, ()):
            if found := regex.fullmatch(path):
                values = found.groups()
                if self._convert:
                    fields = route.template.fields
                    values = tuple(field.converter.convert(text) for field, text in zip(fields, values, strict=True))
                return route, values
        if method == "HEAD" and self._head_as_get:
            return self._find("GET", path)
        return None

    def match(self, method: str, path: str) -> Found[T] | MethodNotAllowed | NotFound:
        found = self._find(method, path)
        if found is not None:
            route, values = found
            return Found(route.handler, dict(zip(route.names, values, strict=True)), route.metadata, route)
        allowed = self.allowed_methods(path)
        return MethodNotAllowed(allowed) if allowed else NotFound()

    def resolve(self, method: str, path: str) -> tuple[T, dict[str, Any], object] | None:
        found = self._find(method, path)
        if found is None:
            return None
        route, values = found
        return route.handler, dict(zip(route.names, values, strict=True)), route.metadata

    def lookup(self, method: str, path: str) -> tuple[T, tuple[Any, ...]] | None:
        found = self._find(method, path)
        return None if found is None else (found[0].handler, found[1])

    def allowed_methods(self, path: str) -> tuple[str, ...]:
        methods = set(self._ordered)
        if self._head_as_get and "GET" in methods:
            methods.add("HEAD")
        return tuple(sorted(method for method in methods if self._find(method, path)))

    def slash_redirect(self, path: str) -> str | None:
        other = path.rstrip("/") if path.endswith("/") else path + "/"
        if not other or other[1:2] in ("/", "\\"):
            return None
        return other if self.allowed_methods(other) else None

    def url_path_for(self, name: str, /, **params: Any) -> str:
        same = [route for route in self._routes if route.name == name]
        for route in same:
            if set(route.names) == set(params):
                return "".join(
                    quote(token, safe="/") if isinstance(token, str) else self._text(route, token, params[token.name])
                    for token in tail_tokens(route.template, 0)
                )
        raise NoSuchRoute(name, params, {route.path: route.names for route in same})

    def _text(self, route: Route[T], field: Field, value: Any) -> str:
        text = field.converter.to_text(value)
        if not field.converter.accepts(text):
            raise InvalidParameter(route.path, field.name, value, f"must match {field.converter.pattern}")
        return quote(text, safe="/" if field.converter.is_catch_all else "")

    @property
    def routes(self) -> tuple[Route[T], ...]:
        return tuple(self._routes)

    def __len__(self) -> int:
        return len(self._routes)

    def __iter__(self) -> Iterator[Route[T]]:
        return iter(self.routes)

    def __contains__(self, item: object) -> bool:
        if isinstance(item, Route):
            return any(route is item for route in self._routes)
        return isinstance(item, tuple) and len(item) == 2 and self.find_conflict(*item) is not None
