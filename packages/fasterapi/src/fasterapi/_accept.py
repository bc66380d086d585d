"""`Accept` → the one of several media types that a client likes best.

Knows: media ranges and weights (RFC 9110, sections 12.4.2 and 12.5.1). Does not know: requests, codecs.
"""

from collections.abc import Sequence

_Range = tuple[str, float]


def choose_media_type(accept: str, offered: Sequence[Sequence[str]]) -> int | None:
    """Which of `offered` to send, each given by all its names; among equals the first. `None`: none is acceptable.

    >>> offered = [["application/json"], ["application/msgpack", "application/x-msgpack"]]
    >>> [
    ...     choose_media_type(accept, offered)
    ...     for accept in ("*/*", "application/x-msgpack, */*;q=0.1", "text/html")
    ... ]
    [0, 1, None]
    """
    ranges = [_parse(part) for part in accept.lower().split(",") if part.strip()]
    if not ranges:
        return 0
    weights = [max(_weight(name, ranges) for name in names) for names in offered]
    best = max(range(len(offered)), key=lambda place: weights[place])
    return best if weights[best] > 0 else None


def _parse(part: str) -> _Range:
    name, *parameters = part.split(";")
    weight = 1.0
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            try:
                weight = float(value)
            except ValueError:
                weight = 0.0
    return name.strip(), weight


def _weight(name: str, ranges: Sequence[_Range]) -> float:
    """The weight of the range that fits most closely."""
    for wanted in (name, f"{name.partition('/')[0]}/*", "*/*"):
        weights = [weight for pattern, weight in ranges if pattern == wanted]
        if weights:
            return max(weights)
    return 0.0
