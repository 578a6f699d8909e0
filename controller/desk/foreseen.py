"""What the schedules will bring forth beyond the horizon, as if it were planned already."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta

from controller.desk.scope import Scope
from controller.planning import key_of
from controller.special_days import special_days
from controller.store.unit import Unit
from controller.store.values import Planned
from protocol.versions import Version
from schedules.expansion import Placed, placed_of
from schedules.model import ClipRef, Schedule, Targets
from schedules.recurrence import TooManyOccurrences
from schedules.units import AreaId, BulletinId, SpeakerId, UtcMs
from schedules.wall import local_date

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
    sounds = _Sounds(unit, bulletins)
    days = _Holidays(unit, scope, begin, end)
    return tuple(found for each, targets in heard for found in _of(each, targets, scope, sounds, days, begin, end))


class _Sounds:
    """What is on air of some bulletins: titles and clips, read at once."""

    def __init__(self, unit: Unit, bulletins: set[BulletinId]) -> None:
        contents = unit.bulletins.on_air(bulletins)
        refs = unit.bulletins.refs({clip for content in contents.values() for clip in content.clips})
        self.titles = {bulletin: content.title for bulletin, content in contents.items()}
        self.clips: Mapping[BulletinId, tuple[ClipRef, ...]] = {
            bulletin: tuple(refs[clip] for clip in content.clips) for bulletin, content in contents.items()
        }


class _Holidays:
    """The holidays of each area in the window, and around it for any zone."""

    def __init__(self, unit: Unit, scope: Scope, begin: UtcMs, end: UtcMs) -> None:
        self._unit, self._scope, self._begin, self._end = unit, scope, begin, end
        self._known: dict[tuple[AreaId | None, str], frozenset[date]] = {}

    def of(self, schedule: Schedule) -> frozenset[date]:
        if not schedule.skip_holidays:
            return frozenset()
        area, zone = (schedule.targets.areas or (None,))[0], schedule.time_zone
        if (area, zone) not in self._known:
            first, last = local_date(self._begin, zone), local_date(self._end, zone)
            around = timedelta(days=2)
            days = special_days(self._unit, self._scope.places, area, first - around, last + around)
            self._known[area, zone] = frozenset(days)
        return self._known[area, zone]


def _of(
    schedule: Schedule, targets: Targets, scope: Scope, sounds: _Sounds, days: _Holidays, begin: UtcMs, end: UtcMs
) -> tuple[Planned, ...]:
    clips = sounds.clips.get(schedule.bulletin, ())
    try:
        found = placed_of(schedule, clips, begin, end, holidays=days.of(schedule), replacements=sounds.clips)
    except (ValueError, TooManyOccurrences):
        return ()
    zone = scope.places.zone(targets.areas[0] if targets.areas else None)
    return tuple(_planned(schedule, each, targets, zone, sounds) for each in found)


def _planned(schedule: Schedule, placed: Placed, targets: Targets, zone: str, sounds: _Sounds) -> Planned:
    return Planned(
        broadcast=placed.broadcast,
        schedule=schedule.id,
        bulletin=placed.bulletin,
        title=sounds.titles.get(placed.bulletin, ""),
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
