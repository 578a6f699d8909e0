"""The port to time: what the parts of the agent ask for, and the real clocks of this machine behind it.

No other file of the edge agent reads a clock. `Clock` is handed to every part that needs one; a simulated one drives
the very same threads, because they wait by its conditions and sleep by it.
"""

import threading
import time
from datetime import UTC, datetime
from typing import Protocol

from schedules.playhead import ClockTrust
from schedules.units import UtcMs

_FIRST_CREDIBLE_YEAR = 2024
"""A box without a battery wakes up in 1970 or at the build date of its image; nothing earlier can be true."""


class Clock(Protocol):
    """All of it may be called from any thread."""

    def utc_ns(self) -> int:
        """UTC nanoseconds since the epoch, as well as the box knows (see `trust`)."""
        ...

    def utc_ms(self) -> UtcMs: ...

    def trust(self) -> ClockTrust:
        """Whether UTC can be believed now."""
        ...

    def monotonic_ns(self) -> int:
        """Nanoseconds that never step; the zero is arbitrary."""
        ...

    def monotonic_s(self) -> float: ...

    def sleep_until_ns(self, instant: int) -> None:
        """Return at the monotonic `instant` or shortly after."""
        ...

    def condition(self) -> threading.Condition:
        """A condition whose waiting ends by this clock's seconds: what a part's thread waits for with a limit."""
        ...


class SystemClock:
    """The operating system's time."""

    def utc_ns(self) -> int:
        return time.time_ns()

    def utc_ms(self) -> UtcMs:
        return UtcMs(time.time_ns() // 1_000_000)

    def trust(self) -> ClockTrust:
        """The operating system's clock is believed, unless the year cannot be."""
        year = datetime.fromtimestamp(self.utc_ms() / 1000, UTC).year
        return ClockTrust.SYNCED if year >= _FIRST_CREDIBLE_YEAR else ClockTrust.UNKNOWN

    def monotonic_ns(self) -> int:
        return time.monotonic_ns()

    def monotonic_s(self) -> float:
        return time.monotonic()

    def sleep_until_ns(self, instant: int) -> None:
        rest = instant - time.monotonic_ns()
        if rest > 0:
            time.sleep(rest / 1e9)

    def condition(self) -> threading.Condition:
        return threading.Condition()
