"""Server-rendered pages with HTMX fragments and flash messages; works without JavaScript too.

Needs the extras `templates` and `sessions`. Run it with `fasterapi run examples/htmx_notes.py`, then open /.

A form that HTMX sends (header `HX-Request`) is answered with the fragment that changes; a plain form with a redirect
to the whole page, where a message kept in the session is shown once.
"""

import os
import secrets
from itertools import count
from typing import Annotated

import jinja2

from fasterapi import Depends, Faster, Form, Header, HTMLResponse, RedirectResponse, Request, Response
from fasterapi.middleware import Middleware
from fasterapi.middleware.sessions import SessionMiddleware
from fasterapi.templating import Jinja2Templates

PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Notes</title><script src="https://unpkg.com/htmx.org@2" defer></script></head>
<body>
<h1>Notes</h1>
<form method="post" action="{{ url_for('add') }}" hx-post="{{ url_for('add') }}" hx-target="#notes" hx-swap="outerHTML">
<input name="text" required> <button>Add</button>
</form>
{% include "notes.html" %}
</body>
</html>
"""
NOTES = """<section id="notes">
{% for message in messages %}<p role="status">{{ message }}</p>{% endfor %}
<ul>{% for number, text in notes.items() %}<li id="note-{{ number }}">{{ text }}</li>{% endfor %}</ul>
</section>
"""

templates = Jinja2Templates(
    env=jinja2.Environment(
        loader=jinja2.DictLoader({"page.html": PAGE, "notes.html": NOTES}), autoescape=True
    )
)
# A key of one's own keeps sessions over restarts.
secret_key = os.environ.get("FASTERAPI_EXAMPLE_KEY") or secrets.token_urlsafe()
app = Faster(title="Notes", middleware=[Middleware(SessionMiddleware, secret_key=secret_key)])

_notes: dict[int, str] = {}
_numbers = count(1)


class Flash:
    """Messages that are shown once, on whatever page comes next."""

    def __init__(self, request: Request) -> None:
        self._session = request.session

    def add(self, message: str) -> None:
        """Keep a message for the next page."""
        self._session.setdefault("flash", []).append(message)

    def take(self) -> list[str]:
        """All messages; they are gone then."""
        messages: list[str] = self._session.pop("flash", [])
        return messages


@app.get("/", response_class=HTMLResponse)
async def page(request: Request, flash: Annotated[Flash, Depends()]) -> Response:
    """The whole page."""
    return templates.TemplateResponse(request, "page.html", {"notes": _notes, "messages": flash.take()})


@app.post("/notes", response_class=HTMLResponse)
async def add(
    request: Request,
    text: Annotated[str, Form(min_length=1, max_length=500)],
    flash: Annotated[Flash, Depends()],
    hx_request: Annotated[bool, Header()] = False,
) -> Response:
    """Add a note: answers HTMX with the fragment, and everybody else with a redirect (POST, redirect, GET)."""
    _notes[next(_numbers)] = text
    message = f"Added: {text}"
    if not hx_request:
        flash.add(message)
        return RedirectResponse(request.url_for("page"), status_code=303)
    return templates.TemplateResponse(
        request, "notes.html", {"notes": _notes, "messages": [message]}, headers={"Vary": "HX-Request"}
    )


@app.get("/health")
async def health() -> dict[str, str]:
    """For whoever watches the process."""
    return {"status": "ok"}
