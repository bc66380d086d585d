"""Routes with `media_types`: the body by its `Content-Type`, the result by `Accept`.

Knows: 406 and 415 (RFC 9110, sections 15.5.7 and 15.5.16). Does not know: how a codec works (`codecs`).
A form that is not JSON becomes plain values, which are validated as those of JSON are: the errors are the same.
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from fasterapi._accept import choose_media_type
from fasterapi.binding import BodyContract, Bound
from fasterapi.codecs import Codec
from fasterapi.exceptions import EndpointContext, HTTPException, RequestValidationError
from fasterapi.types import Scope
from fasterapi.validation.errors import Refused
from fasterapi.validation.serializer import ResponseSerializer
from fasterapi_di import INVALID, MISSING

__all__ = ["AcceptedBody", "PlainDocument", "Representation", "Representations", "is_negotiated"]

VARY = (b"vary", b"Accept")
_ERRORS = (ValueError, TypeError, RecursionError)


def is_negotiated(contract: BodyContract) -> bool:
    """Whether the body is one that a codec may decode: no form, no raw bytes, no media type of its own."""
    if contract.kind != "json":
        return False
    if contract.embedded:
        return True
    bound = contract.fields[0]
    is_raw = bound.adapter is not None and bound.adapter.kind == "bytes"
    return not is_raw and (bound.marker is None or bound.marker.media_type == "application/json")


class AcceptedBody:
    """Decodes the bodies of one route that are not JSON."""

    def __init__(self, codecs: Sequence[Codec], endpoint: EndpointContext) -> None:
        self._codecs = {name: codec for codec in codecs for name in codec.names}
        self._accept = ", ".join(codec.media_type for codec in codecs)
        self._endpoint = endpoint

    @property
    def takes_json(self) -> bool:
        """Whether JSON is one of the forms."""
        return "application/json" in self._codecs

    def load(self, scope: Scope, body: bytes, is_json: bool) -> Any:
        """The plain values of a body, MISSING for JSON and for a body that is not there or declares nothing.

        Raises HTTPException 415, RequestValidationError for what is malformed.
        """
        content_type = next(
            (value for name, value in scope.get("headers", ()) if name == b"content-type"), None
        )
        if is_json or not body or content_type is None:
            return MISSING
        media_type = content_type.decode("latin-1").partition(";")[0].strip().lower()
        codec = self._codecs.get(media_type)
        if codec is None:
            raise HTTPException(415, "Unsupported Media Type", headers={"Accept": self._accept})
        try:
            return codec.decode(body)
        except _ERRORS as error:
            kind = codec.media_type.partition("/")[2]
            refused = Refused(f"{kind}_invalid", sentence=f"{kind} decode error", error=str(error))
            problem = refused.as_error(("body",), {})
            raise RequestValidationError([problem], body=None, endpoint_ctx=self._endpoint) from error


class PlainDocument:
    """A parameter that is the whole body, made of plain values."""

    def __init__(self, bound: Bound, *, is_tracked: bool) -> None:
        assert bound.adapter is not None
        self._adapter = bound.adapter
        self._convert: Callable[[Any], Any] = (
            bound.adapter.convert_tracked if is_tracked else bound.adapter.convert
        )

    def read(self, document: Any) -> tuple[Any, list[Any]]:
        """Return (value, []) or (INVALID, errors)."""
        try:
            return self._convert(document), []
        except _ERRORS:
            pass
        # Bytes and instants have forms of their own outside of JSON; errors speak of JSON's.
        plain = msgspec.to_builtins(document, str_keys=True)
        problems = self._adapter.errors(plain, ("body",))
        return (INVALID, problems) if problems else (self._convert(plain), [])


class Representation:
    """One form of a route's results."""

    __slots__ = ("content_type", "encode", "headers")

    def __init__(self, codec: Codec, encode: Callable[[Any], bytes]) -> None:
        self.content_type = codec.media_type.encode("latin-1")
        self.encode = encode
        self.headers = [(b"content-type", self.content_type), VARY]


class Representations:
    """The forms of one route's results, the default one first."""

    def __init__(self, codecs: Sequence[Codec], make_serializer: Callable[..., ResponseSerializer]) -> None:
        self._names = [codec.names for codec in codecs]
        self._all = [Representation(codec, _encoder(codec, make_serializer)) for codec in codecs]

    def choose(self, scope: Scope) -> Representation:
        """The form that the client accepts, before anything is done for it. Raises HTTPException 406."""
        values = [value.decode("latin-1") for name, value in scope.get("headers", ()) if name == b"accept"]
        place = choose_media_type(", ".join(values), self._names)
        if place is None:
            offered = ", ".join(names[0] for names in self._names)
            raise HTTPException(406, f"Not Acceptable: there are {offered}", headers={"Vary": "Accept"})
        return self._all[place]


def _encoder(codec: Codec, make_serializer: Callable[..., ResponseSerializer]) -> Callable[[Any], bytes]:
    if codec.takes_any:
        return make_serializer(encoder=codec.encode).encode
    to_builtins = make_serializer().to_builtins

    def encode(value: Any) -> bytes:
        plain = to_builtins(value)
        try:
            return codec.encode(plain)
        except TypeError as error:
            message = f"Not Acceptable: this answer has no form in {codec.media_type}"
            raise HTTPException(406, message, headers={"Vary": "Accept"}) from error

    return encode
