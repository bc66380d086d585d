"""Reading a body: whole, once, within limits, and again for whoever asks later."""

import asyncio

import pytest

from fasterapi.exceptions import ClientDisconnect, HTTPException
from fasterapi.requests import read_body


def read(scope, receive, limit=100, **more):
    return asyncio.run(read_body(scope, receive, limit, **more))


@pytest.mark.parametrize(
    "chunks", [[b"hello"], [b"he", b"llo"], [b"", b"hello", b""], [b"h", b"e", b"l", b"l", b"o"]]
)
def test_a_body_is_whole(http_scope, receive_from, chunks):
    assert read(http_scope("POST"), receive_from(chunks)) == b"hello"


def test_messages_may_leave_out_their_defaults(http_scope):
    async def receive():
        return {"type": "http.request"}

    assert read(http_scope("POST"), receive) == b""


def test_a_body_is_read_once_and_kept(http_scope, receive_from):
    scope = http_scope("POST")
    assert read(scope, receive_from([b"hello"])) == b"hello"
    assert read(scope, receive_from([], then="disconnect")) == b"hello"


@pytest.mark.parametrize("chunks", [[], [b"he"], [b"h", b"e"]])
def test_a_client_that_leaves_in_mid_body(http_scope, receive_from, chunks):
    with pytest.raises(ClientDisconnect):
        read(http_scope("POST"), receive_from(chunks, then="cut"))


@pytest.mark.parametrize(
    ("chunks", "length"),
    [
        ([b"x" * 101], None),
        ([b"x" * 60, b"x" * 60], None),
        ([b"x"] * 200, None),
        ([b"x"], "101"),  # not even read
        ([b"x" * 101], "5"),  # a lie
    ],
)
def test_a_body_beyond_the_limit_is_413(http_scope, receive_from, chunks, length):
    headers = {} if length is None else {"content-length": length}
    with pytest.raises(HTTPException, match="413: Content Too Large") as caught:
        read(http_scope("POST", headers=headers), receive_from(chunks))
    assert caught.value.__notes__ == ["the limit is 100 bytes; max_body_size= sets another one"]


def test_the_limit_holds_for_a_body_that_was_kept(http_scope, receive_from):
    scope = http_scope("POST")
    read(scope, receive_from([b"x" * 50]))
    with pytest.raises(HTTPException, match="413"):
        read(scope, receive_from([]), 10)


def test_there_may_be_no_limit(http_scope, receive_from):
    assert (
        len(read(http_scope("POST", headers={"content-length": "200"}), receive_from([b"x" * 200]), None))
        == 200
    )


@pytest.mark.parametrize("length", ["-1", "+1", "0x10", "1e3", "", " 5", "5 ", "1_0", "٣", "9" * 20, "5,5"])
def test_a_content_length_that_is_no_number_is_400(http_scope, receive_from, length):
    """CVE-2026-53540: RFC 9110, section 8.6 allows digits only."""
    scope = http_scope("POST")
    scope["headers"] = [(b"content-length", length.encode())]
    with pytest.raises(HTTPException, match="400: Invalid Content-Length"):
        read(scope, receive_from([b"hello"]))


def test_a_caller_that_knows_the_content_length_says_so(http_scope, receive_from):
    scope = http_scope("POST", headers={"content-length": "-1"})
    assert read(scope, receive_from([b"hello"]), content_length=None) == b"hello"
    with pytest.raises(HTTPException, match="400"):
        read(http_scope("POST"), receive_from([b""]), content_length=b"x")


def test_many_chunks_are_joined_once(http_scope):
    """CVE-2025-69229: the cost of a chunk does not grow with the body."""
    left = 100_000

    async def receive():
        nonlocal left
        left -= 1
        return {"type": "http.request", "body": b"x", "more_body": left > 0}

    assert len(read(http_scope("POST"), receive, 200_000)) == 100_000
