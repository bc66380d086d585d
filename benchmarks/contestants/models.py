"""The data of the workloads as msgspec Structs, for every contestant that can use them.

Constraints stand in the types, so that whoever decodes checks them.
"""

import msgspec

__all__ = ["LARGE", "Item", "ItemOut", "Order", "OrderOut", "User"]


class User(msgspec.Struct):
    """The body of `POST /users`."""

    name: str
    email: str
    age: int


class ItemOut(msgspec.Struct):
    """What may be seen of an order's item."""

    sku: str
    quantity: int
    price: float


class Item(ItemOut):
    """An order's item as it comes; its cost may not leave the process."""

    cost: float


class Order(msgspec.Struct):
    """The body of `POST /orders`."""

    id: int
    customer: str
    items: list[Item]


class OrderOut(msgspec.Struct):
    """The answer to `POST /orders`."""

    id: int
    customer: str
    items: list[ItemOut]


# About 1 MB as JSON.
LARGE = [
    {
        "id": index,
        "name": f"name {index}",
        "tags": ["alpha", "beta", "gamma"],
        "score": index * 0.5,
        "ok": True,
    }
    for index in range(11_500)
]
