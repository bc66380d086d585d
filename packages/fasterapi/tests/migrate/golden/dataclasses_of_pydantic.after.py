from dataclasses import field, dataclass

from FasterAPI import Faster

app = Faster()


@dataclass
class Author:
    name: str
    items: list[str] = field(default_factory=list)


@app.post("/authors")
def create(author: Author) -> Author:
    return author
