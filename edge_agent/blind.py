"""When the box did not know the time: what should have begun then was missed for the clock. Pure."""

from collections import deque
from dataclasses import dataclass, field

from schedules.model import Broadcast
from schedules.playhead import ClockTrust
from schedules.states import Reason
from schedules.units import UtcMs

_REMEMBERED = 16


@dataclass(slots=True)
class Blind:
    """The stretches of UTC in which it was not known; each is told only by the time that came after it.

    Not known at the first look, it has not been known since the machine was started: monotonic zero.
    """

    _since_ns: int | None = None
    _first: bool = True
    _stretches: deque[tuple[int, UtcMs]] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    def look(self, trust: ClockTrust, now: UtcMs, monotonic_ns: int) -> None:
        """Note how it stands; called before each decision."""
        if trust is not ClockTrust.UNKNOWN and self._since_ns is not None:
            self._stretches.append((now - (monotonic_ns - self._since_ns) // 1_000_000, now))
            self._since_ns = None
        elif trust is ClockTrust.UNKNOWN and self._since_ns is None:
            self._since_ns = 0 if self._first else monotonic_ns
        self._first = False

    def reason(self, broadcast: Broadcast) -> Reason:
        """CLOCK if the time at which it should have begun fell into such a stretch, NONE otherwise."""
        hit = any(begin <= broadcast.latest_start and broadcast.start <= end for begin, end in self._stretches)
        return Reason.CLOCK if hit else Reason.NONE
