"""Paths that no honest client sends: no exception, and work that grows with the length of the path.

Work is counted in calls and lines, not seconds: a clock would make the test depend on the machine.
`benchmarks/router.py growth` shows the seconds.
"""

import sys

import pytest

from fasterapi_router import Found, NotFound, RadixRouter

K64 = 64 * 1024


@pytest.fixture
def router():
    router = RadixRouter()
    for template in [
        "/",
        "/users/{id}",
        "/users/{id}/posts/{post}",
        "/files/{rest:path}",
        "/edit/{rest:path}/edit",
        "/pair/{a}-{b}-{c}",
        "/typed/{a}-{b}-{c:int}",
        "/tails/{a:path}-{b:path}-{c:int}",
        "/v{n:int}/{x:float}/{u:uuid}",
        *(f"/many/{{a}}.x{number}" for number in range(20)),
    ]:
        router.add_route("GET", template, template)
    return router


HOSTILE = {
    "64 KiB in one segment": "/users/" + "a" * K64,
    "64 KiB of slashes": "/" * K64,
    "a million slashes": "/" * 1_000_000,
    "a million slashes below a catch-all": "/files" + "/" * 1_000_000,
    "64 KiB of segments": "/a" * (K64 // 2),
    "separators only": "/pair/" + "-" * K64,
    "separators before a number that is none": "/typed/" + "-" * K64 + "x",
    "separators in catch-alls": "/tails/" + "-/" * (K64 // 2) + "x",
    "almost an int": "/v" + "9" * K64 + "x/1/2",
    "almost a float": "/v1/" + "1." * K64 + "/2",
    "the end of a pattern many times": "/many/" + ".x1" * K64 + "!",
    "the end of a catch-all many times": "/edit" + "/edit" * K64 + "/",
    "NUL": "/users/\x00",
    "a lone surrogate": "/users/\ud800",
    "an encoded slash that was not decoded": "/users/a%2Fb",
    "dot segments": "/users/../../etc/passwd",
    "backslashes": "/users\\7",
    "a line break": "/users/7\r\nSet-Cookie: x",
    "right-to-left": "/users/\u202e7",
    "empty": "",
    "an asterisk": "*",
    "an absolute URL": "http://evil.example/users/7",
}


@pytest.mark.parametrize("path", HOSTILE.values(), ids=HOSTILE)
def test_any_path_gets_an_answer(router, path):
    assert isinstance(router.match("GET", path), Found | NotFound)
    assert router.lookup("\ud800", path) is None
    target = router.slash_redirect(path)
    assert target is None or not target.startswith(("//", "/\\"))


def test_what_looks_odd_is_still_only_text(router):
    assert router.match("GET", "/users/\x00") == Found("/users/{id}", {"id": "\x00"})
    assert router.match("GET", "/users/..") == Found("/users/{id}", {"id": ".."})
    assert router.match("GET", "/users/a%2Fb") == Found("/users/{id}", {"id": "a%2Fb"})
    assert router.match("GET", "/users/../users/7") == NotFound()


def lines_run(function, *arguments):
    """How many lines of Python a call runs."""
    count = 0

    def trace(frame, event, argument):
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        function(*arguments)
    finally:
        sys.settrace(before)
    return count


GROWING = {
    "one segment": lambda n: "/users/" + "a" * n,
    "slashes": lambda n: "/files" + "/" * n,
    "segments": lambda n: "/users" + "/a" * n,
    "separators": lambda n: "/pair/" + "-" * n,
    "separators before no number": lambda n: "/typed/" + "-" * n + "x",
    "separators in catch-alls": lambda n: "/tails/" + "-/" * n + "x",
    "ends of a catch-all": lambda n: "/edit" + "/edit" * n + "/",
    "ends of a pattern": lambda n: "/many/" + ".x1" * n + "!",
}


@pytest.mark.parametrize("path", GROWING.values(), ids=GROWING)
def test_work_in_python_does_not_explode_with_the_path(router, path):
    """Beyond the bound on divisions, a path ten times as long runs no more Python than before."""
    router.lookup("GET", path(10))
    longer, longest = (lines_run(router.lookup, "GET", path(n)) for n in (4_000, 40_000))
    assert longest <= longer * 1.1 + 10


def test_work_does_not_grow_with_the_number_of_routes():
    counts = []
    for number in (100, 10_000):
        router = RadixRouter()
        for index in range(number):
            router.add_route("GET", f"/repos/{{owner}}/{{repo}}/feature{index}/{{id}}", index)
        router.lookup("GET", "/repos/a/b/feature7/1")
        counts.append(lines_run(router.lookup, "GET", "/repos/a/b/feature7/1"))
    assert counts[0] == counts[1]


def test_routes_that_differ_in_every_combination_end_in_the_tree_and_not_in_recursion():
    """2¹⁰ combinations of static and dynamic segments, none of which matches."""
    router = RadixRouter()
    for number in range(2**10):
        segments = [f"{{p{bit}}}" if number >> bit & 1 else "a" for bit in range(10)]
        router.add_route("GET", "/" + "/".join([*segments, "end"]), number)
    assert router.lookup("GET", "/a" * 10 + "/end") == (0, ())
    assert router.lookup("GET", "/b" * 10 + "/end") == (2**10 - 1, ("b",) * 10)
    assert router.lookup("GET", "/a" * 10 + "/nothing") is None


def test_a_thousand_templates_that_begin_with_each_other_are_no_deep_recursion():
    router = RadixRouter()
    for length in range(1, 1_200):
        router.add_route("GET", "/" + "a" * length + "-{x}.{y}", length)
    assert router.lookup("GET", "/" + "a" * 1_199 + "-1.2") == (1_199, ("1", "2"))
    assert len(str(router).splitlines()) > 1_200
