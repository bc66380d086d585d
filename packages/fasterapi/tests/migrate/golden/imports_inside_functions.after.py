import msgspec
try:
    from FasterAPI import Faster as FastAPI
except ImportError:
    FastAPI = None


def build():
    class Local(msgspec.Struct):
        x: int

    from FasterAPI import FasterRouter

    return FasterRouter(), Local


def nothing_left():
    class Empty(msgspec.Struct):
        pass

    return Empty


__all__ = ["FastAPI", "build"]
