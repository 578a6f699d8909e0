"""Repository of schedules, broadcasts, their revisions and routes, and the day plans."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from controller.store import schema
from controller.store.series import series_from, series_json, targets_from, targets_json
from controller.store.upsert import upsert
from controller.store.values import Ended, PlanDocument, Planned, Revision
from protocol.versions import Version
from schedules.model import Broadcast, ClipRef, Priority, Schedule, StartRule
from schedules.units import (
    AreaId,
    BroadcastId,
    BulletinId,
    ClipId,
    DurationMs,
    Percent,
    ScheduleId,
    SpeakerId,
    UtcMs,
)


def _schedule(row: sa.Row[Any]) -> Schedule:
    return Schedule(
        id=ScheduleId(row.id),
        bulletin=BulletinId(row.bulletin),
        local_start=datetime.fromisoformat(row.local_start),
        time_zone=row.time_zone,
        targets=targets_from(row.targets),
        priority=Priority(row.priority),
        rrule=row.rrule,
        exceptions=frozenset(datetime.fromisoformat(text) for text in row.exceptions),
        volume=Percent(row.volume),
        rule=StartRule(row.rule),
        grace=DurationMs(row.grace_ms),
        **series_from(row.series),
    )


def _clips(value: Iterable[Any]) -> tuple[ClipRef, ...]:
    return tuple(ClipRef(ClipId(c[0]), c[1], DurationMs(c[2]), c[3]) for c in value)


def _planned(row: sa.Row[Any]) -> Planned:
    broadcast = Broadcast(
        id=BroadcastId(row.id),
        priority=Priority(row.priority),
        start=UtcMs(row.start_ms),
        latest_start=UtcMs(row.latest_start_ms),
        hard_end=UtcMs(row.hard_end_ms),
        rule=StartRule(row.rule),
        volume=Percent(row.volume),
        clips=_clips(row.clips),
        order=row.ord,
    )
    return Planned(
        broadcast,
        ScheduleId(row.schedule),
        BulletinId(row.bulletin),
        row.title,
        row.time_zone,
        tuple(AreaId(a) for a in row.areas),
        tuple(SpeakerId(s) for s in row.speakers),
        tuple(SpeakerId(s) for s in row.excluded),
        Version(row.epoch, row.revision),
        row.cancelled,
        row.stopped,
        UtcMs(row.made_ms),
        row.made_by,
        row.occurrence,
    )


def _schedule_values(schedule: Schedule) -> dict[str, Any]:
    return {
        "bulletin": schedule.bulletin,
        "local_start": schedule.local_start.isoformat(),
        "time_zone": schedule.time_zone,
        "targets": targets_json(schedule.targets),
        "priority": int(schedule.priority),
        "rrule": schedule.rrule,
        "exceptions": sorted(at.isoformat() for at in schedule.exceptions),
        "volume": schedule.volume,
        "rule": schedule.rule.value,
        "grace_ms": schedule.grace,
        "series": series_json(schedule),
    }


class Broadcasts:
    def __init__(self, connection: sa.Connection) -> None:
        self._c = connection

    def add_schedule(self, schedule: Schedule, made: UtcMs, made_by: str) -> None:
        values = {"id": schedule.id, "made_ms": made, "made_by": made_by, **_schedule_values(schedule)}
        self._c.execute(schema.schedules.insert().values(values))

    def put_schedule(self, schedule: Schedule) -> None:
        """Replace what a schedule says; its version rises."""
        table = schema.schedules
        values = {**_schedule_values(schedule), "version": table.c.version + 1}
        self._c.execute(table.update().where(table.c.id == schedule.id).values(values))

    def schedule(self, schedule: ScheduleId) -> Schedule | None:
        row = self._c.execute(sa.select(schema.schedules).where(schema.schedules.c.id == schedule)).first()
        return _schedule(row) if row else None

    def live_schedules(self) -> tuple[tuple[ScheduleId, str], ...]:
        """Schedules that can still bring forth broadcasts, each with the person who made it."""
        table = schema.schedules
        query = sa.select(table.c.id, table.c.made_by).where(table.c.ended.is_(False))
        rows = self._c.execute(query.order_by(table.c.made_ms, table.c.id))
        return tuple((ScheduleId(row.id), row.made_by) for row in rows)

    def exhaust_schedule(self, schedule: ScheduleId) -> None:
        """It came to its own end: nothing more is to be planned of it."""
        table = schema.schedules
        self._c.execute(table.update().where(table.c.id == schedule).values(ended=True))

    def end_schedule(self, schedule: ScheduleId, ended: Ended) -> None:
        """A person ended it."""
        table = schema.schedules
        values = {"ended": True, "ended_ms": ended.at, "ended_by": ended.by}
        self._c.execute(table.update().where(table.c.id == schedule).values(values))

    def schedule_ended(self, schedule: ScheduleId) -> Ended | None:
        """When and by whom; None while nobody has ended it."""
        table = schema.schedules
        query = sa.select(table.c.ended_ms, table.c.ended_by).where(table.c.id == schedule, table.c.ended_ms > 0)
        row = self._c.execute(query).first()
        return Ended(UtcMs(row.ended_ms), row.ended_by) if row else None

    def put(self, planned: Planned) -> None:
        broadcast = planned.broadcast
        values = {
            "schedule": planned.schedule,
            "bulletin": planned.bulletin,
            "title": planned.title,
            "occurrence": planned.occurrence,
            "priority": int(broadcast.priority),
            "start_ms": broadcast.start,
            "latest_start_ms": broadcast.latest_start,
            "hard_end_ms": broadcast.hard_end,
            "rule": broadcast.rule.value,
            "volume": broadcast.volume,
            "ord": broadcast.order,
            "clips": [[c.id, c.size_bytes, c.duration, c.index_sha256] for c in broadcast.clips],
            "time_zone": planned.time_zone,
            "areas": list(planned.areas),
            "speakers": list(planned.speakers),
            "excluded": list(planned.excluded),
            "epoch": planned.version.epoch,
            "revision": planned.version.revision,
            "cancelled": planned.cancelled,
            "stopped": planned.stopped,
            "made_ms": planned.made,
            "made_by": planned.made_by,
        }
        upsert(self._c, schema.broadcasts, {"id": broadcast.id}, values)

    def get(self, broadcast: BroadcastId) -> Planned | None:
        row = self._c.execute(sa.select(schema.broadcasts).where(schema.broadcasts.c.id == broadcast)).first()
        return _planned(row) if row else None

    def many(self, broadcasts: Collection[BroadcastId]) -> tuple[Planned, ...]:
        table = schema.broadcasts
        query = sa.select(table).where(table.c.id.in_(sorted(broadcasts))).order_by(table.c.start_ms, table.c.id)
        return tuple(_planned(row) for row in self._c.execute(query))

    def starting(self, begin: UtcMs, end: UtcMs) -> tuple[Planned, ...]:
        """Broadcasts that start in [begin, end), by start."""
        table = schema.broadcasts
        query = sa.select(table).where(table.c.start_ms >= begin, table.c.start_ms < end)
        return tuple(_planned(row) for row in self._c.execute(query.order_by(table.c.start_ms, table.c.id)))

    def coming(self, schedule: ScheduleId, now: UtcMs) -> tuple[Planned, ...]:
        """Broadcasts of `schedule` that start after `now`, cancelled ones too, by start."""
        table = schema.broadcasts
        query = sa.select(table).where(table.c.schedule == schedule, table.c.start_ms > now)
        return tuple(_planned(row) for row in self._c.execute(query.order_by(table.c.start_ms, table.c.id)))

    def live(self, now: UtcMs) -> tuple[Planned, ...]:
        """Broadcasts whose hard end has not passed, cancelled ones too."""
        table = schema.broadcasts
        query = sa.select(table).where(table.c.hard_end_ms > now).order_by(table.c.start_ms, table.c.id)
        return tuple(_planned(row) for row in self._c.execute(query))

    def add_revision(self, broadcast: BroadcastId, revision: Revision, made: UtcMs, made_by: str) -> None:
        self._c.execute(
            schema.broadcast_revisions.insert().values(
                broadcast=broadcast,
                epoch=revision.version.epoch,
                revision=revision.version.revision,
                payload=revision.payload,
                sha256=revision.sha256,
                expires_ms=revision.expires,
                made_ms=made,
                made_by=made_by,
            )
        )

    def newest_revision(self, broadcast: BroadcastId) -> Revision | None:
        table = schema.broadcast_revisions
        query = sa.select(table).where(table.c.broadcast == broadcast)
        row = self._c.execute(query.order_by(table.c.epoch.desc(), table.c.revision.desc()).limit(1)).first()
        if row is None:
            return None
        return Revision(Version(row.epoch, row.revision), row.payload, row.sha256, UtcMs(row.expires_ms))

    def add_routes(self, broadcast: BroadcastId, routes: Iterable[str]) -> None:
        for route in routes:
            upsert(self._c, schema.broadcast_routes, {"broadcast": broadcast, "route": route}, {})

    def routes(self, broadcast: BroadcastId) -> tuple[str, ...]:
        table = schema.broadcast_routes
        query = sa.select(table.c.route).where(table.c.broadcast == broadcast).order_by(table.c.route)
        return tuple(self._c.execute(query).scalars())

    def on_route(self, route: str, begin: UtcMs, end: UtcMs) -> tuple[tuple[BroadcastId, Version, str], ...]:
        """(id, newest version, its sha256) of the broadcasts on `route` that start in [begin, end)."""
        table, links, revisions = schema.broadcasts, schema.broadcast_routes, schema.broadcast_revisions
        query = (
            sa.select(table.c.id, table.c.epoch, table.c.revision, revisions.c.sha256)
            .join(links, links.c.broadcast == table.c.id)
            .join(
                revisions,
                sa.and_(
                    revisions.c.broadcast == table.c.id,
                    revisions.c.epoch == table.c.epoch,
                    revisions.c.revision == table.c.revision,
                ),
            )
            .where(links.c.route == route, table.c.start_ms >= begin, table.c.start_ms < end)
            .order_by(table.c.start_ms, table.c.id)
        )
        return tuple((row.id, Version(row.epoch, row.revision), row.sha256) for row in self._c.execute(query))

    def plan(self, route: str, day: str) -> PlanDocument | None:
        table = schema.plans
        row = self._c.execute(sa.select(table).where(table.c.route == route, table.c.day == day)).first()
        if row is None:
            return None
        return PlanDocument(Version(row.epoch, row.revision), row.entries_sha256, row.payload, UtcMs(row.expires_ms))

    def put_plan(self, route: str, day: str, plan: PlanDocument) -> None:
        values = {
            "epoch": plan.version.epoch,
            "revision": plan.version.revision,
            "entries_sha256": plan.entries_sha256,
            "payload": plan.payload,
            "expires_ms": plan.expires,
        }
        upsert(self._c, schema.plans, {"route": route, "day": day}, values)
