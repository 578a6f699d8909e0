"""The only place of the edge agent that reads clocks; everyone else is handed the value."""

import time
from datetime import UTC, datetime

from schedules.playhead import ClockTrust
from schedules.units import UtcMs

_FIRST_CREDIBLE_YEAR = 2024
"""A box without a battery wakes up in 1970 or at the build date of its image; nothing earlier can be true."""


def utc_ns() -> int:
    """UTC nanoseconds since the epoch, as the operating system believes."""
    return time.time_ns()


def utc_ms() -> UtcMs:
    return UtcMs(time.time_ns() // 1_000_000)


def monotonic_ns() -> int:
    """Nanoseconds that never step; the zero is arbitrary."""
    return time.monotonic_ns()


def monotonic_s() -> float:
    return time.monotonic()


def sleep_until_ns(instant: int) -> None:
    """Return at the monotonic `instant` or shortly after."""
    rest = instant - time.monotonic_ns()
    if rest > 0:
        time.sleep(rest / 1e9)


def trust(now: UtcMs) -> ClockTrust:
    """The operating system's clock is believed, unless the year cannot be."""
    year = datetime.fromtimestamp(now / 1000, UTC).year
    return ClockTrust.SYNCED if year >= _FIRST_CREDIBLE_YEAR else ClockTrust.UNKNOWN
