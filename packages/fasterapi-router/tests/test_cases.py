"""The rules of matching, one table for all engines: the plans, the tree, and the reference.

Each group is a set of routes (the template is the handler) and the paths they must answer.
"""

import random

import pytest

from fasterapi_router import ANY_METHOD, RadixRouter
from fasterapi_router.template import TemplateParser
from fasterapi_router.tree import Tree

NO = None
UUID = "123e4567-e89b-12d3-a456-426614174000"

GROUPS = {
    "static text is compared character by character": (
        ["/", "/users", "/users/", "/user", "/Users", "/a b", "/ü", "/a.b", "/a+b", "/*"],
        [
            ("/", "/", {}),
            ("/users", "/users", {}),
            ("/users/", "/users/", {}),
            ("/user", "/user", {}),
            ("/Users", "/Users", {}),
            ("/use", NO, {}),
            ("/userss", NO, {}),
            ("/a b", "/a b", {}),
            ("/ü", "/ü", {}),
            ("/axb", NO, {}),
            ("/*", "/*", {}),
            ("/x", NO, {}),
            ("", NO, {}),
            ("users", NO, {}),
            ("//", NO, {}),
            ("//users", NO, {}),
        ],
    ),
    "a bare parameter takes one whole segment, never none": (
        ["/users/{id}", "/users/{id}/posts/{post}"],
        [
            ("/users/7", "/users/{id}", {"id": "7"}),
            ("/users/me", "/users/{id}", {"id": "me"}),
            ("/users/{id}", "/users/{id}", {"id": "{id}"}),
            ("/users/*", "/users/{id}", {"id": "*"}),
            ("/users/a b\n", "/users/{id}", {"id": "a b\n"}),
            ("/users/..", "/users/{id}", {"id": ".."}),
            ("/users/", NO, {}),
            ("/users//", NO, {}),
            ("/users/7/", NO, {}),
            ("/users//posts/1", NO, {}),
            ("/users/7/posts/8", "/users/{id}/posts/{post}", {"id": "7", "post": "8"}),
            ("/users/7//posts/8", NO, {}),
            ("users/7", NO, {}),
            ("x/users/7", NO, {}),
        ],
    ),
    "static wins over a parameter, and gives way again when it leads nowhere": (
        ["/users/me", "/users/{id}", "/users/{id}/posts", "/users/me/likes", "/{kind}/me/posts"],
        [
            ("/users/me", "/users/me", {}),
            ("/users/you", "/users/{id}", {"id": "you"}),
            ("/users/me/posts", "/users/{id}/posts", {"id": "me"}),
            ("/users/me/likes", "/users/me/likes", {}),
            ("/groups/me/posts", "/{kind}/me/posts", {"kind": "groups"}),
            ("/users/me/nothing", NO, {}),
        ],
    ),
    "backtracking goes over more than one segment": (
        ["/a/b/c/d", "/a/{x}/c/e", "/{w}/b/c/f", "/{w}/{x}/{y}/g"],
        [
            ("/a/b/c/d", "/a/b/c/d", {}),
            ("/a/b/c/e", "/a/{x}/c/e", {"x": "b"}),
            ("/a/b/c/f", "/{w}/b/c/f", {"w": "a"}),
            ("/a/b/c/g", "/{w}/{x}/{y}/g", {"w": "a", "x": "b", "y": "c"}),
            ("/a/b/c/h", NO, {}),
        ],
    ),
    "the leftmost difference decides": (
        ["/{a}/x", "/y/{b}"],
        [("/y/x", "/y/{b}", {"b": "x"}), ("/z/x", "/{a}/x", {"a": "z"}), ("/y/z", "/y/{b}", {"b": "z"})],
    ),
    "parameter names belong to the route": (
        ["/t/{a}/x", "/t/{b}/y", "/t/{c}"],
        [
            ("/t/1/x", "/t/{a}/x", {"a": "1"}),
            ("/t/1/y", "/t/{b}/y", {"b": "1"}),
            ("/t/1", "/t/{c}", {"c": "1"}),
        ],
    ),
    "a converter wins over a bare parameter, the narrower over the wider": (
        ["/i/{x:int}", "/i/{x:float}", "/i/{x:uuid}", "/i/{x}", "/i/{x:int}/{y:int}", "/i/{x}/{y}"],
        [
            ("/i/7", "/i/{x:int}", {"x": "7"}),
            ("/i/007", "/i/{x:int}", {"x": "007"}),
            ("/i/7.5", "/i/{x:float}", {"x": "7.5"}),
            ("/i/" + UUID, "/i/{x:uuid}", {"x": UUID}),
            ("/i/" + UUID.replace("-", ""), "/i/{x:uuid}", {"x": UUID.replace("-", "")}),
            ("/i/-7", "/i/{x}", {"x": "-7"}),
            ("/i/7.", "/i/{x}", {"x": "7."}),
            ("/i/٣", "/i/{x}", {"x": "٣"}),
            ("/i/7\n", "/i/{x}", {"x": "7\n"}),
            ("/i/", NO, {}),
            ("/i/1/2", "/i/{x:int}/{y:int}", {"x": "1", "y": "2"}),
            ("/i/1/b", "/i/{x}/{y}", {"x": "1", "y": "b"}),
        ],
    ),
    "a converter alone refuses what it does not match": (
        ["/i/{x:int}", "/f/{x:float}/end", "/s/{x:str}"],
        [
            ("/i/x", NO, {}),
            ("/i/1x", NO, {}),
            ("/f/1.5/end", "/f/{x:float}/end", {"x": "1.5"}),
            ("/f/x/end", NO, {}),
            ("/s/x", "/s/{x:str}", {"x": "x"}),
        ],
    ),
    "a catch-all comes last, takes slashes, and may be empty": (
        ["/files/{rest:path}", "/files/readme", "/files/{name}", "/{rest:path}"],
        [
            ("/files/readme", "/files/readme", {}),
            ("/files/x", "/files/{name}", {"name": "x"}),
            ("/files/a/b", "/files/{rest:path}", {"rest": "a/b"}),
            ("/files/a/", "/files/{rest:path}", {"rest": "a/"}),
            ("/files//", "/files/{rest:path}", {"rest": "/"}),
            ("/files/", "/files/{rest:path}", {"rest": ""}),
            ("/files", "/{rest:path}", {"rest": "files"}),
            ("/", "/{rest:path}", {"rest": ""}),
            ("/a/b/c/d/e/f", "/{rest:path}", {"rest": "a/b/c/d/e/f"}),
            ("//", "/{rest:path}", {"rest": "/"}),
            ("/a\nb", "/{rest:path}", {"rest": "a\nb"}),
            ("", NO, {}),
        ],
    ),
    "a catch-all under a static segment wins over a parameter before it": (
        ["/api/{rest:path}", "/{tenant}/users"],
        [
            ("/api/users", "/api/{rest:path}", {"rest": "users"}),
            ("/acme/users", "/{tenant}/users", {"tenant": "acme"}),
        ],
    ),
    "a catch-all may stand in the middle and takes as much as it can": (
        ["/r/{p:path}/edit", "/r/{p:path}/raw/{q:path}", "/r/{p:path}", "/r/{p:path}/v{n:int}"],
        [
            ("/r/a/edit", "/r/{p:path}/edit", {"p": "a"}),
            ("/r/a/edit/edit", "/r/{p:path}/edit", {"p": "a/edit"}),
            ("/r//edit", "/r/{p:path}/edit", {"p": ""}),
            ("/r/edit", "/r/{p:path}", {"p": "edit"}),
            ("/r/a/raw/b/raw/c", "/r/{p:path}/raw/{q:path}", {"p": "a/raw/b", "q": "c"}),
            ("/r/a/raw/", "/r/{p:path}/raw/{q:path}", {"p": "a", "q": ""}),
            ("/r/a/v12", "/r/{p:path}/v{n:int}", {"p": "a", "n": "12"}),
            ("/r/a/vx", "/r/{p:path}", {"p": "a/vx"}),
        ],
    ),
    "literal text and several parameters in one segment; the first takes as much as it can": (
        [
            "/f/{name}.{ext}",
            "/f/{name}.json",
            "/f/v{n:int}",
            "/f/{lat:float},{lon:float}",
            "/f/{a}-{b:int}",
            "/f/{x}",
        ],
        [
            ("/f/a.txt", "/f/{name}.{ext}", {"name": "a", "ext": "txt"}),
            ("/f/a.b.txt", "/f/{name}.{ext}", {"name": "a.b", "ext": "txt"}),
            ("/f/a.json", "/f/{name}.json", {"name": "a"}),
            ("/f/.json", "/f/{x}", {"x": ".json"}),
            ("/f/a.", "/f/{x}", {"x": "a."}),
            ("/f/..x", "/f/{name}.{ext}", {"name": ".", "ext": "x"}),
            ("/f/v12", "/f/v{n:int}", {"n": "12"}),
            ("/f/vx", "/f/{x}", {"x": "vx"}),
            ("/f/1.5,-2", "/f/{a}-{b:int}", {"a": "1.5,", "b": "2"}),
            ("/f/1,2", "/f/{lat:float},{lon:float}", {"lat": "1", "lon": "2"}),
            ("/f/a-b-3", "/f/{a}-{b:int}", {"a": "a-b", "b": "3"}),
            ("/f/a-b", "/f/{x}", {"x": "a-b"}),
        ],
    ),
    "a field before a separator that its converter can't hold ends there": (
        ["/{a:int}-{b}", "/{x}"],
        [
            ("/1-2-3", "/{a:int}-{b}", {"a": "1", "b": "2-3"}),
            ("/x-2", "/{x}", {"x": "x-2"}),
            ("/1-", "/{x}", {"x": "1-"}),
        ],
    ),
    "the longer literal start wins inside a segment": (
        ["/ab{x}", "/a{x}", "/abc", "/{x}", "/a{x:path}"],
        [
            ("/abc", "/abc", {}),
            ("/abd", "/ab{x}", {"x": "d"}),
            ("/ad", "/a{x}", {"x": "d"}),
            ("/ab", "/a{x}", {"x": "b"}),
            ("/a", "/a{x:path}", {"x": ""}),
            ("/a/b", "/a{x:path}", {"x": "/b"}),
            ("/d", "/{x}", {"x": "d"}),
        ],
    ),
    "neighbouring parameters: the first leaves the second one character": (
        ["/{a}{b}"],
        [("/xyz", "/{a}{b}", {"a": "xy", "b": "z"}), ("/x", NO, {})],
    ),
    "doubled braces are literal": (
        ["/{{id}}", "/{{{id}}}", "/a{{b/{x}", "/set/{{{a},{b}}}"],
        [
            ("/{id}", "/{{id}}", {}),
            ("/{x}", "/{{{id}}}", {"id": "x"}),
            ("/a{b/1", "/a{{b/{x}", {"x": "1"}),
            ("/set/{1,2}", "/set/{{{a},{b}}}", {"a": "1", "b": "2"}),
            ("/set/1,2", NO, {}),
        ],
    ),
    "empty segments in templates are meant": (
        ["/a//b", "/a/{x}/b", "/a/{x}/"],
        [
            ("/a//b", "/a//b", {}),
            ("/a/1/b", "/a/{x}/b", {"x": "1"}),
            ("/a/1/", "/a/{x}/", {"x": "1"}),
            ("/a//", NO, {}),
        ],
    ),
    "all static segments decide together": (
        [f"/s/{{x}}/{a}/{b}/{c}/{{y}}" for a in "ab" for b in "ab" for c in "ab" if a + b + c != "bab"]
        + ["/k/{x}/one/a/{y}", "/k/{x}/two/a/{y}", "/k/{x}/three/b/{y}"],
        [
            ("/s/1/a/a/b/2", "/s/{x}/a/a/b/{y}", {"x": "1", "y": "2"}),
            ("/s/1/b/b/b/2", "/s/{x}/b/b/b/{y}", {"x": "1", "y": "2"}),
            ("/s/1/b/a/b/2", NO, {}),
            ("/s/1/a/a/c/2", NO, {}),
            ("/s/1/c/a/a/2", NO, {}),
            ("/s//a/a/b/2", NO, {}),
            ("/k/1/one/a/2", "/k/{x}/one/a/{y}", {"x": "1", "y": "2"}),
            ("/k/1/three/b/2", "/k/{x}/three/b/{y}", {"x": "1", "y": "2"}),
            ("/k/1/three/a/2", NO, {}),
            ("/k/1/one/b/2", NO, {}),
            ("/k//one/a/2", NO, {}),
        ],
    ),
    "more parameters than are written out": (
        ["/{a}/{b}/{c}/{d}", "/{a}/{b}/{c}/{d}/{e}/x"],
        [
            ("/1/2/3/4", "/{a}/{b}/{c}/{d}", {"a": "1", "b": "2", "c": "3", "d": "4"}),
            ("/1/2//4", NO, {}),
            ("/1/2/3//5/x", NO, {}),
            ("/1/2/3/4/5/y", NO, {}),
            ("/1/2/3/4/5/x", "/{a}/{b}/{c}/{d}/{e}/x", {"a": "1", "b": "2", "c": "3", "d": "4", "e": "5"}),
        ],
    ),
    "many patterns at one place": (
        [f"/p/{{x}}.e{n}" for n in range(12)] + ["/p/{x}", "/p/q", "/p/{x}.e{y}"],
        [
            ("/p/a.e7", "/p/{x}.e7", {"x": "a"}),
            ("/p/a.e11", "/p/{x}.e11", {"x": "a"}),
            ("/p/a.e99", "/p/{x}.e{y}", {"x": "a", "y": "99"}),
            ("/p/a", "/p/{x}", {"x": "a"}),
            ("/p/q", "/p/q", {}),
        ],
    ),
    "many catch-alls that end differently": (
        [f"/m/{{p:path}}/x{n}" for n in range(12)] + ["/m/{p:path}"],
        [
            ("/m/a/b/x3", "/m/{p:path}/x3", {"p": "a/b"}),
            ("/m/a/b/x12", "/m/{p:path}", {"p": "a/b/x12"}),
            ("/m/", "/m/{p:path}", {"p": ""}),
        ],
    ),
}

CASES = [
    pytest.param(routes, path, handler, params, id=f"{rule}: {path!r}")
    for rule, (routes, answers) in GROUPS.items()
    for path, handler, params in answers
]


def build(routes):
    router = RadixRouter()
    for template in routes:
        router.add_route("GET", template, template)
    return router


@pytest.mark.parametrize(("routes", "path", "handler", "params"), CASES)
def test_the_router_answers(routes, path, handler, params):
    router = build(routes)
    expected = None if handler is None else (handler, params, None)
    assert router.resolve("GET", path) == expected
    found = router.lookup("GET", path)
    assert found == (None if handler is None else (handler, tuple(params.values())))
    assert router.resolve("GET", path) == expected, "the second time, when the plan is made, as the first"


@pytest.mark.parametrize(("routes", "path", "handler", "params"), CASES)
def test_the_tree_answers_the_same(routes, path, handler, params):
    found = Tree(build(routes).routes, convert=False).find(("GET",), path)
    assert (found and (found[0].handler, dict(zip(found[0].names, found[1], strict=True)))) == (
        handler and (handler, params)
    )


@pytest.mark.parametrize(("routes", "path", "handler", "params"), CASES)
def test_the_reference_answers_the_same(reference, routes, path, handler, params):
    found = reference([("GET", template, template) for template in routes]).resolve("GET", path)
    assert found == (handler and (handler, params))


@pytest.mark.parametrize("rule", GROUPS)
def test_the_order_of_registration_changes_nothing(rule):
    routes, answers = GROUPS[rule]
    for seed in range(5):
        shuffled = random.Random(seed).sample(routes, len(routes))
        router = build(shuffled)
        for path, handler, params in answers:
            assert router.resolve("GET", path) == (None if handler is None else (handler, params, None))


@pytest.mark.parametrize("rule", GROUPS)
def test_all_rules_hold_side_by_side(rule):
    """Every group under a prefix of its own in one router: none disturbs another."""
    router = RadixRouter()
    for number, (routes, _) in enumerate(GROUPS.values()):
        for template in routes:
            router.add_route("GET", f"/g{number}{template}", template)
    number = list(GROUPS).index(rule)
    for path, handler, params in GROUPS[rule][1]:
        if path.startswith("/"):
            expected = None if handler is None else (handler, params, None)
            assert router.resolve("GET", f"/g{number}{path}") == expected


METHOD_CASES = [
    # routes as (method, template), then (method, path, the answer as (method, template) or the allowed methods)
    ([("GET", "/a"), ("POST", "/a")], "PUT", "/a", ("GET", "POST")),
    ([("GET", "/a"), ("POST", "/{x}")], "POST", "/a", ("POST", "/{x}")),
    ([("GET", "/a"), ("POST", "/{x}")], "DELETE", "/a", ("GET", "POST")),
    ([("GET", "/a"), ("POST", "/{x}")], "DELETE", "/b", ("POST",)),
    ([("GET", "/a"), ("POST", "/{x:path}")], "POST", "/a/b", ("POST", "/{x:path}")),
    ([("GET", "/a")], "get", "/a", ("GET",)),
    ([("GET", "/a")], "GET", "/b", ()),
    ([("GET", "/a"), (ANY_METHOD, "/a")], "GET", "/a", ("GET", "/a")),
    ([("GET", "/a"), (ANY_METHOD, "/a")], "BREW", "/a", (ANY_METHOD, "/a")),
    ([("GET", "/{x}"), (ANY_METHOD, "/a")], "GET", "/a", (ANY_METHOD, "/a")),
    ([("GET", "/a/{x}"), (ANY_METHOD, "/a/{p:path}")], "GET", "/a/1", ("GET", "/a/{x}")),
    ([("GET", "/a/{x}"), (ANY_METHOD, "/a/{p:path}")], "PUT", "/a/1", (ANY_METHOD, "/a/{p:path}")),
]


@pytest.mark.parametrize("shuffle", [False, True], ids=["in order", "reversed"])
@pytest.mark.parametrize(("routes", "method", "path", "answer"), METHOD_CASES)
def test_methods_are_part_of_the_match(routes, method, path, answer, shuffle):
    """A path that is static for one method falls through to the parameter that has the other."""
    router = RadixRouter()
    for route in reversed(routes) if shuffle else routes:
        router.add_route(*route, route)
    found = router.lookup(method, path)
    if answer in routes:
        assert found[0] == answer
        tree = Tree(router.routes, convert=False).find((method, ANY_METHOD), path)
        assert tree[0].handler == answer
    else:
        assert found is None
        assert router.allowed_methods(path) == answer


def test_templates_are_read_alike_by_router_and_reference(reference):
    """The oracle has its own reader of templates: both must see the same parameters."""
    parser = TemplateParser(RadixRouter()._parser._converters)
    for routes, _ in GROUPS.values():
        for template in routes:
            assert list(parser.parse(template).names) == reference([("GET", template, 0)]).rows[0][2]
