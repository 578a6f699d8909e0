"""Occurrences of other schedules that do not happen because something else is heard in their place."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from controller.desk.checks import Checks
from controller.desk.clashes import MOST_REPLACED
from controller.desk.orders import clips_of
from controller.desk.refusal import Refusal
from controller.desk.sentences import date_words
from controller.language import _, n_
from controller.store.changes import Item
from controller.store.unit import Unit
from schedules.expansion import placed_of
from schedules.model import Schedule
from schedules.recurrence import first_original
from schedules.units import ScheduleId, UtcMs

MOST_NAMED = 3


def making_way(unit: Unit, checks: Checks, instead: Collection[ScheduleId]) -> tuple[Item, ...]:
    """Each of the schedules without the occurrences that were found to conflict."""
    found: list[Item] = []
    for schedule in dict.fromkeys(instead):
        starts = {at for each in checks.conflicts if each.other.schedule == schedule for at in each.starts}
        before = unit.broadcasts.schedule(schedule)
        if before is None or not starts:
            continue
        if len(starts) > MOST_REPLACED:
            raise Refusal(
                "too-many-replaced",
                n_("Lịch kia trùng quá nhiều lượt. Hãy mở lịch đó để sửa hoặc kết thúc, rồi lên lịch này."),
                field="instead",
            )
        without = replace(before, exceptions=before.exceptions | originals(unit, before, starts))
        found.append(Item(schedule, before, without if first_original(without) is not None else None))
    return tuple(found)


def originals(unit: Unit, schedule: Schedule, starts: Iterable[UtcMs]) -> frozenset[datetime]:
    """The occurrences that bring what starts at these instants, as a repeat or first."""
    clips = clips_of(unit, schedule.bulletin)
    theirs = {bulletin: clips_of(unit, bulletin) for _original, bulletin in schedule.replaced}
    return frozenset(
        each.original for at in starts for each in placed_of(schedule, clips, at, UtcMs(at + 1), replacements=theirs)
    )


def way_words(unit: Unit, items: Iterable[Item]) -> tuple[str, ...]:
    """What does not happen, in sentences."""
    return tuple(_words(unit, item) for item in items)


def _words(unit: Unit, item: Item) -> str:
    assert item.before is not None, "what makes way is there"
    bulletin = unit.bulletins.get(item.before.bulletin)
    title = bulletin.title if bulletin else ""
    if item.after is None:
        return _("Lịch của “%(title)s” kết thúc, vì mọi lượt của nó đều nhường.") % {"title": title}
    days = sorted({at.date() for at in item.after.exceptions - item.before.exceptions})
    named = ", ".join(date_words(day) for day in days[:MOST_NAMED])
    more = len(days) - MOST_NAMED
    told = {"title": title, "days": named, "more": more}
    if more > 0:
        return _("“%(title)s” không phát vào ngày %(days)s và %(more)s ngày khác.") % told
    return _("“%(title)s” không phát vào ngày %(days)s.") % told
