"""What docstrings say about classes and fields."""

import dataclasses
import enum

import pytest

from fasterapi_openapi.docstring import class_docstring, field_descriptions


class Base:
    """Base.

    More.
    """


class Child(Base):
    pass


@dataclasses.dataclass
class Silent:
    x: int


class Color(enum.Enum):
    RED = 1


@pytest.mark.parametrize(("cls", "text"), [(Base, "Base.\n\nMore."), (Child, ""), (Silent, ""), (Color, "")])
def test_only_a_class_own_words_count(cls: type, text: str) -> None:
    assert class_docstring(cls) == text


GOOGLE = """A point.

Attributes:
    x: How far right,
        in metres.

    y (int): How far up:
        see the map.
    nothing

Raises:
    z: Not a field.
"""


@pytest.mark.parametrize(
    ("docstring", "descriptions"),
    [
        ("", {}),
        ("A point.", {}),
        ("Note: x is nothing.", {}),
        (GOOGLE, {"x": "How far right, in metres.", "y": "How far up: see the map. nothing"}),
        (":param x: Right.\n:param int y: Up\n    there.\n:returns: 1", {"x": "Right.", "y": "Up there."}),
        (":ivar x: Right.\n\nText.", {"x": "Right."}),
    ],
)
def test_fields_are_described_in_googles_and_sphinx_style(
    docstring: str, descriptions: dict[str, str]
) -> None:
    assert field_descriptions(docstring) == descriptions
