"""Start-up of an application with 1,000 routes, and the import, each in fresh processes.

    python benchmarks/startup.py [--routes 1000] [--rounds 5] [--only fasterapi,fastapi]

Every route has a path parameter, a body, a query parameter and a dependency; the OpenAPI document is built as
JSON. CPU time of the process after the interpreter has started, and its peak resident memory, both of the child
itself. This project compiles a route at its first request; "all compiled" has every one compiled beforehand.
`bare` is Python with asyncio and msgspec imported, from which imports are counted.
"""

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from harness.environments import CONTESTANTS, Absent, find_python
from harness.machine import describe_machine

FOLDER = Path(__file__).parent
ENDING = """
import json
cpu = time.process_time() - began
from harness.memory import peak_memory_bytes
print(json.dumps({"cpu": cpu, "peak": peak_memory_bytes(), "paths": paths}))
"""
BEGINNING = "import time\nbegan = time.process_time()\npaths = 0\n"
IMPORTS = {
    "bare": "import asyncio, msgspec",
    "fasterapi": "import asyncio, msgspec, fasterapi",
    "fastapi": "import asyncio, fastapi",
    "starlette": "import asyncio, starlette.applications, starlette.routing, starlette.responses",
    "litestar": "import asyncio, litestar",
    "blacksheep": "import asyncio, blacksheep",
    "falcon": "import asyncio, falcon.asgi",
    "quart": "import asyncio, quart",
    "faster_api_web": "import asyncio, FasterAPI",
}
APPLICATIONS = {
    "fasterapi": """
import msgspec
from fasterapi import Depends, Faster

class Item(msgspec.Struct):
    name: str
    price: float

async def user(): return "ada"

def make():
    async def handler(item_id: int, item: Item, q: str = "", owner: str = Depends(user)) -> Item:
        return item
    return handler

app = Faster()
for index in range(ROUTES):
    app.post(f"/r{index}/{{item_id}}")(make())
""",
    "fastapi": """
from fastapi import Depends, FastAPI
from pydantic import BaseModel

class Item(BaseModel):
    name: str
    price: float

async def user(): return "ada"

def make():
    async def handler(item_id: int, item: Item, q: str = "", owner: str = Depends(user)) -> Item:
        return item
    return handler

app = FastAPI()
for index in range(ROUTES):
    app.post(f"/r{index}/{{item_id}}")(make())
""",
    "litestar": """
import msgspec
from litestar import Litestar, post
from litestar.di import Provide

class Item(msgspec.Struct):
    name: str
    price: float

async def user() -> str: return "ada"

def make(index):
    @post(f"/r{index}/{{item_id:int}}", operation_id=f"handler{index}")
    async def handler(item_id: int, data: Item, owner: str, q: str = "") -> Item:
        return data
    return handler

app = Litestar([make(index) for index in range(ROUTES)], dependencies={"owner": Provide(user)})
""",
    "blacksheep": """
from dataclasses import dataclass
from blacksheep import Application, FromJSON
from blacksheep.server.openapi.v3 import OpenAPIHandler
from blacksheep.server.routing import Router
from openapidocs.v3 import Info

@dataclass
class Item:
    name: str
    price: float

class User: pass

def make():
    async def handler(item_id: int, data: FromJSON[Item], owner: User, q: str = "") -> Item:
        return data.value
    return handler

router = Router()
app = Application(router=router)
app.services.add_scoped(User)
docs = OpenAPIHandler(info=Info("Shop", "1"))
docs.bind_app(app)
for index in range(ROUTES):
    router.add_post(f"/r{index}/{{int:item_id}}", make())
""",
    "faster_api_web": """
import msgspec
from FasterAPI import Depends, Faster, Path, Query

class Item(msgspec.Struct):
    name: str
    price: float

async def user(): return "ada"

def make():
    async def handler(item: Item, item_id: int = Path(), q: str = Query(""), owner: str = Depends(user)):
        return item
    return handler

app = Faster()
for index in range(ROUTES):
    app.post(f"/r{index}/{{item_id}}")(make())
""",
}
APPLICATIONS["fasterapi, all compiled"] = APPLICATIONS["fasterapi"] + "app.compile()\n"
DOCUMENT = """
import asyncio, json as _json

async def ask():
    sent = []
    async def send(message): sent.append(message)
    async def receive(): return {"type": "http.request", "body": b"", "more_body": False}
    await app({"type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}, "http_version": "1.1",
        "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 81), "scheme": "http", "root_path": "", "method": "GET",
        "path": DOCUMENT_PATH, "raw_path": DOCUMENT_PATH.encode(), "query_string": b"",
        "headers": [(b"host", b"localhost")], "state": {}}, receive, send)
    return b"".join(message.get("body", b"") for message in sent)

async def start():
    messages = iter([{"type": "lifespan.startup"}])
    done = asyncio.Event()
    async def receive():
        for message in messages: return message
        await asyncio.Event().wait()
    async def send(message): done.set()
    task = asyncio.ensure_future(app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send))
    await done.wait()
    body = await ask()
    task.cancel()
    return body

paths = len(_json.loads(asyncio.run(start()))["paths"])
"""
DOCUMENT_PATHS = {"litestar": "/schema/openapi.json", "blacksheep": "/openapi.json"}


def run(python: str, source: str) -> dict[str, float]:
    done = subprocess.run(
        [python, "-c", source],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    return json.loads(done.stdout.splitlines()[-1])


def programs(routes: int) -> dict[tuple[str, str], str]:
    """(what, contestant) → the program of the child."""
    made = {("import", name): BEGINNING + statement + "\n" + ENDING for name, statement in IMPORTS.items()}
    for name, source in APPLICATIONS.items():
        settings = f"ROUTES = {routes}\nDOCUMENT_PATH = {DOCUMENT_PATHS.get(name, '/openapi.json')!r}\n"
        made["start-up", name] = BEGINNING + settings + source + DOCUMENT + ENDING
    return made


def interpreters(names: list[str], chosen: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    found, absent = {}, {}
    for contestant in CONTESTANTS:
        if contestant.module in names:
            try:
                found[contestant.module] = find_python(contestant, chosen, may_install=True)
            except Absent as reason:
                absent[contestant.title] = str(reason)
    if "fasterapi" in found:
        found["fasterapi, all compiled"] = found["fasterapi"]
    found["bare"] = found.get("fasterapi", sys.executable)
    return found, absent


def measure(
    pythons: dict[str, str], routes: int, rounds: int
) -> dict[tuple[str, str], list[dict[str, float]]]:
    results: dict[tuple[str, str], list[dict[str, float]]] = {}
    for _ in range(rounds):
        for key, source in programs(routes).items():
            if key[1] not in pythons:
                continue
            result = run(pythons[key[1]], source)
            if key[0] == "start-up" and result["paths"] < routes:
                raise RuntimeError(f"{key[1]}: the document has {result['paths']} paths, not {routes}")
            results.setdefault(key, []).append(result)
    return results


def report(results: dict[tuple[str, str], list[dict[str, float]]]) -> str:
    lines = [
        "| what | contestant | CPU time | peak memory | times this project's CPU |",
        "|---|---|--:|--:|--:|",
    ]

    def cpu(key: tuple[str, str]) -> float:
        return statistics.median(entry["cpu"] for entry in results[key])

    for key, entries in results.items():
        what, name = key
        peak = statistics.median(entry["peak"] for entry in entries) / 1e6
        base = results.get((what, "fasterapi"))
        ratio = f"{cpu(key) / cpu((what, 'fasterapi')):.1f}" if base else "-"
        lines.append(f"| {what} | {name} | {cpu(key) * 1e3:,.0f} ms | {peak:.0f} MB | {ratio} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--routes", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default=",".join(IMPORTS))
    parser.add_argument("--python", action="append", default=[], metavar="NAME=PATH")
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    chosen = dict(entry.split("=", 1) for entry in arguments.python)
    pythons, absent = interpreters(arguments.only.split(","), chosen)
    results = measure(pythons, arguments.routes, arguments.rounds)
    print("; ".join(describe_machine().values()))
    print(report(results))
    for name, reason in absent.items():
        print(f"- {name} is absent: {reason}")
    if arguments.json:
        values = {f"{what}/{name}": entries for (what, name), entries in results.items()}
        arguments.json.write_text(json.dumps(values, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
