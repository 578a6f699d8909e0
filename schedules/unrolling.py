"""The days on which a recurrence rule happens, found near a window and never unrolled to it from the beginning.

Daily and weekly rules are plain arithmetic; the others are left to dateutil, begun at a period shortly before
the window. Only a rule with a COUNT is unrolled from its beginning, once, and kept.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from typing import Literal

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, YEARLY, rrule, weekday

from schedules.rules import Frequency, Rule, WeekdayRule, counts_in_month, parse_rrule

LAST_YEAR = 2300
"""Nothing happens after it."""

_DATEUTIL: dict[Frequency, Literal[0, 1, 2, 3]] = {
    Frequency.DAILY: DAILY,
    Frequency.WEEKLY: WEEKLY,
    Frequency.MONTHLY: MONTHLY,
    Frequency.YEARLY: YEARLY,
}
_PERIOD_DAYS = {Frequency.DAILY: 1, Frequency.WEEKLY: 7}
_DAY = timedelta(days=1)
_CYCLES_YEARS = 7600
"""dateutil seeks a rule that never happens up to the year 9999, seconds for 30 February. The calendar repeats
exactly, weekdays too, every 400 years: unrolled 19 cycles ahead there are fewer than 400 years to search."""


def rule_days(text: str, start: date, begin: date, end: date) -> Iterator[date]:
    """The days of the RRULE value `text` beginning on `start` with `begin` ≤ day ≤ `end`, in order.

    UNTIL is not looked at: it may end in the middle of a day, so it is the caller's. Raises BadRule.
    """
    rule = parse_rrule(text)
    end = min(end, date(LAST_YEAR, 12, 31))
    if rule.count is not None:
        days = _counted(text, start)
        low, high = bisect_left(days, begin.toordinal()), bisect_right(days, end.toordinal())
        return (date.fromordinal(day) for day in days[low:high])
    return _days(rule, start, max(begin, start), end)


@lru_cache(maxsize=1024)
def _counted(text: str, start: date) -> "array[int]":
    """All days of a rule with a COUNT, as ordinals: 40 KB at most."""
    rule = parse_rrule(text)
    days = _days(rule, start, start, date(LAST_YEAR, 12, 31))
    return array("i", (day.toordinal() for day in islice(days, rule.count)))


def _days(rule: Rule, start: date, begin: date, end: date) -> Iterator[date]:
    if end < begin:
        return iter(())
    rule = explicit(rule, start)
    only_weekdays = not (rule.by_month or rule.by_month_day or rule.by_position)
    if rule.frequency is Frequency.DAILY and only_weekdays:
        return _daily(rule, start, begin, end)
    if rule.frequency is Frequency.WEEKLY and only_weekdays:
        return _weekly(rule, start, begin, end)
    return _by_dateutil(rule, _forwarded(rule, start, begin), begin, end)


def explicit(rule: Rule, start: date) -> Rule:
    """What the rule leaves out is that of its start (RFC 5545, 3.3.10)."""
    if rule.by_day or rule.by_month_day or rule.by_year_day or rule.frequency is Frequency.DAILY:
        return rule
    if rule.by_week_number or rule.frequency is Frequency.WEEKLY:
        return replace(rule, by_day=(WeekdayRule(start.weekday()),))
    if rule.frequency is Frequency.YEARLY and not rule.by_month:
        return replace(rule, by_month=(start.month,), by_month_day=(start.day,))
    return replace(rule, by_month_day=(start.day,))


def _daily(rule: Rule, start: date, begin: date, end: date) -> Iterator[date]:
    weekdays = {day.weekday for day in rule.by_day} or set(range(7))
    first = start.toordinal() + -(-(begin - start).days // rule.interval) * rule.interval
    # The ordinal 1 is a Monday.
    return (date.fromordinal(n) for n in range(first, end.toordinal() + 1, rule.interval) if (n + 6) % 7 in weekdays)


def _weekly(rule: Rule, start: date, begin: date, end: date) -> Iterator[date]:
    offsets = sorted({(day.weekday - rule.week_start) % 7 for day in rule.by_day})
    week = start.toordinal() - (start.weekday() - rule.week_start) % 7
    step = 7 * rule.interval
    first = week + (begin.toordinal() - week) // step * step
    for monday in range(first, end.toordinal() + 1, step):
        for offset in offsets:
            if begin.toordinal() <= monday + offset <= end.toordinal():
                yield date.fromordinal(monday + offset)


def _forwarded(rule: Rule, start: date, begin: date) -> date:
    """A later start of the same rhythm, one period before the one that holds `begin` at the latest."""
    days = _PERIOD_DAYS.get(rule.frequency)
    if days is not None:
        step = days * rule.interval
        return start + max((begin - start).days // step - 1, 0) * step * _DAY
    months = rule.interval * (1 if rule.frequency is Frequency.MONTHLY else 12)
    ahead = max(((begin.year - start.year) * 12 + begin.month - start.month) // months - 1, 0) * months
    if ahead == 0:
        return start
    month = start.month - 1 + ahead
    return date(start.year + month // 12, month % 12 + 1 if rule.frequency is Frequency.MONTHLY else 1, 1)


def _by_dateutil(rule: Rule, start: date, begin: date, end: date) -> Iterator[date]:
    for ahead in _dateutil(rule, _ahead(start), _ahead(end)):
        day = ahead.date().replace(year=ahead.year - _CYCLES_YEARS)
        if day > end:
            return
        if day >= begin:
            yield day


def _ahead(day: date) -> datetime:
    return datetime.combine(day.replace(year=day.year + _CYCLES_YEARS), time())


def _dateutil(rule: Rule, start: datetime, until: datetime) -> Iterator[datetime]:
    return iter(
        rrule(
            _DATEUTIL[rule.frequency],
            dtstart=start,
            interval=rule.interval,
            wkst=rule.week_start,
            until=until,
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
