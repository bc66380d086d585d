"""A multipart form, part by part while it arrives: nothing is kept that the reader does not keep.

Knows: whose turn it is, the reader's or the network's. Does not know: requests, files.
Invariant: memory is bounded by one chunk of the body; a form that is cut or malformed ends in an exception.
"""

from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Final

from fasterapi._multipart import MultiPartException, MultipartFrame, PartHead
from fasterapi.datastructures import Headers

__all__ = ["Part", "PartStream"]

_END: Final = None
_Event = PartHead | bytes | None


class Part:
    """One part of a form that is read while it arrives: `async for chunk in part`, or `await part.read()`.

    `filename` is what the client says, unchecked, and `None` for a field that is no file. A part is gone when the
    next one is asked for.
    """

    __slots__ = ("_is_over", "_max_size", "_stream", "filename", "headers", "name")

    def __init__(self, head: PartHead, stream: "PartStream", max_size: int) -> None:
        self.name = head.name
        self.filename = head.filename
        self.headers: Headers = head.headers
        self._stream = stream
        self._max_size = max_size
        self._is_over = False

    @property
    def content_type(self) -> str | None:
        """The media type that the client says the part has; unchecked."""
        return self.headers.get("content-type")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """The bytes as they arrive. `RuntimeError` for a part that is gone."""
        while (chunk := await self._next_chunk()) is not None:
            yield chunk

    async def read(self, max_size: int | None = None) -> bytes:
        """All bytes at once, at most `max_size` (by default the route's `max_part_size`); else 413."""
        most = self._max_size if max_size is None else max_size
        chunks: list[bytes] = []
        size = 0
        while (chunk := await self._next_chunk()) is not None:
            size += len(chunk)
            if size > most:
                raise self._stream.error(f"Part exceeded maximum size of {most // 1024}KB.", 413)
            chunks.append(chunk)
        return b"".join(chunks)

    async def text(self, max_size: int | None = None) -> str:
        """`read`, decoded as the form's character set says."""
        return self._stream.decode(await self.read(max_size))

    async def _next_chunk(self) -> bytes | None:
        if self._is_over:
            return None
        if self._stream.current is not self:
            raise RuntimeError(f"part {self.name!r} is gone: the next one was asked for")
        chunk = await self._stream.next_event()
        assert not isinstance(chunk, PartHead)
        self._is_over = chunk is _END
        return chunk

    def __repr__(self) -> str:
        return f"{type(self).__name__}(name={self.name!r}, filename={self.filename!r})"


class PartStream(MultipartFrame):
    """The parts of the form that `chunks` are; at most `max_parts`, of which `read` takes `max_part_size` bytes.

    `error(message, status_code)` makes the exception for a form that is malformed (400), cut (400) or too large (413).
    """

    def __init__(
        self,
        headers: Headers,
        chunks: AsyncIterator[bytes],
        *,
        max_parts: int,
        max_part_size: int,
        error: Callable[[str, int], Exception] = MultiPartException,
    ) -> None:
        super().__init__(headers)
        self.current: Part | None = None
        self.error = error
        self._chunks = chunks
        self._max_parts = max_parts
        self._max_part_size = max_part_size
        self._count = 0
        self._events: deque[_Event] = deque()

    async def parts(self) -> AsyncGenerator[Part, None]:
        """Each part when it begins; what its reader leaves of it is skipped."""
        while True:
            head = await self._next_head()
            if head is None:
                return
            self.current = Part(head, self, self._max_part_size)
            yield self.current

    async def _next_head(self) -> PartHead | None:
        while not self._events or not isinstance(self._events[0], PartHead):
            if self._events:
                self._events.popleft()  # the rest of a part that nobody has read
            elif not await self._feed():
                self.current = None
                return None
        head = self._events.popleft()
        assert isinstance(head, PartHead)
        return head

    async def next_event(self) -> _Event:
        """The next thing that is found in the body; within a part there is always one."""
        while not self._events:
            await self._feed()
        return self._events.popleft()

    async def _feed(self) -> bool:
        """Take one more chunk of the body; `False` when it is over."""
        chunk = await anext(self._chunks, None)
        try:
            if chunk is None:
                self.check_complete()
                return False
            self.feed(chunk)
        except MultiPartException as error:
            raise self.error(error.message, error.status_code) from error
        return True

    def decode(self, raw: bytes) -> str:
        """Text of the form."""
        return self._decode(raw)

    def _begin(self, head: PartHead) -> None:
        self._count += 1
        if self._count > self._max_parts:
            raise MultiPartException(f"Too many parts. Maximum number of parts is {self._max_parts}.")
        self._events.append(head)

    def _add_data(self, data: bytes, start: int, end: int) -> None:
        self._events.append(data[start:end])

    def _end_part(self) -> None:
        self._events.append(_END)
