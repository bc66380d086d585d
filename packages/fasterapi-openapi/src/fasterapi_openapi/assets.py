"""The viewers' files that are shipped with the package.

Knows: which files there are, their media types, how they are stored. Does not know: HTTP, addresses.
Large files are stored gzip'd only and unpacked for the rare client that asks for it.
"""

import gzip
import hashlib
from functools import cache, cached_property

from .errors import AssetNotFound

_MEDIA_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_PACKED = ("oauth2-redirect.js", "redoc.standalone.js", "swagger-ui-bundle.js", "swagger-ui.css")
_SMALL = ("favicon.svg", "page.css", "redoc-init.js", "scalar-init.js", "swagger-init.js")
ASSET_NAMES: tuple[str, ...] = tuple(sorted(_PACKED + _SMALL))


class Asset:
    """One file: send `gzip_bytes` with `Content-Encoding: gzip`, or `plain`.

    `etag` is a weak validator, ready for the header: one value is right for both forms, and the same in every
    process (RFC 9110, section 8.8.3).
    """

    def __init__(self, name: str, gzip_bytes: bytes) -> None:
        self.name = name
        self.media_type = _MEDIA_TYPES[name.rpartition(".")[2]]
        self.gzip_bytes = gzip_bytes

    @property
    def plain(self) -> bytes:
        """The bytes without compression, unpacked anew each time: they are large and rarely wanted."""
        return gzip.decompress(self.gzip_bytes)

    @cached_property
    def etag(self) -> str:
        return f'W/"{hashlib.sha256(self.gzip_bytes).hexdigest()[:32]}"'


@cache
def asset(name: str) -> Asset:
    """Read a shipped file, once per process.

    Raises `AssetNotFound` for every name that is not in `ASSET_NAMES`, so a name may come from a request.

    >>> asset("favicon.svg").media_type
    'image/svg+xml'
    """
    if name not in ASSET_NAMES:
        raise AssetNotFound(name, ASSET_NAMES)
    from importlib.resources import files  # noqa: PLC0415 - heavy, and only needed by who serves the pages

    folder = files("fasterapi_openapi").joinpath("viewers")
    if name in _PACKED:
        return Asset(name, folder.joinpath(f"{name}.gz").read_bytes())
    return Asset(name, gzip.compress(folder.joinpath(name).read_bytes(), mtime=0))
