"""Settings from the environment stay with pydantic-settings."""

from functools import lru_cache
from typing import Annotated

from fastapi import Depends, FastAPI
from pydantic import BaseModel, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Limits(BaseModel):
    per_page: int = Field(default=10, gt=0)


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SHOP_", env_nested_delimiter="__")

    app_name: str = "Awesome API"
    admin_email: str = Field(default="admin@example.com", min_length=3)
    limits: Limits = Limits()


class Info(BaseModel):
    name: str
    per_page: int


@lru_cache
def get_settings():
    return Settings()


app = FastAPI()


@app.get("/info", response_model=Info)
async def info(settings: Annotated[Settings, Depends(get_settings)]):
    return {"name": settings.app_name, "per_page": settings.limits.per_page, "admin": settings.admin_email}


@app.get("/dump")
async def dump(settings: Annotated[Settings, Depends(get_settings)]):
    return settings.model_dump()
