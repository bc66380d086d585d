from typing import Optional

import schemas
import msgspec
from fasterapi.compat import (
    model_construct,
    model_copy,
    model_dump,
    model_dump_json,
    model_validate,
    model_validate_json,
)


class Item(msgspec.Struct):
    name: str
    parent: Optional["Item"] = None

    @classmethod
    def load(cls, data: dict) -> "Item":
        return model_validate(cls, data)

    def copy_of(self) -> "Item":
        same = model_copy(self)
        return same if self == same else model_copy(self, deep=True)

    def as_text(self) -> str:
        return model_dump_json(self, indent=2)

    def both(self):
        # TODO(fasterapi): `model_fields`: see `msgspec.structs.fields(...)` for what a Struct knows
        # TODO(fasterapi): `model_dump(context=...)` has no counterpart
        return msgspec.structs.asdict(self), model_dump(self, by_alias=True), model_dump(self.parent), Item.model_fields, self.model_dump(context=1)


class Service:
    item: Item

    def __init__(self, item: Item) -> None:
        self.item = item

    def read(self, other, items: list[Item], *rest: Item) -> list[dict]:
        first: Item = items[0]
        schemas.Thing.model_validate(other)
        other.model_dump("json")
        model_validate_json(Item, "{}")
        model_construct(Item, name="x")
        later = other.json(), other.copy()
        for item in items:
            print(model_dump_json(item))
        return [model_dump(item) for item in items] + [model_dump(first), model_dump(Item(name=f"{other}"))]
