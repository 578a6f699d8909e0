"""From the fields of a form to an order for the desk. Pure; a wrong field is a Refusal that names it."""

import contextlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, time
from typing import Protocol

from controller.desk.refusal import Refusal
from controller.desk.values import FIELDS, AreaNode, NewBulletin, NewSchedule, When, WhenKind
from controller.language import n_
from schedules.model import Priority, Targets
from schedules.units import AreaId, BulletinId, Percent

YEARS = range(1970, 2301)
"""Another is a slip of the finger; at the calendar's own ends there is no day before or after."""
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?")


class Fields(Protocol):
    """A submitted form, as Starlette gives it."""

    def get(self, key: str, default: str, /) -> object: ...
    def getlist(self, key: str) -> Sequence[object]: ...


def read_time(text: str) -> time:
    """HH:MM or HH:MM:SS."""
    if not _TIME.fullmatch(text):
        raise Refusal("bad-time", n_("Giờ phát chưa đúng. Hãy ghi giờ và phút, ví dụ 17:00."), field="at")
    return time.fromisoformat(text)


def read_day(text: str, name: str) -> date:
    """YYYY-MM-DD, as a date field sends it."""
    with contextlib.suppress(ValueError):
        day = date.fromisoformat(text)
        if day.year in YEARS:
            return day
    raise Refusal("bad-day", n_("Ngày phát chưa đúng. Hãy chọn ngày trên lịch."), field=name)


def read_when(kind: str, day: str, at: str, weekdays: Iterable[str], until: str) -> When:
    """The time as the form says it; fields that the kind does not use are ignored."""
    try:
        chosen = WhenKind(kind)
    except ValueError:
        raise Refusal("bad-kind", n_("Hãy chọn thời điểm phát."), field="kind") from None
    if chosen is WhenKind.NOW:
        return When(chosen)
    if chosen is WhenKind.ONCE:
        return When(chosen, day=read_day(day, "day"), at=read_time(at))
    days = tuple(sorted({int(text) for text in weekdays if text in "0123456" and text}))
    if chosen is WhenKind.WEEKLY and not days:
        raise Refusal("no-weekday", n_("Hãy chọn ít nhất một ngày trong tuần."), field="weekdays")
    return When(
        chosen,
        day=read_day(day, "day"),
        at=read_time(at),
        weekdays=days if chosen is WhenKind.WEEKLY else (),
        until=read_day(until, "until") if until else None,
    )


def _number(text: str, refuse: Callable[[], Refusal]) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 3:
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


def read_schedule(form: Fields, bulletin: BulletinId, tree: Iterable[AreaNode]) -> NewSchedule:
    """The whole of step 3 of the page."""

    def text(name: str) -> str:
        return str(form.get(name, "")).strip()

    return NewSchedule(
        bulletin=bulletin,
        when=read_when(
            text("kind"), text("day"), text("at"), [str(day) for day in form.getlist("weekdays")], text("until")
        ),
        targets=Targets(areas=topmost((str(area) for area in form.getlist("areas")), tree)),
        priority=read_priority(text("priority")),
        volume=read_volume(text("volume")),
        confirmed_places=text("confirmed_places"),
    )
