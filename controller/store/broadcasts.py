"""Repository of schedules, broadcasts, their revisions and routes, and the day plans."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from controller.store import schema
from controller.store.series import series_from, series_json, targets_from, targets_json
from controller.store.upsert import add_missing, add_rows, among, parts, put_rows
from controller.store.values import Due, Ended, PlanDocument, Planned, Revision
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
        row.superseded,
    )


def _due(row: sa.Row[Any]) -> Due:
    try:
        return Due(ScheduleId(row.id), row.made_by, _schedule(row))
    except (ValueError, KeyError, TypeError) as error:
        return Due(ScheduleId(row.id), row.made_by, None, error)


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


def _values(planned: Planned) -> dict[str, Any]:
    broadcast = planned.broadcast
    return {
        "id": broadcast.id,
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
        "clips": tuple((c.id, c.size_bytes, c.duration, c.index_sha256) for c in broadcast.clips),
        "time_zone": planned.time_zone,
        "areas": planned.areas,
        "speakers": planned.speakers,
        "excluded": planned.excluded,
        "epoch": planned.version.epoch,
        "revision": planned.version.revision,
        "cancelled": planned.cancelled,
        "stopped": planned.stopped,
        "superseded": planned.superseded,
        "made_ms": planned.made,
        "made_by": planned.made_by,
    }


def _plan_document(row: sa.Row[Any]) -> PlanDocument:
    return PlanDocument(Version(row.epoch, row.revision), row.entries_sha256, row.payload, UtcMs(row.expires_ms))


class Broadcasts:
    def __init__(self, connection: sa.Connection) -> None:
        self._c = connection

    def add_schedule(self, schedule: Schedule, made: UtcMs, made_by: str) -> None:
        values = {"id": schedule.id, "made_ms": made, "made_by": made_by, **_schedule_values(schedule)}
        self._c.execute(schema.schedules.insert().values(values))

    def put_schedule(self, schedule: Schedule) -> None:
        """Replace what a schedule says; its version rises, and one that had come to its own end may go on again."""
        table = schema.schedules
        values = {**_schedule_values(schedule), "version": table.c.version + 1, "ended": False, "next_ms": 0}
        self._c.execute(table.update().where(table.c.id == schedule.id).values(values))

    def schedule(self, schedule: ScheduleId) -> Schedule | None:
        row = self._c.execute(sa.select(schema.schedules).where(schema.schedules.c.id == schedule)).first()
        return _schedule(row) if row else None

    def due_schedules(self, until: UtcMs) -> tuple[Due, ...]:
        """Schedules that may bring forth something new that starts before `until`, in the order they were made."""
        table = schema.schedules
        query = sa.select(table).where(table.c.ended.is_(False), table.c.next_ms < until)
        return tuple(_due(row) for row in self._c.execute(query.order_by(table.c.made_ms, table.c.id)))

    def schedules(self, schedules: Collection[ScheduleId]) -> Mapping[ScheduleId, Schedule]:
        """Those of `schedules` that are there and can be read."""
        table = schema.schedules
        found: dict[ScheduleId, Schedule] = {}
        for part in parts(sorted(schedules)):
            for row in self._c.execute(sa.select(table).where(table.c.id.in_(part))):
                if (due := _due(row)).schedule is not None:
                    found[due.id] = due.schedule
        return found

    def live_ids(self) -> tuple[ScheduleId, ...]:
        """Schedules that can still bring forth broadcasts, in the order in which they were made."""
        table = schema.schedules
        query = sa.select(table.c.id).where(table.c.ended.is_(False)).order_by(table.c.made_ms, table.c.id)
        return tuple(ScheduleId(each) for each in self._c.execute(query).scalars())

    def live_schedules(self) -> tuple[Schedule, ...]:
        """The same as they stand, without those that cannot be read."""
        table = schema.schedules
        rows = self._c.execute(sa.select(table).where(table.c.ended.is_(False)).order_by(table.c.made_ms, table.c.id))
        return tuple(due.schedule for row in rows if (due := _due(row)).schedule is not None)

    def schedules_of(self, bulletin: BulletinId) -> tuple[Schedule, ...]:
        """All schedules of a bulletin, ended ones too, in the order in which they were made."""
        table = schema.schedules
        query = sa.select(table).where(table.c.bulletin == bulletin).order_by(table.c.made_ms, table.c.id)
        return tuple(_schedule(row) for row in self._c.execute(query))

    def planned_up_to(self, nothing_before: Mapping[ScheduleId, UtcMs]) -> None:
        """Beyond what is planned now, each brings forth nothing that starts before the given time."""
        table = schema.schedules
        rows = [{"schedule": schedule, "next": at} for schedule, at in nothing_before.items()]
        if rows:
            statement = table.update().where(table.c.id == sa.bindparam("schedule"))
            self._c.execute(statement.values(next_ms=sa.bindparam("next")), rows)

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

    def put_many(self, planned: Iterable[Planned]) -> None:
        """Keep each as its newest revision says, made if it is not there."""
        rows = [_values(each) for each in planned]
        put_rows(self._c, schema.broadcasts, ("id",), rows)

    def get(self, broadcast: BroadcastId) -> Planned | None:
        row = self._c.execute(sa.select(schema.broadcasts).where(schema.broadcasts.c.id == broadcast)).first()
        return _planned(row) if row else None

    def many(self, broadcasts: Collection[BroadcastId]) -> tuple[Planned, ...]:
        table = schema.broadcasts
        if not broadcasts:
            return ()
        query = sa.select(table).where(among(self._c, table.c.id, sorted(broadcasts)))
        found = [_planned(row) for row in self._c.execute(query)]
        return tuple(sorted(found, key=lambda planned: (planned.broadcast.start, planned.id)))

    def of_schedules(self, schedules: Collection[ScheduleId], after: UtcMs) -> tuple[Planned, ...]:
        """Broadcasts of `schedules` that start after then, cancelled ones too, by start."""
        table = schema.broadcasts
        found: list[Planned] = []
        for part in parts(sorted(schedules)):
            query = sa.select(table).where(table.c.schedule.in_(part), table.c.start_ms > after)
            found.extend(_planned(row) for row in self._c.execute(query))
        return tuple(sorted(found, key=lambda planned: (planned.broadcast.start, planned.id)))

    def starting(self, begin: UtcMs, end: UtcMs) -> tuple[Planned, ...]:
        """Broadcasts that start in [begin, end), by start."""
        table = schema.broadcasts
        query = sa.select(table).where(table.c.start_ms >= begin, table.c.start_ms < end)
        return tuple(_planned(row) for row in self._c.execute(query.order_by(table.c.start_ms, table.c.id)))

    def heard_after(self, now: UtcMs) -> tuple[ScheduleId, ...]:
        """Schedules with a broadcast that starts after `now`, be it cancelled."""
        table = schema.broadcasts
        query = sa.select(table.c.schedule).where(table.c.start_ms > now).distinct().order_by(table.c.schedule)
        return tuple(self._c.execute(query).scalars())

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

    def add_revisions(self, revisions: Iterable[tuple[Planned, Revision]]) -> None:
        """Each revision as it was sealed, made when and by whom the broadcast says."""
        rows = [
            {
                "broadcast": planned.id,
                "epoch": revision.version.epoch,
                "revision": revision.version.revision,
                "payload": revision.payload,
                "sha256": revision.sha256,
                "expires_ms": revision.expires,
                "made_ms": planned.made,
                "made_by": planned.made_by,
            }
            for planned, revision in revisions
        ]
        add_rows(self._c, schema.broadcast_revisions, rows)

    def newest_revision(self, broadcast: BroadcastId) -> Revision | None:
        table = schema.broadcast_revisions
        query = sa.select(table).where(table.c.broadcast == broadcast)
        row = self._c.execute(query.order_by(table.c.epoch.desc(), table.c.revision.desc()).limit(1)).first()
        if row is None:
            return None
        return Revision(Version(row.epoch, row.revision), row.payload, row.sha256, UtcMs(row.expires_ms))

    def newest_revisions(self, broadcasts: Collection[BroadcastId]) -> Mapping[BroadcastId, Revision]:
        """The newest of each, as a broadcast's own row names it."""
        table, revisions = schema.broadcasts, schema.broadcast_revisions
        newest = sa.and_(
            revisions.c.broadcast == table.c.id,
            revisions.c.epoch == table.c.epoch,
            revisions.c.revision == table.c.revision,
        )
        found: dict[BroadcastId, Revision] = {}
        for part in parts(sorted(broadcasts)):
            query = sa.select(revisions).select_from(table.join(revisions, newest)).where(table.c.id.in_(part))
            for row in self._c.execute(query):
                found[BroadcastId(row.broadcast)] = Revision(
                    Version(row.epoch, row.revision), row.payload, row.sha256, UtcMs(row.expires_ms)
                )
        return found

    def put_payload(self, broadcast: BroadcastId, revision: Revision) -> None:
        """The same revision, signed anew."""
        table, version = schema.broadcast_revisions, revision.version
        found = table.update().where(
            table.c.broadcast == broadcast, table.c.epoch == version.epoch, table.c.revision == version.revision
        )
        self._c.execute(found.values(payload=revision.payload))

    def add_routes(self, broadcast: BroadcastId, routes: Iterable[str]) -> None:
        self.add_route_rows((broadcast, route) for route in routes)

    def add_route_rows(self, links: Iterable[tuple[BroadcastId, str]]) -> None:
        """Add to the union of all routes; a route that is there stays."""
        rows = [{"broadcast": broadcast, "route": route} for broadcast, route in links]
        add_missing(self._c, schema.broadcast_routes, ("broadcast", "route"), rows)

    def routes(self, broadcast: BroadcastId) -> tuple[str, ...]:
        return self.routes_of_many([broadcast]).get(broadcast, ())

    def routes_of_many(self, broadcasts: Collection[BroadcastId]) -> Mapping[BroadcastId, tuple[str, ...]]:
        """The union of the routes of all revisions of each, sorted."""
        table = schema.broadcast_routes
        found: dict[BroadcastId, list[str]] = {}
        for part in parts(sorted(broadcasts)):
            query = sa.select(table).where(table.c.broadcast.in_(part)).order_by(table.c.broadcast, table.c.route)
            for broadcast, route in self._c.execute(query):
                found.setdefault(broadcast, []).append(route)
        return {broadcast: tuple(routes) for broadcast, routes in found.items()}

    def on_routes(
        self, routes: Collection[str], begin: UtcMs, end: UtcMs
    ) -> Mapping[str, tuple[tuple[BroadcastId, Version, str], ...]]:
        """(id, newest version, its sha256) of the broadcasts on each of `routes` that start in [begin, end)."""
        table, links, revisions = schema.broadcasts, schema.broadcast_routes, schema.broadcast_revisions
        newest = sa.and_(
            revisions.c.broadcast == table.c.id,
            revisions.c.epoch == table.c.epoch,
            revisions.c.revision == table.c.revision,
        )
        found: dict[str, list[tuple[BroadcastId, Version, str]]] = {route: [] for route in routes}
        for part in parts(sorted(routes)):
            query = (
                sa.select(links.c.route, table.c.id, table.c.epoch, table.c.revision, revisions.c.sha256)
                .select_from(table.join(links, links.c.broadcast == table.c.id).join(revisions, newest))
                .where(links.c.route.in_(part), table.c.start_ms >= begin, table.c.start_ms < end)
                .order_by(table.c.start_ms, table.c.id)
            )
            for route, known, epoch, revision, sha256 in self._c.execute(query):
                found[route].append((known, Version(epoch, revision), sha256))
        return {route: tuple(entries) for route, entries in found.items()}

    def plans(self, routes: Collection[str], day: str) -> Mapping[str, PlanDocument]:
        """The day's plan of each of `routes` that has one."""
        table = schema.plans
        found: dict[str, PlanDocument] = {}
        for part in parts(sorted(routes)):
            for row in self._c.execute(sa.select(table).where(table.c.route.in_(part), table.c.day == day)):
                found[row.route] = _plan_document(row)
        return found

    def plan(self, route: str, day: str) -> PlanDocument | None:
        table = schema.plans
        row = self._c.execute(sa.select(table).where(table.c.route == route, table.c.day == day)).first()
        return _plan_document(row) if row else None

    def live_plans(self, now: UtcMs) -> Mapping[str, Mapping[str, PlanDocument]]:
        """Day → route → plan, of all that have not expired."""
        table = schema.plans
        found: dict[str, dict[str, PlanDocument]] = {}
        for row in self._c.execute(sa.select(table).where(table.c.expires_ms > now)):
            found.setdefault(row.day, {})[row.route] = _plan_document(row)
        return found

    def put_plans(self, day: str, plans: Mapping[str, PlanDocument]) -> None:
        """Keep the day's plan of each route."""
        rows = [
            {
                "route": route,
                "day": day,
                "epoch": plan.version.epoch,
                "revision": plan.version.revision,
                "entries_sha256": plan.entries_sha256,
                "payload": plan.payload,
                "expires_ms": plan.expires,
            }
            for route, plan in plans.items()
        ]
        put_rows(self._c, schema.plans, ("route", "day"), rows)
