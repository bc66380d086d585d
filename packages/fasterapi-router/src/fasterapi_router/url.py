"""A route's name and parameters → a path.

Knows: percent-encoding, what a template would match. Does not know: hosts, schemes, query strings.
Invariant: a path that comes out, once percent-decoded, is matched by the template with the same parameters.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from fasterapi_router.errors import InvalidParameter, NoSuchRoute
from fasterapi_router.pattern import Pattern
from fasterapi_router.result import Route
from fasterapi_router.template import Field, Segment, Template

# RFC 3986 section 3.3: what a path segment may hold unencoded besides letters, digits and "-._~"
_UNENCODED = "!$&'()*+,;=:@"


def path_for(name: str, routes: Iterable[Route[Any]], params: Mapping[str, Any]) -> str:
    """The path of the first route that takes exactly `params`; raises NoSuchRoute and InvalidParameter."""
    candidates: dict[str, Iterable[str]] = {}
    for route in routes:
        if set(route.names) == set(params):
            return _fill(route.template, params)
        candidates[route.path] = route.names
    raise NoSuchRoute(name, params, candidates)


def _fill(template: Template, params: Mapping[str, Any]) -> str:
    from urllib.parse import quote  # noqa: PLC0415 - most applications never ask for a path

    texts = {field.name: _text(template, field, params[field.name]) for field in template.fields}
    _check_division(template, texts)
    path = ""
    for token in template.tokens_from(0):
        if isinstance(token, str):
            path += quote(token, safe="/" + _UNENCODED)
        else:
            path += quote(texts[token.name], safe=_UNENCODED + ("/" if token.converter.is_catch_all else ""))
    return path


def _text(template: Template, field: Field, value: Any) -> str:
    try:
        text = field.converter.to_text(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidParameter(template.text, field.name, value, f"can't be written: {error}") from error
    if not field.converter.accepts(text):
        raise InvalidParameter(template.text, field.name, value, f"must match {field.converter.pattern}")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidParameter(template.text, field.name, value, "has no UTF-8 form") from error
    return text


def _check_division(template: Template, texts: Mapping[str, str]) -> None:
    """Each field must come back as it went in, which is not so for a="1-2", b="3-4" in {a}-{b}."""
    for index, segment in enumerate(template.segments):
        if not isinstance(segment, Segment):
            continue
        tokens = template.tokens_from(index) if index == template.tail else segment.tokens
        written = "".join(token if isinstance(token, str) else texts[token.name] for token in tokens)
        fields = [token for token in tokens if isinstance(token, Field)]
        read = Pattern(tokens).match(written)
        for field, text in zip(fields, read or (), strict=False):
            if text != texts[field.name]:
                raise InvalidParameter(
                    template.text,
                    field.name,
                    texts[field.name],
                    f"would come back as {text!r} from {written!r}",
                )
        if index == template.tail:
            return
