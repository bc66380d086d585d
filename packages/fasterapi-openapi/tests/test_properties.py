"""What holds for every type and every set of operations."""

import datetime
import decimal
import enum
import random
import uuid
from typing import Annotated, Any, Generic, Literal, TypeVar

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Meta

import fasterapi_openapi as oa

T = TypeVar("T")
JSON = "application/json"


class Color(enum.Enum):
    RED = "red"


class Leaf(msgspec.Struct):
    amount: decimal.Decimal
    when: datetime.datetime | None = None


class Tree(msgspec.Struct, tag=True):
    children: "list[Tree]" = []
    leaf: Leaf | None = None


class Bush(msgspec.Struct, tag=True):
    color: Color = Color.RED


class Page(msgspec.Struct, Generic[T]):
    items: list[T]


SAME_NAME = [msgspec.defstruct("Leaf", [("x", int)], module=f"garden.m{i}") for i in range(3)]
SIMPLE = [int, str, float, bool, None, Any, bytes, uuid.UUID, datetime.date, decimal.Decimal, Color, Leaf, Tree, Bush,
          Literal["a"], Literal["a", 1], Annotated[int, Meta(gt=1)], Annotated[str, Meta(min_length=1)],
          *SAME_NAME]  # fmt: skip
types = st.recursive(
    st.sampled_from(SIMPLE),
    lambda inner: st.one_of(
        inner.map(lambda t: list[t]),
        inner.map(lambda t: dict[str, t]),
        inner.map(lambda t: Page[t]),
        inner.map(lambda t: t | None if t is not None else None),
        st.tuples(inner, inner).map(lambda pair: tuple[pair]),
    ),
    max_leaves=4,
)
operations = st.lists(st.tuples(types, types), min_size=1, max_size=6)


def document_of(pairs: list[tuple[Any, Any]], order: list[int] | None = None, **info: Any) -> dict[str, Any]:
    specs = [
        oa.OperationSpec(
            method="POST",
            path=f"/{index}/{{id}}",
            operation_id=f"operation_{index}",
            parameters=[oa.ParameterSpec(name="id", location="path", type=int)],
            body=oa.BodySpec(content={JSON: oa.MediaSpec(type=received)}),
            responses={200: oa.ResponseSpec(content={JSON: oa.MediaSpec(type=sent)})},
            validation_error=True,
        )
        for index, (received, sent) in enumerate(pairs)
    ]
    chosen = [specs[index] for index in order] if order is not None else specs
    return oa.to_builtins(oa.build_document(oa.DocumentSpec(title="T", version="1", **info), chosen))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(operations, st.booleans(), st.booleans())
def test_every_document_is_sound(build: Any, pairs: Any, separate: bool, promised: bool) -> None:
    build(  # checks that references resolve and names are legal
        *(
            oa.OperationSpec(
                method="POST",
                path=f"/{index}",
                body=oa.BodySpec(content={JSON: oa.MediaSpec(type=received)}),
                responses={200: oa.ResponseSpec(content={JSON: oa.MediaSpec(type=sent)})},
            )
            for index, (received, sent) in enumerate(pairs)
        ),
        info={"separate_input_output_schemas": separate, "output_defaults_required": promised},
    )


@settings(max_examples=40, deadline=None)
@given(operations, st.randoms(use_true_random=False))
def test_the_order_of_operations_changes_no_name_and_no_schema(pairs: Any, shuffler: random.Random) -> None:
    order = list(range(len(pairs)))
    shuffler.shuffle(order)
    assert document_of(pairs, order) == document_of(pairs)


@settings(max_examples=25, deadline=None)
@given(operations, st.sampled_from(["3.1.0", "3.1.1", "3.2.0"]))
def test_every_document_passes_the_specifications_own_schema(pairs: Any, version: Any) -> None:
    validator = pytest.importorskip(
        "openapi_spec_validator", reason="openapi-spec-validator is not a dependency"
    )
    validator.validate(document_of(pairs, openapi_version=version))


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([t for t in SIMPLE if t is not Any] + [list[Tree], dict[str, Leaf], Page[int]]), st.data()
)
def test_what_msgspec_sends_fits_the_schema(annotation: Any, data: Any) -> None:
    """A schema of what is sent accepts what msgspec encodes."""
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema comes with openapi-spec-validator")
    value = data.draw(st.from_type(annotation) if annotation in (Color, uuid.UUID) else values_of(annotation))
    document = document_of([(int, annotation)])
    schema = document["paths"]["/0/{id}"]["post"]["responses"]["200"]["content"][JSON]["schema"]
    sent = msgspec.json.decode(msgspec.json.encode(value))
    jsonschema.Draft202012Validator({**schema, "components": document["components"]}).validate(sent)


def values_of(annotation: Any) -> st.SearchStrategy[Any]:
    leaf = st.builds(
        Leaf, amount=st.decimals(allow_nan=False, allow_infinity=False), when=st.none() | st.datetimes()
    )
    tree = st.builds(Tree, leaf=st.none() | leaf, children=st.lists(st.builds(Tree), max_size=2))
    known: dict[Any, st.SearchStrategy[Any]] = {
        Leaf: leaf, Tree: tree, Bush: st.builds(Bush), None: st.none(), int: st.integers(), bool: st.booleans(),
        float: st.floats(allow_nan=False, allow_infinity=False), str: st.text(), bytes: st.binary(),
        datetime.date: st.dates(), decimal.Decimal: st.decimals(allow_nan=False, allow_infinity=False),
        Annotated[int, Meta(gt=1)]: st.integers(min_value=2), Annotated[str, Meta(min_length=1)]: st.text(min_size=1),
        list[Tree]: st.lists(tree, max_size=2), dict[str, Leaf]: st.dictionaries(st.text(), leaf, max_size=2),
        Page[int]: st.builds(Page, items=st.lists(st.integers())),
        Literal["a"]: st.just("a"), Literal["a", 1]: st.sampled_from(["a", 1]),
    }  # fmt: skip
    if annotation in SAME_NAME:
        return st.builds(annotation, x=st.integers())
    return known[annotation]


@pytest.mark.parametrize("first", [int | str, str | int])
def test_members_of_a_union_keep_their_order_whatever_was_written_before(first: Any) -> None:
    document = document_of([(first, first), (int | str, str | int)])
    content = document["paths"]["/1/{id}"]["post"]["requestBody"]["content"][JSON]
    assert [member["type"] for member in content["schema"]["anyOf"]] == ["integer", "string"]


def test_names_of_components_that_differ_in_annotations_alone_do_not_depend_on_order() -> None:
    pairs: list[tuple[Any, Any]] = [(Page[str], None), (Page[Annotated[str, Meta(min_length=1)]], None)]
    assert document_of(pairs, [1, 0]) == document_of(pairs)
