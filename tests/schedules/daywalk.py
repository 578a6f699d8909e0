"""An independent reading of RFC 5545 recurrence: walk every day and ask whether it belongs. No dateutil.

Covers FREQ, INTERVAL, COUNT, UNTIL, BYDAY (numbered too), BYMONTHDAY, BYMONTH and BYSETPOS (monthly), with
weeks that begin on Monday. `spell` writes the same rule as RRULE text.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

NAMES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Spec:
    frequency: str
    interval: int = 1
    count: int | None = None
    until: date | None = None
    weekdays: tuple[tuple[int, int], ...] = ()
    """(nth, weekday); nth 0 is every one."""
    month_days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()


def spell(spec: Spec) -> str:
    parts = [f"FREQ={spec.frequency}"]
    if spec.interval > 1:
        parts.append(f"INTERVAL={spec.interval}")
    if spec.count is not None:
        parts.append(f"COUNT={spec.count}")
    if spec.until is not None:
        parts.append(f"UNTIL={spec.until:%Y%m%d}")
    if spec.weekdays:
        parts.append("BYDAY=" + ",".join(f"{nth or ''}{NAMES[day]}" for nth, day in spec.weekdays))
    for name, values in (("BYMONTHDAY", spec.month_days), ("BYMONTH", spec.months), ("BYSETPOS", spec.positions)):
        if values:
            parts.append(f"{name}=" + ",".join(map(str, values)))
    return ";".join(parts)


def walk(spec: Spec, first: date, last: date) -> Iterator[date]:
    """The days from `first` (the start of the schedule) to `last` on which it happens."""
    day, found = first, 0
    while day <= last and (spec.until is None or day <= spec.until):
        if in_rhythm(spec, first, day) and chosen(spec, first, day):
            found += 1
            if spec.count is not None and found > spec.count:
                return
            yield day
        day += DAY


def in_rhythm(spec: Spec, first: date, day: date) -> bool:
    periods = {
        "DAILY": (day - first).days,
        "WEEKLY": (day - (first - first.weekday() * DAY)).days // 7,
        "MONTHLY": (day.year - first.year) * 12 + day.month - first.month,
        "YEARLY": day.year - first.year,
    }
    return periods[spec.frequency] % spec.interval == 0


def chosen(spec: Spec, first: date, day: date) -> bool:
    if not spec.positions:
        return matches(spec, first, day)
    of_month = [date(day.year, day.month, n) for n in range(1, monthrange(day.year, day.month)[1] + 1)]
    these = [each for each in of_month if matches(spec, first, each)]
    return any(day == these[p - 1 if p > 0 else p] for p in spec.positions if abs(p) <= len(these))


def matches(spec: Spec, first: date, day: date) -> bool:
    length = monthrange(day.year, day.month)[1]
    if spec.months and day.month not in spec.months:
        return False
    if spec.month_days and day.day not in spec.month_days and day.day - length - 1 not in spec.month_days:
        return False
    if spec.weekdays:
        return any(day.weekday() == weekday and is_nth(spec, day, nth) for nth, weekday in spec.weekdays)
    if spec.month_days or spec.frequency == "DAILY":
        return True
    if spec.frequency == "WEEKLY":
        return day.weekday() == first.weekday()
    return day.day == first.day and (spec.frequency == "MONTHLY" or bool(spec.months) or day.month == first.month)


def is_nth(spec: Spec, day: date, nth: int) -> bool:
    """In its month; in its year where a yearly rule names no month."""
    if nth == 0:
        return True
    if spec.frequency == "YEARLY" and not spec.months:
        begin, end = date(day.year, 1, 1), date(day.year, 12, 31)
    else:
        begin, end = day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])
    return nth in ((day - begin).days // 7 + 1, -((end - day).days // 7 + 1))


def instant(wall: datetime, zone: str) -> datetime:
    """The UTC time of a wall reading, found only by reading the clock of the zone at candidate instants."""
    there, naive = ZoneInfo(zone), wall.replace(tzinfo=UTC)
    offsets = [(naive + shift).astimezone(there).utcoffset() for shift in (-DAY, DAY)]
    candidates = sorted(naive - offset for offset in offsets if offset is not None)
    for candidate in candidates:
        if candidate.astimezone(there).replace(tzinfo=None) == wall:
            return candidate
    before = offsets[0]
    assert before is not None
    return naive - before
