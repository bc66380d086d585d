import msgspec as msgspec_
from fasterapi.compat import EmailStr, ValidationError, model_dump as model_dump_
from FasterAPI import Faster as FastAPI
from typing_extensions import Annotated

msgspec = "taken"


class Item(msgspec_.Struct):
    name: EmailStr


def model_dump(item):
    return item


def build(FastAPI: int, Faster: int, item: Item) -> Annotated[int, 1]:
    try:
        return model_dump(model_dump_(item, exclude_none=True))
    except ValidationError:
        return FastAPI


app = FastAPI()
