import pytest
from fastapi.testclient import TestClient

from login_app import UserInDB, app

client = TestClient(app)


def token(username="johndoe", password="secret", scope="me"):
    response = client.post("/token", data={"username": username, "password": password, "scope": scope})
    assert response.status_code == 200, response.text
    assert response.json()["token_type"] == "bearer"
    return {"Authorization": f"Bearer {response.json()['access_token']}"}


def test_me_is_filtered():
    response = client.get("/users/me/", headers=token())
    assert response.json() == {
        "username": "johndoe", "email": "johndoe@example.com", "full_name": "John Doe", "disabled": False,
    }


def test_scopes():
    refused = client.get("/users/me/items/", headers=token(scope="me"))
    assert refused.status_code == 401
    assert refused.json() == {"detail": "Not enough permissions"}
    assert refused.headers["www-authenticate"] == 'Bearer scope="items me"'
    assert client.get("/users/me/items/", headers=token(scope="me items")).json() == [
        {"item_id": "Foo", "owner": "johndoe"}
    ]


@pytest.mark.parametrize("header", [{}, {"Authorization": "Basic x"}])
def test_no_token(header):
    response = client.get("/users/me/", headers=header)
    assert response.status_code == 401
    assert response.json() == {"detail": "Not authenticated"}


def test_bad_token_and_inactive_user():
    assert client.get("/users/me/", headers={"Authorization": "Bearer x"}).status_code == 401
    inactive = client.get("/users/me/", headers=token("alice", "secret2"))
    assert (inactive.status_code, inactive.json()) == (400, {"detail": "Inactive user"})


def test_login_failures():
    assert client.post("/token", data={"username": "johndoe", "password": "no"}).status_code == 400
    response = client.post("/token", data={"username": "johndoe"})
    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == ["body", "password"]


def test_document_names_the_scheme():
    document = client.get("/openapi.json").json()
    assert document["components"]["securitySchemes"]["OAuth2PasswordBearer"]["type"] == "oauth2"


def test_user_in_db_ignores_what_it_does_not_know():
    user = UserInDB(**{"username": "a", "hashed_password": "b", "else": 1})
    assert user.hashed_password == "b"
