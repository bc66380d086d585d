"""Peers written in Rust, C or Cython. Most know only paths; the adapter chooses by method."""

from router_contestants import Contestant, Lookup, Routes, Target


def _by_template(routes: Routes) -> dict[str, dict[str, str]]:
    table: dict[str, dict[str, str]] = {}
    for method, template in routes:
        table.setdefault(template, {})[method] = template
    return table


def autoroutes(routes: Routes) -> Lookup:
    from autoroutes import Routes as Table

    table = Table()
    for template, handlers in _by_template(routes).items():
        table.add(template, **handlers)
    match = table.match

    def lookup(method, path):
        handlers, params = match(path)
        handler = handlers and handlers.get(method)
        return (handler, params) if handler else None

    return lookup


def pymatchit(routes: Routes) -> Lookup:
    from pymatchit import PyRouter

    router = PyRouter()
    for template, handlers in _by_template(routes).items():
        router.insert(template, handlers)
    at = router.at

    def lookup(method, path):
        found = at(path)
        handler = found and found[0].get(method)
        return (handler, found[1]) if handler else None

    return lookup


def routrie(routes: Routes) -> Lookup:
    from routrie import Router

    find = Router(
        {
            template.replace("{", ":").replace("}", ""): handlers
            for template, handlers in _by_template(routes).items()
        }
    ).find

    def lookup(method, path):
        found = find(path)
        handler = found and found[0].get(method)
        return (handler, dict(found[1])) if handler else None

    return lookup


def http_router(routes: Routes) -> Lookup:
    from http_router import Router, RouterError

    router = Router()
    for method, template in routes:
        router.route(template, methods=[method])(Target(template))

    def lookup(method, path):
        try:
            match = router(path, method)
        except RouterError:
            return None
        return match.target.template, dict(match.params or {})

    return lookup


CONTESTANTS = [
    Contestant("autoroutes (Cython)", autoroutes, is_native=True),
    Contestant("pymatchit (Rust)", pymatchit, is_native=True),
    Contestant("routrie (Rust)", routrie, is_native=True),
    Contestant("http-router (Cython)", http_router, is_native=True),
]
