from datetime import datetime
from decimal import Decimal
from typing import Annotated, List, Optional, Union
from uuid import UUID, uuid4

from pydantic import BaseModel, Field

DEFAULT_TAGS = ["a"]


class Item(BaseModel):
    name: str = Field(min_length=3, max_length=50, pattern="^[a-z]+$")
    title: str = Field(..., title="Title", description="What it is called", examples=["Foo"])
    price: float = Field(gt=0, description="In euros")
    count: int = Field(default=1, ge=1, le=10)
    note: Optional[str] = Field(None, max_length=300)
    described: str | None = Field(default=None, title="Described", max_length=300)
    either: Union[int, float, None] = Field(default=None, gt=0)
    cost: Decimal = Field(gt=0, max_digits=5, decimal_places=2)
    maybe_cost: Optional[Decimal] = Field(None, ge=0)
    when: datetime = Field(default_factory=datetime.utcnow)
    key: UUID = Field(default_factory=uuid4)
    tags: List[str] = Field(default_factory=list, max_length=3)
    item_id: int = Field(alias="itemId")
    other: int = Field(3, validation_alias="otherName", serialization_alias="otherName")
    old: str = Field("x", deprecated=True, json_schema_extra={"x-note": 1})
    annotated: Annotated[int, Field(gt=0)] = 3
    many: Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=1)]
    hidden: str = Field("", exclude=True)
