from ..base import APIRouter, BaseModel

router = APIRouter()


class User(BaseModel):
    username: str
    level: int = 1


@router.get("/users/", tags=["users"], response_model=list[User])
async def read_users():
    return [User(username="Rick"), {"username": "Morty", "level": 2, "hidden": True}]


@router.get("/users/me", tags=["users"])
async def read_user_me():
    return {"username": "fakecurrentuser"}


@router.get("/users/{username}", tags=["users"])
async def read_user(username: str):
    return {"username": username}
