from typing import Optional

from pydantic import BaseModel, ConfigDict


class BookBase(BaseModel):
    title: str
    pages: Optional[int] = None


class BookCreate(BookBase):
    pass


class Book(BookBase):
    id: int
    author_id: int

    model_config = ConfigDict(from_attributes=True)


class AuthorBase(BaseModel):
    name: str


class AuthorCreate(AuthorBase):
    password: str


class Author(AuthorBase):
    id: int
    books: list[Book] = []

    class Config:
        orm_mode = True
        from_attributes = True
