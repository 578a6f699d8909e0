"""What a schedule's time means, as a Vietnamese sentence a broadcaster would say. Pure text."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from schedules.model import Schedule
from schedules.recurrence import times_of
from schedules.rules import Frequency, Rule, WeekdayRule, parse_rrule
from schedules.wall import from_utc_ms, utc_ms

WEEKDAY_NUMBERS = ("2", "3", "4", "5", "6", "7")
_MOST_EXCEPTIONS = 5
_UNITS = {
    Frequency.DAILY: ("hàng ngày", "ngày"),
    Frequency.WEEKLY: ("hàng tuần", "tuần"),
    Frequency.MONTHLY: ("hàng tháng", "tháng"),
    Frequency.YEARLY: ("hàng năm", "năm"),
}
# "lần", because "thứ 2 thứ hai" would be read as two weekdays.
_NTH = {1: "đầu tiên", 2: "lần hai", 3: "lần ba", 4: "lần bốn", 5: "lần năm", -1: "cuối cùng"}


def weekday_words(weekday: int) -> str:
    """0 (Monday) … 6 → "thứ 2" … "chủ nhật"."""
    return "chủ nhật" if weekday == 6 else f"thứ {WEEKDAY_NUMBERS[weekday]}"


def weekdays_words(weekdays: Collection[int]) -> str:
    """{0, 2, 6} → "thứ 2, 4 và chủ nhật"; all seven are "tất cả các ngày"."""
    days = sorted(set(weekdays))
    if len(days) == 7:
        return "tất cả các ngày"
    numbered = ", ".join(WEEKDAY_NUMBERS[day] for day in days if day != 6)
    parts = ([f"thứ {numbered}"] if numbered else []) + (["chủ nhật"] if 6 in days else [])
    return " và ".join(parts)


def date_words(day: date) -> str:
    """A calendar day, e.g. "31/12/2026"."""
    return f"{day.day:02}/{day.month:02}/{day.year}"


def time_words(reading: time) -> str:
    """A wall-clock time, e.g. "05:00"; seconds only where there are some."""
    return f"{reading:%H:%M:%S}" if reading.second else f"{reading:%H:%M}"


def schedule_words(schedule: Schedule) -> str:
    """When a schedule is heard, in one sentence without a full stop; raises BadRule and UnknownZone.

    `spoken_rules.read_when` reads it back, unless it names a rule "of its own", more exceptions or moves than it
    lists, or another bulletin.
    """
    words = _said(schedule.local_start, schedule.rrule, schedule.time_zone, times_of(schedule))
    words += ", trừ ngày lễ" if schedule.skip_holidays else ""
    words += _except(_without_times(schedule))
    if schedule.moved:
        words += _some(", dời {}", [f"lần {_at(old)} sang {_at(new)}" for old, new in schedule.moved], "lần")
    if schedule.replaced:
        words += _some(", phát bản tin khác lần {}", [_at(original) for original, _ in schedule.replaced], "lần")
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

    "thứ 2, 4, 6 hàng tuần lúc 05:00 và 17:00, từ ngày 05/01/2026 đến hết ngày 31/12/2026, trừ ngày 29/04/2026".
    """
    return _said(start, rrule, zone, sorted({start.time(), *times})) + _except(
        list(dict.fromkeys(date_words(each) for each in sorted(exceptions)))
    )


def _said(start: datetime, rrule: str, zone: str, times: Sequence[time]) -> str:
    clock = _listed([time_words(each) for each in times if rrule or each >= start.time()])
    if not rrule:
        once = "một lần" if len(times) == 1 else "một ngày"
        return f"{once}, lúc {clock} {weekday_words(start.weekday())}, ngày {date_words(start)}"
    rule = parse_rrule(rrule)
    return f"{_rhythm(rule, start)} lúc {clock}, {_span(rule, start, zone, times)}"


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} và {parts[-1]}"


def _at(local: datetime) -> str:
    return f"{time_words(local.time())} ngày {date_words(local)}"


def _rhythm(rule: Rule, start: datetime) -> str:
    if rule.frequency is Frequency.DAILY and rule.by_day and rule.interval == 1:
        everyday = len({day.weekday for day in rule.by_day}) == 7
        rule = replace(rule, by_day=()) if everyday else replace(rule, frequency=Frequency.WEEKLY)
    which = _which(rule, start)
    if which is None or (rule.week_start and rule.interval > 1):
        return f"theo quy tắc riêng ({_UNITS[rule.frequency][0]})"
    always, unit = _UNITS[rule.frequency]
    often = always if rule.interval == 1 else f"{rule.interval} {unit} một lần"
    if not which:
        return often
    return f"{which} {often}" if rule.interval == 1 else f"{often} vào {which}"


def _which(rule: Rule, start: datetime) -> str | None:
    """The days inside each period; "" needs no saying, None cannot be said simply."""
    if rule.by_position or rule.by_year_day or rule.by_week_number:
        return None
    if rule.frequency is Frequency.YEARLY:
        return _of_the_year(rule, start)
    if rule.by_month or (rule.by_day and rule.by_month_day):
        return None
    if rule.frequency is Frequency.MONTHLY:
        return _numbered(rule.by_day) if rule.by_day else _month_days(rule.by_month_day or (start.day,))
    if rule.by_month_day:
        return None
    if rule.frequency is Frequency.DAILY:
        return None if rule.by_day else ""
    return weekdays_words([day.weekday for day in rule.by_day] or [start.weekday()])


def _of_the_year(rule: Rule, start: datetime) -> str | None:
    if rule.by_day or len(rule.by_month) > 1 or len(rule.by_month_day) > 1 or (rule.by_month_day and not rule.by_month):
        return None
    day = rule.by_month_day[0] if rule.by_month_day else start.day
    month = rule.by_month[0] if rule.by_month else start.month
    return f"ngày {day:02}/{month:02}" if day > 0 else None


def _month_days(days: Sequence[int]) -> str | None:
    if any(day < -1 for day in days):
        return None
    numbered = ", ".join(str(day) for day in sorted(set(days)) if day > 0)
    parts = ([f"ngày {numbered}"] if numbered else []) + (["ngày cuối tháng"] if -1 in days else [])
    return " và ".join(parts)


def _numbered(days: Sequence[WeekdayRule]) -> str | None:
    if any(day.nth not in _NTH for day in days):
        return None if any(day.nth for day in days) else "mọi " + weekdays_words([day.weekday for day in days])
    return ", ".join(f"{weekday_words(day.weekday)} {_NTH[day.nth]}" for day in days)


def _span(rule: Rule, start: datetime, zone: str, times: Sequence[time]) -> str:
    mid_day = start.time() > times[0]
    begins = f"từ {_at(start)}" if mid_day else f"từ ngày {date_words(start)}"
    if rule.count is not None:
        return f"{begins}, {rule.count} {'lần' if len(times) == 1 else 'ngày phát'}"
    if rule.until is None:
        return begins
    until = rule.until
    if rule.until_utc:
        until = from_utc_ms(utc_ms(until.replace(tzinfo=UTC)), zone).replace(tzinfo=None)
    reached = [at for at in times if at.replace(microsecond=0) <= until.time()]
    if reached and len(reached) < len(times):
        return f"{begins} đến {time_words(reached[-1])} ngày {date_words(until)}"
    # An end before that day's first time does not include the day.
    last = until.date() if reached else until.date() - timedelta(days=1)
    return f"{begins} đến hết ngày {date_words(last)}"


def _without_times(schedule: Schedule) -> list[str]:
    """What is left out: a day, or one of the times of a day."""
    days: dict[date, list[datetime]] = {}
    for each in sorted(schedule.exceptions):
        days.setdefault(each.date(), []).append(each)
    return [name for day, gone in days.items() for name in _gone(schedule, day, gone)]


def _gone(schedule: Schedule, day: date, gone: Sequence[datetime]) -> list[str]:
    readings = {datetime.combine(day, at) for at in times_of(schedule)}
    if not {each for each in readings if each >= schedule.local_start} - set(gone):
        return [date_words(day)]
    return [f"lúc {_at(each)}" for each in gone if each in readings]


def _except(named: Sequence[str]) -> str:
    return _some(", trừ ngày {}", named, "ngày").replace("trừ ngày lúc", "trừ lúc") if named else ""


def _some(sentence: str, named: Sequence[str], unit: str) -> str:
    more = len(named) - _MOST_EXCEPTIONS
    listed = ", ".join(named[:_MOST_EXCEPTIONS])
    return sentence.format(listed) + (f" và {more} {unit} khác" if more > 0 else "")


def _repeated(schedule: Schedule) -> str:
    if schedule.repeats == 1:
        return ""
    minutes, seconds = divmod(schedule.gap // 1000, 60)
    gap = " ".join(f"{n} {unit}" for n, unit in ((minutes, "phút"), (seconds, "giây")) if n)
    return f", mỗi lần phát {schedule.repeats} lượt" + (f" cách nhau {gap}" if gap else "")
