"""The build of a single-page application below the routes."""

import pytest

from fasterapi.exceptions import FasterAPIError, HTTPException
from fasterapi.frontend import (
    Frontend,
    is_navigation,
    match_frontend,
    normalize_frontend_path,
    resolve_check_dir,
)

PAGE = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def build(tmp_path):
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "docs").mkdir()
    (dist / "index.html").write_text("<p>app")
    (dist / "assets" / "a.js").write_text("js")
    (dist / "docs" / "index.html").write_text("<p>docs")
    return dist


def get(call, frontend, path, method="GET", headers=PAGE):
    try:
        answer = call(frontend, method, path, headers=headers)
    except HTTPException as error:
        return error.status_code, error.headers
    return answer.status, answer.body


@pytest.mark.parametrize(
    ("path", "method", "headers", "expected"),
    [
        ("/", "GET", PAGE, (200, b"<p>app")),
        ("/assets/a.js", "GET", {}, (200, b"js")),
        ("/docs/", "GET", {}, (200, b"<p>docs")),
        ("/docs", "GET", {}, (307, b"")),
        ("/users/1", "GET", PAGE, (200, b"<p>app")),
        ("/users/1", "HEAD", PAGE, (200, b"")),
        ("/users/1", "GET", {"accept": "application/json"}, (404, None)),
        ("/users/1", "GET", {}, (404, None)),
        ("/users/1", "POST", PAGE, (404, None)),
        ("/assets/a.js", "POST", {}, (405, {"Allow": "GET, HEAD"})),
        ("/assets", "GET", {}, (404, None)),
        ("/../secret", "GET", {}, (404, None)),
    ],
)
def test_files_then_the_page_for_navigation(call, build, path, method, headers, expected):
    (build.parent / "secret").touch()
    assert get(call, Frontend("/", directory=build, check_dir=True), path, method, headers) == expected


@pytest.mark.parametrize(
    ("fallback", "has_404", "expected"),
    [
        ("auto", False, (200, b"<p>app")),
        ("auto", True, (404, b"<p>404")),
        ("index.html", True, (200, b"<p>app")),
        ("404.html", True, (404, b"<p>404")),
        (None, True, (404, None)),
    ],
)
def test_fallbacks(call, build, fallback, has_404, expected):
    if has_404:
        (build / "404.html").write_text("<p>404")
    frontend = Frontend("/", directory=build, fallback=fallback, check_dir=True)
    assert get(call, frontend, "/missing") == expected


def test_a_fallback_that_vanished_is_an_error(call, build):
    (build / "404.html").write_text("<p>404")
    frontend = Frontend("/", directory=build, fallback="404.html", check_dir=True)
    (build / "404.html").unlink()
    with pytest.raises(FasterAPIError, match="Frontend fallback file '404.html' does not exist"):
        call(frontend, "GET", "/missing")


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"fallback": "other.html"}, "fallback must be"),
        ({"fallback": "404.html"}, "Frontend fallback file '404.html' does not exist"),
        ({"directory": "nowhere"}, "Frontend directory 'nowhere' does not exist. Resolved absolute path"),
        ({"path": "app"}, "must start with '/'"),
        ({"path": ""}, "must start with '/'"),
    ],
)
def test_mistakes_are_found_when_it_is_made(build, options, error):
    path = options.pop("path", "/")
    with pytest.raises(FasterAPIError, match=error):
        Frontend(path, **{"directory": build, "check_dir": True, **options})


def test_below_a_path(call, build):
    frontend = Frontend("/app/", directory=build, check_dir=True)
    assert (frontend.path, frontend.specificity) == ("/app", 4)
    assert Frontend("/", directory=build, check_dir=True).specificity == 0
    assert get(call, frontend, "/app") == (307, b"")
    assert get(call, frontend, "/app/assets/a.js") == (200, b"js")
    assert get(call, frontend, "/other") == (404, None)


@pytest.mark.parametrize(
    ("prefix", "path", "rest"),
    [
        ("/", "/", ""),
        ("/", "/a/b", "a/b"),
        ("/app", "/app", ""),
        ("/app", "/app/a", "a"),
        ("/app", "/apple", None),
        ("/app", "/", None),
    ],
)
def test_matching(prefix, path, rest):
    assert match_frontend(prefix, path) == rest


def test_paths_lose_their_last_slashes():
    assert [normalize_frontend_path(path) for path in ("/", "//", "/a/", "/a/b")] == ["/", "/", "/a", "/a/b"]


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("text/html", True),
        ("application/xhtml+xml;q=0.9", True),
        ("application/json, Text/HTML ; q=0.1", True),
        ("text/html;q=0", False),
        ("text/html; q=0.000", False),
        ("text/html;q=", True),
        ("*/*", False),
        ("text/*", False),
        ("", False),
    ],
)
def test_navigation_accepts_html(http_scope, accept, expected):
    assert is_navigation(http_scope(headers={"accept": accept})) is expected


def test_the_directory_may_come_later_while_developing(tmp_path, monkeypatch):
    monkeypatch.delenv("FASTERAPI_ENV", raising=False)
    assert resolve_check_dir(tmp_path, check_dir=False) is False
    assert resolve_check_dir(tmp_path, check_dir="auto") is True
    monkeypatch.setenv("FASTERAPI_ENV", "development")
    assert resolve_check_dir(tmp_path, check_dir="auto") is False
    with pytest.warns(UserWarning, match="does not exist"):
        assert resolve_check_dir(tmp_path / "nowhere", check_dir="auto") is False
