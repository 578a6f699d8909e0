"""Days and times of day in a typed Vietnamese sentence: "5h", "5 giờ 30 chiều", "31/12", "mai". Pure."""

import re
from dataclasses import dataclass
from datetime import date, time, timedelta

from schedules.rules import n_
from schedules.spoken_text import Cursor, NotUnderstood

NOT_A_LATER_WORD = r"(?!\d|\s*(?:lan|luot|ngay|tuan|thang|nam|phut|giay|gio|[/:]|[hg](?![a-z])))"
"""After a bare number: it does not count anything and is no part of a time or date."""

_HOURS = ("mot", "hai", "ba", "bon", "nam", "sau", "bay", "tam", "chin", "muoi", "muoi mot", "muoi hai")
_PARTS = r"(sang|trua|chieu|toi|dem|khuya)"
_BAD_DATE = n_("Không có ngày {day}. Hãy kiểm tra lại ngày.")
_BAD_TIME = n_("Không có giờ {time}. Giờ đi từ 00:00 đến 23:59.")


@dataclass(frozen=True, slots=True)
class SpokenDay:
    """A day that may have been typed without its year."""

    day: int
    month: int
    year: int | None
    position: int

    def on_or_after(self, earliest: date) -> date:
        """The day itself, or the first one of this day and month from `earliest` on; raises NotUnderstood."""
        years = [self.year] if self.year is not None else range(earliest.year, earliest.year + 9)
        for year in years:
            try:
                found = date(year, self.month, self.day)
            except ValueError:
                continue
            if self.year is not None or found >= earliest:
                return found
        named = f"{self.day}/{self.month}" + (f"/{self.year}" if self.year is not None else "")
        raise NotUnderstood(_BAD_DATE, self.position, day=named)


def take_day(cursor: Cursor, today: date) -> SpokenDay | None:
    """31/12, 31/12/2026, 31-12-2026, ngày 31 tháng 12 năm 2026, hôm nay, mai, ngày kia."""
    begin = cursor.position
    for pattern, days in ((r"(?:hom\s+)?nay", 0), (r"(?:ngay\s+)?mai", 1), (r"ngay\s+(?:kia|mot)", 2)):
        if cursor.take(pattern):
            found = today + timedelta(days=days)
            return SpokenDay(found.day, found.month, found.year, begin)
    match = (
        cursor.take(r"(?:ngay\s*)?(\d{1,2})\s*/\s*(\d{1,2})(?:\s*/\s*(\d{4}|\d{2}))?")
        or cursor.take(r"(?:ngay\s*)?(\d{1,2})[.-](\d{1,2})[.-](\d{4})")
        or cursor.take(r"(?:ngay\s*)?(\d{1,2})\s*thang\s*(\d{1,2})(?:\s*,?\s*nam\s*(\d{4}))?")
    )
    if match is None:
        return None
    year = int(match[3]) if match[3] else None
    if year is not None and year < 100:
        year += 2000
    if year is not None and not 1970 <= year <= 2300:
        raise NotUnderstood(_BAD_DATE, begin, day=cursor.written(match))
    return SpokenDay(int(match[1]), int(match[2]), year, begin)


def take_time(cursor: Cursor, said_before: str = "") -> time | None:
    """5:00, 05:00:30, 5h, 5h30, 17g00, 5 giờ, 5 giờ 30 (phút), 5 rưỡi chiều; `said_before`: "chiều" of "chiều 5h"."""
    begin = cursor.position
    if named := cursor.take(rf"({'|'.join(reversed(_HOURS))})\s*gio(?:\s*(ruoi))?"):
        reading = (_HOURS.index(named[1]) + 1, 30 if named[2] else 0, 0)
        return to_time(cursor, begin, reading, take_part(cursor) or said_before)
    match = (
        cursor.take(r"(\d{1,2})\s*:\s*(\d{2})(?::(\d{2}))?")
        or cursor.take(
            r"(\d{1,2})\s*(?:gio|h|g)\s*(\d{1,2})(?!\d)(?!\s*(?:lan|luot|ngay|tuan|thang|/))\s*(?:phut|p|')?"
        )
        or cursor.take(r"(\d{1,2})\s*(?:gio|h|g)(?:\s*(ruoi|dung))?")
    )
    if match is None:
        return None
    minute = 30 if match[2] == "ruoi" else int(match[2]) if match[2] and match[2].isdigit() else 0
    second = int(match[3]) if match.re.groups > 2 and match[3] else 0
    part = take_part(cursor) or said_before
    return to_time(cursor, begin, (int(match[1]), minute, second), part)


def to_time(cursor: Cursor, begin: int, reading: tuple[int, int, int], part: str) -> time:
    """The time on the clock; raises NotUnderstood."""
    hour, minute, second = reading
    if hour <= 12:
        hour = _of_day(hour, part)
    try:
        return time(hour, minute, second)
    except ValueError as error:
        typed = cursor.text[begin : cursor.position].strip()
        raise NotUnderstood(_BAD_TIME, begin, time=typed) from error


def take_part(cursor: Cursor) -> str:
    """sáng, trưa, chiều, tối or đêm after a time; "" if none stands there."""
    before = cursor.position
    match = cursor.take(_PARTS)
    if match is None:
        return ""
    # "tới 31/12" is no evening; without its diacritics only what follows tells.
    until = cursor.written(match) == "tới" or (
        cursor.written(match) == "toi" and cursor.sees(r"(?:het|ngay\s*\d|\d{1,2}\s*(?:/|thang))")
    )
    if until:
        cursor.position = before
        return ""
    return match[1]


def _of_day(hour: int, part: str) -> int:
    if part in ("chieu", "toi"):
        return hour % 12 + 12
    if part == "trua":
        return hour + 12 if hour < 10 else hour
    if part in ("dem", "khuya"):
        return 0 if hour == 12 else hour + 12 if hour > 5 else hour
    return hour


def take_times(cursor: Cursor, said_before: str = "") -> list[time]:
    """One time or several; also "5, 11 và 17 giờ"."""
    begin = cursor.position
    match = cursor.take(r"((?:\d{1,2}\s*(?:,|va)\s*)+)(\d{1,2})\s*(?:gio|h|g)(?!\s*\d)")
    if match is not None:
        part = take_part(cursor) or said_before
        hours = [int(each) for each in re.findall(r"\d+", match[1])] + [int(match[2])]
        return [to_time(cursor, begin, (hour, 0, 0), part) for hour in hours]
    found = take_time(cursor, said_before)
    return [] if found is None else [found]
