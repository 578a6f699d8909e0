"""What a decision about places would change: which speakers move, which limits, which schedules, whose rights."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date

from controller.desk.reforms import Decision, last_known
from controller.locality import Atlas, day_start
from controller.rights import Role
from controller.store.unit import Unit
from schedules.model import AreaSettings, Schedule
from schedules.reform import difference
from schedules.units import AreaId, ScheduleId, SpeakerId, UtcMs


@dataclass(frozen=True, slots=True)
class Moving:
    speaker: SpeakerId
    name: str
    here: str
    there: str


@dataclass(frozen=True, slots=True)
class Shift:
    """A limit that is another than before for some speakers; `name` is a field of AreaSettings."""

    name: str
    before: AreaSettings
    after: AreaSettings
    speakers: int


@dataclass(frozen=True, slots=True)
class Review:
    """A schedule that names an area which is no more: its speakers stay the same, somebody should look at it."""

    schedule: ScheduleId
    title: str
    areas: str


@dataclass(frozen=True, slots=True)
class Right:
    """Somebody's role in an area that is no more: it holds nowhere from then on."""

    person: str
    role: Role
    area: str


@dataclass(frozen=True, slots=True)
class Consequences:
    day: date
    changed: tuple[str, ...]
    """The areas that are others than before, by name."""
    ended: tuple[str, ...]
    moving: tuple[Moving, ...]
    shifts: tuple[Shift, ...]
    reviews: tuple[Review, ...]
    rights: tuple[Right, ...]


def consequences(unit: Unit, before: Atlas, after: Atlas, decision: Decision, day: date, now: UtcMs) -> Consequences:
    """`after` are the places as the decision makes them."""
    at = UtcMs(max(day_start(day, before.zone), now))
    was, will = before.at(at), after.at(at)
    gone = {area for area in was.tree.areas if area not in will.tree.areas}
    put, _ = difference(before.areas, decision.periods)
    moving = tuple(
        Moving(speaker, after.speakers[speaker].name, was.tree.areas[here].full_name, will.tree.areas[there].full_name)
        for speaker, here in sorted(was.where.items())
        if (there := will.where.get(speaker, here)) != here and there in will.tree.areas
    )
    return Consequences(
        day=day,
        changed=tuple(dict.fromkeys(each.full_name for each in put if each.id not in gone)),
        ended=tuple(was.tree.areas[area].full_name for area in was.tree.areas if area in gone),
        moving=moving,
        shifts=_shifts(before, after, at),
        reviews=to_review(unit, after, at, gone),
        rights=_rights(unit, before, gone, day),
    )


def _shifts(before: Atlas, after: Atlas, at: UtcMs) -> tuple[Shift, ...]:
    was, will = before.at(at), after.at(at)
    counts: dict[tuple[AreaId, AreaId], int] = {}
    for speaker, area in was.where.items():
        if speaker in will.where:
            pair = (area, will.where[speaker])
            counts[pair] = counts.get(pair, 0) + 1
    found: dict[tuple[str, AreaSettings, AreaSettings], int] = {}
    for (here, there), speakers in counts.items():
        old, new = was.settings(here), will.settings(there)
        for each in fields(AreaSettings):
            if _meant(old, each.name) != _meant(new, each.name):
                key = (each.name, _only(old, each.name), _only(new, each.name))
                found[key] = found.get(key, 0) + speakers
    return tuple(Shift(name, old, new, speakers) for (name, old, new), speakers in found.items())


def _meant(settings: AreaSettings, name: str) -> object:
    """Unset means: no limit, no hours, not allowed."""
    return getattr(settings, name) or None


def _only(settings: AreaSettings, name: str) -> AreaSettings:
    return AreaSettings(**{name: getattr(settings, name)})


def to_review(unit: Unit, places: Atlas, at: UtcMs, gone: set[AreaId] | None = None) -> tuple[Review, ...]:
    """Schedules that bring forth something after `at` and name an area which is not there then (of `gone` only)."""
    here, found = places.at(at), []
    for schedule in _sounding(unit, at):
        ended = [area for area in here.ended(schedule.targets) if gone is None or area in gone]
        if ended:
            bulletin = unit.bulletins.get(schedule.bulletin)
            names = [known.full_name for area in ended if (known := last_known(places, area, date.max)) is not None]
            found.append(Review(schedule.id, bulletin.title if bulletin else "", ", ".join(names)))
    return tuple(found)


def _sounding(unit: Unit, at: UtcMs) -> Iterable[Schedule]:
    """What is planned on, and what has come to its end but for broadcasts that start after `at`."""
    live = {schedule.id: schedule for schedule in unit.broadcasts.live_schedules()}
    coming = {each.schedule for each in unit.broadcasts.live(at) if not each.cancelled and each.broadcast.start >= at}
    rest = (unit.broadcasts.schedule(each) for each in sorted(coming - live.keys()))
    return (*live.values(), *(each for each in rest if each is not None))


def _rights(unit: Unit, before: Atlas, gone: set[AreaId], day: date) -> tuple[Right, ...]:
    return tuple(
        Right(person, grant.role, area.full_name)
        for person, grant in unit.reforms.grants_in(gone)
        if (area := last_known(before, grant.area, day)) is not None
    )
