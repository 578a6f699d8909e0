"""What the schedules will bring forth beyond the horizon, as if it were planned already."""

from collections.abc import Collection, Mapping

from controller.desk.scope import Scope
from controller.planning import key_of
from controller.proof import OnAir, sounds_of
from controller.special_days import Holidays
from controller.store.unit import Unit
from controller.store.values import Planned
from protocol.versions import Version
from schedules.expansion import Placed, placed_of
from schedules.model import Schedule, Targets
from schedules.recurrence import TooManyOccurrences
from schedules.units import BulletinId, SpeakerId, UtcMs

FORESEEN = Version(0, 0)
"""No revision was ever made of it."""


def foreseen(
    unit: Unit, scope: Scope, begin: UtcMs, end: UtcMs, named: Collection[SpeakerId] = ()
) -> tuple[Planned, ...]:
    """What starts in [begin, end) and is heard in `scope` or by one of `named`.

    A schedule that cannot be read brings forth nothing.
    """
    if begin >= end:
        return ()
    meant = [(each, scope.places.resolve(each.targets)) for each in unit.broadcasts.live_schedules()]
    heard = [
        (each, targets)
        for each, targets in meant
        if scope.hears(targets.areas, targets.speakers) or not set(named).isdisjoint(targets.speakers)
    ]
    bulletins = {each.bulletin for each, _ in heard} | {b for each, _ in heard for _, b in each.replaced}
    sounds = sounds_of(unit, unit.bulletins.on_air(bulletins))
    holidays = Holidays(unit, scope.places)
    return tuple(found for each, targets in heard for found in _of(each, targets, scope, sounds, holidays, begin, end))


def _of(
    schedule: Schedule,
    targets: Targets,
    scope: Scope,
    sounds: Mapping[BulletinId, OnAir],
    holidays: Holidays,
    begin: UtcMs,
    end: UtcMs,
) -> tuple[Planned, ...]:
    clips = {bulletin: sound.clips for bulletin, sound in sounds.items()}
    days = holidays.of(schedule, begin, end)
    try:
        own = clips.get(schedule.bulletin, ())
        found = placed_of(schedule, own, begin, end, holidays=days, replacements=clips)
    except (ValueError, TooManyOccurrences):
        return ()
    zone = scope.places.zone(targets.areas[0] if targets.areas else None)
    return tuple(_planned(schedule, each, targets, zone, sounds) for each in found)


def _planned(
    schedule: Schedule, placed: Placed, targets: Targets, zone: str, sounds: Mapping[BulletinId, OnAir]
) -> Planned:
    return Planned(
        broadcast=placed.broadcast,
        schedule=schedule.id,
        bulletin=placed.bulletin,
        title=sounds[placed.bulletin].title,
        time_zone=zone,
        areas=targets.areas,
        speakers=targets.speakers,
        excluded=(),
        version=FORESEEN,
        cancelled=False,
        stopped=False,
        made=UtcMs(0),
        made_by="",
        occurrence=key_of(placed),
    )
