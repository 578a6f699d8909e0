"""From a typed Vietnamese sentence to when a schedule is heard: the way back from `schedules.words`. Pure.

Understands what people write: "thứ 2, 4, 6 lúc 05:00 và 17:00, đến 31/12", "hang ngay 5h", "T2-T6 17g00",
"ngày 1 và 15 hàng tháng lúc 5 giờ 30", "chủ nhật cuối cùng hàng tháng lúc 7h", "8h tối mai", with or without
diacritics. What is not understood is named with its place; nothing is guessed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from schedules.rules import BadRule, Frequency, Rule, WeekdayRule, n_, parse_rrule, spell_rrule
from schedules.spoken_clauses import (
    Said,
    take_clock,
    take_count,
    take_date,
    take_filler,
    take_frequency,
    take_interval,
    take_month_days,
    take_moved,
    take_once,
    take_part_before,
    take_repeats,
    take_span,
    take_start,
    take_until,
    take_weekdays,
    take_without,
)
from schedules.spoken_text import LONGEST, Cursor, Misunderstood, NotUnderstood
from schedules.spoken_times import SpokenDay
from schedules.units import DurationMs
from schedules.unrolling import LAST_YEAR, rule_days
from schedules.words import date_words, weekday_words

__all__ = ["Misunderstood", "Spoken", "read_when"]

_CLAUSES: tuple[Callable[[Cursor, Said], bool], ...] = (
    take_moved,
    take_repeats,
    take_without,
    take_start,
    take_until,
    take_span,
    take_interval,
    take_once,
    take_count,
    take_weekdays,
    take_frequency,
    take_clock,
    take_month_days,
    take_date,
    take_part_before,
    take_filler,
)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Spoken:
    """When, as a Schedule says it, field by field."""

    local_start: datetime
    times: tuple[time, ...] = ()
    rrule: str = ""
    exceptions: frozenset[datetime] = frozenset()
    moved: tuple[tuple[datetime, datetime], ...] = ()
    repeats: int = 1
    gap: DurationMs = DurationMs(0)
    skip_holidays: bool = False


def read_when(text: str, today: date, now: time = time.min) -> Spoken | Misunderstood:
    """What `text` says, "today" and `now` being the local day and time at which it is typed.

    Without a year, a day is the next one of its name; without a "từ ngày" a rule begins at its next day from today. One
    that is counted ("3 lần") does not count a day of which some has passed.
    """
    cursor, said = Cursor(text), Said(today, now)
    try:
        if len(text) > LONGEST:
            raise NotUnderstood(n_("Câu này dài quá. Hãy viết ngắn hơn 1.000 chữ cái."), LONGEST)
        while not cursor.done:
            if not any(clause(cursor, said) for clause in _CLAUSES):
                _refuse(cursor)
        return _spoken(said)
    except NotUnderstood as error:
        return error.said
    except (BadRule, OverflowError):
        return Misunderstood(n_("Chưa hiểu quy tắc lặp này. Ví dụ: “thứ 2, 4, 6 lúc 05:00 và 17:00, đến 31/12”."), 0)


def _refuse(cursor: Cursor) -> None:
    lunar = n_("Âm lịch (mùng, rằm) chưa đặt được. Hãy viết ngày dương lịch, ví dụ “ngày 15/03/2026”.")
    unknown = n_("Chưa hiểu từ “{word}”. Ví dụ: “thứ 2, 4, 6 lúc 05:00 và 17:00, đến 31/12”.")
    place = len(cursor.text) - len(cursor.text[cursor.position :].lstrip())
    if cursor.sees(r"(?:mung|mong|ram|am\s*lich)"):
        raise NotUnderstood(lunar, place)
    raise NotUnderstood(unknown, place, word=cursor.word())


def _spoken(said: Said) -> Spoken:
    _one_set_of_times(said)
    times = _times(said)
    rule = _rule(said)
    if rule is None:
        start, rrule = _once(said), ""
    else:
        start = _first_day(said, rule, times)
        rrule = spell_rrule(_ended(said, rule, start, times))
    local_start = datetime.combine(start, said.start_time or times[0])
    if local_start.time() not in times:
        raise NotUnderstood(n_("Giờ bắt đầu phải là một trong các giờ phát."), said.start.position if said.start else 0)
    return Spoken(
        local_start=local_start,
        times=tuple(at for at in times if at != local_start.time()),
        rrule=rrule,
        exceptions=_exceptions(said, local_start, times),
        moved=_moved(said, start),
        repeats=said.repeats,
        gap=DurationMs(said.gap_seconds * 1000 if said.repeats > 1 else 0),
        skip_holidays=said.no_holidays,
    )


def _one_set_of_times(said: Said) -> None:
    """ "Thứ 2 lúc 5h, thứ 3 lúc 6h" is two schedules; "hàng ngày 5h, chủ nhật" says neither every day nor Sundays."""
    turns = said.turns
    unclear = len(turns) == 3 and turns[0][0] == "day" and said.frequency is Frequency.DAILY and said.weekdays
    if len(turns) > 3 or unclear:
        sentence = n_(
            "Mỗi lịch có cùng giờ phát cho mọi ngày. Ngày khác giờ khác thì hãy đặt thành hai lịch, "
            "ví dụ “thứ 2, 4, 6 lúc 05:00” rồi “thứ 3, 5 lúc 06:00”."
        )
        raise NotUnderstood(sentence, turns[2][1])


def _times(said: Said) -> list[time]:
    if not said.times:
        raise NotUnderstood(n_("Chưa có giờ phát. Hãy viết thêm giờ, ví dụ “lúc 05:00 và 17:00”."), 0)
    later = said.part in ("chieu", "toi")
    return sorted({at.replace(hour=at.hour + 12) if later and at.hour < 12 else at for at in said.times})


def _rule(said: Said) -> Rule | None:
    """None plays once."""
    if said.once or (said.dates and said.frequency is None):
        return None
    frequency = said.frequency or _meant(said)
    if frequency is None:
        raise NotUnderstood(
            n_("Chưa rõ ngày nào. Hãy viết thêm: “hàng ngày”, “thứ 2, 4, 6” hoặc “ngày 05/12/2026”."), 0
        )
    if said.without or (frequency is Frequency.DAILY and said.weekdays):
        frequency = Frequency.WEEKLY if frequency is Frequency.DAILY and said.interval == 1 else frequency
    rule = Rule(frequency, interval=said.interval)
    if frequency is Frequency.YEARLY:
        return _yearly(said, rule)
    if said.dates:
        where = said.dates[0].position
        raise NotUnderstood(n_("Ngày này để làm gì? Hãy viết “từ ngày …” hoặc “đến ngày …”."), where)
    return _monthly(said, rule) if frequency is Frequency.MONTHLY else _weekly(said, rule)


def _meant(said: Said) -> Frequency | None:
    """How often, when only days were named."""
    if any(nth for nth, _ in said.weekdays):
        return Frequency.MONTHLY
    if said.weekdays:
        return Frequency.WEEKLY
    if said.month_days:
        raise NotUnderstood(n_("Ngày mấy của tháng nào? Hãy viết “hàng tháng” hoặc đủ ngày và tháng, ví dụ 15/12."), 0)
    return None


def _weekly(said: Said, rule: Rule) -> Rule:
    if said.month_days or any(nth for nth, _ in said.weekdays):
        raise NotUnderstood(n_("Ngày trong tháng không đi với “hàng ngày”, “hàng tuần”. Hãy viết “hàng tháng”."), 0)
    days = {day for _, day in said.weekdays}
    if said.without:
        days = (days or set(range(7))) - said.without
    if rule.frequency is Frequency.DAILY:
        if days and rule.interval > 1:
            raise NotUnderstood(n_("“Mấy ngày một lần” không đi với thứ trong tuần. Hãy chọn một cách."), 0)
        return rule
    if not days and said.start is None:
        raise NotUnderstood(n_("Hàng tuần vào thứ mấy? Hãy viết thêm, ví dụ “thứ 2, 4, 6”."), 0)
    begun = said.start.on_or_after(said.today).weekday() if said.start is not None else 0
    return replace(rule, by_day=tuple(WeekdayRule(day) for day in sorted(days or {begun})))


def _monthly(said: Said, rule: Rule) -> Rule:
    numbered = {nth != 0 for nth, _ in said.weekdays}
    if said.without or len(numbered) == 2 or (said.weekdays and said.month_days):
        raise NotUnderstood(n_("Hãy nói riêng từng cách: “thứ 2 đầu tiên, thứ 6 đầu tiên hàng tháng”."), 0)
    if numbered == {False} and not said.every:
        raise NotUnderstood(
            n_("Thứ ấy lần mấy trong tháng? Ví dụ “thứ 2 đầu tiên”, “chủ nhật cuối cùng” hoặc “mọi thứ 2”."), 0
        )
    if said.weekdays:
        return replace(rule, by_day=tuple(WeekdayRule(day, nth) for nth, day in dict.fromkeys(said.weekdays)))
    days = sorted(set(said.month_days), key=lambda day: (day < 0, day))
    if not days and said.start is None:
        raise NotUnderstood(n_("Hàng tháng vào ngày mấy? Hãy viết thêm, ví dụ “ngày 1 và 15”."), 0)
    begun = said.start.on_or_after(said.today).day if said.start is not None else 0
    return replace(rule, by_month_day=tuple(days or (begun,)))


def _yearly(said: Said, rule: Rule) -> Rule:
    days = said.dates or ([said.start] if said.start is not None else [])
    if len(days) != 1 or said.weekdays or said.month_days or said.without:
        raise NotUnderstood(n_("Hàng năm vào ngày nào? Hãy viết một ngày và tháng, ví dụ “ngày 02/09 hàng năm”."), 0)
    SpokenDay(days[0].day, days[0].month, None, days[0].position).on_or_after(said.today)
    return replace(rule, by_month=(days[0].month,), by_month_day=(days[0].day,))


def _once(said: Said) -> date:
    if len(said.dates) + (said.start is not None) != 1 or said.month_days:
        raise NotUnderstood(n_("Phát một lần vào ngày nào? Hãy viết một ngày, ví dụ “ngày 05/12/2026”."), 0)
    spoken = said.dates[0] if said.dates else said.start
    assert spoken is not None, "counted above"
    day = spoken.on_or_after(said.today)
    if said.weekdays and {weekday for _, weekday in said.weekdays} != {day.weekday()}:
        wrong = n_("Ngày {day} là {weekday}. Hãy sửa lại thứ hoặc ngày.")
        raise NotUnderstood(wrong, spoken.position, day=date_words(day), weekday=weekday_words(day.weekday()))
    if said.until is not None or said.count not in (None, 1) or said.days not in (None, 1):
        raise NotUnderstood(n_("Phát một lần thì không có ngày kết thúc. Hãy viết “hàng ngày” hoặc “từ ngày …”."), 0)
    return day


def _first_day(said: Said, rule: Rule, times: Sequence[time]) -> date:
    if said.start is not None:
        return said.start.on_or_after(said.today)
    counted = said.count is not None or said.days is not None
    earliest = said.today + _DAY if counted and times[0] <= said.now else said.today
    last = min(said.today.year + 41, LAST_YEAR)
    found = next(rule_days(spell_rrule(rule), earliest, earliest, date(last, 12, 31)), None)
    if found is None:
        raise NotUnderstood(n_("Không có ngày nào như vậy. Hãy kiểm tra lại ngày và tháng."), 0)
    return found


def _ended(said: Said, rule: Rule, start: date, times: list[time]) -> Rule:
    until = _until(said, start)
    count = _count(said, times)
    if until is not None and count is not None:
        raise NotUnderstood(n_("Chỉ chọn một cách kết thúc: ngày cuối, hoặc số lần."), 0)
    if until is not None and until.date() < start:
        sentence = n_("Ngày kết thúc {until} trước ngày bắt đầu {start}. Hãy sửa lại ngày.")
        where = said.until.position if said.until is not None else 0
        raise NotUnderstood(sentence, where, until=date_words(until), start=date_words(start))
    return parse_rrule(spell_rrule(replace(rule, until=until, count=count)))


def _until(said: Said, start: date) -> datetime | None:
    day: date | None = None
    if said.until is not None:
        day = said.until.on_or_after(start)
    elif said.until_month is not None:
        month, year = said.until_month
        year = year or (start.year if month >= start.month else start.year + 1)
        day = date(year + month // 12, month % 12 + 1, 1) - _DAY
    elif said.until_year is not None:
        day = date(said.until_year, 12, 31)
    elif said.span is not None:
        day = _after(start, *said.span)
    return None if day is None else datetime.combine(day, said.until_time or time(23, 59, 59))


def _after(start: date, number: int, unit: str) -> date:
    """The last day of "trong 2 tuần"."""
    if unit in ("ngay", "tuan"):
        return start + (number * (7 if unit == "tuan" else 1) - 1) * _DAY
    months = start.month - 1 + number * (12 if unit == "nam" else 1)
    first = date(start.year + months // 12, months % 12 + 1, 1)
    return min(first + (start.day - 1) * _DAY, (first + 31 * _DAY).replace(day=1) - _DAY) - _DAY


def _count(said: Said, times: list[time]) -> int | None:
    if said.days is not None or said.count is None:
        return said.days
    days, over = divmod(said.count, len(times))
    if over:
        sentence = n_("{count} lần không chia đều cho {times} giờ mỗi ngày. Hãy viết số ngày: “10 ngày phát”.")
        raise NotUnderstood(sentence, 0, count=str(said.count), times=str(len(times)))
    return days


def _exceptions(said: Said, start: datetime, times: list[time]) -> frozenset[datetime]:
    days = ((spoken.on_or_after(start.date()), at) for spoken, at in said.exceptions)
    readings = (datetime.combine(day, each) for day, at in days for each in ([at] if at is not None else times))
    return frozenset(reading for reading in readings if reading >= start)


def _moved(said: Said, start: date) -> tuple[tuple[datetime, datetime], ...]:
    pairs = []
    for old, old_time, new, new_time in said.moved:
        original = datetime.combine(old.on_or_after(start), old_time)
        pairs.append((original, datetime.combine(new.on_or_after(start), new_time)))
    return tuple(sorted(dict(pairs).items()))
