"""A token → its claims, or the reason why not.

Knows: RFC 7515, RFC 7519 and the advice of RFC 8725; PyJWT checks the signatures, the claims are checked here, where
time can be given. Does not know: requests.
"""

import base64
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from inspect import isawaitable, iscoroutinefunction
from typing import Any, TypedDict, Unpack

import msgspec

from fasterapi.concurrency import run_in_threadpool
from fasterapi.security._fetch import check_url, fetch
from fasterapi.security._key_sources import FetchedKeySet, FixedKeySet, KeySource, OneKey, check_public
from fasterapi.security._signing_keys import check_algorithms, import_pyjwt

Claims = dict[str, Any]
_decode_claims = msgspec.json.Decoder(Claims).decode
_decode_header = msgspec.json.Decoder(dict[str, Any]).decode


class InvalidToken(Exception):  # noqa: N818 - RFC 6750's name for it
    """A token that is not to be believed. The text is for the client: it never holds the token or a key."""


class JWTOptions(TypedDict, total=False):
    """Which tokens are good; what is left out has the default that `JWTVerifier` names."""

    key: Any
    jwks: Mapping[str, Any]
    jwks_url: str
    algorithms: Sequence[str]
    issuer: str
    audience: str | Sequence[str]
    leeway: float
    claims: Any
    require: Sequence[str]
    token_type: str
    scope_claim: str
    is_revoked: Callable[[Claims], bool | Awaitable[bool]]
    fetch: Callable[[str], Awaitable[bytes]]
    jwks_lifetime: float
    jwks_interval: float
    clock: Callable[[], float]


class JWTVerifier:
    """Checks JSON Web Tokens. One of `key`, `jwks` and `jwks_url` says who may have signed them.

    - `key`: a secret of enough bytes, a PEM text (public key, certificate), or a key of cryptography's;
      `jwks`: a JSON Web Key Set as a dict; `jwks_url`: where one is fetched, by `fetch(url)` (httpx, or else urllib
      in a thread), kept for `jwks_lifetime` seconds (300) and fetched again for an unknown key id, but never twice
      within `jwks_interval` seconds (10). While fetching fails, the keys that were there stay.
    - `algorithms`: those that the issuer uses; each must fit the key's type.
    - `issuer`, `audience` (one or several): what `iss` must be, and what `aud` must hold. Without `audience`, a
      token for a certain audience is refused.
    - `leeway`: seconds by which clocks may differ (0), for `exp`, `nbf` and `iat`.
    - `require`: claims that must be there (`("exp",)`); `token_type`: what the header's `typ` must be (any).
    - `claims`: the type that the claims are converted to (`dict`), by msgspec.
    - `is_revoked(claims)`: whether the token was taken back; a plain function runs in a thread.
    - `clock`: seconds since 1970 (`time.time`).

    Raises `ValueError` for options that are not safe or not complete, `RuntimeError` without PyJWT.
    """

    def __init__(
        self, *, owner: str = "JWTVerifier", keys: KeySource | None = None, **options: Unpack[JWTOptions]
    ) -> None:
        self._jwt = import_pyjwt(owner)
        self._algorithms = check_algorithms(options.get("algorithms", ()), owner)
        self._keys = keys or _key_source(options, self._algorithms, owner)
        self._jws = self._jwt.PyJWS(algorithms=sorted(self._algorithms))
        self._issuer = options.get("issuer")
        audience = options.get("audience")
        self._audience = {audience} if isinstance(audience, str) else set(audience or ())
        self._leeway = options.get("leeway", 0)
        self._require = tuple(options.get("require", ("exp",)))
        self._token_type = options.get("token_type")
        self._claims = options.get("claims", dict)
        self._is_revoked = options.get("is_revoked")
        self._clock = options.get("clock", time.time)
        self._scope_claim = options.get("scope_claim", "scope")

    async def verify(self, token: str) -> Claims:
        """The claims of a good token. Raises `InvalidToken`, and `Unavailable` while there are no keys."""
        claims = await self._checked_signature(token)
        self._check_claims(claims)
        if self._is_revoked is not None and await self._ask_revoked(claims):
            raise InvalidToken("The token was revoked")
        return claims

    def convert(self, claims: Claims) -> Any:
        """The claims as the type `claims`. Raises `InvalidToken` for claims that do not fit it."""
        if self._claims is dict:
            return claims
        try:
            return msgspec.convert(claims, self._claims, strict=False)
        except msgspec.ValidationError as error:
            raise InvalidToken("The token's claims are not those of this application") from error

    def scopes(self, claims: Claims) -> list[str]:
        """The scopes of a token: a text with spaces between them (RFC 8693, section 4.2), or a list."""
        value = claims.get(self._scope_claim, "")
        if isinstance(value, str):
            return value.split()
        return [scope for scope in value if isinstance(scope, str)] if isinstance(value, list) else []

    async def _checked_signature(self, token: str) -> Claims:
        try:
            header = _read_header(token)
            algorithm, key_id = header.get("alg"), header.get("kid")
            if not isinstance(algorithm, str) or algorithm not in self._algorithms:
                raise InvalidToken("The token's algorithm is not accepted")
            if "crit" in header:  # RFC 7515, section 4.1.11: none of them is understood here
                raise InvalidToken("The token has critical extensions")
            if not isinstance(key_id, str | None):
                raise InvalidToken("The token is malformed")
            if self._token_type is not None:
                self._check_type(header.get("typ"))
            for key in await self._keys.find(key_id, algorithm):
                try:
                    return _decode_claims(self._jws.decode(token, key.key, algorithms=[algorithm]))
                except self._jwt.InvalidSignatureError:
                    continue
        except (self._jwt.PyJWTError, msgspec.DecodeError, RecursionError, ValueError) as error:
            raise InvalidToken("The token is malformed") from error
        raise InvalidToken("The token's signature is not valid")

    def _check_type(self, found: Any) -> None:
        # RFC 8725, section 3.11: "application/" may be left out, and case is nothing.
        kind = found.lower().removeprefix("application/") if isinstance(found, str) else ""
        if kind != str(self._token_type).lower():
            raise InvalidToken("The token is of another type")

    def _check_claims(self, claims: Claims) -> None:
        for name in self._require:
            if claims.get(name) is None:
                raise InvalidToken(f"The token has no claim {name!r}")
        now = self._clock()
        if "exp" in claims and _date(claims, "exp") <= now - self._leeway:
            raise InvalidToken("The token has expired")
        for name in ("nbf", "iat"):
            if name in claims and _date(claims, name) > now + self._leeway:
                raise InvalidToken("The token is not valid yet")
        if self._issuer is not None and claims.get("iss") != self._issuer:
            raise InvalidToken("The token is from another issuer")
        audience = claims.get("aud", [])
        found = [audience] if isinstance(audience, str) else audience
        if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
            raise InvalidToken("The token is malformed")
        if (self._audience or found) and self._audience.isdisjoint(found):
            raise InvalidToken("The token is for another audience")

    async def _ask_revoked(self, claims: Claims) -> bool:
        ask = self._is_revoked
        assert ask is not None
        answer = ask(claims) if iscoroutinefunction(ask) else await run_in_threadpool(ask, claims)
        return await answer if isawaitable(answer) else answer


def _read_header(token: str) -> dict[str, Any]:
    # What decides which key is asked. PyJWT reads the header again, to the letter, and checks the algorithm.
    encoded = token.partition(".")[0]
    return _decode_header(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))


def _date(claims: Claims, name: str) -> float:
    value = claims[name]
    if isinstance(value, int | float) and not isinstance(value, bool):  # finite, as msgspec reads no other
        return value
    raise InvalidToken("The token is malformed")


def _key_source(options: JWTOptions, algorithms: frozenset[str], owner: str) -> KeySource:
    given = [name for name in ("key", "jwks", "jwks_url") if options.get(name) is not None]
    if len(given) != 1:
        raise ValueError(f"{owner}: exactly one of key, jwks and jwks_url is needed, got {given or 'none'}")
    if "key" in given:
        return OneKey(options["key"], algorithms, owner)
    if "jwks" in given:
        return FixedKeySet(options["jwks"], algorithms, owner)
    check_public(algorithms, owner)
    url = options["jwks_url"]
    if "fetch" not in options:
        check_url(url, owner)

    async def address() -> str:
        return url

    return FetchedKeySet(
        address,
        options.get("fetch", fetch),
        lifetime=options.get("jwks_lifetime", 300),
        interval=options.get("jwks_interval", 10),
        clock=options.get("clock", time.monotonic),
        owner=owner,
    )
