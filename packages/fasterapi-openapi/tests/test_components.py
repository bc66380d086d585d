"""Which classes are split into what is received and what is sent."""

import decimal
from typing import Any

import pytest
from msgspec import UNSET, Struct, UnsetType

import fasterapi_openapi as oa

JSON = "application/json"


class Price(Struct):
    amount: decimal.Decimal


class Order(Struct):
    price: Price | None
    orders: "list[Order]" = []


class Note(Struct):
    text: str
    pinned: bool = False


class Sparse(Struct, omit_defaults=True):
    text: str = ""


class Maybe(Struct):
    text: str | UnsetType = UNSET


@pytest.fixture
def names(build: Any) -> Any:
    """Types received and types sent → names of the components, and the components."""

    def run(received: list[Any], sent: list[Any], **info: Any) -> dict[str, Any]:
        operations = [
            oa.OperationSpec(method="POST", path=f"/in{i}", body=oa.BodySpec(content={JSON: oa.MediaSpec(type=t)}))
            for i, t in enumerate(received)
        ] + [
            oa.OperationSpec(method="GET", path=f"/out{i}", responses={200: oa.ResponseSpec(content={JSON: oa.MediaSpec(type=t)})})
            for i, t in enumerate(sent)
        ]  # fmt: skip
        return build(*operations, info=info)["components"]["schemas"]

    return run


@pytest.mark.parametrize(
    ("received", "sent", "expected"),
    [
        # the same either way: one schema
        ([Note], [Note], ["Note"]),
        # a Decimal differs, and so does what holds it
        ([Price], [Price], ["Price-Input", "Price-Output"]),
        ([Order], [Order], ["Order-Input", "Order-Output", "Price-Input", "Price-Output"]),
        ([Order], [Price], ["Order", "Price-Input", "Price-Output"]),
        # used in one direction only: no suffix
        ([Order], [], ["Order", "Price"]),
        ([], [Order, list[Price]], ["Order", "Price"]),
    ],
)
def test_a_class_is_split_only_if_both_variants_are_used_and_differ(
    names: Any, received: list[Any], sent: list[Any], expected: list[str]
) -> None:
    assert list(names(received, sent)) == expected


def test_each_variant_refers_to_its_own_kind(names: Any) -> None:
    components = names([Order], [Order])
    for variant in ("Input", "Output"):
        price = components[f"Order-{variant}"]["properties"]["price"]
        assert price["anyOf"][0]["$ref"].endswith(f"Price-{variant}")
    assert components["Price-Input"]["properties"]["amount"]["anyOf"] == [
        {"type": "number"},
        {"type": "string"},
    ]
    assert components["Price-Output"]["properties"]["amount"]["type"] == "string"


def test_one_schema_for_both_on_request_is_what_is_received(names: Any) -> None:
    components = names([Order], [Order], separate_input_output_schemas=False)
    assert list(components) == ["Order", "Price"]
    assert "anyOf" in components["Price"]["properties"]["amount"]


def test_defaults_may_be_promised_in_what_is_sent(names: Any) -> None:
    components = names([Note], [Note], output_defaults_required=True)
    assert components["Note-Input"]["required"] == ["text"]
    assert components["Note-Output"]["required"] == ["text", "pinned"]


@pytest.mark.parametrize("cls", [Sparse, Maybe])
def test_what_msgspec_may_leave_out_is_never_promised(names: Any, cls: Any) -> None:
    assert list(names([cls], [cls], output_defaults_required=True)) == [cls.__name__]


def test_names_do_not_depend_on_the_order_of_operations(names: Any) -> None:
    assert names([Order, Note], [Price]) == names([Note, Order], [Price])
