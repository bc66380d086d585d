"""Plans look at the fewest segments they can, and hand over to the tree where they would have to search."""

import pytest

from fasterapi_router import RadixRouter
from fasterapi_router.leaf import Leaves, values_answer, values_step
from fasterapi_router.plan import MAX_PATTERNS, make_plan


def plan_for(slashes, *templates):
    """The plan, and the list of paths that it hands to the tree."""
    router = RadixRouter()
    routes = [router.add_route("GET", template, template) for template in templates]
    asked = []
    plan = make_plan(routes, slashes, Leaves(values_step, values_answer, convert=False), asked.append)
    return plan, asked


@pytest.mark.parametrize(
    ("templates", "path"),
    [
        ([f"/{{a}}.x{n}" for n in range(MAX_PATTERNS + 1)], "/a.x1"),
        ([f"/{{a:path}}/x{n}" for n in range(MAX_PATTERNS + 1)], "/a/x1"),
    ],
)
def test_many_patterns_for_one_segment_are_left_to_the_tree(templates, path):
    step, asked = plan_for(path.count("/"), *templates)
    step(path.split("/"))
    assert asked == [path]


def test_few_patterns_are_tried_in_place():
    step, asked = plan_for(1, *[f"/{{a}}.x{n}" for n in range(MAX_PATTERNS)])
    assert step("/a.x1".split("/")) == ("/{a}.x1", ("a",))
    assert not asked


def test_only_the_crowded_place_is_left_to_the_tree():
    crowded = [f"/files/{{a}}.x{n}/z" for n in range(MAX_PATTERNS + 1)]
    step, asked = plan_for(3, *crowded, "/users/{id}/z")
    assert step("/users/7/z".split("/")) == ("/users/{id}/z", ("7",))
    assert not asked
    step("/files/a.x1/z".split("/"))
    assert asked == ["/files/a.x1/z"]


def test_a_long_chain_of_failures_is_left_to_the_tree():
    width = 9
    combinations = [
        "/" + "/".join([*(f"{{p{bit}}}" if number >> bit & 1 else "a" for bit in range(width)), "end"])
        for number in range(2**width)
    ]
    step, asked = plan_for(width + 1, *combinations)
    path = "/a" * width + "/nothing"
    step(path.split("/"))
    assert asked == [path]


@pytest.mark.parametrize(
    ("templates", "prefixes"),
    [
        (["/users/{id}"], {"/users"}),
        (["/a/b/{x}", "/a/c/{x}", "/a/b"], {"/a/b", "/a/c"}),
        (["/users/{id}", "/users/{id}/posts/{post}"], {"/users"}),
        (["/files/{rest:path}", "/files/{name}"], {"/files"}),
        (["/{kind}/{id}", "/users/{id}"], {"/users"}),
        (["/{name}"], set()),
        (["/users/{id}", "/users/{id:int}"], set()),
        (["/users/{id:int}", "/users/{id}"], set()),
        (["/files/{name}", "/files/{name}.{ext}"], set()),
    ],
)
def test_a_last_bare_parameter_is_found_by_its_prefix_where_nothing_more_specific_stands(templates, prefixes):
    router = RadixRouter()
    for template in templates:
        router.add_route("GET", template, template)
    _, found, _, _ = router.tables["GET"]
    assert set(found) == prefixes


def test_what_the_dictionaries_answer_needs_no_plan():
    router = RadixRouter()
    router.add_route("GET", "/users/{id}", "user")
    assert router.resolve("GET", "/nothing/here") is None
    *_, plans, _ = router.tables["GET"]
    assert plans[2] is None
    router.add_route("GET", "/{kind}/here", "here")
    assert router.resolve("GET", "/nothing/here") == ("here", {"kind": "nothing"}, None)
    assert router.resolve("GET", "/users/here") == ("user", {"id": "here"}, None)
