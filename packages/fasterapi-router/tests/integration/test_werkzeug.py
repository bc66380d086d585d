"""Random route tables and lookups against Werkzeug's matcher, the most complete router on the package index.

Where the two differ by policy, the tables leave out what they differ in:

- Werkzeug takes two rules for the same paths, and the first wins; here the second raises.
- Werkzeug orders a mixed segment by the weight of its parts, here the longer literal start comes first; and of
  templates with a catch-all it prefers the longer ones. So the tables have no mixed segments, and catch-alls only
  at the end.
- Werkzeug's `path` is never empty and does not begin with a slash, its `float` needs a point, its values are
  converted. So empty rests are left out, floats have a point, and of the parameters the names are compared.
- Werkzeug tries a `uuid` and a bare parameter in the order of registration; here it gets a weight before that.
- Werkzeug merges slashes and redirects; that is switched off, and so are its strict slashes.
"""

import os
import random

import pytest

from fasterapi_router import Converter, RadixRouter

routing = pytest.importorskip("werkzeug.routing", reason="Werkzeug is not installed: nothing to compare with")
from werkzeug.routing.exceptions import NoMatch  # noqa: E402  # only there if the line above did not skip

LOOKUPS = int(os.environ.get("WERKZEUG_LOOKUPS", "20000"))
SEGMENTS = ["a", "b", "ab", "me", "{}", "{}", "{}", "{:int}", "{:float}", "{:uuid}"]
VALUES = [
    "a",
    "b",
    "ab",
    "me",
    "x",
    "1",
    "22",
    "1.5",
    "é",
    "123e4567-e89b-12d3-a456-426614174000",
    "a.b",
    "-",
    "..",
    "",
]


class NarrowUUID(routing.UUIDConverter):
    """Werkzeug gives its own the weight of a bare parameter: of the two, the first registered would win."""

    weight = 40


def random_template(rng):
    segments = [rng.choice(SEGMENTS) for _ in range(rng.randint(1, 5))]
    if rng.random() < 0.15:
        segments.append("{:path}")
    names = iter("pqrstuvw")
    return "/" + "/".join(
        segment.replace("{", "{" + next(names)) if "{" in segment else segment for segment in segments
    )


def to_rule(template):
    parts = []
    for segment in template.split("/"):
        name, _, kind = segment.strip("{}").partition(":")
        parts.append(f"<{kind or 'string'}:{name}>" if segment.startswith("{") else segment)
    return "/".join(parts)


def random_path(rng, templates):
    if rng.random() < 0.5:
        return "/" + "/".join(rng.choice(VALUES) for _ in range(rng.randint(1, 6)))
    segments = rng.choice(templates).split("/")
    return "/".join(rng.choice(VALUES) if segment.startswith("{") else segment for segment in segments)


def random_tables(rng):
    """The same random routes in both: our router, and Werkzeug's matcher."""
    router = RadixRouter(converters={"float": Converter(r"[0-9]+\.[0-9]+", rank=30)})
    rules = []
    for _ in range(rng.choice([2, 5, 15, 40])):
        template, method = random_template(rng), rng.choice(["GET", "POST"])
        if router.find_conflict(method, template) is None:
            router.add_route(method, template, (method, template))
            rules.append(routing.Rule(to_rule(template), endpoint=(method, template), methods=[method]))
    options = {"strict_slashes": False, "merge_slashes": False, "redirect_defaults": False}
    table = routing.Map(rules, converters={"uuid": NarrowUUID}, **options)
    table.update()
    return router, table._matcher


def test_random_lookups_answer_the_same():
    rng = random.Random(20)
    compared = hits = 0
    while compared < LOOKUPS:
        router, matcher = random_tables(rng)
        templates = [route.path for route in router]
        for _ in range(200):
            path, method = random_path(rng, templates), rng.choice(["GET", "POST"])
            if path.endswith("/") or "//" in path:
                continue  # an empty rest, or one that begins with a slash
            try:
                rule, params = matcher.match("", path, method, websocket=False)
                expected = rule.endpoint, set(params)
            except NoMatch:
                expected = None
            found = router.resolve(method, path)
            assert (found and (found[0], set(found[1]))) == expected, (path, templates)
            compared += 1
            hits += expected is not None
    assert hits > LOOKUPS / 10, "too many random paths were misses"
