"""One application written twice, the same requests to both, the answers compared.

A test module declares `build(kit)`, which makes an application out of a kit's names, and a table of requests.
The kit is FastAPI's or this project's; models are pydantic's or msgspec's. Needs FastAPI; skipped without it.
"""

import importlib
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from fasterapi.testclient import TestClient

fastapi = pytest.importorskip("fastapi", reason="the parity session installs FastAPI")

NAMES = {
    "": "Path Query Header Cookie Body Form File Depends Security HTTPException Request Response UploadFile "
    "BackgroundTasks WebSocket WebSocketException WebSocketDisconnect",
    "responses": "JSONResponse HTMLResponse PlainTextResponse RedirectResponse StreamingResponse FileResponse",
    "security": "OAuth2PasswordBearer OAuth2PasswordRequestForm SecurityScopes HTTPBasic HTTPBasicCredentials "
    "HTTPBearer HTTPAuthorizationCredentials HTTPDigest APIKeyHeader APIKeyQuery APIKeyCookie OpenIdConnect "
    "OAuth2AuthorizationCodeBearer",
    "exceptions": "RequestValidationError",
    "encoders": "jsonable_encoder",
    "sse": "EventSourceResponse ServerSentEvent",
    "staticfiles": "StaticFiles",
    "background": "BackgroundTask",
}


def _home(module: str, name: str) -> str:
    """FastAPI has no module of its own for everything that it takes from Starlette."""
    return "starlette" if module == "fastapi" and name in {"sessions", "background"} else module


def _kit(module: str, app: str, router: str) -> SimpleNamespace:
    kit = SimpleNamespace(module=module)
    for part, names in NAMES.items():
        home = _home(module, part)
        loaded = importlib.import_module(f"{home}.{part}" if part else home)
        for name in names.split():
            setattr(kit, name, getattr(loaded, name))
    package = importlib.import_module(module)
    kit.App = getattr(package, app)
    kit.Router = getattr(package, router)
    for name in ("cors", "gzip", "trustedhost", "httpsredirect", "sessions"):
        loaded = importlib.import_module(f"{_home(module, name)}.middleware.{name}")
        for key in dir(loaded):
            if key.endswith("Middleware"):
                setattr(kit, key, getattr(loaded, key))
    return kit


def _fastapi_kit() -> SimpleNamespace:
    import pydantic

    kit = _kit("fastapi", "FastAPI", "APIRouter")

    def model(name: str, /, *, base: Any = None, forbid: bool = False, **fields: Any) -> type:
        config = pydantic.ConfigDict(extra="forbid") if forbid and base is None else None
        spec = {key: value if isinstance(value, tuple) else (value, ...) for key, value in fields.items()}
        spec = {
            key: (kind, pydantic.Field(default_factory=default) if callable(default) else default)
            for key, (kind, default) in spec.items()
        }
        return pydantic.create_model(name, __base__=base, __config__=config, **spec)

    kit.model = model
    kit.field = pydantic.Field
    return kit


def _faster_kit() -> SimpleNamespace:
    import msgspec

    kit = _kit("fasterapi", "Faster", "FasterRouter")

    def model(name: str, /, *, base: Any = None, forbid: bool = False, **fields: Any) -> type:
        spec = []
        for key, value in fields.items():
            kind, default = value if isinstance(value, tuple) else (value, ...)
            if default is ...:
                spec.append((key, kind))
            elif callable(default):
                spec.append((key, kind, msgspec.field(default_factory=default)))
            else:
                spec.append((key, kind, default))
        bases = (msgspec.Struct if base is None else base,)
        return msgspec.defstruct(name, spec, bases=bases, kw_only=True, forbid_unknown_fields=forbid)

    kit.model = model
    kit.field = msgspec.Meta
    return kit


KITS = {"theirs": _fastapi_kit, "ours": _faster_kit}
HEADERS = (
    "content-type",
    "content-length",
    "allow",
    "www-authenticate",
    "set-cookie",
    "cache-control",
    "vary",
    "x-token",
    "x-first",
    "x-second",
    "access-control-allow-origin",
    "access-control-allow-methods",
    "access-control-allow-headers",
    "access-control-allow-credentials",
    "access-control-expose-headers",
    "access-control-max-age",
    "content-encoding",
    "content-range",
    "accept-ranges",
    "content-disposition",
    "location",
)


class Parity:
    """Builds each application once and compares the answers to a request."""

    def __init__(self) -> None:
        self._clients: dict[Callable[..., Any], dict[str, Any]] = {}
        self._kits = {name: make() for name, make in KITS.items()}

    def applications(self, build: Callable[..., Any]) -> dict[str, Any]:
        return {name: build(kit) for name, kit in self._kits.items()}

    def clients(self, build: Callable[..., Any]) -> dict[str, Any]:
        if build not in self._clients:
            self._clients[build] = {
                name: TestClient(app, raise_server_exceptions=False)
                for name, app in self.applications(build).items()
            }
        return self._clients[build]

    def __call__(self, build: Callable[..., Any], method: str, path: str, **options: Any) -> None:
        differ = options.pop("ignore_headers", ())
        answers = {}
        for name, client in self.clients(build).items():
            client.cookies.clear()
            response = client.request(method, path, follow_redirects=False, **_fresh(options))
            answers[name] = describe(response, differ)
        assert answers["ours"] == answers["theirs"]


def _fresh(options: dict[str, Any]) -> dict[str, Any]:
    """File objects are read once, so each client gets its own."""
    return {key: value() if callable(value) else value for key, value in options.items()}


def describe(response: Any, differ: tuple[str, ...] = ()) -> dict[str, Any]:
    headers = {name: response.headers.get_list(name) for name in HEADERS if name not in differ}
    # Ours are relative (docs/differences.md): a Host header must not choose where clients go.
    headers["location"] = [value.removeprefix("http://testserver") for value in headers.get("location", ())]
    is_json = (
        response.headers.get("content-type", "").split(";")[0] == "application/json" and response.content
    )
    body: Any = response.json() if is_json else response.content
    if response.status_code == 422 and isinstance(body, dict) and isinstance(body.get("detail"), list):
        body = {(tuple(error["loc"]), error["type"]) for error in body["detail"]}
        headers.pop("content-length", None)
    elif is_json:
        headers.pop("content-length", None)  # JSON without spaces has the same value and another length
    return {"status": response.status_code, "body": body, "headers": headers}


@pytest.fixture(scope="session")
def parity() -> Parity:
    return Parity()
