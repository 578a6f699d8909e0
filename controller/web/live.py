"""Live: changes told by the desk from any thread, handed to the event streams of open pages.

Each stream keeps the set of keys that changed since it was last read, so a slow reader costs at most one entry
per key; beyond MAX_KEYS it is told "all". Closing ends every stream at once, so that the server can stop.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from controller.desk.refusal import Refusal
from controller.language import n_

MAX_STREAMS = 256
MAX_KEYS = 500
ALL = "all"


class Stream:
    """What one open page has not yet been told."""

    def __init__(self, wanted: frozenset[str]) -> None:
        self._wanted = wanted
        self._keys: set[str] = set()
        self._wake = asyncio.Event()
        self.closed = False

    def put(self, key: str) -> None:
        if self._wanted and key not in self._wanted:
            return
        self._keys = {ALL} if len(self._keys) >= MAX_KEYS else self._keys | {key}
        self._wake.set()

    def close(self) -> None:
        self.closed = True
        self._wake.set()

    async def changed(self, limit_s: float) -> list[str]:
        """Wait until something changed, the stream was closed or `limit_s` passed; the keys, sorted."""
        try:
            async with asyncio.timeout(limit_s):
                await self._wake.wait()
        except TimeoutError:
            return []
        self._wake.clear()
        keys, self._keys = self._keys, set()
        return sorted(keys)

    async def closing(self, limit_s: float) -> bool:
        """Wait `limit_s` or until closed, whichever is first; True when closed. Changes go on gathering."""
        deadline = asyncio.get_running_loop().time() + limit_s
        while not self.closed and (left := deadline - asyncio.get_running_loop().time()) > 0:
            await asyncio.sleep(min(left, 0.1))
        return self.closed


class Live:
    """All open streams. `tell` may be called from any thread; everything else from the event loop."""

    def __init__(self, max_streams: int = MAX_STREAMS) -> None:
        self._max_streams = max_streams
        self._streams: set[Stream] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    def attach(self) -> None:
        """Bind to the running event loop; changes told before that concern nobody."""
        self._loop = asyncio.get_running_loop()

    def detach(self) -> None:
        self.close()
        self._loop = None

    def tell(self, key: str) -> None:
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._put, key)

    def _put(self, key: str) -> None:
        for stream in self._streams:
            stream.put(key)

    def close(self) -> None:
        self._closed = True
        for stream in self._streams:
            stream.close()

    @property
    def open_streams(self) -> int:
        return len(self._streams)

    def require_room(self) -> None:
        """Refusal 503 when too many streams are open or the server is stopping."""
        if len(self._streams) >= self._max_streams or self._closed:
            raise Refusal(
                "too-many-streams",
                n_("Quá nhiều trang đang mở cùng lúc. Hãy đóng bớt rồi tải lại trang."),
                status=503,
            )

    @contextmanager
    def stream(self, wanted: frozenset[str]) -> Iterator[Stream]:
        """A stream of the `wanted` keys (empty: of all)."""
        stream = Stream(wanted)
        self._streams.add(stream)
        if self._closed:
            stream.close()
        try:
            yield stream
        finally:
            self._streams.discard(stream)
