"""The examples of the project's first description run as they were written there."""

import asyncio

import msgspec
import pytest

from FasterAPI import (
    BackgroundTasks,
    Body,
    Cookie,
    CORSMiddleware,
    Depends,
    Faster,
    FasterRouter,
    GZipMiddleware,
    Header,
    HTTPException,
    Path,
    Query,
    SubInterpreterPool,
    TestClient,
    WebSocket,
    WebSocketDisconnect,
    run_in_subinterpreter,
)


def test_quick_start():
    app = Faster()

    class Item(msgspec.Struct):
        name: str
        price: float

    @app.get("/items/{item_id}")
    async def get_item(item_id: str = Path()):
        return {"item_id": item_id}

    @app.post("/items", status_code=201)
    async def create_item(item: Item):
        return {"name": item.name, "price": item.price}

    client = TestClient(app)
    assert client.get("/items/a").json() == {"item_id": "a"}
    created = client.post("/items", json={"name": "n", "price": 1.5})
    assert (created.status_code, created.json()) == (201, {"name": "n", "price": 1.5})
    assert "swagger-ui" in client.get("/docs").text
    assert "redoc" in client.get("/redoc").text


def test_models_have_defaults():
    class User(msgspec.Struct):
        name: str
        email: str
        age: int = 0
        tags: list[str] = []

    app = Faster()

    @app.post("/users")
    async def create(user: User):
        return user

    assert TestClient(app).post("/users", json={"name": "n", "email": "e"}).json() == {
        "name": "n",
        "email": "e",
        "age": 0,
        "tags": [],
    }


def test_dependency_injection():
    app = Faster()

    async def get_db():
        return {"connected": True}

    @app.get("/status")
    async def status(db: dict = Depends(get_db)):
        return db

    assert TestClient(app).get("/status").json() == {"connected": True}


def test_parameter_descriptors():
    app = Faster()

    @app.get("/items/{item_id}")
    async def get_item(
        item_id: str = Path(description="The item ID"),
        q: str = Query("default", description="Search query"),
        x_token: str = Header(None, alias="x-token"),
        session: str = Cookie(None),
    ):
        return {"item_id": item_id, "q": q, "x_token": x_token, "session": session}

    @app.post("/body")
    async def body(key: str = Body(embed=True)):
        return key

    client = TestClient(app)
    assert client.get("/items/1").json() == {"item_id": "1", "q": "default", "x_token": None, "session": None}
    answer = client.get("/items/1?q=x", headers={"X-Token": "abc", "Cookie": "session=xyz"})
    assert answer.json() == {"item_id": "1", "q": "x", "x_token": "abc", "session": "xyz"}
    assert client.post("/body", json={"key": "value"}).json() == "value"


def test_background_tasks():
    sent = []
    app = Faster()

    def send_email(to: str, subject: str):
        sent.append((to, subject))

    @app.post("/notify")
    async def notify(bg: BackgroundTasks):
        bg.add_task(send_email, "user@example.com", "Welcome!")
        return {"status": "queued"}

    assert TestClient(app).post("/notify").json() == {"status": "queued"}
    assert sent == [("user@example.com", "Welcome!")]


def test_websocket():
    app = Faster()

    @app.websocket("/ws")
    async def websocket_endpoint(ws: WebSocket):
        await ws.accept()
        try:
            while True:
                data = await ws.receive_text()
                await ws.send_text(f"Echo: {data}")
        except WebSocketDisconnect:
            pass

    with TestClient(app).websocket_connect("/ws") as session:
        session.send_text("hi")
        assert session.receive_text() == "Echo: hi"


def heavy_computation(n: int) -> int:
    return sum(i * i for i in range(n))


def test_sub_interpreters():
    app = Faster()

    @app.get("/compute/{n}")
    async def compute(n: int):
        result = await run_in_subinterpreter(heavy_computation, n)
        return {"result": result}

    assert TestClient(app).get("/compute/10").json() == {"result": 285}

    async def with_a_pool() -> int:
        pool = SubInterpreterPool(max_workers=2)
        result = await pool.run(heavy_computation, 10)
        pool.shutdown()
        return result

    assert asyncio.run(with_a_pool()) == 285


def test_the_application_owns_a_pool_that_is_closed_with_it():
    app = Faster()

    @app.get("/compute/{n}")
    async def compute(n: int):
        return await app.cpu_pool.run(heavy_computation, n)

    for _ in range(2):
        with TestClient(app) as client:
            assert client.get("/compute/10").json() == 285


def test_middleware():
    app = Faster()
    app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"])
    app.add_middleware(GZipMiddleware, minimum_size=1000)

    @app.get("/")
    async def long():
        return "x" * 2000

    answer = TestClient(app).get("/", headers={"origin": "http://a.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["content-encoding"] == "gzip"


def test_router():
    router = FasterRouter(prefix="/api/v1", tags=["v1"])

    @router.get("/items")
    async def list_items():
        return []

    @router.post("/items", status_code=201)
    async def create_item():
        return {"id": 1}

    app = Faster()
    app.include_router(router)
    client = TestClient(app)
    assert client.get("/api/v1/items").json() == []
    assert client.post("/api/v1/items").json() == {"id": 1}
    assert app.openapi()["paths"]["/api/v1/items"]["get"]["tags"] == ["v1"]


def test_full_example():
    app = Faster(title="My API", version="1.0.0")
    app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["*"])

    class User(msgspec.Struct):
        name: str
        email: str

    db: dict[str, dict] = {}

    async def get_db():
        return db

    router = FasterRouter(prefix="/users", tags=["users"])

    @router.get("", summary="List users")
    async def list_users(store: dict = Depends(get_db)):
        return list(store.values())

    @router.post("", summary="Create user", status_code=201)
    async def create_user(body: User, bg: BackgroundTasks, store: dict = Depends(get_db)):
        user_id = str(len(store) + 1)
        store[user_id] = {"id": user_id, "name": body.name, "email": body.email}
        bg.add_task(print, f"Created user {user_id}")
        return store[user_id]

    @router.get("/{user_id}", summary="Get user")
    async def get_user(user_id: str = Path(), store: dict = Depends(get_db)):
        if user_id not in store:
            raise HTTPException(status_code=404, detail="User not found")
        return store[user_id]

    app.include_router(router)
    client = TestClient(app)
    assert client.post("/users", json={"name": "n", "email": "e"}).status_code == 201
    assert client.get("/users/1").json() == {"id": "1", "name": "n", "email": "e"}
    assert client.get("/users").json() == [{"id": "1", "name": "n", "email": "e"}]
    assert client.get("/users/2").json() == {"detail": "User not found"}
    assert app.openapi()["info"] == {"title": "My API", "version": "1.0.0"}


def test_startup_and_shutdown_decorators():
    log = []
    app = Faster()

    @app.on_startup
    async def start():
        log.append("up")

    @app.on_shutdown
    async def stop():
        log.append("down")

    with TestClient(app):
        assert log == ["up"]
    assert log == ["up", "down"]


@pytest.mark.parametrize(
    "name", ["add_exception_handler", "add_middleware", "include_router", "websocket", "openapi"]
)
def test_what_stays_identical_is_there(name):
    assert callable(getattr(Faster, name))


def test_seed_additions():
    from FasterAPI.concurrency import install_event_loop, is_coroutine, run_in_executor
    from FasterAPI.datastructures import UploadFile
    from FasterAPI.openapi.generator import generate_openapi
    from FasterAPI.openapi.ui import redoc_html, swagger_ui_html
    from FasterAPI.params import MISSING
    from FasterAPI.request import Request
    from FasterAPI.response import EventSourceResponse, JSONResponse

    assert UploadFile(filename="a.txt").filename == "a.txt"
    assert generate_openapi(Faster(title="T"))["info"]["title"] == "T"
    assert all(
        callable(item)
        for item in (install_event_loop, is_coroutine, run_in_executor, redoc_html, swagger_ui_html)
    )
    assert isinstance(Request.path, property)
    assert isinstance(Request.content_type, property)
    assert callable(JSONResponse.to_asgi)
    assert MISSING is not None
    assert EventSourceResponse
