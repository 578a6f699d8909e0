"""What a schedule's time means, as an English sentence; the counterpart of `schedules.words`. Pure text."""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time, timedelta

from schedules.model import Schedule
from schedules.recurrence import times_of
from schedules.rules import Frequency, Rule, WeekdayRule, parse_rrule
from schedules.wall import from_utc_ms, utc_ms

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_MOST_NAMED = 5
_UNITS = {
    Frequency.DAILY: ("every day", "days"),
    Frequency.WEEKLY: ("every week", "weeks"),
    Frequency.MONTHLY: ("every month", "months"),
    Frequency.YEARLY: ("every year", "years"),
}
_NTH = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last"}


def weekday_words(weekday: int) -> str:
    """0 (Monday) … 6 → "Monday" … "Sunday"."""
    return _WEEKDAYS[weekday]


def weekdays_words(weekdays: Collection[int]) -> str:
    """{0, 2, 6} → "Mondays, Wednesdays and Sundays"; all seven are "every day"."""
    days = sorted(set(weekdays))
    return "every day" if len(days) == 7 else _listed([f"{_WEEKDAYS[day]}s" for day in days])


def date_words(day: date) -> str:
    """A calendar day, e.g. "31 December 2026"."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def time_words(reading: time) -> str:
    """A wall-clock time, e.g. "05:00"; seconds only where there are some."""
    return f"{reading:%H:%M:%S}" if reading.second else f"{reading:%H:%M}"


def schedule_words(schedule: Schedule) -> str:
    """When a schedule is heard, in one sentence without a full stop; raises BadRule and UnknownZone."""
    words = _said(schedule.local_start, schedule.rrule, schedule.time_zone, times_of(schedule))
    words += ", not on holidays" if schedule.skip_holidays else ""
    words += _except(_without_times(schedule))
    if schedule.moved:
        words += ", moved " + _some([f"from {_at(old)} to {_at(new)}" for old, new in schedule.moved])
    if schedule.replaced:
        words += ", another bulletin at " + _some([_at(original) for original, _ in schedule.replaced])
    return words + _repeated(schedule)


def when_words(
    start: datetime,
    rrule: str = "",
    exceptions: Collection[datetime] = (),
    zone: str = "UTC",
    *,
    times: Collection[time] = (),
) -> str:
    """When something beginning at the local `start` with `rrule` is heard; raises BadRule and UnknownZone.

    "on Mondays and Fridays at 05:00 and 17:00, from 5 January 2026 to 31 December 2026, not on 29 April 2026".
    """
    days = list(dict.fromkeys(date_words(each) for each in sorted(exceptions)))
    return _said(start, rrule, zone, sorted({start.time(), *times})) + _except([f"on {day}" for day in days])


def _said(start: datetime, rrule: str, zone: str, times: Sequence[time]) -> str:
    clock = _listed([time_words(each) for each in times if rrule or each >= start.time()])
    if not rrule:
        once = "once" if len(times) == 1 else "one day"
        return f"{once}, at {clock} on {_WEEKDAYS[start.weekday()]}, {date_words(start)}"
    rule = parse_rrule(rrule)
    return f"{_rhythm(rule, start)} at {clock}, {_span(rule, start, zone, times)}"


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _at(local: datetime) -> str:
    return f"{time_words(local.time())} on {date_words(local)}"


def _rhythm(rule: Rule, start: datetime) -> str:
    weekdays = [day.weekday for day in rule.by_day]
    frequency = rule.frequency
    if frequency is Frequency.DAILY and rule.by_day and rule.interval == 1 and len(set(weekdays)) < 7:
        frequency = Frequency.WEEKLY
    which = _which(rule, frequency, start)
    always, unit = _UNITS[frequency]
    if which is None or (rule.week_start and rule.interval > 1):
        return f"by a rule of its own ({always})"
    often = always if rule.interval == 1 else f"every {rule.interval} {unit}"
    if not which:
        return often
    if rule.interval > 1:
        return f"{often} {which}"
    return which if frequency is Frequency.WEEKLY else f"{which} of {often}"


def _which(rule: Rule, frequency: Frequency, start: datetime) -> str | None:
    """The days inside each period; "" needs no saying, None cannot be said simply."""
    if rule.by_position or rule.by_year_day or rule.by_week_number:
        return None
    if frequency is Frequency.YEARLY:
        return _of_the_year(rule, start)
    if rule.by_month or (rule.by_day and rule.by_month_day):
        return None
    if frequency is Frequency.MONTHLY:
        return _numbered(rule.by_day) if rule.by_day else _month_days(rule.by_month_day or (start.day,))
    if rule.by_month_day:
        return None
    days = {day.weekday for day in rule.by_day}
    if frequency is Frequency.DAILY:
        return "" if len(days) in (0, 7) and (not days or rule.interval == 1) else None
    said = weekdays_words(days or {start.weekday()})
    return said if len(days) == 7 else f"on {said}"


def _of_the_year(rule: Rule, start: datetime) -> str | None:
    if rule.by_day or len(rule.by_month) > 1 or len(rule.by_month_day) > 1 or (rule.by_month_day and not rule.by_month):
        return None
    day = rule.by_month_day[0] if rule.by_month_day else start.day
    month = rule.by_month[0] if rule.by_month else start.month
    return f"on {day} {_MONTHS[month - 1]}" if day > 0 else None


def _month_days(days: Sequence[int]) -> str | None:
    if any(day < -1 for day in days):
        return None
    numbered = [str(day) for day in sorted(set(days)) if day > 0]
    named = [f"day{'s' if len(numbered) > 1 else ''} {_listed(numbered)}"] if numbered else []
    return "on " + _listed(named + (["the last day"] if -1 in days else []))


def _numbered(days: Sequence[WeekdayRule]) -> str | None:
    if all(day.nth == 0 for day in days):
        return "on all " + weekdays_words([day.weekday for day in days])
    if any(day.nth not in _NTH for day in days):
        return None
    return "on " + _listed([f"the {_NTH[day.nth]} {_WEEKDAYS[day.weekday]}" for day in days])


def _span(rule: Rule, start: datetime, zone: str, times: Sequence[time]) -> str:
    begins = f"from {_at(start)}" if start.time() > times[0] else f"from {date_words(start)}"
    if rule.count is not None:
        unit = "time" if len(times) == 1 else "day"
        return f"{begins}, {rule.count} {unit}{'' if rule.count == 1 else 's'}"
    if rule.until is None:
        return begins
    until = rule.until
    if rule.until_utc:
        until = from_utc_ms(utc_ms(until.replace(tzinfo=UTC)), zone).replace(tzinfo=None)
    reached = [at for at in times if at.replace(microsecond=0) <= until.time()]
    if reached and len(reached) < len(times):
        return f"{begins} to {time_words(reached[-1])} on {date_words(until)}"
    # An end before that day's first time does not include the day.
    last = until.date() if reached else until.date() - timedelta(days=1)
    return f"{begins} to {date_words(last)}"


def _without_times(schedule: Schedule) -> list[str]:
    """What is left out: a day, or one of the times of a day."""
    days: dict[date, list[datetime]] = {}
    for each in sorted(schedule.exceptions):
        days.setdefault(each.date(), []).append(each)
    return [name for day, gone in days.items() for name in _gone(schedule, day, gone)]


def _gone(schedule: Schedule, day: date, gone: Sequence[datetime]) -> list[str]:
    readings = {datetime.combine(day, at) for at in times_of(schedule)}
    if not {each for each in readings if each >= schedule.local_start} - set(gone):
        return [f"on {date_words(day)}"]
    return [f"at {_at(each)}" for each in gone if each in readings]


def _repeated(schedule: Schedule) -> str:
    if schedule.repeats == 1:
        return ""
    minutes, seconds = divmod(schedule.gap // 1000, 60)
    said = [f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in ((minutes, "minute"), (seconds, "second"))]
    kept = [words for words, count in zip(said, (minutes, seconds), strict=True) if count]
    return f", played {schedule.repeats} times" + (f", {' '.join(kept)} apart" if kept else "")


def _except(named: Sequence[str]) -> str:
    return f", not {_some(named)}" if named else ""


def _some(named: Sequence[str]) -> str:
    more = len(named) - _MOST_NAMED
    return ", ".join(named[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
