"""Decodes a programme ahead of the sound, on a thread of its own, into a bounded buffer."""

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

from audio.opus import OpusReader
from edge_agent.measuring import FRAME_BYTES, RATE, ms_to_frames
from schedules.units import DurationMs

_AHEAD_BYTES = int(2.5 * RATE) * FRAME_BYTES
_REFILL_BYTES = _AHEAD_BYTES * 3 // 5
"""Full, it rests until so little is left: to wake up for every block costs more than decoding it."""
_PRIMED_BYTES = RATE // 4 * FRAME_BYTES


def parts_from(parts: Sequence[tuple[Path, DurationMs]], offset: int) -> Iterator[tuple[Path, int]]:
    """Which files remain, and where in each to begin, `offset` ms into the whole of `parts` (file, duration)."""
    for path, duration in parts:
        if offset < duration:
            yield path, max(0, offset)
        offset -= duration


class Feed:
    """PCM of `parts` one after the other, from `offset` ms on. `take` never blocks."""

    def __init__(self, parts: Sequence[tuple[Path, DurationMs]], offset: int) -> None:
        self._parts = tuple(parts_from(parts, offset))
        self._blocks: deque[bytes] = deque()
        self._size = 0
        self._to_skip = 0
        self._all_decoded = False
        self._closed = False
        self.fault = ""
        """Why decoding ended early, "" if it did not."""
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="feed", daemon=True)
        self._thread.start()

    @property
    def finished(self) -> bool:
        """Everything has been decoded and taken."""
        with self._changed:
            return self._all_decoded and self._size == 0

    def wait_primed(self, seconds: float) -> bool:
        """Wait until a quarter of a second (or all) is decoded."""
        with self._changed:
            return self._changed.wait_for(lambda: self._all_decoded or self._size >= _PRIMED_BYTES, seconds)

    def skip_ms(self, duration: int) -> None:
        self.skip(ms_to_frames(duration))

    def skip(self, frames: int) -> None:
        """Pass over `frames` of what comes next."""
        with self._changed:
            self._to_skip += frames * FRAME_BYTES
            self._drop()

    def take(self, frames: int) -> bytes:
        """At most `frames`; fewer when decoding is behind or at its end."""
        wanted, taken = frames * FRAME_BYTES, bytearray()
        with self._changed:
            while self._blocks and len(taken) < wanted:
                taken += self._cut(wanted - len(taken))
            if self._size <= _REFILL_BYTES:
                self._changed.notify_all()
        return bytes(taken)

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _cut(self, size: int) -> bytes:
        block = self._blocks.popleft()
        if len(block) > size:
            self._blocks.appendleft(block[size:])
            block = block[:size]
        self._size -= len(block)
        return block

    def _drop(self) -> None:
        while self._blocks and self._to_skip:
            self._to_skip -= len(self._cut(self._to_skip))
        self._changed.notify_all()

    def _run(self) -> None:
        fault = ""
        try:
            for path, start_ms in self._parts:
                for block in OpusReader(path, start_ms):
                    if not self._put(block):
                        return
        except Exception as error:
            # Whatever the decoder makes of a damaged file, the speaker plays on with the next programme.
            fault = f"{type(error).__name__}: {error}"
        with self._changed:
            self.fault = fault
            self._all_decoded = True
            self._changed.notify_all()

    def _put(self, block: bytes) -> bool:
        with self._changed:
            if self._size >= _AHEAD_BYTES:
                self._changed.wait_for(lambda: self._closed or self._size <= _REFILL_BYTES)
            self._blocks.append(block)
            self._size += len(block)
            self._drop()
            return not self._closed
