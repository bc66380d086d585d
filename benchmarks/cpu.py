"""CPU-bound work off the event loop: this project's pools against what else there is, in one run.

    pip install -e packages/fasterapi-concurrency anyio loky psutil
    python benchmarks/cpu.py                       # all systems, three rounds, two workers
    python benchmarks/cpu.py --rounds 1 interpreters thread
    python benchmarks/cpu.py --soak                # 1,000,000 calls and 1,000 pools, with memory before and after

Every system is measured in a process of its own, systems take turns round by round, and every answer is checked
before it is timed. Waiting for another thread or process is the subject, so times are wall clock: compare the
columns of one run, and believe large ratios only. `cpu us` is the CPU time that the whole process spends on one
round trip, workers that are threads included. A row shows the median of the rounds, "start" the best, because
another program on the machine can only make it worse. "speed-up" needs two quiet cores.
"""

from __future__ import annotations

import argparse
import asyncio
import concurrent.futures
import functools
import gc
import importlib.util
import json
import multiprocessing
import os
import platform
import statistics
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("fasterapi_concurrency", "anyio", "loky")
WORKERS = 2
BIG = 10_000_000
ROWS = {  # name -> (unit, whether more is better, how rounds are summed up)
    "start": ("ms until both workers have answered", False, min),
    "memory": ("MB per worker", False, statistics.median),
    "round trip": ("us, one no-op at a time", False, statistics.median),
    "cpu us": ("us CPU of this process per round trip", False, statistics.median),
    "1,000 small jobs": ("ms, gathered", False, statistics.median),
    "10 MB argument": ("ms", False, statistics.median),
    "10 MB result": ("ms", False, statistics.median),
    "speed-up": ("jobs per second of two callers against one", True, statistics.median),
    "stall": ("ms, the loop's longest while the pool is saturated", False, statistics.median),
    "shutdown": ("ms", False, statistics.median),
}


def noop(value):
    return value


def nap_and_name(seconds):
    time.sleep(seconds)
    return os.getpid()


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def make_bytes(size):
    return b"x" * size


class Executor:
    """Any `concurrent.futures` executor, used as asyncio uses it."""

    def __init__(self, make):
        self.executor = make()

    async def call(self, fn, *args):
        return await asyncio.get_running_loop().run_in_executor(self.executor, fn, *args)

    async def close(self):
        await asyncio.to_thread(self.executor.shutdown)


class Ours:
    def __init__(self, kind):
        import fasterapi_concurrency

        self.pool = getattr(fasterapi_concurrency, kind)(WORKERS)
        self.call = self.pool.run

    async def close(self):
        await self.pool.aclose()


class OurThreads:
    def __init__(self):
        from fasterapi_concurrency import ThreadLimiter

        self.call = ThreadLimiter(WORKERS).run

    async def close(self):
        pass


class AnyIO:
    def __init__(self, module):
        import anyio

        self.run_sync = importlib.import_module(f"anyio.{module}").run_sync
        self.limiter = anyio.CapacityLimiter(WORKERS)

    async def call(self, fn, *args):
        return await self.run_sync(fn, *args, limiter=self.limiter)

    async def close(self):
        pass


def processes(method):
    context = multiprocessing.get_context(method)
    return functools.partial(concurrent.futures.ProcessPoolExecutor, WORKERS, mp_context=context)


def loky():
    import loky as module

    return module.ProcessPoolExecutor(WORKERS)


SYSTEMS = {
    "interpreters": lambda: Ours("SubInterpreterPool"),
    "our processes": lambda: Ours("ProcessPool"),
    "our threads": OurThreads,
    "thread": lambda: Executor(functools.partial(concurrent.futures.ThreadPoolExecutor, WORKERS)),
    "anyio.to_thread": lambda: AnyIO("to_thread"),
    "process-fork": lambda: Executor(processes("fork")),
    "process-forkserver": lambda: Executor(processes("forkserver")),
    "process-spawn": lambda: Executor(processes("spawn")),
    "loky": lambda: Executor(loky),
    "anyio.to_process": lambda: AnyIO("to_process"),
}
if sys.version_info >= (3, 14):
    SYSTEMS["anyio.to_interpreter"] = lambda: AnyIO("to_interpreter")
    SYSTEMS["InterpreterPoolExecutor"] = lambda: Executor(
        functools.partial(concurrent.futures.InterpreterPoolExecutor, WORKERS)
    )


async def timed(awaitable, expected):
    began = time.perf_counter()
    result = await awaitable
    spent = time.perf_counter() - began
    if result != expected:
        raise AssertionError(f"expected {expected!r:.50}, received {result!r:.50}")
    return spent


def count_descriptors():
    return len(list(Path("/proc/self/fd").iterdir()))


def memory():
    """Bytes that only this process and its children hold."""
    import psutil

    me = psutil.Process()
    return sum(process.memory_full_info().uss for process in [me, *me.children(recursive=True)])


async def worst_stall(running):
    """The longest time for which the loop did not come round while `running` was not done."""
    worst, last = 0.0, time.perf_counter()
    while not running.done():
        await asyncio.sleep(0)
        now = time.perf_counter()
        worst, last = max(worst, now - last), now
    await running
    return worst


async def jobs_per_second(call, streams, seconds=0.3, n=19):
    """How many jobs so many callers get done who each wait for one at a time."""
    done, began = 0, time.perf_counter()

    async def stream():
        nonlocal done
        while time.perf_counter() - began < seconds:
            await call(fib, n)
            done += 1

    await asyncio.gather(*[stream() for _ in range(streams)])
    return done / (time.perf_counter() - began)


async def speed_up(call, windows=8):
    """Two callers against one, in turns: a GIL that they share, or not, shows on a busy machine too."""
    one, two = [], []
    for _ in range(windows):
        one.append(await jobs_per_second(call, 1))
        two.append(await jobs_per_second(call, 2))
    return sum(two) / sum(one)


async def measure(name):
    """All rows of one system."""
    found = {}
    for module in PACKAGES:  # what is imported once by a server is no part of starting a pool
        if importlib.util.find_spec(module):
            importlib.import_module(module)
    gc.collect()
    before = memory()
    began = time.perf_counter()
    system = SYSTEMS[name]()
    call = system.call
    await asyncio.gather(*[call(nap_and_name, 0.005) for _ in range(WORKERS)])
    found["start"] = (time.perf_counter() - began - 0.005) * 1e3
    found["memory"] = (memory() - before) / WORKERS / 1e6
    for n in range(200):
        await call(noop, n)
    spent = [await timed(call(noop, n), n) for n in range(1000)]
    found["round trip"] = statistics.median(spent) * 1e6
    cpu = time.process_time()
    for n in range(1000):
        await call(noop, n)
    found["cpu us"] = (time.process_time() - cpu) * 1e3
    rounds = [
        await timed(asyncio.gather(*[call(noop, n) for n in range(1000)]), list(range(1000)))
        for _ in range(5)
    ]
    found["1,000 small jobs"] = statistics.median(rounds) * 1e3
    data = make_bytes(BIG)
    found["10 MB argument"] = statistics.median([await timed(call(len, data), BIG) for _ in range(9)]) * 1e3
    found["10 MB result"] = (
        statistics.median([await timed(call(make_bytes, BIG), data) for _ in range(9)]) * 1e3
    )
    found["speed-up"] = await speed_up(call)
    busy = asyncio.gather(*[call(fib, 18) for _ in range(60)])
    found["stall"] = await worst_stall(busy) * 1e3
    began = time.perf_counter()
    await system.close()
    found["shutdown"] = (time.perf_counter() - began) * 1e3
    return found


def measure_apart(name):
    """One system in a process of its own; `None` with a reason on stderr if it cannot run here."""
    here = Path(__file__).parent
    code = f"import asyncio, json, cpu; print('RESULT', json.dumps(asyncio.run(cpu.measure({name!r}))))"
    environment = {**os.environ, "PYTHONPATH": str(here)}
    try:
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            check=False,
            text=True,
            env=environment,
            timeout=60,
            cwd=here,
        )
    except subprocess.TimeoutExpired:
        print(f"{name}: no result in 60 s", file=sys.stderr)
        return None
    for line in done.stdout.splitlines():
        if line.startswith("RESULT "):
            return json.loads(line[7:])
    print(f"{name}: {(done.stderr.strip().splitlines() or ['no output'])[-1][:150]}", file=sys.stderr)
    return None


def show(results):
    names = [name for name, rounds in results.items() if rounds]
    print("| " + " | ".join(["system", *ROWS]) + " |\n|---|" + "---:|" * len(ROWS))
    for name in names:
        cells = [ROWS[row][2]([found[row] for found in results[name]]) for row in ROWS]
        print(
            "| "
            + " | ".join([name, *(f"{cell:.2f}" if cell < 100 else f"{cell:.0f}" for cell in cells)])
            + " |"
        )
    print("\n" + "\n".join(f"- {row}: {unit}" for row, (unit, _, _) in ROWS.items()))
    if "interpreters" not in names:
        return
    print("\nTimes better than each system (above 1: `interpreters` is ahead), round by round, median:\n")
    rows = [row for row in ROWS if row not in {"memory", "stall"}]
    print("| against | " + " | ".join(rows) + " |\n|---|" + "---:|" * len(rows))
    for name in names[1:]:
        cells = []
        for row in rows:
            pairs = zip(results["interpreters"], results[name], strict=True)
            ratios = [(other[row] / ours[row]) ** (-1 if ROWS[row][1] else 1) for ours, other in pairs]
            cells.append(f"{statistics.median(ratios):.1f}")
        print("| " + " | ".join([name, *cells]) + " |")


async def soak(calls=1_000_000, pools=1_000):
    """Neither calls nor pools may make the process grow."""
    import psutil

    from fasterapi_concurrency import SubInterpreterPool

    def resident():
        gc.collect()
        return psutil.Process().memory_info().rss / 1e6

    async with SubInterpreterPool(WORKERS) as pool:
        for done in range(0, calls, 1000):
            if done == calls // 20:
                before = resident()
            await asyncio.gather(*[pool.run(noop, n) for n in range(1000)])
        print(f"{calls:,} calls: {before:.1f} MB after 5 %, {resident():.1f} MB at the end")
    for done in range(pools):
        if done == pools // 20:
            before, descriptors = resident(), count_descriptors()
        with SubInterpreterPool(1) as pool:
            if pool.submit(noop, done).result() != done:
                raise AssertionError("wrong answer")
    left = count_descriptors() - descriptors
    print(
        f"{pools:,} pools: {before:.1f} MB after 5 %, {resident():.1f} MB at the end, {left} descriptors more"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("systems", nargs="*", help=", ".join(SYSTEMS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--soak", action="store_true", help="many calls and many pools instead of the table")
    parser.add_argument("--json", type=Path, help="keep the raw numbers in this file")
    options = parser.parse_args()
    packages = {
        name: version(name) for name in ("anyio", "loky") if __import__("importlib.util").util.find_spec(name)
    }
    print(f"Python {platform.python_version()}, {os.cpu_count()} CPUs, {WORKERS} workers, {packages}\n")
    if options.soak:
        asyncio.run(soak())
        return
    results = {name: [] for name in options.systems or SYSTEMS}
    for _ in range(options.rounds):
        for name in list(results):
            found = measure_apart(name)
            if found is None:
                del results[name]
            else:
                results[name].append(found)
    if options.json:
        options.json.write_text(
            json.dumps({"python": platform.python_version(), "results": results}, indent=1)
        )
    show(results)


if __name__ == "__main__":
    main()
