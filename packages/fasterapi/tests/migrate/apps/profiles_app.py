"""Response models in all their forms."""

from typing import Any, List, Optional, Union

from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BaseModel, EmailStr

app = FastAPI()


class BaseUser(BaseModel):
    username: str
    email: EmailStr
    full_name: Optional[str] = None


class UserIn(BaseUser):
    password: str


class UserOut(BaseUser):
    pass


class UserInDB(BaseUser):
    hashed_password: str


class BaseItem(BaseModel):
    description: str
    type: str


class CarItem(BaseItem):
    type: str = "car"


class PlaneItem(BaseItem):
    type: str = "plane"
    size: int


class Item(BaseModel):
    name: str
    description: Union[str, None] = None
    price: float
    tax: float = 10.5
    tags: List[str] = []


items = {
    "foo": {"name": "Foo", "price": 50.2},
    "bar": {"name": "Bar", "description": "The bartenders", "price": 62, "tax": 20.2},
    "baz": {"name": "Baz", "description": None, "price": 50.2, "tax": 10.5, "tags": []},
}
vehicles = {
    "item1": {"description": "All my friends drive a low rider", "type": "car"},
    "item2": {"description": "Music is my aeroplane", "type": "plane", "size": 5},
}


def save(user_in: UserIn):
    hashed_password = "supersecret" + user_in.password
    return UserInDB(**user_in.model_dump(), hashed_password=hashed_password)


@app.post("/user/", response_model=UserOut)
async def create_user(user_in: UserIn):
    return save(user_in)


@app.post("/base/")
async def create_base(user: UserIn) -> BaseUser:
    return user


@app.get("/items/{item_id}", response_model=Item, response_model_exclude_unset=True)
async def read_item(item_id: str):
    return items[item_id]


@app.get("/items/{item_id}/name", response_model=Item, response_model_include={"name", "description"})
async def read_name(item_id: str):
    return items[item_id]


@app.get("/items/{item_id}/public", response_model=Item, response_model_exclude=["tax"])
async def read_public(item_id: str) -> Any:
    return items[item_id]


@app.get("/items/{item_id}/short", response_model=Item, response_model_exclude_defaults=True)
async def read_short(item_id: str):
    return items[item_id]


@app.get("/items", response_model=list[Item])
async def read_all():
    return [Item(**item) for item in items.values()]


@app.get("/vehicles/{item_id}", response_model=Union[PlaneItem, CarItem])
async def vehicle(item_id: str):
    return vehicles[item_id]


@app.get("/weights/", response_model=dict[str, float])
async def weights():
    return {"foo": 2.3, "bar": 3}


@app.get("/portal", response_model=None)
async def portal(teleport: bool = False) -> Response | dict:
    if teleport:
        return RedirectResponse(url="https://example.com/")
    return {"message": "here"}


@app.get("/raw")
async def raw(response: Response):
    response.headers["X-Cat"] = "alone"
    response.set_cookie("session", "fake")
    response.status_code = 201
    return {"ok": True}


@app.get("/json")
async def json():
    return JSONResponse({"a": 1}, status_code=418, headers={"x": "y"})


@app.get("/broken", response_model=Item)
async def broken():
    return {"name": "no price"}
