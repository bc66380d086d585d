"""What is written by value is rebuilt equal, and what cannot be is refused."""

import abc
import collections
import dataclasses
import enum
import functools
import io
import logging
import re
import sys
import threading
import types
import typing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fasterapi_concurrency import remote
from fasterapi_concurrency.definitions import DefinitionPickler, goes_by_name, token_of

LIMIT = 4
T = typing.TypeVar("T")
LOGGER = logging.getLogger("sent by name")
PATTERN = re.compile("a+")
LATER: list = []


@pytest.fixture
def rebuild():
    """Write a value with all definitions, and read it as a worker that knows none of them."""

    def rebuild(value, knows=lambda token: False, **options):
        saved = remote.classes.copy(), remote.tokens.copy(), remote._filled.copy()
        for store in (remote.classes, remote.tokens, remote._filled):
            store.clear()
        try:
            file = io.BytesIO()
            pickler = DefinitionPickler(file, knows, **({"by_name": False} | options))
            pickler.dump(value)
            return remote.loads(file.getvalue())
        finally:
            for store, before in zip((remote.classes, remote.tokens, remote._filled), saved, strict=True):
                store.update(before)

    return rebuild


class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self): ...

    @classmethod
    def unit(cls):
        return cls(1)

    @staticmethod
    def sides():
        return LIMIT


class Square(Shape):
    __slots__ = ("side",)

    def __init__(self, side):
        self.side = side

    def area(self):
        return self.side**2

    @property
    def twice(self):
        return Square(2 * self.side)

    def __eq__(self, other):
        return isinstance(other, __class__) and self.side == other.side


class Lazy:
    @functools.cached_property
    def value(self):
        return LIMIT + 1


class Box(typing.Generic[T]):
    def __init__(self, content: T):
        self.content = content


@dataclasses.dataclass(frozen=True, slots=True)
class Frozen:
    a: int
    b: list = dataclasses.field(default_factory=list, metadata={"unit": "kg"})
    c: int = dataclasses.field(default=3, repr=False)


class Planet(enum.Enum):
    EARTH = (5.9, 6.3)
    MARS = (0.6, 3.3)

    def __init__(self, mass, radius):
        self.mass = mass
        self.radius = radius

    @property
    def heavier(self):
        return max(Planet, key=lambda planet: planet.mass)


class Flags(enum.Flag):
    A = enum.auto()
    B = enum.auto()
    BOTH = A | B


class Odd(enum.Enum):
    ONE = 1

    def __new__(cls, value):
        made = object.__new__(cls)
        made._value_ = value * 10
        return made


class Row(typing.NamedTuple):
    x: int
    y: int = 2


class Meta(type):
    def __call__(cls, *args):
        made = super().__call__(*args)
        made.marked = True
        return made


class Marked(metaclass=Meta):
    pass


class Movie(typing.TypedDict):
    name: str


def uses_everything():
    later = LATER  # noqa: F841 - captured
    return (
        Square.unit().twice.area(),
        Square.sides(),
        Lazy().value,
        Box(1).content,
        Frozen(1, [2]),
        dataclasses.fields(Frozen)[1].metadata["unit"],
        Planet.MARS.heavier.name,
        (Flags.A | Flags.B) is Flags.BOTH,
        Row(1)._asdict(),
        Marked().marked,
        Movie(name="x"),
        PATTERN.findall("aab"),
        LOGGER.name,
    )


def grow_global():
    global LIMIT
    LIMIT += 1
    return read_global()


def read_global():
    return LIMIT


def outer():
    def fact(n):
        return 1 if n < 2 else n * fact(n - 1)

    return fact


def with_unassigned():
    def inner():
        return missing

    if LIMIT < 0:
        missing = 1
    return inner


def test_functions_with_all_kinds_of_classes(rebuild):
    found, expected = rebuild(uses_everything)(), uses_everything()
    assert repr(found) == repr(expected)


def test_an_abstract_class_stays_abstract(rebuild):
    with pytest.raises(TypeError, match="abstract"):
        rebuild(lambda: Shape())()


def test_functions_of_one_module_share_their_globals_and_ours_are_untouched(rebuild):
    assert rebuild(grow_global)() == 5
    assert LIMIT == 4


def test_recursion_through_a_closure(rebuild):
    assert rebuild(outer())(5) == 120


def test_an_unassigned_closure_variable_stays_so(rebuild):
    with pytest.raises(NameError):
        rebuild(with_unassigned())()


def test_names_attributes_and_documentation_arrive(rebuild):
    def documented():
        """Says what it does."""

    documented.note = 1
    made = rebuild(documented)
    assert (made.__name__, made.__doc__, made.note) == ("documented", "Says what it does.", 1)
    assert (made.__qualname__, made.__module__) == (documented.__qualname__, __name__)


def test_identity_is_kept_inside_one_message(rebuild):
    first, second, instance = rebuild((Square, Square, Square(3)))
    assert first is second is type(instance)


def test_known_classes_go_by_their_token(rebuild):
    with pytest.raises(remote.DefinitionMissing):
        rebuild(Square(3), knows=lambda token: token == token_of(Square))


def test_standard_library_goes_by_name(rebuild):
    for value in (
        collections.OrderedDict,
        json_like := {"a": [1]},
        len,
        "x".upper,
        types.MappingProxyType({1: 2}),
    ):
        assert rebuild(value) in (value, json_like) or callable(rebuild(value))
    assert rebuild(sys) is sys
    assert rebuild(functools.partial)(max, 1)(2) == 2


def broken_metaclass_class():
    library = types.ModuleType("library_with_metaclass")
    library.__file__ = "/x/site-packages/library_with_metaclass.py"
    sys.modules["library_with_metaclass"] = library
    meta = type("LibraryMeta", (type,), {"__module__": "library_with_metaclass"})
    library.LibraryMeta = meta
    return meta("Model", (), {"__module__": __name__, "__qualname__": "Model"})


def test_classes_that_only_a_librarys_metaclass_can_make(rebuild, monkeypatch):
    model = broken_metaclass_class()
    monkeypatch.setitem(globals(), "Model", model)
    with pytest.raises(Exception, match="can only be made by library_with_metaclass.LibraryMeta"):
        rebuild(model)
    monkeypatch.setitem(sys.modules, __name__, types.SimpleNamespace(Model=model))
    assert rebuild(model, by_name=True) is model
    model.__module__ = "__main__"
    with pytest.raises(Exception, match="can only be made by"):
        rebuild(model, by_name=True)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (threading.Lock(), "cannot pickle"),
        (Odd, "in its own __new__"),
        (types.ModuleType("users_module"), "only its attributes can be sent"),
    ],
)
def test_what_cannot_be_sent_is_refused(rebuild, value, text):
    with pytest.raises(Exception, match=text):
        rebuild(value)


def test_an_object_known_by_its_name_in_a_users_module_is_refused(rebuild):
    class ByName:
        def __reduce__(self):
            return "SINGLETON"

    with pytest.raises(Exception, match="is known by its name only"):
        rebuild(ByName())


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("json.decoder", True),
        ("builtins", True),
        ("fasterapi_concurrency.remote", True),
        ("pytest", True),  # installed
        ("__main__", False),
        ("not_there_at_all", False),
        (__name__, False),
    ],
)
def test_which_modules_workers_import(module, expected):
    assert goes_by_name(module) is expected


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
    max_leaves=10,
)


@given(plain)
def test_plain_data_arrives_equal(value):
    file = io.BytesIO()
    DefinitionPickler(file, lambda token: False, by_name=False).dump((value, Frozen(1, value)))
    copy, _ = remote.loads(file.getvalue())
    assert copy == value
    assert type(copy) is type(value)
