"""Other people's pages: what a browser sends for them, and what they may read."""

import asyncio
from typing import Annotated

import pytest

from fasterapi import Cookie, Faster, WebSocket
from fasterapi.exceptions import WebSocketException
from fasterapi.middleware import CORSMiddleware
from fasterapi.websockets import WebSocket as RawWebSocket


@pytest.mark.parametrize(
    "origin",
    [
        "https://ok.example.evil.example",
        "https://ok.example:444",
        "http://ok.example",
        "https://okXexample",
        "xhttps://ok.example",
        "https://evil.example/https://ok.example",
        "https://ok.example\n",
        "null",
        "",
    ],
)
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
@pytest.mark.parametrize(
    "options", [{"allow_origin_regex": r"https://ok\.example"}, {"allow_origins": ["https://ok.example"]}]
)
def test_an_origin_matches_as_a_whole__CVE_2026_25478(call, app, origin, method, options):
    """Also Starlette's pull request 801: the beginning of an origin is not its name."""
    guarded = CORSMiddleware(app, allow_credentials=True, **options)
    headers = {"origin": origin, "access-control-request-method": "GET"}
    answer = call(guarded, method, "/url", headers=headers)
    assert answer.header("access-control-allow-origin") in {None, "https://ok.example"}
    assert answer.header("access-control-allow-origin") != origin
    assert "Origin" in answer.header("vary")


def test_every_origin_with_credentials_is_warned_of_at_start_up(app, caplog):
    CORSMiddleware(app, allow_origins=["*"], allow_credentials=True)
    assert "lets every web site read" in caplog.text


def live(**options):
    app = Faster()

    @app.websocket("/", **options)
    async def echo(websocket: WebSocket, key: Annotated[str | None, Cookie()] = None) -> None:
        await websocket.accept()
        await websocket.close()

    return app


@pytest.mark.parametrize(
    ("origin", "options", "accepted"),
    [
        ("https://evil.example", {}, False),
        ("https://shop.example.evil.example", {}, False),
        ("https://evil.example:shop.example", {}, False),
        ("null", {}, False),
        ("", {}, False),
        ("https://shop.example", {}, True),
        (None, {}, True),  # no browser, so nobody's cookies but its own
        ("https://app.example", {"allowed_origins": ["https://app.example"]}, True),
        ("https://shop.example", {"allowed_origins": ["https://app.example"]}, False),
    ],
)
def test_a_strangers_page_opens_no_websocket_with_its_visitors_cookie__CWE_1385(
    call, origin, options, accepted
):
    """djust #653 and its kind. Refused before the handshake ends, which is a 403."""
    headers = {"host": "shop.example", "cookie": "key=a"} | ({} if origin is None else {"origin": origin})
    app = live(**options)

    async def connected(scope, _, send):
        async def receive():
            return {"type": "websocket.connect"}

        await app(scope, receive, send)

    answer = call(connected, "GET", "/", headers=headers, type="websocket")
    kinds = [message["type"] for message in answer.messages]
    assert ("websocket.accept" in kinds) is accepted
    if not accepted:
        assert kinds[0] in {"websocket.close", "websocket.http.response.start"}


@pytest.mark.parametrize("kind", ["text", "bytes"])
def test_a_message_beyond_the_limit_is_refused__CVE_2026_44545__CVE_2026_42544(kind):
    """Closed by 1009 (RFC 6455, section 7.4.1); the server's own limit stands in front of it."""
    data = "x" * 101 if kind == "text" else b"x" * 101
    incoming = [{"type": "websocket.connect"}, {"type": "websocket.receive", kind: data}]

    async def receive():
        return incoming.pop(0)

    async def send(message):
        pass

    async def main():
        websocket = RawWebSocket({"type": "websocket", "headers": []}, receive, send, max_message_size=100)
        await websocket.accept()
        with pytest.raises(WebSocketException) as caught:
            await (websocket.receive_text() if kind == "text" else websocket.receive_bytes())
        assert caught.value.code == 1009

    asyncio.run(main())
