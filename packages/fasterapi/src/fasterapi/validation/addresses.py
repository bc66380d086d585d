"""The standard library's addresses and paths as types of JSON texts.

Knows: `ipaddress` and `pathlib`. Does not know: who asks; `hooks` does, when it meets a class of these modules.
"""

from collections.abc import Iterator
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
)
from pathlib import Path, PosixPath, PurePath, PurePosixPath, PureWindowsPath
from typing import Any, Final

from fasterapi.validation.errors import Refused
from fasterapi.validation.hooks import CustomType

__all__ = ["standard_types"]

_ADDRESSES: Final = (
    (IPv4Address, "ipv4", "ip_v4_address"),
    (IPv6Address, "ipv6", "ip_v6_address"),
    (IPv4Network, "ipv4network", "ip_v4_network"),
    (IPv6Network, "ipv6network", "ip_v6_network"),
    (IPv4Interface, "ipv4interface", "ip_v4_interface"),
    (IPv6Interface, "ipv6interface", "ip_v6_interface"),
)


def standard_types() -> Iterator[CustomType]:
    """All of them."""
    for type_, format_, error_type in _ADDRESSES:
        yield _address(type_, format_, error_type)
    for path_type in (Path, PurePath, PosixPath, PurePosixPath, PureWindowsPath):
        yield _path(path_type)


def _address(type_: type, format_: str, error_type: str) -> CustomType:
    def decode(value: Any) -> Any:
        # `bool` is an int, and ipaddress would take True for 0.0.0.1.
        if isinstance(value, str | int) and not isinstance(value, bool):
            try:
                return type_(value)
            except ValueError:
                pass
        raise Refused(error_type)

    return CustomType(type_, decode, str, {"type": "string", "format": format_})


def _path(type_: type[PurePath]) -> CustomType:
    def decode(value: Any) -> Any:
        if not isinstance(value, str):
            raise Refused("path_type", path_type=type_)
        return type_(value)

    return CustomType(type_, decode, str, {"type": "string", "format": "path"})
