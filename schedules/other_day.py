"""Another day for all occurrences of a rule, where that is still one rule: Mondays become Tuesdays."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from schedules.model import Schedule
from schedules.recurrence import local_until, times_of
from schedules.rules import Frequency, Rule, WeekdayRule, parse_rrule, spell_rrule
from schedules.unrolling import LAST_YEAR, rule_days

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OtherDay:
    """The new rule, its first day, and where it puts a day of the old one."""

    rrule: str
    first: date
    moved: Callable[[date], date]


def other_day(schedule: Schedule, original: datetime, to: date) -> OtherDay | None:
    """The rule in which the day of `original` is `to`; None where no rule of the same kind says it.

    A series with several times a day keeps its days: one time on another day is not one rule.
    """
    days = (to - original.date()).days
    if not days:
        return OtherDay(schedule.rrule, schedule.local_start.date(), lambda day: day)
    if len(times_of(schedule)) > 1:
        return None
    if not schedule.rrule:
        return _all(schedule, "", days)
    rule = parse_rrule(schedule.rrule)
    if rule.by_position or rule.by_week_number or rule.by_year_day:
        return None
    if rule.frequency is Frequency.DAILY:
        plain = not (rule.by_day or rule.by_month or rule.by_month_day)
        return _all(schedule, schedule.rrule, days) if plain else None
    if rule.frequency is Frequency.WEEKLY:
        return None if rule.by_month else _weekly(schedule, rule, original.weekday(), days)
    return None if rule.by_day else _dated(schedule, rule, original.date(), to)


def _first(schedule: Schedule) -> date:
    """The first day of the rule itself: the start may be a day that does not fit it."""
    begun = schedule.local_start.date()
    if not schedule.rrule:
        return begun
    return next(rule_days(schedule.rrule, begun, begun, date(LAST_YEAR, 12, 31)), begun)


def _all(schedule: Schedule, rrule: str, days: int) -> OtherDay:
    until = local_until(schedule)
    if until is not None:
        included = schedule.local_start.time().replace(microsecond=0) <= until.time()
        last = until.date() + (days if included else days - 1) * _DAY
        rule = replace(parse_rrule(rrule), until=datetime.combine(last, time(23, 59, 59)), until_utc=False)
        rrule = spell_rrule(rule)
    return OtherDay(rrule, _first(schedule) + days * _DAY, lambda day: day + days * _DAY)


def _weekly(schedule: Schedule, rule: Rule, weekday: int, days: int) -> OtherDay | None:
    chosen = sorted({day.weekday for day in rule.by_day} or {weekday})
    target = (weekday + days) % 7
    if len(chosen) == 1:
        text = spell_rrule(replace(rule, by_day=(WeekdayRule(target),))) if rule.by_day else schedule.rrule
        return _all(schedule, text, days)
    in_week = (weekday - rule.week_start) % 7 + days
    crosses = rule.interval > 1 and not 0 <= in_week < 7
    if target in chosen or abs(days) > 6 or rule.count is not None or crosses:
        return None
    others = (WeekdayRule(target if day == weekday else day) for day in chosen)
    text = spell_rrule(replace(rule, by_day=tuple(sorted(others, key=lambda each: each.weekday))))
    begun = schedule.local_start.date()
    earliest = min((day for day in _of_weekday(schedule, begun, weekday)), default=begun) + days * _DAY
    return OtherDay(text, min(begun, earliest), lambda day: day + days * _DAY if day.weekday() == weekday else day)


def _of_weekday(schedule: Schedule, begun: date, weekday: int) -> list[date]:
    interval = parse_rrule(schedule.rrule).interval
    soon = rule_days(schedule.rrule, begun, begun, begun + 14 * interval * _DAY)
    return [day for day in soon if day.weekday() == weekday]


def _dated(schedule: Schedule, rule: Rule, day: date, to: date) -> OtherDay | None:
    """Monthly by numbers inside the month, yearly by one date inside the year."""
    monthly = rule.frequency is Frequency.MONTHLY
    numbers = rule.by_month_day or (day.day,)
    if any(number < 1 for number in numbers) or (monthly and (rule.by_month or to.day in numbers)):
        return None
    if monthly and (day.year, day.month) != (to.year, to.month):
        return None
    if not monthly and (day.year != to.year or len(rule.by_month) > 1 or len(numbers) > 1):
        return None
    if not monthly and rule.by_month_day and not rule.by_month:
        return None
    changed = sorted(to.day if number == day.day else number for number in numbers)
    months = () if monthly else (to.month,)
    text = spell_rrule(replace(rule, by_month=months, by_month_day=tuple(changed)))

    def moved(old: date) -> date:
        if old.day != day.day:
            return old
        try:
            return old.replace(day=to.day, month=old.month if monthly else to.month)
        except ValueError:
            return old

    first = _first(schedule)
    return OtherDay(text, min(first, moved(first)) if len(changed) > 1 else moved(first), moved)
