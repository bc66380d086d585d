"""One place for what the whole project imports."""

from fastapi import APIRouter, FastAPI
from pydantic import BaseModel

__all__ = ["APIRouter", "BaseModel", "FastAPI"]
