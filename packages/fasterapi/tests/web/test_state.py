"""Free-form state, secrets, settings and defaults."""

import copy
import pickle

import pytest

from fasterapi.datastructures import CommaSeparatedStrings, Default, DefaultPlaceholder, Secret, State


def test_state_shares_the_dict_that_it_is_given():
    shared = {"a": 1}
    state = State(shared)
    state.b = 2
    state["c"] = 3
    del state.a
    del state["b"]
    assert shared == {"c": 3}
    assert (state.c, state["c"], len(state), list(state), "c" in state) == (3, 3, 1, ["c"], True)


def test_absent_state_is_an_attribute_error():
    state = State()
    for look in (lambda: state.missing, lambda: delattr(state, "missing")):
        with pytest.raises(AttributeError, match="'State' object has no attribute 'missing'"):
            look()
    with pytest.raises(KeyError):
        state["missing"]
    assert not hasattr(state, "missing")


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda state: pickle.loads(pickle.dumps(state))])
def test_state_can_be_copied_and_pickled(again):
    assert again(State({"a": 1})).a == 1


def test_a_secret_is_shown_to_nobody_but_str():
    assert repr(Secret("swordfish")) == "Secret('**********')"
    assert str(Secret("swordfish")) == "swordfish"
    assert not Secret("")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a, b", ["a", "b"]),
        ('a,"b,c"', ["a", "b,c"]),
        ("", []),
        (["a", "b"], ["a", "b"]),
    ],
)
def test_comma_separated_strings(value, expected):
    strings = CommaSeparatedStrings(value)
    assert list(strings) == expected
    assert len(strings) == len(expected)
    assert strings[:1] == expected[:1]


def test_comma_separated_strings_show_their_items():
    strings = CommaSeparatedStrings("a,b")
    assert strings[0] == "a"
    assert repr(strings) == "CommaSeparatedStrings(['a', 'b'])"
    assert str(strings) == "'a', 'b'"


def test_a_default_is_told_from_the_same_value():
    default = Default("x")
    assert isinstance(default, DefaultPlaceholder)
    assert default == Default("x")
    assert default != "x"
    assert hash(default) == hash(Default("x"))
    assert (bool(default), bool(Default(None)), repr(default)) == (True, False, "Default('x')")
