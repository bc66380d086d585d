"""Nested, generic, aliased and tagged models."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Dict, Generic, List, Literal, Optional, Set, TypeVar, Union
from uuid import UUID, uuid4

from fastapi import Body, FastAPI
from pydantic import BaseModel, ConfigDict, Field, HttpUrl
from pydantic.alias_generators import to_camel

app = FastAPI()
T = TypeVar("T")


class Image(BaseModel):
    url: HttpUrl
    name: str


class CamelModel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class Dimensions(CamelModel):
    width_cm: float = Field(gt=0)
    height_cm: float = Field(gt=0)


class Product(BaseModel):
    product_id: UUID = Field(default_factory=uuid4, alias="productId")
    name: str
    price: Decimal = Field(ge=0, max_digits=8, decimal_places=2)
    released: date
    tags: Set[str] = set()
    images: Optional[List[Image]] = None
    dimensions: Dimensions | None = None
    attributes: Dict[str, Any] = {}
    warranty: timedelta = timedelta(days=30)


class Page(BaseModel, Generic[T]):
    items: List[T]
    total: int
    next_page: int | None = None


class Card(BaseModel):
    method: Literal["card"]
    number: str = Field(pattern=r"^\d{4}$")


class Transfer(BaseModel):
    method: Literal["transfer"]
    iban: str


class Payment(BaseModel):
    amount: float
    by: Union[Card, Transfer] = Field(discriminator="method")
    at: datetime = datetime(2026, 1, 1)


class Category(BaseModel):
    name: str
    children: List[Category] = []


products: Dict[UUID, Product] = {}


@app.post("/products", response_model=Product)
async def create(product: Product) -> Any:
    products[product.product_id] = product
    return product


@app.get("/products", response_model=Page[Product])
async def listing() -> Any:
    return Page[Product](items=list(products.values()), total=len(products))


@app.post("/pay")
async def pay(payment: Payment) -> Payment:
    return payment


@app.post("/direct")
async def direct(by: Annotated[Union[Card, Transfer], Body(discriminator="method")]):
    return {"class": type(by).__name__, "by": by}


@app.post("/categories")
async def categories(category: Category) -> Dict[str, int]:
    def count(node: Category) -> int:
        return 1 + sum(count(child) for child in node.children)

    return {"count": count(category)}


@app.post("/images")
async def images(images: List[Image]) -> List[str]:
    return [str(image.url) for image in images]


@app.post("/weights")
async def weights(weights: Dict[int, float]):
    return weights
