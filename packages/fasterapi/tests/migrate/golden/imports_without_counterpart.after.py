from FasterAPI import Faster
# TODO(fasterapi): `fastapi_users` is built on FastAPI's own classes and cannot serve a FasterAPI application
from fastapi_users import FastAPIUsers
# TODO(fasterapi): `starlette.applications.Starlette`: no counterpart in FasterAPI
from starlette.applications import Starlette
# TODO(fasterapi): `starlette.config.Config`: no counterpart in FasterAPI
from starlette.config import Config

app = Faster()
app.mount("/old", Starlette())
