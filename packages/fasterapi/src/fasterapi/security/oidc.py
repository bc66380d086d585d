"""Log in with an OpenID provider: the authorization code flow with PKCE, state and nonce.

Knows: the browser's way there and back, the session. Does not know: the provider's protocol: `_oidc_provider` does.
Invariant: a browser is sent to the provider, or to a path of this application; nowhere else.
"""

import logging
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from fasterapi.datastructures import Secret
from fasterapi.exceptions import HTTPException
from fasterapi.requests import HTTPConnection, Request
from fasterapi.responses import RedirectResponse, Response
from fasterapi.routing import FasterRouter
from fasterapi.security import models
from fasterapi.security._fetch import Fetch, check_url, fetch
from fasterapi.security._oidc_provider import LoginFailed, Provider
from fasterapi.security._refreshed import Unavailable
from fasterapi.security.base import SecurityBase

__all__ = ["LoginFailed", "OIDCLogin", "local_target"]

LOGIN_SECONDS = 600
LOGINS_AT_ONCE = 3  # tabs of one browser; a session may be a cookie, which holds 4 KiB
TARGET_LENGTH = 500
LOGIN_CLAIMS = frozenset({"nonce", "at_hash", "c_hash"})  # of one login, and of no use after it
NO_STORE = {"Cache-Control": "no-store"}

logger = logging.getLogger("fasterapi.security")


class OIDCLogin(SecurityBase):
    """Routes for logging in and out, and a dependency that gives the claims of the user.

    Needs `SessionMiddleware`, whose cookie must not be `same_site="strict"`. Include `router` where
    `redirect_uri`, which the provider must know, points to: `.../callback`.

        login = OIDCLogin(issuer="https://id.example", client_id="shop", client_secret=settings.secret,
                          redirect_uri="https://shop.example/auth/callback")
        app.include_router(login.router, prefix="/auth")  # /auth/login?next=/orders, /auth/callback, /auth/logout

        @app.get("/me")
        async def me(user: Annotated[dict, Depends(login)]): ...

    `scopes` are asked for at the provider (`openid` always), `parameters` are more of its own (`prompt`, …);
    `algorithms` are those of its ID tokens; `claims` is the type that these are converted to; `leeway` is in
    seconds; `after_logout` is an absolute URL, known to the provider, for those who log out there as well.
    Nobody logged in: 401, or `None` with `auto_error=False`. Raises `ValueError` for addresses that are not safe,
    `RuntimeError` without PyJWT.
    """

    def __init__(
        self,
        *,
        issuer: str,
        client_id: str,
        client_secret: str | Secret | None = None,
        redirect_uri: str,
        scopes: Sequence[str] = ("openid",),
        algorithms: Sequence[str] = ("RS256",),
        claims: Any = dict,
        parameters: Mapping[str, str] | None = None,
        after_logout: str | None = None,
        leeway: float = 60,
        session_cookie: str = "session",
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
        fetch: Fetch = fetch,
        clock: Callable[[], float] = time.time,
    ) -> None:
        owner = type(self).__name__
        self._describe(
            models.APIKey(in_="cookie", name=session_cookie, description=description), scheme_name, auto_error
        )
        self._provider = Provider(
            issuer=issuer,
            client_id=client_id,
            client_secret=client_secret,
            algorithms=algorithms,
            leeway=leeway,
            fetch=fetch,
            clock=clock,
            owner=owner,
        )
        self._redirect_uri = check_url(redirect_uri, owner)
        self._scope = " ".join(dict.fromkeys(["openid", *scopes]))
        self._claims = claims
        self._parameters = dict(parameters or {})
        self._after_logout = after_logout
        self._clock = clock
        # Several providers may share one session.
        self._user_key, self._logins_key = f"user {client_id} {issuer}", f"logins {client_id} {issuer}"
        self.router = FasterRouter(include_in_schema=False)
        self.router.get("/login", name="oidc_login")(self.login)
        self.router.get("/callback", name="oidc_callback")(self.callback)
        self.router.post("/logout", name="oidc_logout")(self.logout)

    async def __call__(self, request: HTTPConnection) -> Any:
        try:
            return msgspec.convert(request.session[self._user_key], self._claims, strict=False)
        except (KeyError, msgspec.ValidationError):  # nobody, or somebody of an older version of the type
            self._refuse_if_required()
            return None

    async def login(self, request: Request, next: str = "/") -> Response:
        """Send the browser to the provider; `next` is the path to come back to."""
        state, nonce, code_verifier = (secrets.token_urlsafe(32) for _ in range(3))
        parameters = {
            **self._parameters,
            "redirect_uri": self._redirect_uri,
            "scope": self._scope,
            "state": state,
            "nonce": nonce,
        }
        try:
            url = await self._provider.authorization_url(parameters, code_verifier)
        except Unavailable as error:
            raise _unavailable() from error
        begun = [nonce, code_verifier, local_target(next), self._clock()]
        self._keep_logins(request, {**self._open_logins(request), state: begun})
        return RedirectResponse(url, 303, NO_STORE)

    async def callback(self, request: Request) -> Response:
        """Take the provider's answer, and send the browser to where it wanted to go."""
        query = request.query_params
        logins = self._open_logins(request)
        begun = logins.pop(query.get("state", ""), None)
        if begun is None:
            raise HTTPException(400, "This login was not begun here, or too long ago")
        self._keep_logins(request, logins)
        nonce, code_verifier, target, _ = begun
        try:
            await self._provider.check_answer(query.get("iss"))
            claims = await self._provider.redeem(_code(query), code_verifier, self._redirect_uri, nonce)
            msgspec.convert(claims, self._claims, strict=False)
        except Unavailable as error:
            raise _unavailable() from error
        except (LoginFailed, msgspec.ValidationError) as error:
            logger.warning("login failed: %s (%r)", error, error.__cause__)
            text = str(error) if isinstance(error, LoginFailed) else "The provider's claims do not fit"
            raise HTTPException(401, text, headers=self.make_authenticate_headers()) from error
        request.session[self._user_key] = {
            name: value for name, value in claims.items() if name not in LOGIN_CLAIMS
        }
        if (renew := getattr(request.session, "renew", None)) is not None:
            renew()  # whoever knew the session's key before must not be logged in by it
        return RedirectResponse(local_target(target), 303, NO_STORE)

    async def logout(self, request: Request) -> Response:
        """Forget the session, and, with `after_logout`, log out at the provider too."""
        was_logged_in = self._user_key in request.session
        request.session.clear()
        url = None
        if was_logged_in and self._after_logout is not None:
            try:
                url = await self._provider.logout_url(self._after_logout)
            except Unavailable:
                logger.warning("logged out here only: the provider is not available")
        return RedirectResponse(url or "/", 303, NO_STORE)

    def make_authenticate_headers(self) -> dict[str, str]:
        """A cookie has no registered challenge; this one says what the cookie is (RFC 9110, section 11.6.1)."""
        return {"WWW-Authenticate": "Cookie"}

    def _keep_logins(self, request: Request, logins: dict[str, list[Any]]) -> None:
        if logins:
            request.session[self._logins_key] = dict(list(logins.items())[-LOGINS_AT_ONCE:])
        else:
            request.session.pop(self._logins_key, None)

    def _open_logins(self, request: Request) -> dict[str, list[Any]]:
        oldest = self._clock() - LOGIN_SECONDS
        logins: dict[str, list[Any]] = request.session.get(self._logins_key, {})
        return {state: begun for state, begun in logins.items() if begun[3] > oldest}


def local_target(target: str) -> str:
    r"""`target`, if it is a path of this application; else `/`.

    Browsers take `//host`, `/\host` and paths with tabs or line ends in them for other hosts.

    >>> [
    ...     local_target(target)
    ...     for target in ("/orders?page=2", "//evil.example", "https://evil.example", "/\\evil")
    ... ]
    ['/orders?page=2', '/', '/', '/']
    """
    is_path = target.startswith("/") and not target.startswith("//") and len(target) <= TARGET_LENGTH
    return target if is_path and "\\" not in target and target.isprintable() else "/"


def _code(query: Mapping[str, str]) -> str:
    if "error" in query or "code" not in query:
        logger.info("login refused by the provider: %r", query.get("error"))
        raise LoginFailed("The provider did not log you in")
    return query["code"]


def _unavailable() -> HTTPException:
    return HTTPException(503, "The provider is not available")
