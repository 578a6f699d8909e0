"""When the blocks of a running stream leave the output: the median of what the device says, not the last word of it."""

from collections import deque
from statistics import median

from edge_agent.sinks.port import RATE

_SECOND_NS = 1_000_000_000
_REMEMBERED = 101
_JUMP_NS = 30_000_000


class Anchor:
    """Each block the device tells when its first frame will be heard; single answers jitter by milliseconds.

    With a stream that never stops, frame 0 has one true instant; each answer less the frames before it is an estimate
    of that, and the median of the recent ones follows the drift of the card. An answer that is far off for some
    blocks in a row means that the stream stalled (or the clock stepped): then the past is forgotten.
    """

    def __init__(self) -> None:
        self._estimates: deque[int] = deque(maxlen=_REMEMBERED)
        self._frames = 0
        self._far = 0

    def block_at(self, told_utc_ns: int, frames: int) -> int:
        """UTC ns of the first frame of the next block, of `frames`; the device says `told_utc_ns`."""
        estimate = told_utc_ns - self._frames * _SECOND_NS // RATE
        self._far = self._far + 1 if self._is_far(estimate) else 0
        if self._far >= 5:
            self._estimates.clear()
            self._far = 0
        self._estimates.append(estimate)
        at = round(median(self._estimates)) + self._frames * _SECOND_NS // RATE
        self._frames += frames
        return at

    def _is_far(self, estimate: int) -> bool:
        return bool(self._estimates) and abs(estimate - median(self._estimates)) > _JUMP_NS
