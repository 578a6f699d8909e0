"""The clauses of a typed Vietnamese sentence about time, each taken from where the reader stands. Pure."""

from dataclasses import dataclass, field
from datetime import date, time

from schedules.rules import Frequency, n_
from schedules.spoken_text import Cursor, NotUnderstood
from schedules.spoken_times import NOT_A_LATER_WORD, SpokenDay, take_day, take_part, take_time, take_times

_NUMBERS = {"hai": 2, "ba": 3, "tu": 4, "bon": 4, "nam": 5, "sau": 6, "bay": 7}
_UNITS = {
    "ngay": Frequency.DAILY,
    "tuan": Frequency.WEEKLY,
    "thang": Frequency.MONTHLY,
    "nam": Frequency.YEARLY,
}
_WEEKDAY = r"(?:thu\s*(\d+|hai|ba|tu|nam|sau|bay)|t\s?([2-7])|(chu\s*nhat|cn))"
_BARE = (
    rf"(?:([2-7]){NOT_A_LATER_WORD}|(hai|ba|tu|nam|sau|bay)(?=\s*(?:,|;|va\b|luc\b|hang\b|$)))"  # "thứ hai, tư, sáu"
)
_AND = r"(?:,|;|va|&|\+)"
_LAST = "cuoi cung|cuoi"
_UNTIL = r"(?:cho\s*)?(?:den|toi|dung|ket\s*thuc)(?:\s*(?:het|cuoi|vao))?|(?:het|cuoi)(?!\s*(?:tuan|cung))"


@dataclass(slots=True)
class Said:
    """What the sentence has said so far."""

    today: date
    now: time = time.min
    frequency: Frequency | None = None
    interval: int = 1
    weekdays: list[tuple[int, int]] = field(default_factory=list)
    """(nth, weekday); nth 0 is every one."""
    every: bool = False
    """"mọi": each of these weekdays in its month."""
    without: set[int] = field(default_factory=set)
    month_days: list[int] = field(default_factory=list)
    dates: list[SpokenDay] = field(default_factory=list)
    times: list[time] = field(default_factory=list)
    part: str = ""
    """The part of the day said apart from the time: "tối mai lúc 8h"."""
    part_of_next: str = ""
    """The part of the day said before its times: "sáng 5h, chiều 5h"."""
    turns: list[tuple[str, int]] = field(default_factory=list)
    """Where the sentence went over to days ("day") or to times of day ("time")."""
    start: SpokenDay | None = None
    start_time: time | None = None
    until: SpokenDay | None = None
    until_time: time | None = None
    until_month: tuple[int, int | None] | None = None
    until_year: int | None = None
    span: tuple[int, str] | None = None
    count: int | None = None
    days: int | None = None
    """A count of days, whatever the number of times a day."""
    once: bool = False
    repeats: int = 1
    gap_seconds: int = 0
    no_holidays: bool = False
    exceptions: list[tuple[SpokenDay, time | None]] = field(default_factory=list)
    moved: list[tuple[SpokenDay, time, SpokenDay, time]] = field(default_factory=list)

    def turn(self, kind: str, position: int) -> None:
        if not self.turns or self.turns[-1][0] != kind:
            self.turns.append((kind, position))


def take_moved(cursor: Cursor, said: Said) -> bool:
    """dời lần 05:00 ngày 05/01/2026 sang 17:00 ngày 06/01/2026."""
    begin = cursor.position
    led = cursor.take(r"(?:doi|chuyen)\s*(?:lan|buoi)?") if not said.moved else cursor.take(r"lan(?=\s*\d+\s*[:hg])")
    if not led:
        return False
    old_time, old = take_time(cursor), take_day(cursor, said.today)
    if old_time is None or old is None or not cursor.take(r"(?:sang|den|qua|thanh)"):
        raise NotUnderstood(_HOW_MOVED, begin)
    new_time, new = take_time(cursor), take_day(cursor, said.today)
    if new_time is None:
        raise NotUnderstood(_HOW_MOVED, begin)
    said.moved.append((old, old_time, new or old, new_time))
    return True


_HOW_MOVED = n_(
    "Hãy viết rõ lần nào dời sang lúc nào, ví dụ “dời lần 05:00 ngày 05/01/2026 sang 17:00 ngày 06/01/2026”."
)


def take_repeats(cursor: Cursor, said: Said) -> bool:
    """(mỗi lần) phát 3 lượt cách nhau 10 phút."""
    begin = cursor.position
    match = cursor.take(r"(moi\s*(?:lan|buoi)\s*,?\s*)?(?:phat\s*)?(?:lap\s*lai\s*)?(\d{1,6})\s*(lan|luot)")
    if match is None:
        return False
    gap = _take_gap(cursor)
    if not gap and not match[1] and match[3] == "lan":
        cursor.position = begin
        return False
    said.repeats, said.gap_seconds = int(match[2]), gap
    if not 1 <= said.repeats <= 10:
        raise NotUnderstood(n_("Mỗi lần chỉ phát từ 1 đến 10 lượt."), begin)
    if said.repeats > 1 and not 1 <= gap <= 7200:
        raise NotUnderstood(n_("Hãy nói các lượt cách nhau bao lâu (từ 1 giây đến 2 giờ): “cách nhau 10 phút”."), begin)
    return True


def _take_gap(cursor: Cursor) -> int:
    begin = cursor.position
    if not cursor.take(r",?\s*(?:moi\s*(?:lan|luot)\s*)?cach\s*(?:nhau)?"):
        return 0
    seconds, unit = 0, cursor.take(r"(\d{1,4})\s*(phut|giay|gio|tieng|p|s|h)")
    while unit is not None:
        seconds += int(unit[1]) * {"p": 60, "g": 1, "s": 1, "t": 3600, "h": 3600}[_unit(unit[2])]
        unit = cursor.take(r"(\d{1,4})\s*(phut|giay|p|s)")
    if not seconds:
        cursor.position = begin
    return seconds


def _unit(name: str) -> str:
    return "h" if name == "gio" else name[0]


def take_without(cursor: Cursor, said: Said) -> bool:
    """trừ ngày lễ, trừ ngày 29/04/2026, trừ chủ nhật."""
    begin = cursor.position
    if not cursor.take(r"(?:ngoai\s*)?(?:tru|nghi|khong\s*phat|bo)(?:\s*(?:vao|ra))?"):
        return False
    taken = False
    while True:
        if cursor.take(r"(?:cac\s*)?(?:ngay\s*)?(?:le|tet)(?:\s*,?\s*(?:va\s*)?tet)?"):
            said.no_holidays = taken = True
        elif _take_exception(cursor, said):
            taken = True
        elif (weekday := _take_weekday(cursor)) is not None:
            said.without.update(_range(cursor, weekday))
            taken = True
        else:
            break
        # "trừ ngày lễ, từ ngày …" goes on with something else.
        if cursor.sees(rf"{_AND}\s*(?:lan|luc\s*\d+|(?:cac\s*)?(?:ngay\s*)?(?:le|tet|\d+)|{_WEEKDAY})"):
            cursor.take(_AND)
        elif not cursor.sees(r"(?:va\s*)?(?:ngay\s*)?\d{1,2}/"):
            break
    if not taken:
        raise NotUnderstood(n_("Hãy nói trừ ngày nào, ví dụ “trừ ngày lễ” hoặc “trừ ngày 29/04/2026”."), begin)
    return True


def _take_exception(cursor: Cursor, said: Said) -> bool:
    begin = cursor.position
    cursor.take(r"(?:cac\s*)?(?:lan|luc)")
    at = take_time(cursor)
    day = take_day(cursor, said.today)
    if day is None:
        cursor.position = begin
        return False
    said.exceptions.append((day, at))
    return True


def take_start(cursor: Cursor, said: Said) -> bool:
    """từ ngày 05/01/2026, từ 17:00 ngày 05/01/2026, bắt đầu từ mai."""
    begin = cursor.position
    if not cursor.take(r"(?:bat\s*dau\s*(?:tu)?|ke\s*tu|tu)"):
        return False
    at, day = take_time(cursor), take_day(cursor, said.today)
    if day is None:
        cursor.position = begin
        if at is not None:
            raise NotUnderstood(n_("Chỉ cần giờ bắt đầu phát; giờ kết thúc do bản tin dài bao lâu."), begin)
        return False
    said.start, said.start_time = day, at
    return True


def take_until(cursor: Cursor, said: Said) -> bool:
    """đến hết ngày 31/12/2026, đến 31/12, đến hết tháng 12, đến hết năm."""
    begin = cursor.position
    match = None if cursor.sees(r"toi\s*(?:nay|mai)") else cursor.take(_UNTIL)
    if match is None or cursor.written(match).startswith("tối"):
        cursor.position = begin
        return False
    if month := cursor.take(r"thang\s*(\d{1,2}|nay)(?:\s*(?:/|nam)\s*(\d{4}))?"):
        number = said.today.month if month[1] == "nay" else int(month[1])
        if not 1 <= number <= 12:
            raise NotUnderstood(n_("Một năm chỉ có tháng 1 đến tháng 12."), begin)
        said.until_month = (number, int(month[2]) if month[2] else None)
        return True
    if year := cursor.take(r"nam(?:\s*(\d{4}|nay))?"):
        said.until_year = int(year[1]) if year[1] and year[1].isdigit() else said.today.year
        return True
    at, day = take_time(cursor), take_day(cursor, said.today)
    if day is None:
        cursor.position = begin
        return False
    said.until, said.until_time = day, at
    return True


def take_span(cursor: Cursor, said: Said) -> bool:
    """trong 2 tuần, trong vòng 10 ngày."""
    match = cursor.take(r"trong\s*(?:vong\s*)?(\d{1,4})\s*(ngay|tuan|thang|nam)(?!\s*(?:phat|mot))")
    if match is None:
        return False
    said.span = (int(match[1]), match[2])
    return True


def take_interval(cursor: Cursor, said: Said) -> bool:
    """2 tuần một lần, cách ngày."""
    match = cursor.take(r"(?:cu\s*|moi\s*)?(\d{1,4})\s*(ngay|tuan|thang|nam)\s*(?:mot|1)\s*lan") or cursor.take(
        r"(?:cu\s*|moi\s*)(\d{1,4})\s*(ngay|tuan|thang|nam)"
    )
    if match is not None:
        said.interval, said.frequency = int(match[1]), _UNITS[match[2]]
        return True
    match = cursor.take(r"cach\s*(?:mot\s*)?(ngay|tuan|thang)")
    if match is None:
        return False
    said.interval, said.frequency = 2, _UNITS[match[1]]
    return True


def take_count(cursor: Cursor, said: Said) -> bool:
    """20 lần; 20 ngày phát."""
    if days := cursor.take(r"(?:trong\s*)?(\d{1,6})\s*ngay\s*phat"):
        said.days = int(days[1])
        return True
    match = cursor.take(r"(?:trong\s*|phat\s*|du\s*|tong\s*(?:cong\s*)?)*(\d{1,6})\s*(?:lan|buoi)")
    if match is None:
        return False
    said.count = int(match[1])
    return True


def take_weekdays(cursor: Cursor, said: Said) -> bool:
    """thứ 2, 4, 6; T2 T4 T6; (từ) thứ 2 đến thứ 6; chủ nhật cuối cùng; cuối tuần."""
    begin = cursor.position
    if not _named_weekdays(cursor, said):
        cursor.position = begin
        return False
    said.turn("day", begin)
    return True


def _named_weekdays(cursor: Cursor, said: Said) -> bool:
    led = cursor.take(rf"tu(?=\s*{_WEEKDAY})")
    every = cursor.take(r"(?:tat\s*ca\s*)?(?:moi|cac|nhung)(?=\s*(?:thu|t\s?[2-7]|chu|cn))")
    if cursor.take(r"(?:cac\s*)?(?:ngay\s*)?cuoi\s*tuan"):
        said.weekdays += [(0, 5), (0, 6)]
        return True
    if cursor.take(r"(?:cac\s*)?ngay\s*(?:trong\s*tuan|thuong|lam\s*viec)"):
        said.weekdays += [(0, day) for day in range(5)]
        return True
    weekday = _take_weekday(cursor)
    if weekday is None:
        return False
    said.every = said.every or every is not None
    while weekday is not None:
        named = _range(cursor, weekday)
        if led and len(named) == 1:
            return False  # "từ thứ 2" alone says no days
        led = None
        nth = _take_nth(cursor)
        said.weekdays += [(nth, day) for day in named]
        weekday = _take_next_weekday(cursor)
    return True


def _take_weekday(cursor: Cursor) -> int | None:
    begin = cursor.position
    match = cursor.take(_WEEKDAY)
    if match is None:
        return None
    if match[3]:
        return 6
    number = _NUMBERS.get(match[1] or match[2]) or int(match[1] or match[2])
    if not 2 <= number <= 7:
        raise NotUnderstood(n_("Trong tuần có thứ 2 đến thứ 7 và chủ nhật."), begin)
    return number - 2


def _take_next_weekday(cursor: Cursor) -> int | None:
    begin = cursor.position
    cursor.take(_AND)
    cursor.take(r"va")
    if (weekday := _take_weekday(cursor)) is not None:
        return weekday
    match = cursor.take(_BARE)
    if match is None:
        cursor.position = begin
        return None
    return (_NUMBERS.get(match[2] or "") or int(match[1])) - 2


def _range(cursor: Cursor, first: int) -> list[int]:
    begin = cursor.position
    if not cursor.take(r"(?:-|–|den|toi)"):
        return [first]
    last = _take_weekday(cursor)
    if last is None and (bare := cursor.take(_BARE)):
        last = (_NUMBERS.get(bare[2] or "") or int(bare[1])) - 2
    if last is None:
        cursor.position = begin
        return [first]
    return [day % 7 for day in range(first, last + (7 if last < first else 0) + 1)]


def _take_nth(cursor: Cursor) -> int:
    match = cursor.take(
        rf"(?:tuan\s*)?(?:(dau\s*tien|dau|thu\s*nhat)|({_LAST})(?!\s*tuan)|lan\s*(hai|ba|bon|tu|nam))"
        r"(?:\s*(?:cua\s*)?thang(?!\s*\d))?"
    ) or (cursor.take(r"tuan\s*(?:(nhat)|(cuoi)|thu\s*(hai|ba|tu|nam))"))
    if match is None:
        return 0
    return 1 if match[1] else -1 if match[2] else _NUMBERS[match[3]]


def take_frequency(cursor: Cursor, said: Said) -> bool:
    """hàng ngày, mỗi tuần, tất cả các ngày."""
    begin = cursor.position
    if cursor.take(r"(?:tat\s*ca\s*)?cac\s*ngay(?:\s*trong\s*(?:tuan|thang|nam))?|ngay\s*nao\s*cung|tat\s*ca\s*ngay"):
        said.frequency = said.frequency or Frequency.DAILY
        said.turn("day", begin)
        return True
    match = cursor.take(r"(?:hang|moi|cua|trong)\s*(?:mot\s*)?(ngay|tuan|thang|nam)")
    if match is None:
        return False
    unit = _UNITS[match[1]]
    # "tất cả các ngày hàng tuần" is every day, "ngày cuối tháng hàng tháng" every month.
    every_day = said.frequency is Frequency.DAILY and said.interval == 1
    said.frequency = Frequency.DAILY if every_day and unit is Frequency.WEEKLY else unit
    if unit is Frequency.DAILY:
        said.turn("day", begin)
    return True


def take_month_days(cursor: Cursor, said: Said) -> bool:
    """ngày 1, 15 và ngày cuối tháng."""
    begin = cursor.position
    found = _named_month_days(cursor, said)
    if found:
        said.turn("day", begin)
    return found


def _named_month_days(cursor: Cursor, said: Said) -> bool:
    if cursor.take(r"ngay\s*cuoi\s*(?:cung\s*)?(?:cua\s*)?(?:thang|hang\s*thang)"):
        said.month_days.append(-1)
        return True
    number = rf"(\d{{1,2}})(?!\s*thang\s*\d){NOT_A_LATER_WORD}"
    match = cursor.take(rf"(?:cac\s*)?ngay\s*{number}")
    if match is None:
        return False
    while match is not None:
        first = _month_day(match[1], match.start(1))
        last = cursor.take(rf"(?:-|–|den)\s*(?:ngay\s*)?{number}")
        said.month_days += range(first, (_month_day(last[1], last.start(1)) if last else first) + 1)
        match = cursor.take(rf"(?:{_AND}\s*)?(?:va\s*)?(?:ngay\s*)?{number}")
    return True


def _month_day(text: str, position: int) -> int:
    if not 1 <= int(text) <= 31:
        raise NotUnderstood(n_("Một tháng chỉ có ngày 1 đến ngày 31."), position)
    return int(text)


def take_date(cursor: Cursor, said: Said) -> bool:
    """ngày 05/01/2026; tối mai; ngày 02/09 hàng năm."""
    begin = cursor.position
    part = take_part(cursor)
    day = take_day(cursor, said.today)
    if day is None:
        cursor.position = begin
        return False
    said.part = part or said.part
    said.dates.append(day)
    return True


def take_clock(cursor: Cursor, said: Said) -> bool:
    """lúc 05:00 và 17:00."""
    begin = cursor.position
    found = take_times(cursor, said.part_of_next)
    if found:
        said.turn("time", begin)
    said.times += found
    return bool(found)


def take_part_before(cursor: Cursor, said: Said) -> bool:
    """sáng 5h, chiều 5h; mỗi tối lúc 8h; sáng thứ hai."""
    begin = cursor.position
    each = cursor.take(r"(?:moi|hang|cac)(?=\s*(?:buoi\s*)?(?:sang|trua|chieu|toi|dem))")
    cursor.take(r"buoi")
    part = take_part(cursor)
    if not part:
        cursor.position = begin
        return False
    said.part_of_next = part
    if each and not cursor.sees(_WEEKDAY) and not said.weekdays:
        said.frequency = said.frequency or Frequency.DAILY
        said.turn("day", begin)
    return True


def take_once(cursor: Cursor, said: Said) -> bool:
    """một lần; một ngày."""
    found = cursor.take(r"(?:chi\s*)?(?:phat\s*)?mot\s*(?:lan|ngay)(?:\s*duy\s*nhat)?")
    said.once = said.once or found is not None
    return found is not None


def take_filler(cursor: Cursor, said: Said) -> bool:
    """Words that say nothing of their own."""
    return bool(cursor.take(r"(?:[,;.&]|va|luc|vao|phat(?:\s*thanh)?|thi|se|roi|cung|gio|buoi|moi\s*lan)"))
