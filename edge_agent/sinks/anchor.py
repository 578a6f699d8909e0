"""When the blocks of a running stream leave the output: the median of what the device says, not the last word of it."""

from collections import deque
from statistics import median

from edge_agent.sinks.port import CARD_FRAMES, RATE

_SECOND_NS = 1_000_000_000
_REMEMBERED = 3 * RATE // CARD_FRAMES + 1
"""Three seconds."""
_JUMP_NS = 30_000_000
_NOTED_EVERY = RATE // CARD_FRAMES
_NOTES = 120
"""One a second, so the drift is that of the last two minutes."""
_ENOUGH_NOTES = 8
_MOST_DRIFT_PPM = 300.0
"""No card's quartz is so far off; what is more is a clock being set."""


class Anchor:
    """Each block the device tells when its first frame will be heard; single answers jitter by milliseconds.

    With a stream that never stops, frame 0 has one true instant; each answer less the frames before it is an estimate
    of that, and the median of the recent ones follows the drift of the card: half its length behind, which the drift
    itself makes up for. An answer that is far off for some blocks in a row means that the stream stalled (or the clock
    stepped): then the past is forgotten, but not the drift. `drift_ppm` is by how much the card is fast.
    """

    def __init__(self, drift_ppm: float = 0.0) -> None:
        self.drift_ppm = drift_ppm
        self._estimates: deque[int] = deque(maxlen=_REMEMBERED)
        self._notes: deque[tuple[int, float]] = deque(maxlen=_NOTES)
        self._since_note = 0
        self._frames = 0
        self._far = 0

    def block_at(self, told_utc_ns: int, frames: int) -> int:
        """UTC ns of the first frame of the next block, of `frames`; the device says `told_utc_ns`."""
        estimate = told_utc_ns - self._frames * _SECOND_NS // RATE
        middle = median(self._estimates) if self._estimates else estimate
        self._far = self._far + 1 if abs(estimate - middle) > _JUMP_NS else 0
        if self._far >= 5:
            self._estimates.clear()
            self._notes.clear()
            self._far = 0
        self._estimates.append(estimate)
        middle = median(self._estimates)
        self._note(middle)
        behind = (len(self._estimates) - 1) / 2 * frames
        at = round(middle - self.drift_ppm * behind * 1_000 / RATE) + self._frames * _SECOND_NS // RATE
        self._frames += frames
        return at

    def _note(self, middle: float) -> None:
        """Learn the drift: by a fast card the later frames leave earlier than by its count they should."""
        self._since_note += 1
        if self._since_note < _NOTED_EVERY or len(self._estimates) < _REMEMBERED:
            return
        self._since_note = 0
        self._notes.append((self._frames, middle))
        if len(self._notes) >= _ENOUGH_NOTES:
            (first, was), (last, now) = self._notes[0], self._notes[-1]
            drift = (was - now) * RATE / ((last - first) * 1_000)
            self.drift_ppm = max(-_MOST_DRIFT_PPM, min(_MOST_DRIFT_PPM, drift))
