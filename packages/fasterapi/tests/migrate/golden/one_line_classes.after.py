import msgspec


class Empty(msgspec.Struct):
    pass


class One(msgspec.Struct):
    x: int
    y: int = 1


class Ellipsis_(msgspec.Struct):
    ...


class Configured(msgspec.Struct, forbid_unknown_fields=True):
    pass
