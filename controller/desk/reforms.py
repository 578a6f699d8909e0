"""What staff may decide about areas, as values, and what each decision makes of the places. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from controller.locality import Atlas, day_start
from controller.members import reassigned
from controller.store.places import settings_json
from controller.store.reforms import Became
from controller.store.values import Member
from schedules import reform
from schedules.areas import valid_on
from schedules.model import Area, AreaSettings
from schedules.reform import Periods
from schedules.units import AreaId, SpeakerId


@dataclass(frozen=True, slots=True)
class Named:
    """How an area is called."""

    name: str
    kind: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Make:
    """A new area in `parent` (None: a root)."""

    id: AreaId
    named: Named
    parent: AreaId | None
    day: date


@dataclass(frozen=True, slots=True)
class Rename:
    area: AreaId
    named: Named
    day: date


@dataclass(frozen=True, slots=True)
class Move:
    """The area lies in `parent` from `day` on; with `keep_limits` nothing is allowed that was not before."""

    area: AreaId
    parent: AreaId | None
    day: date
    keep_limits: bool = True


@dataclass(frozen=True, slots=True)
class Limit:
    """The area's own settings from `day` on; what is None is as in the area above."""

    area: AreaId
    settings: AreaSettings
    day: date


@dataclass(frozen=True, slots=True)
class Merge:
    """`parts` become one: `into`, which is there already, or which is made in `parent` when `named` is given."""

    parts: tuple[AreaId, ...]
    into: AreaId
    day: date
    named: Named | None = None
    parent: AreaId | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """One of the areas into which another is split, with what goes to it."""

    id: AreaId
    named: Named
    children: tuple[AreaId, ...] = ()
    speakers: tuple[SpeakerId, ...] = ()


@dataclass(frozen=True, slots=True)
class Split:
    area: AreaId
    pieces: tuple[Piece, ...]
    day: date


@dataclass(frozen=True, slots=True)
class End:
    area: AreaId
    day: date


Wish = Make | Rename | Move | Limit | Merge | Split | End


@dataclass(frozen=True, slots=True)
class Decision:
    """What the places are after a wish."""

    periods: Periods
    members: tuple[Member, ...]
    became: tuple[Became, ...] = ()


def decide(wish: Wish, places: Atlas) -> Decision:
    """What the wish makes of the places; raises reform.BadReform when it cannot be."""
    match wish:
        case Make(area, named, parent, day):
            return Decision(reform.made(places.areas, _new(area, named, parent, day)), places.members)
        case Rename(area, named, day):
            after = reform.altered(places.areas, area, day, name=named.name, kind=named.kind, code=named.code)
            return Decision(after, places.members)
        case Move():
            return Decision(_moved(wish, places), places.members)
        case Limit(area, settings, day):
            return Decision(reform.altered(places.areas, area, day, settings=settings), places.members)
        case Merge():
            return _merge(wish, places)
        case Split():
            return _split(wish, places)
        case End(area, day):
            return Decision(reform.ended(places.areas, area, day), places.members)


def _new(area: AreaId, named: Named, parent: AreaId | None, day: date) -> Area:
    return Area(area, parent, named.name, named.kind, day, code=named.code)


def _moved(wish: Move, places: Atlas) -> Periods:
    changes: dict[str, Any] = {"parent": wish.parent}
    if wish.keep_limits:
        held, above = _effective(places, wish.area, wish.day), _above(places, wish.parent, wish.day)
        changes["settings"] = reform.beneath([held], above)
    return reform.altered(places.areas, wish.area, wish.day, **changes)


def _effective(places: Atlas, area: AreaId, day: date) -> AreaSettings:
    reform.on(places.areas, area, day)
    return places.tree(day_start(day, places.zone)).settings(area)


def _above(places: Atlas, parent: AreaId | None, day: date) -> AreaSettings:
    return AreaSettings() if parent is None else _effective(places, parent, day)


def _merge(wish: Merge, places: Atlas) -> Decision:
    areas, parts = places.areas, set(wish.parts) - {wish.into}
    held = [_effective(places, part, wish.day) for part in sorted(parts)]
    if wish.named is not None:
        parent = wish.parent
        above = _above(places, parent, wish.day)
        own = reform.beneath(held, above)
        areas = (*areas, replace(_new(wish.into, wish.named, parent, wish.day), settings=own))
    else:
        parent = reform.on(areas, wish.into, wish.day).parent
        strict = reform.strictest([_effective(places, wish.into, wish.day), *held])
        own = reform.needed(strict, _above(places, parent, wish.day))
        areas = reform.altered(areas, wish.into, wish.day, settings=own)
    periods = reform.merged(areas, wish.parts, wish.into, wish.day)
    at = day_start(wish.day, places.zone)
    members = reassigned(places.members, at, lambda member: wish.into if member.area in parts else member.area)
    return Decision(periods, members, tuple(Became(part, wish.into, wish.day) for part in sorted(parts)))


def _split(wish: Split, places: Atlas) -> Decision:
    now = reform.on(places.areas, wish.area, wish.day)
    new = [replace(_new(each.id, each.named, now.parent, wish.day), settings=now.settings) for each in wish.pieces]
    children = {child: each.id for each in wish.pieces for child in each.children}
    goes = {speaker: each.id for each in wish.pieces for speaker in each.speakers}
    periods = reform.split(places.areas, wish.area, new, children, wish.day)
    at = day_start(wish.day, places.zone)

    def area_of(member: Member) -> AreaId:
        return goes.get(member.speaker, member.area) if member.area == wish.area else member.area

    became = tuple(Became(wish.area, each.id, wish.day) for each in wish.pieces)
    return Decision(periods, reassigned(places.members, at, area_of), became)


def stranded(after: Atlas, day: date) -> dict[SpeakerId, AreaId]:
    """Speakers that from `day` on would stand, at some time, in an area that is no more or not yet."""
    since = day_start(day, after.zone)
    found: dict[SpeakerId, AreaId] = {}
    for member in after.members:
        if member.speaker not in after.speakers or (member.until_ms != 0 and member.until_ms <= since):
            continue
        begins = max(since, member.from_ms)
        if any(member.area not in after.tree(begin).areas for begin, _ in after.cut(begins, member.until_ms)):
            found.setdefault(member.speaker, member.area)
    return found


def last_known(places: Atlas, area: AreaId, day: date) -> Area | None:
    """The area as it is on `day`; else as it was last, or will be first."""
    periods = [period for period in places.areas if period.id == area]
    there = [period for period in periods if valid_on(period, day)]
    before = [period for period in periods if period.valid_from <= day]
    return next(iter(there), None) or next(iter([*reversed(before), *periods]), None)


def periods_json(periods: Iterable[Area]) -> Mapping[str, Any]:
    """For the audit: what the periods say; what is not said is left out."""
    return {"periods": [_period_json(period) for period in periods]}


def _period_json(period: Area) -> dict[str, Any]:
    settings = {name: value for name, value in settings_json(period.settings).items() if value is not None}
    told = {
        "area": period.id,
        "from": period.valid_from.isoformat(),
        "until": period.valid_until.isoformat() if period.valid_until else "",
        "parent": period.parent or "",
        "name": period.name,
        "kind": period.kind,
        "code": period.code,
        "settings": settings,
    }
    return {name: value for name, value in told.items() if value not in ("", {})}
