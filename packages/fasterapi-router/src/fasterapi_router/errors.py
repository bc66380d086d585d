"""Everything this package raises, with the data a program needs and a text that a person can act on.

Knows: how an error reads. Does not know: how routes are parsed, stored or matched.
"""

from collections.abc import Iterable
from typing import Any, Protocol


class _Placed(Protocol):
    """What an error text needs to know of a route."""

    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def location(self) -> str | None: ...


class RouterError(Exception):
    """The base of every error here; raised while routes are added or URLs built, never by a lookup.

    >>> issubclass(InvalidTemplate, RouterError)
    True
    """


class InvalidTemplate(RouterError):  # noqa: N818  # names a state, as its siblings do
    """A path template that can't be read: `template` is its text, `reason` what is wrong, `fix` the remedy.

    >>> print(InvalidTemplate("/users/{id", "the brace at 7 is never closed", "write {{ for a literal brace"))
    /users/{id: the brace at 7 is never closed
      fix: write {{ for a literal brace
    """

    def __init__(self, template: str, reason: str, fix: str, location: str | None = None) -> None:
        self.template = template
        self.reason = reason
        self.fix = fix
        self.location = location
        place = f"\n  registered at {location}" if location else ""
        super().__init__(f"{template}: {reason}{place}\n  fix: {fix}")

    def __reduce__(self) -> tuple[type["InvalidTemplate"], tuple[str, str, str, str | None]]:
        return type(self), (self.template, self.reason, self.fix, self.location)


class _Clash(RouterError):  # noqa: N818  # see InvalidTemplate
    """Two routes that no request could tell apart: `first` is registered, `second` was refused."""

    verdict: str
    fix: str

    def __init__(self, first: _Placed, second: _Placed) -> None:
        self.first = first
        self.second = second
        super().__init__(
            f"{second.method} {second.path} {self.verdict} {first.method} {first.path}\n"
            f"  first registered at {first.location or 'an unknown place'}, "
            f"again at {second.location or 'an unknown place'}\n"
            f"  fix: {self.fix}"
        )

    def __reduce__(self) -> tuple[type["_Clash"], tuple[_Placed, _Placed]]:
        return type(self), (self.first, self.second)


class DuplicateRoute(_Clash):
    """One method and one template registered twice.

    >>> from fasterapi_router import RadixRouter
    >>> router = RadixRouter()
    >>> _ = router.add_route("GET", "/users/{id}", "show", location="users.py:12")
    >>> try:
    ...     router.add_route("GET", "/users/{id}", "view", location="admin.py:40")
    ... except DuplicateRoute as error:
    ...     print(error)
    GET /users/{id} is registered twice: GET /users/{id}
      first registered at users.py:12, again at admin.py:40
      fix: remove one of them, or give it another method or path
    """

    verdict = "is registered twice:"
    fix = "remove one of them, or give it another method or path"


class ConflictingRoute(_Clash):
    """Two templates of one method that match exactly the same paths and differ only in names.

    >>> from fasterapi_router import RadixRouter
    >>> router = RadixRouter()
    >>> _ = router.add_route("GET", "/users/{id}", "show", location="users.py:12")
    >>> try:
    ...     router.add_route("GET", "/users/{name}", "view", location="admin.py:40")
    ... except ConflictingRoute as error:
    ...     print(error)
    GET /users/{name} conflicts with GET /users/{id}
      first registered at users.py:12, again at admin.py:40
      fix: use the same template for both, or another method or prefix
    """

    verdict = "conflicts with"
    fix = "use the same template for both, or another method or prefix"


class NoSuchRoute(RouterError):  # noqa: N818  # see InvalidTemplate
    """No route has this name and takes these parameters.

    `name` is what was asked for, `params` the names that were given, `candidates` the templates that bear
    the name.

    >>> print(NoSuchRoute("user", ["uid"], {"/users/{id}": ["id"]}))
    no route named 'user' takes the parameters uid
      /users/{id}: missing id; superfluous uid
      fix: pass exactly the parameters of one of the templates above
    """

    def __init__(self, name: str, params: Iterable[str], candidates: dict[str, Iterable[str]]) -> None:
        self.name = name
        self.params = sorted(params)
        self.candidates = {template: sorted(names) for template, names in candidates.items()}
        if not self.candidates:
            super().__init__(
                f"no route is named {name!r}\n  fix: pass `name=` to add_route, or use another name"
            )
            return
        lines = [f"no route named {name!r} takes the parameters {', '.join(self.params) or '(none)'}"]
        lines += [f"  {template}: {self._difference(names)}" for template, names in self.candidates.items()]
        lines.append("  fix: pass exactly the parameters of one of the templates above")
        super().__init__("\n".join(lines))

    def _difference(self, wanted: list[str]) -> str:
        missing = [name for name in wanted if name not in self.params]
        superfluous = [name for name in self.params if name not in wanted]
        parts = [f"missing {', '.join(missing)}"] if missing else []
        parts += [f"superfluous {', '.join(superfluous)}"] if superfluous else []
        return "; ".join(parts)

    def __reduce__(self) -> tuple[type["NoSuchRoute"], tuple[Any, ...]]:
        return type(self), (self.name, self.params, self.candidates)


class InvalidParameter(RouterError):  # noqa: N818  # see InvalidTemplate
    """A value given to `url_path_for` that the route's own template would not match.

    >>> print(InvalidParameter("/users/{id:int}", "id", "x", "must match [0-9]+"))
    /users/{id:int}: parameter id='x' must match [0-9]+
      fix: pass a value that the template matches
    """

    def __init__(self, template: str, name: str, value: object, reason: str) -> None:
        self.template = template
        self.name = name
        self.value = value
        self.reason = reason
        super().__init__(
            f"{template}: parameter {name}={value!r} {reason}\n  fix: pass a value that the template matches"
        )

    def __reduce__(self) -> tuple[type["InvalidParameter"], tuple[str, str, object, str]]:
        return type(self), (self.template, self.name, self.value, self.reason)
