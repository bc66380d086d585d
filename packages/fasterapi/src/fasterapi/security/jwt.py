"""JSON Web Tokens: a security scheme that checks them, and a function that issues them.

Knows: bearer tokens and their errors (RFC 6750). Does not know: keys, signatures, claims: `_verifier` does.
"""

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Unpack

import msgspec

from fasterapi.exceptions import HTTPException
from fasterapi.requests import HTTPConnection
from fasterapi.security import models
from fasterapi.security._refreshed import Unavailable
from fasterapi.security._signing_keys import check_algorithms, check_fit, import_pyjwt, read_key
from fasterapi.security._verifier import Claims, InvalidToken, JWTOptions, JWTVerifier
from fasterapi.security.base import SecurityBase
from fasterapi.security.oauth2 import SecurityScopes
from fasterapi.security.utils import get_authorization_scheme_param

__all__ = ["InvalidToken", "JWTBearer", "JWTOptions", "JWTVerifier", "Unavailable", "encode"]


class JWTBearer(SecurityBase):
    """The claims of the bearer token of a request, as a dependency; the options are `JWTVerifier`'s.

    Without a token: 401, or `None` with `auto_error=False`. With a bad one: always 401, `invalid_token`. Without
    the scopes that `Security(..., scopes=[...])` asks for: 403, `insufficient_scope`. While no keys can be had: 503.

        jwt = JWTBearer(jwks_url="https://id.example/keys", algorithms=["RS256"], issuer="https://id.example",
                        audience="shop", claims=UserClaims)

        @app.get("/me")
        async def me(user: Annotated[UserClaims, Security(jwt, scopes=["profile"])]): ...
    """

    model: models.HTTPBase

    def __init__(
        self,
        *,
        realm: str | None = None,
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
        **options: Unpack[JWTOptions],
    ) -> None:
        model = models.HTTPBase(scheme="bearer", bearerFormat="JWT", description=description)
        self._describe(model, scheme_name, auto_error)
        self.realm = realm
        self.verifier = JWTVerifier(owner=type(self).__name__, **options)

    def make_authenticate_headers(self, **parameters: str) -> dict[str, str]:
        """The challenge (RFC 6750, section 3): `Bearer`, with the realm and `parameters` as quoted strings."""
        pairs = {"realm": self.realm, **parameters} if self.realm else parameters
        quoted = (f'{name}="{_quoted(value)}"' for name, value in pairs.items())
        return {"WWW-Authenticate": f"Bearer {', '.join(quoted)}".strip()}

    def make_invalid_token_error(self, error: InvalidToken) -> HTTPException:
        """What is raised for a bad token."""
        headers = self.make_authenticate_headers(error="invalid_token", error_description=str(error))
        return HTTPException(401, str(error), headers=headers)

    def make_insufficient_scope_error(self, scopes: Sequence[str]) -> HTTPException:
        """What is raised for a good token without one of `scopes`."""
        headers = self.make_authenticate_headers(error="insufficient_scope", scope=" ".join(scopes))
        return HTTPException(403, "Not enough permissions", headers=headers)

    async def __call__(self, request: HTTPConnection, security_scopes: SecurityScopes) -> Any:
        token = bearer_token(request)
        if not token:
            self._refuse_if_required()
            return None
        try:
            claims = await self.verifier.verify(token)
            converted = self.verifier.convert(claims)
        except InvalidToken as error:
            raise self.make_invalid_token_error(error) from error
        except Unavailable as error:
            raise HTTPException(503, "The keys of the issuer are not available") from error
        if not set(security_scopes.scopes) <= set(self.verifier.scopes(claims)):
            raise self.make_insufficient_scope_error(security_scopes.scopes)
        return converted


def bearer_token(connection: HTTPConnection) -> str | None:
    """The token behind `Bearer`, however that is written; `None` without one."""
    scheme, token = get_authorization_scheme_param(connection.headers.get("authorization"))
    return token if scheme.lower() == "bearer" and token else None


def encode(
    claims: Mapping[str, Any] | msgspec.Struct,
    key: Any,
    *,
    algorithm: str,
    lifetime: float | timedelta = 900,
    key_id: str | None = None,
    token_type: str = "JWT",  # noqa: S107 - a type, no secret
    clock: Callable[[], float] = time.time,
) -> str:
    """A signed token with `claims`, and with `iat` (now), `exp` (after `lifetime`, in seconds) and `jti`.

    Claims of these names that are given count, also as datetimes; `None` is left out. `key` is a secret, or a
    private key (PEM or cryptography's). Raises `ValueError` for a key that does not fit the algorithm, or a
    lifetime that is over at once.
    """
    owner = "encode"
    read = read_key(key, owner, private=True)
    check_fit(read, check_algorithms([algorithm], owner), owner)
    seconds = lifetime.total_seconds() if isinstance(lifetime, timedelta) else lifetime
    if seconds <= 0:
        raise ValueError(f"{owner}: lifetime={lifetime!r} is over before the token can be used")
    now = int(clock())
    given: Claims = msgspec.to_builtins(claims, builtin_types=(datetime,))
    payload = {"iat": now, "exp": now + int(seconds), "jti": uuid.uuid4().hex}
    payload |= {name: _claim(name, value) for name, value in given.items() if value is not None}
    headers = {"typ": token_type} | ({} if key_id is None else {"kid": key_id})
    token: str = (
        import_pyjwt(owner).PyJWS().encode(msgspec.json.encode(payload), read.key, algorithm, headers)
    )
    return token


def _claim(name: str, value: Any) -> Any:
    # RFC 7519, section 2: a NumericDate; other claims may have dates of any form.
    is_date = name in {"exp", "nbf", "iat"} and isinstance(value, datetime)
    return int(value.timestamp()) if is_date else value


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
