# a comment of the module
# TODO(fasterapi): `FastAPI` is `Faster` and `APIRouter` is `FasterRouter`: import by name
from FasterAPI import *
# TODO(fasterapi): `fastapi.cli` has no counterpart in FasterAPI
from fastapi.cli import *
from fasterapi.responses import *

# TODO(fasterapi): `starlette.applications` has no counterpart in FasterAPI
import starlette.applications, os

# TODO(fasterapi): `fastapi.cli` has no counterpart in FasterAPI
# TODO(fasterapi): `fastapi.dependencies`: no counterpart in FasterAPI
import fastapi.cli as tool, fasterapi.routing as routes; from FasterAPI import Faster; from fastapi import dependencies

router = routes.FasterRouter()
