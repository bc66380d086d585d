"""An OpenID provider, as an application sees it: its addresses, its tokens.

Knows: OpenID Connect Core 1.0 and Discovery 1.0, PKCE (RFC 7636), `iss` in answers (RFC 9207). Does not know: requests,
sessions.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote_plus, urlencode

import msgspec

from fasterapi.datastructures import Secret
from fasterapi.security._fetch import Fetch, FetchError, check_url, fetch
from fasterapi.security._key_sources import FetchedKeySet, check_public
from fasterapi.security._refreshed import Refreshed
from fasterapi.security._signing_keys import check_algorithms
from fasterapi.security._verifier import Claims, InvalidToken, JWTVerifier
from fasterapi.security.utils import compare_secrets

METADATA_LIFETIME = 3600.0
KEYS_LIFETIME = 300.0
INTERVAL = 10.0


class LoginFailed(Exception):  # noqa: N818 - as `InvalidToken`
    """Nobody is logged in. The text is for the user; `__cause__` says more to the log."""


class Metadata(msgspec.Struct):
    """What of a discovery document is needed here."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None = None
    token_endpoint_auth_methods_supported: Sequence[str] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False


class Provider:
    """One issuer, and this application's account there."""

    def __init__(
        self,
        *,
        issuer: str,
        client_id: str,
        client_secret: str | Secret | None,
        algorithms: Sequence[str],
        leeway: float,
        fetch: Fetch = fetch,
        clock: Callable[[], float],
        owner: str,
    ) -> None:
        check_public(check_algorithms(algorithms, owner), owner)
        self.issuer = check_url(issuer, owner)
        self.client_id = client_id
        self._client_secret = None if client_secret is None else str(client_secret)
        self._fetch = fetch
        self._owner = owner
        self._metadata: Refreshed[Metadata] = Refreshed(
            self._load_metadata, lifetime=METADATA_LIFETIME, interval=INTERVAL, clock=clock
        )
        keys = FetchedKeySet(
            self._keys_url, fetch, lifetime=KEYS_LIFETIME, interval=INTERVAL, clock=clock, owner=owner
        )
        self._verifier = JWTVerifier(
            owner=owner,
            keys=keys,
            algorithms=algorithms,
            issuer=issuer,
            audience=client_id,
            leeway=leeway,
            require=("iss", "sub", "aud", "exp", "iat", "nonce"),
            clock=clock,
        )

    @property
    def discovery_url(self) -> str:
        """Where the provider describes itself (Discovery, section 4)."""
        return f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"

    async def metadata(self) -> Metadata:
        """The discovery document. Raises `Unavailable`."""
        return await self._metadata.get()

    async def authorization_url(self, parameters: Mapping[str, str], code_verifier: str) -> str:
        """Where the user's browser is sent to log in. Raises `Unavailable`."""
        challenge = hashlib.sha256(code_verifier.encode()).digest()
        query = {
            **parameters,
            "response_type": "code",
            "client_id": self.client_id,
            "code_challenge": base64.urlsafe_b64encode(challenge).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        return _with_query((await self.metadata()).authorization_endpoint, query)

    async def logout_url(self, target: str) -> str | None:
        """Where the user's browser is sent to log out there too (RP-Initiated Logout 1.0), if that is possible."""
        address = (await self.metadata()).end_session_endpoint
        if address is None:
            return None
        return _with_query(address, {"client_id": self.client_id, "post_logout_redirect_uri": target})

    async def check_answer(self, issuer: str | None) -> None:
        """Raise `LoginFailed` for an answer of another provider (RFC 9207)."""
        must_name = (await self.metadata()).authorization_response_iss_parameter_supported
        if issuer != self.issuer and (issuer is not None or must_name):
            raise LoginFailed("The answer is from another provider")

    async def redeem(self, code: str, code_verifier: str, redirect_uri: str, nonce: str) -> Claims:
        """The claims of the ID token for `code`. Raises `LoginFailed` and `Unavailable`."""
        answer = await self._ask_for_tokens(code, code_verifier, redirect_uri)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise LoginFailed("The provider gave no ID token")
        try:
            claims = await self._verifier.verify(token)
        except InvalidToken as error:
            raise LoginFailed("The provider's ID token is not valid") from error
        # Core, section 3.1.3.7: a token for several parties names the one it was issued to.
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", None if several else self.client_id) != self.client_id:
            raise LoginFailed("The provider's ID token is for another application")
        if not isinstance(claims["nonce"], str) or not compare_secrets(claims["nonce"], nonce):
            raise LoginFailed("The provider's ID token is for another login")
        return claims

    async def _ask_for_tokens(self, code: str, code_verifier: str, redirect_uri: str) -> dict[str, Any]:
        metadata = await self.metadata()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "client_id": self.client_id,
            "code_verifier": code_verifier,
        }
        headers = {"Accept": "application/json"}
        if self._client_secret is not None:
            if "client_secret_basic" in metadata.token_endpoint_auth_methods_supported:
                headers["Authorization"] = _basic(self.client_id, self._client_secret)
            else:
                form["client_secret"] = self._client_secret
        try:
            answer = json.loads(await self._fetch(metadata.token_endpoint, form=form, headers=headers))
        except (FetchError, ValueError) as error:
            raise LoginFailed("The provider did not accept the code") from error
        return answer if isinstance(answer, dict) else {}

    async def _load_metadata(self) -> Metadata:
        found = msgspec.json.decode(await self._fetch(self.discovery_url), type=Metadata)
        if found.issuer != self.issuer:
            raise ValueError(f"{self.discovery_url} is of another issuer, {found.issuer!r}")
        for address in (found.authorization_endpoint, found.token_endpoint, found.jwks_uri):
            check_url(address, self._owner)
        return found

    async def _keys_url(self) -> str:
        return (await self.metadata()).jwks_uri


def _basic(client_id: str, secret: str) -> str:
    # RFC 6749, section 2.3.1: both are form-encoded first, so that a colon in them separates nothing.
    return "Basic " + base64.b64encode(f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()).decode()


def _with_query(url: str, query: Mapping[str, str]) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}"
