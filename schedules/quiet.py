"""Whether a stretch of time touches the quiet hours of a place. Standard library only: the box asks it too."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from schedules.model import QuietHours
from schedules.units import UtcMs
from schedules.wall import local_date, readings, zone_of

_ONE_DAY = timedelta(days=1)
_TWO_DAYS_MS = 48 * 3_600_000


def overlaps_quiet_hours(start: UtcMs, end: UtcMs, zone: str, hours: Sequence[QuietHours]) -> bool:
    """True if any instant of [start, end) lies in one of `hours`, read on the wall clock of `zone`.

    An interval runs from `begin` up to but not including `end`; `begin` > `end` crosses midnight,
    `begin` = `end` is the whole day, no `hours` at all is never quiet. `start` = `end` asks about the
    one instant. In a night in which the clocks change the longer reading counts: quiet begins at the
    earlier and ends at the later of the two. Raises UnknownZone, and ValueError if `end` < `start`.
    """
    zone_of(zone)
    if end < start:
        raise ValueError("the end lies before the start")
    if not hours:
        return False
    if end - start >= _TWO_DAYS_MS:
        return True
    last = max(end, UtcMs(start + 1))
    return any(_touches(start, last, zone, interval) for interval in hours)


def _touches(start: UtcMs, end: UtcMs, zone: str, hours: QuietHours) -> bool:
    day = local_date(start, zone) - _ONE_DAY
    until = local_date(end, zone) + _ONE_DAY
    while day <= until:
        begin_ms, end_ms = _night(day, zone, hours)
        if start < end_ms and begin_ms < end:
            return True
        day += _ONE_DAY
    return False


def _night(day: date, zone: str, hours: QuietHours) -> tuple[UtcMs, UtcMs]:
    """The quiet interval that begins on `day`."""
    crosses = hours.begin >= hours.end
    begins = datetime.combine(day, hours.begin)
    ends = datetime.combine(day + _ONE_DAY if crosses else day, hours.end)
    return readings(begins, zone)[0], readings(ends, zone)[1]
