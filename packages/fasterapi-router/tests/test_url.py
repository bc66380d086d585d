"""Names and parameters → percent-encoded paths, or an error that says what is wrong."""

from urllib.parse import unquote

import pytest

from fasterapi_router import InvalidParameter, NoSuchRoute, RadixRouter


def path_for(template, **params):
    router = RadixRouter()
    router.add_route("GET", template, "handler", name="route")
    path = router.url_path_for("route", **params)
    assert router.resolve("GET", unquote(path)) == (
        "handler",
        {name: str(value) for name, value in params.items()},
        None,
    )
    return path


@pytest.mark.parametrize(
    ("template", "params", "path"),
    [
        ("/", {}, "/"),
        ("/users/{id}", {"id": "7"}, "/users/7"),
        ("/users/{id:int}", {"id": 7}, "/users/7"),
        ("/{x}", {"x": "a b"}, "/a%20b"),
        ("/{x}", {"x": "100%"}, "/100%25"),
        ("/{x}", {"x": "a?b#c"}, "/a%3Fb%23c"),
        ("/{x}", {"x": "a;b=c,d:e@f!$&'()*+"}, "/a;b=c,d:e@f!$&'()*+"),
        ("/{x}", {"x": "ü/".removesuffix("/")}, "/%C3%BC"),
        ("/{x}", {"x": "\x00\n"}, "/%00%0A"),
        ("/{x}", {"x": "%2F"}, "/%252F"),
        ("/f/{rest:path}", {"rest": "a b/c%"}, "/f/a%20b/c%25"),
        ("/f/{rest:path}", {"rest": ""}, "/f/"),
        ("/ü b/{x}", {"x": "y"}, "/%C3%BC%20b/y"),
        ("/{name}.{ext}", {"name": "a.b", "ext": "c"}, "/a.b.c"),
        ("/{{{x}}}", {"x": "y"}, "/%7By%7D"),
    ],
)
def test_paths_are_encoded_so_that_they_lead_back(template, params, path):
    assert path_for(template, **params) == path


@pytest.mark.parametrize(
    ("template", "params", "reason"),
    [
        ("/{x}", {"x": ""}, "must match"),
        ("/{x}", {"x": "a/b"}, "must match"),
        ("/{x:int}", {"x": "seven"}, "must match [0-9]+"),
        ("/{x:int}", {"x": -1}, "must match [0-9]+"),
        ("/{x:float}", {"x": float("nan")}, "must match"),
        ("/{x:float}", {"x": "many"}, "can't be written"),
        ("/{x:float}", {"x": None}, "can't be written"),
        ("/{x}", {"x": "\ud800"}, "has no UTF-8 form"),
        ("/{a}-{b}", {"a": "1", "b": "2-3"}, "would come back as '1-2'"),
        ("/{p:path}/x/{q:path}", {"p": "1", "q": "2/x/3"}, "would come back as '1/x/2'"),
    ],
)
def test_a_value_that_would_not_come_back_is_refused(template, params, reason):
    with pytest.raises(InvalidParameter) as caught:
        path_for(template, **params)
    assert caught.value.reason.startswith(reason)
    assert caught.value.template == template


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({}, "missing id, post"),
        ({"id": 1}, "missing post"),
        ({"id": 1, "post": 2, "page": 3}, "superfluous page"),
        ({"uid": 1, "post": 2}, "missing id; superfluous uid"),
    ],
)
def test_the_error_lists_what_is_missing_and_what_is_superfluous(params, text):
    router = RadixRouter()
    router.add_route("GET", "/users/{id}/posts/{post}", "handler", name="post")
    with pytest.raises(NoSuchRoute) as caught:
        router.url_path_for("post", **params)
    assert f"/users/{{id}}/posts/{{post}}: {text}\n" in str(caught.value)
    assert caught.value.name == "post"


def test_an_unknown_name_is_said_to_be_unknown():
    with pytest.raises(NoSuchRoute, match="no route is named 'nobody'"):
        RadixRouter().url_path_for("nobody", id=1)
