"""Areas as staff keep them: the tree of a day, what a decision would change, and the decision itself."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date

from controller.desk.consequences import Consequences, Review, consequences, to_review
from controller.desk.place_checks import after_of, check, checked_day, checked_decision
from controller.desk.reforms import (
    Decision,
    End,
    Limit,
    Make,
    Merge,
    Move,
    Rename,
    Split,
    Wish,
    last_known,
    periods_json,
)
from controller.desk.refusal import Refusal, forbidden
from controller.desk.room import Room
from controller.desk.values import Person
from controller.language import n_
from controller.locality import Atlas, atlas, day_start
from controller.rearrange import Rearranged, rearrange
from controller.rights import Operation, may, places_of
from controller.store.reforms import Became
from controller.store.unit import Unit
from controller.store.values import Group, Speaker
from schedules.areas import AreaTree
from schedules.model import Area, AreaSettings
from schedules.reform import difference
from schedules.units import AreaId, SpeakerId
from schedules.wall import local_date


@dataclass(frozen=True, slots=True)
class Limits:
    """The guard rails of an area: its own, those that hold, and which area each one that holds is said by."""

    own: AreaSettings
    held: AreaSettings
    said_by: Mapping[str, Area]


@dataclass(frozen=True, slots=True)
class AreaView:
    """One area on a day, its history, and what became of it."""

    area: Area
    there: bool
    """False: it has ended by that day, or has not begun; `area` is then how it was last."""
    path: tuple[Area, ...]
    """The areas above, the highest first."""
    children: tuple[Area, ...]
    periods: tuple[Area, ...]
    limits: Limits | None
    became: tuple[tuple[Became, str], ...]
    came_from: tuple[tuple[Became, str], ...]
    speakers: tuple[tuple[SpeakerId, str], ...]
    """Those directly in it, by name."""


@dataclass(frozen=True, slots=True)
class Branch:
    """An area of a day with those below it; `speakers`: in it and below."""

    area: Area
    speakers: int
    children: tuple["Branch", ...]


@dataclass(frozen=True, slots=True)
class Forest:
    """The places of a day that a person may see."""

    day: date
    branches: tuple[Branch, ...]
    flat: tuple[tuple[int, Area], ...]
    """The same one after the other, with their depth."""
    reviews: tuple[Review, ...]
    """Schedules that name an area which has ended: cần xem lại."""
    planned: tuple[date, ...]
    """Days to come on which something changes."""


class Places:
    def __init__(self, room: Room) -> None:
        self._room = room

    def today(self) -> date:
        return local_date(self._room.now(), self._room.zone)

    def forest(self, day: date, by: Person) -> Forest:
        """The areas of `day` that `by` may see today, or whose nearest area of today above is seen."""
        with self._room.store.read() as unit:
            places = atlas(unit, self._room.zone)
            reviews = to_review(unit, places, self._room.now())
        at, today = places.at(day_start(checked_day(day), self._room.zone)), places.tree(self._room.now())
        seen = places_of(by.grants, Operation.SEE, today)
        everywhere = may(by.grants, Operation.SEE, (), today)
        shown = {a for a in at.tree.areas if everywhere or nearest_of_today(places, today, a) in seen}
        counts = Counter(at.where.values())

        def branches(above: AreaId | None, skip: bool) -> Iterator[Branch]:
            for area in at.tree.children.get(above, ()):
                if area in shown:
                    below = tuple(branches(area, False))
                    yield Branch(at.tree.areas[area], counts[area] + sum(each.speakers for each in below), below)
                elif skip:
                    yield from branches(area, True)

        found = tuple(branches(None, True))
        days = {each for period in places.areas for each in (period.valid_from, period.valid_until) if each}
        planned = tuple(sorted(each for each in days if each > self.today()))
        return Forest(day, found, tuple(_flat(found, 0)), reviews if everywhere or seen else (), planned)

    def view(self, area: AreaId, day: date, by: Person) -> AreaView:
        with self._room.store.read() as unit:
            places, became = atlas(unit, self._room.zone), unit.reforms.successors()
            self.require(places, by, Operation.SEE, [area])
        known = last_known(places, area, day)
        if known is None:
            raise unknown_area()
        at = places.at(day_start(checked_day(day), self._room.zone))
        there = area in at.tree.areas
        inside = sorted((places.speakers[s].name, s) for s, where in at.where.items() if where == area)

        def name_of(other: AreaId) -> str:
            found = last_known(places, other, day)
            return found.full_name if found else other

        return AreaView(
            area=at.tree.areas[area] if there else known,
            there=there,
            path=tuple(at.tree.areas[each] for each in reversed(at.tree.ancestors(area))) if there else (),
            children=tuple(at.tree.areas[each] for each in at.tree.children.get(area, ())) if there else (),
            periods=tuple(period for period in places.areas if period.id == area),
            limits=limits(at.tree, area) if there else None,
            became=tuple((each, name_of(each.successor)) for each in became if each.area == area),
            came_from=tuple((each, name_of(each.area)) for each in became if each.successor == area),
            speakers=tuple((speaker, name) for name, speaker in inside),
        )

    def names(self) -> Mapping[AreaId, str]:
        """The full names of the areas of today."""
        with self._room.store.read() as unit:
            return {area.id: area.full_name for area in self._room.tree(unit).areas.values()}

    def speakers_by_area(
        self, by: Person, operation: Operation, group: Group | None = None
    ) -> tuple[tuple[Area, tuple[Speaker, ...]], ...]:
        """The speakers that `by` may do it with, by area; with a group, those of its area and those in it."""
        with self._room.store.read() as unit:
            here = atlas(unit, self._room.zone).at(self._room.now())
        allowed = places_of(by.grants, operation, here.tree)
        inside = here.tree.covered([group.area]) if group else allowed
        found: dict[AreaId, list[Speaker]] = {}
        for speaker, area in here.where.items():
            kept = group is not None and speaker in group.speakers
            if kept or (area in allowed and area in inside):
                found.setdefault(area, []).append(here.speakers[speaker])
        in_order = sorted(found.items(), key=lambda each: here.tree.areas[each[0]].full_name)
        return tuple(
            (here.tree.areas[area], tuple(sorted(speakers, key=lambda each: each.name))) for area, speakers in in_order
        )

    def consider(self, wish: Wish, by: Person) -> Consequences:
        """What the wish would change; nothing is stored. Raises Refusal."""
        with self._room.store.read() as unit:
            places, decision = self._decide(unit, wish, by)
            after = after_of(places, decision)
            return consequences(unit, places, after, decision, wish.day, self._room.now())

    def carry_out(self, wish: Wish, by: Person) -> Rearranged:
        """Do it; boxes and coming broadcasts follow. Raises Refusal, and then nothing has changed."""
        with self._room.store.write() as unit:
            places, decision = self._decide(unit, wish, by)
            return self.keep(unit, places, decision, by, f"area.{type(wish).__name__.lower()}", f"area:{area_of(wish)}")

    def keep(self, unit: Unit, places: Atlas, decision: Decision, by: Person, action: str, subject: str) -> Rearranged:
        """Store a decision that has been checked, in the caller's transaction."""
        now = self._room.now()
        put, gone = difference(places.areas, decision.periods)
        unit.reforms.put_periods(put, gone, now, by.username)
        unit.reforms.put_members(places.members, decision.members)
        unit.reforms.add_successors(decision.became)
        keys = {(each.id, each.valid_from) for each in (*put, *gone)}
        before = [each for each in places.areas if (each.id, each.valid_from) in keys]
        self._room.record(unit, by, action, subject, periods_json(before), periods_json(put))
        return rearrange(unit, self._room.planner, places, by.username, now)

    def _decide(self, unit: Unit, wish: Wish, by: Person) -> tuple[Atlas, Decision]:
        places = atlas(unit, self._room.zone)
        self.require(places, by, Operation.ARRANGE, _concerned(wish))
        check(wish)
        return places, checked_decision(wish, places)

    def require(self, places: Atlas, by: Person, operation: Operation, areas: Iterable[AreaId | None]) -> None:
        """Raise Refusal unless `by` may do it in all of `areas` (None: everywhere), in today's tree.

        An area that is not of today counts as the nearest of today above it.
        """
        tree = places.tree(self._room.now())
        today = [nearest_of_today(places, tree, each) for each in areas]
        named = [] if None in today else [each for each in today if each is not None]
        if not may(by.grants, operation, named, tree):
            raise forbidden()


def _flat(branches: Iterable[Branch], depth: int) -> Iterator[tuple[int, Area]]:
    for branch in branches:
        yield depth, branch.area
        yield from _flat(branch.children, depth + 1)


def nearest_of_today(places: Atlas, tree: AreaTree, area: AreaId | None) -> AreaId | None:
    seen: set[AreaId] = set()
    while area is not None and area not in tree.areas and area not in seen:
        seen.add(area)
        area = next((each.parent for each in reversed(places.areas) if each.id == area), None)
    return area if area in tree.areas else None


def unknown_area() -> Refusal:
    return Refusal("unknown-area", n_("Không có địa bàn này. Hãy tải lại trang và chọn lại."), status=404)


def limits(tree: AreaTree, area: AreaId) -> Limits:
    """What holds in the area, and whose word each of it is."""
    chain = (area, *tree.ancestors(area))
    said_by = {
        each.name: next(
            (tree.areas[one] for one in chain if getattr(tree.areas[one].settings, each.name) is not None),
            tree.areas[area],
        )
        for each in fields(AreaSettings)
    }
    return Limits(tree.areas[area].settings, tree.settings(area), said_by)


def _concerned(wish: Wish) -> tuple[AreaId | None, ...]:
    match wish:
        case Make(parent=parent):
            return (parent,)
        case Rename(area=area) | Limit(area=area) | Split(area=area) | End(area=area):
            return (area,)
        case Move(area=area, parent=parent):
            return (area, parent)
        case Merge(parts=parts, into=into, named=named, parent=parent):
            return (*parts, parent if named is not None else into)


def area_of(wish: Wish) -> AreaId:
    """The area that the wish is about, or that it makes."""
    match wish:
        case Make(id=area) | Merge(into=area):
            return area
        case Rename(area=area) | Limit(area=area) | Split(area=area) | End(area=area) | Move(area=area):
            return area
