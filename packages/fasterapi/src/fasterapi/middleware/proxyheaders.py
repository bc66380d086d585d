"""The client's address and scheme, as the proxies in front of the server report them.

Knows: `X-Forwarded-For`, `-Proto` and `-Host`, IP addresses and networks. Does not know: routes.
Invariant: only what a proxy on the list has added is believed, never what a client wrote itself.
"""

import ipaddress
from collections.abc import Iterable

from fasterapi.middleware._host import parse_host
from fasterapi.types import ASGIApp, Receive, Scope, Send

_HEADERS = (b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host")
_SCHEMES = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class ProxyHeadersMiddleware:
    """Believe the `X-Forwarded-*` headers of the proxies in `trusted_hosts`.

    `trusted_hosts` are addresses, networks (`10.0.0.0/8`), names of Unix sockets, or `"*"` for every peer; as
    a list, or as one text with commas. The client is the last address that is not a trusted proxy's.
    `X-Forwarded-Host` replaces the `Host` header only with `forwarded_host=True`. Raises `ValueError` for a
    malformed network.
    """

    def __init__(
        self,
        app: ASGIApp,
        trusted_hosts: Iterable[str] | str = "127.0.0.1",
        *,
        forwarded_host: bool = False,
    ) -> None:
        self.app = app
        self.forwarded_host = forwarded_host
        self._trusted = _TrustedPeers(trusted_hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            peer = scope.get("client")
            if (peer[0] if peer else "") in self._trusted:
                self._rewrite(scope)
        await self.app(scope, receive, send)

    def _rewrite(self, scope: Scope) -> None:
        forwarded: dict[bytes, list[str]] = {name: [] for name in _HEADERS}
        for name, value in scope.get("headers", ()):
            if name in forwarded:
                forwarded[name] += _values(value)
        addresses, protocols, hosts = forwarded.values()
        protocol = protocols[-1].lower() if protocols else ""
        if protocol in _SCHEMES:
            scope["scheme"] = _SCHEMES[protocol] if scope["type"] == "websocket" else protocol
        if addresses:
            scope["client"] = self._trusted.client(addresses)
        if self.forwarded_host and hosts and parse_host(hosts[-1]) is not None:
            headers = [pair for pair in scope.get("headers", ()) if pair[0] != b"host"]
            scope["headers"] = [(b"host", hosts[-1].encode("latin-1")), *headers]


class _TrustedPeers:
    """The proxies that are believed."""

    def __init__(self, hosts: Iterable[str] | str) -> None:
        names = hosts.split(",") if isinstance(hosts, str) else hosts
        self._names: set[str] = set()
        self._networks: list[_Network] = []
        for name in map(str.strip, names):
            if "/" in name and not name.startswith("/"):
                self._networks.append(ipaddress.ip_network(name))
            else:
                self._names.add(str(_address(name) or name))
        self._is_any = "*" in self._names

    def __contains__(self, host: str) -> bool:
        if self._is_any or host in self._names:
            return True
        # Only IPv6 addresses can be written in several ways.
        if not self._networks and ":" not in host:
            return False
        address = _address(host)
        if address is None:
            return False
        return str(address) in self._names or any(address in network for network in self._networks)

    def client(self, addresses: list[str]) -> tuple[str, int]:
        """The last of `addresses` that is no trusted proxy; the first one if all of them are."""
        parsed = [_host_and_port(address) for address in addresses]
        if not self._is_any:
            for host, port in reversed(parsed):
                if host not in self:
                    return host, port
        return parsed[0]


def _values(header: bytes) -> list[str]:
    return [value for part in header.decode("latin-1").split(",") if (value := part.strip())]


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _host_and_port(text: str) -> tuple[str, int]:
    """The parts of `1.2.3.4:80` and `[::1]:80`; port 0 without one, and the whole text for anything else."""
    if _address(text) is not None:
        return text, 0
    parsed = parse_host(text)
    if parsed is None:
        return text, 0
    return parsed.name.strip("[]"), int((parsed.port or "0")[:5])
