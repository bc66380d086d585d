"""The project's promise to people who come from FastAPI, word by word."""

from pathlib import Path, PurePosixPath

import pytest

pytest.importorskip("libcst", reason="the codemod needs the extra `cli`")

from fasterapi.cli.migrate import rewrite_sources


def rewrite(text: str) -> str:
    return rewrite_sources({PurePosixPath("main.py"): text.encode()})[PurePosixPath("main.py")].content.decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from fastapi import FastAPI\n", "from FasterAPI import Faster\n"),
        ("from fastapi import FastAPI\napp = FastAPI()\n", "from FasterAPI import Faster\napp = Faster()\n"),
        (
            "from pydantic import BaseModel\nclass Item(BaseModel):\n    name: str\n",
            "import msgspec\nclass Item(msgspec.Struct):\n    name: str\n",
        ),
        ("from fastapi import APIRouter\n", "from FasterAPI import FasterRouter\n"),
        ("from starlette.testclient import TestClient\n", "from FasterAPI import TestClient\n"),
    ],
)
def test_the_table_of_changes_holds(before: str, after: str) -> None:
    assert rewrite(before) == after


@pytest.mark.parametrize(
    "line",
    [
        "from fastapi import Depends, Path, Query, Header, Cookie, Body, File, Form",
        "from fastapi import HTTPException, BackgroundTasks, WebSocket, WebSocketDisconnect",
        "from fastapi.exceptions import RequestValidationError",
        "from fastapi.middleware.cors import CORSMiddleware",
        "from fastapi.responses import JSONResponse, HTMLResponse, PlainTextResponse, RedirectResponse",
        "from fastapi.responses import StreamingResponse, FileResponse",
    ],
)
def test_what_stays_identical_stays_and_can_be_imported(line: str) -> None:
    migrated = rewrite(line + "\n")
    assert migrated.partition(" import ")[2] == line.partition(" import ")[2] + "\n"
    exec(migrated, {})


def test_the_example_holds() -> None:
    before = (Path(__file__).parent / "golden" / "application.before.py").read_text("utf-8")
    after = (Path(__file__).parent / "golden" / "application.after.py").read_text("utf-8")
    seed = after.replace("return item\n", 'return {"name": item.name, "price": item.price}\n')
    testing = pytest.importorskip("fasterapi.testclient")
    pytest.importorskip("httpx")
    answers = []
    for text in (rewrite(before), seed):
        namespace: dict[str, object] = {"__name__": "example"}
        exec(compile(text, "example.py", "exec"), namespace)
        client = testing.TestClient(namespace["app"])
        answers.append([client.post("/items", json=body).json() for body in ({"name": "a", "price": "1"}, {}, [])])
    assert answers[0] == answers[1]
    assert answers[0][0] == {"name": "a", "price": 1.0}


def test_every_module_that_the_codemod_names_exists() -> None:
    import importlib.util

    from fasterapi.cli.migrate import names

    missing = [new for new in {*names.MODULES.values()} if importlib.util.find_spec(new) is None]
    assert missing == []


def test_every_public_name_of_fastapi_can_be_imported_after_migration() -> None:
    fastapi = pytest.importorskip("fastapi")
    public = [name for name, value in vars(fastapi).items() if name[0].isupper() and isinstance(value, type)]
    exec(rewrite("".join(f"from fastapi import {name}\n" for name in public)), {})
