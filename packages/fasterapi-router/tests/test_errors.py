"""The text of every error, as a reader of a log sees it, and errors that travel between processes."""

import pickle

import pytest

from fasterapi_router import HostRouter, RadixRouter, RouterError


def errors():
    router = RadixRouter()
    router.add_route("GET", "/users/{id}", "show", name="user", location="app/users.py:12")
    router.add_route("GET", "/v/{n:int}-{m:int}", "versions", name="versions")
    hosts = HostRouter()
    hosts.add("{tenant}.example.com", "tenants", location="app/hosts.py:3")
    attempts = {
        "conflict": lambda: router.add_route("GET", "/users/{name}", "admin", location="app/admin.py:40"),
        "duplicate": lambda: router.add_route("GET", "/users/{id}", "admin", location="app/admin.py:40"),
        "duplicate without places": lambda: router.add_route("GET", "/v/{n:int}-{m:int}", "again"),
        "conflict of hosts": lambda: hosts.add("{customer}.example.com", "x", location="app/hosts.py:9"),
        "duplicate host": lambda: hosts.add("{tenant}.example.com", "x", location="app/hosts.py:9"),
        "no leading slash": lambda: router.add_route("GET", "users", "x"),
        "open brace": lambda: router.add_route("GET", "/users/{id", "x", location="app/users.py:20"),
        "no identifier": lambda: router.add_route("GET", "/users/{user-id}", "x"),
        "name twice": lambda: router.add_route("GET", "/{id}/{id}", "x"),
        "unknown converter": lambda: router.add_route("GET", "/{id:number}", "x"),
        "no host": lambda: hosts.add("https://example.com", "x"),
        "open brace in a host": lambda: hosts.add("{tenant.example.com", "x"),
        "unknown name": lambda: router.url_path_for("nobody"),
        "missing parameter": lambda: router.url_path_for("user"),
        "superfluous parameter": lambda: router.url_path_for("user", id=1, page=2),
        "value that does not match": lambda: router.url_path_for("versions", n="x", m=1),
    }
    for name, attempt in attempts.items():
        with pytest.raises(RouterError) as caught:
            attempt()
        yield name, caught.value


def test_errors_say_what_where_and_how_to_mend_it(golden):
    texts = [f"{name}\n  {type(error).__name__}: {error}\n" for name, error in errors()]
    golden("errors.txt", "\n".join(texts))


def test_every_error_names_a_remedy():
    for name, error in errors():
        assert "\n  fix: " in str(error), name


def test_errors_survive_pickling():
    for name, error in errors():
        copy = pickle.loads(pickle.dumps(error))
        assert (type(copy), str(copy)) == (type(error), str(error)), name
