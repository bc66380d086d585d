"""A session comes back with the next request, unless anybody else wrote it."""

import asyncio
import base64
import json
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from fasterapi.datastructures import Secret
from fasterapi.middleware.sessions import Session, SessionMiddleware
from fasterapi.requests import HTTPConnection
from fasterapi.stores import MemoryStore


def needs_itsdangerous():
    return pytest.importorskip("itsdangerous", reason="the extra `sessions` is not installed")


@pytest.fixture
def session_app():
    """`session_app(change, **options)`: an application that calls `change(session)` and answers the session."""
    needs_itsdangerous()

    def make(change=lambda session: None, **options):
        async def app(scope, receive, send):
            session = HTTPConnection(scope).session
            change(session)
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": json.dumps(session).encode()})

        return SessionMiddleware(app, secret_key="key", **options)

    return make


def set_cookies(answer):
    return [value.decode() for name, value in answer.start["headers"] if name == b"set-cookie"]


def cookie_of(answer):
    (cookie,) = set_cookies(answer)
    return {"Cookie": cookie.partition(";")[0]}


def add(session):
    session["user"] = "ada"


def test_a_session_comes_back(ask, session_app):
    cookie = cookie_of(ask(session_app(add)))

    answer = ask(session_app(), headers=cookie)

    assert answer.body == b'{"user": "ada"}'
    assert answer.headers == {"vary": "Cookie"}


@pytest.mark.parametrize(
    ("options", "attributes"),
    [
        ({}, "path=/; Max-Age=1209600; httponly; samesite=lax"),
        ({"max_age": None}, "path=/; httponly; samesite=lax"),
        (
            {"https_only": True, "same_site": "none"},
            "path=/; Max-Age=1209600; httponly; samesite=none; secure",
        ),
        (
            {"path": "/app", "domain": ".example.com", "partitioned": True},
            "path=/app; Max-Age=1209600; httponly; samesite=lax; domain=.example.com; partitioned",
        ),
    ],
)
def test_attributes(ask, session_app, options, attributes):
    (cookie,) = set_cookies(ask(session_app(add, **options)))

    assert cookie.partition("; ")[2] == attributes


def test_a_session_that_nobody_looked_at_changes_nothing(ask, reply):
    needs_itsdangerous()

    assert ask(SessionMiddleware(reply(), "key")).headers == {}


def test_a_cleared_session_is_taken_back(ask, session_app):
    cookie = cookie_of(ask(session_app(add)))

    (taken,) = set_cookies(ask(session_app(lambda session: session.clear()), headers=cookie))

    assert taken == "session=null; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT; httponly; samesite=lax"


def test_an_empty_session_that_stays_empty_sends_nothing(ask, session_app):
    assert set_cookies(ask(session_app(lambda session: session.clear()))) == []


def forged():
    signer = needs_itsdangerous().TimestampSigner("other key")
    return signer.sign(base64.b64encode(b'{"user": "eve"}')).decode()


def signed(data):
    return needs_itsdangerous().TimestampSigner("key").sign(data).decode()


@pytest.mark.parametrize(
    "make",
    [
        lambda: "nonsense",
        forged,
        lambda: base64.b64encode(b'{"user": "eve"}').decode(),
        lambda: signed(b"!no base64!"),
        lambda: signed(base64.b64encode(b"no JSON")),
        lambda: signed(base64.b64encode(b"[1]")),
        lambda: signed(base64.b64encode(b"\xff\xfe")),
    ],
    ids=["no signature", "other key", "unsigned", "no base64", "no JSON", "no object", "no text"],
)
def test_what_was_not_signed_here_is_an_empty_session(ask, session_app, make):
    answer = ask(session_app(), headers={"Cookie": f"session={make()}"})

    assert answer.body == b"{}"


def test_an_old_session_is_empty(ask, session_app):
    cookie = cookie_of(ask(session_app(add)))

    assert ask(session_app(max_age=-1), headers=cookie).body == b"{}"


def test_other_cookies_are_no_session(ask, session_app):
    assert ask(session_app(), headers={"Cookie": "a=session; xsession=b"}).body == b"{}"


def test_the_name_of_the_cookie_can_be_chosen(ask, session_app):
    answer = ask(session_app(add, session_cookie="sid"))

    assert cookie_of(answer)["Cookie"].startswith("sid=")
    assert ask(session_app(session_cookie="sid"), headers=cookie_of(answer)).body == b'{"user": "ada"}'


def test_the_key_can_be_a_secret(ask, session_app):
    app = session_app(add)
    other = SessionMiddleware(app.app, Secret("key"))

    assert ask(other, headers=cookie_of(ask(app))).status == 200


def test_a_websocket_has_the_session_too(ask, session_app):
    cookie = cookie_of(ask(session_app(add)))

    async def app(scope, receive, send):
        session = HTTPConnection(scope).session
        session["seen"] = True
        await send({"type": "websocket.accept", "headers": []})

    answer = ask(SessionMiddleware(app, "key"), type="websocket", headers=cookie)

    names = [name for name, _ in answer.messages[0]["headers"]]
    assert names == [b"vary", b"set-cookie"]


def test_a_plain_dict_in_its_place_is_kept(ask):
    needs_itsdangerous()

    async def app(scope, receive, send):
        scope["session"] = {"user": "ada"}
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body"})

    cookie = cookie_of(ask(SessionMiddleware(app, "key")))

    assert cookie["Cookie"].startswith("session=")


CHANGES = [
    lambda s: s.__setitem__("b", 1),
    lambda s: s.__delitem__("a"),
    lambda s: s.clear(),
    lambda s: s.pop("a"),
    lambda s: s.popitem(),
    lambda s: s.setdefault("b", 1),
    lambda s: s.update(b=1),
    lambda s: s.__ior__({"b": 1}),
    lambda s: s.mark_modified(),
]
NO_CHANGES = [
    lambda s: s["a"],
    lambda s: s.get("b"),
    lambda s: s.pop("b", None),
    lambda s: s.setdefault("a", 2),
    lambda s: s.mark_accessed(),
]


@pytest.mark.parametrize("change", CHANGES)
def test_changes_are_noticed(change):
    session = Session({"a": 1})
    change(session)
    assert session.modified
    assert session.accessed


@pytest.mark.parametrize("change", NO_CHANGES)
def test_looking_is_no_change(change):
    session = Session({"a": 1})
    change(session)
    assert not session.modified


def test_without_itsdangerous_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "itsdangerous", None)

    with pytest.raises(RuntimeError, match=r"fasterapi\[sessions\]"):
        SessionMiddleware(None, "key")


def test_an_empty_key_is_refused_at_once():
    with pytest.raises(ValueError, match="anybody could sign"):
        SessionMiddleware(None, "")


class RecordingStore(MemoryStore):
    """Also tells what it was asked."""

    def __init__(self):
        super().__init__()
        self.calls = []

    async def get(self, key):
        self.calls.append("get")
        return await super().get(key)

    async def set(self, key, value, expires_in=None):
        self.calls.append("set")
        await super().set(key, value, expires_in)

    async def delete(self, key):
        self.calls.append("delete")
        await super().delete(key)


def test_in_a_store_the_cookie_has_a_key_and_no_values(ask, session_app):
    store = RecordingStore()

    first = ask(session_app(add, store=store))
    second = ask(session_app(store=store), headers=cookie_of(first))

    (cookie,) = set_cookies(first)
    key = cookie.removeprefix("session=").partition(".")[0]
    assert len(key) >= 43  # 256 bits
    assert cookie.endswith("; path=/; Max-Age=1209600; httponly; samesite=lax")
    assert second.body == b'{"user": "ada"}'
    assert second.headers == {"vary": "Cookie"}
    assert store.calls == ["set", "get"]


def test_the_key_stays_when_the_values_change(ask, session_app):
    store = RecordingStore()
    first = cookie_of(ask(session_app(add, store=store)))

    second = cookie_of(ask(session_app(lambda session: session.update(n=1), store=store), headers=first))

    assert key_of(first) == key_of(second)
    assert ask(session_app(store=store), headers=first).body == b'{"user": "ada", "n": 1}'


def key_of(headers):
    return headers["Cookie"].removeprefix("session=").partition(".")[0]


def test_a_renewed_session_has_another_key_and_the_old_one_is_worth_nothing(ask, session_app):
    """Whoever knew the key before somebody signed in must not be signed in with it."""
    store = RecordingStore()
    before = cookie_of(ask(session_app(add, store=store)))

    after = cookie_of(ask(session_app(lambda session: session.renew(), store=store), headers=before))

    assert key_of(before) != key_of(after)
    assert ask(session_app(store=store), headers=before).body == b"{}"
    assert ask(session_app(store=store), headers=after).body == b'{"user": "ada"}'


def test_a_cleared_session_is_deleted(ask, session_app):
    store = RecordingStore()
    cookie = cookie_of(ask(session_app(add, store=store)))

    (taken,) = set_cookies(ask(session_app(lambda session: session.clear(), store=store), headers=cookie))

    assert taken.startswith("session=null;")
    assert store.calls == ["set", "get", "delete"]
    assert ask(session_app(store=store), headers=cookie).body == b"{}"


def test_a_request_that_ends_after_the_sign_out_does_not_sign_in_again(ask, session_app):
    store = MemoryStore()
    cookie = cookie_of(ask(session_app(add, store=store)))

    def sign_out_elsewhere(session):
        session["page"] = 1
        ask_again = session_app(lambda session: session.clear(), store=store)
        with ThreadPoolExecutor() as other:
            other.submit(ask, ask_again, headers=cookie).result()

    late = ask(session_app(sign_out_elsewhere, store=store), headers=cookie)

    assert set_cookies(late) == []
    assert ask(session_app(store=store), headers=cookie).body == b"{}"


@pytest.mark.parametrize("make", [lambda: "made-up", lambda: "key.signature.x", forged])
def test_a_key_that_a_client_made_up_is_not_looked_for(ask, session_app, make):
    store = RecordingStore()

    answer = ask(session_app(add, store=store), headers={"Cookie": f"session={make()}"})

    assert store.calls == ["set"]
    assert key_of(cookie_of(answer)) not in make()


def test_a_key_that_the_store_has_forgotten_is_an_empty_session(ask, session_app):
    cookie = cookie_of(ask(session_app(add, store=MemoryStore())))

    assert ask(session_app(store=MemoryStore()), headers=cookie).body == b"{}"


def test_renewing_a_session_in_a_cookie_changes_nothing(ask, session_app):
    cookie = cookie_of(ask(session_app(add)))

    answer = ask(session_app(lambda session: session.renew()), headers=cookie)

    assert ask(session_app(), headers=cookie_of(answer)).body == b'{"user": "ada"}'


@pytest.mark.parametrize(
    ("max_age", "later", "found"), [(60, 59, True), (60, 60, False), (None, 10**9, True)]
)
def test_values_are_kept_for_the_age_of_the_cookie(ask, session_app, max_age, later, found):
    now = [1000.0]
    store = MemoryStore(clock=lambda: now[0])
    cookie = cookie_of(ask(session_app(add, store=store, max_age=max_age)))

    now[0] += later

    body = ask(session_app(store=store, max_age=max_age), headers=cookie).body
    assert body == (b'{"user": "ada"}' if found else b"{}")


def test_the_key_in_the_store_cannot_be_that_of_a_counter_or_an_answer(ask, session_app):
    store = MemoryStore()
    ask(session_app(add, store=store))

    (key,) = store._entries
    assert key.startswith("session:")


def test_a_key_that_was_signed_for_values_is_unknown_to_the_store(ask, session_app):
    """The cookie of the days before there was a store."""
    cookie = cookie_of(ask(session_app(add)))

    assert ask(session_app(store=MemoryStore()), headers=cookie).body == b"{}"
