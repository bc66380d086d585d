"""fasterapi-router alone: an ASGI application without any framework.

    uvicorn examples.router_only:app          # or: python examples/router_only.py, which shows the routes and answers

GET /notes lists, POST /notes adds the request's body, GET and DELETE /notes/{id} show and remove one.
"""

# ruff: noqa: ARG001  # ASGI hands over all three arguments, an application uses some
import asyncio
import json
from collections.abc import MutableMapping
from http import HTTPStatus
from typing import Any

from fasterapi_router.asgi import ASGIRouter

notes: dict[int, str] = {1: "buy milk"}
app = ASGIRouter(convert=True)


async def answer(send: Any, value: object, status: int = HTTPStatus.OK) -> None:
    body = b"" if status == HTTPStatus.NO_CONTENT else json.dumps(value).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": body})


@app.route("/notes")
async def list_notes(scope: Any, receive: Any, send: Any) -> None:
    await answer(send, notes)


@app.route("/notes", methods=["POST"])
async def add_note(scope: Any, receive: Any, send: Any) -> None:
    text = b""
    while True:
        message = await receive()
        text += message.get("body", b"")
        if not message.get("more_body", False):
            break
    number = max(notes, default=0) + 1
    notes[number] = text.decode()
    await answer(send, {"id": number, "url": app.url_path_for("show_note", id=number)}, HTTPStatus.CREATED)


@app.route("/notes/{id:int}")
async def show_note(scope: Any, receive: Any, send: Any) -> None:
    number = scope["path_params"]["id"]
    if number in notes:
        await answer(send, notes[number])
    else:
        await answer(send, {"detail": f"no note {number}"}, HTTPStatus.NOT_FOUND)


@app.route("/notes/{id:int}", methods=["DELETE"])
async def remove_note(scope: Any, receive: Any, send: Any) -> None:
    notes.pop(scope["path_params"]["id"], None)
    await answer(send, None, HTTPStatus.NO_CONTENT)


async def main() -> None:
    for route in app.routes:
        print(f"{route.method:6} {route.path:18} {route.name}")
    for method, path in [("GET", "/notes/1"), ("GET", "/notes/x"), ("PUT", "/notes/1"), ("GET", "/notes/")]:
        messages: list[MutableMapping[str, Any]] = []

        async def send(
            message: MutableMapping[str, Any], into: list[MutableMapping[str, Any]] = messages
        ) -> None:
            into.append(message)

        async def receive() -> MutableMapping[str, Any]:
            return {"type": "http.request"}

        await app({"type": "http", "method": method, "path": path, "headers": []}, receive, send)
        headers = {name.decode(): value.decode() for name, value in messages[0]["headers"]}
        extra = headers.get("allow") or headers.get("location") or ""
        print(f"{method} {path} → {messages[0]['status']} {messages[1]['body'].decode()} {extra}".rstrip())


if __name__ == "__main__":
    asyncio.run(main())
