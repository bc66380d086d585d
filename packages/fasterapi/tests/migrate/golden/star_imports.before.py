# a comment of the module
from fastapi import *
from fastapi.cli import *
from fastapi.responses import *

import starlette.applications, os

import fastapi.cli as tool, fastapi.routing as routes; from fastapi import FastAPI, dependencies

router = routes.APIRouter()
