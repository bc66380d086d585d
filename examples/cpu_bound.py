"""CPU-bound work beside quick answers: `/compute` computes in another interpreter, `/health` does not wait for it.

Run:  uvicorn examples.cpu_bound:app
Try:  curl "http://127.0.0.1:8000/compute/20000000" & curl http://127.0.0.1:8000/health
"""

from fasterapi import Faster, run_in_process, run_in_subinterpreter

app = Faster(title="CPU-bound work")


def heavy_computation(n: int) -> int:
    return sum(i * i for i in range(n))


def count_primes(limit: int) -> int:
    sieve = bytearray([1]) * (limit + 1)
    sieve[:2] = b"\0\0"
    for n in range(2, int(limit**0.5) + 1):
        if sieve[n]:
            sieve[n * n :: n] = bytes(len(range(n * n, limit + 1, n)))
    return sum(sieve)


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/compute/{n}")
async def compute(n: int) -> dict[str, int]:
    # Python 3.13+: another interpreter of this process, with its own GIL. Before that: another process.
    return {"result": await run_in_subinterpreter(heavy_computation, n)}


@app.get("/primes/{limit}")
async def primes(limit: int) -> dict[str, int | str | None]:
    # The work is dropped, and its worker free again, when the time is over or the caller is cancelled.
    try:
        return {"primes": await run_in_subinterpreter(count_primes, limit, timeout=2.0)}
    except TimeoutError:
        return {"primes": None, "reason": "it took too long"}


@app.get("/in-process/{n}")
async def in_process(n: int) -> dict[str, int]:
    # For packages that refuse to load in a sub-interpreter, such as NumPy.
    return {"result": await run_in_process(heavy_computation, n)}
