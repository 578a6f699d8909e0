"""From schedules to broadcasts over a rolling horizon: what is to be there, against what is there.

An occurrence is known by its key (original local start, and which repeat). Of each key at most one broadcast
stands. One that a person took back stays taken back. One that no longer says what its schedule says is
superseded: cancelled, and placed anew under a new id, for a playback begun or final never starts again.
"""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC

from sqlalchemy.exc import OperationalError

from controller.locality import Atlas, Locality, atlas
from controller.publishing import (
    DAY_MS,
    Placing,
    Publishing,
    broadcast_topics,
    day_of,
    rank_of,
    replan,
    route_text,
)
from controller.signing import Signer
from controller.special_days import Holidays
from controller.store.unit import Unit
from controller.store.values import Due, Ended, Planned
from protocol.topics import SpeakerRoute
from protocol.versions import Version
from schedules.expansion import Placed, broadcast_id, next_start, placed_of
from schedules.model import ClipRef, Schedule, Targets
from schedules.recurrence import TooManyOccurrences
from schedules.rules import parse_rrule
from schedules.units import AreaId, BroadcastId, BulletinId, ScheduleId, SpeakerId, UtcMs
from schedules.wall import utc_ms

log = logging.getLogger(__name__)

LOOK_AHEAD_DAYS = (1, 8, 40, 400)
"""How far beyond the horizon the next occurrence is sought, so that the schedule is left alone until then; most
are heard every day."""
TROUBLE_MS = 3_600_000
"""A schedule that cannot be planned is tried again after so long."""


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans over a rolling horizon. Every method works inside the given unit of work."""

    signer: Signer
    default_zone: str
    horizon_days: int

    def add_schedule(self, unit: Unit, schedule: Schedule, by: str, now: UtcMs) -> tuple[BroadcastId, ...]:
        """Keep a new schedule and plan its first broadcasts; returns their ids by start."""
        unit.broadcasts.add_schedule(schedule, now, by)
        return self.replan_schedules(unit, [schedule], by, now)

    def change_schedule(self, unit: Unit, schedule: Schedule, by: str, now: UtcMs) -> tuple[BroadcastId, ...]:
        """Replace what a schedule says from now on; what has begun goes on. Returns the new broadcasts by start."""
        unit.broadcasts.put_schedule(schedule)
        return self.replan_schedules(unit, [schedule], by, now)

    def end_schedule(self, unit: Unit, schedule: ScheduleId, by: str, now: UtcMs) -> None:
        """Plan nothing more of it and take back what has not begun; what plays now goes on to its end."""
        unit.broadcasts.end_schedule(schedule, Ended(now, by))
        publishing = Publishing(unit, self.signer, now)
        coming = [planned for planned in unit.broadcasts.coming(schedule, now) if not planned.cancelled]
        publishing.add(taken_back(planned, unit.site.epoch, by, now) for planned in coming)
        publishing.flush()
        unit.changed(f"schedule:{schedule}")

    def replan_schedules(
        self, unit: Unit, schedules: Sequence[Schedule], by: str, now: UtcMs
    ) -> tuple[BroadcastId, ...]:
        """Bring the coming broadcasts of `schedules` to what they say now; returns the new ones by start."""
        work = self._work(unit, schedules, now)
        return self._done(work, [placed for each in schedules for placed in work.plan(each, by)])

    def roll(self, unit: Unit, now: UtcMs) -> tuple[BroadcastId, ...]:
        """Plan what has come inside the horizon; asking twice plans nothing twice.

        A schedule that cannot be planned is logged and left as it was, the others are planned. Raises
        OperationalError: what ails the database is no schedule's fault.
        """
        due = unit.broadcasts.due_schedules(self._until(now))
        try:
            with unit.attempt():
                return self._roll(unit, due, now)
        except OperationalError:
            raise
        except Exception:
            log.exception("not all that is due can be planned together; one schedule after the other")
        return tuple(made for each in due for made in self._roll_alone(unit, each, now))

    def _roll_alone(self, unit: Unit, due: Due, now: UtcMs) -> tuple[BroadcastId, ...]:
        try:
            with unit.attempt():
                return self._roll(unit, [due], now)
        except OperationalError:
            raise
        except Exception:
            log.exception("the schedule %s cannot be planned; the others are", due.id)
            unit.broadcasts.planned_up_to({due.id: self._again(now)})
            return ()

    def _roll(self, unit: Unit, due: Sequence[Due], now: UtcMs) -> tuple[BroadcastId, ...]:
        work = self._work(unit, [each.schedule for each in due if each.schedule is not None], now)
        return self._done(work, [placed for each in due for placed in self._tried(work, each)])

    def _tried(self, work: "_Work", due: Due) -> Sequence[Planned]:
        try:
            if due.schedule is None:
                raise due.trouble or ValueError(due.id)
            return work.plan(due.schedule, due.by)
        except OperationalError:
            raise
        except Exception:
            log.exception("the schedule %s cannot be planned; the others are", due.id)
            work.next_ms[due.id] = self._again(work.now)
            return ()

    def _again(self, now: UtcMs) -> UtcMs:
        return UtcMs(self._until(now) + TROUBLE_MS)

    def _until(self, now: UtcMs) -> UtcMs:
        return UtcMs(now + self.horizon_days * DAY_MS)

    def _work(self, unit: Unit, schedules: Sequence[Schedule], now: UtcMs) -> "_Work":
        there: dict[ScheduleId, list[Planned]] = {}
        for planned in unit.broadcasts.of_schedules([each.id for each in schedules], now):
            there.setdefault(planned.schedule, []).append(planned)
        publishing = Publishing(unit, self.signer, now)
        publishing.proofs.read([each.id for each in schedules])
        return _Work(unit, atlas(unit, self.default_zone), publishing, there, now, self._until(now))

    @staticmethod
    def _done(work: "_Work", made: Iterable[Planned]) -> tuple[BroadcastId, ...]:
        work.publishing.flush()
        work.unit.broadcasts.planned_up_to(work.next_ms)
        for schedule in work.exhausted:
            work.unit.broadcasts.exhaust_schedule(schedule)
        return tuple(planned.id for planned in sorted(made, key=lambda each: (each.broadcast.start, each.id)))

    def take_back(self, unit: Unit, broadcast: BroadcastId, by: str, now: UtcMs, *, stopped: bool) -> bool:
        """Cancel: a new revision to the union of all routes. False when it is cancelled already or unknown."""
        planned = unit.broadcasts.get(broadcast)
        if planned is None or planned.cancelled:
            return False
        publishing = Publishing(unit, self.signer, now)
        publishing.add([taken_back(planned, unit.site.epoch, by, now, stopped=stopped)])
        publishing.flush()
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
        replan(unit, self.signer, touched, now)


def taken_back(
    planned: Planned, epoch: int, by: str, now: UtcMs, *, stopped: bool = False, superseded: bool = False
) -> Placing:
    """Its next revision, cancelled."""
    version = Version(epoch, planned.version.revision + 1)
    cancelled = replace(planned, version=version, cancelled=True, stopped=stopped, superseded=superseded)
    return Placing(replace(cancelled, made=now, made_by=by))


class _Work:
    """One planning of some schedules: what they say against what is there."""

    def __init__(
        self,
        unit: Unit,
        places: Atlas,
        publishing: Publishing,
        there: Mapping[ScheduleId, Sequence[Planned]],
        now: UtcMs,
        until: UtcMs,
    ) -> None:
        self.unit, self.places, self.publishing, self.there = unit, places, publishing, there
        self.now, self.until = now, until
        self.epoch = unit.site.epoch
        self._holidays = Holidays(unit, places.at(now))
        self.next_ms: dict[ScheduleId, UtcMs] = {}
        self.exhausted: list[ScheduleId] = []
        self._resolved: dict[tuple[int, Targets], tuple[Targets, str]] = {}
        self._addressed: dict[tuple[int, tuple[AreaId, ...], tuple[SpeakerId, ...]], tuple[SpeakerId, ...]] = {}

    def plan(self, schedule: Schedule, by: str) -> Sequence[Planned]:
        """Decide for one schedule; returns the new broadcasts. Raises NotApproved and whatever a bad rule raises."""
        wanted = {key_of(placed): placed for placed in self._wanted(schedule)}
        standing: dict[str, list[Planned]] = {}
        for planned in self.there.get(schedule.id, ()):
            standing.setdefault(planned.occurrence, []).append(planned)
        fresh: list[Planned] = []
        gone = [one for key in standing.keys() - wanted.keys() for one in standing[key] if not one.cancelled]
        for key, placed in wanted.items():
            new, old = self._one(schedule, key, placed, standing.get(key, ()), by)
            fresh.extend(new)
            gone.extend(old)
        self._publish(fresh, gone, by)
        self._note_next(schedule)
        return fresh

    def _one(
        self, schedule: Schedule, key: str, placed: Placed, there: Sequence[Planned], by: str
    ) -> tuple[list[Planned], list[Planned]]:
        """(new, superseded) of one key."""
        if any(one.cancelled and not one.superseded for one in there):
            return [], []
        attempt = len(there)
        new = self._planned(schedule, key, placed, attempt, by)
        old = [one for one in there if not one.cancelled]
        if any(_same(one, new) for one in old):
            return [], []
        return [new], old

    def _publish(self, fresh: Sequence[Planned], gone: Sequence[Planned], by: str) -> None:
        placings = [taken_back(one, self.epoch, by, self.now, superseded=True) for one in gone]
        placings += [Placing(one, self._expected(one)) for one in fresh]
        self.publishing.add(placings)

    def _wanted(self, schedule: Schedule) -> Sequence[Placed]:
        """What there shall be from now up to the horizon."""
        days = self._holidays.of(schedule, self.now, self.until)
        replacements, clips = self._replacements(schedule), self._content(schedule.bulletin)
        return placed_of(schedule, clips, self.now, self.until, holidays=days, replacements=replacements)

    def _replacements(self, schedule: Schedule) -> Mapping[BulletinId, tuple[ClipRef, ...]]:
        return {bulletin: self._content(bulletin) for _, bulletin in schedule.replaced}

    def _content(self, bulletin: BulletinId) -> tuple[ClipRef, ...]:
        return self.publishing.proofs.sound(bulletin).clips

    def _expected(self, planned: Planned) -> tuple[SpeakerId, ...]:
        """The speakers that should play it, sorted; asked for once per places and targets."""
        places = self.places.at(planned.broadcast.start)
        key = id(places), planned.areas, planned.speakers
        if key not in self._addressed:
            self._addressed[key] = tuple(sorted(places.addressed(Targets(planned.areas, planned.speakers))))
        return self._addressed[key]

    def _planned(self, schedule: Schedule, key: str, placed: Placed, attempt: int, by: str) -> Planned:
        places = self.places.at(placed.broadcast.start)
        targets, zone = self._heard(places, schedule.targets)
        broadcast = placed.broadcast
        if attempt:
            broadcast = replace(broadcast, id=broadcast_id(schedule.id, placed.original, placed.repeat, attempt))
        return Planned(
            broadcast=broadcast,
            schedule=schedule.id,
            bulletin=placed.bulletin,
            title=self.publishing.proofs.sound(placed.bulletin).title,
            time_zone=zone,
            areas=targets.areas,
            speakers=targets.speakers,
            excluded=(),
            version=Version(self.epoch, 1),
            cancelled=False,
            stopped=False,
            made=self.now,
            made_by=by,
            occurrence=key,
        )

    def _heard(self, places: Locality, targets: Targets) -> tuple[Targets, str]:
        """The targets as a box knows them, and the wall clock of the first place, on which people read the times."""
        key = id(places), targets
        if key not in self._resolved:
            resolved = places.resolve(targets)
            self._resolved[key] = resolved, places.zone(resolved.areas[0] if resolved.areas else None)
        return self._resolved[key]

    def _note_next(self, schedule: Schedule) -> None:
        """Note until when it need not be looked at again, or that it has come to its own end."""
        begin, clips, replacements = self.until, self._content(schedule.bulletin), self._replacements(schedule)
        for days in LOOK_AHEAD_DAYS:
            end = UtcMs(self.until + days * DAY_MS)
            try:
                coming = next_start(schedule, clips, begin, end, replacements=replacements)
            except TooManyOccurrences:
                break
            if coming is not None:
                begin = coming
                break
            begin = end
            if exhausted(schedule, end):
                self.exhausted.append(schedule.id)
                break
        self.next_ms[schedule.id] = UtcMs(begin)


def key_of(placed: Placed) -> str:
    """Which occurrence, and which of its repeats, in a row."""
    original = placed.original.isoformat()
    return f"{original}/{placed.repeat + 1}" if placed.repeat else original


def _same(there: Planned, wanted: Planned) -> bool:
    """Whether a broadcast says already what its schedule says."""
    alike = replace(there.broadcast, id=wanted.id) == wanted.broadcast
    where = (there.areas, there.speakers) == (wanted.areas, wanted.speakers)
    return alike and where and (there.bulletin, there.title) == (wanted.bulletin, wanted.title)


def exhausted(schedule: Schedule, until: UtcMs) -> bool:
    """Whether it surely brings forth nothing at or after `until`: no wall clock is two days off UTC.

    A rule with a COUNT never is: where it ends takes an expansion to find, which is what this saves.
    """
    last = parse_rrule(schedule.rrule).until if schedule.rrule else schedule.local_start
    if last is None:
        return False
    latest = max([last, *(new for _, new in schedule.moved)])
    return utc_ms(latest.replace(tzinfo=UTC)) < until - 2 * DAY_MS
