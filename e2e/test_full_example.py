"""The full example, served as the README says: it keeps its data, loses no write, and answers errors as promised."""

import asyncio

import httpx
import pytest

# uvicorn ends itself by the signal that it was sent, once everything is shut down.
CLEAN = {0, -15}
APP = "examples.full_crud_app:app"


@pytest.mark.parametrize("kind", ["uvicorn", "cli"])
def test_data_is_there_after_a_restart(start, kind):
    server = start(kind, APP)
    created = httpx.post(f"{server.url}/users", json={"name": "Ann", "email": "ann@example.org"})
    assert created.status_code == 201
    assert server.stop() in CLEAN
    server = start(kind, APP)
    assert httpx.get(f"{server.url}/users/{created.json()['id']}").json() == created.json()


def test_fifty_clients_at_once_lose_no_write(start):
    server = start("uvicorn", APP)
    rounds = 6

    async def client(number: int) -> list[int]:
        kept = []
        async with httpx.AsyncClient(base_url=server.url, timeout=30) as http:
            for turn in range(rounds):
                email = f"u{number}.{turn}@example.org"
                created = await http.post("/users", json={"name": f"user {number}", "email": email})
                assert created.status_code == 201, created.text
                user_id = created.json()["id"]
                changed = await http.put(f"/users/{user_id}", json={"name": "changed", "email": email})
                assert changed.json() == {"id": user_id, "name": "changed", "email": email}
                assert (await http.get(f"/users/{user_id}")).json()["name"] == "changed"
                if turn % 2:
                    assert (await http.delete(f"/users/{user_id}")).status_code == 204
                    assert (await http.get(f"/users/{user_id}")).status_code == 404
                else:
                    kept.append(user_id)
        return kept

    async def run() -> list[int]:
        kept = await asyncio.gather(*(client(number) for number in range(50)))
        return [user_id for ids in kept for user_id in ids]

    kept = asyncio.run(run())
    stored = []
    while page := httpx.get(f"{server.url}/users", params={"limit": 100, "offset": len(stored)}).json():
        stored += [user["id"] for user in page]
    assert sorted(stored) == sorted(kept)
    assert "Traceback" not in server.log.read_text()


def test_errors_are_answered_as_promised_and_the_server_stays_up(start):
    server = start("uvicorn", APP)
    unknown = httpx.get(f"{server.url}/nowhere")
    assert (unknown.status_code, unknown.json()) == (404, {"detail": "Not Found"})
    wrong = httpx.delete(f"{server.url}/users")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET, HEAD, POST")
    invalid = httpx.post(f"{server.url}/users", json={"name": "", "email": "x"})
    assert invalid.status_code == 422
    assert {(tuple(error["loc"]), error["type"]) for error in invalid.json()["detail"]} == {
        (("body", "name"), "string_too_short"),
        (("body", "email"), "string_pattern_mismatch"),
    }
    assert httpx.get(f"{server.url}/docs").status_code == 200
    assert httpx.get(f"{server.url}/openapi.json").json()["openapi"] == "3.1.0"
    assert httpx.get(f"{server.url}/health").json() == {"status": "ok"}


def test_an_unhandled_error_is_a_500_without_details_and_a_traceback_in_the_log(start):
    server = start("uvicorn", "e2e.apps:app")
    answer = httpx.get(f"{server.url}/boom")
    assert (answer.status_code, answer.text) == (500, "Internal Server Error")
    assert httpx.get(f"{server.url}/health").status_code == 200
    log = server.log.read_text()
    assert "a secret detail" in log
    assert "<fasterapi: GET /boom>" in log
