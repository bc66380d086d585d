"""Names of components: unique, deterministic, and saying no more about the project than they must.

Knows: classes and their modules. Does not know: schemas, operations.
Order never matters: two classes of one name are both told apart by their modules, in whatever order they
appear. Types that share module and qualified name are numbered: `Page[str]` and `Page[Annotated[str, ...]]` as
they are written, classes that nothing tells apart in order of appearance.
"""

import re
from collections.abc import Callable, Collection, Hashable, Iterable
from typing import Any

from .annotation import display, unwrap

NameHook = Callable[[Any], str | None]
_FORBIDDEN = re.compile(r"[^a-zA-Z0-9.\-_]")  # OpenAPI 3.1.1, section 4.8.7.1


def normalize(name: str) -> str:
    """A name that a component may have.

    >>> normalize("Page[Item]")
    'Page_Item_'
    """
    return _FORBIDDEN.sub("_", name)


def component_names(
    types: Iterable[tuple[Hashable, Any]],
    *,
    reserved: Collection[str] = (),
    name_hook: NameHook | None = None,
) -> dict[Hashable, str]:
    """Name components, given as pairs of key and annotation.

    `name_hook` may name a type; None leaves it to the rules here. Names in `reserved` are taken.
    On a collision every class gets as many parts of its module in front as it takes: `billing__Item`.

    >>> component_names([(1, int), (2, list[int])])
    {1: 'int', 2: 'list_int_'}
    """
    groups: dict[str, list[tuple[Hashable, Any]]] = {}
    for key, annotation in types:
        name = (name_hook(annotation) if name_hook is not None else None) or display(annotation)
        groups.setdefault(normalize(name), []).append((key, annotation))
    names: dict[Hashable, str] = {}
    taken = {*reserved, *groups}
    for name, members in groups.items():
        if len(members) == 1 and name not in reserved:
            names[members[0][0]] = name
    for name, members in groups.items():
        if len(members) > 1 or name in reserved:
            names.update(_distinguish(name, members, taken))
    return names


def _distinguish(
    name: str, members: list[tuple[Hashable, Any]], taken: set[str]
) -> Iterable[tuple[Hashable, str]]:
    prefixes = [_module_parts(annotation) for _, annotation in members]
    longest = max(len(parts) for parts in prefixes)
    candidates = [name] * len(members)
    for depth in range(1, longest + 1):
        candidates = ["__".join([*parts[-depth:], name]) for parts in prefixes]
        if len(set(candidates)) == len(candidates) and taken.isdisjoint(candidates):
            break
    written = sorted(zip(candidates, members, strict=True), key=lambda pair: (pair[0], repr(pair[1][1])))
    for candidate, (key, _) in written:
        unique, count = candidate, 1
        while unique in taken:
            count += 1
            unique = f"{candidate}_{count}"
        taken.add(unique)
        yield key, unique


def _module_parts(annotation: Any) -> list[str]:
    """Modules and enclosing scopes of the type, and of its arguments when it is generic."""
    origin, args, _ = unwrap(annotation)
    scope = getattr(origin, "__qualname__", "").split(".")[:-1]
    own = [*getattr(origin, "__module__", "").split("."), *(part for part in scope if part != "<locals>")]
    inner = [part for argument in args for part in _module_parts(argument)]
    return [normalize(part) for part in (*inner, *own) if part != "builtins"]
