"""CPU time per call of fasterapi-di, of functions written by hand, and of peers.

    python3.13 -m venv .venv
    .venv/bin/pip install -e packages/fasterapi-di fastapi==0.165.0 fast-depends dishka wireup diwire that-depends \
        svcs anydi taskiq-dependencies
    .venv/bin/python benchmarks/di.py                       # every contestant that is installed
    .venv/bin/python benchmarks/di.py --only dishka wireup  # these, against ours and the functions by hand
    .venv/bin/python benchmarks/di.py parallel              # wall-clock time of coroutines that wait

All contestants resolve the same graphs (`di_contestants/graphs.py`) with the same functions. Before anything is timed
the answers are compared, and how many values were made for them. Rounds are interleaved; times are those of the
thread's CPU clock (FastAPI runs plain functions in worker threads, so its plain rows use the process's clock).
Ratios are medians over rounds of one contestant's time to that of the hand-written function in the same round.
"""

import argparse
import asyncio
import json
import platform
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from di_contestants import CONTESTANTS, Call, Contestant
from di_contestants.graphs import ROWS, Row, build

NANOSECONDS_PER_ROUND = 4_000_000
Result = dict[str, dict[str, Any]]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="?", choices=("calls", "parallel"), default="calls")
    parser.add_argument("--only", nargs="*", default=None, help="peers to run beside ours")
    parser.add_argument("--rounds", type=int, default=25)
    options = parser.parse_args()
    if options.what == "parallel":
        parallel()
        return
    chosen = [contestant for contestant in CONTESTANTS if is_chosen(contestant, options.only)]
    print(f"CPython {platform.python_version()}, {platform.machine()}; µs per call (x by hand)")
    results: Result = {}
    for is_async in (False, True):
        for row in ROWS:
            key = f"{'async' if is_async else 'plain'} {row.name}"
            results[key] = measure(row, is_async, chosen, options.rounds)
    print_table(results, chosen)
    folder = Path(__file__).parent / "results"
    folder.mkdir(exist_ok=True)
    (folder / "di.json").write_text(json.dumps(results, indent=1))


def is_chosen(contestant: Contestant, only: list[str] | None) -> bool:
    if contestant.distribution in ("", "fasterapi-di"):
        return True
    try:
        version(contestant.distribution)
    except PackageNotFoundError:
        return False
    return only is None or contestant.distribution in only


def measure(row: Row, is_async: bool, chosen: list[Contestant], rounds: int) -> dict[str, Any]:
    calls: dict[str, tuple[Call, bool]] = {}
    for contestant in chosen:
        awaits = is_async or contestant.always_async
        if check(contestant, row, is_async, awaits):
            call = contestant.prepare(partial(build, row, is_async))
            assert call is not None
            calls[contestant.name] = call, awaits
    samples: dict[str, list[float]] = {name: [] for name in calls}
    counts = {name: calibrated(call, awaits) for name, (call, awaits) in calls.items()}
    for _ in range(rounds):
        for name, (call, awaits) in calls.items():
            samples[name].append(timed(call, awaits, counts[name]))
    hand = samples["by hand"]
    return {
        name: {
            "microseconds": statistics.median(times) / 1000,
            "ratio": statistics.median(own / other for own, other in zip(times, hand, strict=True)),
        }
        for name, times in samples.items()
    }


def check(contestant: Contestant, row: Row, is_async: bool, awaits: bool) -> bool:
    """Compare the answer and the number of values made; False if the library can't do this row."""
    made: list[Any] = []

    def counting(**style: Any) -> Any:
        built = build(row, is_async, **style, counting=True)
        made.append(built)
        return built

    call = contestant.prepare(counting)
    if call is None:
        return False
    result = asyncio.run(once(call)) if awaits else call()
    names = [type(value).__name__ for value in result]
    assert names == [f"Value{need}" for need in row.target], (contestant.name, row.name, names)
    values = sum(len(built.made) for built in made)
    if values != len(row.needs):
        print(f"  {contestant.name}, {row.name}: makes {values} values where {len(row.needs)} would do")
    return True


async def once(call: Callable[[], Any]) -> Any:
    return await call()


def calibrated(call: Call, awaits: bool) -> int:
    count = 10
    while (spent := timed(call, awaits, count) * count) < NANOSECONDS_PER_ROUND:
        count = max(count * 2, int(count * NANOSECONDS_PER_ROUND / max(spent, 1) * 1.1))
    return count


def timed(call: Call, awaits: bool, count: int) -> float:
    """Nanoseconds of CPU per call."""
    if awaits:
        return asyncio.run(timed_async(call, count))
    begin = time.thread_time_ns()
    for _ in range(count):
        call()
    return (time.thread_time_ns() - begin) / count


async def timed_async(call: Call, count: int) -> float:
    await call()
    begin = time.process_time_ns()
    for _ in range(count):
        await call()
    return (time.process_time_ns() - begin) / count


def print_table(results: Result, chosen: list[Contestant]) -> None:
    for kind in ("plain", "async"):
        columns = [key for key in results if key.startswith(kind)]
        print(f"\n| {kind} | " + " | ".join(column.removeprefix(f"{kind} ") for column in columns) + " |")
        print("|---|" + "---:|" * len(columns))
        for contestant in chosen:
            cells = [results[column].get(contestant.name) for column in columns]
            texts = [f"{cell['microseconds']:.2f} ({cell['ratio']:.2f}x)" if cell else "—" for cell in cells]
            if any(cells):
                print(f"| {contestant.name} | " + " | ".join(texts) + " |")


def parallel() -> None:
    """Three coroutines that wait 10 ms each, one after another and at the same time."""
    from fasterapi_di import Depends, inject

    async def wait() -> None:
        await asyncio.sleep(0.01)

    def three(**options: Any) -> Call:
        async def target(
            a: Any = Depends(wait, use_cache=False),
            b: Any = Depends(wait, use_cache=False),
            c: Any = Depends(wait, use_cache=False),
        ) -> None: ...

        return inject(target, **options)

    async def milliseconds(call: Call) -> float:
        begin = time.perf_counter()
        for _ in range(20):
            await call()
        return (time.perf_counter() - begin) / 20 * 1000

    for name, options in (("one after another", {}), ("parallel=True", {"parallel": True})):
        print(f"{name}: {asyncio.run(milliseconds(three(**options))):.1f} ms")


if __name__ == "__main__":
    main()
