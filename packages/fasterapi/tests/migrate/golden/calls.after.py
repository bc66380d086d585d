import msgspec
from fasterapi.compat import (
    EmailStr,
    ValidationError,
    fields_set,
    model_copy,
    model_dump,
    model_json_schema,
    model_validate,
    model_validate_json,
)
from FasterAPI import Faster, Request
import httpx

app = Faster()
db: dict = {}


class Item(msgspec.Struct):
    name: str
    price: float = 1.0


class User(msgspec.Struct):
    user_name: str = msgspec.field(name="userName")
    email: EmailStr
    items: list[Item] = []


class UserOut(msgspec.Struct):
    email: EmailStr


@app.put("/items/{key}")
async def update(key: str, item: Item, user: User, request: Request, client: httpx.Client):
    db[key] = msgspec.to_builtins(item)
    db["old"] = msgspec.to_builtins(item)
    db["partial"] = model_dump(item, exclude_unset=True)
    db["text"] = msgspec.json.encode(item).decode()
    db["v1"] = msgspec.json.encode(item).decode()
    db["user"] = model_dump(user, by_alias=True, exclude={"items"})
    db["shallow"] = msgspec.structs.asdict(item)
    stored = model_validate(Item, db[key])
    changed = model_copy(stored, update=model_dump(item, exclude_unset=True))
    again = model_copy(changed, update={"price": 2.0})
    body = await request.json()
    answer = client.get("/").json()
    copied = db.copy()
    unknown = model_dump(body)
    fields = fields_set(item)
    for one in user.items:
        db[one.name] = msgspec.to_builtins(one)
    return model_validate(UserOut, {**model_dump(user), "extra": 1}), again, answer, copied, unknown, fields


def build(rows: list[dict], row, text: str, schema: type[msgspec.Struct]):
    alone = Item(name="x")
    aliased = model_validate(User, {"userName": "a", "email": "a@b.co", "items": [{"name": "x"}]})
    renamed = User(user_name="a", email="a@b.co")
    incomplete = model_validate(Item, {"price": 2})
    loaded = model_validate(Item, row)
    parsed = model_validate_json(Item, text)
    legacy = model_validate(Item, row), model_validate(Item, row), model_validate_json(Item, text)
    generic = model_validate(schema, row)
    many = [model_validate(Item, row) for row in rows]
    try:
        model_validate(Item, {"name": row})
    except ValidationError as error:
        print(error.errors())
    return isinstance(alone, msgspec.Struct), model_json_schema(Item)
