"""Tokens that are good, and every way in which one is not."""

import asyncio
import base64
import hmac
import json
import string
from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

jwt = pytest.importorskip("jwt")
pytest.importorskip("cryptography")

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from fasterapi import Depends, Faster, Request, Security
from fasterapi.authentication import requires
from fasterapi.datastructures import Secret
from fasterapi.middleware.jwt import JWTMiddleware
from fasterapi.security.jwt import InvalidToken, JWTBearer, JWTVerifier, encode
from fasterapi.testclient import TestClient

NOW = 1_800_000_000
SECRET = "s" * 64
RSA = rsa.generate_private_key(65537, 2048)
OTHER_RSA = rsa.generate_private_key(65537, 2048)
P256, P384 = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP384R1())
ED = ed25519.Ed25519PrivateKey.generate()


def pem(key, private=False):
    if private:
        return key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode()
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


def clock():
    return NOW


def issue(claims=None, key=SECRET, algorithm="HS256", **more):
    return encode({"sub": "ada", **(claims or {})}, key, algorithm=algorithm, clock=clock, **more)


def forge(header, claims=b'{"sub":"ada","exp":9999999999}', signature=b"s" * 32):
    parts = (header if isinstance(header, bytes) else json.dumps(header).encode(), claims, signature)
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def verifier(**options):
    defaults = {"clock": clock}
    if not {"key", "jwks", "jwks_url"} & options.keys():
        defaults |= {"key": SECRET, "algorithms": ["HS256"]}
    return JWTVerifier(**{**defaults, **options})


def verify(token, **options):
    """The claims, or the text of the refusal."""
    try:
        return asyncio.run(verifier(**options).verify(token))
    except InvalidToken as error:
        return str(error)


@pytest.mark.parametrize(
    ("private", "algorithm"),
    [
        (SECRET, "HS256"),
        (SECRET.encode(), "HS512"),
        (Secret(SECRET), "HS384"),
        (RSA, "RS256"),
        (RSA, "PS512"),
        (P256, "ES256"),
        (P384, "ES384"),
        (ED, "EdDSA"),
    ],
)
def test_a_token_that_was_issued_is_good(private, algorithm):
    key = private.public_key() if hasattr(private, "public_key") else private
    claims = verify(issue(key=private, algorithm=algorithm), key=key, algorithms=[algorithm])
    assert claims["sub"] == "ada"
    assert (claims["iat"], claims["exp"]) == (NOW, NOW + 900)
    assert len(claims["jti"]) == 32


def test_keys_may_be_pem_texts_and_a_private_key_checks_by_its_public_half():
    token = issue(key=pem(RSA, private=True), algorithm="RS256")
    assert verify(token, key=pem(RSA), algorithms=["RS256"])["sub"] == "ada"
    assert verify(token, key=pem(RSA, private=True), algorithms=["RS256"])["sub"] == "ada"


EXPIRED, EARLY = "The token has expired", "The token is not valid yet"


@pytest.mark.parametrize(
    ("claims", "options", "expected"),
    [
        ({"exp": NOW + 1}, {}, None),
        ({"exp": NOW}, {}, EXPIRED),
        ({"exp": NOW - 30}, {"leeway": 30}, EXPIRED),
        ({"exp": NOW - 29}, {"leeway": 30}, None),
        ({"exp": NOW + 0.5}, {}, None),
        ({"nbf": NOW}, {}, None),
        ({"nbf": NOW + 1}, {}, EARLY),
        ({"nbf": NOW + 30}, {"leeway": 30}, None),
        ({"iat": NOW + 1}, {}, EARLY),
        ({"iat": NOW + 30}, {"leeway": 30}, None),
        ({"exp": True}, {}, "The token is malformed"),
        ({"exp": "9999999999"}, {}, "The token is malformed"),
        ({"exp": [NOW]}, {}, "The token is malformed"),
        ({"nbf": "soon"}, {}, "The token is malformed"),
        ({"iss": "a"}, {"issuer": "a"}, None),
        ({"iss": "b"}, {"issuer": "a"}, "The token is from another issuer"),
        ({}, {"issuer": "a"}, "The token is from another issuer"),
        ({"aud": "shop"}, {"audience": "shop"}, None),
        ({"aud": ["shop", "bank"]}, {"audience": ["bank", "post"]}, None),
        ({"aud": "bank"}, {"audience": "shop"}, "The token is for another audience"),
        ({"aud": "bank"}, {}, "The token is for another audience"),
        ({}, {"audience": "shop"}, "The token is for another audience"),
        ({"aud": {"shop": 1}}, {"audience": "shop"}, "The token is malformed"),
        ({"aud": [["shop"]]}, {"audience": "shop"}, "The token is malformed"),
        ({}, {"require": ["exp", "client_id"]}, "The token has no claim 'client_id'"),
        ({}, {"token_type": "jwt"}, None),
        ({}, {"token_type": "at+jwt"}, "The token is of another type"),
    ],
)
def test_claims(claims, options, expected):
    found = verify(issue(claims), **options)
    assert (found if isinstance(found, str) else None) == expected


def test_a_token_without_an_end_is_refused_unless_told():
    token = jwt.encode({"sub": "ada"}, SECRET, "HS256")
    assert verify(token) == "The token has no claim 'exp'"
    assert verify(token, require=()) == {"sub": "ada"}


def test_a_type_in_the_header_may_be_written_in_full():
    assert verify(issue(token_type="application/AT+JWT"), token_type="at+jwt")["sub"] == "ada"


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        pytest.param(forge({"alg": "none"}, signature=b""), "algorithm is not accepted", id="none"),
        pytest.param(forge({"alg": "nOnE"}, signature=b""), "algorithm is not accepted", id="nOnE"),
        pytest.param(forge({"alg": ["HS256"]}), "algorithm is not accepted", id="a list as alg"),
        pytest.param(forge({"alg": {"a": 1}}), "algorithm is not accepted", id="an object as alg"),
        pytest.param(forge({}), "algorithm is not accepted", id="no alg"),
        pytest.param(
            forge({"alg": "HS512"}), "algorithm is not accepted", id="an algorithm that is not listed"
        ),
        pytest.param(forge({"alg": "HS256"}), "signature is not valid", id="a made-up signature"),
        pytest.param(issue(key="t" * 64), "signature is not valid", id="another secret"),
        pytest.param(forge({"alg": "HS256", "kid": 7}), "malformed", id="a number as kid"),
        pytest.param(forge({"alg": "HS256", "kid": ["a"]}), "malformed", id="a list as kid"),
        pytest.param(forge(b"[" * 100_000), "malformed", id="a deep header"),
        pytest.param(forge(b"[]"), "malformed", id="a header that is no object"),
        pytest.param(forge(b"\xff"), "malformed", id="a header that is no UTF-8"),
        pytest.param("a.b", "malformed", id="two parts"),
        pytest.param("", "malformed", id="nothing"),
        pytest.param("....", "malformed", id="points"),
        pytest.param("é.ü.ö", "malformed", id="outside of ASCII"),
        pytest.param("\ud800.a.a", "malformed", id="a lone surrogate"),
    ],
)
def test_a_token_that_nobody_issued(token, expected):
    assert expected in verify(token)


@pytest.mark.parametrize(
    "payload", [b"[" * 100_000, b"[]", b"1", b"", b'{"exp": NaN}', b'{"exp": 1e999}', b'{"sub": "\xff"}']
)
def test_a_signed_payload_that_is_no_claims(payload):
    token = jwt.PyJWS().encode(payload, SECRET, "HS256")
    assert verify(token) == "The token is malformed"


@pytest.mark.parametrize(
    "header",
    [
        {"crit": ["exp"], "exp": 1},
        {"crit": ["b64"], "b64": True},
        {"crit": ["x"], "x": 1},
        {"crit": []},
        {"crit": "exp"},
        {"crit": None},
    ],
    ids=repr,
)
def test_critical_extensions_are_refused__CVE_2026_32597__CVE_2025_59420(header):
    """Signed by the right key, and still refused: nothing here understands an extension."""
    signed = forge({"alg": "HS256", **header}).rpartition(".")[0]
    mark = base64.urlsafe_b64encode(hmac.digest(SECRET.encode(), signed.encode(), "sha256"))
    assert verify(f"{signed}.{mark.decode().rstrip('=')}") in (
        "The token has critical extensions",
        "The token is malformed",
    )


def test_a_public_key_is_no_secret__CVE_2022_29217__CVE_2024_33663():
    """Algorithm confusion: a token signed by HS256 with the public key, which everybody has, as the secret."""
    public = pem(RSA)
    head = forge({"alg": "HS256", "typ": "JWT"}).rpartition(".")[0]
    mark = hmac.digest(public.encode(), head.encode(), "sha256")
    token = f"{head}.{base64.urlsafe_b64encode(mark).decode().rstrip('=')}"
    assert verify(token, key=public, algorithms=["RS256"]) == "The token's algorithm is not accepted"
    with pytest.raises(ValueError, match="HS256 does not fit the key, which is .*RSAPublicKey"):
        verifier(key=public, algorithms=["RS256", "HS256"])


def test_an_encrypted_token_is_not_inflated__CVE_2024_33664():
    """A JWE may hold megabytes in a few bytes (`zip: DEF`); nothing here decrypts or inflates."""
    header = forge({"alg": "dir", "enc": "A256GCM", "zip": "DEF"}).partition(".")[0]
    assert verify(f"{header}..{'a' * 16}.{'b' * 1000}.{'c' * 22}") == "The token's algorithm is not accepted"
    header = forge({"alg": "HS256", "zip": "DEF"}).partition(".")[0]
    assert verify(f"{header}.{'b' * 1000}.{'c' * 43}").startswith("The token")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"algorithms": ["HS256"]}, "exactly one of key, jwks and jwks_url"),
        ({"key": SECRET, "jwks": {"keys": []}, "algorithms": ["HS256"]}, "exactly one of key, jwks and jwks_url"),
        ({"key": SECRET, "algorithms": []}, "names no algorithm"),
        ({"key": SECRET, "algorithms": ["none"]}, "no algorithm 'none'"),
        ({"key": SECRET, "algorithms": ["HS256", "None"]}, "no algorithm 'None'"),
        ({"key": "s" * 31, "algorithms": ["HS256"]}, "HS256 needs a key of 32 bytes or more, got 31"),
        ({"key": SECRET, "algorithms": ["RS256"]}, "RS256 does not fit the key, which is a secret"),
        ({"key": RSA.public_key(), "algorithms": ["ES256"]}, "ES256 does not fit the key"),
        ({"key": P256.public_key(), "algorithms": ["ES384"]}, "fix: one of ES256"),
        ({"key": ED.public_key(), "algorithms": ["HS256"]}, "fix: one of EdDSA"),
        ({"key": "-----BEGIN PUBLIC KEY-----\nno\n-----END PUBLIC KEY-----", "algorithms": ["RS256"]}, "no key that"),
        ({"key": "ssh-rsa AAAAB3NzaC1yc2E= a@b", "algorithms": ["HS256"]}, "asymmetric key"),
        ({"key": object(), "algorithms": ["RS256"]}, "object is no key for signatures"),
        ({"jwks": {}, "algorithms": ["RS256"]}, "no list 'keys'"),
        ({"jwks": {"keys": [{"kty": "new"}]}, "algorithms": ["RS256"]}, "no key that signatures"),
        ({"jwks_url": "http://id.example/keys", "algorithms": ["RS256"]}, "is no https URL"),
        ({"jwks_url": "file:///etc/passwd", "algorithms": ["RS256"]}, "is no https URL"),
        ({"jwks_url": "https://id.example/keys", "algorithms": ["RS256", "HS256"]}, "HS256 needs a secret"),
    ],
)  # fmt: skip
def test_options_that_are_not_safe_are_errors_at_construction(options, expected):
    with pytest.raises(ValueError, match=expected) as caught:
        JWTVerifier(**options)
    assert SECRET not in str(caught.value)


def test_a_weak_rsa_key_fits_nothing():
    with pytest.raises(ValueError, match="the key is too weak"):
        verifier(key=rsa.generate_private_key(65537, 1024), algorithms=["RS256"])


@pytest.mark.parametrize(
    ("key", "algorithm", "lifetime", "expected"),
    [
        (pem(RSA), "RS256", 900, "a secret or a private key"),
        (SECRET, "none", 900, "no algorithm"),
        (pem(RSA, private=True), "HS256", 900, "does not fit"),
        (SECRET, "HS256", 0, "over before"),
    ],
)
def test_what_no_token_can_be_issued_with(key, algorithm, lifetime, expected):
    with pytest.raises(ValueError, match=expected):
        encode({}, key, algorithm=algorithm, lifetime=lifetime)


GOOD = issue({"scope": "a"}, lifetime=10_000)


@given(st.text(max_size=60) | st.text("abc._-=", max_size=60).map(lambda text: GOOD[:40] + text))
def test_any_text_is_either_refused_or_no_error(text):
    assert isinstance(verify(text), str)


@given(st.integers(0, len(GOOD) - 1), st.sampled_from(string.ascii_letters + string.digits + "-_.=\0é"))
def test_a_token_with_one_other_character_is_refused(place, character):
    changed = GOOD[:place] + character + GOOD[place + 1 :]
    assert isinstance(verify(changed), dict if changed == GOOD else str)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
NAMES = ["alg", "kid", "typ", "cty", "crit", "b64", "zip", "jku", "jwk", "x5u", "enc"]


@given(st.dictionaries(st.sampled_from(NAMES), json_values, max_size=4))
def test_no_header_of_a_forged_token_is_an_error_of_the_server(header):
    assert isinstance(verify(forge({"alg": "HS256", **header})), str)


@given(
    st.dictionaries(st.sampled_from(["exp", "nbf", "iat", "aud", "iss", "sub", "jti", "scope"]), json_values)
)
def test_no_claims_of_a_signed_token_are_an_error_of_the_server(claims):
    """A careless issuer is no reason for a 500."""
    checker = verifier(audience="shop", issuer="shop", require=(), claims=Badge)
    token = (
        jwt.encode({"exp": NOW + 9, **claims}, SECRET, "HS256")
        if isinstance(claims.get("iss", ""), str)
        else ""
    )
    try:
        found = asyncio.run(checker.verify(token))
        checker.scopes(found)
        checker.convert(found)
    except InvalidToken:
        pass


class Badge(msgspec.Struct):
    sub: str
    admin: bool = False
    exp: datetime | None = None


def test_a_struct_gives_the_claims_and_takes_them():
    end = datetime.fromtimestamp(NOW + 60, UTC)
    token = encode(Badge("ada", True, end), SECRET, algorithm="HS256", clock=clock)
    checker = verifier(claims=Badge)
    claims = asyncio.run(checker.verify(token))
    assert claims["exp"] == NOW + 60
    assert checker.convert(claims) == Badge("ada", True, end)
    assert verify(encode(Badge("b"), SECRET, algorithm="HS256", clock=clock))["exp"] == NOW + 900
    assert verify(issue(lifetime=timedelta(hours=1)))["exp"] == NOW + 3600


async def ask_store(claims):
    return claims["jti"] == "stolen"


@pytest.mark.parametrize("is_revoked", [ask_store, lambda claims: claims["jti"] == "stolen"])
def test_a_revoked_token_is_refused(is_revoked):
    assert verify(issue({"jti": "stolen"}), is_revoked=is_revoked) == "The token was revoked"
    assert verify(issue({"jti": "mine"}), is_revoked=is_revoked)["jti"] == "mine"


def test_an_error_of_the_revocation_list_lets_nobody_in():
    def broken(claims):
        raise ConnectionError

    with pytest.raises(ConnectionError):
        verify(issue(), is_revoked=broken)


# In an application


def make_app(**options):
    bearer = JWTBearer(key=SECRET, algorithms=["HS256"], clock=clock, **options)
    app = Faster()

    @app.get("/me")
    async def me(user: Annotated[Badge, Depends(bearer)]) -> Badge | None:
        return user

    @app.get("/items", dependencies=[Security(bearer, scopes=["items:read"])])
    async def items() -> str:
        return "items"

    @app.get("/orders")
    async def orders(user: Annotated[object, Security(bearer, scopes=["orders", "items:read"])]) -> str:
        return "orders"

    return TestClient(app)


@pytest.mark.parametrize(
    ("authorization", "status", "challenge"),
    [
        (None, 401, "Bearer"),
        ("Basic YTpi", 401, "Bearer"),
        ("Bearer", 401, "Bearer"),
        ("Bearer " + issue(), 200, None),
        ("bearer " + issue(), 200, None),
        ("BEARER  " + issue(), 200, None),
        (
            "Bearer " + issue({"exp": NOW}),
            401,
            'Bearer error="invalid_token", error_description="The token has expired"',
        ),
        (
            "Bearer " + issue({"admin": "perhaps"}),
            401,
            'Bearer error="invalid_token", error_description="The token\'s claims are not those of this application"',
        ),
    ],
)
def test_a_request(authorization, status, challenge):
    headers = {} if authorization is None else {"Authorization": authorization}
    response = make_app(claims=Badge).get("/me", headers=headers)
    assert (response.status_code, response.headers.get("www-authenticate")) == (status, challenge)


@pytest.mark.parametrize(
    ("path", "claims", "status"),
    [
        ("/items", {"scope": "items:read me"}, 200),
        ("/items", {"scope": "items:reader"}, 403),
        ("/items", {"scope": ["items:read"]}, 200),
        ("/items", {"scope": 7}, 403),
        ("/items", {}, 403),
        ("/orders", {"scope": "items:read"}, 403),
        ("/orders", {"scope": "items:read orders"}, 200),
    ],
)
def test_scopes(path, claims, status):
    response = make_app().get(path, headers={"Authorization": f"Bearer {issue(claims)}"})
    assert response.status_code == status
    if status == 403:
        wanted = {"/items": "items:read", "/orders": "orders items:read"}[path]
        assert response.headers["www-authenticate"] == f'Bearer error="insufficient_scope", scope="{wanted}"'


def test_scopes_may_stand_in_another_claim():
    headers = {"Authorization": f"Bearer {issue({'scp': ['items:read']})}"}
    assert make_app(scope_claim="scp").get("/items", headers=headers).status_code == 200


def test_without_auto_error_a_missing_token_is_none_and_a_bad_one_is_401():
    client = make_app(auto_error=False)
    assert client.get("/me").json() is None
    assert client.get("/me", headers={"Authorization": f"Bearer {issue({'exp': 1})}"}).status_code == 401


def test_a_realm_is_quoted():
    bearer = JWTBearer(key=SECRET, algorithms=["HS256"], realm='the "shop"')
    assert bearer.make_authenticate_headers(error="x")["WWW-Authenticate"] == (
        'Bearer realm="the \\"shop\\"", error="x"'
    )


def test_the_document_shows_a_bearer_token_with_its_scopes():
    document = make_app(description="Of id.example").get("/openapi.json").json()
    assert document["components"]["securitySchemes"] == {
        "JWTBearer": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "Of id.example",
        }
    }
    assert document["paths"]["/items"]["get"]["security"] == [{"JWTBearer": ["items:read"]}]


def test_the_middleware_sets_user_and_scopes_for_requires():
    app = Faster()
    app.add_middleware(
        JWTMiddleware, bearer=JWTBearer(key=SECRET, algorithms=["HS256"], claims=Badge, clock=clock)
    )

    @app.get("/")
    async def who(request: Request) -> list[object]:
        return [request.user.is_authenticated, request.user.identity, getattr(request.user, "claims", None)]

    @app.get("/items")
    @requires("items:read")
    async def items(request: Request) -> str:
        return request.user.display_name

    client = TestClient(app)

    def get(path, claims):
        return client.get(path, headers={"Authorization": f"Bearer {issue(claims)}"})

    assert client.get("/").json() == [False, "", None]
    assert get("/", {"admin": True}).json()[:2] == [True, "ada"]
    assert get("/items", {"scope": "items:read"}).json() == "ada"
    assert get("/items", {}).status_code == client.get("/items").status_code == 403
    refused = get("/", {"exp": 1})
    assert (refused.status_code, refused.json()) == (401, {"detail": "The token has expired"})
    assert refused.headers["www-authenticate"].startswith('Bearer error="invalid_token"')
