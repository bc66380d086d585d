"""Template text → `Template`. The only place that knows `{name}`, `{name:converter}`, `{{` and `}}`.

Knows: segments, fields, which of two templates is the more specific. Does not know: methods, handlers, trees.
Invariant: templates of one `shape` match the same paths, others have another place in the order.

A path is a list of segments between slashes. A segment without fields is a plain `str`, any other a
`Segment`. Of two templates, the first segment in which they differ decides which is the more specific:
static text before text mixed with fields (the longer literal start first) before a converter before a bare
field before a catch-all.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

from fasterapi_router.converter import BARE_PATTERN, PLAIN, Converter
from fasterapi_router.errors import InvalidTemplate

# Tuples of numbers, texts and tuples; two keys hold equal types wherever they are compared (see `piece_key`).
OrderKey: TypeAlias = tuple[object, ...]

STATIC, MIXED, TYPED, BARE, CATCH_ALL = range(5)

_BRACES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_AFTER_EVERY_CHARACTER = 0x110000


class Field(NamedTuple):
    """One parameter of a template: its name, what it accepts, and the converter's name as written."""

    name: str
    converter: Converter
    label: str = ""

    @property
    def is_bare(self) -> bool:
        """Whether any text without a slash will do."""
        return self.converter.pattern == BARE_PATTERN and not self.converter.is_catch_all

    @property
    def shape(self) -> str:
        """The field without its name: what it matches."""
        if self.is_bare:
            return "{}"
        return f"{{{'*' if self.converter.is_catch_all else ''}{self.converter.pattern!r}}}"


Tokens: TypeAlias = tuple[str | Field, ...]


class Segment(NamedTuple):
    """The part of a template between two slashes that holds at least one field.

    `kind` is MIXED, TYPED, BARE or CATCH_ALL; `tokens` are literal texts and fields in order; `key` is the
    segment's place in the order (for a catch-all, the place of a template that ends with it).
    """

    kind: int
    tokens: Tokens
    fields: tuple[Field, ...]
    shape: str
    key: OrderKey

    @property
    def prefix(self) -> str:
        """The literal text before the first field."""
        first = self.tokens[0]
        return first if isinstance(first, str) else ""


class Template(NamedTuple):
    """A template that was read.

    `segments` begins with the empty text before the first slash. `names` are the parameters in order.
    `shape` is the template without names. `tail` is the index of the segment with the first catch-all, or -1.
    """

    text: str
    segments: tuple[str | Segment, ...]
    names: tuple[str, ...]
    shape: str
    tail: int = -1

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields of all segments in order."""
        return tuple(field for part in self.segments if isinstance(part, Segment) for field in part.fields)

    def tokens_from(self, index: int) -> Tokens:
        """The tokens from segment `index` to the end, slashes included, neighbouring literals joined."""
        tokens: list[str | Field] = []
        for position, segment in enumerate(self.segments[index:]):
            literal = "/" if position else ""
            for token in (segment,) if isinstance(segment, str) else segment.tokens:
                if isinstance(token, str):
                    literal += token
                    continue
                tokens += [literal, token] if literal else [token]
                literal = ""
            if literal and tokens and isinstance(tokens[-1], str):
                tokens[-1] += literal
            elif literal:
                tokens.append(literal)
        return _joined(tokens)

    def cells(self) -> tuple[str | OrderKey, ...]:
        """What each segment adds to the order: its text or its key; nothing after a catch-all."""
        if self.tail < 0:
            return tuple([part if isinstance(part, str) else part.key for part in self.segments])
        # a catch-all may swallow slashes, so everything from its segment on is compared as one piece
        head = tuple([part if isinstance(part, str) else part.key for part in self.segments[: self.tail]])
        return *head, piece_key(CATCH_ALL, self.tokens_from(self.tail))


def _joined(tokens: list[str | Field]) -> Tokens:
    joined: list[str | Field] = []
    for token in tokens:
        if isinstance(token, str) and joined and isinstance(joined[-1], str):
            joined[-1] += token
        else:
            joined.append(token)
    return tuple(joined)


class TemplateParser:
    """Reads templates that may use the given converters; a segment with fields is read once.

    >>> from fasterapi_router.converter import BUILT_IN
    >>> TemplateParser(BUILT_IN).parse("/users/{id:int}/files/{name}.{ext}").names
    ('id', 'name', 'ext')
    """

    def __init__(self, converters: Mapping[str, Converter]) -> None:
        self._converters = converters
        self._seen: dict[str, tuple[str | Segment, str]] = {}  # a segment's text → the segment and its shape
        self._last: Template | None = None

    def parse(self, text: str) -> Template:
        """Read one template; raises InvalidTemplate."""
        last = self._last  # who adds a route has often asked for conflicts with it before
        if last is None or last.text != text:
            last = self._last = self._parse(text)
        return last

    def _parse(self, text: str) -> Template:
        if not text.startswith("/"):
            raise InvalidTemplate(text, "a template begins with a slash", f"write {'/' + text!r}")
        if "{" not in text and "}" not in text:
            return Template(text, tuple(text.split("/")), (), text)
        segments: list[str | Segment] = []
        names: list[str] = []
        shapes = []
        tail = -1
        for part in text.split("/"):
            if "{" not in part and "}" not in part:
                segments.append(part)
                shapes.append(part)
                continue
            seen = self._seen.get(part)
            if seen is None:
                segment = self._segment(text, part)
                shape = _escape(segment) if isinstance(segment, str) else segment.shape
                seen = self._seen[part] = (segment, shape)
            segment, shape = seen
            if not isinstance(segment, str):
                names += [field.name for field in segment.fields]
                if segment.kind == CATCH_ALL and tail < 0:
                    tail = len(segments)
            segments.append(segment)
            shapes.append(shape)
        if len(names) > 1 and len(set(names)) != len(names):
            again = next(name for name in names if names.count(name) > 1)
            raise InvalidTemplate(text, f"the parameter {again!r} occurs twice", "rename one of the two")
        return Template(text, tuple(segments), tuple(names), "/".join(shapes), tail)

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
                reason = f"the brace {brace[0]!r} in {text!r} has no partner"
                raise InvalidTemplate(template, reason, f"write {brace[0] * 2} for a literal brace")
            else:
                tokens += (
                    [literal, self._field(template, brace[1])]
                    if literal
                    else [self._field(template, brace[1])]
                )
                literal = ""
        literal += text[end:]
        if not tokens:
            return literal
        if literal:
            tokens.append(literal)
        kind = _kind(tokens)
        fields = tuple(token for token in tokens if isinstance(token, Field))
        return Segment(kind, tuple(tokens), fields, shape_of(tuple(tokens)), piece_key(kind, tuple(tokens)))

    def _field(self, template: str, text: str) -> Field:
        name, colon, label = text.partition(":")
        if not name.isidentifier():
            fix = "use letters, digits and _, not beginning with a digit"
            raise InvalidTemplate(template, f"{name!r} is no name for a parameter", fix)
        if not colon:
            return Field(name, PLAIN)
        if label not in self._converters:
            known = ", ".join(sorted(self._converters))
            fix = f"use one of {known}, or pass converters={{{label!r}: Converter(...)}}"
            raise InvalidTemplate(template, f"there is no converter {label!r}", fix)
        return Field(name, self._converters[label], label)


def _escape(literal: str) -> str:
    return literal.replace("{", "{{").replace("}", "}}")


def shape_of(tokens: Tokens) -> str:
    """The text of `tokens` without names."""
    return "".join(_escape(token) if isinstance(token, str) else token.shape for token in tokens)


def _kind(tokens: list[str | Field]) -> int:
    if any(isinstance(token, Field) and token.converter.is_catch_all for token in tokens):
        return CATCH_ALL
    first = tokens[0]
    if len(tokens) > 1 or isinstance(first, str):
        return MIXED
    return BARE if first.is_bare else TYPED


def piece_key(kind: int, tokens: Tokens) -> OrderKey:
    """The place of a segment (or, for a catch-all, of everything from it on) among others at its position."""
    first = tokens[0]
    if kind == BARE:
        return (BARE,)
    if kind == TYPED:
        assert isinstance(first, Field)
        return TYPED, first.converter.rank, first.converter.pattern
    literal_length = sum(len(token) for token in tokens if isinstance(token, str))
    typed = sum(not token.is_bare for token in tokens if isinstance(token, Field))
    rest = (kind == CATCH_ALL, -literal_length, -typed, shape_of(tokens))
    if isinstance(first, str):
        # "ab{x}" stands before "a{x}": its literal start says more
        return (MIXED, (*map(ord, first), _AFTER_EVERY_CHARACTER), *rest)
    return (kind, (), *rest) if kind == CATCH_ALL else (MIXED, (_AFTER_EVERY_CHARACTER,), *rest)


def order_key(template: Template) -> OrderKey:
    """The place of a template among all others: the smaller key is tried first.

    The answer of every lookup is the first template in this order that matches.

    >>> from fasterapi_router.converter import BUILT_IN
    >>> texts = ["/{rest:path}", "/{id}", "/{id:int}", "/{name}.json", "/v{n}", "/me"]
    >>> [template.text for template in sorted(map(TemplateParser(BUILT_IN).parse, texts), key=order_key)]
    ['/me', '/v{n}', '/{name}.json', '/{id:int}', '/{id}', '/{rest:path}']
    """
    return tuple((STATIC, key) if isinstance(key, str) else key for key in template.cells())
