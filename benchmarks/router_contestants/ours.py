"""fasterapi-router: `resolve` gives a dict of parameters as the peers do, `lookup` a tuple."""

from router_contestants import Contestant, Lookup, Routes


def _router(routes: Routes):
    from fasterapi_router import RadixRouter

    router = RadixRouter()
    for method, template in routes:
        router.add_route(method, template, template)
    return router


def resolve(routes: Routes) -> Lookup:
    return _router(routes).resolve


def lookup(routes: Routes) -> Lookup:
    return _router(routes).lookup


CONTESTANTS = [Contestant("fasterapi-router resolve", resolve), Contestant("fasterapi-router lookup", lookup)]
