"""Jinja2 templates as responses."""

import sys

import pytest

from fasterapi.datastructures import URLPath
from fasterapi.exceptions import FasterAPIError
from fasterapi.requests import Request
from fasterapi.templating import Jinja2Templates

jinja2 = pytest.importorskip("jinja2")


class Routes:
    def url_path_for(self, name, /, **params):
        return URLPath(f"/{name}/{params['id']}")


@pytest.fixture
def templates(tmp_path):
    (tmp_path / "page.html").write_text(
        "<p>{{ name }} {{ request.url.path }} {{ url_for('item', id=1) }}{{ extra }}"
    )
    return Jinja2Templates(tmp_path, context_processors=[lambda request: {"extra": "!"}])


@pytest.fixture
def request_(http_scope):
    return Request(http_scope(path="/x", router=Routes()))


def test_a_template_is_rendered_and_escaped(call, templates, request_):
    context = {"name": "<Ada>"}
    response = templates.TemplateResponse(
        request_, "page.html", context, status_code=201, headers={"x-a": "1"}
    )
    answer = call(response)
    assert answer.body == b"<p>&lt;Ada&gt; /x http://testserver/item/1!"
    assert (answer.status, answer.header("x-a"), answer.header("content-type")) == (
        201,
        "1",
        "text/html; charset=utf-8",
    )
    assert context == {"name": "<Ada>"}
    assert (response.template.name, response.context["request"]) == ("page.html", request_)


def test_test_clients_see_template_and_context(call, templates, request_):
    response = templates.TemplateResponse(request_, "page.html")
    answer = call(response, extensions={"http.response.debug": {}})
    assert answer.messages[0]["type"] == "http.response.debug"
    assert answer.messages[0]["info"] == {"template": response.template, "context": response.context}


def test_an_environment_of_ones_own(request_):
    env = jinja2.Environment(loader=jinja2.DictLoader({"a": "{{ url_for() }}"}))
    env.globals["url_for"] = lambda: "mine"
    templates = Jinja2Templates(env=env)
    assert templates.env is env
    assert templates.TemplateResponse(request_, "a").body == b"mine"


def test_several_directories(tmp_path, request_):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.html").write_text(name)
    templates = Jinja2Templates([tmp_path / "a", tmp_path / "b"])
    assert templates.TemplateResponse(request_, "b.html").body == b"b"


@pytest.mark.parametrize("arguments", [{}, {"directory": ".", "env": jinja2.Environment()}])
def test_either_a_directory_or_an_environment(arguments):
    with pytest.raises(FasterAPIError, match="either directory= or env="):
        Jinja2Templates(**arguments)


def test_a_missing_jinja2_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(FasterAPIError, match='pip install "fasterapi'):
        Jinja2Templates(".")
