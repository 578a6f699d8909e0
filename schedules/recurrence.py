"""When a schedule happens: RFC 5545 recurrence on the local wall clock, then placed on the UTC line.

The rule (schedules/unrolling.py) gives days, each of which brings all the times of the schedule as naive
wall-clock readings; each reading is localised afterwards, so that 05:00 stays 05:00 whatever the clocks do (see
wall.localise for readings that are skipped or come twice). So COUNT and BYSETPOS count days, not times.
Nothing happens before `local_start`; a `local_start` that does not fit its own rule is not an occurrence.

An occurrence is known by its original: the reading the rule gives, wherever it was moved. What was removed
(`exceptions`) stays removed even if it is also moved; what is not (or no longer) of the rule is not moved into
being. A holiday skips what the rule puts on it, but not what somebody moved by hand, be it to or from there.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from schedules.model import Schedule
from schedules.rules import BadRule, check_rrule, n_, parse_rrule
from schedules.units import BulletinId, UtcMs
from schedules.unrolling import LAST_YEAR, rule_days
from schedules.wall import from_utc_ms, localise, utc_ms, zone_of

__all__ = [
    "MOST",
    "BadRule",
    "Occurrence",
    "TooManyOccurrences",
    "check_rrule",
    "expand",
    "first_original",
    "is_original",
    "local_until",
    "originals",
    "times_of",
]

MOST = 10_000
"""Occurrences in one window (daily: 27 years)."""

_YEARS = range(1970, LAST_YEAR + 1)
_START = n_("ngày bắt đầu phải từ năm {first} đến năm {last}")
_NO_OFFSET = n_("giờ bắt đầu phải là giờ địa phương")
_TWO_DAYS = timedelta(days=2)


class TooManyOccurrences(ValueError):
    """The window holds more than MOST occurrences; nothing was expanded."""

    def __init__(self) -> None:
        super().__init__(f"more than {MOST} occurrences up to the end of the window")


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time that a schedule is heard.

    `wall` is the naive reading at which it happens, `local` the aware time there, `start` the same on the UTC line.
    `original` is the naive reading the rule gives, its key; it differs from `wall` where the occurrence was moved.
    `bulletin` is what plays.
    """

    wall: datetime
    local: datetime
    start: UtcMs
    original: datetime
    bulletin: BulletinId


def expand(
    schedule: Schedule, from_utc: UtcMs, until_utc: UtcMs, holidays: Collection[date] = frozenset()
) -> list[Occurrence]:
    """Occurrences with `from_utc` ≤ start < `until_utc`, by start; moved ones where they happen now.

    `holidays` are the local days that a schedule with `skip_holidays` leaves out.
    Raises BadRule, UnknownZone and TooManyOccurrences.
    """
    zone_of(schedule.time_zone)
    _check_start(schedule.local_start)
    if until_utc <= from_utc:
        return []
    bulletins = dict(schedule.replaced)
    found = (
        _place(wall, original, bulletins.get(original, schedule.bulletin), schedule.time_zone)
        for original, wall in _readings(schedule, *_window(schedule.time_zone, from_utc, until_utc), holidays)
    )
    return sorted((each for each in found if from_utc <= each.start < until_utc), key=lambda o: (o.start, o.original))


def times_of(schedule: Schedule) -> tuple[time, ...]:
    """All local times of a day on which it happens, in order."""
    return tuple(sorted({schedule.local_start.time(), *schedule.times}))


def is_original(schedule: Schedule, original: datetime) -> bool:
    """Whether the rule gives this reading; exceptions, moves and holidays are not asked."""
    return original in _originals(schedule, original, original)


def originals(schedule: Schedule) -> Iterator[datetime]:
    """The readings of the rule from its beginning, in order; nothing done by hand, no holiday is looked at."""
    return _originals(schedule, schedule.local_start, datetime(LAST_YEAR, 12, 31))


def first_original(schedule: Schedule) -> datetime | None:
    """The first reading of the rule that was not removed; None if there is none."""
    return next((at for at in originals(schedule) if at not in schedule.exceptions), None)


def _check_start(start: datetime) -> None:
    if start.tzinfo is not None:
        raise BadRule("the start of a schedule is a wall-clock reading without an offset", _NO_OFFSET)
    if start.year not in _YEARS:
        first, last = _YEARS[0], _YEARS[-1]
        raise BadRule(f"the start of a schedule lies between {first} and {last}", _START, first=first, last=last)


def _place(wall: datetime, original: datetime, bulletin: BulletinId, zone: str) -> Occurrence:
    local, start = _instant(wall, zone)
    return Occurrence(wall, local, start, original, bulletin)


@lru_cache(maxsize=16_384)
def _instant(wall: datetime, zone: str) -> tuple[datetime, UtcMs]:
    """Where a reading lies; a province has thousands of schedules and they agree on the times of the day."""
    local = localise(wall, zone)
    return local, utc_ms(local)


def _window(zone: str, from_utc: UtcMs, until_utc: UtcMs) -> tuple[datetime, datetime]:
    """The readings of the window and of two days around it, for no offset is longer."""
    begin, end = (from_utc_ms(at, zone).replace(tzinfo=None) for at in (from_utc, until_utc))
    return begin - _TWO_DAYS, end + _TWO_DAYS


def _readings(
    schedule: Schedule, begin: datetime, end: datetime, holidays: Collection[date]
) -> Iterator[tuple[datetime, datetime]]:
    """(original, where it happens now) with begin ≤ now ≤ end, in no order."""
    moved = dict(schedule.moved)
    skipped: Collection[date] = holidays if schedule.skip_holidays else ()
    for original in _originals(schedule, begin, end):
        if original not in schedule.exceptions and original not in moved and original.date() not in skipped:
            yield original, original
    for original, wall in moved.items():
        if begin <= wall <= end and original not in schedule.exceptions and is_original(schedule, original):
            yield original, wall


def _originals(schedule: Schedule, begin: datetime, end: datetime) -> Iterator[datetime]:
    """What the rule gives from begin to end, in order."""
    begin, end = max(begin, schedule.local_start), min(end, local_until(schedule) or end)
    times, looked_at = times_of(schedule), 0
    for day in _days(schedule, begin, end):
        for at in times:
            reading = datetime.combine(day, at)
            # An UNTIL is written in whole seconds and means the whole of its second.
            if begin <= reading and reading.replace(microsecond=0) <= end:
                looked_at += 1
                if looked_at > MOST:
                    raise TooManyOccurrences
                yield reading


def _days(schedule: Schedule, begin: datetime, end: datetime) -> Iterator[date]:
    if not schedule.rrule:
        return iter([schedule.local_start.date()])
    return rule_days(schedule.rrule, schedule.local_start.date(), begin.date(), end.date())


def local_until(schedule: Schedule) -> datetime | None:
    """The last reading that its UNTIL lets happen; None where it has none."""
    if not schedule.rrule:
        return None
    rule = parse_rrule(schedule.rrule)
    if rule.until is None or not rule.until_utc:
        return rule.until
    return from_utc_ms(utc_ms(rule.until.replace(tzinfo=UTC)), schedule.time_zone).replace(tzinfo=None)
