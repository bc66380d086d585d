"""API keys in the query, a header or a cookie.

Knows: where the key is. Does not know: which keys are good: compare them by `compare_secrets`.
"""

from typing import ClassVar, Literal

from fasterapi.requests import HTTPConnection
from fasterapi.security.base import SecurityBase
from fasterapi.security.models import APIKey


class APIKeyBase(SecurityBase):
    """What the three places have in common."""

    model: APIKey
    _location: ClassVar[Literal["query", "header", "cookie"]]

    def __init__(
        self,
        *,
        name: str,
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        model = APIKey(in_=self._location, name=name, description=description)
        self._describe(model, scheme_name, auto_error)

    def make_authenticate_headers(self) -> dict[str, str]:
        """There is no registered challenge for API keys; this one is FastAPI's."""
        return {"WWW-Authenticate": "APIKey"}

    def check_api_key(self, api_key: str | None) -> str | None:
        """`api_key` unless it is absent or empty."""
        if not api_key:
            self._refuse_if_required()
            return None
        return api_key


class APIKeyQuery(APIKeyBase):
    """A key in the query: `?name=key`. Addresses end up in logs: prefer a header.

    >>> APIKeyQuery(name="key").model.in_
    'query'
    """

    _location = "query"

    async def __call__(self, request: HTTPConnection) -> str | None:
        return self.check_api_key(request.query_params.get(self.model.name))


class APIKeyHeader(APIKeyBase):
    """A key in a header.

    >>> APIKeyHeader(name="X-Key").model.name
    'X-Key'
    """

    _location = "header"

    async def __call__(self, request: HTTPConnection) -> str | None:
        return self.check_api_key(request.headers.get(self.model.name))


class APIKeyCookie(APIKeyBase):
    """A key in a cookie. Browsers send it by themselves: guard against cross-site requests.

    >>> APIKeyCookie(name="key").model.in_
    'cookie'
    """

    _location = "cookie"

    async def __call__(self, request: HTTPConnection) -> str | None:
        return self.check_api_key(request.cookies.get(self.model.name))
