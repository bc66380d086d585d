"""The ASGI interface as types, and the aliases that FastAPI and Starlette users import.

Knows: the shape of ASGI 3 (https://asgi.readthedocs.io). Does not know: any class of the framework.
"""

import os
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeAlias, TypeVar

AppType = TypeVar("AppType")

# ASGI leaves both dictionaries open to extensions of servers, so their values are `Any`.
Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]

Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
ASGIApp: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

StatelessLifespan: TypeAlias = Callable[[AppType], AbstractAsyncContextManager[None]]
StatefulLifespan: TypeAlias = Callable[[AppType], AbstractAsyncContextManager[Mapping[str, Any]]]
Lifespan: TypeAlias = StatelessLifespan[AppType] | StatefulLifespan[AppType]

# A handler takes (request or websocket, exception) and returns a response, or None for a websocket;
# its first parameter's class depends on the connection, its second's on the registration.
ExceptionHandler: TypeAlias = Callable[[Any, Any], Any]
DecoratedCallable = TypeVar("DecoratedCallable", bound=Callable[..., Any])
IncEx: TypeAlias = set[int] | set[str] | Mapping[int, Any] | Mapping[str, Any]
PathLike: TypeAlias = str | os.PathLike[str]
