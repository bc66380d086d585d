"""Aliases, comments, parentheses and order survive."""

from __future__ import annotations

import fasterapi
import fasterapi.security
import fasterapi.status
from FasterAPI import (
    FasterRouter,  # groups routes
    Depends,
    Faster as Application,  # renamed by us
    status,
)
from fasterapi.exceptions import FasterAPIError, RequestValidationError
from fasterapi.middleware.cors import CORSMiddleware
from fasterapi.responses import JSONResponse  # noqa: F401
from fasterapi.exceptions import HTTPException as StarletteHTTPException
from fasterapi.requests import Request
from fasterapi.status import HTTP_201_CREATED as CREATED
from FasterAPI import TestClient

# a comment between
app = Application(title="x")
other: fasterapi.Faster = fasterapi.Faster()
router = FasterRouter(prefix="/a")


def configure(target: "fasterapi.Faster", also: "FasterRouter") -> None:
    assert fasterapi.status.HTTP_200_OK == status.HTTP_200_OK
    fasterapi.security.HTTPBearer()
