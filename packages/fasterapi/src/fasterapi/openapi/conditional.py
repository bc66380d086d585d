"""What the option `etag=` adds to an operation: the conditions it reads, the tag it sends, 304, 412 and 428.

Knows: OpenAPI's words for conditional requests. Does not know: how conditions are evaluated (`conditional`).
"""

from collections.abc import Mapping

from msgspec.structs import replace

from fasterapi.compilation.conditional import Conditional
from fasterapi_openapi import HeaderSpec, ParameterSpec, ResponseSpec

__all__ = ["condition_parameters", "with_conditions"]

_TAG = HeaderSpec(type=str, description="The entity tag of this version (RFC 9110, section 8.8.3)")
_SAFE = frozenset({"GET", "HEAD"})
_WORDS = {
    "If-Match": "Answer only if the current version has one of these entity tags (RFC 9110, section 13.1.1)",
    "If-None-Match": "Answer only if the current version has none of these entity tags (RFC 9110, section 13.1.2)",
}
_FAILURES = {
    304: "Not Modified",
    412: "Precondition Failed",
    428: "Precondition Required",
}


def condition_parameters(conditional: Conditional, method: str) -> list[ParameterSpec]:
    """The header fields by which a client states its conditions."""
    names = ["If-None-Match"] if method in _SAFE else [] if conditional.etag is None else list(_WORDS)
    return [ParameterSpec(name=name, location="header", type=str, description=_WORDS[name]) for name in names]


def with_conditions(
    responses: Mapping[int | str, ResponseSpec], conditional: Conditional, method: str
) -> dict[int | str, ResponseSpec]:
    """`responses`, the first one with its tag, and those that answer failed conditions unless they are there."""
    found = dict(responses)
    statuses = []
    if method in _SAFE:
        main = next(iter(found))
        found[main] = replace(found[main], headers={"ETag": _TAG, **found[main].headers})
        statuses = [304]
    elif conditional.etag is not None:
        statuses = [412, 428] if conditional.etag.required else [412]
    for status in statuses:
        if status not in found and str(status) not in found:
            found[status] = ResponseSpec(description=_FAILURES[status])
    return found
