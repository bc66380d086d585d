"""Background tasks, lifespan, state, dependencies that are classes and generators."""

from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import BackgroundTasks, Depends, FastAPI, Request
from pydantic import BaseModel, EmailStr, Field

log: list[str] = []


@asynccontextmanager
async def lifespan(app: FastAPI):
    log.append("start")
    app.state.sender = "robot"
    yield {"greeting": "hello"}
    log.append("stop")


app = FastAPI(lifespan=lifespan)


class Mail(BaseModel):
    to: EmailStr
    subject: str = Field(default="(none)", max_length=30)
    copies: list[EmailStr] = Field(default_factory=list)


class Paging:
    def __init__(self, skip: int = 0, limit: int = 10):
        self.skip = skip
        self.limit = limit


def write(message: str):
    log.append(message)


async def write_async(message: str, mark: str = ""):
    log.append(message + mark)


def get_query(background_tasks: BackgroundTasks, q: str | None = None):
    if q:
        background_tasks.add_task(write, f"query {q}")
    return q


async def get_connection():
    log.append("open")
    try:
        yield "connection"
    finally:
        log.append("close")


@app.post("/mails", status_code=202)
async def send(mail: Mail, background_tasks: BackgroundTasks, q: Annotated[str, Depends(get_query)]):
    background_tasks.add_task(write_async, f"to {mail.to}", mark="!")
    return {"message": "sent", "subject": mail.subject, "copies": mail.copies}


@app.get("/page")
async def page(paging: Annotated[Paging, Depends()], again: Paging = Depends(Paging)):
    return {"skip": paging.skip, "limit": paging.limit, "same": paging is again}


@app.get("/connection")
def connection(connection: str = Depends(get_connection)):
    log.append("use")
    return connection


@app.get("/state")
async def state(request: Request):
    return {"sender": request.app.state.sender, "greeting": request.state.greeting}
