"""How long a response's content is, as the header that says it.

Knows: the form of Content-Length (RFC 9110, section 8.6). Does not know: responses. Most content is short: to format a
number costs more than to look up what was made of it before.
"""

from typing import Final

__all__ = ["CONTENT_LENGTHS"]

# Headers of longer content are made anew: so many kept ones are less than 1 MB.
_MOST_KEPT: Final = 4096


class _ContentLengths(dict[int, tuple[bytes, bytes]]):
    """Length in bytes → header; those of short content are kept once they were asked for.

    >>> CONTENT_LENGTHS[7], CONTENT_LENGTHS[7] is CONTENT_LENGTHS[7]
    ((b'content-length', b'7'), True)
    >>> CONTENT_LENGTHS[10**6], 10**6 in CONTENT_LENGTHS
    ((b'content-length', b'1000000'), False)
    """

    __slots__ = ()

    def __missing__(self, length: int) -> tuple[bytes, bytes]:
        header = (b"content-length", b"%d" % length)
        if length < _MOST_KEPT:
            self[length] = header
        return header


CONTENT_LENGTHS: Final = _ContentLengths()
