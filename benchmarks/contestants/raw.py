"""Hand-written raw ASGI: the yardstick. The same work with the same handlers, as one would write it by hand.

It hands the server the endpoint's coroutine itself and sends without a helper in between: a second coroutine
would cost a tenth of the simple request. It finds the first bad value of a request like everybody, and then
collects the others for the 422.
"""

import asyncio
import email.utils
import inspect
import os
import sys
import tempfile
from urllib.parse import parse_qsl

import msgspec

from contestants import handlers
from contestants.layer import Layer
from contestants.models import Order, OrderOut, User
from fasterapi import UploadFile
from harness.workloads import STATIC_FOLDER

DISTRIBUTION = ""
FASTAPI_ERRORS = True

encode = msgspec.json.Encoder().encode
decode_user = msgspec.json.Decoder(User, strict=False).decode
decode_order = msgspec.json.Decoder(Order, strict=False).decode
BODY = "http.response.body"
START = "http.response.start"
JSON = (b"content-type", b"application/json")
NOT_FOUND = encode({"detail": "Not Found"})


def make_app(exact, prefixes):
    """An application of exact (method, path)s and of (method, first segment)s with one parameter."""

    def app(scope, receive, send):
        if scope["type"] != "http":
            return websocket(scope, receive, send)
        method, path = scope["method"], scope["path"]
        endpoint = exact.get((method, path))
        if endpoint is not None:
            return endpoint(scope, receive, send)
        head, _, tail = path[1:].partition("/")
        endpoint = prefixes.get((method, head))
        if endpoint is not None:
            return endpoint(scope, receive, send, tail)
        return not_found(scope, receive, send)

    if sys.version_info >= (3, 12):
        return inspect.markcoroutinefunction(app)

    async def call(scope, receive, send):
        await app(scope, receive, send)

    return call


def build(kind: str):
    if kind.startswith("routes-"):
        count = int(kind.removeprefix("routes-"))
        return make_app({}, {("GET", f"r{index}"): item for index in range(count)})
    if kind == "middleware":
        app = make_app({("GET", "/health"): health}, {})
        return cross_origin(Layer(Layer(app, b"x-inner"), b"x-outer"))
    exact = {
        ("GET", "/health"): health,
        ("POST", "/users"): create_user,
        ("GET", "/search"): search,
        ("GET", "/session"): session,
        ("GET", "/diamond"): diamond,
        ("POST", "/orders"): filter_order,
        ("GET", "/sync"): sync,
        ("GET", "/large"): large,
        ("POST", "/upload"): upload,
    }
    return make_app(exact, {("GET", "users"): get_user, ("GET", "static"): static})


async def not_found(scope, receive, send):
    headers = [(b"content-length", b"%d" % len(NOT_FOUND)), JSON]
    await send({"type": START, "status": 404, "headers": headers})
    await send({"type": BODY, "body": NOT_FOUND})


async def refuse(send, errors):
    content = encode({"detail": errors})
    headers = [(b"content-length", b"%d" % len(content)), JSON]
    await send({"type": START, "status": 422, "headers": headers})
    await send({"type": BODY, "body": content})


async def health(scope, receive, send):
    content = encode(await handlers.health())
    headers = [(b"content-length", b"%d" % len(content)), JSON]
    await send({"type": START, "status": 200, "headers": headers})
    await send({"type": BODY, "body": content})


async def get_user(scope, receive, send, tail):
    try:
        user_id = int(tail)
    except ValueError:
        await refuse(send, [error("int_parsing", "path", "user_id", "a valid integer", tail)])
        return
    content = encode(await handlers.get_user(user_id))
    headers = [(b"content-length", b"%d" % len(content)), JSON]
    await send({"type": START, "status": 200, "headers": headers})
    await send({"type": BODY, "body": content})


async def item(scope, receive, send, tail):
    name, _, text = tail.partition("/")
    if name != "items":
        await not_found(scope, receive, send)
        return
    try:
        item_id = int(text)
    except ValueError:
        await refuse(send, [error("int_parsing", "path", "item_id", "a valid integer", text)])
        return
    content = encode(await handlers.item(item_id))
    headers = [(b"content-length", b"%d" % len(content)), JSON]
    await send({"type": START, "status": 200, "headers": headers})
    await send({"type": BODY, "body": content})


async def read_body(receive):
    message = await receive()
    body = message["body"]
    if not message.get("more_body", False):
        return body
    parts = [body]
    while message.get("more_body", False):
        message = await receive()
        parts.append(message.get("body", b""))
    return b"".join(parts)


def is_json(scope):
    return any(
        name == b"content-type" and value.startswith(b"application/json") for name, value in scope["headers"]
    )


async def create_user(scope, receive, send):
    body = await read_body(receive)
    if not is_json(scope):
        await refuse(send, [error("model_attributes_type", "body", "user", "an object", None)])
        return
    try:
        user = decode_user(body)
    except msgspec.ValidationError:
        await refuse(send, user_errors(msgspec.json.decode(body)))
        return
    content = encode(await handlers.create_user(user))
    headers = [(b"content-length", b"%d" % len(content)), JSON]
    await send({"type": START, "status": 201, "headers": headers})
    await send({"type": BODY, "body": content})


def user_errors(value):
    """Everything that is wrong with a user, in the words of FastAPI."""
    errors = []
    for name, kind, message in (
        ("name", str, "string"),
        ("email", str, "string"),
        ("age", int, "integer"),
    ):
        if name not in value:
            errors.append({"type": "missing", "loc": ["body", name], "msg": "Field required", "input": value})
        elif not isinstance(value[name], kind):
            errors.append(error(f"{message}_type", "body", name, f"a valid {message}", value[name]))
    return errors


def error(kind, place, name, wanted, value):
    return {"type": kind, "loc": [place, name], "msg": f"Input should be {wanted}", "input": value}


BOOLEANS = dict.fromkeys(("1", "true", "on", "yes", "t", "y"), True)
BOOLEANS |= dict.fromkeys(("0", "false", "off", "no", "f", "n"), False)


async def search(scope, receive, send):
    query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    try:
        q = query["q"]
        limit = int(query.get("limit", 10))
        offset = int(query.get("offset", 0))
        flag = query.get("exact", "false").lower()
        is_valid = 1 <= len(q) <= 50 and 1 <= limit <= 100 and offset >= 0 and flag in BOOLEANS
    except (KeyError, ValueError):
        is_valid = False
    if not is_valid:
        await refuse(send, [error("value_error", "query", "q", "valid", query)])
        return
    content = encode(await handlers.search(q, limit, offset, BOOLEANS[flag]))
    headers = [(b"content-length", b"%d" % len(content)), JSON]
    await send({"type": START, "status": 200, "headers": headers})
    await send({"type": BODY, "body": content})


async def session(scope, receive, send):
    request_id = key = None
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            request_id = value.decode("latin-1")
        elif name == b"cookie":
            for part in value.decode("latin-1").split(";"):
                cookie, _, text = part.partition("=")
                if cookie.strip() == "session":
                    key = text.strip()
    if request_id is None or key is None:
        await refuse(send, [error("missing", "header", "x-request-id", "present", None)])
        return
    content = encode(await handlers.session(request_id, key))
    headers = [(b"content-length", b"%d" % len(content)), JSON]
    await send({"type": START, "status": 200, "headers": headers})
    await send({"type": BODY, "body": content})


async def diamond(scope, receive, send):
    config = await handlers.settings()
    opened_database = handlers.database(config)
    db = await anext(opened_database)
    try:
        opened_cache = handlers.cache(config)
        store = await anext(opened_cache)
        try:
            content = encode(await handlers.diamond(await handlers.service(db, store)))
            headers = [(b"content-length", b"%d" % len(content)), JSON]
            await send({"type": START, "status": 200, "headers": headers})
            await send({"type": BODY, "body": content})
        finally:
            await anext(opened_cache, None)
    finally:
        await anext(opened_database, None)


async def filter_order(scope, receive, send):
    body = await read_body(receive)
    if not is_json(scope):
        await refuse(send, [error("model_attributes_type", "body", "order", "an object", None)])
        return
    try:
        order = decode_order(body)
    except msgspec.ValidationError as problem:
        await refuse(send, [error("value_error", "body", "order", "valid", str(problem))])
        return
    result = await handlers.filter_order(order)
    content = encode(msgspec.convert(result, OrderOut, from_attributes=True))
    headers = [(b"content-length", b"%d" % len(content)), JSON]
    await send({"type": START, "status": 200, "headers": headers})
    await send({"type": BODY, "body": content})


async def sync(scope, receive, send):
    content = encode(await asyncio.to_thread(handlers.sync))
    headers = [(b"content-length", b"%d" % len(content)), JSON]
    await send({"type": START, "status": 200, "headers": headers})
    await send({"type": BODY, "body": content})


async def large(scope, receive, send):
    content = encode(await handlers.large())
    headers = [(b"content-length", b"%d" % len(content)), JSON]
    await send({"type": START, "status": 200, "headers": headers})
    await send({"type": BODY, "body": content})


async def upload(scope, receive, send):
    from python_multipart.multipart import MultipartParser, parse_options_header

    content_type = next(value for name, value in scope["headers"] if name == b"content-type")
    _, options = parse_options_header(content_type)
    with tempfile.SpooledTemporaryFile(max_size=1024 * 1024) as file:
        disposition = []
        parser = MultipartParser(
            options[b"boundary"],
            {
                "on_header_value": lambda data, start, end: disposition.append(data[start:end]),
                "on_part_data": lambda data, start, end: file.write(data[start:end]),
            },
        )
        more = True
        while more:
            message = await receive()
            parser.write(message["body"])
            more = message.get("more_body", False)
        parser.finalize()
        file.seek(0)
        _, named = parse_options_header(disposition[0])
        result = await handlers.upload(UploadFile(file, filename=named[b"filename"].decode()))
    content = encode(result)
    headers = [(b"content-length", b"%d" % len(content)), JSON]
    await send({"type": START, "status": 200, "headers": headers})
    await send({"type": BODY, "body": content})


def read_file(name):
    path = os.path.realpath(STATIC_FOLDER / name)
    if not path.startswith(f"{STATIC_FOLDER}{os.sep}"):
        return None
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - a Path would be made for nothing
            return os.fstat(file.fileno()), file.read()
    except OSError:
        return None


async def static(scope, receive, send, tail):
    found = await asyncio.to_thread(read_file, tail)
    if found is None:
        await not_found(scope, receive, send)
        return
    stat, content = found
    headers = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-length", b"%d" % len(content)),
        (b"last-modified", email.utils.formatdate(stat.st_mtime, usegmt=True).encode()),
        (b"etag", b'"%x-%x"' % (stat.st_mtime_ns, stat.st_size)),
    ]
    await send({"type": START, "status": 200, "headers": headers})
    await send({"type": BODY, "body": content})


async def websocket(scope, receive, send):
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
        return
    await receive()
    await send({"type": "websocket.accept"})
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            return
        await send({"type": "websocket.send", "text": message["text"]})


async def lifespan(receive, send):
    while True:
        message = await receive()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return


def cross_origin(app):
    """The headers of a simple cross-origin request."""

    async def add_origin(scope, receive, send):
        origin = None
        for name, value in scope.get("headers", ()):
            if name == b"origin":
                origin = value
        if origin != b"https://example.com":
            await app(scope, receive, send)
            return

        async def send_with_origin(message):
            if message["type"] == START:
                message["headers"] = [
                    *message["headers"],
                    (b"access-control-allow-origin", origin),
                    (b"vary", b"Origin"),
                ]
            await send(message)

        await app(scope, receive, send_with_origin)

    return add_origin
