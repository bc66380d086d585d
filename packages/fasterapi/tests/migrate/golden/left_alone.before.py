from fastapi import Depends, FastAPI
from pydantic import BaseModel, EmailStr, Field, RootModel
from pydantic.v1 import BaseModel as OldModel
from pydantic_settings import BaseSettings
from sqlmodel import Field as ColumnField, SQLModel

app = FastAPI()


class Database(BaseModel):
    url: str = Field(min_length=1)


class Settings(BaseSettings):
    name: str = "x"
    admin: EmailStr = "a@b.co"
    database: Database = Database(url="sqlite://")


class Hero(SQLModel, table=True):
    id: int | None = ColumnField(default=None, primary_key=True)


class Old(OldModel):
    x: int


class Tags(RootModel[list[str]]):
    pass


class Mail(BaseModel):
    to: EmailStr


settings = Settings()


def show(hero: Hero) -> dict:
    return {"settings": settings.model_dump(), "hero": hero.model_dump(), "fresh": Settings().model_dump()}


class ObjectId(str):
    @classmethod
    def __get_validators__(cls):
        yield cls


@app.post("/heroes", response_model=list[Hero])
def create(hero: Hero, settings: Settings = Depends(Settings)) -> Hero:
    return hero
