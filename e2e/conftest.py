"""Real servers in processes of their own, spoken to over TCP on 127.0.0.1."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

ROOT = Path(os.environ.get("FASTERAPI_ROOT", Path(__file__).parent.parent))

# The applications stand beside the packages; what else is on the path, as in a checkout, stays there.
PYTHONPATH = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))

COMMANDS = {
    "uvicorn": [
        "-m",
        "uvicorn",
        "{app}",
        "--host",
        "127.0.0.1",
        "--port",
        "{port}",
        "--timeout-graceful-shutdown",
        "10",
    ],
    "granian": ["-m", "granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", "{port}", "{app}"],
    "hypercorn": ["-m", "hypercorn", "--bind", "127.0.0.1:{port}", "{app}"],
    # Its own process: the ones that hypercorn starts are not sent SIGTERM.
    "hypercorn-alone": ["-m", "hypercorn", "--workers", "0", "--bind", "127.0.0.1:{port}", "{app}"],
    "cli": ["-m", "fasterapi", "run", "{file}", "--host", "127.0.0.1", "--port", "{port}"],
    "hasty": [
        "-m",
        "fasterapi",
        "run",
        "{file}",
        "--host",
        "127.0.0.1",
        "--port",
        "{port}",
        "--graceful-timeout",
        "2",
    ],
}


class Server:
    """One server process."""

    def __init__(self, kind: str, app: str, log: Path, environment: dict[str, str]) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = log
        file = str(ROOT / app.partition(":")[0].replace(".", "/")) + ".py"
        command = [part.format(app=app, port=self.port, file=file) for part in COMMANDS[kind]]
        self._output = log.open("wb")
        self.process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": PYTHONPATH, "PYTHONUNBUFFERED": "1", **environment},
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            with contextlib.suppress(httpx.TransportError):
                httpx.get(self.url + "/health", timeout=1)
                return
            time.sleep(0.05)
        raise RuntimeError(f"the server did not start:\n{self.log.read_text()}")

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(5)
        self._output.close()
        return self.process.returncode


@pytest.fixture
def start(tmp_path: Path) -> Iterator[object]:
    """`start(kind, app)` starts a server that is stopped at the end of the test."""
    servers: list[Server] = []

    def start_server(kind: str, app: str, **environment: str) -> Server:
        environment.setdefault("FASTERAPI_EXAMPLE_DB", str(tmp_path / "users.sqlite3"))
        server = Server(kind, app, tmp_path / f"server{len(servers)}.log", environment)
        servers.append(server)
        return server

    yield start_server
    for server in servers:
        server.stop()
