"""Responses of many kinds, form and query models, dataclasses, header models, async tests."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Annotated, Literal, TypedDict

import fastapi
from fastapi import FastAPI, Header, Query, Request
from fastapi.responses import FileResponse, HTMLResponse, PlainTextResponse, StreamingResponse
from pydantic import BaseModel, Field
from starlette.background import BackgroundTask
from starlette.datastructures import URL

app: FastAPI = fastapi.FastAPI(docs_url="/documentation", redoc_url=None)
done: list[str] = []


class FilterParams(BaseModel):
    model_config = {"extra": "forbid"}

    limit: int = Field(100, gt=0, le=100)
    offset: int = Field(0, ge=0)
    order_by: Literal["created_at", "updated_at"] = "created_at"
    tags: list[str] = []


class CommonHeaders(BaseModel):
    host: str
    save_data: bool
    if_modified_since: str | None = None
    x_tag: list[str] = []


@dataclass
class Point:
    x: int
    y: int = 0
    labels: list[str] = field(default_factory=list)


class Movie(TypedDict):
    title: str
    year: int


@app.get("/filter")
async def filtered(query: Annotated[FilterParams, Query()]):
    return query


@app.get("/headers")
async def headers(headers: Annotated[CommonHeaders, Header()]):
    return headers


@app.post("/points")
async def points(point: Point) -> Point:
    return Point(x=point.x * 2, labels=point.labels)


@app.post("/movies")
async def movies(movie: Movie) -> Movie:
    return movie


@app.get("/stream")
async def stream():
    async def numbers() -> AsyncIterator[bytes]:
        for number in range(3):
            yield f"{number}\n".encode()

    return StreamingResponse(numbers(), media_type="text/csv")


@app.get("/file", response_class=FileResponse)
async def file():
    return __file__


@app.get("/text", response_class=PlainTextResponse)
async def text(request: Request) -> str:
    assert isinstance(request.url, URL)
    return f"{request.method} {request.url.path} {request.client.host}"


@app.get("/html", response_class=HTMLResponse)
def html():
    return "<h1>hi</h1>"


@app.get("/task")
def task():
    return PlainTextResponse("ok", background=BackgroundTask(done.append, "task"))


@app.api_route("/echo", methods=["GET", "POST"], operation_id="echo", include_in_schema=False)
async def echo(request: Request):
    return {"method": request.method, "body": (await request.body()).decode(), "query": dict(request.query_params)}


@app.get("/deprecated", deprecated=True, summary="Old", description="Do not use", response_description="Nothing")
async def deprecated():
    return None
