"""Repository of what waits to be approved, of the digests that were, and of what approvers listened to."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from controller.store import schema
from controller.store.series import schedule_from, schedule_json
from controller.store.upsert import parts, upsert
from controller.store.values import ChangeId, Content
from schedules.model import Priority, Schedule
from schedules.units import BulletinId, ClipId, ScheduleId, UtcMs

EDITED = "bulletin.edit"
"""How the audit names an edit of a bulletin."""


class ChangeState(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    """The bulletin was edited before anybody decided; its items wait to be submitted with the new text."""


@dataclass(frozen=True, slots=True)
class Item:
    """One schedule of a change: None before is a new one, None after an ended one, the same twice one that is kept
    while what it plays changes. `at_once`: begins when it is approved, whenever that is."""

    schedule: ScheduleId
    before: Schedule | None
    after: Schedule | None
    at_once: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody asks to be approved, and what became of it."""

    id: ChangeId
    bulletin: BulletinId
    state: ChangeState
    items: tuple[Item, ...]
    contents: Mapping[BulletinId, Content]
    """Of every bulletin that the items play."""
    digest: str
    night: bool
    confirmed_by: str
    confirmed: UtcMs
    decided_by: str
    decided: UtcMs
    reason: str
    one_person: bool
    made: UtcMs
    made_by: str


@dataclass(frozen=True, slots=True)
class Listening:
    """How much of a clip a person has heard (`heard` ms), since they first fetched it."""

    heard_ms: int
    since: UtcMs


def content_json(content: Content) -> dict[str, Any]:
    return {
        "title": content.title,
        "text": content.text,
        "spoken": content.spoken,
        "priority": int(content.priority),
        "clips": list(content.clips),
    }


def content_from(value: Mapping[str, Any]) -> Content:
    return Content(
        value["title"],
        value["text"],
        value["spoken"],
        Priority(value["priority"]),
        tuple(ClipId(clip) for clip in value["clips"]),
    )


def item_json(item: Item) -> dict[str, Any]:
    """Without what is not there: canonical JSON knows no null."""
    sides = {"before": item.before, "after": item.after}
    told = {side: schedule_json(schedule) for side, schedule in sides.items() if schedule is not None}
    return {"schedule": item.schedule, "at_once": item.at_once, **told}


def _item(value: Mapping[str, Any]) -> Item:
    before, after = (schedule_from(value[side]) if side in value else None for side in ("before", "after"))
    return Item(ScheduleId(value["schedule"]), before, after, value["at_once"])


def _change(row: sa.Row[Any]) -> Change:
    return Change(
        ChangeId(row.id),
        BulletinId(row.bulletin),
        ChangeState(row.state),
        tuple(_item(each) for each in row.items),
        {BulletinId(bulletin): content_from(content) for bulletin, content in row.content.items()},
        row.digest,
        row.night,
        row.confirmed_by,
        UtcMs(row.confirmed_ms),
        row.decided_by,
        UtcMs(row.decided_ms),
        row.reason,
        row.one_person,
        UtcMs(row.made_ms),
        row.made_by,
    )


class Approvals:
    def __init__(self, connection: sa.Connection) -> None:
        self._c = connection

    def put(self, change: Change) -> None:
        values = {
            "bulletin": change.bulletin,
            "state": change.state.value,
            "items": [item_json(item) for item in change.items],
            "content": {bulletin: content_json(content) for bulletin, content in change.contents.items()},
            "digest": change.digest,
            "night": change.night,
            "confirmed_by": change.confirmed_by,
            "confirmed_ms": change.confirmed,
            "decided_by": change.decided_by,
            "decided_ms": change.decided,
            "reason": change.reason,
            "one_person": change.one_person,
            "made_ms": change.made,
            "made_by": change.made_by,
        }
        upsert(self._c, schema.changes, {"id": change.id}, values)

    def change(self, change: ChangeId) -> Change | None:
        row = self._c.execute(sa.select(schema.changes).where(schema.changes.c.id == change)).first()
        return _change(row) if row else None

    def of_bulletin(self, bulletin: BulletinId) -> tuple[Change, ...]:
        """All changes of a bulletin, newest first."""
        table = schema.changes
        query = sa.select(table).where(table.c.bulletin == bulletin)
        return tuple(_change(row) for row in self._c.execute(query.order_by(table.c.made_ms.desc(), table.c.id)))

    def in_state(self, *states: ChangeState, limit: int = 500) -> tuple[Change, ...]:
        """Changes in any of `states`, newest first."""
        table = schema.changes
        query = sa.select(table).where(table.c.state.in_([state.value for state in states]))
        rows = self._c.execute(query.order_by(table.c.made_ms.desc(), table.c.id).limit(limit))
        return tuple(_change(row) for row in rows)

    def allow(self, digest: str, schedule: ScheduleId, change: ChangeId, at: UtcMs, by: str) -> None:
        """From now on what has this digest may be signed."""
        values = {"schedule": schedule, "change": change, "made_ms": at, "made_by": by}
        upsert(self._c, schema.approvals, {"digest": digest}, values)

    def allowed_of(self, schedules: Collection[ScheduleId]) -> Mapping[ScheduleId, frozenset[str]]:
        """The digests that were approved, of each of `schedules` that has any."""
        table = schema.approvals
        found: dict[ScheduleId, set[str]] = {}
        for part in parts(sorted(schedules)):
            for row in self._c.execute(sa.select(table.c.schedule, table.c.digest).where(table.c.schedule.in_(part))):
                found.setdefault(row.schedule, set()).add(row.digest)
        return {schedule: frozenset(digests) for schedule, digests in found.items()}

    def forbid(self, schedules: Iterable[ScheduleId]) -> None:
        """Nothing of these may be signed any more."""
        table = schema.approvals
        self._c.execute(table.delete().where(table.c.schedule.in_(sorted(schedules))))

    def editors(self, bulletin: BulletinId) -> frozenset[str]:
        """Who has edited a bulletin since it was made, by their names in the audit."""
        table = schema.audit
        query = sa.select(table.c.who).where(table.c.subject == f"bulletin:{bulletin}", table.c.action == EDITED)
        return frozenset(self._c.execute(query.distinct()).scalars())

    def planned_from(self, now: UtcMs) -> tuple[ScheduleId, ...]:
        """Schedules that nobody ended and that bring forth something from `now`, planned already or to be planned."""
        table, broadcasts = schema.schedules, schema.broadcasts
        coming = sa.select(broadcasts.c.schedule).where(broadcasts.c.start_ms > now, broadcasts.c.cancelled.is_(False))
        query = sa.select(table.c.id).where(
            table.c.ended_ms == 0, sa.or_(table.c.ended.is_(False), table.c.id.in_(coming))
        )
        return tuple(self._c.execute(query.order_by(table.c.made_ms, table.c.id)).scalars())

    def listening(self, user: str, clip: ClipId) -> Listening | None:
        table = schema.listenings
        row = self._c.execute(sa.select(table).where(table.c.user_id == user, table.c.clip == clip)).first()
        return Listening(row.heard_ms, UtcMs(row.at_ms)) if row else None

    def put_listening(self, user: str, clip: ClipId, listening: Listening) -> None:
        values = {"heard_ms": listening.heard_ms, "at_ms": listening.since}
        upsert(self._c, schema.listenings, {"user_id": user, "clip": clip}, values)
