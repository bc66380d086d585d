"""What applications import to keep something."""

import fasterapi.stores
from fasterapi.stores import file, redis


def test_public_names_are_exactly_these():
    assert fasterapi.stores.__all__ == ["MemoryStore", "Store"]
    assert file.__all__ == ["FileStore"]
    assert redis.__all__ == ["RedisStore"]
