"""The timetable as an iCalendar file, and bringing in one: each event is looked at before anything is kept.

Every call is one unit of work. What is brought in is read and checked anew in the transaction that proposes it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from controller.desk.changes import Changes, Proposed
from controller.desk.clashes import clashes_of
from controller.desk.orders import (
    coming_of,
    content_of,
    refuse_loud,
    speakers_of,
    starts_of,
    zone_of_targets,
)
from controller.desk.refusal import Refusal, forbidden
from controller.desk.room import Room
from controller.desk.scope import Scope, scope_of
from controller.desk.sentences import schedule_words
from controller.desk.sight import require_heard, sees_bulletin, sees_targets
from controller.desk.timetable import checked
from controller.desk.values import Person
from controller.folding import fold
from controller.ical import Entry, Fault, Series, export, read
from controller.ids import new_id
from controller.language import _, n_
from controller.locality import Locality
from controller.rights import Operation
from controller.store.changes import Item
from controller.store.unit import Unit
from controller.store.values import Bulletin
from schedules.model import Priority, Schedule, Targets
from schedules.units import AreaId, BulletinId, DurationMs, Percent, ScheduleId

MOST_ROWS = 200
"""Events of one import."""
MOST_BULLETINS = 1_000
"""So many of the newest are looked through for the title of an event."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a person says of an import: where, how important, how loud, and which bulletin each event plays.

    `bulletins` is by the event's place in the file, "" for one that is left out; None while nothing was chosen.
    """

    targets: Targets
    priority: Priority = Priority.NORMAL
    volume: Percent = Percent(80)
    bulletins: Mapping[int, str] | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One event: `trouble` says why it cannot be kept as it is."""

    number: int
    title: str
    line: int
    words: str
    bulletin: str
    starts: tuple[datetime, ...] = ()
    clashes: tuple[str, ...] = ()
    night: bool = False
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What was read: the events, what could not be read, and the bulletins to choose from."""

    rows: tuple[Row, ...]
    faults: tuple[Fault, ...]
    bulletins: tuple[Bulletin, ...]

    @property
    def ready(self) -> bool:
        """Something is chosen, and nothing that is chosen is in trouble."""
        chosen = [row for row in self.rows if row.bulletin]
        return bool(chosen) and not any(row.trouble for row in chosen)


class Calendars:
    def __init__(self, room: Room) -> None:
        self.room = room

    def export(self, by: Person, area: AreaId | None = None) -> bytes:
        """The schedules that still bring something in the places of `by`, or in `area`."""
        with self.room.store.read() as unit:
            places = self.room.places(unit)
            if area is not None and area not in places.tree.areas:
                raise Refusal("unknown-area", n_("Không có địa bàn này. Hãy chọn lại địa bàn."), status=404)
            scope = scope_of(by, places, area)
            found = [each for each in unit.broadcasts.live_schedules() if sees_targets(scope, each.targets)]
            name = places.tree.area(area).full_name if area else _("Lịch phát thanh")
            played = {b for each in found for b in (each.bulletin, *(r for _at, r in each.replaced))}
            titles = {each: _title(unit, each) for each in played}
            return export([_entry(unit, each, titles) for each in found], name, self.room.now(), titles)

    def look(self, data: bytes, plan: Plan, by: Person) -> Sheet:
        """What bringing it in would do; stores nothing. Raises Refusal when the places cannot be."""
        with self.room.store.read() as unit:
            return self._sheet(unit, data, plan, by)

    def keep(self, data: bytes, plan: Plan, by: Person) -> tuple[Proposed, ...]:
        """Propose every event that has a bulletin, one change per bulletin; Refusal when any of them cannot be."""
        with self.room.store.write() as unit:
            self._require(unit, plan, by)
            rows = self._sheet(unit, data, plan, by).rows
            chosen = [row for row in rows if row.bulletin]
            if not chosen:
                raise Refusal("nothing-chosen", n_("Chưa chọn bản tin cho mục nào. Hãy chọn ít nhất một mục."))
            for row in chosen:
                if row.trouble:
                    raise Refusal(
                        "row", n_("Mục “%(title)s”: %(why)s"), params={"title": row.title, "why": row.trouble}
                    )
            read_anew = read(data, self._zone(unit, plan.targets)).series
            return self._propose(unit, chosen, read_anew, plan, by)

    def _propose(
        self, unit: Unit, chosen: Sequence[Row], series: Sequence[Series], plan: Plan, by: Person
    ) -> tuple[Proposed, ...]:
        of: dict[BulletinId, list[Item]] = {}
        for row in chosen:
            made = _schedule(series[row.number], plan, BulletinId(row.bulletin))
            of.setdefault(made.bulletin, []).append(Item(made.id, None, made))
        return tuple(Changes(self.room).propose_in(unit, bulletin, items, by) for bulletin, items in of.items())

    def _require(self, unit: Unit, plan: Plan, by: Person) -> None:
        if plan.priority is Priority.EMERGENCY:
            raise Refusal(
                "no-emergency",
                n_("Không nhập lịch khẩn cấp từ tệp được. Hãy lên lịch khẩn cấp riêng và xác nhận nơi phát."),
                field="priority",
            )
        places = self.room.places(unit)
        speakers_of(places, plan.targets)
        require_heard(places, by, Operation.COMPOSE, plan.targets)

    def _zone(self, unit: Unit, targets: Targets) -> str:
        places = self.room.places(unit)
        return places.zone(next((area for area in targets.areas if area in places.tree.areas), None))

    def _sheet(self, unit: Unit, data: bytes, plan: Plan, by: Person) -> Sheet:
        places = self.room.places(unit)
        found = read(data, self._zone(unit, plan.targets))
        faults = list(found.faults)
        if len(found.series) > MOST_ROWS:
            faults.append(Fault(0, "", n_("Chỉ nhập được 200 sự kiện mỗi lần. Hãy chia tệp thành nhiều phần.")))
        known = self._bulletins(unit, scope_of(by, places), by)
        rows = [self._row(unit, n, each, plan, known, places) for n, each in enumerate(found.series[:MOST_ROWS])]
        return Sheet(tuple(rows), tuple(faults), tuple(known))

    def _bulletins(self, unit: Unit, scope: Scope, by: Person) -> list[Bulletin]:
        """Those that may be played: with a sound, in the person's places."""
        newest = unit.bulletins.newest(MOST_BULLETINS)
        return [each for each in newest if sees_bulletin(unit, scope, by, each) and unit.bulletins.clips(each.id)]

    def _row(
        self, unit: Unit, number: int, series: Series, plan: Plan, known: Sequence[Bulletin], places: Locality
    ) -> Row:
        if plan.bulletins is None:
            bulletin = next((each.id for each in known if fold(each.title) == fold(series.title)), BulletinId(""))
        else:
            bulletin = BulletinId(plan.bulletins.get(number, ""))
        row = Row(number, series.title, series.line, schedule_words(series.timing), bulletin)
        if not bulletin or not (plan.targets.areas or plan.targets.speakers or plan.targets.groups):
            return row
        if all(each.id != bulletin for each in known):
            raise forbidden()
        try:
            return self._checked(unit, row, _schedule(series, plan, bulletin), places)
        except Refusal as refusal:
            return replace(row, trouble=_(refusal.message) % refusal.params)

    def _checked(self, unit: Unit, row: Row, schedule: Schedule, places: Locality) -> Row:
        content_of(unit, schedule.bulletin)
        speakers = speakers_of(places, schedule.targets)
        refuse_loud(places, speakers, schedule.volume)
        coming = coming_of(unit, schedule, places, self.room.now())
        checks = checked(unit, places, [schedule], (), self.room)
        zone = zone_of_targets(places, schedule.targets, speakers)
        return replace(
            row,
            starts=starts_of(coming, zone)[:3],
            clashes=tuple(each.sentence for each in clashes_of(checks, schedule, zone)),
            night=checks.night,
        )


def _schedule(series: Series, plan: Plan, bulletin: BulletinId) -> Schedule:
    return replace(
        series.timing,
        id=ScheduleId(new_id("sc")),
        bulletin=bulletin,
        targets=plan.targets,
        priority=plan.priority,
        volume=plan.volume,
    )


def _title(unit: Unit, bulletin: BulletinId) -> str:
    found = unit.bulletins.get(bulletin)
    return found.title if found else ""


def _entry(unit: Unit, schedule: Schedule, titles: Mapping[BulletinId, str]) -> Entry:
    try:
        words = schedule_words(schedule)
    except ValueError:
        words = ""
    return Entry(schedule, titles[schedule.bulletin], words, _duration(unit, schedule.bulletin))


def _duration(unit: Unit, bulletin: BulletinId) -> DurationMs:
    return DurationMs(sum(clip.ref.duration for clip in unit.bulletins.clips(bulletin)))
