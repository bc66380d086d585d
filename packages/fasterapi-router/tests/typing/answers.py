"""What type checkers see: run by mypy and pyright, never executed."""

from typing import Any, assert_type

from fasterapi_router import Found, HostRouter, MethodNotAllowed, NotFound, RadixRouter, Route
from fasterapi_router.asgi import ASGIRouter
from fasterapi_router.lifespan import Receive, Scope, Send

router: RadixRouter[int] = RadixRouter(head_as_get=True)

assert_type(router.add_route("GET", "/", 1), Route[int])
assert_type(router.find_conflict("GET", "/"), Route[int] | None)
assert_type(router.match("GET", "/"), Found[int] | MethodNotAllowed | NotFound)
assert_type(router.lookup("GET", "/"), tuple[int, tuple[Any, ...]] | None)
assert_type(router.resolve("GET", "/"), tuple[int, dict[str, Any], object] | None)
assert_type(router.allowed_methods("/"), tuple[str, ...])
assert_type(router.slash_redirect("/"), str | None)
assert_type(router.url_path_for("name", id=1), str)
assert_type(router.routes, tuple[Route[int], ...])

match router.match("GET", "/"):
    case Found(handler, params):
        assert_type(handler, int)
        assert_type(params, dict[str, Any])
    case MethodNotAllowed(allowed):
        assert_type(allowed, tuple[str, ...])
    case other:
        assert_type(other, NotFound)

hosts: HostRouter[bytes] = HostRouter()
assert_type(hosts.match("example.com"), tuple[bytes, dict[str, str]] | None)

app = ASGIRouter()


@app.route("/")
async def show(scope: Scope, receive: Receive, send: Send) -> None: ...


app.mount("/nested", ASGIRouter())
app.add_route("/again", show)
