from typing import Optional

import schemas
from pydantic import BaseModel


class Item(BaseModel):
    name: str
    parent: Optional["Item"] = None

    @classmethod
    def load(cls, data: dict) -> "Item":
        return cls.model_validate(data)

    def copy_of(self) -> "Item":
        same = self.copy()
        return same if self == same else self.model_copy(deep=True)

    def as_text(self) -> str:
        return self.json(indent=2)

    def both(self):
        return dict(self), self.dict(by_alias=True), self.parent.dict(), Item.model_fields, self.model_dump(context=1)


class Service:
    item: Item

    def __init__(self, item: Item) -> None:
        self.item = item

    def read(self, other, items: list[Item], *rest: Item) -> list[dict]:
        first: Item = items[0]
        schemas.Thing.model_validate(other)
        other.model_dump("json")
        Item.parse_raw("{}")
        Item.construct(name="x")
        later = other.json(), other.copy()
        for item in items:
            print(item.json())
        return [item.dict() for item in items] + [first.model_dump(), Item(name=f"{other}").model_dump()]
