"""Guards: dependencies that give nothing, and let a request pass or not.

Knows: 401 and 403, `request.auth`. Does not know: how users are found.
"""

import inspect
from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fasterapi.exceptions import FasterAPIError, HTTPException
from fasterapi.param_functions import Depends
from fasterapi.requests import HTTPConnection

__all__ = ["Require"]


class Require:
    """Let a request pass that has all `scopes`, and for which `predicate` is true; for `dependencies=[...]`.

    `scopes` are those of `request.auth`, set by `AuthenticationMiddleware` or `JWTMiddleware`: nobody known is a 401,
    somebody without them a 403. `predicate` is a dependency, with parameters and dependencies of its own, that
    gives a bool: `False` is a 403; it may raise for another answer. Raises `FasterAPIError` without either.

        def owns(order: Annotated[Order, Depends(order_of)], user: Annotated[User, Depends(user_of)]) -> bool:
            return order.owner == user.name

        @app.delete("/orders/{id}", dependencies=[Depends(Require("orders:write", predicate=owns))])
    """

    def __init__(
        self,
        scopes: str | Sequence[str] = (),
        *,
        predicate: Callable[..., Any] | None = None,
        challenge: str = "Bearer",
        detail: str = "Not enough permissions",
    ) -> None:
        self.scopes = [scopes] if isinstance(scopes, str) else list(scopes)
        self.challenge = challenge
        self.detail = detail
        if not self.scopes and predicate is None:
            raise FasterAPIError(
                'Require() asks for nothing\n  fix: Require("items:read"), or Require(predicate=function)'
            )
        # What is asked for is read off the signature, as that of any other dependency: scopes first.
        parameters = [_parameter("_scoped", Depends(self.check_scopes))]
        if predicate is not None:
            parameters.append(_parameter("passes", Depends(predicate)))
        self.__signature__ = inspect.Signature(parameters)

    async def check_scopes(self, connection: HTTPConnection) -> None:
        """Raise 401 or 403, unless the connection's user has all of the scopes."""
        if not self.scopes:
            return
        auth, user = connection.scope.get("auth"), connection.scope.get("user")
        if auth is None or user is None or not user.is_authenticated:
            raise HTTPException(401, "Not authenticated", headers={"WWW-Authenticate": self.challenge})
        if not set(self.scopes) <= set(auth.scopes):
            raise HTTPException(403, self.detail)

    async def __call__(self, _scoped: None = None, passes: Any = True) -> None:
        if not passes:
            raise HTTPException(403, self.detail)


def _parameter(name: str, depends: Any) -> inspect.Parameter:
    return inspect.Parameter(
        name, inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Annotated[Any, depends]
    )
