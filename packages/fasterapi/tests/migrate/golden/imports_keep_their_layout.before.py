"""Aliases, comments, parentheses and order survive."""

from __future__ import annotations

import fastapi
import fastapi.security
import starlette.status
from fastapi import (
    APIRouter,  # groups routes
    Depends,
    FastAPI as Application,  # renamed by us
    status,
)
from fastapi.exceptions import FastAPIError, RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse  # noqa: F401
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.requests import Request
from starlette.status import HTTP_201_CREATED as CREATED
from starlette.testclient import TestClient

# a comment between
app = Application(title="x")
other: fastapi.FastAPI = fastapi.FastAPI()
router = APIRouter(prefix="/a")


def configure(target: "fastapi.FastAPI", also: "APIRouter") -> None:
    assert starlette.status.HTTP_200_OK == status.HTTP_200_OK
    fastapi.security.HTTPBearer()
