"""What will be heard if somebody approves it: the starts that waiting changes would add to the programme."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from controller.desk.proposals import takes_away
from controller.desk.scope import Scope
from controller.desk.sight import sees_targets
from controller.proof import OnAir, sounds_of
from controller.special_days import Holidays
from controller.store.changes import Change, ChangeState, Item
from controller.store.unit import Unit
from controller.store.values import ChangeId
from schedules.expansion import Placed, placed_of
from schedules.model import Priority, Schedule, Targets
from schedules.units import BulletinId, DurationMs, UtcMs

MOST = 500
"""Starts in one answer; so much has to be read by nobody."""

Naming = Callable[[Targets], str]
"""What people call the places of targets."""


@dataclass(frozen=True, slots=True)
class Pending:
    """One start that is not there before `change` is approved."""

    change: ChangeId
    title: str
    priority: Priority
    start: UtcMs
    duration: DurationMs
    places_sentence: str
    repeat: int = 1

    @property
    def end(self) -> UtcMs:
        return UtcMs(self.start + self.duration)


def pending(unit: Unit, scope: Scope, naming: Naming, begin: UtcMs, end: UtcMs) -> tuple[Pending, ...]:
    """What waiting changes would add in [begin, end) in `scope`, by start.

    A change that only takes away, or whose schedule cannot be read, adds nothing; nor does one that begins at once.
    """
    if begin >= end:
        return ()
    holidays = Holidays(unit, scope.places)
    found = [
        each
        for change in unit.approvals.in_state(ChangeState.PENDING)
        for each in _of(unit, change, scope, naming, holidays, begin, end)
    ]
    return tuple(sorted(found, key=lambda each: (each.start, each.title))[:MOST])


def _of(
    unit: Unit, change: Change, scope: Scope, naming: Naming, holidays: Holidays, begin: UtcMs, end: UtcMs
) -> Iterator[Pending]:
    adding = [item for item in change.items if _adds(item) and item.after and sees_targets(scope, item.after.targets)]
    if not adding:
        return
    sounds = sounds_of(unit, change.contents)
    for item in adding:
        assert item.after is not None, "what adds is there"
        stands = {each.broadcast.start for each in _placed(item.before, sounds, holidays, begin, end)}
        same_places = item.before is not None and item.before.targets == item.after.targets
        meant = scope.places.resolve(item.after.targets)
        for each in _placed(item.after, sounds, holidays, begin, end):
            if not (same_places and each.broadcast.start in stands):
                yield _told(change, each, sounds, naming, meant)


def _adds(item: Item) -> bool:
    return item.after not in (None, item.before) and not item.at_once and not takes_away(item)


def _placed(
    schedule: Schedule | None, sounds: Mapping[BulletinId, OnAir], holidays: Holidays, begin: UtcMs, end: UtcMs
) -> tuple[Placed, ...]:
    if schedule is None:
        return ()
    clips = {bulletin: sound.clips for bulletin, sound in sounds.items()}
    days = holidays.of(schedule, begin, end)
    try:
        own = clips.get(schedule.bulletin, ())
        return placed_of(schedule, own, begin, end, holidays=days, replacements=clips)
    except ValueError:
        return ()


def _told(
    change: Change, placed: Placed, sounds: Mapping[BulletinId, OnAir], naming: Naming, meant: Targets
) -> Pending:
    broadcast = placed.broadcast
    return Pending(
        change.id,
        sounds[placed.bulletin].title,
        broadcast.priority,
        broadcast.start,
        broadcast.duration,
        naming(meant),
        placed.repeat + 1,
    )
