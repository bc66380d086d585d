from dataclasses import field

from fastapi import FastAPI
from pydantic.dataclasses import dataclass

app = FastAPI()


@dataclass
class Author:
    name: str
    items: list[str] = field(default_factory=list)


@app.post("/authors")
def create(author: Author) -> Author:
    return author
