"""What an edit changes in the time ahead, told before it is saved. Pure."""

from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from schedules.edits import Item
from schedules.model import Schedule
from schedules.recurrence import Occurrence, expand
from schedules.units import UtcMs


@dataclass(frozen=True, slots=True)
class Happening:
    """One occurrence and the schedule that brings it."""

    schedule: Schedule
    occurrence: Occurrence


Pair = tuple[Happening, Happening]
"""The same, before and after."""


@dataclass(frozen=True, slots=True)
class Consequences:
    """Everything that happens before or after the change, once, each group by its start."""

    gone: tuple[Happening, ...]
    new: tuple[Happening, ...]
    moved: tuple[Pair, ...]
    """At another time; what else it says may differ too."""
    altered: tuple[Pair, ...]
    """At the same time, but not the same: another bulletin, place, volume, number of repeats …"""
    kept: tuple[Happening, ...]


def consequences(
    items: Sequence[Item], from_utc: UtcMs, until_utc: UtcMs, holidays: Collection[date] = frozenset()
) -> Consequences:
    """What is gone, new, moved, altered and kept between the two instants.

    Raises BadRule, UnknownZone and TooManyOccurrences.
    """
    before = _happenings((item.before for item in items), from_utc, until_utc, holidays)
    after = _happenings((item.after for item in items), from_utc, until_utc, holidays)
    still, before, after = _paired(before, after, _by_start)
    moved, before, after = _paired(before, after, _by_key)
    more, before, after = _paired(before, after, _by_day)
    return Consequences(
        gone=tuple(before),
        new=tuple(after),
        moved=tuple(sorted(moved + more, key=lambda pair: pair[0].occurrence.start)),
        altered=tuple(pair for pair in still if _said(pair[0]) != _said(pair[1])),
        kept=tuple(pair[1] for pair in still if _said(pair[0]) == _said(pair[1])),
    )


def _happenings(
    schedules: Iterable[Schedule | None], from_utc: UtcMs, until_utc: UtcMs, holidays: Collection[date]
) -> list[Happening]:
    found = (
        Happening(schedule, occurrence)
        for schedule in schedules
        if schedule is not None
        for occurrence in expand(schedule, from_utc, until_utc, holidays)
    )
    return sorted(found, key=lambda each: (each.occurrence.start, each.occurrence.original))


def _by_start(happening: Happening) -> object:
    return happening.occurrence.start


def _by_key(happening: Happening) -> object:
    return happening.occurrence.original


def _by_day(happening: Happening) -> object:
    return happening.occurrence.wall.date()


def _paired(
    before: Sequence[Happening], after: Sequence[Happening], key: Callable[[Happening], object]
) -> tuple[list[Pair], list[Happening], list[Happening]]:
    """The pairs of equal `key`, in order, and what is left over on either side."""
    waiting: defaultdict[object, deque[Happening]] = defaultdict(deque)
    for each in after:
        waiting[key(each)].append(each)
    pairs = [(each, waiting[key(each)].popleft()) for each in before if waiting[key(each)]]
    taken = {id(side) for pair in pairs for side in pair}
    return pairs, [each for each in before if id(each) not in taken], [each for each in after if id(each) not in taken]


def _said(happening: Happening) -> tuple[object, ...]:
    """What is heard, beside when."""
    schedule = happening.schedule
    return (
        happening.occurrence.bulletin,
        schedule.targets,
        schedule.priority,
        schedule.volume,
        schedule.rule,
        schedule.grace,
        schedule.repeats,
        schedule.gap,
        schedule.order,
    )
