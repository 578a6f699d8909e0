"""RFC 5545 recurrence rules as frozen values: read strictly, refused with a sentence that says why."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_LONGEST_TEXT = 500
_LONGEST_LIST = 400


class BadRule(ValueError):
    """A recurrence rule that cannot be used; the fault of whoever wrote it. The message says why, for the log.

    `why` says it to people: Vietnamese, a key of the catalogues, with `values` for its places.
    """

    def __init__(self, message: str, why: str = "", **values: object) -> None:
        super().__init__(message)
        self.why, self.values = why or _FORM, values

    def said(self, translate: Callable[[str], str]) -> str:
        """`why`, without a capital or a full stop."""
        return translate(self.why).format(**self.values)


def n_(sentence: str) -> str:
    """Marks a sentence for the catalogues; it is translated where it is shown."""
    return sentence


_FORM = n_("hãy viết các phần dạng TÊN=GIÁ TRỊ, cách nhau bằng dấu chấm phẩy, mỗi tên một lần")
_FASTER = n_("chỉ lặp theo ngày, tuần, tháng hoặc năm: FREQ là DAILY, WEEKLY, MONTHLY hoặc YEARLY")
_NUMBER = n_("{name}={text} phải là số nguyên từ {low} đến {high}")
_ZERO = n_("{name}=0 không có nghĩa")
_LONG = n_("danh sách dài hơn {most} mục")
_NO_PART = n_("không dùng được {names}")
_WEEKDAY = n_("“{text}” không phải thứ trong tuần: MO, TU, WE, TH, FR, SA, SU")
_UNTIL = n_("UNTIL={text} không phải ngày (20261231) hay ngày giờ (20261231T170000)")
_ONE_END = n_("COUNT và UNTIL không đi cùng nhau, chỉ chọn một")
_NTH = n_("thứ có số (như 1MO) cần FREQ=MONTHLY hoặc FREQ=YEARLY")
_FIFTH = n_("trong một tháng mỗi thứ có nhiều nhất năm lần")
_TOGETHER = n_("{one} không đi với {other}")
_ONLY_YEARLY = n_("{name} chỉ đi với FREQ=YEARLY")
_ALONE = n_("BYSETPOS cần thêm một phần BY… khác")


class Frequency(StrEnum):
    """How often; anything faster than a day is refused (RFC 5545 knows it, a loudspeaker must not)."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


@dataclass(frozen=True, slots=True)
class WeekdayRule:
    """One BYDAY entry: `weekday` 0 (Monday) … 6, `nth` in its month or year (negative from the end, 0 every)."""

    weekday: int
    nth: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """One RRULE value. `until` is None, or a local reading; `until_utc` tells that it was written with a Z."""

    frequency: Frequency
    interval: int = 1
    count: int | None = None
    until: datetime | None = None
    until_utc: bool = False
    by_day: tuple[WeekdayRule, ...] = ()
    by_month_day: tuple[int, ...] = ()
    by_month: tuple[int, ...] = ()
    by_year_day: tuple[int, ...] = ()
    by_week_number: tuple[int, ...] = ()
    by_position: tuple[int, ...] = ()
    week_start: int = 0


def check_rrule(text: str) -> None:
    """Raise BadRule if `text` is not an RRULE value that a schedule may have; "" (once) is fine."""
    if text:
        parse_rrule(text)


@lru_cache(maxsize=4096)
def parse_rrule(text: str) -> Rule:
    """Read an RRULE value without its name, e.g. "FREQ=WEEKLY;BYDAY=MO,WE"; raise BadRule."""
    parts = _parts(text)
    rule = Rule(
        frequency=_frequency(parts.pop("FREQ", None)),
        interval=_number(parts.pop("INTERVAL", "1"), "INTERVAL", 1, 1000),
        count=_number(parts.pop("COUNT"), "COUNT", 1, 10_000) if "COUNT" in parts else None,
        until_utc=parts.get("UNTIL", "").endswith("Z"),
        until=_until(parts.pop("UNTIL")) if "UNTIL" in parts else None,
        by_day=tuple(_weekday_rule(item) for item in _items(parts.pop("BYDAY", ""))),
        by_month_day=_numbers(parts, "BYMONTHDAY", 31, signed=True),
        by_month=_numbers(parts, "BYMONTH", 12),
        by_year_day=_numbers(parts, "BYYEARDAY", 366, signed=True),
        by_week_number=_numbers(parts, "BYWEEKNO", 53, signed=True),
        by_position=_numbers(parts, "BYSETPOS", 366, signed=True),
        week_start=_weekday(parts.pop("WKST", "MO")),
    )
    if parts:
        names = ", ".join(sorted(parts))
        raise BadRule(f"a schedule's rule cannot have {names}", _NO_PART, names=names)
    _check_together(rule)
    return rule


def spell_rrule(rule: Rule) -> str:
    """The RRULE value that parse_rrule reads as `rule`; the shortest where it has a choice."""
    parts: list[tuple[str, object]] = [("FREQ", rule.frequency.value)]
    parts += [("INTERVAL", rule.interval)] if rule.interval > 1 else []
    lists: tuple[tuple[str, tuple[object, ...]], ...] = (
        ("BYDAY", tuple(f"{day.nth or ''}{WEEKDAYS[day.weekday]}" for day in rule.by_day)),
        ("BYMONTHDAY", rule.by_month_day),
        ("BYMONTH", rule.by_month),
        ("BYYEARDAY", rule.by_year_day),
        ("BYWEEKNO", rule.by_week_number),
        ("BYSETPOS", rule.by_position),
    )
    parts += [(name, ",".join(map(str, values))) for name, values in lists if values]
    parts += [("COUNT", rule.count)] if rule.count is not None else []
    parts += [("UNTIL", _spell_until(rule.until, rule.until_utc))] if rule.until is not None else []
    parts += [("WKST", WEEKDAYS[rule.week_start])] if rule.week_start else []
    return ";".join(f"{name}={value}" for name, value in parts)


def _spell_until(until: datetime, utc: bool) -> str:
    if f"{until:%H%M%S}" == "235959" and not utc:
        return f"{until:%Y%m%d}"
    return f"{until:%Y%m%dT%H%M%S}{'Z' if utc else ''}"


def _parts(text: str) -> dict[str, str]:
    if not text or len(text) > _LONGEST_TEXT:
        raise BadRule(f"a rule has 1 to {_LONGEST_TEXT} characters")
    parts: dict[str, str] = {}
    for piece in text.split(";"):
        name, equals, value = piece.partition("=")
        if not equals or not value or not re.fullmatch(r"[A-Z]+", name):
            raise BadRule(f"{piece!r} is not NAME=VALUE")
        if name in parts:
            raise BadRule(f"{name} stands there twice")
        parts[name] = value
    return parts


def _frequency(text: str | None) -> Frequency:
    if text is None:
        raise BadRule("the rule has no FREQ", _FASTER)
    try:
        return Frequency(text)
    except ValueError as error:
        raise BadRule(f"FREQ={text}: a schedule repeats daily, weekly, monthly or yearly", _FASTER) from error


def _number(text: str, name: str, low: int, high: int) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,6}", text, re.ASCII) or not low <= int(text) <= high:
        message = f"{name}={text}: not a whole number from {low} to {high}"
        raise BadRule(message, _NUMBER, name=name, text=text, low=low, high=high)
    return int(text)


def _items(text: str) -> list[str]:
    items = text.split(",") if text else []
    if len(items) > _LONGEST_LIST:
        raise BadRule(f"more than {_LONGEST_LIST} entries in one list", _LONG, most=_LONGEST_LIST)
    return items


def _numbers(parts: dict[str, str], name: str, high: int, signed: bool = False) -> tuple[int, ...]:
    numbers = tuple(_number(item, name, -high if signed else 1, high) for item in _items(parts.pop(name, "")))
    if 0 in numbers:
        raise BadRule(f"{name}=0 means nothing", _ZERO, name=name)
    return numbers


def _weekday(text: str) -> int:
    if text not in WEEKDAYS:
        raise BadRule(f"{text!r} is not a weekday ({', '.join(WEEKDAYS)})", _WEEKDAY, text=text)
    return WEEKDAYS.index(text)


def _weekday_rule(text: str) -> WeekdayRule:
    nth = _number(text[:-2], "BYDAY", -53, 53) if len(text) > 2 else 0
    if len(text) > 2 and nth == 0:
        raise BadRule(f"BYDAY={text}: there is no zeroth weekday", _WEEKDAY, text=text)
    return WeekdayRule(_weekday(text[-2:]), nth)


def _until(text: str) -> datetime:
    """A date means its whole day."""
    match = re.fullmatch(r"([0-9]{8})(?:T([0-9]{6})Z?)?", text, re.ASCII)
    try:
        if match is None:
            raise ValueError
        return datetime.strptime(match[1] + (match[2] or "235959"), "%Y%m%d%H%M%S")
    except ValueError as error:
        message = f"UNTIL={text}: not a date (20261231) or time (20261231T170000)"
        raise BadRule(message, _UNTIL, text=text) from error


def counts_in_month(rule: Rule) -> bool:
    """True if a numbered weekday is counted inside its month, False if inside its year."""
    return rule.frequency is Frequency.MONTHLY or bool(rule.by_month)


def _check_together(rule: Rule) -> None:
    if rule.count is not None and rule.until is not None:
        raise BadRule("COUNT and UNTIL exclude each other", _ONE_END)
    if any(day.nth for day in rule.by_day) and rule.frequency not in (Frequency.MONTHLY, Frequency.YEARLY):
        raise BadRule("a numbered weekday (1MO) needs FREQ=MONTHLY or FREQ=YEARLY", _NTH)
    if any(abs(day.nth) > 5 for day in rule.by_day) and counts_in_month(rule):
        raise BadRule("a month has no more than five of a weekday", _FIFTH)
    if any(day.nth for day in rule.by_day) and rule.by_week_number:
        raise BadRule(
            "a numbered weekday (1MO) and BYWEEKNO exclude each other", _TOGETHER, one="1MO", other="BYWEEKNO"
        )
    if rule.by_month_day and rule.frequency is Frequency.WEEKLY:
        raise BadRule("BYMONTHDAY does not go with FREQ=WEEKLY", _TOGETHER, one="BYMONTHDAY", other="FREQ=WEEKLY")
    if rule.by_week_number and rule.frequency is not Frequency.YEARLY:
        raise BadRule("BYWEEKNO goes with FREQ=YEARLY only", _ONLY_YEARLY, name="BYWEEKNO")
    if rule.by_year_day and rule.frequency is not Frequency.YEARLY:
        raise BadRule("BYYEARDAY goes with FREQ=YEARLY only", _ONLY_YEARLY, name="BYYEARDAY")
    others = (rule.by_day, rule.by_month_day, rule.by_month, rule.by_year_day, rule.by_week_number)
    if rule.by_position and not any(others):
        raise BadRule("BYSETPOS needs another BY… part", _ALONE)
    if rule.by_position and rule.frequency is Frequency.DAILY:
        raise BadRule("BYSETPOS does not go with FREQ=DAILY", _TOGETHER, one="BYSETPOS", other="FREQ=DAILY")
