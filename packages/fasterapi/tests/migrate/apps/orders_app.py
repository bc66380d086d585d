"""Validators, computed fields, private attributes, frozen models."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Self

from fastapi import FastAPI
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PositiveInt,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
    computed_field,
    conlist,
    constr,
    field_validator,
    model_validator,
)

app = FastAPI()


def even(value: int) -> int:
    if value % 2:
        raise ValueError("must be even")
    return value


class Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    sku: constr(min_length=3, max_length=8, pattern="^[A-Z]+$")
    count: PositiveInt = 1
    unit_price: Decimal = Field(gt=0, decimal_places=2)

    @computed_field
    @property
    def total(self) -> Decimal:
        return self.unit_price * self.count


class Order(BaseModel):
    customer: str
    coupon: str | None = None
    lines: conlist(Line, min_length=1, max_length=3)
    ordered: date
    delivered: date | None = None
    boxes: Annotated[int, AfterValidator(even)] = 2
    password: str = "secret"
    repeated: str = "secret"
    _log: list[str] = PrivateAttr(default_factory=list)

    @field_validator("customer", "coupon")
    @classmethod
    def title(cls, value: str | None) -> str | None:
        if value is not None and not value.strip():
            raise ValueError("must not be blank")
        return value and value.strip().title()

    @field_validator("repeated")
    @classmethod
    def same(cls, value: str, info: ValidationInfo) -> str:
        if value != info.data.get("password"):
            raise ValueError("passwords do not match")
        return value

    @model_validator(mode="after")
    def dates(self) -> Self:
        if self.delivered is not None and self.delivered < self.ordered:
            raise ValueError("delivered before ordered")
        return self

    def model_post_init(self, context: Any) -> None:
        self._log.append("made")

    @computed_field
    @property
    def total(self) -> Decimal:
        return sum((line.total for line in self.lines), Decimal(0))


class Express(Order):
    hours: int

    @field_validator("hours")
    @classmethod
    def soon(cls, value: int) -> int:
        assert value < 48, "too late for express"
        return value


@app.post("/orders", response_model=Order, response_model_exclude={"password", "repeated"})
def create(order: Order) -> Any:
    return order


@app.post("/express")
def express(order: Express) -> dict[str, Any]:
    return {"hours": order.hours, "customer": order.customer, "log": order._log}


def try_line(**values: Any) -> str | None:
    try:
        Line(**values)
    except ValidationError as error:
        return f"{error.error_count()} {error.errors()[0]['loc'][0]}"
    return None
