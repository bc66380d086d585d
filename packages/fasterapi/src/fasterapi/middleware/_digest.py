"""Parts of a key → one short key.

Knows: SHA-256. Does not know: what the parts are.
Invariant: different parts give different keys, wherever one part ends and the next begins (CVE-2026-25480), and
a secret among them cannot be read out of the key.
"""

import hashlib


def digest(kind: str, *parts: bytes) -> str:
    """The key of `kind` for `parts`.

    >>> digest("a", b"bc", b"d") == digest("a", b"b", b"cd")
    False
    """
    found = hashlib.sha256()
    for part in parts:
        found.update(b"%d:" % len(part))
        found.update(part)
    return f"{kind}:{found.hexdigest()}"


def text_digest(kind: str, *parts: str) -> str:
    """As `digest`, of texts; a client's text may have lone surrogates."""
    return digest(kind, *(part.encode("utf-8", "surrogatepass") for part in parts))
