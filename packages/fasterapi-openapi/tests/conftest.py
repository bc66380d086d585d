"""Fixtures that several files share: one operation in a document, golden files, a structural check."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

import fasterapi_openapi as oa

# Whatever the profile: a slow machine is no failure. Time is measured in `benchmarks/`, never in tests.
settings.register_profile("no deadline", settings.default, deadline=None)
settings.load_profile("no deadline")

GOLDEN = Path(__file__).parent / "golden"
JSON = "application/json"


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Compare with a file under `golden/`; `UPDATE_GOLDEN=1` writes it anew."""

    def check(name: str, text: str) -> None:
        path = GOLDEN / name
        if os.environ.get("UPDATE_GOLDEN"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8"), (
            f"{name} changed; run UPDATE_GOLDEN=1 and read the diff"
        )

    return check


@pytest.fixture
def build() -> Callable[..., dict[str, Any]]:
    """Operations → the whole document as builtins, structurally checked."""

    def run(
        *operations: oa.OperationSpec, info: dict[str, Any] | None = None, **options: Any
    ) -> dict[str, Any]:
        spec = oa.DocumentSpec(title="Test", version="1", **(info or {}))
        document = oa.to_builtins(oa.build_document(spec, operations, **options))
        check_structure(document)
        return document

    return run


@pytest.fixture
def described(build: Callable[..., dict[str, Any]]) -> Callable[..., tuple[dict[str, Any], dict[str, Any]]]:
    """A type → its schema as a response (or, with `received=True`, as a body) and the components."""

    def run(
        annotation: Any, *, received: bool = False, info: dict[str, Any] | None = None, **options: Any
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        media = {JSON: oa.MediaSpec(type=annotation)}
        operation = oa.OperationSpec(
            method="POST",
            path="/",
            body=oa.BodySpec(content=media) if received else None,
            responses={} if received else {200: oa.ResponseSpec(content=media)},
        )
        document = build(operation, info=info, **options)
        written = document["paths"]["/"]["post"]
        place = written["requestBody"] if received else written["responses"]["200"]
        schema = dict(place["content"][JSON]["schema"])
        if schema.get("title") in ("Body", "Response Post"):
            del schema["title"]  # given by the place, not by the type
        return schema, document.get("components", {}).get("schemas", {})

    return run


def check_structure(document: dict[str, Any]) -> None:
    """A small check that always runs: references resolve, names are legal, templates match parameters."""
    pending: list[Any] = [document]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            pending.extend(value.values())
            reference = value.get("$ref")
            if isinstance(reference, str):
                target: Any = document
                for part in reference.removeprefix("#/").split("/"):
                    assert part in target, f"{reference} leads nowhere"
                    target = target[part]
        elif isinstance(value, list):
            pending.extend(value)
    for names in document.get("components", {}).values():
        assert all(name.replace("-", "").replace(".", "").replace("_", "").isalnum() for name in names)
    for path, item in document["paths"].items():
        assert path.startswith("/"), path
        for operation in item.values():
            if isinstance(operation, dict) and "responses" in operation:
                found = {p["name"] for p in operation.get("parameters", ()) if p["in"] == "path"}
                assert found == {part.split("}")[0] for part in path.split("{")[1:]}, path
