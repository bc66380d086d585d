import msgspec
from fasterapi.compat import EmailStr as EmailStr_, model_dump
from FasterAPI import Depends, Faster
from pydantic import BaseModel, EmailStr, Field, RootModel
from pydantic.v1 import BaseModel as OldModel
from pydantic_settings import BaseSettings
from sqlmodel import Field as ColumnField, SQLModel

app = Faster()


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


class Mail(msgspec.Struct):
    to: EmailStr_


settings = Settings()


def show(hero: Hero) -> dict:
    return {"settings": model_dump(settings), "hero": model_dump(hero), "fresh": Settings().model_dump()}


class ObjectId(str):
    # TODO(fasterapi): Pydantic's hook is not run: use `fasterapi.validation.register_type`
    @classmethod
    def __get_validators__(cls):
        yield cls


# TODO(fasterapi): `Hero` is no Struct: a route cannot read or write it
@app.post("/heroes", response_model=list[Hero])
def create(hero: Hero, settings: Settings = Depends(Settings)) -> Hero:
    return hero
