"""A sink without a device: takes blocks in real time by the monotonic clock, and hands them to a keeper."""

import threading
from typing import Protocol

from edge_agent.clock import Clock
from edge_agent.sinks.port import BLOCK_FRAMES, BLOCK_NS, Source


class Keeper(Protocol):
    """What happens to a block after it was taken; must not block."""

    def keep(self, pcm: bytes, utc_ns: int, sounding: tuple[str, ...]) -> None: ...

    def close(self) -> None: ...


class Nowhere:
    """The null sink's keeper: time passes, nothing is kept."""

    def keep(self, pcm: bytes, utc_ns: int, sounding: tuple[str, ...]) -> None:
        """Forget it."""

    def close(self) -> None:
        """Nothing to close."""


class PacedSink:
    """Takes one block each 20 ms. One that is taken more than a block late is an underrun: time starts anew."""

    def __init__(self, clock: Clock, source: Source, keeper: Keeper) -> None:
        self._clock = clock
        self._source = source
        self._keeper = keeper
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sink", daemon=True)

    def open(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._stopped.set()
        self._thread.join(1.0)
        self._keeper.close()

    def _run(self) -> None:
        due = self._clock.monotonic_ns()
        while not self._stopped.is_set():
            self._clock.sleep_until_ns(due)
            late = self._clock.monotonic_ns() - due
            if late > BLOCK_NS:
                self._source.underrun()
                due += late
            utc_ns = self._clock.utc_ns() - (self._clock.monotonic_ns() - due)
            pcm = self._source.fill(BLOCK_FRAMES, utc_ns)
            self._keeper.keep(pcm, utc_ns, self._source.sounding())
            due += BLOCK_NS
