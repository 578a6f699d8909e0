"""The tree of places as it stands on one day: what lies where, which settings hold, who is addressed."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from schedules.model import Area, AreaSettings, Targets
from schedules.units import AreaId, SpeakerId


class BadAreas(ValueError):
    """Areas that are no tree on that day (a circle, a missing parent, one id twice); the data is at fault."""


class UnknownArea(LookupError):
    """An area that does not exist on that day; the fault of whoever asked for it."""

    def __init__(self, area: AreaId) -> None:
        super().__init__(f"no area {area!r} on this day")
        self.area = area


@dataclass(frozen=True, slots=True)
class AreaTree:
    """The areas valid on one day; made by `tree_on`, which proves that they are a forest."""

    areas: Mapping[AreaId, Area]
    children: Mapping[AreaId | None, tuple[AreaId, ...]]
    """Of each area (None: the roots) the ones directly below it, in the order in which they were given."""
    _settings: dict[AreaId, AreaSettings] = field(default_factory=dict, repr=False, compare=False)

    def area(self, area: AreaId) -> Area:
        """Return the area; raise UnknownArea."""
        if area not in self.areas:
            raise UnknownArea(area)
        return self.areas[area]

    def ancestors(self, area: AreaId) -> tuple[AreaId, ...]:
        """The areas above, the nearest first; raise UnknownArea."""
        above: list[AreaId] = []
        parent = self.area(area).parent
        while parent is not None:
            above.append(parent)
            parent = self.areas[parent].parent
        return tuple(above)

    def descendants(self, area: AreaId) -> tuple[AreaId, ...]:
        """The areas below, each before those below it; raise UnknownArea."""
        self.area(area)
        return tuple(self._below(area))

    def _below(self, area: AreaId) -> Iterator[AreaId]:
        waiting = list(reversed(self.children.get(area, ())))
        while waiting:
            found = waiting.pop()
            yield found
            waiting.extend(reversed(self.children.get(found, ())))

    def settings(self, area: AreaId) -> AreaSettings:
        """The settings that hold in the area: each its own, or of the nearest area above that has it."""
        if area not in self._settings:
            self._settings[area] = self._inherited(area)
        return self._settings[area]

    def _inherited(self, area: AreaId) -> AreaSettings:
        chain = [self.area(area).settings, *(self.areas[above].settings for above in self.ancestors(area))]
        values: dict[str, Any] = {each.name: _first(chain, each.name) for each in fields(AreaSettings)}
        return AreaSettings(**values)

    def addressed(self, targets: Targets, speakers: Mapping[SpeakerId, AreaId]) -> frozenset[SpeakerId]:
        """The speakers (each with its area) that `targets` means: named, or at or below a named area.

        Named speakers that are not among `speakers` and areas that are not of this day address nobody.
        """
        wanted, named = self.covered(targets.areas), frozenset(targets.speakers)
        return frozenset(speaker for speaker, area in speakers.items() if area in wanted or speaker in named)

    def covered(self, named: Iterable[AreaId]) -> frozenset[AreaId]:
        """The named areas of this day and all below them."""
        return frozenset(found for area in named if area in self.areas for found in (area, *self._below(area)))

    def smallest_naming(
        self, named: Collection[AreaId], speakers: Mapping[SpeakerId, AreaId] | None = None
    ) -> tuple[AreaId, ...]:
        """The fewest areas that a person would name for `named`, in the order of the tree.

        All of two or more areas under one parent become the parent, unless one of `speakers` sits directly
        in the parent and would be named without being meant. Raises UnknownArea.
        """
        for area in named:
            self.area(area)
        covered = set(self.covered(named))
        occupied = frozenset((speakers or {}).values())
        everything = [found for root in self.children.get(None, ()) for found in (root, *self._below(root))]
        for area in reversed(everything):
            below = self.children.get(area, ())
            if len(below) > 1 and area not in occupied and covered.issuperset(below):
                covered.add(area)
        return tuple(area for area in everything if area in covered and self.areas[area].parent not in covered)

    def name_places(self, named: Collection[AreaId]) -> tuple[str, ...]:
        """The full names of the smallest naming: all communes of a district are the district."""
        return tuple(self.areas[area].full_name for area in self.smallest_naming(named))


def _first(chain: Iterable[AreaSettings], name: str) -> object:
    return next((value for each in chain if (value := getattr(each, name)) is not None), None)


def valid_on(area: Area, day: date) -> bool:
    """True from `valid_from` up to but not including `valid_until`."""
    return area.valid_from <= day and (area.valid_until is None or day < area.valid_until)


def tree_on(areas: Iterable[Area], day: date) -> AreaTree:
    """The tree of those `areas` that are valid on `day`; the same id may stand there once per period.

    Raises BadAreas: an id twice on that day, a parent that is not of that day, a circle.
    """
    of_day: dict[AreaId, Area] = {}
    for area in areas:
        if not valid_on(area, day):
            continue
        if area.id in of_day:
            raise BadAreas(f"area {area.id} ({area.full_name}) stands there twice on {day.isoformat()}")
        of_day[area.id] = area
    children: dict[AreaId | None, list[AreaId]] = {}
    for area in of_day.values():
        if area.parent is not None and area.parent not in of_day:
            raise BadAreas(f"area {area.id} ({area.full_name}) lies in {area.parent}, not valid on {day.isoformat()}")
        children.setdefault(area.parent, []).append(area.id)
    _refuse_circles(of_day)
    return AreaTree(of_day, {parent: tuple(below) for parent, below in children.items()})


def _refuse_circles(areas: Mapping[AreaId, Area]) -> None:
    rooted: set[AreaId] = set()
    for area in areas:
        path: list[AreaId] = []
        here: AreaId | None = area
        while here is not None and here not in rooted:
            if here in path:
                raise BadAreas("areas lie in each other: " + " → ".join([*path[path.index(here) :], here]))
            path.append(here)
            here = areas[here].parent
        rooted.update(path)
