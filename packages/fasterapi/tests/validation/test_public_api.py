"""The package's public names are exactly these, and importing it pulls in no further library."""

import subprocess
import sys

from fasterapi import validation


def test_public_names_are_exactly_these() -> None:
    assert validation.__all__ == [
        "TEXT_ERRORS",
        "Adapter",
        "Constraints",
        "ErrorDict",
        "Loc",
        "ModelField",
        "ResponseSerializer",
        "SerializationError",
        "TextFields",
        "TypeKind",
        "UnsupportedType",
        "dec_hook",
        "enc_hook",
        "fields_set",
        "is_model_type",
        "is_scalar_sequence_type",
        "is_scalar_type",
        "is_sequence_type",
        "model_fields",
        "register_type",
        "track_fields_set",
    ]
    assert all(hasattr(validation, name) for name in validation.__all__)


def test_import_needs_no_model_library() -> None:
    code = "import sys, fasterapi.validation; print([n for n in ('pydantic', 'attrs', 'annotated_types') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr
