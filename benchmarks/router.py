"""CPU time per lookup of fasterapi-router and its peers.

    pip install -e packages/fasterapi-router falcon litestar blacksheep sanic-routing werkzeug starlette tokamak \
        faster-api-web==0.2.14 autoroutes pymatchit routrie http-router
    python benchmarks/router.py                      # 100, 1,000 and 10,000 routes, every peer that is installed
    python benchmarks/router.py --routes 100 --only falcon starlette
    python benchmarks/router.py flat                 # ours alone: the same rows with more and more routes
    python benchmarks/router.py growth               # hostile paths: time per character must not grow

Routes: half wide (`/api/v1/svc7/{id}/items/{item}/revs/{rev}`), half like GitHub's (`/repos/{owner}/{repo}/feat7/{n}`).
Every answer is compared with ours before anything is timed. Rounds of all contestants are interleaved; the times are
those of the thread's CPU clock; paths are distinct, so that a cache of recent paths does not look like a router.
Results are printed and kept as JSON in `benchmarks/results/`.
"""

import argparse
import json
import platform
import random
import re
import statistics
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from router_contestants import Contestant, Lookup, Routes, contestants

PATHS = 2_000
ROUNDS = 11
SECONDS_PER_TURN = 0.02
TEMPLATES = [
    "/api/v{v}/svc{i}/list",
    "/api/v{v}/svc{i}/{{id}}",
    "/api/v{v}/svc{i}/{{id}}/items",
    "/api/v{v}/svc{i}/{{id}}/items/{{item}}/revs/{{rev}}",
    "/repos/{{owner}}/{{repo}}/feat{i}",
    "/repos/{{owner}}/{{repo}}/feat{i}/{{number}}",
    "/repos/{{owner}}/{{repo}}/feat{i}/{{number}}/comments",
    "/user/feat{i}",
]
PEERS = [
    "falcon",
    "starlette",
    "litestar",
    "blacksheep",
    "sanic-routing",
    "werkzeug",
    "faster-api-web",
    "tokamak",
    "autoroutes",
    "pymatchit",
    "routrie",
    "http-router",
]


def make_routes(number: int) -> Routes:
    routes: Routes = []
    for index in range(number):
        template = TEMPLATES[index % len(TEMPLATES)].format(v=index // 8 % 4, i=index // 8)
        routes.append(("POST" if index % 5 == 4 else "GET", template))
    return routes


def make_rows(routes: Routes) -> dict[str, list[tuple[str, str]]]:
    """Distinct (method, path) pairs for each kind of lookup."""
    rng = random.Random(7)
    dynamic = [route for route in routes if "{" in route[1]]

    def ending(pattern: str) -> Routes:
        return [route for route in routes if re.search(pattern, route[1])]

    kinds = {
        "static": [route for route in routes if "{" not in route[1]],
        "1 param": ending(r"svc\d+/\{id\}$"),
        "1 param, middle": ending(r"\}/items$"),
        "2 params": ending(r"feat\d+$")[1:] and [r for r in ending(r"feat\d+$") if "{" in r[1]],
        "3 params": ending(r"\{number\}$"),
        "3 params, deep": ending(r"\{rev\}$"),
        "last": dynamic[-1:],
        "miss": [("GET", "/nothing/{a}/b")],
        "miss at the end": [("GET", "/repos/{owner}/{repo}/feat0/{number}/nothing")],
        "wrong method": [("PATCH", template) for _, template in dynamic],
    }

    def fill(route: tuple[str, str]) -> tuple[str, str]:
        return route[0], re.sub(r"\{\w+\}", lambda _: str(rng.randrange(10**6)), route[1])

    return {kind: [fill(rng.choice(choice)) for _ in range(PATHS)] for kind, choice in kinds.items()}


def check(name: str, lookup: Lookup, rows: dict[str, list[tuple[str, str]]], ours: Lookup) -> str | None:
    """The first answer that differs from ours, as text."""
    for kind, pairs in rows.items():
        for method, path in pairs[:30]:
            expected, got = ours(method, path), lookup(method, path)
            if "lookup" in name:
                same = (got and (got[0], list(got[1]))) == (
                    expected and (expected[0], list(expected[1].values()))
                )
            else:
                same = (got and got[0], got and dict(got[1])) == (
                    expected and expected[0],
                    expected and expected[1],
                )
            if not same:
                return f"{kind}: {method} {path} gives {got!r}, not {expected!r}"
    return None


def time_turn(lookup: Lookup, pairs: list[tuple[str, str]]) -> float:
    start = time.thread_time_ns()
    for method, path in pairs:
        lookup(method, path)
    return (time.thread_time_ns() - start) / len(pairs)


def build(number: int, chosen: list[Contestant]) -> tuple[dict[str, Lookup], dict[str, float]]:
    routes = make_routes(number)
    lookups, milliseconds = {}, {}
    for contestant in chosen:
        if number > contestant.most:
            continue
        start = time.thread_time_ns()
        lookup = contestant.build(routes)
        for template in TEMPLATES:  # ours plans when it is first asked
            lookup("GET", re.sub(r"\{+\w+\}+", "1", template))
        milliseconds[contestant.name] = (time.thread_time_ns() - start) / 1e6
        lookups[contestant.name] = lookup
    return lookups, milliseconds


def compare(number: int, chosen: list[Contestant]) -> dict[str, dict[str, float]]:
    """Contestant → row → nanoseconds; "build ms" is a row of its own."""
    rows = make_rows(make_routes(number))
    lookups, milliseconds = build(number, chosen)
    ours = next(iter(lookups.values()))
    for name in list(lookups):
        difference = check(name, lookups[name], rows, ours)
        if difference is not None:
            print(f"  answers differ, so not timed: {name}: {difference}")
            del lookups[name]
    results: dict[str, dict[str, float]] = {name: {"build ms": milliseconds[name]} for name in lookups}
    spreads = []
    for kind, pairs in rows.items():
        turns = {}
        for name, lookup in lookups.items():
            once = time_turn(lookup, pairs[:20]) / 1e9
            turns[name] = pairs[: max(5, min(PATHS, int(SECONDS_PER_TURN / once)))]
        times: dict[str, list[float]] = {name: [] for name in lookups}
        for _ in range(ROUNDS):
            for name, lookup in lookups.items():
                times[name].append(time_turn(lookup, turns[name]))
        for name, values in times.items():
            results[name][kind] = min(values)
            spreads.append(statistics.median(values) / min(values))
    print(f"  median of the rounds / best round: {statistics.median(spreads):.2f} (typical)")
    return results


def show(number: int, results: dict[str, dict[str, float]]) -> None:
    kinds = list(next(iter(results.values())))
    print(
        f"\n{number:,} routes: build in ms, then ns per lookup (best of {ROUNDS} rounds); in brackets: times ours"
    )
    print("| router | " + " | ".join(kinds) + " |")
    print("|---|" + "---:|" * len(kinds))
    base = next(iter(results.values()))
    for name, row in results.items():
        cells = [f"{row[kind]:,.0f} ({row[kind] / base[kind]:.2f})" for kind in kinds]
        print(f"| {name} | " + " | ".join(cells) + " |")


def flat() -> None:
    """Our two lookups with 100, 1,000 and 10,000 routes in the same rounds."""
    sizes = [100, 1_000, 10_000]
    rows = {size: make_rows(make_routes(size)) for size in sizes}
    chosen = [contestant for contestant in contestants() if contestant.name.startswith("fasterapi-router")]
    routers = {size: build(size, chosen)[0] for size in sizes}
    print(
        "| lookup | row | "
        + " | ".join(f"{size:,}" for size in sizes)
        + " | ratio |\n|---|---|"
        + "---:|" * 4
    )
    for contestant in chosen:
        for kind in rows[100]:
            best = dict.fromkeys(sizes, float("inf"))
            for _ in range(3 * ROUNDS):
                for size in sizes:
                    best[size] = min(best[size], time_turn(routers[size][contestant.name], rows[size][kind]))
            cells = " | ".join(f"{best[size]:,.0f}" for size in sizes)
            print(f"| {contestant.name} | {kind} | {cells} | {best[10_000] / best[100]:.2f} |")


def growth() -> None:
    """Hostile paths of growing length: microseconds, and nanoseconds per character."""
    from fasterapi_router import RadixRouter

    router = RadixRouter()
    templates = ["/users/{id}", "/files/{rest:path}", "/edit/{rest:path}/edit", "/pair/{a}-{b}-{c}"]
    templates += ["/typed/{a}-{b}-{c:int}", "/tails/{a:path}-{b:path}-{c:int}"]
    templates += [f"/many/{{a}}.x{index}" for index in range(20)]
    for template in templates:
        router.add_route("GET", template, template)
    kinds = {
        "one segment": lambda n: "/users/" + "a" * n,
        "slashes only": lambda n: "/" * n,
        "slashes below a catch-all": lambda n: "/files" + "/" * n,
        "segments": lambda n: "/a" * (n // 2),
        "separators": lambda n: "/pair/" + "-" * n,
        "separators, then no number": lambda n: "/typed/" + "-" * n + "x",
        "separators in catch-alls": lambda n: "/tails/" + "-/" * (n // 2) + "x",
        "ends of a catch-all": lambda n: "/edit" + "/edit" * (n // 5) + "/",
    }
    sizes = [1_000, 10_000, 100_000, 1_000_000]
    print(
        "| path | "
        + " | ".join(f"{size:,} characters" for size in sizes)
        + " |\n|---|"
        + "---:|" * len(sizes)
    )
    for kind, make in kinds.items():
        cells = []
        for size in sizes:
            path = make(size)
            best = min(time_turn(router.lookup, [("GET", path)]) for _ in range(5))
            cells.append(f"{best / 1e3:,.0f} µs ({best / size:.1f} ns each)")
        print(f"| {kind} | " + " | ".join(cells) + " |")


def versions() -> dict[str, str]:
    found = {"python": platform.python_version(), "machine": platform.machine()}
    for package in ["fasterapi-router", *PEERS]:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", nargs="?", choices=["compare", "flat", "growth"], default="compare")
    parser.add_argument("--routes", nargs="+", type=int, default=[100, 1_000, 10_000])
    parser.add_argument("--only", nargs="+", help="peers whose names contain one of these")
    arguments = parser.parse_args()
    print(", ".join(f"{name} {number}" for name, number in versions().items()))
    if arguments.what == "growth":
        growth()
        return
    if arguments.what == "flat":
        flat()
        return
    chosen = [
        contestant
        for contestant in contestants()
        if arguments.only is None
        or any(part in contestant.name for part in ["fasterapi-router", *arguments.only])
    ]
    kept = {}
    for number in arguments.routes:
        results = kept[number] = compare(number, chosen)
        show(number, results)
    target = Path(__file__).parent / "results" / "router.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps({"versions": versions(), "nanoseconds": kept}, indent=1))


if __name__ == "__main__":
    main()
