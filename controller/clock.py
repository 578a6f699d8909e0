"""The only file of the controller that reads a clock."""

import time
from datetime import UTC, datetime

from schedules.units import UtcMs


def now_ms() -> UtcMs:
    """UTC now, in milliseconds."""
    return UtcMs(time.time_ns() // 1_000_000)


def now_us() -> int:
    """UTC now, in microseconds."""
    return time.time_ns() // 1_000


def monotonic() -> float:
    """Seconds that only grow; their zero means nothing."""
    return time.monotonic()


def utc(at: UtcMs) -> datetime:
    """`at` as an aware datetime in UTC."""
    return datetime.fromtimestamp(at / 1000, tz=UTC)
