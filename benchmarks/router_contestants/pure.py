"""Peers written in Python."""

from router_contestants import Contestant, Lookup, Routes, Target


def _grouped(routes: Routes) -> dict[str, list[str]]:
    methods: dict[str, list[str]] = {}
    for method, template in routes:
        methods.setdefault(template, []).append(method)
    return methods


def _responder(*arguments, **params) -> None: ...


def falcon(routes: Routes) -> Lookup:
    from falcon.routing import CompiledRouter

    router = CompiledRouter()
    for template, methods in _grouped(routes).items():
        members = {f"on_{method.lower()}": _responder for method in methods}
        router.add_route(template, type("Resource", (), {**members, "methods": set(methods)})())
    find = router.find
    find("/")  # compiles

    def lookup(method, path):
        found = find(path)
        if found is None or method not in found[0].methods:
            return None
        return found[3], found[2]

    return lookup


def starlette(routes: Routes) -> Lookup:
    from starlette.routing import Match, Route

    async def endpoint(request): ...

    # Router.app: the first full match of the list
    table = [Route(template, endpoint, methods=[method]) for method, template in routes]

    def lookup(method, path):
        scope = {"type": "http", "method": method, "path": path}
        for route in table:
            match, child = route.matches(scope)
            if match == Match.FULL:
                return route.path, child["path_params"]
        return None

    return lookup


def litestar(routes: Routes) -> Lookup:
    from litestar import HttpMethod, Litestar, route
    from litestar._asgi.routing_trie.traversal import parse_path_to_route
    from litestar.exceptions import HTTPException

    def handler(template, methods):
        async def show() -> None: ...

        path = template.replace("}", ":str}")
        return route(path, http_method=[HttpMethod(method) for method in methods], name=template)(show)

    app = Litestar([handler(*item) for item in _grouped(routes).items()], openapi_config=None)
    router = app.asgi_router
    fixed = (router._mount_paths_regex, router._mount_routes)
    plain, root = router._plain_routes, router.root_route_map_node

    def lookup(method, path):
        try:
            _, handler, _, params, _ = parse_path_to_route(method, *fixed, path, plain, root)
        except HTTPException:
            return None
        return handler.name, params

    return lookup


def blacksheep(routes: Routes) -> Lookup:
    from blacksheep.server.routing import Router

    router = Router()
    for method, template in routes:
        router.add(method, template.encode(), Target(template))
    router.apply_routes()
    find = Router.get_match_by_method_and_path.__wrapped__  # behind its cache of 1,200 paths

    def lookup(method, path):
        found = find(router, method, path)
        return None if found is None else (found.handler.template, found.values or {})

    return lookup


def sanic(routes: Routes) -> Lookup:
    from sanic_routing import BaseRouter
    from sanic_routing.exceptions import NoMethod, NotFound

    class Router(BaseRouter):
        def get(self, path, method, extra=None):
            return self.resolve(path=path, method=method, extra=extra)

    router = Router()
    for method, template in routes:
        router.add(template.replace("{", "<").replace("}", ">"), template, methods=[method])
    router.finalize()

    def lookup(method, path):
        try:
            _, handler, params = router.get(path, method)
        except (NotFound, NoMethod):
            return None
        return handler, params

    return lookup


def werkzeug(routes: Routes) -> Lookup:
    from werkzeug.routing import Map, Rule
    from werkzeug.routing.exceptions import NoMatch

    rules = [
        Rule(template.replace("{", "<").replace("}", ">"), endpoint=template, methods=[method])
        for method, template in routes
    ]
    table = Map(rules, redirect_defaults=False)
    table.update()
    match = table._matcher.match

    def lookup(method, path):
        try:
            rule, params = match("", path, method, websocket=False)
        except NoMatch:
            return None
        return rule.endpoint, params

    return lookup


def faster_api_web(routes: Routes) -> Lookup:
    from FasterAPI.router import RadixRouter

    router = RadixRouter()
    for method, template in routes:
        router.add_route(method, template, template)
    return router.resolve


def tokamak(routes: Routes) -> Lookup:
    from tokamak.router import AsgiRouter, Route, RouterError

    async def handler(scope, receive, send): ...

    router = AsgiRouter()
    for template, methods in _grouped(routes).items():
        router.add_route(Route(template, handler, methods))

    def lookup(method, path):
        try:
            route, params = router.get_route(path)
        except RouterError:
            return None
        return (route.path, params) if route.can_handle(method) else None

    return lookup


CONTESTANTS = [
    Contestant("falcon CompiledRouter", falcon),
    Contestant("faster-api-web 0.2.14", faster_api_web),
    Contestant("sanic-routing", sanic, most=1_000),
    Contestant("litestar trie", litestar, most=1_000),
    Contestant("werkzeug", werkzeug),
    Contestant("blacksheep", blacksheep),
    Contestant("tokamak", tokamak, most=1_000),
    Contestant("starlette regex list", starlette),
]
