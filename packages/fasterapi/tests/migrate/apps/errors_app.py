"""Custom exceptions, handlers, middleware."""

import time

from fastapi import FastAPI, HTTPException, Request, status
from fastapi.encoders import jsonable_encoder
from fastapi.exception_handlers import http_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.middleware.base import BaseHTTPMiddleware


class UnicornException(Exception):
    def __init__(self, name: str):
        self.name = name


class Box(BaseModel):
    size: int


class Tagging(BaseHTTPMiddleware):
    async def dispatch(self, request: Request, call_next):
        response = await call_next(request)
        response.headers["X-Tag"] = request.url.path
        return response


app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=["https://example.com"], allow_methods=["*"], allow_credentials=True)
app.add_middleware(GZipMiddleware, minimum_size=500)
app.add_middleware(Tagging)


@app.middleware("http")
async def add_process_time_header(request: Request, call_next):
    start = time.perf_counter()
    response = await call_next(request)
    response.headers["X-Process-Time"] = str(time.perf_counter() - start)
    return response


@app.exception_handler(UnicornException)
async def unicorn(request: Request, exc: UnicornException):
    return JSONResponse(status_code=418, content={"message": f"Oops! {exc.name} did something."})


@app.exception_handler(RequestValidationError)
async def validation(request: Request, exc: RequestValidationError):
    return JSONResponse(
        status_code=status.HTTP_400_BAD_REQUEST,
        content=jsonable_encoder({"errors": [error["loc"] for error in exc.errors()], "body": exc.body}),
    )


@app.exception_handler(StarletteHTTPException)
async def http(request: Request, exc: StarletteHTTPException):
    if exc.status_code == 404:
        return PlainTextResponse(f"lost: {exc.detail}", status_code=404)
    return await http_exception_handler(request, exc)


@app.get("/unicorns/{name}")
async def read_unicorn(name: str):
    if name == "yolo":
        raise UnicornException(name=name)
    return {"name": name}


@app.post("/boxes")
def boxes(box: Box):
    if box.size == 3:
        raise HTTPException(status_code=418, detail={"reason": "I don't like 3."})
    return box


@app.get("/long")
def long():
    return PlainTextResponse("x" * 5000)


@app.get("/bug")
def bug():
    raise RuntimeError("bug")
