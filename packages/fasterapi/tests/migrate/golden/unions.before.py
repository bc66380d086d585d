from typing import Annotated, Literal, Union

from fastapi import Body, FastAPI
from pydantic import BaseModel, Field

app = FastAPI()


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"]
    good: bool


class Owner(BaseModel):
    pet: Union[Cat, Dog] = Field(discriminator="kind")


class Car(BaseModel):
    type: str = "car"


class Plane(BaseModel):
    type: str = "plane"
    size: int


@app.post("/pets")
def pets(pet: Annotated[Cat | Dog, Body(discriminator="kind")]):
    return Cat(kind="cat", lives=pet.lives) if pet.kind == "cat" else pet


@app.get("/vehicle", response_model=Union[Plane, Car])
def vehicle():
    return Car()
