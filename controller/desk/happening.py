"""What a series brings in the next weeks, and what a change of it would make happen or not, for people to see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from controller.locality import Locality
from controller.special_days import holidays_of
from controller.store.changes import Item
from controller.store.unit import Unit
from controller.store.values import Planned
from schedules.consequences import Consequences, Happening, consequences
from schedules.edits import Item as Edited
from schedules.model import Schedule
from schedules.recurrence import TooManyOccurrences, expand, is_original
from schedules.units import BroadcastId, BulletinId, UtcMs
from schedules.wall import from_utc_ms, localise, utc_ms

DAY_MS = 86_400_000
SHOWN_DAYS = (60, 400)
SHOWN = 20
EFFECT_DAYS = (92, 31, 8)
MOST_TOLD = 12


@dataclass(frozen=True, slots=True)
class Occasion:
    """One occurrence as it stands: when it happens, what it plays, and what was done to it by hand."""

    original: datetime
    start: UtcMs
    title: str
    moved: bool = False
    replaced: bool = False
    gone: bool = False
    """Removed, or taken back."""
    broadcast: BroadcastId | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """What happens otherwise, as aware local times; the first ones, and how many there are up to `until`."""

    gone: tuple[datetime, ...]
    new: tuple[datetime, ...]
    moved: tuple[tuple[datetime, datetime], ...]
    altered: tuple[tuple[datetime, str], ...]
    """With the title that is played then."""
    counts: tuple[int, int, int, int, int]
    """gone, new, moved, altered, kept"""
    until: datetime


def occasions_of(
    unit: Unit, schedule: Schedule, places: Locality, now: UtcMs, span_ms: int = 0
) -> tuple[Occasion, ...]:
    """What it brings from now on, those that were removed too, by start; at most SHOWN."""
    found: list[Occasion] = []
    for span in [span_ms] if span_ms else [days * DAY_MS for days in SHOWN_DAYS]:
        try:
            found = _occasions(unit, schedule, places, now, UtcMs(now + span))
        except (ValueError, TooManyOccurrences):
            break
        if len(found) >= SHOWN:
            break
    return tuple(found[:SHOWN])


def _occasions(unit: Unit, schedule: Schedule, places: Locality, now: UtcMs, until: UtcMs) -> list[Occasion]:
    holidays = holidays_of(unit, places, schedule, now, until)
    planned = _planned(unit, schedule, now)
    moved, replaced = dict(schedule.moved), dict(schedule.replaced)
    titles = {each: _title(unit, each) for each in {schedule.bulletin, *replaced.values()}}
    found = [
        Occasion(
            each.original,
            each.start,
            titles[each.bulletin],
            each.original in moved,
            each.original in replaced,
            (there := planned.get(each.original.isoformat())) is not None and there.cancelled,
            there.id if there else None,
        )
        for each in expand(schedule, UtcMs(now + 1), until, holidays)
    ]
    found += [
        Occasion(original, start, titles[schedule.bulletin], gone=True)
        for original in schedule.exceptions
        if now < (start := utc_ms(localise(original, schedule.time_zone))) < until and is_original(schedule, original)
    ]
    return sorted(found, key=lambda each: (each.start, each.original))


def _planned(unit: Unit, schedule: Schedule, now: UtcMs) -> dict[str, Planned]:
    """The broadcast that stands for each occurrence: what was superseded stands for none."""
    coming = unit.broadcasts.coming(schedule.id, now)
    return {each.occurrence: each for each in coming if not each.superseded}


def _title(unit: Unit, bulletin: BulletinId) -> str:
    found = unit.bulletins.get(bulletin)
    return found.title if found else ""


def effect_of(unit: Unit, items: Sequence[Item], places: Locality, now: UtcMs) -> Effect:
    """What the items make happen otherwise in the next months."""
    edited = [Edited(item.before, item.after) for item in items]
    known = [each for item in items for each in (item.before, item.after) if each is not None]
    zone = places.zone(next(iter(known[0].targets.areas), None))
    first = min(utc_ms(localise(each.local_start, each.time_zone)) for each in known)
    begin = max(now, first - 1)
    for days in EFFECT_DAYS:
        until = UtcMs(begin + days * DAY_MS)
        holidays = frozenset().union(*(holidays_of(unit, places, each, now, until) for each in known))
        try:
            return _told(unit, consequences(edited, now, until, holidays), zone, until)
        except TooManyOccurrences:
            continue
    return Effect((), (), (), (), (0, 0, 0, 0, 0), from_utc_ms(now, zone))


def _told(unit: Unit, found: Consequences, zone: str, until: UtcMs) -> Effect:
    def at(happening: Happening) -> datetime:
        return from_utc_ms(happening.occurrence.start, zone)

    altered = [(at(after), _title(unit, after.occurrence.bulletin)) for _, after in found.altered[:MOST_TOLD]]
    return Effect(
        gone=tuple(at(each) for each in found.gone[:MOST_TOLD]),
        new=tuple(at(each) for each in found.new[:MOST_TOLD]),
        moved=tuple((at(before), at(after)) for before, after in found.moved[:MOST_TOLD]),
        altered=tuple(altered),
        counts=(len(found.gone), len(found.new), len(found.moved), len(found.altered), len(found.kept)),
        until=from_utc_ms(until, zone),
    )
