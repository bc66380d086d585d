"""What several test files need."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# Whatever the profile: a slow machine is no failure. Time is measured in `benchmarks/`, never in tests.
settings.register_profile("no deadline", settings.default, deadline=None)
settings.load_profile("no deadline")


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Compare a text with the reviewed file of that name; UPDATE_GOLDEN=1 writes the file instead."""

    def check(name: str, text: str) -> None:
        path = Path(__file__).parent / "golden" / name
        if os.environ.get("UPDATE_GOLDEN"):
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8"), (
            f"{name} changed: run with UPDATE_GOLDEN=1, read the diff"
        )

    return check
