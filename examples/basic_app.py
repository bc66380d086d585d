"""The quick start: one path parameter, one body.

Run it with `fasterapi run examples/basic_app.py` or `uvicorn examples.basic_app:app`, then open /docs.
"""

import msgspec

from FasterAPI import Faster, Path

app = Faster(title="Basic example")


class Item(msgspec.Struct):
    """Something that has a price."""

    name: str
    price: float


@app.get("/items/{item_id}")
async def get_item(item_id: str = Path()) -> dict[str, str]:
    """Echo the item's id."""
    return {"item_id": item_id}


@app.post("/items", status_code=201)
async def create_item(item: Item) -> dict[str, str | float]:
    """Echo the item."""
    return {"name": item.name, "price": item.price}
