"""`RadixRouter`: method and path → the handler that was registered for them.

Knows: registration, methods, names. Does not know: HTTP messages, ASGI, what a handler is.
Invariant: every lookup answers what the tree answers; tables and plans only make it fast.
"""

from collections.abc import Iterator, Mapping
from threading import RLock
from typing import Any, Generic, TypeVar

from fasterapi_router.converter import BUILT_IN, Converter
from fasterapi_router.errors import ConflictingRoute, DuplicateRoute, InvalidTemplate
from fasterapi_router.leaf import Leaves, params_answer, params_step, values_answer, values_step
from fasterapi_router.render import draw
from fasterapi_router.result import Found, MethodNotAllowed, NotFound, Route, place_of
from fasterapi_router.table import ANY_METHOD, Hot, PlanList, Routes
from fasterapi_router.template import TemplateParser
from fasterapi_router.tree import Tree
from fasterapi_router.url import path_for

T = TypeVar("T")


class _Method(Generic[T]):
    """What a router keeps for one method."""

    def __init__(self, router: "RadixRouter[T]", method: str) -> None:
        self.routes: Routes[T] = Routes(method)
        convert, lock = router._convert, router._lock
        self.values = PlanList(
            self.routes,
            lock,
            Leaves(values_step, values_answer, convert=convert),
            lambda path: router._ask_tree(method, path, values_answer),
        )
        self.params = PlanList(
            self.routes,
            lock,
            Leaves(params_step, params_answer, convert=convert),
            lambda path: router._ask_tree(method, path, params_answer),
        )

    def put(self, route: Route[T]) -> None:
        self.routes.put(route)
        self.values.forget(route)
        self.params.forget(route)


class RadixRouter(Generic[T]):
    """A table of routes, each a method, a path template and any object as handler.

    `converters` adds to the built-in `str`, `path`, `int`, `float` and `uuid`, or replaces them.
    `convert=True` gives converted values instead of the path's own text. `head_as_get=True` lets GET routes
    answer HEAD too.

    Paths are compared as ASGI's `scope["path"]` has them: percent-decoded, without query string. Lookups
    never raise, may run in any number of threads while routes are added, and see each route from
    `add_route`'s return on.

    >>> router = RadixRouter()
    >>> _ = router.add_route("GET", "/users/{id}", "show")
    >>> router.match("GET", "/users/7")
    Found(handler='show', params={'id': '7'})
    >>> router.match("PUT", "/users/7"), router.match("GET", "/nowhere")
    (MethodNotAllowed(allowed=('GET',)), NotFound())
    """

    def __init__(
        self,
        *,
        converters: Mapping[str, Converter] | None = None,
        convert: bool = False,
        head_as_get: bool = False,
    ) -> None:
        self._converters = dict(converters or {})
        self._convert = convert
        self._head_as_get = head_as_get
        self._parser = TemplateParser({**BUILT_IN, **self._converters})
        self._lock = RLock()
        self._routes: list[Route[T]] = []
        self._by_shape: dict[tuple[str, str], Route[T]] = {}
        self._by_name: dict[str, list[Route[T]]] = {}
        self._methods: dict[str, _Method[T]] = {}
        self._lookups: dict[str, Hot] = {}
        self._resolves: dict[str, Hot] = {}
        self._tree: Tree[T] | None = None

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
        """Register `handler` for `method` (made upper case; `*` stands for any) and the template `path`.

        `name` is for `url_path_for` (default: the handler's `__name__`), `location` ("file:line") for error
        texts (default: where the handler's code is). Raises InvalidTemplate, DuplicateRoute and
        ConflictingRoute.

        >>> RadixRouter().add_route("get", "/users/{id}", "show", name="user")
        Route(method='GET', path='/users/{id}', handler='show', metadata=None, name='user')
        """
        try:
            template = self._parser.parse(path)
        except InvalidTemplate as error:
            place = location or place_of(handler)
            raise InvalidTemplate(path, error.reason, error.fix, place) from None
        name = getattr(handler, "__name__", None) if name is None else name
        route = Route(method.upper(), path, handler, metadata, name, template, location)
        with self._lock:
            self._add(route)
        return route

    def _add(self, route: Route[T]) -> None:
        first = self._by_shape.setdefault((route.method, route.template.shape), route)
        if first is not route:
            raise (DuplicateRoute if first.path == route.path else ConflictingRoute)(first, route)
        self._routes.append(route)
        if route.name is not None:
            self._by_name.setdefault(route.name, []).append(route)
        self._tree = None
        methods = {route.method}
        if route.method == "GET" and self._head_as_get:
            methods.add("HEAD")
        if route.method == ANY_METHOD:
            methods.update(self._methods)
        for method in methods:
            self._put(method, route)

    def _put(self, method: str, route: Route[T]) -> None:
        table = self._methods.get(method)
        if table is None:
            table = _Method(self, method)
            for other in self._routes:
                if other.method == ANY_METHOD:
                    table.put(other)
            self._methods[method] = table
        table.put(route)
        self._lookups[method] = table.values.hot
        self._resolves[method] = table.params.hot

    def _fallbacks(self, method: str) -> tuple[str, ...]:
        """The methods whose routes answer `method`, the closest first."""
        if method == "HEAD" and self._head_as_get:
            return "HEAD", "GET", ANY_METHOD
        return method, ANY_METHOD

    def find_conflict(self, method: str, path: str) -> Route[T] | None:
        """The route because of which `add_route(method, path, ...)` would raise, if there is one.

        >>> router = RadixRouter()
        >>> route = router.add_route("GET", "/users/{id}", "show")
        >>> router.find_conflict("GET", "/users/{name}") is route, router.find_conflict("GET", "/users")
        (True, None)
        """
        return self._by_shape.get((method.upper(), self._parser.parse(path).shape))

    def lookup(self, method: str, path: str) -> tuple[T, tuple[Any, ...]] | None:
        """The handler and the values in the template's order, or None: the fastest way to ask.

        >>> router = RadixRouter()
        >>> _ = router.add_route("GET", "/users/{id}/posts/{post}", "show")
        >>> router.lookup("GET", "/users/7/posts/first")
        ('show', ('7', 'first'))
        """
        # `resolve` repeats these lines: calling one shared function costs a tenth of the whole lookup
        try:
            static, prefixes, plans, last = self._lookups[method]
        except KeyError:
            return self.lookup(ANY_METHOD, path) if ANY_METHOD in self._lookups else None
        if path in static:
            return static[path][2]
        head, _, value = path.rpartition("/")
        entry = prefixes.get(head)
        if entry is not None and value:
            return entry[0], (value,)
        slashes = path.count("/")
        plan = plans[slashes if slashes < last else last]  # noqa: FURB136  # min() takes four times as long
        if plan is None:
            return None
        parts = path.split("/")
        if parts[0]:
            return None
        found: tuple[T, tuple[Any, ...]] | None = plan(parts)
        return found

    def resolve(self, method: str, path: str) -> tuple[T, dict[str, Any], object] | None:
        """The handler, the parameters by name and the metadata, or None. The dict is new for each call.

        >>> router = RadixRouter()
        >>> _ = router.add_route("GET", "/users/{id}", "show", {"tags": ["users"]})
        >>> router.resolve("GET", "/users/7")
        ('show', {'id': '7'}, {'tags': ['users']})
        """
        try:
            static, prefixes, plans, last = self._resolves[method]
        except KeyError:
            return self.resolve(ANY_METHOD, path) if ANY_METHOD in self._resolves else None
        if path in static:
            handler, metadata, _ = static[path]
            return handler, {}, metadata
        head, _, value = path.rpartition("/")
        entry = prefixes.get(head)
        if entry is not None and value:
            handler, metadata, name = entry
            return handler, {name: value}, metadata
        slashes = path.count("/")
        plan = plans[slashes if slashes < last else last]  # noqa: FURB136  # min() takes four times as long
        if plan is None:
            return None
        parts = path.split("/")
        if parts[0]:
            return None
        found: tuple[T, dict[str, Any], object] | None = plan(parts)
        return found

    @property
    def tables(self) -> Mapping[str, Hot]:
        """What `resolve` reads, by method, for a dispatcher that writes its lines out to save the call.

        Asked in this order: `static`, by the path, begins with the handler; `prefixes`, by the text before the last
        slash, has handler, metadata and the name of the parameter behind it, if that is not empty; `plans`, by the
        number of slashes and `last` for more, are None or take the split path. Routes that come later are seen.

        >>> router = RadixRouter()
        >>> _ = router.add_route("GET", "/users", "list"), router.add_route("GET", "/users/{id}", "show")
        >>> _ = router.add_route("GET", "/users/{id}/posts", "posts")
        >>> static, prefixes, plans, last = router.tables["GET"]
        >>> static["/users"][0], prefixes["/users"], plans[3](["", "users", "7", "posts"])
        ('list', ('show', None, 'id'), ('posts', {'id': '7'}, None))
        """
        return self._resolves

    def match(self, method: str, path: str) -> Found[T] | MethodNotAllowed | NotFound:
        """Find the route for `method` and `path`, or say which methods the path has.

        >>> router = RadixRouter()
        >>> _ = router.add_route("GET", "/users/{id}", "show")
        >>> router.match("GET", "/users/")
        NotFound()
        """
        found = self.resolve(method, path)
        if found is not None:
            return Found(*found)
        allowed = self.allowed_methods(path)
        return MethodNotAllowed(allowed) if allowed else NotFound()

    def allowed_methods(self, path: str) -> tuple[str, ...]:
        """The methods that some route answers for `path`, sorted: what `Allow` must list.

        `*` is among them if every method is answered.

        >>> router = RadixRouter(head_as_get=True)
        >>> _ = router.add_route("GET", "/users", "list"), router.add_route("POST", "/users", "create")
        >>> router.allowed_methods("/users")
        ('GET', 'HEAD', 'POST')
        """
        return tuple(
            sorted(method for method in tuple(self._methods) if self.lookup(method, path) is not None)
        )

    def slash_redirect(self, path: str) -> str | None:
        """The path with its last slash removed, or with one more, if that and not `path` itself is routed.

        Never a path that a browser could read as another host, such as `//evil.example`.

        >>> router = RadixRouter()
        >>> _ = router.add_route("GET", "/users/{id}", "show")
        >>> router.slash_redirect("/users/7/"), router.slash_redirect("/users/7")
        ('/users/7', None)
        """
        other = path.rstrip("/") if path.endswith("/") else path + "/"
        # browsers drop control characters and read "\\" as "/": none of them may be the second character
        if len(other) < 2 or other[1] in "/\\" or other[1] <= " ":
            return None
        return other if self.allowed_methods(other) and not self.allowed_methods(path) else None

    def url_path_for(self, name: str, /, **params: Any) -> str:
        """The percent-encoded path of the first route with this name that takes exactly these parameters.

        Raises NoSuchRoute, or InvalidParameter if the path would not lead back to the same values.

        >>> router = RadixRouter()
        >>> _ = router.add_route("GET", "/files/{name}", "show", name="file")
        >>> router.url_path_for("file", name="résumé 1.pdf")
        '/files/r%C3%A9sum%C3%A9%201.pdf'
        """
        return path_for(name, self._by_name.get(name, ()), params)

    @property
    def routes(self) -> tuple[Route[T], ...]:
        """All routes in the order of registration."""
        return tuple(self._routes)

    def _whole_tree(self) -> Tree[T]:
        tree = self._tree
        if tree is None:
            with self._lock:
                tree = self._tree = Tree(self._routes, convert=self._convert)
        return tree

    def _ask_tree(self, method: str, path: str, answer: Any) -> Any:
        found = self._whole_tree().find(self._fallbacks(method), path)
        return None if found is None else answer(*found)

    def __str__(self) -> str:
        return draw(self._whole_tree().root)

    def __repr__(self) -> str:
        return f"<RadixRouter with {len(self)} routes>"

    def __len__(self) -> int:
        return len(self._routes)

    def __iter__(self) -> Iterator[Route[T]]:
        return iter(self.routes)

    def __contains__(self, item: object) -> bool:
        """Whether a route, or a pair of method and template, is registered."""
        if isinstance(item, Route):
            return self._by_shape.get((item.method, item.template.shape)) is item
        if not isinstance(item, tuple):
            return False
        try:
            return self.find_conflict(*item) is not None
        except InvalidTemplate:
            return False

    def __getstate__(self) -> dict[str, Any]:
        return {
            "converters": self._converters,
            "convert": self._convert,
            "head_as_get": self._head_as_get,
            "routes": self._routes,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        routes = state.pop("routes")
        RadixRouter.__init__(self, **state)
        for route in routes:
            self._add(route)
