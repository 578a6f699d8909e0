"""From the fields of a form to an order for the desk. Pure; a wrong field is a Refusal that names it."""

import contextlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, time
from typing import Protocol

from controller.desk.refusal import Refusal
from controller.desk.values import FIELDS, AreaNode, NewBulletin, NewSchedule, When, WhenKind
from controller.language import n_
from schedules.model import Priority, Targets
from schedules.units import AreaId, BulletinId, DurationMs, GroupId, Percent, ScheduleId, SpeakerId

YEARS = range(1970, 2301)
"""Another is a slip of the finger; at the calendar's own ends there is no day before or after."""
MOST_WORDS = 1_000
"""Characters of a time in words."""
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?")


class Fields(Protocol):
    """A submitted form, as Starlette gives it."""

    def get(self, key: str, default: str, /) -> object: ...
    def getlist(self, key: str) -> Sequence[object]: ...


def read_time(text: str, name: str = "at") -> time:
    """HH:MM or HH:MM:SS."""
    if not _TIME.fullmatch(text):
        raise Refusal("bad-time", n_("Giờ phát chưa đúng. Hãy ghi giờ và phút, ví dụ 17:00."), field=name)
    return time.fromisoformat(text)


def read_day(text: str, name: str) -> date:
    """YYYY-MM-DD, as a date field sends it."""
    with contextlib.suppress(ValueError):
        day = date.fromisoformat(text)
        if day.year in YEARS:
            return day
    raise Refusal("bad-day", n_("Ngày phát chưa đúng. Hãy chọn ngày trên lịch."), field=name)


def read_when(form: Fields) -> When:
    """The time as the form says it; fields that the kind does not use are ignored."""
    kind = _text(form, "kind")
    try:
        chosen = WhenKind(kind)
    except ValueError:
        raise Refusal("bad-kind", n_("Hãy chọn thời điểm phát."), field="kind") from None
    if chosen is WhenKind.NOW:
        return When(chosen)
    if chosen is WhenKind.WORDS:
        return When(chosen, words=_text(form, "words")[:MOST_WORDS])
    times = tuple(read_time(text, "times") for text in _texts(form, "times"))
    when = When(chosen, read_day(_text(form, "day"), "day"), read_time(_text(form, "at")), times=times)
    if chosen is WhenKind.ONCE:
        return when
    if chosen is WhenKind.RULE:
        return replace(when, rrule=_text(form, "rrule"))
    until, count = _text(form, "until"), _text(form, "count")
    return replace(
        when,
        weekdays=_weekdays(form) if chosen is WhenKind.WEEKLY else (),
        month_days=_month_days(form) if chosen is WhenKind.MONTHLY else (),
        until=read_day(until, "until") if until else None,
        count=_count(count) if count else None,
    )


def _text(form: Fields, name: str) -> str:
    return str(form.get(name, "")).strip()


def _texts(form: Fields, name: str) -> list[str]:
    """All that were filled in."""
    return [text for each in form.getlist(name) if (text := str(each).strip())]


def _weekdays(form: Fields) -> tuple[int, ...]:
    days = tuple(sorted({int(text) for text in _texts(form, "weekdays") if text in tuple("0123456")}))
    if not days:
        raise Refusal("no-weekday", n_("Hãy chọn ít nhất một ngày trong tuần."), field="weekdays")
    return days


def _month_days(form: Fields) -> tuple[int, ...]:
    known = {str(day): day for day in (*range(1, 32), -1)}
    days = tuple(sorted({known[text] for text in _texts(form, "month_days") if text in known}))
    if not days:
        raise Refusal("no-month-day", n_("Hãy chọn ít nhất một ngày trong tháng."), field="month_days")
    return days


def _count(text: str) -> int:
    return _number(text, lambda: Refusal("bad-count", n_("Số lần phải là một số, ví dụ 20."), field="count"))


def _repeats(form: Fields) -> int:
    def refuse() -> Refusal:
        return Refusal("bad-repeats", n_("Số lần phát liên tiếp phải từ 1 đến 10."), field="repeats")

    return _number(_text(form, "repeats") or "1", refuse)


def _gap(form: Fields) -> DurationMs:
    def refuse() -> Refusal:
        return Refusal("bad-gap", n_("Khoảng nghỉ gồm số phút và số giây, ví dụ 10 phút 0 giây."), field="gap_minutes")

    minutes, seconds = (_number(_text(form, name) or "0", refuse) for name in ("gap_minutes", "gap_seconds"))
    return DurationMs((minutes * 60 + seconds) * 1_000)


def _order(form: Fields) -> int:
    """Among those of the same priority at the same time; 0 where nobody chose."""
    text = _text(form, "order") or "0"
    if not re.fullmatch(r"-?[0-9]{1,3}", text, re.ASCII):
        raise Refusal("bad-order", n_("Hãy chọn thứ tự khi trùng giờ."), field="order")
    return int(text)


def _at_most(form: Fields) -> DurationMs:
    text = _text(form, "at_most") or "0"
    if not text.isascii() or not text.isdigit() or len(text) > 8 or 0 < int(text) < 1_000:
        raise Refusal("bad-cut", n_("Chỗ cắt phải từ 1 giây sau giờ bắt đầu. Hãy chọn lại."), field="at_most")
    return DurationMs(int(text))


def _number(text: str, refuse: Callable[[], Refusal]) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 5:
        raise refuse()
    return int(text)


def read_priority(text: str) -> Priority:
    """1, 2 or 3, as the ministry numbers them."""
    if text not in {str(priority.value) for priority in Priority}:
        raise Refusal("bad-priority", n_("Hãy chọn mức ưu tiên."), field="priority")
    return Priority(int(text))


def read_volume(text: str) -> Percent:
    def refuse() -> Refusal:
        return Refusal("bad-volume", n_("Âm lượng phải từ 0 đến 100."), field="volume")

    volume = _number(text, refuse)
    if volume > 100:
        raise refuse()
    return Percent(volume)


def read_bulletin(fields: Mapping[str, str]) -> NewBulletin:
    """What the form says about a bulletin; the priority is chosen later, with the time."""

    def refuse() -> Refusal:
        return Refusal("bad-field", n_("Hãy chọn lĩnh vực của bản tin."), field="field")

    field = _number(fields.get("field", "1"), refuse)
    if field not in FIELDS:
        raise refuse()
    return NewBulletin(
        title=fields.get("title", "").strip(),
        field=field,
        summary=fields.get("summary", "").strip(),
        author=fields.get("author", "").strip(),
        source=fields.get("source", "").strip(),
    )


def topmost(chosen: Iterable[str], tree: Iterable[AreaNode]) -> tuple[AreaId, ...]:
    """The chosen areas without those that lie below another chosen one; ids unknown to the tree stay, last,
    so that the desk refuses them."""
    left = set(chosen)
    found: list[AreaId] = []

    def walk(nodes: Iterable[AreaNode], covered: bool) -> None:
        for node in nodes:
            picked = node.area.id in left
            left.discard(node.area.id)
            if picked and not covered:
                found.append(node.area.id)
            walk(node.children, covered or picked)

    walk(tree, False)
    return (*found, *(AreaId(area) for area in sorted(left)))


def read_targets(form: Fields, tree: Iterable[AreaNode]) -> Targets:
    """Where it is heard: areas, groups and single speakers."""
    return Targets(
        areas=topmost(_texts(form, "areas"), tree),
        speakers=tuple(SpeakerId(each) for each in dict.fromkeys(_texts(form, "speakers"))),
        groups=tuple(GroupId(each) for each in dict.fromkeys(_texts(form, "groups"))),
    )


def read_schedule(form: Fields, bulletin: BulletinId, tree: Iterable[AreaNode]) -> NewSchedule:
    """The whole of step 3 of the page."""
    return NewSchedule(
        bulletin=bulletin,
        when=read_when(form),
        targets=read_targets(form, tree),
        priority=read_priority(_text(form, "priority")),
        volume=read_volume(_text(form, "volume")),
        confirmed_places=_text(form, "confirmed_places"),
        repeats=_repeats(form),
        gap=_gap(form),
        skip_holidays=_text(form, "skip_holidays") == "1",
        order=_order(form),
        at_most=_at_most(form),
        instead=tuple(ScheduleId(each) for each in dict.fromkeys(_texts(form, "instead"))),
    )


def read_timing(form: Fields, tree: Iterable[AreaNode]) -> NewSchedule:
    """An order of which only the time is asked; where it is heard may still be open."""
    return NewSchedule(
        bulletin=BulletinId(""),
        when=read_when(form),
        targets=read_targets(form, tree),
        repeats=_repeats(form),
        gap=_gap(form),
        skip_holidays=_text(form, "skip_holidays") == "1",
    )
