"""A tiny server for the pages and a browser that sees nothing else."""

import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Annotated, Any

import msgspec
import pytest

import fasterapi_openapi as oa

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]  # fmt: skip


class Item(msgspec.Struct):
    """A thing on sale."""

    name: Annotated[str, msgspec.Meta(min_length=1, examples=["Hammer"])]
    price: float = 1.5
    parent: "Item | None" = None


def shop_document() -> oa.Document:
    json = "application/json"
    operations = [
        oa.OperationSpec(
            method="GET",
            path="/items/{item_id}",
            operation_id="show_item",
            summary="Show Item",
            tags=["items"],
            parameters=[oa.ParameterSpec(name="item_id", location="path", type=int, example=7)],
            responses={200: oa.ResponseSpec(content={json: oa.MediaSpec(type=Item)})},
            validation_error=True,
        ),
        oa.OperationSpec(
            method="POST",
            path="/items",
            operation_id="create_item",
            summary="Create Item",
            description="Adds *one* item. </script><script>alert(1)</script>",
            tags=["items"],
            body=oa.BodySpec(content={json: oa.MediaSpec(type=Item)}),
            responses={201: oa.ResponseSpec(content={json: oa.MediaSpec(type=Item)})},
            security=[{"login": []}],
        ),
    ]
    flow = oa.OAuthFlow(authorization_url="/authorize", token_url="/token", scopes={"read": "Read"})
    return oa.build_document(
        oa.DocumentSpec(
            title="Shop </title>", version="1.0", tags=[{"name": "items", "description": "Stock"}]
        ),
        operations,
        security_schemes={"login": oa.OAuth2Scheme(flows=oa.OAuthFlows(authorization_code=flow))},
    )


TITLE = 'Shop </title></script><script>alert("broken out")</script>'
PAGES: dict[str, tuple[str, str]] = {
    "/docs": (
        oa.swagger_ui_html(
            openapi_url="openapi.json", title=TITLE, oauth2_redirect_url="docs/oauth2-redirect",
            init_oauth={"clientId": "</script>"}, swagger_ui_parameters={"tryItOutEnabled": True},
        ),
        oa.content_security_policy("swagger"),
    ),
    "/redoc": (
        oa.redoc_html(openapi_url="openapi.json", title=TITLE), oa.content_security_policy("redoc"),
    ),
    "/docs/oauth2-redirect": (oa.oauth2_redirect_html(), oa.content_security_policy("oauth2-redirect")),
}  # fmt: skip


class Shop(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path in PAGES:
            text, policy = PAGES[path]
            headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy}
            self._answer(200, text.encode(), headers)
        elif path == "/openapi.json":
            self._answer(200, oa.encode(shop_document()), {"Content-Type": "application/json"})
        elif path.startswith("/docs-assets/"):
            asset = oa.asset(path.removeprefix("/docs-assets/"))
            headers = {"Content-Type": asset.media_type, "Content-Encoding": "gzip", "ETag": asset.etag}
            self._answer(200, asset.gzip_bytes, headers)
        elif path.startswith("/items/"):
            body = msgspec.json.encode({"name": f"item {path.rpartition('/')[2]}", "price": 2.5})
            self._answer(200, body, {"Content-Type": "application/json"})
        else:
            self._answer(404, b"{}", {"Content-Type": "application/json"})

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    if CHROMIUM is None:
        pytest.skip("needs a chromium on the PATH")
    with playwright.sync_playwright() as p:
        chromium = p.chromium.launch(executable_path=CHROMIUM, headless=True, args=ARGUMENTS)
        yield chromium
        chromium.close()


class Visit:
    """A page, what its console said, and every address it asked for."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.addresses: list[str] = []
        page.on("console", lambda message: self._listen(message))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.addresses.append(request.url))

    def _listen(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")

    def outside(self, address: str) -> list[str]:
        return [url for url in self.addresses if not url.startswith((address, "data:", "blob:"))]


@pytest.fixture
def visit(browser: Any) -> Iterator[Visit]:
    page = browser.new_page()
    yield Visit(page)
    page.close()
