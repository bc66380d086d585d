"""Key sets that are fetched: kept, rotated, never asked for in a crowd, and kept while their owner is away."""

import asyncio
import json
import logging
import socket
import threading
from contextlib import contextmanager
from typing import Annotated

import pytest

jwt = pytest.importorskip("jwt")
pytest.importorskip("cryptography")

import uvicorn
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from fasterapi import Faster, Form, Header, Response, Security
from fasterapi.security import _fetch
from fasterapi.security._fetch import FetchError
from fasterapi.security.jwt import InvalidToken, JWTBearer, JWTVerifier, Unavailable, encode
from fasterapi.testclient import TestClient

URL = "https://id.example/keys"
FIRST, SECOND = (rsa.generate_private_key(65537, 2048) for _ in range(2))
CURVE = ec.generate_private_key(ec.SECP256R1())


def jwk(private, algorithm="RS256", **more):
    made = jwt.get_algorithm_by_name(algorithm).to_jwk(private.public_key(), as_dict=True)
    made.pop("key_ops", None)
    return {**made, **more}


class Issuer:
    """A key set that changes, a clock that is set, and a count of the fetches."""

    def __init__(self, *keys):
        self.keys = list(keys)
        self.now = 1_800_000_000.0
        self.fetches = 0
        self.error = None
        self.gate = None

    async def fetch(self, url):
        assert url == URL
        self.fetches += 1
        if self.gate is not None:
            await self.gate.wait()
        if self.error is not None:
            raise self.error
        return json.dumps({"keys": self.keys}).encode()

    def verifier(self, **more):
        options = {"jwks_url": URL, "algorithms": ["RS256", "ES256"], "fetch": self.fetch}
        return JWTVerifier(clock=lambda: self.now, **options | more)

    def token(self, private, key_id=None, algorithm="RS256"):
        return encode(
            {"sub": "ada"},
            private,
            algorithm=algorithm,
            lifetime=10_000,
            key_id=key_id,
            clock=lambda: self.now,
        )


def run(coroutine):
    return asyncio.run(coroutine)


def test_a_key_set_is_fetched_once_for_its_lifetime():
    issuer = Issuer(jwk(FIRST, kid="a"))

    async def main():
        verifier = issuer.verifier(jwks_lifetime=300)
        for _ in range(5):
            await verifier.verify(issuer.token(FIRST, "a"))
        assert issuer.fetches == 1
        issuer.now += 299
        await verifier.verify(issuer.token(FIRST, "a"))
        assert issuer.fetches == 1
        issuer.now += 1
        await verifier.verify(issuer.token(FIRST, "a"))
        assert issuer.fetches == 2

    run(main())


def test_a_key_that_was_rotated_in_is_found_and_one_that_was_rotated_out_is_forgotten():
    issuer = Issuer(jwk(FIRST, kid="a"))

    async def main():
        verifier = issuer.verifier(jwks_interval=10)
        await verifier.verify(issuer.token(FIRST, "a"))
        issuer.keys = [jwk(SECOND, kid="b")]
        issuer.now += 10
        assert (await verifier.verify(issuer.token(SECOND, "b")))["sub"] == "ada"
        assert issuer.fetches == 2
        with pytest.raises(InvalidToken):
            await verifier.verify(issuer.token(FIRST, "a"))

    run(main())


def test_made_up_key_ids_cause_one_fetch_per_interval():
    issuer = Issuer(jwk(FIRST, kid="a"))

    async def main():
        verifier = issuer.verifier(jwks_interval=10)
        await verifier.verify(issuer.token(FIRST, "a"))
        for minute in range(2):
            issuer.now += 10
            for number in range(20):
                with pytest.raises(InvalidToken):
                    await verifier.verify(issuer.token(SECOND, f"x{number}"))
            assert issuer.fetches == 2 + minute

    run(main())


@pytest.mark.parametrize(
    "kid", ["../../dev/null", "a' OR '1'='1", "/etc/passwd", "\x00", "https://evil.example/k"]
)
def test_a_key_id_is_nothing_but_a_key_of_a_dictionary__CVE_2024_33663(kid):
    issuer = Issuer(jwk(FIRST, kid=kid))
    assert run(issuer.verifier().verify(issuer.token(FIRST, kid)))["sub"] == "ada"
    with pytest.raises(InvalidToken, match="signature"):
        run(issuer.verifier().verify(issuer.token(SECOND, kid)))


def test_a_crowd_waits_for_one_fetch_which_no_leaving_client_ends():
    issuer = Issuer(jwk(FIRST, kid="a"))

    async def main():
        issuer.gate = asyncio.Event()
        verifier = issuer.verifier()
        crowd = [asyncio.create_task(verifier.verify(issuer.token(FIRST, "a"))) for _ in range(100)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        crowd[0].cancel()
        await asyncio.sleep(0)
        issuer.gate.set()
        answers = await asyncio.gather(*crowd, return_exceptions=True)
        assert isinstance(answers[0], asyncio.CancelledError)
        assert [claims["sub"] for claims in answers[1:]] == ["ada"] * 99
        assert issuer.fetches == 1

    run(main())


def test_while_fetching_fails_the_old_keys_stay(caplog):
    issuer = Issuer(jwk(FIRST, kid="a"))

    async def main():
        verifier = issuer.verifier(jwks_lifetime=300, jwks_interval=10)
        await verifier.verify(issuer.token(FIRST, "a"))
        issuer.error = FetchError("away")
        issuer.now += 300
        for _ in range(5):
            assert await verifier.verify(issuer.token(FIRST, "a"))
        assert issuer.fetches == 2  # not one per request
        issuer.error, issuer.keys = None, []  # an answer without keys is a failure too
        issuer.now += 10
        assert await verifier.verify(issuer.token(FIRST, "a"))
        assert issuer.fetches == 3

    run(main())
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2
    assert "the old value stays" in caplog.text


def test_without_any_keys_the_answer_is_503_and_later_200():
    issuer = Issuer(jwk(FIRST, kid="a"))
    issuer.error = FetchError("away")
    app = Faster()
    bearer = JWTBearer(jwks_url=URL, algorithms=["RS256"], fetch=issuer.fetch, clock=lambda: issuer.now)

    @app.get("/", dependencies=[Security(bearer)])
    async def index() -> str:
        return "in"

    with TestClient(app) as client:
        headers = {"Authorization": f"Bearer {issuer.token(FIRST, 'a')}"}
        assert client.get("/", headers=headers).status_code == 503
        issuer.error = None
        assert client.get("/", headers=headers).status_code == 503
        assert issuer.fetches == 1
        issuer.now += 10
        assert client.get("/", headers=headers).json() == "in"
    with pytest.raises(Unavailable):
        run(Issuer().verifier().verify(issuer.token(FIRST, "a")))


@pytest.mark.parametrize(
    ("keys", "key_id", "good"),
    [
        ([jwk(FIRST)], None, True),  # one key: nothing to name
        ([jwk(FIRST, kid="a")], None, True),
        ([jwk(FIRST, kid="a"), jwk(CURVE, "ES256", kid="b")], None, True),  # one key of that type
        ([jwk(FIRST, kid="a"), jwk(SECOND, kid="b")], None, False),
        ([jwk(FIRST)], "a", False),
        (
            [jwk(SECOND, kid="a"), jwk(FIRST, kid="a")],
            "a",
            True,
        ),  # two keys of one id (RFC 7517, section 4.5)
        ([jwk(CURVE, "ES256", kid="a")], "a", False),
        ([jwk(FIRST, kid="a", alg="RS256")], "a", True),
        ([jwk(FIRST, kid="a", alg="RS512")], "a", False),
        ([jwk(FIRST, kid="a", use="enc")], "a", None),
        ([jwk(FIRST, kid="a", key_ops=["encrypt"])], "a", None),
        ([jwk(FIRST, kid="a", use="sig", key_ops=["verify"])], "a", True),
        ([{"kty": "oct", "k": "c2VjcmV0", "kid": "a"}, jwk(FIRST, kid="a")], "a", True),
        ([{"kty": "new"}, 7, {"kty": "RSA", "kid": "a", "n": "!"}, jwk(FIRST, kid="a")], "a", True),
        ([{"kid": ["a"], "kty": "RSA"}, jwk(FIRST, kid="a")], "a", True),
    ],
)
def test_which_key_of_a_set_is_meant(keys, key_id, good):
    issuer = Issuer(*keys)
    expected = {False: InvalidToken, None: Unavailable}
    if good:
        assert run(issuer.verifier().verify(issuer.token(FIRST, key_id)))["sub"] == "ada"
    else:
        with pytest.raises(expected[good]):
            run(issuer.verifier().verify(issuer.token(FIRST, key_id)))


def test_a_fixed_key_set_may_hold_secrets_and_must_fit_the_algorithms():
    secret = {"kty": "oct", "kid": "s", "k": "c2VjcmV0" * 8}
    verifier = JWTVerifier(jwks={"keys": [secret, jwk(FIRST, kid="a")]}, algorithms=["HS256", "RS256"])
    key = jwt.PyJWK(secret, "HS256").key
    assert run(verifier.verify(encode({"sub": "a"}, key, algorithm="HS256", key_id="s")))["sub"] == "a"
    with pytest.raises(InvalidToken):
        run(verifier.verify(encode({"sub": "a"}, key, algorithm="HS256", key_id="a")))
    with pytest.raises(ValueError, match="ES256 fits no key of the set"):
        JWTVerifier(jwks={"keys": [jwk(FIRST)]}, algorithms=["RS256", "ES256"])


# Over real sockets


@contextmanager
def serve(application):
    """The address of a server that runs in a thread."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(application, log_level="critical", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


async def by_urllib(url, *, form=None, headers=None):
    return await asyncio.to_thread(_fetch._fetch_by_urllib, url, form, headers or {})


@pytest.fixture(scope="module")
def origin():
    keys = json.dumps({"keys": [jwk(FIRST, kid="a")]}).encode()
    app = Faster()

    @app.get("/keys")
    async def show() -> Response:
        return Response(keys)

    @app.get("/moved")
    async def moved() -> Response:
        return Response(status_code=302, headers={"location": "/keys"})

    @app.get("/large")
    async def large() -> Response:
        return Response(b"x" * (_fetch.MAX_BYTES + 1))

    @app.post("/form")
    async def form(a: Annotated[str, Form()], key: Annotated[str, Header()]) -> list[str]:
        return [a, key]

    with serve(app) as address:
        yield address


@pytest.mark.parametrize("fetch", [_fetch.fetch, by_urllib], ids=["httpx", "urllib"])
def test_both_clients_fetch_alike(origin, fetch):
    verifier = JWTVerifier(jwks_url=f"{origin}/keys", algorithms=["RS256"], fetch=fetch)
    assert run(verifier.verify(encode({"sub": "ada"}, FIRST, algorithm="RS256", key_id="a")))["sub"] == "ada"
    answer = run(fetch(f"{origin}/form", form={"a": "1 2"}, headers={"key": "k"}))
    assert json.loads(answer) == ["1 2", "k"]
    for path, status in (("/moved", 302), ("/nothing", 404), ("/large", 0)):
        with pytest.raises(FetchError) as caught:
            run(fetch(origin + path))
        assert caught.value.status == status
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(FetchError):
        run(fetch(f"http://127.0.0.1:{port}/"))


@pytest.mark.parametrize(
    "url", ["http://id.example/", "ftp://127.0.0.1/", "file:///etc/hosts", "/keys", "https:///x"]
)
def test_other_addresses_are_not_fetched(url):
    with pytest.raises(ValueError, match="no https URL"):
        run(_fetch.fetch(url))
