"""The programme: what is heard from one day to another, planned already or foreseen from the schedules."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from controller.desk.foreseen import FORESEEN, foreseen
from controller.desk.pending import Pending, pending
from controller.desk.room import Room
from controller.desk.scope import AreaChoice, Scope, area_choices, scope_of
from controller.desk.values import BroadcastPhase, Person
from controller.desk.views import phase_of, targets_of
from controller.locality import Locality, day_start
from controller.store import programme as store
from controller.store.unit import Unit
from controller.store.values import Planned
from schedules.model import Priority, Targets
from schedules.states import PlaybackState
from schedules.units import AreaId, BroadcastId, BulletinId, DurationMs, ScheduleId, UtcMs
from schedules.wall import from_utc_ms

DAY_MS = 86_400_000
ROLL_MS = 2 * 3_600_000
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
    waiting: tuple[Pending, ...] = ()
    """What would be heard beside these lines if what waits were approved."""


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
        self._known: dict[Targets, str] = {}

    def of(self, planned: Planned) -> str:
        return self.at(Targets(planned.areas, planned.speakers))

    def at(self, targets: Targets) -> str:
        if targets not in self._known:
            self._known[targets] = targets_of(targets, self._places)
        return self._known[targets]


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
            scope, naming = scope_of(by, places, area), Naming(places)
            looked = _Looked(unit, scope, self._horizon(now), begin, end)
            items = _items(unit, looked.page(skip, most), naming, now)
            # On a page of many, what waits between its first line and the first of the next.
            since = items[0].start if skip and items else begin
            until = items[-1].start if items and skip + len(items) < looked.total else end
            waiting = pending(unit, scope, naming.at, UtcMs(max(now, since)), until)
            return Span(first, days, zone, items, looked.total, areas, waiting)

    def _horizon(self, now: UtcMs) -> UtcMs:
        return UtcMs(now + self._room.planner.horizon_days * DAY_MS)

    def board(self, by: Person, day: date | None, area: AreaId | None = None, *, most: int = 60) -> Board:
        """One day (None: today): what plays, what comes and what is over."""
        with self._room.store.read() as unit:
            now, places = self._room.now(), self._room.places(unit)
            zone, scope = places.zone(area), scope_of(by, places, area)
            shown = day or today(now, zone)
            groups = _Groups([], [], [])
            if shown.year in YEARS and (shown + timedelta(days=1)).year in YEARS:
                begin, end = day_start(shown, zone), day_start(shown + timedelta(days=1), zone)
                groups = _by_phase(unit, _Looked(unit, scope, self._horizon(now), begin, end), now)
            naming = Naming(places)

            def items(group: list[BroadcastId | Planned]) -> tuple[Item, ...]:
                return _items(unit, _whole(unit, group[:most]), naming, now)

            there = [speaker for speaker in places.where if scope.has(speaker)]
            online = unit.places.online()
            return Board(
                shown,
                zone,
                items(groups.playing),
                items(groups.coming),
                items(groups.over[::-1]),
                len(groups.playing),
                len(groups.coming),
                len(groups.over),
                sum(speaker in online for speaker in there),
                len(there),
                area_choices(by, places.tree),
            )


class _Looked:
    """What of some days is heard in a scope: what is planned stays in the database, what is foreseen comes after."""

    def __init__(self, unit: Unit, scope: Scope, horizon: UtcMs, begin: UtcMs, end: UtcMs) -> None:
        self._unit, self._begin, self._end = unit, begin, end
        self._routes = scope.routes()
        self._programme = store.Programme(unit.connection)
        # The roll is hourly: what it will plan next is foreseen until then.
        edge = UtcMs(max(begin, horizon - ROLL_MS))
        self.foreseen: list[Planned] = []
        if edge < end:
            ids = self._programme.page(edge, end, self._routes, 0, 1_000_000)
            known = {(planned.schedule, planned.occurrence) for planned in unit.broadcasts.many(ids)}
            ahead = foreseen(unit, scope, edge, end)
            self.foreseen = sorted(
                (planned for planned in ahead if (planned.schedule, planned.occurrence) not in known), key=_order
            )
        self._standing = self._programme.count(begin, end, self._routes)

    @property
    def total(self) -> int:
        return self._standing + len(self.foreseen)

    def page(self, skip: int, most: int) -> list[Planned]:
        ids = self._programme.page(self._begin, self._end, self._routes, skip, most) if skip < self._standing else ()
        rest = max(0, skip - self._standing)
        ahead = self.foreseen[rest : rest + most - len(ids)]
        return sorted([*self._unit.broadcasts.many(ids), *ahead], key=_order)

    def outline(self) -> tuple[store.Outline, ...]:
        return self._programme.outline(self._begin, self._end, self._routes)


def today(now: UtcMs, zone: str) -> date:
    return from_utc_ms(now, zone).date()


@dataclass(frozen=True, slots=True)
class _Groups:
    """In the order of the programme; what is planned by its id."""

    playing: list[BroadcastId | Planned]
    coming: list[BroadcastId | Planned]
    over: list[BroadcastId | Planned]


def _by_phase(unit: Unit, looked: _Looked, now: UtcMs) -> _Groups:
    """Only of what may be playing at this moment the speakers have to be asked."""
    outlines = looked.outline()
    unsure = [each.id for each in outlines if each.start - SLACK_MS <= now < each.hard_end]
    counts = unit.playbacks.counts(unsure)
    phases = {planned.id: phase_of(planned, tuple(counts[planned.id]), now) for planned in unit.broadcasts.many(unsure)}
    groups = _Groups([], [], [])
    for each in outlines:
        waits = now < each.start and not each.cancelled
        phase = phases.get(each.id, BroadcastPhase.COMING if waits else BroadcastPhase.OVER)
        if phase is BroadcastPhase.PLAYING:
            groups.playing.append(each.id)
        else:
            (groups.coming if phase is BroadcastPhase.COMING else groups.over).append(each.id)
    groups.coming.extend(looked.foreseen)
    return groups


def _whole(unit: Unit, group: list[BroadcastId | Planned]) -> list[Planned]:
    """The broadcasts of a group, in its order."""
    found = {planned.id: planned for planned in unit.broadcasts.many([e for e in group if not isinstance(e, Planned)])}
    return [each if isinstance(each, Planned) else found[each] for each in group]


def _order(planned: Planned) -> tuple[UtcMs, Priority, int, BroadcastId]:
    """What sounds first, of the same moment what wins."""
    broadcast = planned.broadcast
    return broadcast.start, broadcast.priority, broadcast.order, planned.id


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
