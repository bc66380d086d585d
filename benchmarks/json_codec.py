"""JSON encoding and decoding: what this project uses, against the alternatives, interleaved in one process.

    python benchmarks/json_codec.py [--iterations 500000] [--rounds 20]

Encode: a dict to bytes. Decode: bytes to a typed, validated object, beside bytes to an untyped dict. Results are
compared before anything is timed; the thread's CPU time. What is not installed is left out and named.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from harness.machine import describe_machine

VALUE = {"id": 42, "name": "Ada Lovelace", "email": "ada@example.com", "tags": ["a", "b", "c"], "score": 1.5}
CONTENT = json.dumps(VALUE).encode()


def encoders() -> tuple[dict[str, Callable[[], bytes]], list[str]]:
    found: dict[str, Callable[[], bytes]] = {"json.dumps + .encode()": lambda: json.dumps(VALUE).encode()}
    absent = []
    try:
        import msgspec
    except ImportError:
        absent.append("msgspec")
    else:
        encode = msgspec.json.Encoder().encode
        found["msgspec Encoder.encode (this project)"] = lambda: encode(VALUE)
        found["msgspec.json.encode"] = lambda: msgspec.json.encode(VALUE)
    try:
        import orjson
    except ImportError:
        absent.append("orjson")
    else:
        found["orjson.dumps"] = lambda: orjson.dumps(VALUE)
    return found, absent


def decoders() -> tuple[dict[str, Callable[[], Any]], list[str]]:
    found: dict[str, Callable[[], Any]] = {"json.loads (untyped)": lambda: json.loads(CONTENT)}
    absent = []
    try:
        import msgspec
    except ImportError:
        absent.append("msgspec")
    else:

        class User(msgspec.Struct):
            id: int
            name: str
            email: str
            tags: list[str]
            score: float

        decode = msgspec.json.Decoder(User, strict=False).decode
        found["msgspec Decoder, typed (this project)"] = lambda: decode(CONTENT)
    try:
        import pydantic
    except ImportError:
        absent.append("pydantic")
    else:

        class Model(pydantic.BaseModel):
            id: int
            name: str
            email: str
            tags: list[str]
            score: float

        found["Pydantic model_validate_json"] = lambda: Model.model_validate_json(CONTENT)
    return found, absent


def check(calls: dict[str, Callable[[], Any]]) -> None:
    """Every call must give `VALUE`, as bytes, mapping or object. Raises SystemExit."""
    for name, call in calls.items():
        result = call()
        if isinstance(result, bytes):
            result = json.loads(result)
        given = result if isinstance(result, dict) else {key: getattr(result, key) for key in VALUE}
        if given != VALUE:
            raise SystemExit(f"{name} gives {given!r}")


def measure(calls: dict[str, Callable[[], Any]], iterations: int, rounds: int) -> dict[str, list[float]]:
    """Nanoseconds a call, one figure a round."""
    results: dict[str, list[float]] = {name: [] for name in calls}
    count = max(1, iterations // rounds)
    for _ in range(rounds):
        for name, call in calls.items():
            began = time.thread_time_ns()
            for _ in range(count):
                call()
            results[name].append((time.thread_time_ns() - began) / count)
    return results


def table(title: str, results: dict[str, list[float]], base: str) -> str:
    lines = [f"| {title} | ns | calls per second | ratio |", "|---|--:|--:|--:|"]
    for name, rounds in results.items():
        median = statistics.median(rounds)
        ratio = statistics.median(slow / fast for slow, fast in zip(results[base], rounds, strict=True))
        lines.append(f"| {name} | {median:,.0f} | {1e9 / median:,.0f} | {ratio:.1f} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--iterations", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=20)
    arguments = parser.parse_args()
    print("; ".join(describe_machine().values()))
    for title, (calls, absent), base in (
        ("encode: dict to bytes", encoders(), "json.dumps + .encode()"),
        ("decode: bytes to object", decoders(), "json.loads (untyped)"),
    ):
        check(calls)
        print("\n" + table(title, measure(calls, arguments.iterations, arguments.rounds), base))
        for name in absent:
            print(f"- {name} is not installed")


if __name__ == "__main__":
    main()
