"""When a schedule happens: RFC 5545 recurrence on the local wall clock, then placed on the UTC line.

The rule is unrolled as naive wall-clock readings and each reading is localised afterwards, so that 05:00
stays 05:00 whatever the clocks do (see wall.localise for readings that are skipped or come twice).
A `local_start` that does not fit its own rule is not an occurrence.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, YEARLY, rrule, weekday

from schedules.model import Schedule
from schedules.rules import BadRule, Frequency, Rule, check_rrule, counts_in_month, parse_rrule
from schedules.units import UtcMs
from schedules.wall import from_utc_ms, localise, utc_ms, zone_of

__all__ = ["MOST", "BadRule", "Occurrence", "TooManyOccurrences", "check_rrule", "expand"]

MOST = 10_000
"""Occurrences looked at in one call, those before the window included (daily: 27 years)."""

_YEARS = range(1970, 2301)
_DATEUTIL: dict[Frequency, Literal[0, 1, 2, 3]] = {
    Frequency.DAILY: DAILY,
    Frequency.WEEKLY: WEEKLY,
    Frequency.MONTHLY: MONTHLY,
    Frequency.YEARLY: YEARLY,
}
_PERIOD_DAYS = {Frequency.DAILY: 1, Frequency.WEEKLY: 7}
_TWO_DAYS = timedelta(days=2)
_CYCLES_YEARS = 7600
"""dateutil seeks a rule that never happens up to the year 9999, seconds for 30 February. The calendar repeats
exactly, weekdays too, every 400 years: unrolled 19 cycles ahead there are fewer than 400 years to search."""


class TooManyOccurrences(ValueError):
    """The window holds, or lies behind, more than MOST occurrences; nothing was expanded."""

    def __init__(self) -> None:
        super().__init__(f"more than {MOST} occurrences up to the end of the window")


@dataclass(frozen=True, slots=True)
class Occurrence:
    """`wall` is the naive reading the rule gives, `local` the aware time there, `start` the same on the UTC line."""

    wall: datetime
    local: datetime
    start: UtcMs


def expand(schedule: Schedule, from_utc: UtcMs, until_utc: UtcMs) -> list[Occurrence]:
    """Occurrences with `from_utc` ≤ start < `until_utc`, in order, exceptions removed.

    Raises BadRule, UnknownZone and TooManyOccurrences.
    """
    zone_of(schedule.time_zone)
    _check_start(schedule.local_start)
    if until_utc <= from_utc:
        return []
    occurrences = (_place(wall, schedule.time_zone) for wall in _readings(schedule, from_utc, until_utc))
    return [each for each in occurrences if from_utc <= each.start < until_utc]


def _check_start(start: datetime) -> None:
    if start.tzinfo is not None:
        raise BadRule("the start of a schedule is a wall-clock reading without an offset")
    if start.year not in _YEARS:
        raise BadRule(f"the start of a schedule lies between {_YEARS[0]} and {_YEARS[-1]}")


def _place(wall: datetime, zone: str) -> Occurrence:
    local = localise(wall, zone)
    return Occurrence(wall, local, utc_ms(local))


def _readings(schedule: Schedule, from_utc: UtcMs, until_utc: UtcMs) -> Iterator[datetime]:
    """Naive readings of the window and up to two days around it, for no offset is longer."""
    begin = from_utc_ms(from_utc, schedule.time_zone).replace(tzinfo=None) - _TWO_DAYS
    end = min(from_utc_ms(until_utc, schedule.time_zone).replace(tzinfo=None) + _TWO_DAYS, datetime(_YEARS[-1], 12, 31))
    readings = _unrolled(schedule, begin, end) if schedule.rrule else iter([schedule.local_start])
    return (wall for wall in readings if wall >= begin and wall not in schedule.exceptions)


def _unrolled(schedule: Schedule, begin: datetime, end: datetime) -> Iterator[datetime]:
    rule = parse_rrule(schedule.rrule)
    start = _forwarded(rule, schedule.local_start, begin)
    until = min(end, _until(rule, schedule.time_zone) or end)
    if until < start:
        return
    # dateutil knows whole seconds only; what is finer is put back.
    finer = timedelta(microseconds=start.microsecond)
    for looked_at, ahead in enumerate(_dateutil(rule, _ahead(start), _ahead(until))):
        reading = ahead.replace(year=ahead.year - _CYCLES_YEARS) + finer
        if reading > end:
            return
        if looked_at >= MOST:
            raise TooManyOccurrences
        yield reading


def _forwarded(rule: Rule, start: datetime, begin: datetime) -> datetime:
    """A later start of the same rhythm, so that a daily rule of long ago is not unrolled from its beginning."""
    period = _PERIOD_DAYS.get(rule.frequency)
    if period is None or rule.count is not None or start >= begin:
        return start
    step = timedelta(days=period * rule.interval)
    return start + max((begin - start) // step - 1, 0) * step


def _until(rule: Rule, zone: str) -> datetime | None:
    if rule.until is None or not rule.until_utc:
        return rule.until
    return from_utc_ms(utc_ms(rule.until.replace(tzinfo=UTC)), zone).replace(tzinfo=None)


def _ahead(reading: datetime) -> datetime:
    return reading.replace(year=reading.year + _CYCLES_YEARS, microsecond=0)


def _dateutil(rule: Rule, start: datetime, until: datetime) -> Iterator[datetime]:
    return iter(
        rrule(
            _DATEUTIL[rule.frequency],
            dtstart=start,
            interval=rule.interval,
            wkst=rule.week_start,
            count=rule.count,
            until=None if rule.count is not None else until,
            bysetpos=rule.by_position or None,
            bymonth=rule.by_month or None,
            bymonthday=rule.by_month_day or None,
            byyearday=rule.by_year_day or None,
            byweekno=rule.by_week_number or None,
            byweekday=_weekdays(rule) or None,
        )
    )


def _weekdays(rule: Rule) -> list[weekday]:
    """BYDAY for dateutil, which ands plain and numbered weekdays (MO,5TU) where RFC 5545 wants either:
    among numbered ones a plain one is spelled as each of its numbers."""
    if not any(day.nth for day in rule.by_day):
        return [weekday(day.weekday) for day in rule.by_day]
    every = range(1, 6 if counts_in_month(rule) else 54)
    return [weekday(day.weekday, nth) for day in rule.by_day for nth in ([day.nth] if day.nth else every)]
