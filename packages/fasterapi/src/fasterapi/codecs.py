"""Forms in which bodies travel: JSON, MessagePack, YAML, TOML, and those that an application adds.

Knows: media types, how bytes become plain values and plain values bytes. Does not know: requests, types, models.
Libraries are imported when a codec is asked for, at registration.
"""

import importlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from fasterapi.exceptions import FasterAPIError
from fasterapi.validation.hooks import enc_hook

__all__ = ["Codec", "find_codecs"]


MAX_YAML_DEPTH: Final = 100
# Possessive: going back would take time in the square of the length.
_LONG_NUMBER: Final = re.compile(r"[-+_]*+[0-9_:.]{100,}+")
# `tomllib` takes time in the square of the parts of a dotted key.
_LONG_KEY: Final = re.compile(
    rb"""(?<![\w-])(?:(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){100}""",
)


@dataclass(frozen=True, slots=True)
class Codec:
    """One form, for `media_types=[...]`.

    `decode` makes dicts, lists and scalars of bytes and raises ValueError for what is malformed; `encode` makes
    bytes of them, and raises TypeError for a value that has no such form. `aliases` are further media types that
    clients use. `takes_any` says that `encode` takes whatever handlers return, not plain values only;
    `writes_errors`, that it also takes `{"detail": ...}`, so that errors are in this form too.
    """

    media_type: str
    decode: Callable[[bytes], Any]
    encode: Callable[[Any], bytes]
    aliases: tuple[str, ...] = ()
    takes_any: bool = False
    writes_errors: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """All media types that mean this codec, its own first."""
        return (self.media_type, *self.aliases)


def find_codecs(media_types: Sequence[str | Codec]) -> tuple[Codec, ...]:
    """The codecs that an application names. FasterAPIError for an unknown name, and for a missing library.

    >>> [codec.media_type for codec in find_codecs(["application/json", "application/msgpack"])]
    ['application/json', 'application/msgpack']
    """
    if isinstance(media_types, str) or not media_types:
        message = f"media_types={media_types!r}: give a list of media types, as ['application/json']"
        raise FasterAPIError(message)
    return tuple(item if isinstance(item, Codec) else _find(item) for item in media_types)


def _find(media_type: str) -> Codec:
    make = _MAKERS.get(media_type.lower())
    if make is None:
        message = f"media_types: no codec for {media_type!r}; there are {', '.join(_MAKERS)}\n  fix: pass a Codec(...)"
        raise FasterAPIError(message)
    return make()


def _json() -> Codec:
    encode = msgspec.json.Encoder(enc_hook=enc_hook).encode
    return Codec("application/json", msgspec.json.decode, encode, takes_any=True, writes_errors=True)


def _msgpack() -> Codec:
    encode = msgspec.msgpack.Encoder(enc_hook=enc_hook).encode
    aliases = ("application/vnd.msgpack", "application/x-msgpack")
    return Codec(
        "application/msgpack", msgspec.msgpack.decode, encode, aliases, takes_any=True, writes_errors=True
    )


def _yaml() -> Codec:
    yaml = _require("yaml", "application/yaml", "yaml")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    def decode(body: bytes) -> Any:
        try:
            _check_events(yaml, yaml.parse(body, loader))
            return yaml.load(body, loader)
        except yaml.YAMLError as error:
            raise ValueError(str(error)) from error

    # RFC 9512, and what was in use before it.
    aliases = ("application/x-yaml", "text/yaml", "text/x-yaml")
    return Codec("application/yaml", decode, msgspec.yaml.encode, aliases, writes_errors=True)


def _check_events(yaml: Any, events: Iterable[Any]) -> None:
    """Refuse what is small to send and not to read, before anything is made of it.

    Aliases of aliases are more values than a machine can walk through; the loader in C recurses without a limit;
    numbers of base 60 (`1:30:00`) cost time in the square of their length.
    """
    depth = 0
    for event in events:
        if isinstance(event, yaml.AliasEvent):
            raise ValueError("aliases are not accepted")  # noqa: TRY004 - the text is wrong, no type is
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_YAML_DEPTH:
                raise ValueError(f"nested deeper than {MAX_YAML_DEPTH} levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.ScalarEvent):
            may_be_number = event.implicit[0] or event.tag is not None
            if may_be_number and _LONG_NUMBER.fullmatch(event.value):
                raise ValueError("a number is too long")


def _toml() -> Codec:
    _require("tomli_w", "application/toml", "toml")

    def decode(body: bytes) -> Any:
        if _LONG_KEY.search(body):
            raise ValueError("a key has too many parts")
        return msgspec.toml.decode(body)

    return Codec("application/toml", decode, msgspec.toml.encode, writes_errors=True)


_MAKERS: Final[dict[str, Callable[[], Codec]]] = {
    "application/json": _json,
    "application/msgpack": _msgpack,
    "application/yaml": _yaml,
    "application/toml": _toml,
}


def _require(module: str, media_type: str, extra: str) -> Any:
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        message = f'{media_type} needs {module}\n  fix: pip install "fasterapi[{extra}]"'
        raise FasterAPIError(message) from error
