from fastapi import FastAPI
from fastapi_users import FastAPIUsers
from starlette.applications import Starlette
from starlette.config import Config

app = FastAPI()
app.mount("/old", Starlette())
