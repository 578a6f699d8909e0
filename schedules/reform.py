"""What people decide about places, on a day: make, alter, end, merge and split areas without losing what was before.

Each function takes all periods of all areas and returns all of them as they then are. A period says how an area is
from its first day on; what ends keeps its earlier periods, so that every day of the past stays readable.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import fields, replace
from datetime import date
from enum import StrEnum
from typing import Any

from schedules.areas import valid_on
from schedules.model import Area, AreaSettings
from schedules.units import AreaId

Periods = tuple[Area, ...]


class Trouble(StrEnum):
    """Why a decision about places cannot be kept."""

    UNKNOWN = "unknown"
    """The area is not of that day."""
    NO_PARENT = "no-parent"
    """On some day it would lie in an area that is not of that day."""
    CIRCLE = "circle"
    """It would lie in itself."""
    TOO_EARLY = "too-early"
    """It would end before it has been for a day."""
    SAME_NAME = "same-name"
    """Two areas of one name would lie side by side."""
    NOTHING = "nothing"
    """A merge or split of nothing."""


class BadReform(ValueError):
    """The decision is at fault: `area` on `day`, and the `other` area it conflicts with, by name if known."""

    def __init__(self, trouble: Trouble, area: str, day: date, other: str = "") -> None:
        super().__init__(f"{trouble}: {area} {other} on {day.isoformat()}")
        self.trouble, self.area, self.day, self.other = trouble, area, day, other


def on(areas: Iterable[Area], area: AreaId, day: date) -> Area:
    """The area as it is on `day`; raises BadReform."""
    for period in areas:
        if period.id == area and valid_on(period, day):
            return period
    raise BadReform(Trouble.UNKNOWN, area, day)


def made(areas: Periods, new: Area) -> Periods:
    """One more area, from its own first day on."""
    return proved((*areas, new), new.valid_from)


def altered(areas: Periods, area: AreaId, day: date, **changes: Any) -> Periods:
    """Another name, kind, code, parent or settings from `day` on.

    What was planned for later stays: a later period takes on a change only where it says what holds on `day`.
    """
    return proved(tuple(_altered(areas, area, day, changes)), day)


def _altered(areas: Periods, area: AreaId, day: date, changes: Mapping[str, Any]) -> Iterator[Area]:
    now = on(areas, area, day)
    for period in areas:
        if period.id != area or (period.valid_until is not None and period.valid_until <= day):
            yield period
        elif period is now:
            if period.valid_from < day:
                yield replace(period, valid_until=day)
            yield replace(period, valid_from=day, **changes)
        else:
            yield replace(period, **_carried(now, period, changes))


def _carried(now: Area, later: Area, changes: Mapping[str, Any]) -> dict[str, Any]:
    carried = {name: value for name, value in changes.items() if getattr(later, name) == getattr(now, name)}
    if "settings" in changes:
        carried["settings"] = _carried_settings(now.settings, later.settings, changes["settings"])
    return carried


def _carried_settings(now: AreaSettings, later: AreaSettings, new: AreaSettings) -> AreaSettings:
    names = [each.name for each in fields(AreaSettings) if getattr(later, each.name) == getattr(now, each.name)]
    return replace(later, **{name: getattr(new, name) for name in names})


def ended(areas: Periods, area: AreaId, day: date) -> Periods:
    """The area is no more from `day` on. What lies in it must have gone elsewhere by then."""
    return proved(_ended(areas, area, day), day)


def _ended(areas: Periods, area: AreaId, day: date) -> Periods:
    now = on(areas, area, day)
    kept = tuple(period for period in areas if period.id != area or period.valid_from < day)
    if not any(period.id == area for period in kept):
        raise BadReform(Trouble.TOO_EARLY, now.full_name, day)
    return tuple(replace(each, valid_until=day) if each.id == area and valid_on(each, day) else each for each in kept)


def merged(areas: Periods, parts: Collection[AreaId], into: AreaId, day: date) -> Periods:
    """`parts` end on `day`, what lay in them lies in `into`, which may be one of them."""
    going = [part for part in dict.fromkeys(parts) if part != into]
    if not going:
        raise BadReform(Trouble.NOTHING, into, day)
    on(areas, into, day)
    for part in going:
        areas = _ended(areas, part, day)
    return proved(_adopted(areas, dict.fromkeys(going, into), {}, day), day)


def split(areas: Periods, area: AreaId, new: Collection[Area], children: Mapping[AreaId, AreaId], day: date) -> Periods:
    """The area ends on `day`, `new` ones begin; `children` says to which of them each area below it goes."""
    if len(new) < 2:
        raise BadReform(Trouble.NOTHING, on(areas, area, day).full_name, day)
    return proved(_adopted((*_ended(areas, area, day), *new), {}, children, day), day)


def _adopted(
    areas: Periods, by_parent: Mapping[AreaId, AreaId], by_child: Mapping[AreaId, AreaId], day: date
) -> Periods:
    """Whatever lies, on `day` or later, in an area of `by_parent`, or is of `by_child`, gets that parent."""
    after: list[Area] = []
    for period in areas:
        parent = by_child.get(period.id) or (by_parent.get(period.parent) if period.parent else None)
        if parent is None or (period.valid_until is not None and period.valid_until <= day):
            after.append(period)
            continue
        if period.valid_from < day:
            after.append(replace(period, valid_until=day))
        after.append(replace(period, valid_from=max(day, period.valid_from), parent=parent))
    return tuple(after)


def proved(areas: Periods, since: date) -> Periods:
    """The same `areas`, if from `since` on they are a forest every day with no two of one name side by side."""
    days = {since, *(day for period in areas for day in (period.valid_from, period.valid_until) if day)}
    called = {period.id: period.full_name for period in areas}
    for day in sorted(each for each in days if each >= since):
        _prove({period.id: period for period in areas if valid_on(period, day)}, called, day)
    return areas


def _prove(there: Mapping[AreaId, Area], called: Mapping[AreaId, str], day: date) -> None:
    names: dict[tuple[AreaId | None, str], AreaId] = {}
    for area in there.values():
        if area.parent is not None and area.parent not in there:
            raise BadReform(Trouble.NO_PARENT, area.full_name, day, called.get(area.parent, area.parent))
        if names.setdefault((area.parent, area.full_name.casefold()), area.id) != area.id:
            raise BadReform(Trouble.SAME_NAME, area.full_name, day)
    for area in there.values():
        above, seen = area, {area.id}
        while above.parent is not None:
            above = there[above.parent]
            if above.id in seen:
                raise BadReform(Trouble.CIRCLE, area.full_name, day)
            seen.add(above.id)


def difference(before: Periods, after: Periods) -> tuple[Periods, Periods]:
    """(periods that are new or changed, periods that are there no more: none of their area begins that day)."""
    held = {(period.id, period.valid_from): period for period in before}
    kept = {(period.id, period.valid_from) for period in after}
    put = tuple(period for period in after if held.get((period.id, period.valid_from)) != period)
    return put, tuple(period for key, period in held.items() if key not in kept)


def strictest(settings: Collection[AreaSettings]) -> AreaSettings:
    """What forbids everything that any of `settings` forbids: for an area that takes the place of several."""
    return AreaSettings(
        time_zone=next((each.time_zone for each in settings if each.time_zone), None),
        quiet_hours=_union([each.quiet_hours for each in settings]),
        volume_max_percent=_least([each.volume_max_percent for each in settings]),
        volume_hours=_union([each.volume_hours for each in settings]),
        session_cap=_least([each.session_cap for each in settings]),
        daily_cap=_least([each.daily_cap for each in settings]),
        weekdays=_common([each.weekdays for each in settings]),
        night_allowed=_all([each.night_allowed for each in settings]),
        one_person_station=_all([each.one_person_station for each in settings]),
    )


def beneath(held: Collection[AreaSettings], above: AreaSettings) -> AreaSettings:
    """What an area that goes into another must say itself, so that nothing is allowed that any of `held` forbade.

    What the other forbids holds too; what it merely does not say allows nothing and takes nothing away.
    """
    silent: dict[str, Any] = {
        name: True for name in ("night_allowed", "one_person_station") if getattr(above, name) is None
    }
    return needed(strictest([*held, replace(above, **silent)]), above)


def needed(wanted: AreaSettings, above: AreaSettings) -> AreaSettings:
    """What an area must say itself, so that `wanted` holds in it where `above` is what it would inherit."""
    own = {each.name: getattr(wanted, each.name) for each in fields(AreaSettings)}
    return AreaSettings(**{name: value for name, value in own.items() if not _alike(value, getattr(above, name))})


def _alike(wanted: object, above: object) -> bool:
    """Not allowed and not said to be allowed are the same."""
    return wanted == above or (wanted is False and above is None)


def _union(values: Collection[Any]) -> Any:
    given = [value for value in values if value is not None]
    return tuple(dict.fromkeys(each for value in given for each in value)) if given else None


def _least(values: Collection[Any]) -> Any:
    return min((value for value in values if value is not None), default=None)


def _common(values: Collection[tuple[int, ...] | None]) -> tuple[int, ...] | None:
    """The days that all have; where they have none in common, those of the one that has the fewest."""
    given = [value for value in values if value is not None]
    if not given:
        return None
    return tuple(sorted(set(given[0]).intersection(*given[1:]))) or min(given, key=len)


def _all(values: Collection[bool | None]) -> bool | None:
    return None if all(value is None for value in values) else all(bool(value) for value in values)
