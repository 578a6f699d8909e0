"""From schedules to signed broadcasts, plans and outbox rows, all in the caller's one transaction."""

import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy.exc import OperationalError

from controller.airing import air_clips
from controller.locality import locality
from controller.signing import Signer
from controller.store.outbox import RANK_DOCUMENT, RANK_EMERGENCY
from controller.store.unit import Unit
from controller.store.values import Ended, PlanDocument, Planned, Revision
from protocol.canonical import canonical, sha256_hex
from protocol.messages import BroadcastOrder, Plan, PlanEntry
from protocol.topics import AreaRoute, BroadcastTopic, PlanTopic, Route, SpeakerRoute, build
from protocol.versions import Version
from schedules.expansion import broadcasts_of
from schedules.model import Broadcast, Priority, Schedule, Targets
from schedules.rules import parse_rrule
from schedules.units import AreaId, BroadcastId, ScheduleId, SpeakerId, UtcMs
from schedules.wall import utc_ms

log = logging.getLogger(__name__)

DAY_MS = 86_400_000
KEEP_MS = DAY_MS
"""How long after its hard end a broadcast still stands on the broker."""


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans over a rolling horizon. Every method works inside the given unit of work."""

    signer: Signer
    default_zone: str
    horizon_days: int

    def add_schedule(self, unit: Unit, schedule: Schedule, by: str, now: UtcMs) -> tuple[BroadcastId, ...]:
        """Keep a new schedule and plan its first broadcasts; returns their ids by start."""
        unit.broadcasts.add_schedule(schedule, now, by)
        return self._expand(unit, schedule, by, now)

    def roll(self, unit: Unit, now: UtcMs) -> tuple[BroadcastId, ...]:
        """Plan what has come inside the horizon; asking twice plans nothing twice.

        A schedule that cannot be planned is logged and left as it was, the others are planned. Raises
        OperationalError: what ails the database is no schedule's fault.
        """
        made: list[BroadcastId] = []
        for schedule, by in unit.broadcasts.live_schedules():
            try:
                with unit.attempt():
                    made.extend(self._roll_one(unit, schedule, by, now))
            except OperationalError:
                raise
            except Exception:
                log.exception("the schedule %s cannot be planned; the others are", schedule)
        return tuple(made)

    def _roll_one(self, unit: Unit, schedule: ScheduleId, by: str, now: UtcMs) -> tuple[BroadcastId, ...]:
        found = unit.broadcasts.schedule(schedule)
        return self._expand(unit, found, by, now) if found is not None else ()

    def end_schedule(self, unit: Unit, schedule: ScheduleId, by: str, now: UtcMs) -> None:
        """Plan nothing more of it and take back what has not begun; what plays now goes on to its end."""
        unit.broadcasts.end_schedule(schedule, Ended(now, by))
        for planned in unit.broadcasts.coming(schedule, now):
            self.take_back(unit, planned.id, by, now, stopped=False)
        unit.changed(f"schedule:{schedule}")

    def _expand(self, unit: Unit, schedule: Schedule, by: str, now: UtcMs) -> tuple[BroadcastId, ...]:
        clips = tuple(clip.ref for clip in unit.bulletins.clips(schedule.bulletin))
        until = UtcMs(now + self.horizon_days * DAY_MS)
        coming = broadcasts_of(schedule, clips, now, until)
        known = {planned.id for planned in unit.broadcasts.many([b.id for b in coming])}
        fresh = [broadcast for broadcast in coming if broadcast.id not in known]
        touched: set[tuple[str, str]] = set()
        for broadcast in fresh:
            touched |= self._place(unit, schedule, broadcast, by, now)
        self._replan(unit, touched, now)
        if exhausted(schedule, until):
            unit.broadcasts.exhaust_schedule(schedule.id)
        return tuple(broadcast.id for broadcast in fresh)

    def _place(self, unit: Unit, schedule: Schedule, broadcast: Broadcast, by: str, now: UtcMs) -> set[tuple[str, str]]:
        bulletin = unit.bulletins.get(schedule.bulletin)
        assert bulletin is not None, "a schedule's bulletin is held by a foreign key"
        places = locality(unit, broadcast.start, self.default_zone)
        planned = Planned(
            broadcast=broadcast,
            schedule=schedule.id,
            bulletin=schedule.bulletin,
            title=bulletin.title,
            # People read the times on the wall clock of the first place, not on the schedule's own.
            time_zone=places.zone(schedule.targets.areas[0] if schedule.targets.areas else None),
            areas=schedule.targets.areas,
            speakers=schedule.targets.speakers,
            excluded=(),
            version=Version(unit.site.epoch, 1),
            cancelled=False,
            stopped=False,
            made=now,
            made_by=by,
        )
        unit.broadcasts.put(planned)
        unit.broadcasts.add_routes(planned.id, routes_of(schedule.targets))
        unit.playbacks.plan(planned.id, sorted(places.addressed(schedule.targets)))
        air_clips(unit, [clip.id for clip in broadcast.clips], broadcast.priority, now)
        return self._publish(unit, planned, by, now)

    def _publish(self, unit: Unit, planned: Planned, by: str, now: UtcMs) -> set[tuple[str, str]]:
        """Seal the newest revision and make its topics dirty; returns the plans that it touches."""
        bulletin = unit.bulletins.get(planned.bulletin)
        assert bulletin is not None, "a broadcast's bulletin is held by a foreign key"
        approved = [clip.ref for clip in unit.bulletins.clips(planned.bulletin)]
        expires = UtcMs(planned.broadcast.hard_end + KEEP_MS)
        sealed = self.signer.broadcast(order_of(planned, now, expires), bulletin, approved)
        revision = Revision(planned.version, sealed.payload, sealed.sha256, expires)
        unit.broadcasts.add_revision(planned.id, revision, now, by)
        routes = unit.broadcasts.routes(planned.id)
        unit.outbox.dirty(broadcast_topics(routes, planned.id), rank_of(planned.broadcast.priority), now)
        unit.changed(f"broadcast:{planned.id}", "day")
        return {(route, day_of(planned.broadcast.start)) for route in routes}

    def take_back(self, unit: Unit, broadcast: BroadcastId, by: str, now: UtcMs, *, stopped: bool) -> bool:
        """Cancel: a new revision to the union of all routes. False when it is cancelled already or unknown."""
        planned = unit.broadcasts.get(broadcast)
        if planned is None or planned.cancelled:
            return False
        version = Version(unit.site.epoch, planned.version.revision + 1)
        newer = replace(planned, version=version, cancelled=True, stopped=stopped, made=now)
        unit.broadcasts.put(newer)
        self._replan(unit, self._publish(unit, newer, by, now), now)
        return True

    def repair(self, unit: Unit, speaker: SpeakerId, broadcasts: Collection[BroadcastId], now: UtcMs) -> None:
        """Send `broadcasts` to one speaker on its own route too, with a plan of its own that lists them."""
        route = route_text(SpeakerRoute(speaker))
        touched: set[tuple[str, str]] = set()
        for planned in unit.broadcasts.many(broadcasts):
            unit.broadcasts.add_routes(planned.id, [route])
            rank = rank_of(planned.broadcast.priority)
            unit.outbox.dirty(broadcast_topics([route], planned.id), rank, now)
            touched.add((route, day_of(planned.broadcast.start)))
        self._replan(unit, touched, now)

    def _replan(self, unit: Unit, touched: Iterable[tuple[str, str]], now: UtcMs) -> None:
        for route, day in sorted(touched):
            self._plan(unit, route, day, now)

    def _plan(self, unit: Unit, route: str, day: str, now: UtcMs) -> None:
        begin = utc_ms(datetime.fromisoformat(day).replace(tzinfo=UTC))
        found = unit.broadcasts.on_route(route, begin, UtcMs(begin + DAY_MS))
        entries = tuple(PlanEntry(broadcast, version, sha256) for broadcast, version, sha256 in found)
        digest = sha256_hex(canonical([[e.broadcast, e.version.epoch, e.version.revision, e.sha256] for e in entries]))
        held = unit.broadcasts.plan(route, day)
        if held is not None and held.entries_sha256 == digest:
            return
        version = Version(unit.site.epoch, held.version.revision + 1 if held else 1)
        # A day's last broadcast may start at its last second and end on the next: two days more are enough.
        expires = UtcMs(begin + 3 * DAY_MS)
        sealed = self.signer.plain(Plan(route, day, version, now, expires, entries))
        unit.broadcasts.put_plan(route, day, PlanDocument(version, digest, sealed.payload, expires))
        topic = build(PlanTopic(route_of(route), date.fromisoformat(day)))
        unit.outbox.dirty([topic], RANK_DOCUMENT, now)


def exhausted(schedule: Schedule, until: UtcMs) -> bool:
    """Whether it surely brings forth nothing at or after `until`: no wall clock is two days off UTC.

    A rule with a COUNT never is: where it ends takes an expansion to find, which is what this saves.
    """
    last = parse_rrule(schedule.rrule).until if schedule.rrule else schedule.local_start
    return last is not None and utc_ms(last.replace(tzinfo=UTC)) < until - 2 * DAY_MS


def order_of(planned: Planned, issued: UtcMs, expires: UtcMs) -> BroadcastOrder:
    """What is signed and sent of a planned broadcast."""
    return BroadcastOrder(
        broadcast=planned.broadcast,
        version=planned.version,
        issued_ms=issued,
        expires_ms=expires,
        areas=planned.areas,
        speakers=planned.speakers,
        excluded=planned.excluded,
        cancelled=planned.cancelled,
        title=planned.title,
    )


def rank_of(priority: Priority) -> int:
    """Emergencies leave first."""
    return RANK_EMERGENCY if priority is Priority.EMERGENCY else RANK_DOCUMENT


def routes_of(targets: Targets) -> tuple[str, ...]:
    areas = [route_text(AreaRoute(area)) for area in targets.areas]
    return (*areas, *(route_text(SpeakerRoute(speaker)) for speaker in targets.speakers))


def route_text(route: Route) -> str:
    """`areas/{id}` or `speakers/{id}`, as plans name it."""
    return f"areas/{route.area}" if isinstance(route, AreaRoute) else f"speakers/{route.speaker}"


def route_of(text: str) -> Route:
    kind, _, name = text.partition("/")
    return AreaRoute(AreaId(name)) if kind == "areas" else SpeakerRoute(SpeakerId(name))


def day_of(start: UtcMs) -> str:
    """The UTC date of a start."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=start)).date().isoformat()


def broadcast_topics(routes: Iterable[str], broadcast: BroadcastId) -> list[str]:
    """Where the broadcast stands on each of `routes`."""
    return [build(BroadcastTopic(route_of(route), broadcast)) for route in routes]
