"""`RadixRouter` as its users see it: registration, answers, names, collections, copies, threads."""

import functools
import pickle
import threading
import uuid

import pytest

from fasterapi_router import (
    ANY_METHOD,
    ConflictingRoute,
    Converter,
    DuplicateRoute,
    Found,
    InvalidTemplate,
    MethodNotAllowed,
    NotFound,
    RadixRouter,
    Route,
)


@pytest.fixture
def router():
    router = RadixRouter()
    router.add_route("GET", "/users", "list", name="users")
    router.add_route("POST", "/users", "create")
    router.add_route("GET", "/users/{id}", "show", {"tags": ["users"]}, name="user")
    router.add_route("GET", "/files/{rest:path}", "file", name="file")
    return router


def handler():
    """A function with a name and a place."""


# registration


def test_a_route_keeps_what_it_was_given(router):
    route = router.add_route("patch", "/users/{id}", handler, 7, location="here.py:1")
    assert (route.method, route.path, route.handler, route.metadata) == ("PATCH", "/users/{id}", handler, 7)
    assert (route.name, route.names, route.location) == ("handler", ("id",), "here.py:1")
    assert str(route) == "PATCH /users/{id}"
    with pytest.raises(AttributeError):
        route.path = "/"


def test_the_place_of_a_route_is_that_of_its_handlers_code():
    def decorated():
        return handler()

    decorated.__wrapped__ = handler

    class Callable:
        def __call__(self): ...

    router = RadixRouter()
    for path, target in [("/a", handler), ("/b", decorated), ("/p", functools.partial(decorated))]:
        location = router.add_route("GET", path, target).location
        assert location == f"{__file__}:{handler.__code__.co_firstlineno}"
    location = router.add_route("GET", "/o", Callable()).location
    assert location == f"{__file__}:{Callable.__call__.__code__.co_firstlineno}"
    assert router.add_route("GET", "/c", "text").location is None


def test_the_same_template_twice_is_a_duplicate(router):
    first = router.routes[2]
    with pytest.raises(DuplicateRoute) as caught:
        router.add_route("GET", "/users/{id}", "again")
    assert caught.value.first is first
    assert caught.value.second.handler == "again"
    assert len(router) == 4


@pytest.mark.parametrize("path", ["/users/{name}", "/users/{name:str}"])
def test_the_same_paths_under_other_names_are_a_conflict(router, path):
    assert router.find_conflict("GET", path) is router.routes[2]
    with pytest.raises(ConflictingRoute):
        router.add_route("GET", path, "again")
    assert router.resolve("GET", "/users/7") == ("show", {"id": "7"}, {"tags": ["users"]})


@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", "/users/{id}"), ("GET", "/users/{id:int}"), ("GET", "/users/{id}/"), ("GET", "/users/{a}-{b}")],
)
def test_what_can_be_told_apart_is_no_conflict(router, method, path):
    assert router.find_conflict(method, path) is None
    router.add_route(method, path, "other")


def test_a_refused_route_leaves_no_trace(router):
    before = router.routes
    with pytest.raises(InvalidTemplate):
        router.add_route("GET", "/x/{", "broken")
    with pytest.raises(DuplicateRoute):
        router.add_route("GET", "/users", "again", name="again")
    assert router.routes == before
    assert str(router) == str(pickle.loads(pickle.dumps(router)))


# answers


def test_match_says_which_of_three(router):
    assert router.match("GET", "/users/7") == Found("show", {"id": "7"}, {"tags": ["users"]})
    assert router.match("DELETE", "/users") == MethodNotAllowed(("GET", "POST"))
    assert router.match("GET", "/groups") == NotFound()


def test_answers_can_be_taken_apart_and_compared(router):
    match router.match("GET", "/users/7"):
        case Found(found, {"id": id}):
            assert (found, id) == ("show", "7")
    assert router.match("GET", "/users/7") != Found("show", {"id": "8"}, {"tags": ["users"]})
    assert len({NotFound(), NotFound(), MethodNotAllowed(("GET",))}) == 2


@pytest.mark.parametrize("path", ["/users", "/users/7", "/files/a/b"])
def test_each_answer_has_a_dict_of_its_own(router, path):
    """A caller may write into it: what one request wrote must not reach the next."""
    _, params, _ = router.resolve("GET", path)
    params["leaked"] = True
    assert "leaked" not in router.resolve("GET", path)[1]


def test_handlers_may_be_none_or_false():
    router = RadixRouter()
    router.add_route("GET", "/none", None)
    router.add_route("GET", "/zero/{x}", 0)
    assert router.lookup("GET", "/none") == (None, ())
    assert router.resolve("GET", "/zero/1") == (0, {"x": "1"}, None)
    assert router.match("GET", "/none") == Found(None, {})


def test_a_router_without_routes_finds_nothing():
    router = RadixRouter()
    assert router.match("GET", "/") == NotFound()
    assert (router.routes, len(router), str(router)) == ((), 0, "(no routes)")


# methods


def test_get_routes_answer_head_only_when_asked_for():
    for head_as_get in (False, True):
        router = RadixRouter(head_as_get=head_as_get)
        router.add_route("GET", "/a/{x}", "get")
        assert (router.lookup("HEAD", "/a/1") is not None) is head_as_get
        assert router.allowed_methods("/a/1") == (("GET", "HEAD") if head_as_get else ("GET",))


@pytest.mark.parametrize(
    "order", [("GET", "HEAD", ANY_METHOD), (ANY_METHOD, "HEAD", "GET"), ("HEAD", ANY_METHOD, "GET")]
)
@pytest.mark.parametrize("template", ["/a", "/{x}", "/{x:int}.{y}", "/a/{x:path}"])
def test_at_one_place_the_own_method_wins_over_get_and_get_over_any(order, template):
    router = RadixRouter(head_as_get=True)
    path = template.replace("{x}", "1").replace("{x:int}", "1").replace("{y}", "2").replace("{x:path}", "1/2")
    for method in order:
        router.add_route(method, template, method)
    assert [router.lookup(method, path)[0] for method in ("HEAD", "GET", "PUT")] == [
        "HEAD",
        "GET",
        ANY_METHOD,
    ]

    without_head = RadixRouter(head_as_get=True)
    for method in order:
        if method != "HEAD":
            without_head.add_route(method, template, method)
    assert without_head.lookup("HEAD", path)[0] == "GET"


def test_methods_stand_in_for_each_other_where_the_tree_answers_too():
    """Many patterns at one place: the lookup goes past the plans."""
    router = RadixRouter(head_as_get=True)
    for number in range(20):
        router.add_route("GET", f"/p/{{x}}.e{number}", f"get {number}")
        router.add_route(ANY_METHOD, f"/q/{{x}}.e{number}", f"any {number}")
    router.add_route("HEAD", "/p/{x}.e7", "head 7")
    assert router.lookup("HEAD", "/p/a.e7") == ("head 7", ("a",))
    assert router.lookup("HEAD", "/p/a.e8") == ("get 8", ("a",))
    assert router.resolve("PUT", "/q/a.e9") == ("any 9", {"x": "a"}, None)
    assert router.lookup("PUT", "/p/a.e9") is None


def test_a_head_route_that_comes_after_lookups_takes_over():
    router = RadixRouter(head_as_get=True)
    router.add_route("GET", "/a/{x}", "get")
    router.add_route("GET", "/a/{x}/{rest:path}", "get rest")
    assert router.lookup("HEAD", "/a/1") == ("get", ("1",))
    router.add_route("HEAD", "/a/{name}", "head")
    router.add_route("HEAD", "/a/{name}/{rest:path}", "head rest")
    assert router.lookup("HEAD", "/a/1") == ("head", ("1",))
    assert router.resolve("HEAD", "/a/1/2") == ("head rest", {"name": "1", "rest": "2"}, None)


def test_methods_are_upper_case_for_registration_and_exact_for_lookups():
    router = RadixRouter()
    router.add_route("get", "/a", "get")
    assert router.lookup("GET", "/a") == ("get", ())
    assert router.lookup("get", "/a") is None
    assert ("get", "/a") in router


# slashes


@pytest.mark.parametrize(
    ("templates", "path", "target"),
    [
        (["/a"], "/a/", "/a"),
        (["/a/"], "/a", "/a/"),
        (["/a"], "/a///", "/a"),
        (["/a"], "/a", None),
        (["/a", "/a/"], "/a/", None),
        (["/a/{x}"], "/a/b/", "/a/b"),
        (["/a/{x}/"], "/a/b", "/a/b/"),
        (["/a/{p:path}"], "/a", "/a/"),
        (["/"], "", None),
        (["/"], "//", None),
        (["/{p:path}"], "//evil.example/", None),
        (["/{x}/{y}/"], "//evil.example", None),
        (["//{x}"], "//evil.example/", None),
        (["/{x}/"], "/\\evil.example", None),
        (["/{x}"], "/\\evil.example/", None),
        (["/{x}/{y}/"], "/\t/evil.example", None),
        (["/a"], "/b/", None),
    ],
)
def test_slash_redirect_stays_on_the_host_and_leads_somewhere(templates, path, target):
    router = RadixRouter()
    for template in templates:
        router.add_route("GET", template, template)
    assert router.slash_redirect(path) == target


# converters


def test_values_are_text_unless_conversion_is_asked_for():
    templates = ["/i/{x:int}", "/m/{x:int}-{y}", "/p/{x:float}/{rest:path}"]
    expected = {
        "/i/7": ("7", 7),
        "/m/7-8": ("7", 7),
        "/p/1.5/a/b": ("1.5", 1.5),
    }
    for convert in (False, True):
        router = RadixRouter(convert=convert)
        for template in templates:
            router.add_route("GET", template, template)
        for path, values in expected.items():
            assert router.resolve("GET", path)[1]["x"] == values[convert]
            assert router.lookup("GET", path)[1][0] == values[convert]


def test_a_converter_that_raises_value_error_says_not_this_route():
    def even(text):
        if int(text) % 2:
            raise ValueError(text)
        return int(text)

    router = RadixRouter(converters={"even": Converter("[0-9]+", even, rank=5)}, convert=True)
    router.add_route("GET", "/{x:even}", "even")
    router.add_route("GET", "/{x:int}/", "int with slash")
    router.add_route("GET", "/{x}", "other")
    assert router.lookup("GET", "/4") == ("even", (4,))
    assert router.lookup("GET", "/5") == ("other", ("5",))


def test_a_number_too_long_for_int_is_not_found():
    router = RadixRouter(convert=True)
    router.add_route("GET", "/{x:int}", "int")
    assert router.match("GET", "/" + "9" * 10_000) == NotFound()


def test_the_built_in_converters_may_be_replaced_and_new_ones_added():
    router = RadixRouter(
        converters={
            "int": Converter(r"-?[0-9]+", int, rank=20),
            "slug": Converter(r"[a-z]+(?:-[a-z]+)*"),
            "tail": Converter(r"[a-z/]*", is_catch_all=True),
        }
    )
    router.add_route("GET", "/i/{x:int}", "int")
    router.add_route("GET", "/s/{x:slug}", "slug")
    router.add_route("GET", "/t/{x:tail}", "tail")
    assert router.lookup("GET", "/i/-7") == ("int", ("-7",))
    assert router.lookup("GET", "/s/a-b") == ("slug", ("a-b",))
    assert router.lookup("GET", "/s/a--b") is None
    assert router.lookup("GET", "/t/a/b/") == ("tail", ("a/b/",))
    assert router.lookup("GET", "/t/a/1") is None
    with pytest.raises(ConflictingRoute):
        router.add_route("GET", "/s/{other:slug}", "again")


# names


def test_url_path_for_round_trip():
    router = RadixRouter(convert=True)
    router.add_route("GET", "/u/{id:uuid}/{f:float}/{rest:path}", "show", name="show")
    id = uuid.uuid4()
    path = router.url_path_for("show", id=id, f=0.1, rest="a/b")
    assert router.resolve("GET", path) == ("show", {"id": id, "f": 0.1, "rest": "a/b"}, None)


def test_of_routes_with_one_name_the_first_that_takes_the_parameters_counts():
    router = RadixRouter()
    router.add_route("GET", "/items", "all", name="items")
    router.add_route("GET", "/items/{id}", "one", name="items")
    router.add_route("POST", "/items/{id}", "change", name="items")
    assert router.url_path_for("items") == "/items"
    assert router.url_path_for("items", id=1) == "/items/1"


def test_a_parameter_may_be_called_name_or_self():
    router = RadixRouter()
    router.add_route("GET", "/{name}/{self}", "x", name="x")
    assert router.url_path_for("x", name="a", self="b") == "/a/b"


# collections


def test_a_router_is_a_collection_of_routes(router):
    assert len(router) == 4
    assert [str(route) for route in router] == [
        "GET /users",
        "POST /users",
        "GET /users/{id}",
        "GET /files/{rest:path}",
    ]
    assert list(router) == list(router.routes)
    assert router.routes[0] in router
    assert ("GET", "/users/{other}") in router
    assert ("PUT", "/users") not in router
    assert ("GET", "broken") not in router
    assert "GET /users" not in router
    stranger = RadixRouter().add_route("GET", "/users", "list")
    assert isinstance(stranger, Route)
    assert stranger not in router
    assert repr(router) == "<RadixRouter with 4 routes>"


def test_a_copy_by_pickle_answers_the_same(router):
    router.lookup("GET", "/users/7")
    copy = pickle.loads(pickle.dumps(router))
    for method, path in [("GET", "/users/7"), ("GET", "/files/a/b"), ("PUT", "/users"), ("GET", "/x")]:
        assert copy.match(method, path) == router.match(method, path)
    assert copy.url_path_for("user", id=7) == "/users/7"
    copy.add_route("GET", "/new", "new")
    assert router.match("GET", "/new") == NotFound()


def test_a_copy_keeps_the_options():
    router = RadixRouter(converters={"year": Converter("[0-9]{4}", int)}, convert=True, head_as_get=True)
    router.add_route("GET", "/{y:year}", "year")
    copy = pickle.loads(pickle.dumps(router))
    assert copy.resolve("HEAD", "/2026") == ("year", {"y": 2026}, None)


# threads


def test_readers_see_every_route_from_its_registration_on_and_never_a_half_built_table():
    """Four readers ask for what is registered so far while a writer adds 2,000 routes of many lengths."""
    router = RadixRouter()
    registered = 0
    errors = []
    total = 2_000

    def template(number):
        return f"/r{number}/{{x}}" + "/y" * (number % 7) + ("/{p:path}" if number % 50 == 0 else "")

    def read(seed):
        number = seed
        while registered < total and not errors:
            known = registered
            if not known:
                continue
            number = (number * 31 + 7) % known
            path = template(number).replace("{x}", "1").replace("{p:path}", "a/b")
            found = router.lookup("GET", path)
            if found is None or found[0] != number:
                errors.append((number, path, found))

    readers = [threading.Thread(target=read, args=(seed,)) for seed in range(4)]
    for reader in readers:
        reader.start()
    for number in range(total):
        router.add_route("GET", template(number), number)
        registered = number + 1
    for reader in readers:
        reader.join()
    assert not errors
