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
    ("templates", "is_cut"),
    [
        (["/users/{id}", "/posts/{id:int}", "/posts/{slug}"], True),
        (["/files/{name}.{ext}", "/files/{id}"], True),
        (["/users/{id}", "/{kind}/me"], False),
        (["/users/{id}", "/files/{rest:path}"], False),
    ],
)
def test_paths_are_only_cut_if_all_parameters_stand_behind_the_last_slash(templates, is_cut):
    assert plan_for(2, *templates)[0][0] is is_cut


def test_a_cut_plan_finds_by_the_text_before_the_last_slash():
    (is_cut, step), _ = plan_for(3, "/a/b/{x}", "/a/c/{x:int}", "/a/c/{x}")
    assert is_cut
    assert step("/a/b/1".rpartition("/")) == ("/a/b/{x}", ("1",))
    assert step("/a/c/1".rpartition("/")) == ("/a/c/{x:int}", ("1",))
    assert step("/a/c/x".rpartition("/")) == ("/a/c/{x}", ("x",))
    assert step("/a/d/1".rpartition("/")) is None
    assert step("/a/b/".rpartition("/")) is None


@pytest.mark.parametrize(
    ("templates", "path"),
    [
        ([f"/{{a}}.x{n}" for n in range(MAX_PATTERNS + 1)], "/a.x1"),
        ([f"/{{a:path}}/x{n}" for n in range(MAX_PATTERNS + 1)], "/a/x1"),
    ],
)
def test_many_patterns_for_one_segment_are_left_to_the_tree(templates, path):
    (is_cut, step), asked = plan_for(path.count("/"), *templates)
    step(path.rpartition("/") if is_cut else path.split("/"))
    assert asked == [path]


def test_few_patterns_are_tried_in_place():
    (_, step), asked = plan_for(1, *[f"/{{a}}.x{n}" for n in range(MAX_PATTERNS)])
    assert step("/a.x1".rpartition("/")) == ("/{a}.x1", ("a",))
    assert not asked


def test_only_the_crowded_place_is_left_to_the_tree():
    crowded = [f"/files/{{a}}.x{n}/z" for n in range(MAX_PATTERNS + 1)]
    (_, step), asked = plan_for(3, *crowded, "/users/{id}/z")
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
    (_, step), asked = plan_for(width + 1, *combinations)
    path = "/a" * width + "/nothing"
    step(path.split("/"))
    assert asked == [path]
