"""Keys, and the algorithms that each of them may be used with.

Knows: PyJWT and cryptography (the extra `jwt`), RFC 7518. Does not know: tokens.
Invariant: a key's algorithms follow from its type alone, never from a token (RFC 8725, section 3.1): what is public
is never taken for a secret (CVE-2022-29217), and `none` belongs to no key.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from types import ModuleType
from typing import Any, NamedTuple

from fasterapi.datastructures import Secret

SECRET_BYTES = {"HS256": 32, "HS384": 48, "HS512": 64}  # RFC 7518, section 3.2
RSA_ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
RSA_BITS = 2048  # RFC 7518, section 3.3
CURVE_ALGORITHMS = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512", "secp256k1": "ES256K"}
ALGORITHMS = frozenset({*SECRET_BYTES, *RSA_ALGORITHMS, *CURVE_ALGORITHMS.values(), "EdDSA"})

logger = logging.getLogger("fasterapi.security")


class SigningKey(NamedTuple):
    """A secret, or a public (to sign: private) key, and what it may be used with."""

    key: Any
    algorithms: frozenset[str]


def import_pyjwt(owner: str) -> ModuleType:
    """PyJWT with cryptography. Raises `RuntimeError` if they are not installed."""
    try:
        import cryptography  # noqa: F401, PLC0415 - an extra
        import jwt  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise RuntimeError(
            f"{owner} needs PyJWT with cryptography, which are not installed.\n"
            '  fix: pip install "fasterapi[jwt]", or pip install "pyjwt[crypto]"'
        ) from error
    return jwt


def check_algorithms(algorithms: Sequence[str], owner: str) -> frozenset[str]:
    """The names as a set; raises `ValueError` for none at all, unknown ones, and `none`."""
    names = [algorithms] if isinstance(algorithms, str) else list(algorithms)
    wrong = [name for name in names if name not in ALGORITHMS]
    if not names or wrong:
        what = (
            f"algorithms={names!r} names no algorithm" if not names else f"there is no algorithm {wrong[0]!r}"
        )
        raise ValueError(f"{owner}: {what}\n  fix: some of {', '.join(sorted(ALGORITHMS))}")
    return frozenset(names)


def check_fit(key: SigningKey, algorithms: Iterable[str], owner: str) -> None:
    """Raise `ValueError` for an algorithm that is not one of the key's."""
    for algorithm in algorithms:
        if algorithm in key.algorithms:
            continue
        if isinstance(key.key, bytes) and algorithm in SECRET_BYTES:
            raise ValueError(
                f"{owner}: {algorithm} needs a key of {SECRET_BYTES[algorithm]} bytes or more, got {len(key.key)}\n"
                "  fix: python -c 'import secrets; print(secrets.token_urlsafe(64))'"
            )
        kind = "a secret" if isinstance(key.key, bytes) else type(key.key).__name__
        raise ValueError(
            f"{owner}: {algorithm} does not fit the key, which is {kind}\n"
            f"  fix: one of {', '.join(sorted(key.algorithms)) or '(none: the key is too weak)'}"
        )


def read_key(key: Any, owner: str, *, private: bool = False) -> SigningKey:
    """A key from a secret, a PEM (key or certificate), or an object of cryptography's.

    Of a private key the public half is kept, unless `private`. Raises `ValueError` for what is no key.
    """
    jwt = import_pyjwt(owner)
    if isinstance(key, Secret):
        key = str(key)
    if isinstance(key, str):
        key = key.encode()
    if isinstance(key, bytes) and key.lstrip().startswith(b"-----BEGIN"):
        key = _read_pem(key, owner)
    elif isinstance(key, bytes):
        try:  # PyJWT knows the forms of public keys, which nobody may take for a secret
            jwt.get_algorithm_by_name("HS256").prepare_key(key)
        except jwt.InvalidKeyError as error:
            raise ValueError(f"{owner}: {error}") from error
        return SigningKey(key, frozenset(name for name, size in SECRET_BYTES.items() if len(key) >= size))
    if private and not hasattr(key, "public_key"):
        raise ValueError(f"{owner}: signing needs a secret or a private key, got {type(key).__name__}")
    public = key.public_key() if hasattr(key, "public_key") else key
    return SigningKey(key if private else public, _algorithms_of(public, owner))


def read_key_set(document: Any, owner: str) -> dict[str | None, list[SigningKey]]:
    """The keys of a JSON Web Key Set (RFC 7517) by their ids; those that nothing here can use are left out."""
    import_pyjwt(owner)
    keys: dict[str | None, list[SigningKey]] = {}
    listed = document.get("keys") if isinstance(document, Mapping) else None
    if not isinstance(listed, list):
        raise ValueError(f"{owner}: no JSON Web Key Set: there is no list 'keys' in it")  # noqa: TRY004 - data
    for jwk in listed:
        try:
            found = _read_jwk(jwk, owner)
        except Exception as error:  # RFC 7517, section 5: unknown kinds of keys are ignored
            logger.warning("%s: a key was left out: %s", owner, error)
            continue
        if found is not None:
            keys.setdefault(jwk.get("kid"), []).append(found)
    if not keys:
        raise ValueError(f"{owner}: the JSON Web Key Set has no key that signatures can be checked with")
    return keys


def _read_jwk(jwk: Mapping[str, Any], owner: str) -> SigningKey | None:
    operations = jwk.get("key_ops", ["verify"])
    if jwk.get("use", "sig") != "sig" or not {"verify", "sign"} & set(operations):
        return None
    if not isinstance(jwk.get("kid", ""), str):
        raise ValueError("its kid is no text")  # noqa: TRY004 - data from outside, no argument
    read = read_key(import_pyjwt(owner).PyJWK(dict(jwk)).key, owner)
    algorithms = read.algorithms & {jwk["alg"]} if "alg" in jwk else read.algorithms
    return SigningKey(read.key, algorithms)


def _read_pem(pem: bytes, owner: str) -> Any:
    from cryptography import x509  # noqa: PLC0415 - an extra
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - an extra

    try:
        if b"CERTIFICATE-----" in pem:
            return x509.load_pem_x509_certificate(pem).public_key()
        if b"PRIVATE KEY-----" in pem:
            return serialization.load_pem_private_key(pem, None)
        return serialization.load_pem_public_key(pem)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{owner}: the PEM text holds no key that can be read: {error}") from error


def _algorithms_of(key: Any, owner: str) -> frozenset[str]:
    from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa  # noqa: PLC0415 - an extra

    if isinstance(key, rsa.RSAPublicKey):
        return RSA_ALGORITHMS if key.key_size >= RSA_BITS else frozenset()
    if isinstance(key, ec.EllipticCurvePublicKey):
        return frozenset({CURVE_ALGORITHMS[key.curve.name]} if key.curve.name in CURVE_ALGORITHMS else ())
    if isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
        return frozenset({"EdDSA"})
    raise ValueError(f"{owner}: {type(key).__name__} is no key for signatures")
