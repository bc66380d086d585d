"""Which annotations are Pydantic's: its models, its types (`HttpUrl`), and what it puts into `Annotated`.

Knows: the shapes of Pydantic's classes. It is never imported here: whoever declares one of its types has done so, and
the class itself says whose it is. Does not know: how anything is validated.
"""

import sys
from typing import Annotated, Any, Final, get_args, get_origin

import msgspec

from fasterapi.validation.hooks import custom_type

__all__ = ["discriminated_by", "is_json_text", "is_only_models", "is_pydantic_model", "mentions_pydantic"]

# What is read here as well (`constraints`), so that such a type needs no Pydantic to be read.
_READ_HERE: Final = frozenset({"Strict", "AllowInfNan"})


def is_pydantic_model(type_: Any) -> bool:
    """Whether this is a class of Pydantic's: a BaseModel or a Pydantic dataclass."""
    return "pydantic" in sys.modules and isinstance(type_, type) and hasattr(type_, "__pydantic_validator__")


def mentions_pydantic(annotation: Any) -> bool:
    """Whether Pydantic has to read this annotation: `Model`, `list[HttpUrl]`, `Annotated[int, AfterValidator(...)]`."""
    return "pydantic" in sys.modules and _mentions(annotation, frozenset())


def _mentions(annotation: Any, around: frozenset[int]) -> bool:
    """`around` are the aliases that this is part of, which may refer to themselves."""
    if isinstance(get_origin(annotation), msgspec.StructMeta) or id(annotation) in around:
        return False
    if is_pydantic_model(annotation) or _is_pydantic_type(annotation):
        return True
    if get_origin(annotation) is Annotated and any(map(_is_instruction, annotation.__metadata__)):
        return True
    inner = getattr(annotation, "__value__", None) or getattr(annotation, "__supertype__", None)
    if inner is not None and _mentions(inner, around | {id(annotation)}):
        return True
    return any(_mentions(item, around) for item in get_args(annotation))


def is_only_models(annotation: Any) -> bool:
    """Whether all of Pydantic's in an annotation are models, which are components of a document."""
    if get_origin(annotation) is Annotated and any(map(_is_instruction, annotation.__metadata__)):
        return False
    if is_pydantic_model(annotation):
        return True
    return not _is_pydantic_type(annotation) and all(map(is_only_models, get_args(annotation)))


def is_json_text(metadata: Any) -> bool:
    """Whether this, in an `Annotated`, is `pydantic.Json`: the value is a text that holds JSON."""
    class_ = metadata if isinstance(metadata, type) else type(metadata)
    return class_.__name__ == "Json" and class_.__module__.split(".")[0] == "pydantic"


def discriminated_by(name: str) -> tuple[Any, ...]:
    """What a marker's `discriminator` is in an `Annotated`."""
    return (sys.modules["pydantic"].Field(discriminator=name),)


def _is_pydantic_type(type_: Any) -> bool:
    return (
        isinstance(type_, type)
        and hasattr(type_, "__get_pydantic_core_schema__")
        and not isinstance(type_, msgspec.StructMeta)
        and not type_.__module__.startswith("fasterapi.")  # UploadFile, which forms read
        and custom_type(type_) is None
    )


def _is_instruction(metadata: Any) -> bool:
    """Whether something in an `Annotated` changes what Pydantic takes."""
    class_ = metadata if isinstance(metadata, type) else type(metadata)
    if class_.__module__.split(".")[0] not in {"pydantic", "pydantic_core"} or class_.__name__ in _READ_HERE:
        return False
    if class_.__name__ == "FieldInfo":
        return bool(metadata.metadata) or metadata.discriminator is not None
    return True
