"""A layer that every contestant which takes plain ASGI middleware uses; it needs no framework."""

__all__ = ["Layer"]


class Layer:
    """Plain ASGI middleware that adds one header."""

    def __init__(self, app, name: bytes) -> None:
        self.app = app
        self.header = (name, b"1")

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_header(message):
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], self.header]
            await send(message)

        await self.app(scope, receive, send_with_header)
