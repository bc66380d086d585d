"""`fasterapi new`: the files of a small project.

Knows: what a well-made project of one module looks like. Does not know: anything about running it.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Final

import click

from fasterapi.cli.output import fail, style

_MAIN = '''"""The application: `fasterapi dev` serves it at http://127.0.0.1:8000/docs."""

from typing import Annotated

import msgspec
from FasterAPI import Depends, Faster, HTTPException, Path, Query

app = Faster(title="$title", version="0.1.0")


class Note(msgspec.Struct):
    """What clients send."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]
    tags: list[str] = []


class StoredNote(Note, kw_only=True):
    """What clients get back."""

    id: int


class Store:
    """Notes in memory; put a database here."""

    def __init__(self) -> None:
        self._notes: dict[int, StoredNote] = {}

    def add(self, note: Note) -> StoredNote:
        stored = StoredNote(id=len(self._notes) + 1, text=note.text, tags=note.tags)
        self._notes[stored.id] = stored
        return stored

    def get(self, note_id: int) -> StoredNote | None:
        return self._notes.get(note_id)

    def find(self, tag: str | None) -> list[StoredNote]:
        return [note for note in self._notes.values() if tag is None or tag in note.tags]


_store = Store()


async def get_store() -> Store:
    return _store


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/notes", status_code=201)
async def create_note(note: Note, store: Annotated[Store, Depends(get_store)]) -> StoredNote:
    return store.add(note)


@app.get("/notes")
async def list_notes(
    store: Annotated[Store, Depends(get_store)],
    tag: Annotated[str | None, Query(description="Only notes with this tag")] = None,
) -> list[StoredNote]:
    return store.find(tag)


@app.get("/notes/{note_id}")
async def read_note(
    note_id: Annotated[int, Path(ge=1)], store: Annotated[Store, Depends(get_store)]
) -> StoredNote:
    note = store.get(note_id)
    if note is None:
        raise HTTPException(status_code=404, detail="Note not found")
    return note
'''

_TESTS = '''"""The application as its clients see it."""

from collections.abc import Iterator

import pytest
from FasterAPI import TestClient

from app.main import Store, app, get_store


@pytest.fixture
def client() -> Iterator[TestClient]:
    store = Store()
    app.dependency_overrides[get_store] = lambda: store
    with TestClient(app) as client:
        yield client
    app.dependency_overrides.clear()


def test_the_service_is_healthy(client: TestClient) -> None:
    assert client.get("/health").json() == {"status": "ok"}


def test_a_note_can_be_created_and_read(client: TestClient) -> None:
    created = client.post("/notes", json={"text": "Buy milk", "tags": ["home"]})
    assert created.status_code == 201
    assert created.json() == {"id": 1, "text": "Buy milk", "tags": ["home"]}
    assert client.get("/notes/1").json() == created.json()


def test_notes_are_found_by_tag(client: TestClient) -> None:
    client.post("/notes", json={"text": "Buy milk", "tags": ["home"]})
    client.post("/notes", json={"text": "Write report"})
    assert [note["id"] for note in client.get("/notes", params={"tag": "home"}).json()] == [1]


def test_a_note_that_is_not_there_is_a_404(client: TestClient) -> None:
    assert client.get("/notes/7").status_code == 404


def test_an_empty_note_is_refused(client: TestClient) -> None:
    response = client.post("/notes", json={"text": ""})
    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == ["body", "text"]
'''

_PYPROJECT = """[project]
name = "$name"
version = "0.1.0"
description = "$title"
readme = "README.md"
requires-python = ">=3.11"
dependencies = ["fasterapi>=0.1,<0.2"]

[dependency-groups]
dev = ["fasterapi[test,cli]>=0.1,<0.2", "pytest>=8"]

[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[tool.hatch.build.targets.wheel]
packages = ["app"]

[tool.fasterapi]
entrypoint = "app.main:app"

[tool.pytest.ini_options]
pythonpath = ["."]
testpaths = ["tests"]
"""

_README = """# $title

```
fasterapi dev        # serve for development: http://127.0.0.1:8000/docs
fasterapi routes     # list the routes
fasterapi check      # compile every route and build the OpenAPI document
python -m pytest     # run the tests
```

The application is `app/main.py`, its tests are `tests/test_main.py`.

`docker build -t $name .` takes FasterAPI's wheels from the folder `wheels/`, if pip's index does not have them.
"""

_DOCKERFILE = """FROM python:3.13-slim
WORKDIR /srv
COPY pyproject.toml README.md ./
COPY app ./app
COPY wheel[s] ./wheels
RUN pip install --no-cache-dir --find-links ./wheels . && useradd --no-create-home service
USER service
EXPOSE 8000
HEALTHCHECK CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health')"]
CMD ["fasterapi", "run", "--host", "0.0.0.0", "--port", "8000"]
"""

_IGNORED = "__pycache__/\n.venv/\n.pytest_cache/\ndist/\n"

FILES: Final[Mapping[str, str]] = {
    "app/__init__.py": "",
    "app/main.py": _MAIN,
    "tests/__init__.py": "",
    "tests/test_main.py": _TESTS,
    "pyproject.toml": _PYPROJECT,
    "README.md": _README,
    "Dockerfile": _DOCKERFILE,
    ".gitignore": _IGNORED,
    ".dockerignore": _IGNORED + ".git/\ntests/\n",
}
"""Path in the project → text with `$$name` and `$$title`."""


def create(name: str) -> None:
    """Write the project into the new (or empty) folder `name`; fails with a sentence if that cannot be."""
    folder = Path(name)
    project = folder.name
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", project):
        fail(f"{project!r} is no name for a project", fix="letters, digits, - and _, beginning with a letter")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        fail(f"{folder} exists already and is not empty")
    values = {"name": project, "title": re.sub(r"[-_]+", " ", project).strip().capitalize()}
    try:
        for path, text in FILES.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(Template(text).substitute(values), encoding="utf-8")
    except OSError as error:
        fail(f"{folder} cannot be written: {error.strerror}")
    click.echo(f"Created {style(str(folder), bold=True)}: {', '.join(FILES)}")
    click.echo(f"\n  cd {folder}\n  fasterapi dev\n  python -m pytest")
