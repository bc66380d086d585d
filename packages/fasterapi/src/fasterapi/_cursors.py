"""A position in a list ↔ the opaque text that a client sends back for the next page.

Knows: msgpack, base64, signatures. Does not know: requests, pages.
Invariant: `decode` gives exactly what `encode` was given, or raises; with a secret, of what was encoded with it.
"""

import base64
import binascii
import hashlib
import hmac
from typing import Any, Final

import msgspec

__all__ = ["BadCursor", "CursorCodec"]

_SIGNATURE_BYTES: Final = 16


class BadCursor(ValueError):  # noqa: N818 - what it is
    """A text that is no cursor of this list."""


class CursorCodec:
    """Encodes positions of `type_`; `secret` signs them (HMAC-SHA-256, 16 bytes of it). ValueError for an empty one.

    >>> codec = CursorCodec(tuple[int, str], "secret")
    >>> codec.decode(codec.encode((7, "a")))
    (7, 'a')
    """

    def __init__(self, type_: Any, secret: str | bytes | None) -> None:
        if secret is not None and not secret:
            message = "the secret of a cursor is empty, so anybody could sign one; leave it out or set it"
            raise ValueError(message)
        self.type = type_
        self._secret = secret.encode() if isinstance(secret, str) else secret
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(type_).decode

    def encode(self, position: Any) -> str:
        """A position as URL-safe text without padding. TypeError for what msgpack cannot hold."""
        content = self._encode(position)
        return base64.urlsafe_b64encode(self._signature(content) + content).rstrip(b"=").decode()

    def decode(self, cursor: str) -> Any:
        """The position. Raises BadCursor."""
        try:
            whole = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise BadCursor(_MESSAGE) from None
        length = _SIGNATURE_BYTES if self._secret is not None else 0
        signature, content = whole[:length], whole[length:]
        if not hmac.compare_digest(signature, self._signature(content)):
            raise BadCursor(_MESSAGE)
        try:
            return self._decode(content)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            raise BadCursor(_MESSAGE) from None

    def _signature(self, content: bytes) -> bytes:
        if self._secret is None:
            return b""
        return hmac.digest(self._secret, content, hashlib.sha256)[:_SIGNATURE_BYTES]


_MESSAGE: Final = "Input should be a cursor of this list, as another page of it gives one"
