"""Literal text is shared character by character, also inside a segment."""

from fasterapi_router import RadixRouter
from fasterapi_router.template import TemplateParser
from fasterapi_router.tree import Piece, Tree, steps


def build(*templates):
    router = RadixRouter()
    for template in templates:
        router.add_route("GET", template, template)
    return Tree(router.routes, convert=False)


def test_templates_part_inside_a_segment():
    root = build("/users/me", "/user-groups/{id}", "/us").root
    assert list(root.children) == ["/"]
    us = root.children["/"]
    assert us.label == "/us"
    assert us.routes["GET"].handler == "/us"
    er = us.children["e"]
    assert er.label == "er"
    assert sorted(child.label for child in er.children.values()) == ["-groups/", "s/me"]


def test_fields_of_one_shape_share_a_branch_whatever_their_names():
    users = build("/users/{id}/a", "/users/{name}/b", "/users/{n:int}").root.children["/"]
    assert [len(branch.piece.tokens) for branch in users.branches] == [1, 1]
    assert [branch.piece.tokens[0].label for branch in users.branches] == ["int", ""]


def test_a_template_becomes_literals_and_pieces():
    parse = TemplateParser(RadixRouter()._parser._converters).parse
    got = [
        step if isinstance(step, str) else (step.suffix, step.to_end)
        for step in steps(parse("/a/v{x}.y/b/{p:path}/c"))
    ]
    assert got == ["/a/v", (".y", False), "/b/", ("/c", True)]
    assert all(isinstance(step, str | Piece) for step in steps(parse("/a")))


def test_the_earlier_method_wins_at_one_place():
    router = RadixRouter()
    for method in ("GET", "HEAD", "*"):
        router.add_route(method, "/a", method)
    tree = Tree(router.routes, convert=False)
    assert tree.find(("HEAD", "GET"), "/a")[0].handler == "HEAD"
    assert tree.find(("PUT", "*"), "/a")[0].handler == "*"
    assert tree.find(("PUT",), "/a") is None


def test_an_empty_tree_finds_nothing():
    assert build().find(("GET",), "/") is None
    assert build().find(("GET",), "") is None
