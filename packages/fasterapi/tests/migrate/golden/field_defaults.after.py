import msgspec


class Size(msgspec.Struct):
    width: int = 1
    height: int = 1


class Item(msgspec.Struct):
    empty_list: list[str] = []
    empty_dict: dict[str, int] = {}
    empty_set: set[str] = set()
    full_list: list[str] = msgspec.field(default_factory=lambda: ["a", "b"])
    full_dict: dict[str, int] = msgspec.field(default_factory=lambda: {"a": 1})
    full_set: set[int] = msgspec.field(default_factory=lambda: {1, 2})
    pair: tuple[int, int] = (1, 2)
    size: Size = msgspec.field(default_factory=Size)
    large: Size = msgspec.field(default_factory=lambda: Size(width=10))
