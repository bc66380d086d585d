from pydantic import BaseModel


class Size(BaseModel):
    width: int = 1
    height: int = 1


class Item(BaseModel):
    empty_list: list[str] = []
    empty_dict: dict[str, int] = {}
    empty_set: set[str] = set()
    full_list: list[str] = ["a", "b"]
    full_dict: dict[str, int] = {"a": 1}
    full_set: set[int] = {1, 2}
    pair: tuple[int, int] = (1, 2)
    size: Size = Size()
    large: Size = Size(width=10)
