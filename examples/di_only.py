"""Dependencies without a web framework: a command-line job and a queue worker that share their functions.

    python examples/di_only.py

A settings object lives as long as the program, a database connection as long as one call: it is committed when the
call succeeds and rolled back when it fails.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Annotated

from fasterapi_di import AppScope, Depends, inject

app = AppScope()


@dataclass(frozen=True)
class Settings:
    """What a real program would read from its environment."""

    database: str = "file:orders?mode=memory&cache=shared"


def open_keeper(settings: Annotated[Settings, Depends(scope="app")]) -> Iterator[sqlite3.Connection]:
    """Keep the database in memory alive until the program ends."""
    connection = sqlite3.connect(settings.database, uri=True)
    connection.execute("create table orders (item text, amount integer)")
    yield connection
    connection.close()
    print("database closed")


def open_database(
    settings: Annotated[Settings, Depends(scope="app")],
    _keeper: Annotated[sqlite3.Connection, Depends(open_keeper, scope="app")],
) -> Iterator[sqlite3.Connection]:
    """Open a connection for one call."""
    connection = sqlite3.connect(settings.database, uri=True)
    try:
        yield connection
        connection.commit()
    finally:
        connection.close()


Database = Annotated[sqlite3.Connection, Depends(open_database)]


class Orders:
    """A class may be a dependency, and may have some."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def add(self, item: str, amount: int) -> None:
        """Write one order; amounts are counted from one."""
        self.database.execute("insert into orders values (?, ?)", (item, amount))
        if amount < 1:
            raise ValueError(f"nobody orders {amount} of {item}")

    def total(self) -> int:
        """Count everything that was ordered."""
        (total,) = self.database.execute("select coalesce(sum(amount), 0) from orders").fetchone()
        return int(total)


@inject(scope=app)
def report(title: str, orders: Orders = Depends()) -> str:
    """Be the job: an ordinary function that needs no event loop."""
    return f"{title}: {orders.total()}"


async def open_receipt() -> AsyncIterator[list[str]]:
    """Collect lines and print them when the message is done."""
    lines: list[str] = []
    yield lines
    print(*lines, sep="\n")


@inject(scope=app)
async def handle(
    item: str, amount: int, orders: Orders = Depends(), receipt: list[str] = Depends(open_receipt)
) -> None:
    """Be the worker: one call per message."""
    orders.add(item, amount)
    receipt.append(f"ordered {amount} of {item}")


async def worker(messages: "asyncio.Queue[tuple[str, int]]") -> None:
    """Handle every message; a failed one is rolled back and does not stop the others."""
    while not messages.empty():
        item, amount = await messages.get()
        try:
            await handle(item, amount)
        except ValueError as error:
            print(f"rolled back: {error}")


async def main() -> None:
    """Run the worker, then the job."""
    async with app:
        messages: asyncio.Queue[tuple[str, int]] = asyncio.Queue()
        for message in (("tea", 2), ("cake", 0), ("milk", 1)):
            messages.put_nowait(message)
        await worker(messages)
        print(report("items ordered"))


if __name__ == "__main__":
    asyncio.run(main())
