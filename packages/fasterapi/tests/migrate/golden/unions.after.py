from typing import Annotated, Literal, Union, ClassVar

import msgspec
from FasterAPI import Body, Faster

app = Faster()


class Cat(msgspec.Struct, tag_field="kind", tag="cat"):
    kind: ClassVar[Literal["cat"]] = "cat"
    lives: int = 9


class Dog(msgspec.Struct, tag_field="kind", tag="dog"):
    kind: ClassVar[Literal["dog"]] = "dog"
    good: bool


class Owner(msgspec.Struct):
    pet: Union[Cat, Dog]


class Car(msgspec.Struct):
    type: str = "car"


class Plane(msgspec.Struct, kw_only=True):
    type: str = "plane"
    size: int


@app.post("/pets")
def pets(pet: Annotated[Cat | Dog, Body(discriminator="kind")]):
    return Cat(lives=pet.lives) if pet.kind == "cat" else pet


@app.get("/vehicle", response_model=Union[Plane, Car])
def vehicle():
    return Car()
