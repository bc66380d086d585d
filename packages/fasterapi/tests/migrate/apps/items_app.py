"""In-memory CRUD in one file, in the style of the tutorial."""

from enum import Enum
from typing import Annotated, Optional

from fastapi import Body, Cookie, FastAPI, Header, HTTPException, Path, Query, status
from fastapi.encoders import jsonable_encoder
from pydantic import BaseModel, Field

app = FastAPI(title="Items", version="1.2.3")


class Colour(str, Enum):
    red = "red"
    blue = "blue"


class Item(BaseModel):
    name: str = Field(min_length=1, max_length=20)
    description: Optional[str] = Field(default=None, title="Description", max_length=300)
    price: float = Field(gt=0, description="Greater than zero")
    tax: float = 10.5
    tags: list[str] = []
    colour: Colour = Colour.red


class ItemUpdate(BaseModel):
    name: str | None = None
    description: str | None = None
    price: float | None = None
    tax: float = 10.5
    tags: list[str] = []


items: dict[str, dict] = {}


@app.get("/")
def root():
    return {"count": len(items)}


@app.post("/items/{key}", status_code=status.HTTP_201_CREATED)
def create(key: Annotated[str, Path(max_length=5)], item: Item) -> Item:
    if key in items:
        raise HTTPException(status_code=409, detail=f"{key} exists", headers={"X-Error": "conflict"})
    items[key] = jsonable_encoder(item)
    return item


@app.get("/items/{key}", response_model=Item)
def read(key: str):
    if key not in items:
        raise HTTPException(404, "Item not found")
    return items[key]


@app.put("/items/{key}")
def replace(key: str, item: Item, importance: Annotated[int, Body(ge=0)] = 0):
    items[key] = item.model_dump(mode="json")
    return {"item": item, "importance": importance, "dumped": item.dict()}


@app.patch("/items/{key}", response_model=Item)
def change(key: str, item: ItemUpdate):
    stored = Item(**items[key])
    updated = stored.model_copy(update=item.model_dump(exclude_unset=True))
    items[key] = jsonable_encoder(updated)
    return updated


@app.get("/search")
def search(
    q: Annotated[str | None, Query(min_length=2, pattern="^[a-z]+$")] = None,
    limit: int = Query(10, ge=1, le=100),
    tag: Annotated[list[str] | None, Query(alias="tag")] = None,
    exact: bool = False,
    user_agent: Annotated[str | None, Header()] = None,
    session: Annotated[str | None, Cookie()] = None,
):
    return {"q": q, "limit": limit, "tag": tag, "exact": exact, "agent": user_agent, "session": session}


@app.delete("/items/{key}", status_code=204)
def delete(key: str) -> None:
    items.pop(key, None)
