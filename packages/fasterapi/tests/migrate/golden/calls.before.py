from fastapi import FastAPI, Request
from pydantic import BaseModel, EmailStr, Field, ValidationError
import httpx

app = FastAPI()
db: dict = {}


class Item(BaseModel):
    name: str
    price: float = 1.0


class User(BaseModel):
    user_name: str = Field(alias="userName")
    email: EmailStr
    items: list[Item] = []


class UserOut(BaseModel):
    email: EmailStr


@app.put("/items/{key}")
async def update(key: str, item: Item, user: User, request: Request, client: httpx.Client):
    db[key] = item.model_dump()
    db["old"] = item.dict()
    db["partial"] = item.model_dump(exclude_unset=True)
    db["text"] = item.model_dump_json()
    db["v1"] = item.json()
    db["user"] = user.model_dump(by_alias=True, exclude={"items"})
    db["shallow"] = dict(item)
    stored = Item(**db[key])
    changed = stored.model_copy(update=item.model_dump(exclude_unset=True))
    again = changed.copy(update={"price": 2.0})
    body = await request.json()
    answer = client.get("/").json()
    copied = db.copy()
    unknown = body.dict()
    fields = item.model_fields_set
    for one in user.items:
        db[one.name] = one.dict()
    return UserOut(**user.model_dump(), extra=1), again, answer, copied, unknown, fields


def build(rows: list[dict], row, text: str, schema: type[BaseModel]):
    alone = Item(name="x")
    aliased = User(userName="a", email="a@b.co", items=[{"name": "x"}])
    renamed = User(userName="a", email="a@b.co")
    incomplete = Item(price=2)
    loaded = Item.model_validate(row)
    parsed = Item.model_validate_json(text)
    legacy = Item.parse_obj(row), Item.from_orm(row), Item.parse_raw(text)
    generic = schema.model_validate(row)
    many = [Item(**row) for row in rows]
    User.model_rebuild()
    try:
        Item(name=row)
    except ValidationError as error:
        print(error.errors())
    return isinstance(alone, BaseModel), Item.model_json_schema()
