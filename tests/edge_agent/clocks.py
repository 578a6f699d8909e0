"""Clocks for tests of the box's parts: one that stands until the test moves it."""

import threading

from edge_agent.clock import ClockFacts
from schedules.playhead import ClockTrust
from schedules.units import UtcMs


class StandingClock:
    """The port of edge_agent/clock.py in a test's hand. A thread that waits with a limit waits real seconds."""

    def __init__(self, utc: UtcMs) -> None:
        self.utc = utc
        self.monotonic = 1_000_000
        """Milliseconds."""
        self.trusted = ClockTrust.SYNCED

    def utc_ns(self) -> int:
        return self.utc * 1_000_000

    def utc_ms(self) -> UtcMs:
        return self.utc

    def trust(self) -> ClockTrust:
        return self.trusted

    def facts(self) -> ClockFacts:
        return ClockFacts(self.trusted)

    def monotonic_ns(self) -> int:
        return self.monotonic * 1_000_000

    def monotonic_s(self) -> float:
        return self.monotonic / 1000

    def boot_id(self) -> str:
        return "boot"

    def sleep_until_ns(self, instant: int) -> None:
        """Nobody sleeps long on a clock that stands."""
        self.monotonic = max(self.monotonic, instant // 1_000_000)

    def condition(self) -> threading.Condition:
        return threading.Condition()

    def pass_time(self, duration: int) -> None:
        """`duration` milliseconds go by."""
        self.utc = UtcMs(self.utc + duration)
        self.monotonic += duration

    def step(self, by: int) -> None:
        """UTC jumps by milliseconds; monotonic time knows nothing of it."""
        self.utc = UtcMs(self.utc + by)
