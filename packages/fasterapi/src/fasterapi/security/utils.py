"""Reading and comparing credentials.

Knows: the form of an `Authorization` header. Does not know: any single scheme.
"""


def get_authorization_scheme_param(authorization_header_value: str | None) -> tuple[str, str]:
    """The scheme and what stands behind it; two empty texts without a header.

    >>> get_authorization_scheme_param("Bearer abc")
    ('Bearer', 'abc')
    """
    if not authorization_header_value:
        return "", ""
    scheme, _, parameter = authorization_header_value.partition(" ")
    return scheme, parameter.strip()


def compare_secrets(given: str | bytes, expected: str | bytes) -> bool:
    """Whether two secrets are equal, in a time that does not tell how much of them is.

    `secrets.compare_digest`, for any text: that one raises `TypeError` for text outside ASCII.

    >>> compare_secrets("pässword", "pässword")
    True
    """
    from secrets import compare_digest  # noqa: PLC0415 - what it imports is large

    return compare_digest(_encoded(given), _encoded(expected))


def _encoded(secret: str | bytes) -> bytes:
    # A lone surrogate may come out of a client's JSON: it is a wrong password, not an error.
    return secret.encode("utf-8", "surrogatepass") if isinstance(secret, str) else secret
