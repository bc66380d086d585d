from typing import Annotated, List

from fastapi import FastAPI, File, Form, HTTPException, UploadFile
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

app = FastAPI()


class Upload(BaseModel):
    filename: str
    content_type: str | None
    size: int
    note: str = ""


class Login(BaseModel):
    username: str
    password: str

    model_config = {"extra": "forbid"}


@app.post("/files/")
async def create_file(file: Annotated[bytes, File()]):
    return {"file_size": len(file)}


@app.post("/upload", response_model=Upload)
async def upload(file: UploadFile, note: str = Form("")):
    content = await file.read()
    if not content:
        raise HTTPException(400, "empty")
    return Upload(filename=file.filename, content_type=file.content_type, size=len(content), note=note)


@app.post("/many")
async def many(files: List[UploadFile] = File(description="Several")):
    return {"names": [file.filename for file in files], "sizes": [len(await file.read()) for file in files]}


@app.post("/maybe")
async def maybe(file: UploadFile | None = None):
    return {"name": file.filename if file else None}


@app.post("/login")
async def login(data: Annotated[Login, Form()]):
    return {"username": data.username}


@app.get("/", response_class=HTMLResponse)
async def form():
    return "<form></form>"
