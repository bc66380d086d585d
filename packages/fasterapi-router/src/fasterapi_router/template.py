"""Template text → `Template`. The only place that knows `{name}`, `{name:converter}`, `{{` and `}}`.

Knows: segments, fields, which of two templates is the more specific. Does not know: methods, handlers, trees.
Invariant: two templates match the same set of paths in the same place of the order exactly if their `shape` is equal.

A path is a list of segments between slashes. A segment without fields is a plain `str`; every other one is a
`Segment`. The order of templates, most specific first, is decided by the first segment in which they differ:
static text, text mixed with fields (the longer literal start first), a converter, a plain field, a catch-all.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from fasterapi_router.converter import PLAIN, Converter
from fasterapi_router.errors import InvalidTemplate

_BRACES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
# A tuple that mixes numbers, texts and tuples; equal positions always hold equal types (see `order_key`).
OrderKey = tuple[object, ...]

STATIC, MIXED, TYPED, BARE, CATCH_ALL = range(5)
_AFTER_EVERY_CHARACTER = 0x110000


class Field(NamedTuple):
    """One parameter of a template: its name, the converter's name as written, and the converter."""

    name: str
    label: str
    converter: Converter

    @property
    def shape(self) -> str:
        """The field without its names: what it matches."""
        if self.converter.pattern == PLAIN.pattern and not self.converter.is_catch_all:
            return "{}"
        star = "*" if self.converter.is_catch_all else ""
        return f"{{{star}{self.converter.pattern!r}}}"


class Segment(NamedTuple):
    """The part of a template between two slashes that holds at least one field.

    `kind` is MIXED, TYPED, BARE or CATCH_ALL; `tokens` are literal texts and fields in order.
    """

    kind: int
    tokens: tuple[str | Field, ...]
    shape: str
    fields: tuple[Field, ...]

    @property
    def prefix(self) -> str:
        """The literal text before the first field."""
        first = self.tokens[0]
        return first if isinstance(first, str) else ""


class Template(NamedTuple):
    """A template that was read.

    `segments` begins with the empty text before the first slash; `names` are the parameters in order;
    `shape` is the template without names; `is_static` says that there are no parameters, `simple` that every
    segment is static text, one bare field, or one converter (so that the segments of a path decide one by one).
    """

    text: str
    segments: tuple[str | Segment, ...]
    names: tuple[str, ...]
    shape: str
    is_static: bool
    has_catch_all: bool

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields of all segments in order."""
        return tuple(field for segment in self.segments if isinstance(segment, Segment) for field in segment.fields)

    @property
    def static_path(self) -> str:
        """The one path that a static template matches."""
        return "/".join(segment for segment in self.segments if isinstance(segment, str))


class TemplateParser:
    """Reads templates that may use the given converters; segments that were seen before are not read again.

    >>> from fasterapi_router.converter import BUILT_IN
    >>> TemplateParser(BUILT_IN).parse("/users/{id:int}/files/{name}.{ext}").names
    ('id', 'name', 'ext')
    """

    def __init__(self, converters: Mapping[str, Converter]) -> None:
        self._converters = converters
        self._seen: dict[str, str | Segment] = {}

    def parse(self, text: str) -> Template:
        """Read one template; raises InvalidTemplate."""
        if not text.startswith("/"):
            raise InvalidTemplate(text, "a template begins with a slash", f"write {'/' + text!r}")
        if "{" not in text and "}" not in text:
            return Template(text, tuple(text.split("/")), (), text, is_static=True, has_catch_all=False)
        seen = self._seen
        segments = []
        for part in text.split("/"):
            segment = seen.get(part)
            if segment is None:
                segment = seen[part] = self._segment(text, part)
            segments.append(segment)
        names: list[str] = []
        shapes = []
        has_catch_all = False
        for segment in segments:
            if isinstance(segment, str):
                shapes.append(_escape(segment))
            else:
                shapes.append(segment.shape)
                names += [field.name for field in segment.fields]
                has_catch_all = has_catch_all or segment.kind == CATCH_ALL
        if len(set(names)) != len(names):
            again = next(name for name in names if names.count(name) > 1)
            raise InvalidTemplate(text, f"the parameter {again!r} occurs twice", "rename one of the two")
        return Template(text, tuple(segments), tuple(names), "/".join(shapes), not names, has_catch_all)

    def _segment(self, template: str, text: str) -> str | Segment:
        tokens: list[str | Field] = []
        literal = ""
        end = 0
        for brace in _BRACES.finditer(text):
            literal += text[end : brace.start()]
            end = brace.end()
            if brace[0] in ("{{", "}}"):
                literal += brace[0][0]
            elif brace[1] is None:
                raise InvalidTemplate(
                    template, f"the brace {brace[0]!r} in {text!r} has no partner", f"write {brace[0] * 2} for a literal brace"
                )
            else:
                tokens += [literal, self._field(template, brace[1])] if literal else [self._field(template, brace[1])]
                literal = ""
        literal += text[end:]
        fields = tuple(token for token in tokens if isinstance(token, Field))
        if not fields:
            return literal
        if literal:
            tokens.append(literal)
        shape = "".join(_escape(token) if isinstance(token, str) else token.shape for token in tokens)
        return Segment(_kind(tokens), tuple(tokens), shape, fields)

    def _field(self, template: str, text: str) -> Field:
        name, colon, label = text.partition(":")
        if not name.isidentifier():
            raise InvalidTemplate(
                template, f"{name!r} is no name for a parameter", "use letters, digits and _, not beginning with a digit"
            )
        converter = self._converters.get(label) if colon else PLAIN
        if converter is None:
            known = ", ".join(sorted(self._converters))
            raise InvalidTemplate(
                template, f"there is no converter {label!r}", f"use one of {known}, or pass converters={{{label!r}: ...}}"
            )
        return Field(name, label, converter)


def _escape(literal: str) -> str:
    return literal.replace("{", "{{").replace("}", "}}") if "{" in literal or "}" in literal else literal


def _kind(tokens: list[str | Field]) -> int:
    first = tokens[0]
    if any(isinstance(token, Field) and token.converter.is_catch_all for token in tokens):
        return CATCH_ALL
    if len(tokens) > 1 or isinstance(first, str):
        return MIXED
    return BARE if first.shape == "{}" else TYPED


def order_key(template: Template) -> OrderKey:
    """The place of a template among all others: the smaller key is tried first.

    The answer of every lookup is the first template in this order that matches, whatever the order of registration.

    >>> from fasterapi_router.converter import BUILT_IN
    >>> texts = ["/{rest:path}", "/{id}", "/{id:int}", "/{name}.json", "/v{n}", "/me"]
    >>> [t.text for t in sorted(map(TemplateParser(BUILT_IN).parse, texts), key=order_key)]
    ['/me', '/v{n}', '/{name}.json', '/{id:int}', '/{id}', '/{rest:path}']
    """
    keys: list[object] = []
    for index, segment in enumerate(template.segments):
        if isinstance(segment, str):
            keys.append((STATIC, segment))
        elif segment.kind == CATCH_ALL:
            # a catch-all may swallow slashes, so everything from here on is compared as one piece
            keys.append(_piece_key(segment, tail_tokens(template, index)))
            break
        else:
            keys.append(_piece_key(segment, segment.tokens))
    return tuple(keys)


def _piece_key(segment: Segment, tokens: tuple[str | Field, ...]) -> OrderKey:
    fields = [token for token in tokens if isinstance(token, Field)]
    if segment.kind == BARE:
        return (BARE,)
    if segment.kind == TYPED:
        return TYPED, fields[0].converter.rank, fields[0].converter.pattern
    literal_length = sum(len(token) for token in tokens if isinstance(token, str))
    typed = sum(field.shape != "{}" for field in fields)
    shape = "".join(_escape(token) if isinstance(token, str) else token.shape for token in tokens)
    rest = (segment.kind == CATCH_ALL, -literal_length, -typed, shape)
    if segment.kind == CATCH_ALL and not segment.prefix:
        return (CATCH_ALL, *rest)
    # "ab{x}" stands before "a{x}": its literal start says more
    return (MIXED, (*map(ord, segment.prefix), _AFTER_EVERY_CHARACTER), *rest)


def tail_tokens(template: Template, index: int) -> tuple[str | Field, ...]:
    """The tokens from segment `index` to the end, slashes included, neighbouring literals joined."""
    tokens: list[str | Field] = []
    for position, segment in enumerate(template.segments[index:]):
        new: tuple[str | Field, ...] = (segment,) if isinstance(segment, str) else segment.tokens
        for token in (("/", *new) if position else new):
            if isinstance(token, str) and tokens and isinstance(tokens[-1], str):
                tokens[-1] += token
            elif token != "":
                tokens.append(token)
    return tuple(tokens)
