try:
    from fastapi import FastAPI
except ImportError:
    FastAPI = None


def build():
    from pydantic import BaseModel

    class Local(BaseModel):
        x: int

    from fastapi import APIRouter

    return APIRouter(), Local


def nothing_left():
    from pydantic import BaseModel

    class Empty(BaseModel):
        pass

    return Empty


__all__ = ["FastAPI", "build"]
