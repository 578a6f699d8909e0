"""The next ten starts of a schedule, however far ahead they lie: "29 February" is told by its years."""

from collections.abc import Collection
from datetime import datetime

from controller.locality import Locality
from controller.special_days import holidays_of
from controller.store.unit import Unit
from schedules.model import Schedule
from schedules.recurrence import expand
from schedules.units import UtcMs
from schedules.wall import from_utc_ms, localise, utc_ms

SHOWN_STARTS = 10
DAY_MS = 86_400_000
WINDOWS_DAYS = (8, 80, 400, 3_000, 16_500)
"""Looked at one after the other until enough is found; the last is 45 years, as far as words look for a first day."""


def next_starts(
    unit: Unit, places: Locality, schedule: Schedule, zone: str, now: UtcMs, gone: Collection[UtcMs] = ()
) -> tuple[datetime, ...]:
    """On the wall clock of `zone`, at most ten, without holidays that it leaves out and without those in `gone`.

    A repeat is no start of its own. None of what cannot be read, or of a window in which there are too many.
    """
    starts: list[UtcMs] = []
    for days in WINDOWS_DAYS:
        try:
            begin = max(now, utc_ms(localise(schedule.local_start, schedule.time_zone)))
            until = UtcMs(begin + days * DAY_MS)
            found = expand(schedule, now, until, holidays_of(unit, places, schedule, now, until))
        except (ValueError, OverflowError):
            break
        starts = [each.start for each in found if each.start not in gone]
        if len(starts) >= SHOWN_STARTS:
            break
    return tuple(from_utc_ms(start, zone) for start in starts[:SHOWN_STARTS])
