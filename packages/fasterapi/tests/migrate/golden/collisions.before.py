from fastapi import FastAPI
from pydantic import BaseModel as Model, EmailStr as Mail, ValidationError as Invalid
from typing_extensions import Annotated

msgspec = "taken"


class Item(Model):
    name: Mail


def model_dump(item):
    return item


def build(FastAPI: int, Faster: int, item: Item) -> Annotated[int, 1]:
    try:
        return model_dump(item.model_dump(exclude_none=True))
    except Invalid:
        return FastAPI


app = FastAPI()
