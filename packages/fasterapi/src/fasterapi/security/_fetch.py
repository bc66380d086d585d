"""One request to a provider of keys or tokens: a URL, perhaps a form, and the bytes that come back.

Knows: httpx, and urllib in a thread where that is not installed. Does not know: what the bytes are.
Invariant: only https (or http to this machine), no redirects, at most `MAX_BYTES`, at most `TIMEOUT` seconds.
"""

import asyncio
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

MAX_BYTES = 2**20
TIMEOUT = 10.0
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class FetchError(Exception):
    """There was no good answer; `status` is that of the answer, or 0 without one."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class Fetch(Protocol):
    """GET of `url`, or POST of `form`; gives the body of a 200, raises for everything else."""

    async def __call__(
        self, url: str, *, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> bytes: ...


def check_url(url: str, owner: str) -> str:
    """`url`, if nobody on the way could change what comes from it; else `ValueError`.

    >>> check_url("https://id.example/keys", "JWTBearer")
    'https://id.example/keys'
    """
    parts = urlsplit(url)
    if parts.hostname and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    ):
        return url
    raise ValueError(
        f"{owner}: {url!r} is no https URL, so whoever stands between could put in keys of his own\n"
        "  fix: use https, or pass `fetch=`, a coroutine function of your own"
    )


async def fetch(
    url: str, *, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
) -> bytes:
    """The default `Fetch`. Raises `FetchError`."""
    check_url(url, "fetch")
    try:
        import httpx  # noqa: PLC0415 - optional, and slow to import
    except ModuleNotFoundError:
        return await asyncio.to_thread(_fetch_by_urllib, url, form, headers or {})
    body = bytearray()
    try:
        async with (
            httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False) as client,
            client.stream(
                "GET" if form is None else "POST",
                url,
                data=form,
                headers={"Accept-Encoding": "identity", **(headers or {})},
            ) as response,
        ):
            _check_status(url, response.status_code)
            async for chunk in response.aiter_raw():  # nothing that could unfold beyond the limit
                body += chunk
                _check_length(url, len(body))
    except httpx.HTTPError as error:
        raise FetchError(f"{url}: {error!r}") from error
    return bytes(body)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_arguments: Any) -> None:
        """The redirect is the answer, which is refused."""


def _fetch_by_urllib(url: str, form: Mapping[str, str] | None, headers: Mapping[str, str]) -> bytes:
    data = None if form is None else urlencode(form).encode()
    request = urllib.request.Request(url, data, dict(headers))  # noqa: S310 - `check_url` has seen it
    try:
        with urllib.request.build_opener(_NoRedirects).open(request, timeout=TIMEOUT) as response:
            _check_status(url, response.status)
            body: bytes = response.read(MAX_BYTES + 1)
    except urllib.error.HTTPError as error:
        with error:
            raise FetchError(f"{url}: status {error.code}", error.code) from error
    except OSError as error:
        raise FetchError(f"{url}: {error!r}") from error
    _check_length(url, len(body))
    return body


def _check_status(url: str, status: int) -> None:
    if status != 200:
        raise FetchError(f"{url}: status {status}", status)


def _check_length(url: str, length: int) -> None:
    if length > MAX_BYTES:
        raise FetchError(f"{url}: more than {MAX_BYTES} bytes")
