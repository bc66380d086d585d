"""A class's docstring → its text, and what it says about each field.

Knows: the `Attributes:` section of Google's style and Sphinx's field lists. Does not know: types, schemas.
"""

import inspect
import re

# Texts, which `re` compiles when they are first used and then keeps: few classes describe their fields this way.
_SECTION = r"(?m)^(?:Attributes|Args|Arguments|Fields):\s*$"
_GOOGLE_ITEM = r"^(\s+)(\w+)(?:\s*\([^)]*\))?:\s+(.*)$"
_SPHINX_ITEM = r"^:(?:ivar|var|param|attribute)(?:\s+[^:]+)?\s+(\w+):\s*(.*)$"


def class_docstring(cls: type) -> str:
    """The class's own docstring, without indentation.

    Empty for an inherited one and for the signature that dataclasses write themselves.
    """
    text = cls.__dict__.get("__doc__") or ""
    if hasattr(cls, "__dataclass_fields__") and text.startswith(f"{cls.__name__}("):
        return ""
    return inspect.cleandoc(text)


def field_descriptions(docstring: str) -> dict[str, str]:
    r"""What a docstring says about fields, each text on one line.

    >>> field_descriptions("A point.\n\nAttributes:\n    x: How far right,\n        in metres.")
    {'x': 'How far right, in metres.'}
    >>> field_descriptions(":param x: How far right.")
    {'x': 'How far right.'}
    """
    found: dict[str, list[str]] = {}
    if ":" not in docstring:
        return {}
    section = re.search(_SECTION, docstring)
    if section is not None:
        _read_google(docstring[section.end() :].splitlines(), found)
    _read_sphinx(docstring.splitlines(), found)
    return {name: " ".join(parts).strip() for name, parts in found.items()}


def _read_google(lines: list[str], found: dict[str, list[str]]) -> None:
    indent, name = "", ""
    for line in lines:
        if not line.strip():
            continue
        if not line.startswith(" "):
            return  # the section is over
        item = re.match(_GOOGLE_ITEM, line)
        if item is not None and (not name or item[1] == indent):
            indent, name = item[1], item[2]
            found[name] = [item[3]]
        elif name:
            found[name].append(line.strip())


def _read_sphinx(lines: list[str], found: dict[str, list[str]]) -> None:
    name = ""
    for line in lines:
        item = re.match(_SPHINX_ITEM, line)
        if item is not None:
            name = item[1]
            found[name] = [item[2]]
        elif name and line.startswith(" "):
            found[name].append(line.strip())
        else:
            name = ""
