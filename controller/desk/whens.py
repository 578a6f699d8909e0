"""From the time as people choose it to a schedule's own fields, and back for a form that edits one."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, time

from controller.desk.refusal import Refusal
from controller.desk.values import NewSchedule, When, WhenKind
from controller.language import _, n_
from schedules.model import Schedule
from schedules.rules import WEEKDAYS, BadRule, Frequency, Rule, parse_rrule
from schedules.spoken_rules import Misunderstood, read_when
from schedules.units import DurationMs, UtcMs
from schedules.wall import from_utc_ms, localise, utc_ms

NOW_LEAD_MS = 5_000
"""Between "now" and the first sound: time for the signed document and the audio to reach the speakers."""
YEARS = range(1970, 2301)
"""No other can be placed in every time zone."""
MOST_TIMES = 24
"""Times of one day."""
MOST_COUNT = 10_000
BAD_TIME = n_("Thời gian phát không hợp lệ. Hãy kiểm tra lại ngày và giờ.")


@dataclass(frozen=True, slots=True)
class Timing:
    """What of a schedule the time decides; `zone` "UTC" for an instant, which has no place on a wall clock."""

    local_start: datetime
    zone: str
    rrule: str = ""
    times: tuple[time, ...] = ()
    exceptions: frozenset[datetime] = frozenset()
    repeats: int = 1
    gap: DurationMs = DurationMs(0)
    skip_holidays: bool = False
    moved: tuple[tuple[datetime, datetime], ...] = ()


def timing_of(new: NewSchedule, now: UtcMs, zone: str) -> Timing:
    """What `new` says of the time; raises Refusal when no schedule can be made of it."""
    if new.when.kind is WhenKind.NOW:
        moment = from_utc_ms(UtcMs(now + NOW_LEAD_MS), "UTC").replace(tzinfo=None)
        timing = Timing(moment, "UTC")
    elif new.when.kind is WhenKind.WORDS:
        return _checked(_of_words(new.when.words, now, zone), now)
    else:
        timing = _typed(new.when, now, zone)
    return _checked(replace(timing, repeats=new.repeats, gap=new.gap, skip_holidays=new.skip_holidays), now)


def _of_words(text: str, now: UtcMs, zone: str) -> Timing:
    if not text.strip():
        raise Refusal(
            "no-words",
            n_("Chưa có lời. Hãy gõ, ví dụ: thứ 2, 4, 6 lúc 05:00 và 17:00, đến 31/12."),
            field="words",
        )
    local_now = from_utc_ms(now, zone)
    found = read_when(text, local_now.date(), local_now.time())
    if isinstance(found, Misunderstood):
        sentence = _(found.template).format(**found.values)
        raise Refusal("misunderstood", "%(sentence)s", field="words", params={"sentence": sentence})
    return Timing(
        found.local_start,
        zone,
        found.rrule,
        found.times,
        frozenset(found.exceptions),
        found.repeats,
        found.gap,
        found.skip_holidays,
        found.moved,
    )


def _typed(when: When, now: UtcMs, zone: str) -> Timing:
    if when.at is None:
        raise Refusal("no-time", n_("Chưa có giờ phát. Hãy nhập giờ phát."), field="at")
    if when.day is None and when.kind is WhenKind.ONCE:
        raise Refusal("no-day", n_("Chưa có ngày phát. Hãy chọn ngày phát."), field="day")
    day = when.day or from_utc_ms(now, zone).date()
    if day.year not in YEARS:
        raise Refusal("bad-time", BAD_TIME, field="day")
    first, *others = sorted({each.replace(tzinfo=None) for each in (when.at, *when.times)})
    start = datetime.combine(day, first)
    _check_end(when, start)
    return Timing(start, zone, _rrule(when), tuple(others))


def _check_end(when: When, start: datetime) -> None:
    if when.kind is WhenKind.ONCE:
        return
    if when.until is not None and when.count is not None:
        raise Refusal(
            "two-ends", n_("Chỉ chọn một cách kết thúc: ngày cuối, hoặc số lần. Hãy xóa một trong hai."), field="count"
        )
    if when.until is not None and when.until < start.date():
        raise Refusal("until-before-start", n_("Ngày kết thúc trước ngày bắt đầu. Hãy chọn lại ngày."), field="until")
    if when.count is not None and not 1 <= when.count <= MOST_COUNT:
        raise Refusal("bad-count", n_("Số lần phải từ 1 đến 10.000. Hãy sửa lại số lần."), field="count")


def _rrule(when: When) -> str:
    if when.kind is WhenKind.ONCE:
        return ""
    if when.kind is WhenKind.RULE:
        return when.rrule.strip().removeprefix("RRULE:")
    return ";".join([*_days(when), *_end(when)])


def _days(when: When) -> list[str]:
    if when.kind is WhenKind.WEEKLY:
        if not when.weekdays or any(day not in range(7) for day in when.weekdays):
            raise Refusal("no-weekday", n_("Chưa chọn ngày trong tuần. Hãy chọn ít nhất một ngày."), field="weekdays")
        return ["FREQ=WEEKLY", "BYDAY=" + ",".join(WEEKDAYS[day] for day in sorted(set(when.weekdays)))]
    if when.kind is WhenKind.MONTHLY:
        days = sorted(set(when.month_days), key=lambda day: (day < 0, day))
        if not days or any(day not in (-1, *range(1, 32)) for day in days):
            raise Refusal(
                "no-month-day", n_("Chưa chọn ngày trong tháng. Hãy chọn ít nhất một ngày."), field="month_days"
            )
        return ["FREQ=MONTHLY", "BYMONTHDAY=" + ",".join(str(day) for day in days)]
    return ["FREQ=DAILY"]


def _end(when: When) -> list[str]:
    if when.until is not None:
        return [f"UNTIL={when.until:%Y%m%d}"]
    return [f"COUNT={when.count}"] if when.count is not None else []


def _checked(timing: Timing, now: UtcMs) -> Timing:
    if timing.local_start.year not in YEARS:
        raise Refusal("bad-time", BAD_TIME, field="day")
    if len(timing.times) >= MOST_TIMES:
        raise Refusal("too-many-times", n_("Nhiều nhất 24 giờ phát trong một ngày. Hãy bớt giờ phát."), field="times")
    if not 1 <= timing.repeats <= 10:
        raise Refusal("bad-repeats", n_("Số lần phát liên tiếp phải từ 1 đến 10. Hãy sửa lại."), field="repeats")
    if timing.repeats > 1 and not 1_000 <= timing.gap <= 7_200_000:
        raise Refusal(
            "bad-gap",
            n_("Khoảng nghỉ giữa hai lần phát phải từ 1 giây đến 2 giờ. Hãy nhập lại khoảng nghỉ."),
            field="gap_minutes",
        )
    _check_rule(timing.rrule)
    if not timing.rrule:
        _refuse_past(timing, now)
    return timing if timing.repeats > 1 else replace(timing, gap=DurationMs(0))


_RULE_SHOWN = 100
"""So many characters of a rule that cannot be used are said back."""
_REASON_SHOWN = 200


def _check_rule(rrule: str) -> None:
    try:
        if rrule:
            parse_rrule(rrule)
    except BadRule as error:
        raise Refusal(
            "bad-rule",
            n_(
                "Quy tắc lặp này không dùng được (%(rule)s): %(reason)s. "
                "Hãy sửa lại, ví dụ: FREQ=WEEKLY;BYDAY=MO,WE,FR."
            ),
            field="rrule",
            params={"rule": rrule[:_RULE_SHOWN], "reason": error.said(_)[:_REASON_SHOWN]},
        ) from error


def _refuse_past(timing: Timing, now: UtcMs) -> None:
    day = timing.local_start.date()
    last = max((timing.local_start, *(datetime.combine(day, each) for each in timing.times)))
    if timing.zone != "UTC" and utc_ms(localise(last, timing.zone)) <= now:
        raise Refusal(
            "past-time",
            n_("Giờ phát %(at)s đã qua. Hãy chọn giờ sau %(now)s, hoặc chọn “Phát ngay”."),
            field="at",
            params={"at": f"{last:%H:%M %d/%m/%Y}", "now": f"{from_utc_ms(now, timing.zone):%H:%M %d/%m/%Y}"},
        )


def at_another_time(timing: Timing, was: time, at: time, local_now: datetime) -> Timing:
    """The same with one of its times changed; what was to begin at once begins at that time today."""
    if timing.zone == "UTC":
        return replace(timing, local_start=datetime.combine(local_now.date(), at))
    times = {at if each == was else each for each in (timing.local_start.time(), *timing.times)}
    first, *others = sorted(times)
    return replace(timing, local_start=datetime.combine(timing.local_start.date(), first), times=tuple(others))


def when_of(schedule: Schedule) -> When:
    """The choice in a form that means the schedule's time; by its rule where no simpler choice does."""
    start = schedule.local_start
    base = When(WhenKind.ONCE, start.date(), start.time(), times=schedule.times)
    if not schedule.rrule:
        return base
    try:
        rule = parse_rrule(schedule.rrule)
    except BadRule:
        return replace(base, kind=WhenKind.RULE, rrule=schedule.rrule)
    return _simple(base, rule) or replace(base, kind=WhenKind.RULE, rrule=schedule.rrule)


def _simple(base: When, rule: Rule) -> When | None:
    parts = {"by_month", "by_year_day", "by_week_number", "by_position"}
    if rule.interval != 1 or any(getattr(rule, part) for part in parts) or rule.until_utc:
        return None
    if rule.until is not None and rule.until.time() < max(time(0), *(each for each in (base.at, *base.times) if each)):
        return None
    ends = replace(base, until=rule.until.date() if rule.until else None, count=rule.count)
    if rule.frequency is Frequency.DAILY and not rule.by_day and not rule.by_month_day:
        return replace(ends, kind=WhenKind.DAILY)
    if rule.frequency is Frequency.WEEKLY and base.day is not None:
        days = tuple(sorted({day.weekday for day in rule.by_day})) or (base.day.weekday(),)
        return replace(ends, kind=WhenKind.WEEKLY, weekdays=days)
    if rule.frequency is Frequency.MONTHLY and not rule.by_day and base.day is not None:
        month_days = rule.by_month_day or (base.day.day,)
        return replace(ends, kind=WhenKind.MONTHLY, month_days=month_days) if _plain(month_days) else None
    return None


def _plain(month_days: Iterable[int]) -> bool:
    return all(day >= -1 for day in month_days)
