"""OAuth2 with password and token, as in the security tutorial."""

import base64
import hashlib
import hmac
import json
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Security, status
from fastapi.security import OAuth2PasswordBearer, OAuth2PasswordRequestForm, SecurityScopes
from pydantic import BaseModel, EmailStr, ValidationError

SECRET = b"secret"

users_db = {
    "johndoe": {
        "username": "johndoe",
        "full_name": "John Doe",
        "email": "johndoe@example.com",
        "hashed_password": hashlib.sha256(b"secret").hexdigest(),
        "disabled": False,
    },
    "alice": {
        "username": "alice",
        "full_name": "Alice Chains",
        "email": "alice@example.com",
        "hashed_password": hashlib.sha256(b"secret2").hexdigest(),
        "disabled": True,
    },
}


class Token(BaseModel):
    access_token: str
    token_type: str


class TokenData(BaseModel):
    username: str | None = None
    scopes: list[str] = []


class User(BaseModel):
    username: str
    email: EmailStr | None = None
    full_name: str | None = None
    disabled: bool | None = None


class UserInDB(User):
    hashed_password: str


oauth2_scheme = OAuth2PasswordBearer(tokenUrl="token", scopes={"me": "Read yourself.", "items": "Read items."})
app = FastAPI()


def encode(payload: dict) -> str:
    body = base64.urlsafe_b64encode(json.dumps(payload).encode())
    return (body + b"." + hmac.new(SECRET, body, "sha256").hexdigest().encode()).decode()


def decode(token: str) -> dict:
    body, _, signature = token.encode().partition(b".")
    if not hmac.compare_digest(hmac.new(SECRET, body, "sha256").hexdigest().encode(), signature):
        raise ValueError("bad signature")
    return json.loads(base64.urlsafe_b64decode(body))


def get_user(db, username: str | None):
    if username in db:
        user_dict = db[username]
        return UserInDB(**user_dict)


async def get_current_user(security_scopes: SecurityScopes, token: Annotated[str, Depends(oauth2_scheme)]):
    authenticate_value = f'Bearer scope="{security_scopes.scope_str}"' if security_scopes.scopes else "Bearer"
    credentials_exception = HTTPException(
        status_code=status.HTTP_401_UNAUTHORIZED,
        detail="Could not validate credentials",
        headers={"WWW-Authenticate": authenticate_value},
    )
    try:
        payload = decode(token)
        token_data = TokenData(username=payload.get("sub"), scopes=payload.get("scopes", []))
    except (ValueError, ValidationError):
        raise credentials_exception
    user = get_user(users_db, username=token_data.username)
    if user is None:
        raise credentials_exception
    for scope in security_scopes.scopes:
        if scope not in token_data.scopes:
            raise HTTPException(401, "Not enough permissions", {"WWW-Authenticate": authenticate_value})
    return user


async def get_current_active_user(user: Annotated[User, Security(get_current_user, scopes=["me"])]):
    if user.disabled:
        raise HTTPException(status_code=400, detail="Inactive user")
    return user


@app.post("/token", response_model=Token)
async def login(form: Annotated[OAuth2PasswordRequestForm, Depends()]):
    user = get_user(users_db, form.username)
    if not user or hashlib.sha256(form.password.encode()).hexdigest() != user.hashed_password:
        raise HTTPException(400, "Incorrect username or password")
    return Token(access_token=encode({"sub": user.username, "scopes": form.scopes}), token_type="bearer")


@app.get("/users/me/", response_model=User)
async def read_me(current_user: Annotated[User, Depends(get_current_active_user)]):
    return current_user


@app.get("/users/me/items/")
async def read_items(user: Annotated[User, Security(get_current_active_user, scopes=["items"])]):
    return [{"item_id": "Foo", "owner": user.username}]
