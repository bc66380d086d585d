"""Depends: sharing, order, yield, exceptions, classes, sub-parameters, security scopes, overrides."""

from typing import Annotated, Any

import pytest


def build(kit: Any) -> Any:
    app = kit.App()
    Depends, HTTPException, Header, Query = kit.Depends, kit.HTTPException, kit.Header, kit.Query
    log: list[str] = []

    @app.get("/log")
    async def read_log():
        entries = log[:]
        log.clear()
        return entries

    async def common(q: str | None = None, limit: int = 10):
        return {"q": q, "limit": limit}

    def sync_common(skip: int = 0):
        return skip

    @app.get("/common")
    async def use_common(c: Annotated[dict, Depends(common)], skip: int = Depends(sync_common)):
        return [c, skip]

    class Pager:
        def __init__(self, page: int = 1, size: Annotated[int, Query(le=50)] = 20):
            self.page, self.size = page, size

    @app.get("/class")
    async def use_class(pager: Annotated[Pager, Depends()]):
        return [pager.page, pager.size]

    class Checker:
        def __init__(self, word: str):
            self.word = word

        def __call__(self, q: str = ""):
            return self.word in q

    checker = Checker("bar")

    @app.get("/object")
    async def use_object(found: Annotated[bool, Depends(checker)]):
        return found

    calls = {"n": 0}

    async def counted():
        calls["n"] += 1
        return calls["n"]

    async def first(n: int = Depends(counted)):
        return n

    async def second(n: int = Depends(counted)):
        return n

    @app.get("/shared")
    async def shared(a: int = Depends(first), b: int = Depends(second), c: int = Depends(counted)):
        return a == b == c

    @app.get("/unshared")
    async def unshared(a: int = Depends(counted), b: int = Depends(counted, use_cache=False)):
        return b - a

    async def outer_generator():
        log.append("outer in")
        try:
            yield "outer"
        except ValueError as error:
            log.append(f"outer saw {error}")
            raise
        finally:
            log.append("outer out")

    def inner_generator(outer: str = Depends(outer_generator)):
        log.append("inner in")
        try:
            yield f"{outer}-inner"
        finally:
            log.append("inner out")

    @app.get("/yield")
    async def use_yield(value: str = Depends(inner_generator)):
        log.append("handler")
        return value

    @app.get("/yield-raises")
    async def yield_raises(value: str = Depends(inner_generator)):
        raise ValueError("boom")

    @app.get("/yield-http")
    async def yield_http(value: str = Depends(inner_generator)):
        raise HTTPException(409, "conflict")

    async def converts():
        try:
            yield
        except ValueError:
            raise HTTPException(418, "converted") from None

    @app.get("/converts")
    async def use_converts(value: None = Depends(converts)):
        raise ValueError("x")

    async def swallows():
        try:
            yield
        except ValueError:
            pass

    @app.get("/swallows")
    async def use_swallows(value: None = Depends(swallows)):
        raise ValueError("x")

    async def function_scope():
        log.append("function in")
        yield 1
        log.append("function out")

    async def request_scope():
        log.append("request in")
        yield 2
        log.append("request out")

    @app.get("/scopes")
    async def scopes(
        tasks: kit.BackgroundTasks,
        a: int = Depends(function_scope, scope="function"),
        b: int = Depends(request_scope, scope="request"),
    ):
        tasks.add_task(log.append, "task")
        return [a, b]

    async def token(x_token: Annotated[str, Header()]):
        if x_token != "secret":
            raise HTTPException(400, "bad token")
        return x_token

    async def key(x_key: Annotated[str, Header()]):
        if x_key != "key":
            raise HTTPException(401, "bad key")

    @app.get("/decorated", dependencies=[Depends(token), Depends(key)])
    async def decorated(n: int):
        return n

    async def fails_first(a: int = Query()):
        log.append("fails_first ran")

    async def runs_second():
        log.append("runs_second ran")

    @app.get("/partial-errors")
    async def partial_errors(x: None = Depends(fails_first), y: None = Depends(runs_second)):
        return "ok"

    @app.post("/auth-before-body", dependencies=[Depends(token)])
    async def auth_before_body(values: list[int]):
        return values

    async def body_dependency(item: dict):
        return item

    @app.post("/body-in-dependency")
    async def body_in_dependency(item: dict = Depends(body_dependency)):
        return item

    async def writes(response: kit.Response, request: kit.Request):
        response.headers["x-first"] = request.url.path
        response.status_code = 202

    @app.get("/writes")
    async def use_writes(x: None = Depends(writes)):
        return "written"

    async def adds_task(tasks: kit.BackgroundTasks):
        tasks.add_task(log.append, "from dependency")

    @app.get("/tasks")
    async def tasks(tasks: kit.BackgroundTasks, x: None = Depends(adds_task)):
        tasks.add_task(log.append, "from handler")
        return "queued"

    def scopes_of(scopes: kit.SecurityScopes):
        return scopes.scopes

    def below(found: list = kit.Security(scopes_of, scopes=["b"])):
        return found

    @app.get("/security")
    async def security(
        found: list = kit.Security(below, scopes=["a"]), other: list = kit.Security(scopes_of, scopes=["c"])
    ):
        return [found, other]

    async def original():
        return "original"

    async def replacement(q: str = "none"):
        return f"replaced {q}"

    async def middle(value: str = Depends(original)):
        return value

    @app.get("/override")
    async def override(value: str = Depends(middle)):
        return value

    @app.post("/override/{state}")
    async def switch(state: str):
        if state == "on":
            app.dependency_overrides[original] = replacement
        else:
            app.dependency_overrides.clear()
        return state

    return app


REQUESTS = [
    "/common", "/common?q=a&limit=5&skip=2", "/common?limit=x&skip=y", "/class", "/class?page=2&size=51", "/object?q=foobar",
    "/shared", "/unshared", "/yield", "/yield-raises", "/yield-http", "/converts", "/swallows", "/scopes",
    "/partial-errors", "/partial-errors?a=1", "/writes", "/tasks", "/security",
]  # fmt: skip


@pytest.mark.parametrize("path", REQUESTS)
def test_dependencies_answer_and_run_alike(parity, path):
    parity(build, "GET", path)
    parity(build, "GET", "/log")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-token": "secret"},
        {"x-token": "bad"},
        {"x-token": "secret", "x-key": "bad"},
        {"x-token": "secret", "x-key": "key"},
    ],
)
@pytest.mark.parametrize("path", ["/decorated?n=1", "/decorated?n=x"])
def test_dependencies_of_a_decorator_come_first(parity, path, headers):
    parity(build, "GET", path, headers=headers)


@pytest.mark.parametrize("token", ["secret", "bad"])
@pytest.mark.parametrize("body", [b"[1]", b'["x"]', b"["])
def test_a_refusal_comes_before_errors_of_the_body_but_not_before_malformed_json(parity, token, body):
    parity(
        build,
        "POST",
        "/auth-before-body",
        content=body,
        headers={"x-token": token, "content-type": "application/json"},
    )


@pytest.mark.parametrize("body", [{"a": 1}, [1]])
def test_a_dependency_may_read_the_body(parity, body):
    parity(build, "POST", "/body-in-dependency", json=body)


def test_overrides_hold_from_one_request_to_the_next(parity):
    for path in ("/override", "/override?q=a"):
        parity(build, "GET", path)
    parity(build, "POST", "/override/on")
    for path in ("/override", "/override?q=a"):
        parity(build, "GET", path)
    parity(build, "POST", "/override/off")
    parity(build, "GET", "/override")
