"""The slow pass and the decoder say the same of every body: 100,000 cases in CI, from one seed.

Many thousand classes slow down whatever else runs in their process, so `nox -s tests` gives this file one of its own.

FASTERAPI_EXAMPLES sets the number of cases (1,000,000 once in a while), FASTERAPI_SEED where they begin. A type is
built once, lax and strict, and gets many bodies. A failure prints its seed and a type and body made small.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from decimal import Decimal
from random import Random
from types import ModuleType
from typing import Any

import msgspec
import pytest

from fasterapi.validation import Adapter
from fasterapi.validation.build import forget_models
from fasterapi.validation.unions import UnionNode
from fasterapi.validation.walk import INVALID, Source, Walk, reachable

EXAMPLES = int(os.environ.get("FASTERAPI_EXAMPLES", "400"))
FIRST_SEED = int(os.environ.get("FASTERAPI_SEED", "0"))
BODIES_PER_TYPE = 40
MOST_ECHOED = 1_000_000  # bytes: at most 100 errors with 1,000 values of a request
MODES = 2  # lax, strict


class Rule:
    """One type's adapter, and what must hold for every body."""

    def __init__(self, type_: Any, *, strict: bool) -> None:
        self.adapter = Adapter(type_, strict=strict)
        node = self.adapter.node
        unions = [inner for inner in reachable(node) if isinstance(inner, UnionNode)]
        limited = any(getattr(member, "checks", ()) for union in unions for member in union.members)
        checked = any(hasattr(getattr(inner, "class_", None), "__post_init__") for inner in reachable(node))
        self.is_explained = node.native and not limited and not checked and not any(map(mixes_texts, unions))

    def broken(self, body: bytes) -> str:
        """What does not hold for this body; empty if everything does."""
        adapter = self.adapter
        try:
            decoded = adapter.decode(body)
            accepted = True
        except (ValueError, RecursionError):
            decoded, accepted = None, False
        errors = adapter.json_errors(body)
        if accepted is bool(errors):
            return f"accepted={accepted}, but errors={errors}"
        if len(msgspec.json.encode(errors)) > MOST_ECHOED:
            return "too much is sent back"
        if not accepted and adapter.explain(body) != adapter.json_errors(body, ("body",)):
            return f"json_errors={errors}, but explain={adapter.explain(body)}"
        try:
            value = msgspec.json.decode(body)
        except (ValueError, RecursionError):
            return ""
        if errors and errors[0]["type"] == "recursion_loop":
            return ""  # how deep one may go depends on who is asked
        if adapter.errors(value) != errors and not repeats_names(body):
            return f"json_errors={errors}, but errors={adapter.errors(value)}"
        if accepted and not repeats_names(body):
            walked = adapter.node.validate(value, (), Walk(Source.JSON))
            if walked is INVALID or differ(walked, decoded):
                return f"decoded as {decoded!r}, but walked to {walked!r}"
        if not accepted and self.is_explained:
            # Something that only msgspec's own sentence could explain is a gap in the walk.
            unexplained = [e for e in errors if e["type"] == "value_error" and e["loc"][-1] != "[key]"]
            if unexplained and not repeats_names(body):
                return f"unexplained: {unexplained}"
        return ""


def mixes_texts(union: UnionNode) -> bool:
    """Whether msgspec must choose between texts that stand for numbers and such as stand for bytes or dates."""
    shapes = [member.json_shapes for member in union.members]
    return ("text",) in shapes and not {("int",), ("float",), ("bool",)}.isdisjoint(shapes)


def repeats_names(body: bytes) -> bool:
    """Whether an object has one name twice: the decoder sees both values, whoever decodes without a type the last."""
    repeated = []

    def look(pairs: list[tuple[str, Any]]) -> None:
        repeated.extend(pairs[len(dict(pairs)) :])

    try:
        json.loads(body, object_pairs_hook=look)
    except RecursionError:
        return False
    return bool(repeated)


def differ(one: Any, two: Any) -> bool:
    """Whether they are not the same, as far as a walk through both can tell."""
    try:
        return not same(one, two)
    except RecursionError:
        return False


def same(one: Any, two: Any) -> bool:
    """Equal in classes too: 1, 1.0 and True are three values."""
    if type(one) is not type(two):
        return False
    if isinstance(one, dict):
        return one.keys() == two.keys() and all(same(one[key], two[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(two) and all(map(same, one, two))
    if isinstance(one, set | frozenset):
        return len(one) == len(two) and all(any(same(item, other) for other in two) for item in one)
    if isinstance(one, msgspec.Struct):
        return all(same(getattr(one, name), getattr(two, name)) for name in one.__struct_fields__)
    if is_dataclass(one):
        return all(same(getattr(one, item.name), getattr(two, item.name)) for item in fields(one))
    if isinstance(one, msgspec.Raw):
        return msgspec.json.decode(one) == msgspec.json.decode(two)
    if isinstance(one, Decimal):
        return float(one) == float(two)  # decoded without a type, a number is a float
    return one == two or repr(one) == repr(two)  # NaN


def types(shapes: ModuleType, amount: int) -> Iterator[tuple[int, Random, Any]]:
    """Seeds, each with its generator and its type."""
    for seed in range(FIRST_SEED, FIRST_SEED + amount):
        random = Random(seed)
        yield seed, random, shapes.shape(random)
        if seed % 100 == 99:
            forget_models()


@pytest.mark.timeout(0)  # as long as FASTERAPI_EXAMPLES asks for
def test_decoder_rejects_exactly_what_has_errors(shapes: ModuleType) -> None:
    for seed, random, shape in types(shapes, EXAMPLES // (BODIES_PER_TYPE * MODES)):
        rules = [Rule(shape.type, strict=strict) for strict in (False, True)]
        for body in shapes.bodies(random, shape, BODIES_PER_TYPE):
            for rule in rules:
                if problem := rule.broken(body):
                    report(shapes, seed, shape, rule.adapter.strict, body, problem)


def report(shapes: ModuleType, seed: int, shape: Any, strict: bool, body: bytes, problem: str) -> None:
    def fails(type_: Any, body: bytes) -> bool:
        try:
            return bool(Rule(type_, strict=strict).broken(body))
        except RecursionError:  # too deep to be looked at by this test
            return False

    type_, small = shapes.shrink(shape, body, fails)
    found = problem if small == body else Rule(type_, strict=strict).broken(small)
    kinds = [(item.name, item.type) for item in msgspec.structs.fields(type_)] if _is_struct(type_) else ""
    pytest.fail(
        f"seed={seed} strict={strict}\ntype={type_!r} {kinds}\nbody={small!r}\n{found}\nfirst seen: {shape.type!r} {body[:2000]!r}"
    )


def _is_struct(type_: Any) -> bool:
    return isinstance(type_, msgspec.StructMeta)
