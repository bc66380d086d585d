"""A whole small service: CRUD, dependencies, background tasks, CORS, WebSocket, errors, kept in SQLite.

Run it with `fasterapi run examples/full_crud_app.py`, then open /docs. Users are stored in `users.sqlite3`, or in
the file that the environment variable FASTERAPI_EXAMPLE_DB names, and are still there after a restart.
"""

import logging
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path as FilePath
from typing import Annotated, TypeAlias

import msgspec

from fasterapi import (
    BackgroundTasks,
    CORSMiddleware,
    Depends,
    Faster,
    FasterRouter,
    HTTPException,
    JSONResponse,
    Path,
    Query,
    Request,
    WebSocket,
    WebSocketDisconnect,
)

log = logging.getLogger("examples.users")
DATABASE = FilePath(os.environ.get("FASTERAPI_EXAMPLE_DB", "users.sqlite3"))
# SQLite takes one writer at a time; requests of this process queue here instead of failing there.
_writing = threading.Lock()


Email: TypeAlias = Annotated[
    str, msgspec.Meta(pattern=r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+([.][A-Za-z0-9-]+)*$", max_length=200)
]


class NewUser(msgspec.Struct):
    """What a client sends."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    email: Email


class UserPatch(msgspec.Struct):
    """What a client changes; what it leaves out stays as it is."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100)] | msgspec.UnsetType = msgspec.UNSET
    email: Email | msgspec.UnsetType = msgspec.UNSET


class User(msgspec.Struct):
    """What is stored and sent back."""

    id: int
    name: str
    email: str


class EmailTaken(Exception):  # noqa: N818 - named for what happened
    """Another user has this address."""


class Users:
    """The table of users, through one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def find(self, user_id: int) -> User | None:
        """One user, or None."""
        row = self._connection.execute(
            "SELECT id, name, email FROM users WHERE id = ?", (user_id,)
        ).fetchone()
        return User(*row) if row else None

    def page(self, limit: int, offset: int) -> list[User]:
        """Some users in the order of their ids."""
        rows = self._connection.execute(
            "SELECT id, name, email FROM users ORDER BY id LIMIT ? OFFSET ?", (limit, offset)
        )
        return [User(*row) for row in rows]

    def add(self, user: NewUser) -> User:
        """Store a new user. Raises EmailTaken."""
        cursor = self._write("INSERT INTO users (name, email) VALUES (?, ?)", (user.name, user.email))
        assert cursor.lastrowid is not None
        return User(cursor.lastrowid, user.name, user.email)

    def replace(self, user: User) -> bool:
        """Store other values for a user; False if there is no such user. Raises EmailTaken."""
        cursor = self._write(
            "UPDATE users SET name = ?, email = ? WHERE id = ?", (user.name, user.email, user.id)
        )
        return cursor.rowcount == 1

    def remove(self, user_id: int) -> bool:
        """Delete a user; False if there is none."""
        return self._write("DELETE FROM users WHERE id = ?", (user_id,)).rowcount == 1

    def _write(self, statement: str, values: tuple[object, ...]) -> sqlite3.Cursor:
        try:
            with _writing, self._connection:
                return self._connection.execute(statement, values)
        except sqlite3.IntegrityError as error:
            raise EmailTaken from error


def connect() -> sqlite3.Connection:
    """Open the database, with the table in it."""
    connection = sqlite3.connect(DATABASE, timeout=10, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE)"
    )
    return connection


def get_users() -> Iterator[Users]:
    """The table of users, for one request."""
    with closing(connect()) as connection:
        yield Users(connection)


UsersTable: TypeAlias = Annotated[Users, Depends(get_users)]
UserId: TypeAlias = Annotated[int, Path(ge=1, description="The user's id")]

router = FasterRouter(prefix="/users", tags=["users"])


@router.get("", summary="List users")
def list_users(
    users: UsersTable,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    offset: Annotated[int, Query(ge=0, le=2**31)] = 0,
) -> list[User]:
    """A page of users."""
    return users.page(limit, offset)


@router.post(
    "", summary="Create user", status_code=201, responses={409: {"description": "The email is taken"}}
)
def create_user(body: NewUser, users: UsersTable, tasks: BackgroundTasks) -> User:
    """Store a user, and write so into the log after the response."""
    user = users.add(body)
    tasks.add_task(log.info, "created user %d", user.id)
    return user


@router.get("/{user_id}", summary="Get user", responses={404: {"description": "No such user"}})
def get_user(user_id: UserId, users: UsersTable) -> User:
    """One user."""
    user = users.find(user_id) if user_id < 2**63 else None
    if user is None:
        raise HTTPException(status_code=404, detail="User not found")
    return user


@router.put(
    "/{user_id}",
    summary="Replace user",
    responses={404: {"description": "No such user"}, 409: {"description": "The email is taken"}},
)
def replace_user(body: NewUser, user: Annotated[User, Depends(get_user)], users: UsersTable) -> User:
    """Give a user another name and email."""
    changed = User(user.id, body.name, body.email)
    users.replace(changed)
    return changed


@router.patch(
    "/{user_id}",
    summary="Change user",
    responses={404: {"description": "No such user"}, 409: {"description": "The email is taken"}},
)
def change_user(body: UserPatch, user: Annotated[User, Depends(get_user)], users: UsersTable) -> User:
    """Change what is given and nothing else."""
    changed = User(
        user.id,
        user.name if body.name is msgspec.UNSET else body.name,
        user.email if body.email is msgspec.UNSET else body.email,
    )
    users.replace(changed)
    return changed


@router.delete(
    "/{user_id}", summary="Delete user", status_code=204, responses={404: {"description": "No such user"}}
)
def delete_user(user_id: UserId, users: UsersTable) -> None:
    """Forget a user."""
    if user_id >= 2**63 or not users.remove(user_id):
        raise HTTPException(status_code=404, detail="User not found")


app = Faster(title="Users", version="1.0.0", description="A small service that keeps its data.")
app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"])
app.include_router(router)


@app.exception_handler(EmailTaken)
async def email_taken(request: Request, exc: EmailTaken) -> JSONResponse:  # noqa: ARG001 - every handler takes both
    """Answer 409 wherever an address is taken."""
    return JSONResponse({"detail": "This email is taken"}, status_code=409)


@app.get("/health", tags=["service"])
async def health() -> dict[str, str]:
    """Whether the service answers."""
    return {"status": "ok"}


@app.websocket("/ws")
async def echo(ws: WebSocket) -> None:
    """Say everything twice."""
    await ws.accept()
    try:
        while True:
            await ws.send_text(f"echo: {await ws.receive_text()}")
    except WebSocketDisconnect:
        pass
