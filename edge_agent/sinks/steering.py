"""Keeps what a sound card puts out in step with UTC, although the card counts its samples by a clock of its own.

Between the player and the card: the player is asked for blocks that lie end to end on a perfect 48 kHz clock, and what
it answers is stretched by some parts per million so that each sample leaves the card at the instant it was asked for.
While nothing sounds there is nothing to stretch: the next block is simply asked for the instant that the card tells.
"""

from audio.stretch import Stretch
from edge_agent.sinks.anchor import Anchor
from edge_agent.sinks.port import BLOCK_FRAMES, RATE, Source

_SECOND_NS = 1_000_000_000
_FRAME_BYTES = 2
_AHEAD_FRAMES = BLOCK_FRAMES
"""The player is asked this much before its blocks are needed: the stretching begins in the silence before a sound."""
_JUMP_NS = 5_000_000
"""A greater difference is no drift (a stall, a set clock): stretching it away would take long, and until then all that
begins would begin at a wrong instant. The player is told the new time instead."""
_GAIN_PER_S = 0.25
"""What the drift leaves is closed within some seconds, so gently that the jitter of the card's answers is not heard."""
_MOST_PPM = 500.0
"""Nobody hears a tone 0.9 cents off."""
_QUIET_FRAMES = RATE


class Steering:
    """Not safe from several threads; for the card's callback."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._anchor = Anchor()
        self._ready = bytearray()
        self._next_ns = 0
        """The instant for which the next block will be asked."""
        self._error_ns = 0.0
        self._stretch: Stretch | None = None
        self._spare = Stretch()
        self._quiet = 0

    def begin(self) -> None:
        """A new stream, of the same card as far as is known."""
        self._anchor = Anchor(self._anchor.drift_ppm)

    def wait(self, frames: int, told_utc_ns: int) -> None:
        """The card takes silence that is nobody's; it only tells the time."""
        self._anchor.block_at(told_utc_ns, frames)

    def fill(self, frames: int, told_utc_ns: int) -> bytes:
        """The next `frames` for the card, of which it says that the first will leave it at `told_utc_ns`."""
        self._error_ns = self._anchor.block_at(told_utc_ns, frames) - self._ready_ns()
        if self._stretch is None or abs(self._error_ns) > _JUMP_NS:
            self._next_ns += round(self._error_ns)
            self._error_ns = 0.0
        while len(self._ready) < (frames + _AHEAD_FRAMES) * _FRAME_BYTES:
            self._ask(frames)
        block = bytes(self._ready[: frames * _FRAME_BYTES])
        del self._ready[: frames * _FRAME_BYTES]
        return block

    def _ready_ns(self) -> float:
        """The instant to which the first sample that is ready belongs."""
        held = self._stretch.held if self._stretch else 0.0
        return self._next_ns - (held + len(self._ready) / _FRAME_BYTES) * _SECOND_NS / RATE

    def _rate_ppm(self) -> float:
        """How much longer the sound is to last: longer on a fast card, shorter while it is late."""
        return max(-_MOST_PPM, min(_MOST_PPM, self._anchor.drift_ppm - self._error_ns / 1_000 * _GAIN_PER_S))

    def _ask(self, frames: int) -> None:
        pcm = self._source.fill(frames, self._next_ns)
        self._next_ns += frames * _SECOND_NS // RATE
        silent = pcm.count(0) == len(pcm)
        self._quiet = self._quiet + frames if silent else 0
        if self._stretch is None and not silent:
            self._begin_stretching()
        if self._stretch is not None:
            pcm = self._stretch.feed(pcm, self._rate_ppm())
        self._ready += pcm
        if self._stretch is not None and self._quiet >= _QUIET_FRAMES:
            self._stretch, self._spare = None, Stretch()

    def _begin_stretching(self) -> None:
        """The silence before the sound goes through the resampler, so that the sound finds it running."""
        self._stretch = self._spare
        before = bytes(self._ready[-_AHEAD_FRAMES * _FRAME_BYTES :])
        if before:
            del self._ready[-len(before) :]
            self._ready += self._stretch.feed(before, 0.0)
