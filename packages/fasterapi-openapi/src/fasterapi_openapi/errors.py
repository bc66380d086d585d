"""What can go wrong while a document is built, with the data that a caller needs to mend it.

Knows: nothing but strings. Every error names what is wrong, where it was declared, and a way out.
"""


class OpenAPIError(Exception):
    """Base of every error of this package."""


class InvalidSpec(OpenAPIError):  # noqa: N818 - a name that says what is wrong
    """A neutral description contradicts itself or the OpenAPI Specification.

    `source` is where it was declared (`"app/users.py:12"`), or an empty string.
    """

    def __init__(self, problem: str, *, source: str = "", fix: str) -> None:
        self.source = source
        place = f"\n  declared at {source}" if source else ""
        super().__init__(f"{problem}{place}\n  fix: {fix}")


class DuplicateOperationId(OpenAPIError):  # noqa: N818 - a name that says what is wrong
    """Two operations carry one id, which must be unique in a document (OpenAPI 3.1.1, section 4.8.10)."""

    def __init__(self, operation_id: str, first: str, second: str) -> None:
        self.operation_id = operation_id
        self.first = first
        self.second = second
        super().__init__(
            f"operation id {operation_id!r} is used twice\n"
            f"  first by {first}\n  again by {second}\n"
            "  fix: give one of them another `operation_id`"
        )


class DuplicateOperation(OpenAPIError):  # noqa: N818 - a name that says what is wrong
    """One method of one path is described twice, but a document has room for one."""

    def __init__(self, first: str, second: str) -> None:
        self.first = first
        self.second = second
        super().__init__(
            f"one method and path, two descriptions\n  first by {first}\n  again by {second}\n"
            "  fix: give one of them another path, or leave it out of the document"
        )


class UnsupportedType(OpenAPIError):  # noqa: N818 - a name that says what is wrong
    """A type has no JSON Schema: msgspec does not know it and no hook described it."""

    def __init__(
        self,
        described: str,
        *,
        used_by: str,
        reason: str = "it is none of msgspec's types",
        fix: str = "return a schema for it from `schema_hook`, or use a type that msgspec supports",
    ) -> None:
        self.used_by = used_by
        super().__init__(f"no JSON Schema for {described}: {reason}\n  used by {used_by}\n  fix: {fix}")


class AssetNotFound(OpenAPIError):  # noqa: N818 - a name that says what is wrong
    """No file of this name is shipped with the package."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        self.name = name
        super().__init__(f"no asset {name!r}\n  fix: use one of {', '.join(known)}")


class OpenAPIWarning(UserWarning):
    """Something in the document is weaker than it could be, but the document is still correct."""
