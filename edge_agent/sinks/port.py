"""The port between the player and a place where sound goes: the sink asks, the source answers."""

from typing import Protocol

RATE = 48_000
"""Frames per second; one frame is one signed 16 bit sample (mono), little endian."""
BLOCK_FRAMES = 960
"""20 ms: what a sink without a card asks for at once."""
BLOCK_NS = BLOCK_FRAMES * 1_000_000_000 // RATE
CARD_FRAMES = 2_400
"""50 ms: what a card asks for at once, and the most that any sink does. To wake up costs more than to fill a block."""


class Source(Protocol):
    """What a sink calls, from a thread of its own; none of these may block."""

    def fill(self, frames: int, utc_ns: int) -> bytes:
        """The next `frames` (≤ CARD_FRAMES), of which the first leaves the output at `utc_ns`."""
        ...

    def sounding(self) -> tuple[str, ...]:
        """The broadcasts that have frames in the block filled last."""
        ...

    def underrun(self) -> None:
        """The sink could not ask in time; there was a gap in what came out."""
        ...

    def failed(self, sentence: str) -> None:
        """Nothing comes out any more; the sink goes on trying by itself."""
        ...

    def recovered(self) -> None:
        """Sound comes out again."""
        ...


class Sink(Protocol):
    """A place where sound goes. Open, it asks its source for block after block until it is closed."""

    def open(self) -> None: ...

    def close(self) -> None: ...
