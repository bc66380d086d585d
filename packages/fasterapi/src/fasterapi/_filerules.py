"""What `File()` declares about the files of one field, and the refusals of files that do not keep to it.

Knows: sizes in bytes, media types as `type/subtype`, `type/*` or `*/*`, numbers of files. Does not know: how a
form arrives (`formparsers`), how parameters are bound.
"""

from collections.abc import Mapping
from typing import TypeAlias

from msgspec import Struct

from fasterapi.exceptions import HTTPException, RequestValidationError
from fasterapi.validation.errors import ErrorDict, Loc, Refused


class FileRule(Struct, frozen=True):
    """The limits of one field; `loc` is where errors point to. `max_files` is `None` for a single file."""

    loc: Loc
    max_size: int | None = None
    content_types: tuple[str, ...] = ()
    max_files: int | None = None
    is_list: bool = False

    def check_begin(self, index: int, filename: str, content_type: str | None) -> None:
        """Check the file that comes as number `index`, before any of its bytes. `RequestValidationError`."""
        if self.max_files is not None and index >= self.max_files:
            # How many there would be, nobody has counted.
            refused = Refused("too_long", field_type="List", max_length=self.max_files, actual_length=None)
            raise RequestValidationError([refused.as_error(self.loc, {"filename": filename})])
        problem = self.type_problem(index, filename, content_type)
        if problem is not None:
            raise RequestValidationError([problem])

    def type_problem(self, index: int, filename: str | None, content_type: str | None) -> ErrorDict | None:
        """The error for a file of another media type; a part that names none is text (RFC 7578, section 4.4)."""
        kind = (content_type or "text/plain").partition(";")[0].strip().lower()
        fitting = {kind, f"{kind.partition('/')[0]}/*", "*/*"}
        if not self.content_types or fitting.intersection(self.content_types):
            return None
        expected = ", ".join(self.content_types)
        text = f"File should be of type {expected}, not {kind}"
        refused = Refused("content_type", sentence=text, expected=expected, content_type=kind)
        return refused.as_error(self._loc(index), {"filename": filename})

    def check_size(self, index: int, filename: str | None, size: int) -> None:
        """`HTTPException` 413 for a file of more than `max_size` bytes (RFC 9110, section 15.5.14)."""
        most = self.max_size
        if most is not None and size > most:
            text = f"File should have at most {most} byte{'' if most == 1 else 's'}"
            refused = Refused("file_too_large", sentence=text, max_size=most)
            raise HTTPException(413, [refused.as_error(self._loc(index), {"filename": filename})])

    def _loc(self, index: int) -> Loc:
        return (*self.loc, index) if self.is_list else self.loc


# The rules of a form, by the name of the field.
FileRules: TypeAlias = Mapping[str, FileRule]
