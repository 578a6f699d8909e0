"""Which rows of the audit a person may read: those about places where they may, and their own."""

from collections.abc import Collection
from dataclasses import dataclass, field

import sqlalchemy as sa

from controller.desk.values import Person
from controller.locality import Locality
from controller.rights import EVERYWHERE, TABLE, Operation, places_of
from controller.store import schema
from controller.store.audit import Entry
from controller.store.unit import Unit
from schedules.units import AreaId, RecordingId, ScheduleId, SpeakerId


def sees_all(by: Person) -> bool:
    """Whether `by` may read the audit of the whole site."""
    return any(grant.area == EVERYWHERE and Operation.AUDIT in TABLE[grant.role] for grant in by.grants)


@dataclass
class Scope:
    """Asked for one row after the other; what it found out about a subject it keeps."""

    unit: Unit
    places: Locality
    by: Person
    _known: dict[str, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._all = sees_all(self.by)
        self._mine = places_of(self.by.grants, Operation.AUDIT, self.places.tree)

    def shows(self, entry: Entry) -> bool:
        if self._all or entry.who == self.by.username:
            return True
        if entry.subject not in self._known:
            self._known[entry.subject] = not self._mine.isdisjoint(self._areas(entry.subject))
        return self._known[entry.subject]

    def _areas(self, subject: str) -> Collection[AreaId]:
        """Where a subject belongs; nowhere for what concerns the whole site."""
        thing, _, name = subject.partition(":")
        match thing:
            case "area":
                return self._with_successors(AreaId(name))
            case "speaker":
                here = self.places.where.get(SpeakerId(name))
                return [here] if here else []
            case "group" if name in (groups := {str(key): group.area for key, group in self.places.groups.items()}):
                return [groups[name]]
            case "bulletin":
                return self._of_bulletin(name)
            case "schedule":
                return self._of_schedule(name)
            case "broadcast":
                return self._of_schedule(self._told(schema.broadcasts, "schedule", name))
            case "change":
                return self._of_bulletin(self._told(schema.changes, "bulletin", name))
            case "clip":
                return self._of_clip(name)
            case "template":
                own = self._told(schema.programme_templates, "area", name)
                return [AreaId(own)] if own else []
            case "recording":
                return [area for area, _ in self.unit.recordings.holders(RecordingId(name)) if area]
            case "person":
                return self._of_person(name)
        return []

    def _told(self, table: sa.Table, column: str, key: str) -> str:
        return str(self.unit.connection.execute(sa.select(table.c[column]).where(table.c.id == key)).scalar() or "")

    def _with_successors(self, area: AreaId) -> list[AreaId]:
        """An area that has ended belongs to those that took its place."""
        table, found, asked = schema.area_successors, [area], {area}
        for each in found:
            rows = self.unit.connection.execute(sa.select(table.c.successor).where(table.c.area == each)).scalars()
            fresh = [AreaId(row) for row in rows if row not in asked]
            found.extend(fresh)
            asked.update(fresh)
        return found

    def _of_bulletin(self, bulletin: str) -> set[AreaId]:
        own = self._told(schema.bulletins, "area", bulletin)
        found = {AreaId(own)} if own else set()
        table = schema.schedules
        for schedule in self.unit.connection.execute(sa.select(table.c.id).where(table.c.bulletin == bulletin)):
            found.update(self._of_schedule(schedule.id))
        return found

    def _of_clip(self, clip: str) -> set[AreaId]:
        table = schema.bulletin_clips
        using = self.unit.connection.execute(sa.select(table.c.bulletin).where(table.c.clip == clip)).scalars()
        return {area for bulletin in list(using) for area in self._of_bulletin(bulletin)}

    def _of_schedule(self, schedule: str) -> set[AreaId]:
        kept = self.unit.broadcasts.schedule(ScheduleId(schedule)) if schedule else None
        if kept is None:
            return set()
        heard = {self.places.where[speaker] for speaker in self.places.addressed(kept.targets)}
        return {*kept.targets.areas, *heard}

    def _of_person(self, username: str) -> list[AreaId]:
        user = self.unit.people.by_username(username) or self.unit.people.by_id(username)
        return [grant.area for grant in self.unit.people.grants(user.id)] if user else []
