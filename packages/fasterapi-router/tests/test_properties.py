"""Random route sets against random paths: the router answers what the reference answers, in every way it can."""

import re
from urllib.parse import unquote

from hypothesis import given, settings
from hypothesis import strategies as st

from fasterapi_router import Found, InvalidParameter, MethodNotAllowed, NotFound, RadixRouter, RouterError
from fasterapi_router.tree import Tree

UUID = "123e4567-e89b-12d3-a456-426614174000"

# few different segments, so that templates collide, share starts and compete for the same paths
SEGMENTS = st.sampled_from(
    ["a", "b", "ab", "abc", "", "me", "{}", "{}", "{}", "{:int}", "{:float}", "{:uuid}", "{:str}"]
    + ["a{}", "ab{}", "{}.{}", "{}.json", "{}-{:int}", "{:int}-{}", "v{:int}", "{}{}", "{}-{}-{}", "{{{}}}"]
    + ["{:path}", "p{:path}", "{:path}.a", "{}.{:path}"]
)
VALUES = st.sampled_from(
    [
        "a",
        "b",
        "ab",
        "abc",
        "",
        "me",
        "1",
        "22",
        "1.5",
        "a.json",
        "a.b.c",
        "1-2",
        "1-2-3",
        "a-1",
        "v1",
        "vv",
        "pq",
    ]
    + ["é", "--", "-", ".", "{x}", UUID, "a\n"]
) | st.text(st.characters(codec="utf-8"), max_size=4)
METHODS = st.sampled_from(["GET", "POST", "PUT"])


@st.composite
def templates(draw):
    """A template whose parameters are named p0, p1, … in order."""
    text = "/" + "/".join(draw(st.lists(SEGMENTS, min_size=1, max_size=5)))
    numbers = iter(range(100))
    return re.sub(
        r"(?<!\{)\{(?=[:}])", lambda brace: f"{{p{next(numbers)}", text.replace("{{{}}}", "{{{p}}}")
    )


def unambiguous(template):
    """Name the field between literal braces as well, which the substitution above can't tell from braces."""
    return (
        template.replace("{{{p}}}", "{{{pp}}}", 1)
        if template.count("{{{p}}}") == 1
        else template.replace("{{{p}}}", "x")
    )


ROUTES = st.lists(st.tuples(METHODS, templates().map(unambiguous)), min_size=1, max_size=25)
PATHS = st.lists(VALUES, min_size=1, max_size=5).map(lambda segments: "/" + "/".join(segments))


@st.composite
def routes_and_paths(draw):
    routes = draw(ROUTES)
    filled = st.sampled_from([template for _, template in routes]).flatmap(
        lambda template: VALUES.map(lambda value: re.sub(r"\{[^{}]*\}", lambda _: value, template))
    )
    return routes, draw(st.lists(PATHS | filled, min_size=1, max_size=12))


def register(routes):
    """The router with all routes that it takes, and what it took: (method, template, handler)."""
    router = RadixRouter()
    taken = []
    for handler, (method, template) in enumerate(routes):
        if router.find_conflict(method, template) is None:
            router.add_route(method, template, handler)
            taken.append((method, template, handler))
    return router, taken


@settings(max_examples=150, deadline=None)
@given(data=routes_and_paths(), method=METHODS)
def test_router_and_tree_answer_what_the_reference_answers(reference, data, method):
    routes, paths = data
    router, taken = register(routes)
    oracle = reference(taken)
    tree = Tree(router.routes, convert=False)
    for path in paths:
        expected = oracle.resolve(method, path)
        found = router.resolve(method, path)
        assert (found and found[:2]) == expected
        assert router.lookup(method, path) == (expected and (expected[0], tuple(expected[1].values())))
        in_tree = tree.find((method,), path)
        assert (in_tree and (in_tree[0].handler, in_tree[1])) == (
            expected and (expected[0], tuple(expected[1].values()))
        )
        assert router.allowed_methods(path) == oracle.allowed_methods(path)


@settings(max_examples=60, deadline=None)
@given(data=routes_and_paths(), method=METHODS, random=st.randoms(use_true_random=False))
def test_the_order_of_registration_never_changes_an_answer(data, method, random):
    routes, paths = data
    router, taken = register(routes)
    shuffled = RadixRouter()
    for other_method, template, handler in random.sample(taken, len(taken)):
        shuffled.add_route(other_method, template, handler)
    for path in paths:
        assert shuffled.match(method, path) == router.match(method, path)


@settings(max_examples=60, deadline=None)
@given(data=routes_and_paths(), method=METHODS)
def test_a_route_added_between_lookups_is_as_good_as_one_added_before(data, method):
    routes, paths = data
    _, taken = register(routes)
    complete, growing = RadixRouter(), RadixRouter()
    for other_method, template, handler in taken:
        complete.add_route(other_method, template, handler)
        growing.add_route(other_method, template, handler)
        for path in paths:
            growing.lookup(method, path)
    for path in paths:
        assert growing.match(method, path) == complete.match(method, path)


@settings(max_examples=100, deadline=None)
@given(template=templates().map(unambiguous), data=st.data())
def test_a_path_made_from_parameters_leads_back_to_them(template, data):
    router = RadixRouter()
    route = router.add_route("GET", template, "handler", name="route")
    params = {name: data.draw(VALUES, label=name) for name in route.names}
    try:
        path = router.url_path_for("route", **params)
    except InvalidParameter:
        return
    assert path.isascii()
    assert router.match("GET", unquote(path)) == Found("handler", params)


@settings(max_examples=60, deadline=None)
@given(template=templates().map(unambiguous), path=PATHS)
def test_whatever_matches_can_be_written_again(template, path):
    router = RadixRouter()
    router.add_route("GET", template, "handler", name="route")
    match router.match("GET", path):
        case Found(_, params):
            assert unquote(router.url_path_for("route", **params)) == path
        case other:
            assert other == NotFound()


@settings(max_examples=100, deadline=None)
@given(path=st.text() | PATHS, routes=ROUTES)
def test_no_path_raises_and_no_redirect_leaves_the_host(path, routes):
    router, _ = register(routes)
    assert isinstance(router.match("GET", path), Found | MethodNotAllowed | NotFound)
    target = router.slash_redirect(path)
    assert target is None or (target[0] == "/" and target[1] not in "/\\" and target[1] > " ")


@settings(max_examples=200, deadline=None)
@given(template=st.text(max_size=20) | st.text("/{}:ab", max_size=20))
def test_a_template_is_read_or_refused_with_a_reason(template):
    router = RadixRouter()
    try:
        router.add_route("GET", template, "handler")
    except RouterError as error:
        assert "fix:" in str(error)
    else:
        assert router.find_conflict("GET", template) is not None
