"""`/health/live` and `/health/ready`: what a load balancer and an orchestrator ask.

Knows: checks, time-outs, that an application may be going down. Does not know: what a check looks at.
Invariant: liveness depends on nothing but the event loop, since what is not live is killed; a check that hangs is
never started a second time beside itself.
"""

import asyncio
import inspect
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from inspect import Parameter
from typing import Any, Final, Literal

from fasterapi.concurrency import current_default_thread_limiter, is_coroutine
from fasterapi.requests import Request
from fasterapi.responses import JSONResponse
from fasterapi.routing import FasterRouter
from fasterapi_di import inject

__all__ = ["HealthCheck", "health_router"]

Outcome = Literal["ok", "failed", "timed out"]

_log = logging.getLogger("fasterapi.health")
_NOT_STORED: Final = {"cache-control": "no-store"}


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """A check with a time-out of its own, in seconds: `health_router({"db": HealthCheck(ping, timeout=1)})`."""

    call: Callable[..., Any]
    timeout: float


def health_router(
    checks: Mapping[str, Callable[..., Any] | HealthCheck] | None = None,
    *,
    prefix: str = "/health",
    timeout: float = 5.0,
    include_in_schema: bool = False,
) -> FasterRouter:
    """A router with `{prefix}/live`, which is always 200, and `{prefix}/ready`, which is 200 or 503.

    Ready means that every check has passed within its time-out (`timeout` seconds unless it is a `HealthCheck`),
    and that the application is not going down. A check is a function or coroutine function, and may have
    dependencies (`Depends`); it fails by raising, which is logged on `fasterapi.health`, or by returning False.
    All checks run at once, a `def` in a worker thread. The response names each with `ok`, `failed` or `timed out`.
    Raises `ValueError` unless every time-out is positive and every check can be called without arguments.

    >>> from fasterapi import Faster
    >>> from fasterapi.testclient import TestClient
    >>> app = Faster()
    >>> app.include_router(health_router({"database": lambda: True, "queue": lambda: False}))
    >>> TestClient(app).get("/health/ready").json()
    {'status': 'failing', 'checks': {'database': 'ok', 'queue': 'failed'}}
    """
    runners = {name: _Runner(name, check, timeout) for name, check in (checks or {}).items()}
    router = FasterRouter(prefix=prefix, include_in_schema=include_in_schema, tags=["health"])

    @router.get("/live")
    async def live() -> JSONResponse:
        return JSONResponse({"status": "ok"}, headers=_NOT_STORED)

    @router.get("/ready")
    async def ready(request: Request) -> JSONResponse:
        if request.app.is_shutting_down:
            return JSONResponse({"status": "shutting down"}, status_code=503, headers=_NOT_STORED)
        outcomes = await asyncio.gather(*(runner.outcome() for runner in runners.values()))
        is_ready = all(outcome == "ok" for outcome in outcomes)
        content = {
            "status": "ok" if is_ready else "failing",
            "checks": dict(zip(runners, outcomes, strict=True)),
        }
        return JSONResponse(content, status_code=200 if is_ready else 503, headers=_NOT_STORED)

    return router


def _as_coroutine_function(check: Callable[..., Any]) -> Callable[[], Any]:
    """The check with its dependencies, off the event loop if it is a `def`; cancelled, it ends when its thread does."""
    call: Callable[[], Any] = inject(check, threads=True)
    if is_coroutine(call):
        return call
    return partial(current_default_thread_limiter().run_to_completion, call)


def _arguments_without_value(call: Callable[[], Any]) -> list[str]:
    needed = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)
    return [
        parameter.name
        for parameter in inspect.signature(
            call.args[0] if isinstance(call, partial) else call
        ).parameters.values()
        if parameter.kind in needed and parameter.default is Parameter.empty
    ]


class _Runner:
    """Runs one check, once at a time: probes that come together share one call."""

    def __init__(self, name: str, check: Callable[..., Any] | HealthCheck, timeout: float) -> None:
        own = check if isinstance(check, HealthCheck) else HealthCheck(check, timeout)
        if not own.timeout > 0:
            raise ValueError(f"health check {name!r}: the time-out must be positive, got {own.timeout!r}")
        self._name = name
        self._timeout = own.timeout
        self._call = _as_coroutine_function(own.call)
        if missing := _arguments_without_value(self._call):
            raise ValueError(
                f"health check {name!r}: nobody gives it a value for {missing[0]!r}\n"
                "  fix: give the parameter a default, or a dependency (Depends)"
            )
        self._task: asyncio.Future[Any] | None = None

    async def outcome(self) -> Outcome:
        """Run the check, or wait for the run that has begun already."""
        task = self._task
        if task is None or task.done() or task.get_loop() is not asyncio.get_running_loop():
            task = self._task = asyncio.ensure_future(self._call())
            task.add_done_callback(self._note)
        done, _ = await asyncio.wait({task}, timeout=self._timeout)
        if not done:
            task.cancel()  # ends a coroutine; a thread goes on, and is waited for again by the next probe
            _log.warning("health check %s timed out after %s s", self._name, self._timeout)
            return "timed out"
        if task.cancelled() or task.exception() is not None or task.result() is False:
            return "failed"
        return "ok"

    def _note(self, task: "asyncio.Future[Any]") -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            _log.warning("health check %s failed", self._name, exc_info=error)
