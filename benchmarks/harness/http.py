"""The interleaved run over HTTP: every contestant behind the same server, loaded in turn.

Knows: server processes, ports, rounds. Does not know: how load is made (`load`), how figures are printed.
The figure is the CPU time of the server's processes per request, where the system tells it; else the wall time.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.comparison import Comparison, differs
from harness.environments import Contestant, variables
from harness.load import client_for, fetch, load
from harness.statistics import Figures
from harness.workloads import Workload

__all__ = ["Pace", "Server", "compare_http"]

FOLDER = Path(__file__).parent.parent
_START_SECONDS = 30


@dataclass(frozen=True)
class Pace:
    """How a workload is loaded: the client, the requests of all rounds together, connections at a time."""

    client: str
    requests: int
    rounds: int
    concurrency: int


class Server:
    """One contestant behind one server on a free port of 127.0.0.1. Raises RuntimeError when it does not start."""

    def __init__(self, contestant: Contestant, python: str, server: str, kind: str) -> None:
        self.contestant = contestant
        self.port = _free_port()
        own = "own" if contestant.is_http_only else server
        self.process = subprocess.Popen(
            [python, "-m", "harness.server", own, contestant.module, kind, str(self.port)],
            cwd=FOLDER,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env=variables(contestant),
        )
        self._wait()

    def _wait(self) -> None:
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until:
            if self.process.poll() is not None:
                break
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        self.stop()
        raise RuntimeError(f"{self.contestant.title}: no server within {_START_SECONDS} s")

    def cpu_seconds(self) -> float:
        """CPU time of all threads of this server's session, 0 where /proc does not tell."""
        total = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
                if int(fields[3]) == self.process.pid:
                    total += sum(
                        int(task.read_text().split()[0]) for task in stat.parent.glob("task/*/schedstat")
                    )
            except OSError:
                continue  # a process or thread that has just ended
        return total / 1e9

    def stop(self) -> None:
        """End the server; its workers are of its session."""
        self.process.terminate()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def compare_http(
    pythons: Sequence[tuple[Contestant, str]],
    workloads: Sequence[Workload],
    *,
    server: str,
    client: str,
    requests: int,
    rounds: int,
    concurrency: int,
) -> Comparison:
    """Measure behind `server`. Raw ASGI comes first: its answers are the expected ones."""
    settings = {"server": server, "client": client, "requests": requests, "rounds": rounds}
    comparison = Comparison(settings=settings | {"concurrency": concurrency})
    pace = Pace(client, requests, rounds, concurrency)
    comparison.titles = {contestant.module: contestant.title for contestant, _ in pythons}
    for kind in dict.fromkeys(workload.kind for workload in workloads):
        servers = _start(pythons, server, kind, comparison)
        try:
            for workload in (entry for entry in workloads if entry.kind == kind):
                comparison.workloads[workload.name] = workload.title
                able = _check(servers, workload, comparison)
                print(f"{server}, {workload.title}", end=" ", file=sys.stderr, flush=True)
                comparison.figures[workload.name] = _measure(able, workload, pace)
        finally:
            for entry in servers:
                entry.stop()
    return comparison


def _start(
    pythons: Sequence[tuple[Contestant, str]], server: str, kind: str, comparison: Comparison
) -> list[Server]:
    servers = []
    for contestant, python in pythons:
        try:
            servers.append(Server(contestant, python, server, kind))
        except RuntimeError as error:
            comparison.absent[contestant.title] = f"{kind}: {error}"
    return servers


def _check(servers: list[Server], workload: Workload, comparison: Comparison) -> list[Server]:
    able: list[Server] = []
    expected: dict[str, Any] | None = None
    left_out = comparison.left_out.setdefault(workload.name, {})
    for server in servers:
        try:
            answer = fetch(server.port, workload)
        except (OSError, RuntimeError, TimeoutError) as error:
            left_out[server.contestant.module] = f"{type(error).__name__}: {error}"
            continue
        expected = expected or answer
        reason = differs(workload, answer, expected, is_error_known=False)
        if reason:
            left_out[server.contestant.module] = reason
        else:
            able.append(server)
    return able


def _measure(servers: list[Server], workload: Workload, pace: Pace) -> dict[str, Figures]:
    client, concurrency, rounds = client_for(workload, pace.client), pace.concurrency, pace.rounds
    count = max(concurrency, pace.requests // workload.divisor // rounds)
    measured: dict[str, list[float]] = {server.contestant.module: [] for server in servers}
    for server in servers:
        load(client, server.port, workload, requests=concurrency * 10, concurrency=concurrency, seconds=1)
    for number in range(rounds):
        start = number % max(1, len(servers))
        for server in servers[start:] + servers[:start]:
            cpu, began = server.cpu_seconds(), time.perf_counter()
            rate = load(client, server.port, workload, requests=count, concurrency=concurrency, seconds=2)
            cpu, wall = server.cpu_seconds() - cpu, time.perf_counter() - began
            answered = rate * wall if client == "wrk" else count // concurrency * concurrency
            measured[server.contestant.module].append((cpu / answered if cpu > 0 else 1 / rate) * 1e9)
        print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return {name: Figures(tuple(values)) for name, values in measured.items()}
