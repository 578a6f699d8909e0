"""When the box did not know the time: what should have begun then was missed for the clock. Pure."""

import json
from collections import deque
from dataclasses import dataclass, field
from typing import Self

from schedules.model import Broadcast
from schedules.playhead import ClockTrust
from schedules.states import Reason
from schedules.units import UtcMs

_REMEMBERED = 16


@dataclass(slots=True)
class Blind:
    """The stretches of UTC in which it was not known; each is told only by the time that came after it.

    Not known at the first look, it has not been known since the machine was started: monotonic zero. A restart of the
    program alone forgets nothing: `boot_id` tells whether the machine is still in the same run.
    """

    boot_id: str = ""
    _since_ns: int | None = None
    _first: bool = True
    _stretches: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    @classmethod
    def load(cls, text: str, boot_id: str) -> Self:
        """What an earlier life noted; "" is none."""
        noted = json.loads(text) if text else {}
        blind = cls(boot_id)
        blind._stretches.extend((begin, end) for begin, end in noted.get("stretches", ()))
        if noted.get("boot_id") == boot_id:
            blind._since_ns, blind._first = noted["since_ns"], False
        return blind

    def dump(self) -> str:
        """For `load`."""
        return json.dumps({"boot_id": self.boot_id, "since_ns": self._since_ns, "stretches": list(self._stretches)})

    def look(self, trust: ClockTrust, now: UtcMs, monotonic_ns: int) -> bool:
        """Note how it stands; called before each decision. True when that is worth keeping."""
        before = (self._first, self._since_ns)
        if trust is not ClockTrust.UNKNOWN and self._since_ns is not None:
            self._stretches.append((now - (monotonic_ns - self._since_ns) // 1_000_000, now))
            self._since_ns = None
        elif trust is ClockTrust.UNKNOWN and self._since_ns is None:
            self._since_ns = 0 if self._first else monotonic_ns
        self._first = False
        return before != (self._first, self._since_ns)

    def reason(self, broadcast: Broadcast) -> Reason:
        """CLOCK if the time at which it should have begun fell into such a stretch, NONE otherwise."""
        hit = any(begin <= broadcast.latest_start and broadcast.start <= end for begin, end in self._stretches)
        return Reason.CLOCK if hit else Reason.NONE
