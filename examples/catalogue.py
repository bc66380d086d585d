"""A catalogue as a controller: pages, views, conditional requests, problem details.

Run it with `fasterapi run examples/catalogue.py`, then open /docs.
"""

from typing import Annotated, Any

import msgspec

from fasterapi import Depends, Faster
from fasterapi.conditional import ETag
from fasterapi.controllers import Controller, delete, get, patch, post
from fasterapi.exceptions import ProblemException
from fasterapi.pagination import Page, Pagination
from fasterapi.views import View, view_of


class Product(msgspec.Struct):
    """What is stored."""

    id: int
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    price: Annotated[float, msgspec.Meta(ge=0)]
    supplier: str = ""
    version: int = 1


# What the public sees: a type for type checkers, and what leaves the process.
PublicProduct = Annotated[Product, View(exclude={"supplier"}, name="PublicProduct")]
NewProduct = view_of(Product, exclude={"id", "version"}, name="NewProduct")
ProductChange = view_of(Product, exclude={"id", "version"}, partial=True, name="ProductChange")


class NoSuchProduct(ProblemException):
    """There is no product of this number."""

    status_code = 404
    type = "/problems/no-such-product"
    title = "No such product"


class Store:
    """The products, in memory."""

    def __init__(self) -> None:
        self.products = {
            number: Product(number, f"Product {number}", price=number, supplier="ACME")
            for number in range(1, 96)
        }

    def find(self, number: int) -> Product:
        """One product. Raises NoSuchProduct."""
        try:
            return self.products[number]
        except KeyError:
            raise NoSuchProduct(f"There is no product {number}", number=number) from None


_store = Store()


async def get_store() -> Store:
    """The store of this process."""
    return _store


async def version(product_id: int, store: Annotated[Store, Depends(get_store)]) -> int:
    """The current version of a product: its entity tag."""
    return store.find(product_id).version


class Products(Controller, prefix="/products", tags=["products"]):
    """All that can be done with products."""

    store: Annotated[Store, Depends(get_store)]

    @get()
    async def all(self, page: Annotated[Pagination, Depends()]) -> Page[PublicProduct]:
        """The products in pages."""
        return page.slice(list(self.store.products.values()))

    @get("/{product_id}", etag=version)
    async def show(self, product_id: int) -> PublicProduct:
        """One product; its version is the entity tag."""
        return self.store.find(product_id)

    @post(status_code=201)
    async def add(self, body: NewProduct) -> PublicProduct:  # type: ignore[valid-type]  # made at run time
        """Add a product."""
        number = max(self.store.products, default=0) + 1
        fields: dict[str, Any] = msgspec.structs.asdict(body)
        self.store.products[number] = Product(number, **fields)
        return self.store.products[number]

    @patch("/{product_id}", etag=ETag(version, required=True))
    async def change(self, product_id: int, body: ProductChange) -> PublicProduct:  # type: ignore[valid-type]
        """Change a product, of the version that `If-Match` names; what is left out stays."""
        fields: dict[str, Any] = msgspec.structs.asdict(body)
        given = {name: value for name, value in fields.items() if value is not msgspec.UNSET}
        found = self.store.find(product_id)
        changed = msgspec.structs.replace(found, **given, version=found.version + 1)
        self.store.products[product_id] = changed
        return changed

    @delete("/{product_id}", status_code=204, etag=version)
    async def remove(self, product_id: int) -> None:
        """Remove a product; with `If-Match` only the version that the client has seen."""
        del self.store.products[product_id]


app = Faster(title="Catalogue", problem_details=True, automatic_options=True)
app.add_controller(Products)


@app.get("/health")
async def health() -> dict[str, str]:
    """For whoever watches the process."""
    return {"status": "ok"}
