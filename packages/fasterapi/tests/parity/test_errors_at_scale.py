"""Random types that msgspec and pydantic share, random bodies: accepted alike, and errors at the same places.

Types and bodies come from `validation/shapes.py`. FASTERAPI_PARITY_EXAMPLES sets the number of cases.
"""

import importlib.util
import json
import os
import sys
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from fasterapi.validation import Adapter

pydantic = pytest.importorskip("pydantic", reason="the parity session installs FastAPI")

EXAMPLES = int(os.environ.get("FASTERAPI_PARITY_EXAMPLES", "10000"))
BODIES_PER_TYPE = 25
# Where lax JSON is read alike (docs/differences.md): no booleans for numbers, no texts that only one side converts.
SCALARS = (
    None,
    0,
    1,
    -5,
    7,
    3,
    2.0,
    1.5,
    10**9,
    "",
    "x",
    "abc",
    "1",
    "red",
    "ä€😀",
    [],
    {},
    [None],
    {"z": 1},
)


@pytest.fixture(scope="module")
def shapes() -> Any:
    place = Path(__file__).parent.parent / "validation" / "shapes.py"
    spec = importlib.util.spec_from_file_location("parity_shapes", place)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def junk(random: Random) -> Any:
    return random.choice(SCALARS)


def their_errors(adapter: Any, body: bytes) -> list[tuple[Any, ...]]:
    try:
        adapter.validate_python(json.loads(body), from_attributes=True)
    except pydantic.ValidationError as error:
        return [
            (item["type"], *item["loc"]) for item in error.errors(include_url=False, include_context=False)
        ]
    return []


def test_errors_are_at_the_same_places(shapes: Any) -> None:
    seed = done = 0
    while done < EXAMPLES:
        seed += 1
        random = Random(seed)
        shape = shapes.shape(random)
        if shape.peer is None:
            continue
        ours, theirs = Adapter(shape.type), pydantic.TypeAdapter(shape.peer(pydantic))
        for _ in range(BODIES_PER_TYPE):
            value = shape.fit(random)
            for _ in range(random.choice((0, 1, 1, 2))):
                value = shapes.mutate(random, value, junk)
            body = msgspec.json.encode(value)
            if b"true" in body or b"false" in body:
                continue  # for pydantic they are numbers, too
            done += 1
            mine = {(error["type"], *error["loc"]) for error in ours.json_errors(body, ())}
            other = set(their_errors(theirs, body))
            assert mine == other, f"seed={seed} type={shape.type!r} body={body!r}"
