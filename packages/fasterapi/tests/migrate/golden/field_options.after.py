from datetime import datetime
from decimal import Decimal
from typing import Annotated, List, Optional, Union
from uuid import UUID, uuid4

import msgspec
from fasterapi.validation import Constraints

DEFAULT_TAGS = ["a"]


class Item(msgspec.Struct, kw_only=True):
    name: Annotated[str, msgspec.Meta(min_length=3, max_length=50, pattern="^[a-z]+$")]
    title: Annotated[str, msgspec.Meta(title="Title", description="What it is called", examples=["Foo"])]
    price: Annotated[float, msgspec.Meta(gt=0, description="In euros")]
    count: Annotated[int, msgspec.Meta(ge=1, le=10)] = 1
    note: Annotated[str, msgspec.Meta(max_length=300)] | None = None
    described: Annotated[Annotated[str, msgspec.Meta(max_length=300)] | None, msgspec.Meta(title="Described")] = None
    either: Annotated[int, msgspec.Meta(gt=0)] | Annotated[float, msgspec.Meta(gt=0)] | None = None
    cost: Annotated[Decimal, Constraints(gt=0, max_digits=5, decimal_places=2)]
    maybe_cost: Annotated[Decimal, Constraints(ge=0)] | None = None
    when: datetime = msgspec.field(default_factory=datetime.utcnow)
    key: UUID = msgspec.field(default_factory=uuid4)
    tags: Annotated[List[str], msgspec.Meta(max_length=3)] = msgspec.field(default_factory=list)
    item_id: int = msgspec.field(name="itemId")
    other: int = msgspec.field(default=3, name="otherName")
    old: Annotated[str, msgspec.Meta(extra_json_schema={"deprecated": True, "x-note": 1})] = "x"
    annotated: Annotated[int, msgspec.Meta(gt=0)] = 3
    many: Annotated[list[Annotated[int, msgspec.Meta(ge=0)]], msgspec.Meta(min_length=1)]
    # TODO(fasterapi): `Field(exclude=True)`: name a response model without this field; msgspec always encodes it
    hidden: str = ""
