"""CPU time and memory to document 1,000 operations with 250 models: this package, FastAPI, Litestar.

    python benchmarks/openapi.py [--operations 1000] [--rounds 5]

Every contestant has the same paths, parameters, bodies and responses; that is checked before anything is
timed. Rounds are interleaved, times are the thread's CPU time. Handlers are read when an application is made
in FastAPI and Litestar, which is not timed there; here reading the signatures is part of the time.
A contestant that is not installed is left out.
"""

import argparse
import gc
import importlib
import inspect
import json
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable

JSON = "application/json"
OPERATIONS_PER_MODEL = 4


def make_handlers(count: int, make_model: Callable[[int], type]) -> list[tuple[str, Callable[..., object]]]:
    handlers = []
    for index in range(count):
        if index % OPERATIONS_PER_MODEL == 0:
            model = make_model(index // OPERATIONS_PER_MODEL)

        def handler(item_id: int, data: object, q: int | None = None) -> object: ...

        handler.__name__ = f"operation_{index}"
        handler.__annotations__.update({"data": model, "return": model})
        handlers.append((f"/r{index}/{{item_id}}", handler))
    return handlers


class Ours:
    """Reads the handlers and builds the document."""

    name = "fasterapi-openapi"

    def __init__(self, count: int) -> None:
        msgspec = importlib.import_module("msgspec")
        self.oa = importlib.import_module("fasterapi_openapi")

        def make_model(index: int) -> type:
            part = msgspec.defstruct(f"Part{index}", [("x", int), ("y", str | None, None)], module="shop")
            tags = ("tags", list[str], msgspec.field(default_factory=list))
            fields = [("id", int), ("name", str), ("price", float, 1.0), tags, ("part", part | None, None)]
            return msgspec.defstruct(f"Model{index}", fields, module="shop")

        self.handlers = make_handlers(count, make_model)

    def document(self) -> bytes:
        oa = self.oa
        operations = [self.operation(path, handler) for path, handler in self.handlers]
        return oa.encode(oa.build_document(oa.DocumentSpec(title="Shop", version="1"), operations))

    def operation(self, path: str, handler: Callable[..., object]) -> object:
        oa = self.oa
        signature = inspect.signature(handler)
        q = signature.parameters["q"]
        return oa.OperationSpec(
            method="POST",
            path=path,
            operation_id=handler.__name__,
            summary=handler.__name__.replace("_", " ").title(),
            parameters=[
                oa.ParameterSpec(
                    name="item_id", location="path", type=signature.parameters["item_id"].annotation
                ),
                oa.ParameterSpec(name="q", location="query", type=q.annotation, default=q.default),
            ],
            body=oa.BodySpec(content={JSON: oa.MediaSpec(type=signature.parameters["data"].annotation)}),
            responses={200: oa.ResponseSpec(content={JSON: oa.MediaSpec(type=signature.return_annotation)})},
            validation_error=True,
        )


class FastAPI:
    name = "fastapi"

    def __init__(self, count: int) -> None:
        fastapi = importlib.import_module("fastapi")
        pydantic = importlib.import_module("pydantic")

        def make_model(index: int) -> type:
            part = pydantic.create_model(f"Part{index}", x=(int, ...), y=(str | None, None))
            fields = {"id": (int, ...), "name": (str, ...), "price": (float, 1.0), "tags": (list[str], [])}
            return pydantic.create_model(f"Model{index}", **fields, part=(part | None, None))

        self.app = fastapi.FastAPI(title="Shop", version="1")
        for path, handler in make_handlers(count, make_model):
            self.app.post(path, operation_id=handler.__name__)(handler)

    def document(self) -> bytes:
        self.app.openapi_schema = None
        return json.dumps(self.app.openapi()).encode()


class Litestar:
    name = "litestar"

    def __init__(self, count: int) -> None:
        self.litestar = importlib.import_module("litestar")
        self.config = importlib.import_module("litestar.openapi.config").OpenAPIConfig(
            title="Shop", version="1"
        )
        ours = Ours(count)
        routes = []
        for path, handler in ours.handlers:
            options = {"operation_id": handler.__name__, "status_code": 200, "sync_to_thread": False}
            typed_path = path.replace("{item_id}", "{item_id:int}")
            routes.append(self.litestar.post(typed_path, **options)(handler))
        self.app = self.litestar.Litestar(routes, openapi_config=self.config)
        self.plugin = self.app.plugins.get(importlib.import_module("litestar._openapi.plugin").OpenAPIPlugin)

    def document(self) -> bytes:
        self.plugin._openapi = self.plugin._openapi_schema = None
        return json.dumps(self.plugin.provide_openapi_schema(), default=str).encode()


def facts(document: bytes) -> dict[str, int]:
    """What all documents must agree on."""
    read = json.loads(document)
    operations = [item["post"] for item in read["paths"].values()]
    return {
        "operations": len(operations),
        "parameters": sum(len(one["parameters"]) for one in operations),
        "bodies": sum("requestBody" in one for one in operations),
        "answers": sum("200" in one["responses"] for one in operations),
        "models": sum(
            name.split(".")[-1].startswith(("Model", "Part")) for name in read["components"]["schemas"]
        ),
    }


def peak_mb(contestant: object) -> float:
    gc.collect()
    tracemalloc.start()
    contestant.document()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--operations", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    contestants = []
    for kind in (Ours, FastAPI, Litestar):
        try:
            contestants.append(kind(options.operations))
        except ModuleNotFoundError as error:
            print(f"{kind.name}: left out, {error}")
    expected = facts(contestants[0].document())
    for contestant in contestants:
        assert facts(contestant.document()) == expected, (
            contestant.name,
            facts(contestant.document()),
            expected,
        )
    times: dict[str, list[float]] = {contestant.name: [] for contestant in contestants}
    for _ in range(options.rounds):
        for contestant in contestants:
            gc.collect()
            begin = time.thread_time_ns()
            contestant.document()
            times[contestant.name].append((time.thread_time_ns() - begin) / 1e6)
    print(f"Python {sys.version.split()[0]}, {expected}")
    print(f"{'':20}{'median ms':>10}{'min':>8}{'max':>8}{'ratio':>8}{'peak MB':>9}{'JSON kB':>9}")
    first = statistics.median(times[contestants[0].name])
    for contestant in contestants:
        mine = times[contestant.name]
        median = statistics.median(mine)
        size = len(contestant.document()) / 1e3
        print(
            f"{contestant.name:20}{median:10.1f}{min(mine):8.1f}{max(mine):8.1f}{median / first:8.1f}"
            f"{peak_mb(contestant):9.1f}{size:9.0f}"
        )


if __name__ == "__main__":
    main()
