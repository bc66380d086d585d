"""What is compressed, how, and what is left alone."""

import gzip
import threading
import zlib

import pytest

from fasterapi.middleware import CompressionMiddleware, GZipMiddleware
from fasterapi.middleware._encodings import (
    DEFAULT_LEVELS,
    brotli_encoder_of,
    choose,
    find_encoders,
    zstd_encoder_of,
)

TEXT = b"lorem ipsum " * 200
GZIP = {"Accept-Encoding": "gzip"}


def test_a_large_body_is_compressed(ask, reply):
    answer = ask(GZipMiddleware(reply(body=TEXT, headers={"Content-Length": str(len(TEXT))})), headers=GZIP)

    assert gzip.decompress(answer.body) == TEXT
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert int(answer.headers["content-length"]) == len(answer.body) < len(TEXT)


@pytest.mark.parametrize(
    ("tag", "accepted", "sent"), [('"1"', "gzip", 'W/"1"'), ('W/"1"', "gzip", 'W/"1"'), ('"1"', "br", '"1"')]
)
def test_other_bytes_have_no_strong_tag(ask, reply, tag, accepted, sent):
    headers = {"Accept-Encoding": accepted}
    answer = ask(GZipMiddleware(reply(body=TEXT, headers={"ETag": tag})), headers=headers)

    assert answer.headers["etag"] == sent


@pytest.mark.parametrize(("size", "is_compressed"), [(499, False), (500, True)])
def test_minimum_size(ask, reply, size, is_compressed):
    answer = ask(GZipMiddleware(reply(body=b"x" * size)), headers=GZIP)

    assert ("content-encoding" in answer.headers) is is_compressed
    assert ("vary" in answer.headers) is is_compressed


@pytest.mark.parametrize("accepted", [None, "", "br", "identity", "gzip;q=0", "*;q=0"])
def test_a_client_that_does_not_want_it_gets_it_plain(ask, reply, accepted):
    headers = {} if accepted is None else {"Accept-Encoding": accepted}

    answer = ask(GZipMiddleware(reply(body=TEXT)), headers=headers)

    assert answer.body == TEXT
    # … and caches learn that others may get another answer
    assert answer.headers == {"vary": "Accept-Encoding"}


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (200, {"Content-Encoding": "br"}),
        (206, {}),
        (200, {"Cache-Control": "public, No-Transform"}),
        (200, {"Content-Type": "text/event-stream"}),
        (200, {"Content-Type": "image/PNG"}),
        (200, {"Content-Type": "video/mp4; codecs=x"}),
        (200, {"Content-Type": "application/grpc+proto"}),
    ],
)
def test_what_is_encoded_partial_or_excluded_stays_as_it_is(ask, reply, status, headers):
    answer = ask(GZipMiddleware(reply(status, headers, [TEXT, TEXT])), headers=GZIP)

    assert answer.body == TEXT + TEXT
    assert answer.headers == {name.lower(): value for name, value in headers.items()}


def test_excluded_types_can_be_chosen(ask, reply):
    app = GZipMiddleware(
        reply(headers={"Content-Type": "Text/CSV"}, body=TEXT), exclude_content_types=("text/csv; a=b",)
    )

    assert ask(app, headers=GZIP).body == TEXT


@pytest.mark.parametrize("encoding", sorted(find_encoders()))
def test_every_piece_of_a_stream_can_be_decoded_when_it_arrives(ask, reply, encoding):
    pieces = [b"first", b"second" * 1000, b"", b"third"]
    app = CompressionMiddleware(reply(headers={"Content-Length": "1"}, body=[*pieces, b""]))

    answer = ask(app, headers={"Accept-Encoding": encoding})

    decode = DECODERS[encoding]()
    sent = [m["body"] for m in answer.messages if m["type"] == "http.response.body"]
    assert [decode(piece) for piece in sent] == [*pieces, b""]
    assert answer.headers == {"vary": "Accept-Encoding", "content-encoding": encoding}
    assert [m["more_body"] for m in answer.messages[1:]] == [True, True, True, True, False]


def _gzip_decoder():
    return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress


def _brotli_decoder():
    return pytest.importorskip("brotli").Decompressor().process


def _zstd_decoder():
    try:
        from compression import zstd
    except ModuleNotFoundError:
        from backports import zstd
    decoder = zstd.ZstdDecompressor()
    return lambda data: b"" if decoder.eof else decoder.decompress(data)


DECODERS = {"gzip": _gzip_decoder, "br": _brotli_decoder, "zstd": _zstd_decoder}


def test_a_vary_of_the_application_is_kept(ask, reply):
    answer = ask(GZipMiddleware(reply(headers={"Vary": "Origin"}, body=TEXT)), headers=GZIP)

    assert answer.headers["vary"] == "Origin, Accept-Encoding"


def test_a_large_body_is_compressed_off_the_loop(ask, reply, monkeypatch):
    threads = []
    app = GZipMiddleware(reply(body=TEXT), thread_minimum_size=len(TEXT))
    original = app.new_encoder

    def watched(encoding):
        encode = original(encoding)

        def encode_and_tell(data, is_last):
            threads.append(threading.current_thread())
            return encode(data, is_last)

        return encode_and_tell

    monkeypatch.setattr(app, "new_encoder", watched)

    answer = ask(app, headers=GZIP)

    assert gzip.decompress(answer.body) == TEXT
    assert threads != [threading.main_thread()]


def test_a_body_that_is_a_view_is_compressed(ask):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": memoryview(TEXT)})

    assert gzip.decompress(ask(GZipMiddleware(app), headers=GZIP).body) == TEXT


def test_messages_of_extensions_pass(ask):
    early = {"type": "http.response.early_hint", "links": []}
    debug = {"type": "http.response.debug", "info": {}}
    trailers = {"type": "http.response.trailers", "headers": [], "more_trailers": False}

    async def app(scope, receive, send):
        await send(debug)
        await send({"type": "http.response.start", "status": 200, "headers": [], "trailers": True})
        await send(early)
        await send({"type": "http.response.body", "body": TEXT})
        await send(trailers)

    answer = ask(GZipMiddleware(app), headers=GZIP)

    assert [m["type"].rpartition(".")[2] for m in answer.messages] == [
        "debug", "early_hint", "start", "body", "trailers",
    ]  # fmt: skip
    assert gzip.decompress(answer.body) == TEXT
    assert "content-length" not in answer.headers


def test_a_file_that_the_server_sends_is_left_alone(ask):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9")]})
        await send({"type": "http.response.pathsend", "path": "/file"})

    answer = ask(GZipMiddleware(app), headers=GZIP)

    assert answer.messages[1] == {"type": "http.response.pathsend", "path": "/file"}
    assert answer.headers == {"content-length": "9"}


def test_an_answer_to_head_keeps_its_length(ask, reply):
    app = GZipMiddleware(reply(headers={"Content-Length": "5000"}, body=b""))

    assert ask(app, method="HEAD", headers=GZIP).headers == {"content-length": "5000"}


@pytest.mark.parametrize(
    ("accepted", "offered", "chosen"),
    [
        (b"gzip, br, zstd", ["zstd", "br", "gzip"], "zstd"),
        (b"gzip, br", ["zstd", "br", "gzip"], "br"),
        (b"gzip;q=1.0, br;q=0.5", ["br", "gzip"], "gzip"),
        (b"GZIP", ["gzip"], "gzip"),
        (b"*", ["br", "gzip"], "br"),
        (b"*, br;q=0", ["br", "gzip"], "gzip"),
        (b"gzip ; q = 0.0", ["gzip"], None),
        (b"gzip;q=nonsense", ["gzip"], None),
        (b"gzip;level=9;q=0.3", ["gzip"], "gzip"),
        (b"x-gzip", ["gzip"], "gzip"),
        (b"\xff\xfe", ["gzip"], None),
        (None, ["gzip"], None),
    ],
)
def test_negotiation(accepted, offered, chosen):
    """RFC 9110, section 12.5.3."""
    assert choose(accepted, offered) == chosen


def test_the_order_of_preference_can_be_chosen(ask, reply):
    app = CompressionMiddleware(reply(body=TEXT), encodings=["gzip"], levels={"gzip": 1})

    answer = ask(app, headers={"Accept-Encoding": "br, zstd, gzip"})

    assert answer.headers["content-encoding"] == "gzip"


def test_an_encoder_that_is_not_installed_is_refused_at_once(reply):
    with pytest.raises(ValueError, match=r"no encoder for .nonsense.[\s\S]*fasterapi\[compression\]"):
        CompressionMiddleware(reply(), encodings=["nonsense"])


def test_gzip_is_always_there_and_every_encoder_has_a_level():
    encoders = find_encoders()

    assert list(encoders)[-1] == "gzip"
    assert set(encoders) <= set(DEFAULT_LEVELS)


def test_encoders_are_found_by_what_is_installed(monkeypatch):
    from fasterapi.middleware import _encodings

    monkeypatch.setattr(_encodings, "first_module", lambda *names: None)

    assert list(find_encoders()) == ["gzip"]


def test_an_absent_module_is_skipped():
    from fasterapi.middleware._encodings import first_module

    assert first_module("no_such_module", "zlib") is zlib
    assert first_module("no_such_module") is None


class FakeStream:
    """The two interfaces, for where neither module is installed."""

    FLUSH_BLOCK, FLUSH_FRAME = "block", "frame"

    def __init__(self, **options):
        self.options = options

    def process(self, data):
        return b"<" + data

    def flush(self):
        return b"|"

    def finish(self):
        return b">"

    def compress(self, data, mode):
        return data + mode.encode()


def test_brotli_is_flushed_after_every_piece_and_finished_after_the_last():
    class brotli:
        Compressor = FakeStream

    encode = brotli_encoder_of(brotli)(4)

    assert (encode(b"a", False), encode(b"b", True)) == (b"<a|", b"<b>")


def test_zstd_ends_a_block_after_every_piece_and_the_frame_after_the_last():
    class zstd:
        ZstdCompressor = FakeStream

    encode = zstd_encoder_of(zstd)(3)

    assert (encode(b"a", False), encode(b"b", True)) == (b"ablock", b"bframe")


def test_a_level_that_there_is_not_is_refused_at_once(reply):
    with pytest.raises(ValueError):
        GZipMiddleware(reply(), compresslevel=99)
