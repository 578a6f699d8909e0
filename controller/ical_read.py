"""Schedules read from an iCalendar file: what can be kept, and what is wrong with each event that cannot.

A recurring event is read as its own wall clock says. What a loudspeaker must not or cannot do is refused by name,
never bent: rules faster than a day, whole-day events, added dates (RDATE), changes of "this and future". Hours and
minutes inside a rule (BYHOUR) become times of day.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from itertools import islice, product

from controller.ical_lines import Component, Property, Unreadable, components
from controller.language import _, n_
from schedules.model import Schedule, Targets
from schedules.recurrence import originals
from schedules.rules import BadRule, parse_rrule, spell_rrule
from schedules.units import BulletinId, DurationMs, ScheduleId
from schedules.unrolling import explicit
from schedules.wall import UnknownZone, from_utc_ms, localise, utc_ms, zone_of

LONGEST_TITLE = 200
MOST_TIMES = 24
MOST_DATES = 2_000
"""Exceptions and changed occurrences of one series."""

_UNREADABLE = {
    "too-big": n_("Tệp lịch lớn hơn 2 MB. Hãy chia thành nhiều tệp nhỏ hơn."),
    "too-many": n_("Tệp lịch có hơn 2.000 mục. Hãy chia thành nhiều tệp nhỏ hơn."),
    "not-utf8": n_("Tệp không phải văn bản UTF-8. Hãy xuất lại tệp lịch (.ics) từ chương trình lịch."),
    "no-calendar": n_("Tệp này không phải lịch iCalendar hoàn chỉnh. Hãy xuất lại tệp .ics từ chương trình lịch."),
}
_WINDOWS = {"SE Asia Standard Time": "Asia/Ho_Chi_Minh", "UTC": "UTC", "GMT": "UTC", "Z": "UTC"}


@dataclass(frozen=True, slots=True)
class Series:
    """One series of the file; `timing` is a schedule whose id, bulletin and targets say nothing."""

    title: str
    timing: Schedule
    line: int


@dataclass(frozen=True, slots=True)
class Fault:
    """Why one component was not taken. `sentence` is a gettext msgid with `params`; line 0 is the whole file."""

    line: int
    title: str
    sentence: str
    params: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    series: tuple[Series, ...]
    faults: tuple[Fault, ...]


class _Bad(Exception):
    def __init__(self, sentence: str, **params: str) -> None:
        super().__init__(sentence)
        self.sentence, self.params = sentence, tuple(params.items())


def read(data: bytes, zone: str) -> Reading:
    """What the file says; readings without a time zone are those of `zone`. Never raises."""
    try:
        found = components(data)
    except Unreadable as error:
        return Reading((), (Fault(0, "", _UNREADABLE[error.why]),))
    series: list[Series] = []
    faults: list[Fault] = []
    for master, changes in _grouped(found, faults):
        try:
            series.append(_series(master, changes, zone))
        except _Bad as bad:
            faults.append(Fault(master.line, _title(master), bad.sentence, bad.params))
        except BadRule as error:
            sentence = n_("Quy tắc lặp hoặc ngày bắt đầu (%(rule)s) không dùng được: %(why)s.")
            said = (master.text("RRULE") or master.text("DTSTART"))[:100]
            params = (("rule", said), ("why", error.said(_)[:200]))
            faults.append(Fault(master.line, _title(master), sentence, params))
        except (UnknownZone, OverflowError):
            sentence = n_("Không đọc được quy tắc lặp hoặc thời gian: %(why)s.")
            said = (master.text("RRULE") or master.text("DTSTART"))[:100]
            faults.append(Fault(master.line, _title(master), sentence, (("why", said),)))
    return Reading(tuple(_merged(series)), tuple(sorted(faults, key=lambda fault: fault.line)))


def _grouped(found: Iterable[Component], faults: list[Fault]) -> list[tuple[Component, list[Component]]]:
    """Each event with the components that change single occurrences of it."""
    masters: dict[str, Component] = {}
    changes: defaultdict[str, list[Component]] = defaultdict(list)
    for each in found:
        key = each.text("UID") or f"line {each.line}"
        if each.name == "VTIMEZONE":
            continue
        if each.name != "VEVENT":
            faults.append(Fault(each.line, _title(each), n_("Chỉ nhập được sự kiện (VEVENT); mục này là loại khác.")))
        elif each.broken:
            lines = ", ".join(map(str, each.broken[:5]))
            sentence = n_("Có dòng hỏng trong tệp: dòng %(lines)s. Hãy xuất lại tệp lịch.")
            faults.append(Fault(each.line, _title(each), sentence, (("lines", lines),)))
        elif each.text("RECURRENCE-ID"):
            changes[key].append(each)
        elif key in masters:
            faults.append(Fault(each.line, _title(each), n_("Sự kiện này trùng mã (UID) với một sự kiện khác.")))
        else:
            masters[key] = each
    for key, several in changes.items():
        if key not in masters:
            sentence = n_("Đây là thay đổi của một chuỗi không có (hoặc bị hỏng) trong tệp.")
            faults.extend(Fault(each.line, _title(each), sentence) for each in several)
    return [(master, changes[key]) for key, master in masters.items()]


def _title(component: Component) -> str:
    plain = "".join(letter if letter.isprintable() else " " for letter in component.text("SUMMARY"))
    return " ".join(plain.split())[:LONGEST_TITLE]


def _series(event: Component, changes: Sequence[Component], zone: str) -> Series:
    if not _title(event):
        raise _Bad(n_("Sự kiện không có tên (SUMMARY)."))
    if event.text("STATUS").upper() == "CANCELLED":
        raise _Bad(n_("Sự kiện này đã bị hủy trong tệp."))
    if event.all("RDATE") or event.all("EXRULE") or len(event.all("RRULE")) > 1:
        raise _Bad(n_("Ngày thêm lẻ (RDATE) và nhiều quy tắc trong một sự kiện không nhập được. Hãy tách sự kiện."))
    start = _first(event, "DTSTART", n_("Sự kiện không có giờ bắt đầu (DTSTART)."))
    wall, its_zone = _reading(start, zone)
    rrule = event.text("RRULE")
    if not rrule and its_zone == "UTC" != zone:
        wall, its_zone = from_utc_ms(utc_ms(wall.replace(tzinfo=UTC)), zone).replace(tzinfo=None), zone
    timing = _ruled(_blank(wall, its_zone), rrule)
    timing = replace(timing, exceptions=_exceptions(event, timing))
    timing = _changed(timing, changes)
    return Series(_title(event), _own(timing, event), event.line)


def _blank(start: datetime, zone: str) -> Schedule:
    zone_of(zone)
    if not 1970 <= start.year <= 2300:
        raise _Bad(n_("Năm bắt đầu phải từ 1970 đến 2300."))
    return Schedule(ScheduleId(""), BulletinId(""), start, zone, Targets())


def _first(event: Component, name: str, missing: str) -> Property:
    found = event.all(name)
    if not found:
        raise _Bad(missing)
    return found[0]


def _reading(given: Property, zone: str) -> tuple[datetime, str]:
    """The wall reading and its zone: the one of the property, UTC, or `zone` where it says none."""
    if given.params.get("VALUE", "").upper() == "DATE" or re.fullmatch(r"[0-9]{8}", given.value):
        raise _Bad(n_("Sự kiện cả ngày không có giờ phát. Hãy đặt giờ bắt đầu trong chương trình lịch."))
    match = re.fullmatch(r"([0-9]{8}T[0-9]{6})(Z?)", given.value)
    try:
        if match is None:
            raise ValueError
        wall = datetime.strptime(match[1], "%Y%m%dT%H%M%S")
    except ValueError as error:
        raise _Bad(n_("Không có ngày giờ “%(value)s”."), value=given.value[:40]) from error
    if match[2]:
        return wall, "UTC"
    return wall, _zone(given.params.get("TZID", ""), zone)


def _zone(name: str, default: str) -> str:
    if not name:
        return default
    # Some programs write "/freeassociation.sourceforge.net/Asia/Bangkok".
    tried = (_WINDOWS.get(name, name), "/".join(name.split("/")[-2:]))
    for each in tried:
        try:
            zone_of(each)
        except UnknownZone:
            continue
        return each
    raise _Bad(n_("Không biết múi giờ “%(zone)s”. Hãy xuất lịch theo múi giờ Asia/Ho_Chi_Minh."), zone=name[:60])


def _ruled(timing: Schedule, text: str) -> Schedule:
    """With the rule, its hours and minutes made times of day."""
    if not text:
        return timing
    parts = dict(piece.partition("=")[::2] for piece in text.upper().split(";") if piece)
    names: tuple[str, ...] = ("BYHOUR", "BYMINUTE", "BYSECOND")
    by_time = {name: parts.pop(name) for name in names if name in parts}
    rule = parse_rrule(";".join(f"{name}={value}" for name, value in parts.items()))
    if by_time and rule.by_position:
        raise _Bad(n_("BYSETPOS cùng với BYHOUR không nhập được. Hãy tách sự kiện."))
    times = _times(by_time, timing.local_start.time()) if by_time else [timing.local_start.time()]
    if not rule.until_utc or rule.until is None:
        return _counted(replace(timing, rrule=spell_rrule(rule)), times)
    until = from_utc_ms(utc_ms(rule.until.replace(tzinfo=UTC)), timing.time_zone).replace(tzinfo=None)
    return _counted(replace(timing, rrule=spell_rrule(replace(rule, until=until, until_utc=False))), times)


def _times(by_time: dict[str, str], start: time) -> list[time]:
    own = {"BYHOUR": start.hour, "BYMINUTE": start.minute, "BYSECOND": start.second}
    numbers = [_numbers(by_time.get(name, str(value)), name) for name, value in own.items()]
    try:
        times = sorted({time(hour, minute, second) for hour, minute, second in islice(product(*numbers), 10_000)})
    except ValueError as error:
        raise _Bad(n_("Giờ, phút hoặc giây trong quy tắc lặp không có thật.")) from error
    if len(times) > MOST_TIMES:
        raise _Bad(n_("Quy tắc này phát quá nhiều: nhiều nhất 24 giờ phát trong một ngày."))
    return times


def _numbers(text: str, name: str) -> list[int]:
    if not re.fullmatch(r"[0-9]{1,2}(,[0-9]{1,2})*", text) or len(text) > 400:
        raise _Bad(n_("Không đọc được %(name)s trong quy tắc lặp."), name=name)
    return sorted({int(each) for each in text.split(",")})


def _counted(timing: Schedule, times: Sequence[time]) -> Schedule:
    """With all times of the day; a COUNT, which counted times, ends it after as many."""
    rule = parse_rrule(timing.rrule)
    start = timing.local_start
    if start.time() not in times:
        # The start itself is no occurrence; nothing may happen before it.
        later = [at for at in times if at > start.time()]
        start = datetime.combine(start.date() if later else start.date() + timedelta(days=1), (later or list(times))[0])
        rule = explicit(rule, timing.local_start.date())
    others = tuple(at for at in times if at != start.time())
    timing = replace(timing, local_start=start, times=others, rrule=spell_rrule(rule))
    if rule.count is None or len(times) == 1:
        return timing
    endless = replace(timing, rrule=spell_rrule(replace(rule, count=None)))
    last = list(islice(originals(endless), rule.count))[-1:]
    return replace(timing, rrule=spell_rrule(replace(rule, count=None, until=last[0]))) if last else timing


def _exceptions(event: Component, timing: Schedule) -> frozenset[datetime]:
    given = [
        replace(each, value=value) for each in event.all("EXDATE") for value in each.value.split(",")[: MOST_DATES + 1]
    ]
    if len(given) > MOST_DATES:
        raise _Bad(n_("Chuỗi này có quá nhiều ngày ngoại lệ (hơn 2.000)."))
    return frozenset(reading for each in given for reading in _exception(each, timing))


def _exception(given: Property, timing: Schedule) -> list[datetime]:
    """One reading; of a bare date every time of the day."""
    if re.fullmatch(r"[0-9]{8}", given.value):
        day, _ = _reading(replace(given, value=given.value + "T000000", params={}), "UTC")
        return [datetime.combine(day, at) for at in (timing.local_start.time(), *timing.times)]
    return [_there(given, timing.time_zone)]


def _there(given: Property, zone: str) -> datetime:
    """The reading on the wall clock of the series."""
    wall, its_zone = _reading(given, zone)
    return wall if its_zone == zone else from_utc_ms(utc_ms(localise(wall, its_zone)), zone).replace(tzinfo=None)


def _changed(timing: Schedule, changes: Sequence[Component]) -> Schedule:
    if len(changes) > MOST_DATES:
        raise _Bad(n_("Chuỗi này có quá nhiều lần thay đổi (hơn 2.000)."))
    removed, moved = set(timing.exceptions), dict[datetime, datetime]()
    for each in changes:
        known = each.all("RECURRENCE-ID")[0]
        if "RANGE" in known.params:
            raise _Bad(n_("Thay đổi “từ lần này về sau” (RANGE) không nhập được. Hãy tách thành hai sự kiện."))
        original = _there(known, timing.time_zone)
        if each.text("STATUS").upper() == "CANCELLED":
            removed.add(original)
            continue
        new = each.all("DTSTART")
        start = _there(new[0], timing.time_zone) if new else original
        if start != original:
            moved[original] = start
    kept = ((original, start) for original, start in moved.items() if original not in removed)
    return replace(timing, exceptions=frozenset(removed), moved=tuple(sorted(kept)))


def _own(timing: Schedule, event: Component) -> Schedule:
    """With what only this program writes; anything else in its place is left out."""
    repeats, gap = _own_number(event, "X-LOAXA-REPEATS"), _own_number(event, "X-LOAXA-GAP-SECONDS")
    if 2 <= repeats <= 10 and 1 <= gap <= 7200:
        timing = replace(timing, repeats=repeats, gap=DurationMs(gap * 1000))
    at_most = _own_number(event, "X-LOAXA-AT-MOST-SECONDS")
    if 1 <= at_most <= 86_400:
        timing = replace(timing, at_most=DurationMs(at_most * 1000))
    return replace(timing, skip_holidays=event.text("X-LOAXA-SKIP-HOLIDAYS") == "TRUE", id=_series_id(event))


def _own_number(event: Component, name: str) -> int:
    text = event.text(name)
    return int(text) if re.fullmatch(r"[0-9]{1,5}", text) else 0


def _series_id(event: Component) -> ScheduleId:
    return ScheduleId(event.text("X-LOAXA-SERIES")[:200])


def _merged(found: Sequence[Series]) -> list[Series]:
    """The times of day that were written as one event each are one series again."""
    together: dict[object, Series] = {}
    for each in found:
        key: object = (each.timing.id, each.title, _rhythm(each.timing)) if each.timing.id else each.line
        together[key] = _both(together[key], each) if key in together else each
    return [replace(each, timing=replace(each.timing, id=ScheduleId(""))) for each in together.values()]


def _rhythm(timing: Schedule) -> object:
    rule = replace(parse_rrule(timing.rrule), count=None) if timing.rrule else timing.local_start.date()
    return rule, timing.time_zone, timing.repeats, timing.gap, timing.skip_holidays


def _both(one: Series, other: Series) -> Series:
    first, second = sorted((one.timing, other.timing), key=lambda timing: timing.local_start)
    times = {at for each in (first, second) for at in (each.local_start.time(), *each.times)}
    counts = [parse_rrule(each.rrule).count or 0 for each in (first, second) if each.rrule]
    rrule = spell_rrule(replace(parse_rrule(first.rrule), count=max(counts) or None)) if counts else ""
    timing = replace(
        first,
        rrule=rrule,
        times=tuple(sorted(times - {first.local_start.time()})),
        exceptions=first.exceptions | second.exceptions,
        moved=tuple(sorted((*first.moved, *second.moved))),
    )
    return replace(one, timing=timing, line=min(one.line, other.line))
