"""The programme: what is heard from one day to another, planned already or foreseen from the schedules."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from controller.desk.foreseen import FORESEEN, foreseen
from controller.desk.room import Room
from controller.desk.scope import AreaChoice, Scope, area_choices, scope_of
from controller.desk.values import BroadcastPhase, Person
from controller.desk.views import phase_of, places_of
from controller.locality import Locality, day_start
from controller.store.unit import Unit
from controller.store.values import Planned
from schedules.model import Priority
from schedules.states import PlaybackState
from schedules.units import AreaId, BroadcastId, BulletinId, DurationMs, ScheduleId, SpeakerId, UtcMs
from schedules.wall import from_utc_ms

DAY_MS = 86_400_000
SLACK_MS = 60_000
"""A speaker's clock may be so far ahead: only before that is it sure that nobody plays yet."""
YEARS = range(1970, 2301)


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the programme. `planned`: it is a broadcast that the speakers are told of; otherwise it is what
    the schedule brings forth beyond the horizon. `original` and `repeat` (from 1) say which occurrence it is."""

    id: BroadcastId
    planned: bool
    schedule: ScheduleId
    bulletin: BulletinId
    title: str
    priority: Priority
    phase: BroadcastPhase
    start: UtcMs
    duration: DurationMs
    time_zone: str
    places_sentence: str
    original: str
    repeat: int = 1
    counts: tuple[tuple[PlaybackState, int], ...] = ()

    @property
    def end(self) -> UtcMs:
        return UtcMs(self.start + self.duration)


@dataclass(frozen=True, slots=True)
class Span:
    """The lines of some days; `total` is how many there are, `items` only those asked for."""

    first: date
    days: int
    time_zone: str
    items: tuple[Item, ...]
    total: int
    areas: tuple[AreaChoice, ...]
    """What can be chosen to look at."""


@dataclass(frozen=True, slots=True)
class Board:
    """One day, by what matters to the reader; of each group only the first, and how many there are of it."""

    day: date
    time_zone: str
    playing: tuple[Item, ...]
    coming: tuple[Item, ...]
    over: tuple[Item, ...]
    """The newest first."""
    playing_total: int
    coming_total: int
    over_total: int
    online: int
    speakers: int
    areas: tuple[AreaChoice, ...]


class Naming:
    """The sentences of places, each made once: many broadcasts go to the same."""

    def __init__(self, places: Locality) -> None:
        self._places = places
        self._known: dict[tuple[tuple[AreaId, ...], tuple[SpeakerId, ...]], str] = {}

    def of(self, planned: Planned) -> str:
        key = planned.areas, planned.speakers
        if key not in self._known:
            self._known[key] = places_of(planned, self._places)
        return self._known[key]


class Programme:
    def __init__(self, room: Room) -> None:
        self._room = room

    def span(
        self, by: Person, first: date, days: int, area: AreaId | None = None, *, skip: int = 0, most: int = 20_000
    ) -> Span:
        """What starts on `days` local days from `first` and is heard where `by` may see (of it in `area`)."""
        with self._room.store.read() as unit:
            now, places = self._room.now(), self._room.places(unit)
            zone = places.zone(area)
            areas = area_choices(by, places.tree)
            if first.year not in YEARS or (first + timedelta(days=days)).year not in YEARS:
                return Span(first, days, zone, (), 0, areas)
            begin, end = day_start(first, zone), day_start(first + timedelta(days=days), zone)
            scope = scope_of(by, places, area)
            found = self._between(unit, scope, begin, end, now)
            items = _items(unit, found[skip : skip + most], Naming(places), now)
            return Span(first, days, zone, items, len(found), areas)

    def _between(self, unit: Unit, scope: Scope, begin: UtcMs, end: UtcMs, now: UtcMs) -> list[Planned]:
        standing = _standing(unit, scope, begin, end)
        horizon = UtcMs(now + self._room.planner.horizon_days * DAY_MS)
        known = {(planned.schedule, planned.occurrence) for planned in standing}
        ahead = foreseen(unit, scope, UtcMs(max(begin, horizon)), end)
        standing += [planned for planned in ahead if (planned.schedule, planned.occurrence) not in known]
        return sorted(standing, key=lambda planned: (planned.broadcast.start, planned.broadcast.priority, planned.broadcast.order, planned.id))

    def board(self, by: Person, day: date | None, area: AreaId | None = None, *, most: int = 60) -> Board:
        """One day (None: today): what plays, what comes and what is over."""
        with self._room.store.read() as unit:
            now, places = self._room.now(), self._room.places(unit)
            zone, scope = places.zone(area), scope_of(by, places, area)
            shown = day or today(now, zone)
            found: list[Planned] = []
            if shown.year in YEARS and (shown + timedelta(days=1)).year in YEARS:
                begin, end = day_start(shown, zone), day_start(shown + timedelta(days=1), zone)
                found = self._between(unit, scope, begin, end, now)
            groups = _by_phase(unit, found, now)
            groups.over.reverse()
            naming = Naming(places)
            there = [speaker for speaker in places.where if scope.has(speaker)]
            online = unit.places.online()
            return Board(
                shown,
                zone,
                _items(unit, groups.playing[:most], naming, now),
                _items(unit, groups.coming[:most], naming, now),
                _items(unit, groups.over[:most], naming, now),
                len(groups.playing),
                len(groups.coming),
                len(groups.over),
                sum(speaker in online for speaker in there),
                len(there),
                area_choices(by, places.tree),
            )


def today(now: UtcMs, zone: str) -> date:
    return from_utc_ms(now, zone).date()


@dataclass(frozen=True, slots=True)
class _Groups:
    playing: list[Planned]
    coming: list[Planned]
    over: list[Planned]


def _by_phase(unit: Unit, found: Iterable[Planned], now: UtcMs) -> _Groups:
    """Only of what may be playing at this moment the speakers have to be asked."""
    groups = _Groups([], [], [])
    unsure: list[Planned] = []
    for planned in found:
        if now < planned.broadcast.start - SLACK_MS and not planned.cancelled:
            groups.coming.append(planned)
        elif now >= planned.broadcast.hard_end or now < planned.broadcast.start - SLACK_MS:
            groups.over.append(planned)
        else:
            unsure.append(planned)
    counts = unit.playbacks.counts([planned.id for planned in unsure])
    lists = {BroadcastPhase.PLAYING: groups.playing, BroadcastPhase.COMING: groups.coming}
    for planned in unsure:
        lists.get(phase_of(planned, tuple(counts[planned.id]), now), groups.over).append(planned)
    for each in (groups.coming, groups.over):
        each.sort(key=lambda planned: (planned.broadcast.start, planned.broadcast.priority, planned.broadcast.order, planned.id))
    return groups


def _standing(unit: Unit, scope: Scope, begin: UtcMs, end: UtcMs) -> list[Planned]:
    """What is planned and was not replaced by something newer."""
    found = unit.broadcasts.starting(begin, end)
    return [each for each in found if not each.superseded and scope.hears(each.areas, each.speakers)]


def _items(unit: Unit, found: Iterable[Planned], naming: Naming, now: UtcMs) -> tuple[Item, ...]:
    found = list(found)
    counts = unit.playbacks.counts([planned.id for planned in found if planned.version != FORESEEN])
    return tuple(item_of(planned, counts.get(planned.id, {}), naming.of(planned), now) for planned in found)


def item_of(planned: Planned, counts: Mapping[PlaybackState, int], places: str, now: UtcMs) -> Item:
    original, _, repeat = planned.occurrence.partition("/")
    return Item(
        id=planned.id,
        planned=planned.version != FORESEEN,
        schedule=planned.schedule,
        bulletin=planned.bulletin,
        title=planned.title,
        priority=planned.broadcast.priority,
        phase=phase_of(planned, tuple(counts), now),
        start=planned.broadcast.start,
        duration=planned.broadcast.duration,
        time_zone=planned.time_zone,
        places_sentence=places,
        original=original,
        repeat=int(repeat) if repeat else 1,
        counts=tuple(sorted(counts.items())),
    )
