"""Template text → segments, names, shape, place in the order; and what is no template."""

import itertools
import random

import pytest

from fasterapi_router import Converter, InvalidTemplate
from fasterapi_router.converter import BUILT_IN
from fasterapi_router.template import TemplateParser, order_key, shape_of


@pytest.fixture
def parse():
    return TemplateParser(BUILT_IN | {"digits": Converter("[0-9]+"), "word": Converter("[a-z]+")}).parse


@pytest.mark.parametrize(
    ("template", "names", "tail"),
    [
        ("/", (), -1),
        ("/users/me", (), -1),
        ("/users/{id}", ("id",), -1),
        ("/{a}/{b:int}/{c:path}", ("a", "b", "c"), 3),
        ("/{name}.{ext}", ("name", "ext"), -1),
        ("/x/{p:path}/y/{q:path}", ("p", "q"), 2),
        ("/{{id}}", (), -1),
        ("/{{{id}}}", ("id",), -1),
        ("/{größe}/{_}", ("größe", "_"), -1),
        ("/{class}", ("class",), -1),
    ],
)
def test_names_come_in_order(parse, template, names, tail):
    read = parse(template)
    assert (read.text, read.names, read.tail) == (template, names, tail)
    assert tuple(field.name for field in read.fields) == names


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("", "begins with a slash"),
        ("users", "begins with a slash"),
        ("{rest:path}", "begins with a slash"),
        ("/{", "has no partner"),
        ("/}", "has no partner"),
        ("/{id", "has no partner"),
        ("/id}", "has no partner"),
        ("/{a{b}}", "has no partner"),
        ("/{a/b}", "has no partner"),
        ("/{}", "'' is no name"),
        ("/{:int}", "'' is no name"),
        ("/{1}", "'1' is no name"),
        ("/{a-b}", "'a-b' is no name"),
        ("/{a b}", "'a b' is no name"),
        ("/{ a}", "' a' is no name"),
        ("/{a}/{a}", "'a' occurs twice"),
        ("/{a}.{a}", "'a' occurs twice"),
        ("/{a:number}", "no converter 'number'"),
        ("/{a:}", "no converter ''"),
        ("/{a:int:int}", "no converter 'int:int'"),
    ],
)
def test_what_is_no_template_is_refused_with_reason_and_remedy(parse, template, reason):
    with pytest.raises(InvalidTemplate) as caught:
        parse(template)
    assert reason in caught.value.reason
    assert caught.value.template == template
    assert caught.value.fix


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("/{a}", "/{b}", True),
        ("/{a}", "/{b:str}", True),
        ("/{a:int}", "/{a:digits}", True),  # other names for the same pattern
        ("/{a:int}", "/{a:word}", False),
        ("/{a:int}", "/{a}", False),
        ("/{a}", "/{a}/", False),
        ("/{a}.{b}", "/{x}.{y}", True),
        ("/{a}.{b}", "/{a}-{b}", False),
        ("/{{a}}", "/{a}", False),
        ("/{{}}", "/{a}", False),
        ("/{a:path}", "/{a}", False),
        ("/A", "/a", False),
    ],
)
def test_templates_have_one_shape_if_they_match_the_same_paths(parse, one, other, equal):
    assert (parse(one).shape == parse(other).shape) is equal
    if not equal:
        assert order_key(parse(one)) != order_key(parse(other))


ORDERED = [
    "/a",
    "/a/",
    "/a/x",
    "/a/x/y",
    "/a/x{id}",
    "/a/{id}.json",
    "/a/{id}.{ext:word}",
    "/a/{id}-{n}",
    "/a/{id}.{ext}",
    "/a/{id:uuid}",
    "/a/{id:int}",
    "/a/{id:float}",
    "/a/{id:word}",
    "/a/{id}",
    "/a/{id}/x",
    "/a/{id}/{x}",
    "/a/{p:path}/edit",
    "/a/{p:path}.{ext:word}",
    "/a/{p:path}.{ext}",
    "/a/{p:path}",
    "/ab{x}",
    "/ab{p:path}",
    "/a{x}",
    "/a{p:path}",
    "/{x}/a",
    "/{x}/{y}",
    "/{x}/{p:path}",
    "/{p:path}",
]


def test_the_more_specific_template_comes_first(parse):
    shuffled = random.Random(1).sample(ORDERED, len(ORDERED))
    assert sorted(shuffled, key=lambda template: order_key(parse(template))) == ORDERED


def test_any_two_templates_can_be_compared(parse):
    for one, other in itertools.combinations(ORDERED, 2):
        assert order_key(parse(one)) < order_key(parse(other))


def test_tokens_of_a_tail_join_literals_across_slashes(parse):
    template = parse("/r/{p:path}/raw/x/{q}.{e}/end")
    tokens = template.tokens_from(2)
    assert [token if isinstance(token, str) else token.name for token in tokens] == [
        "p",
        "/raw/x/",
        "q",
        ".",
        "e",
        "/end",
    ]
    assert shape_of(tokens) == "{*'.*'}/raw/x/{}.{}/end"


def test_a_segment_is_read_once(parse):
    assert parse("/a/{id}").segments[2] is parse("/b/{id}").segments[2]
