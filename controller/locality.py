"""Which speakers are where, and what their places' settings say: read from the store, decided by schedules/."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from controller.store.marks import PLACES
from controller.store.reforms import Became
from controller.store.unit import Unit
from controller.store.values import Group, Member, Speaker
from schedules.areas import AreaTree, tree_on, valid_on
from schedules.model import Area, AreaSettings, Targets
from schedules.units import AreaId, GroupId, SpeakerId, UtcMs
from schedules.wall import local_date, localise, utc_ms


def _nobody(area: AreaId) -> frozenset[SpeakerId]:
    return frozenset()


@dataclass(frozen=True, slots=True)
class Locality:
    """The tree of one day and each speaker's area at one instant."""

    tree: AreaTree
    speakers: Mapping[SpeakerId, Speaker]
    where: Mapping[SpeakerId, AreaId]
    default_zone: str
    groups: Mapping[GroupId, Group] = field(default_factory=dict)
    """The retired ones too: what names them means their speakers still."""
    last_in: Callable[[AreaId], frozenset[SpeakerId]] = _nobody
    """The speakers that an area which has ended had at its end."""
    gone: Callable[[], frozenset[AreaId]] = frozenset
    """The areas that are not of this day."""

    became: Mapping[AreaId, tuple[AreaId, ...]] = field(default_factory=dict)
    """What became of areas that ended by a merge or a split."""

    boxless: frozenset[SpeakerId] = frozenset()
    """The speakers whose box was revoked: they stand where they stand, and nothing is planned for them."""

    def heirs(self, area: AreaId) -> frozenset[AreaId]:
        """The areas of this day which an area is, or has become: whose is now what was that area's."""
        found: set[AreaId] = set()
        waiting, seen = [area], {area}
        while waiting:
            each = waiting.pop()
            if each in self.tree.areas:
                found.add(each)
                continue
            waiting.extend(heir for heir in self.became.get(each, ()) if heir not in seen)
            seen.update(waiting)
        return frozenset(found)

    def settings(self, area: AreaId) -> AreaSettings:
        return self.tree.settings(area)

    def zone(self, area: AreaId | None) -> str:
        """The time zone of an area, or of the home area when None."""
        area = area or self.home
        found = self.tree.settings(area).time_zone if area in self.tree.areas and area is not None else None
        return found or self.default_zone

    @property
    def home(self) -> AreaId | None:
        """The first root of the tree: whose place this controller is."""
        roots = self.tree.children.get(None, ())
        return roots[0] if roots else None

    def addressed(self, targets: Targets) -> frozenset[SpeakerId]:
        """The speakers that `targets` mean at this instant."""
        return self.tree.addressed(self.resolve(targets), self.where) - self.boxless

    def resolve(self, targets: Targets) -> Targets:
        """The same places in words that a box knows: areas of this day and speakers by name.

        A group becomes its speakers. An area that has ended becomes the speakers it had at its end, so that by a
        merge nothing falls silent unasked and nothing sounds where it was not approved. Areas of another day
        that have not begun, and speakers that are nowhere at this instant or without a box, are left out.
        """
        areas = tuple(area for area in targets.areas if area in self.tree.areas)
        named = tuple(speaker for speaker in targets.speakers if speaker in self.where and speaker not in self.boxless)
        meant = {speaker for area in targets.areas if area not in self.tree.areas for speaker in self.last_in(area)}
        for group in targets.groups:
            if group in self.groups:
                meant.update(self.groups[group].speakers)
        if not meant:
            return Targets(areas, named)
        covered = self.tree.addressed(Targets(areas, named), self.where)
        return Targets(
            areas, (*named, *sorted(s for s in meant - self.boxless if s in self.where and s not in covered))
        )

    def ended(self, targets: Targets) -> tuple[AreaId, ...]:
        """The areas of `targets` that are not of this day: such a schedule wants to be looked at again."""
        return tuple(area for area in targets.areas if area not in self.tree.areas)


class Atlas:
    """All places of all times, read once; `at` gives those of one instant. Days begin in `zone`."""

    def __init__(
        self,
        areas: Iterable[Area],
        speakers: Iterable[Speaker],
        members: Iterable[Member],
        groups: Iterable[Group],
        zone: str,
        became: Iterable[Became] = (),
    ) -> None:
        self.areas, self.members = tuple(areas), tuple(members)
        self.speakers = {speaker.id: speaker for speaker in speakers}
        self._boxless = frozenset(speaker.id for speaker in self.speakers.values() if speaker.revoked)
        self.groups = {group.id: group for group in groups}
        self.zone = zone
        self.became: dict[AreaId, tuple[AreaId, ...]] = {}
        for each in became:
            self.became[each.area] = (*self.became.get(each.area, ()), each.successor)
        days = {day for area in self.areas for day in (area.valid_from, area.valid_until) if day is not None}
        moves = {instant for member in self.members for instant in (member.from_ms, member.until_ms)}
        self._days = sorted(day_start(day, zone) for day in days)
        self._seams = sorted({*self._days, *moves})
        self._made: dict[int, Locality] = {}
        self._trees: dict[int, AreaTree] = {}
        self._last: dict[tuple[AreaId, date], frozenset[SpeakerId]] = {}

    def stretch(self, at: UtcMs) -> int:
        """Which of the stretches of time, in each of which every place stays as it is."""
        return bisect_right(self._seams, at)

    def at(self, at: UtcMs) -> Locality:
        """The places as they are at `at`."""
        stretch = self.stretch(at)
        if stretch not in self._made:
            self._made[stretch] = self._locality(at)
        return self._made[stretch]

    def tree(self, at: UtcMs) -> AreaTree:
        """The areas as they are at `at`."""
        days = bisect_right(self._days, at)
        if days not in self._trees:
            self._trees[days] = tree_on(self.areas, local_date(at, self.zone))
        return self._trees[days]

    def cut(self, begin: UtcMs, end: UtcMs) -> Iterator[tuple[UtcMs, UtcMs]]:
        """[begin, end), end 0 being open, cut wherever the tree changes."""
        inside = [seam for seam in self._days if begin < seam and (end == 0 or seam < end)]
        return zip([begin, *inside], [*inside, end], strict=True)

    @cached_property
    def stays(self) -> Mapping[SpeakerId, tuple[Member, ...]]:
        """Where each speaker is, was and will be."""
        found: dict[SpeakerId, list[Member]] = {}
        for member in self.members:
            found.setdefault(member.speaker, []).append(member)
        return {speaker: tuple(stays) for speaker, stays in found.items()}

    def _locality(self, at: UtcMs) -> Locality:
        day, tree = local_date(at, self.zone), self.tree(at)
        where = self._where(at, tree)
        known = frozenset(area.id for area in self.areas)
        return Locality(
            tree,
            self.speakers,
            where,
            self.zone,
            self.groups,
            lambda area: self._last_in(area, day),
            lambda: known - tree.areas.keys(),
            self.became,
            self._boxless,
        )

    def _where(self, at: UtcMs, tree: AreaTree) -> dict[SpeakerId, AreaId]:
        there = (m for m in self.members if m.covers(at) and m.speaker in self.speakers)
        return {m.speaker: m.area for m in there if m.area in tree.areas}

    def _last_in(self, area: AreaId, day: date) -> frozenset[SpeakerId]:
        """Who was in the area, or below it, when the last of its periods before `day` ended."""
        ends = (period.valid_until for period in self.areas if period.id == area)
        end = max((each for each in ends if each is not None and each <= day), default=None)
        if end is None:
            return frozenset()
        if (area, end) not in self._last:
            tree = tree_on(self.areas, end - timedelta(days=1))
            there = self._where(UtcMs(day_start(end, self.zone) - 1), tree)
            self._last[area, end] = tree.addressed(Targets((area,)), there)
        return self._last[area, end]

    def period(self, area: AreaId, day: date) -> Area | None:
        """The area as it is on `day`."""
        return next((period for period in self.areas if period.id == area and valid_on(period, day)), None)


def day_start(day: date, zone: str) -> UtcMs:
    """The instant at which `day` begins there."""
    return utc_ms(localise(datetime.combine(day, time()), zone))


_kept: WeakKeyDictionary[sa.Engine, tuple[tuple[str, str], Atlas]] = WeakKeyDictionary()


def atlas(unit: Unit, zone: str) -> Atlas:
    """Everything the store knows about places; read anew only when somebody has written there."""
    engine, key = unit.connection.engine, (unit.site.get(PLACES), zone)
    known = _kept.get(engine)
    if known is not None and known[0] == key:
        return known[1]
    places, became = unit.places, unit.reforms.successors()
    made = Atlas(places.areas(), places.speakers(), places.members(), unit.groups.all(), zone, became)
    _kept[engine] = key, made
    return made


def locality(unit: Unit, at: UtcMs, default_zone: str) -> Locality:
    """The places as they are at `at`."""
    return atlas(unit, default_zone).at(at)
