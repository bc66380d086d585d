"""Every way of a body that has to do with the wire: streamed forms, compressed requests, other forms than JSON, files."""

import os
from pathlib import Path
from typing import Annotated

from fasterapi import Faster, File, Request, Response, UploadFile
from fasterapi.middleware import CompressionMiddleware, Middleware
from fasterapi.middleware.base import RequestResponseEndpoint
from fasterapi.middleware.decompression import DecompressionMiddleware
from fasterapi.staticfiles import StaticFiles

app = Faster(
    media_types=["application/json", "application/msgpack"],
    middleware=[Middleware(CompressionMiddleware), Middleware(DecompressionMiddleware)],
)


@app.middleware("http")
async def pass_on(request: Request, call_next: RequestResponseEndpoint) -> Response:
    """Every body goes through here, in as many pieces as the server gives it."""
    return await call_next(request)


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/memory")
async def memory() -> dict[str, int]:
    """The peak of this process's resident memory in KiB."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()  # noqa: ASYNC240 - no disk
    return {
        name: int(text.split()[0]) for name, text in (line.split(":") for line in lines) if name == "VmHWM"
    }


@app.post("/parts")
async def parts(request: Request) -> dict[str, int]:
    sizes: dict[str, int] = {}
    async for part in request.parts():
        sizes[part.name] = 0
        async for chunk in part:
            sizes[part.name] += len(chunk)
    return sizes


@app.post("/picture")
async def picture(
    file: Annotated[UploadFile, File(max_size=1000, content_types=["image/*"])],
) -> dict[str, int]:
    return {"size": file.size or 0}


@app.post("/numbers")
async def numbers(values: list[int]) -> list[int]:
    return values


if "FASTERAPI_STATIC" in os.environ:
    app.mount("/static", StaticFiles(directory=os.environ["FASTERAPI_STATIC"]))
