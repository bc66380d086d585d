from sqlalchemy import select
from sqlalchemy.orm import Session

from . import models, schemas


def get_author(db: Session, author_id: int):
    return db.get(models.Author, author_id)


def get_authors(db: Session, skip: int = 0, limit: int = 100):
    return db.scalars(select(models.Author).offset(skip).limit(limit)).all()


def create_author(db: Session, author: schemas.AuthorCreate):
    db_author = models.Author(**author.model_dump(exclude={"password"}))
    db.add(db_author)
    db.commit()
    db.refresh(db_author)
    return db_author


def create_book(db: Session, book: schemas.BookCreate, author_id: int):
    db_book = models.Book(**book.dict(), author_id=author_id)
    db.add(db_book)
    db.commit()
    db.refresh(db_book)
    return db_book
