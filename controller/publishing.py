"""The writing side of planning: what was decided becomes rows, signed documents and dirty topics, in few statements."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from controller.airing import air_clips
from controller.proof import Proofs
from controller.signing import Signer
from controller.store.outbox import RANK_DOCUMENT, RANK_EMERGENCY
from controller.store.unit import Unit
from controller.store.values import PlanDocument, Planned, Revision
from protocol.canonical import JsonValue, canonical, sha256_hex
from protocol.messages import BroadcastOrder, Plan, PlanEntry
from protocol.topics import AreaRoute, BroadcastTopic, PlanTopic, Route, SpeakerRoute, build
from protocol.versions import Version
from schedules.model import Priority, Targets
from schedules.units import AreaId, BroadcastId, ClipId, SpeakerId, UtcMs
from schedules.wall import utc_ms

DAY_MS = 86_400_000
KEEP_MS = DAY_MS
"""How long after its hard end a broadcast still stands on the broker."""
PLAN_MS = 3 * DAY_MS
"""A day's last broadcast may start at its last second and end on the next: two days more are enough."""


@dataclass(frozen=True, slots=True)
class Placing:
    """A broadcast in its newest revision; `speakers` are expected to play it, None: they were told before."""

    planned: Planned
    speakers: tuple[SpeakerId, ...] | None = None


@dataclass(slots=True)
class Publishing:
    """One unit of work's broadcasts: sealed at once, written by `flush` in few statements."""

    unit: Unit
    signer: Signer
    now: UtcMs
    _sealed: list[tuple[Placing, Revision]] = field(default_factory=list)
    proofs: Proofs = field(init=False)

    def __post_init__(self) -> None:
        self.proofs = Proofs(self.unit)

    def add(self, placings: Iterable[Placing]) -> None:
        """All of them or, raising NotApproved, none."""
        asked = tuple(placings)
        self.proofs.expect(each.planned for each in asked if not each.planned.cancelled)
        self._sealed.extend([(each, self._seal(each.planned)) for each in asked])

    def flush(self) -> None:
        """Keep everything and tell everybody; in the same transaction as what caused it."""
        newest = [placing.planned for placing, _ in self._sealed]
        fresh = {placing.planned.id: placing.speakers for placing, _ in self._sealed if placing.speakers is not None}
        self.unit.broadcasts.put_many(newest)
        self.unit.broadcasts.add_route_rows(
            (planned.id, route)
            for planned in newest
            if planned.id in fresh
            for route in routes_of(Targets(planned.areas, planned.speakers))
        )
        self.unit.playbacks.plan_many(fresh)
        self.unit.broadcasts.add_revisions([(placing.planned, revision) for placing, revision in self._sealed])
        self._air([planned for planned in newest if planned.id in fresh])
        self._tell(newest)
        self._sealed = []

    def _seal(self, planned: Planned) -> Revision:
        expires = UtcMs(planned.broadcast.hard_end + KEEP_MS)
        proof = None if planned.cancelled else self.proofs.of(planned)
        sealed = self.signer.broadcast(order_of(planned, self.now, expires), planned.bulletin, proof)
        return Revision(planned.version, sealed.payload, sealed.sha256, expires)

    def _air(self, fresh: Iterable[Planned]) -> None:
        ahead: dict[ClipId, Priority] = {}
        for planned in fresh:
            for ref in planned.broadcast.clips:
                ahead[ref.id] = min(planned.broadcast.priority, ahead.get(ref.id, Priority.NORMAL))
        for clip, priority in ahead.items():
            air_clips(self.unit, [clip], priority, self.now)

    def _tell(self, newest: Sequence[Planned]) -> None:
        routes = self.unit.broadcasts.routes_of_many([planned.id for planned in newest])
        touched: set[tuple[str, str]] = set()
        topics: dict[int, list[str]] = {}
        for planned in newest:
            held = routes.get(planned.id, ())
            topics.setdefault(rank_of(planned.broadcast.priority), []).extend(broadcast_topics(held, planned.id))
            self.unit.changed(f"broadcast:{planned.id}", "day")
            touched.update((route, day_of(planned.broadcast.start)) for route in held)
        for rank, waiting in topics.items():
            self.unit.outbox.dirty(waiting, rank, self.now)
        replan(self.unit, self.signer, touched, self.now)


def replan(unit: Unit, signer: Signer, touched: Iterable[tuple[str, str]], now: UtcMs) -> None:
    """Make the day plans (route, UTC day) anew; a plan that says the same as before stays as it is."""
    days: dict[str, list[str]] = {}
    for route, day in sorted(set(touched)):
        days.setdefault(day, []).append(route)
    epoch, topics = unit.site.epoch, []
    for day, routes in days.items():
        begin = utc_ms(datetime.fromisoformat(day).replace(tzinfo=UTC))
        entries = unit.broadcasts.on_routes(routes, begin, UtcMs(begin + DAY_MS))
        held = unit.broadcasts.plans(routes, day)
        newer: dict[str, PlanDocument] = {}
        for route in routes:
            plan = Plan(route, day, Version(epoch, 1), now, UtcMs(begin + PLAN_MS), entries_of(entries[route]))
            document = _document(signer, plan, held.get(route))
            if document is not None:
                newer[route] = document
        unit.broadcasts.put_plans(day, newer)
        topics += [build(PlanTopic(route_of(route), date.fromisoformat(day))) for route in newer]
    unit.outbox.dirty(topics, RANK_DOCUMENT, now)


def entries_of(found: Iterable[tuple[BroadcastId, Version, str]]) -> tuple[PlanEntry, ...]:
    return tuple(PlanEntry(broadcast, version, sha256) for broadcast, version, sha256 in found)


def _document(signer: Signer, plan: Plan, held: PlanDocument | None) -> PlanDocument | None:
    """The plan as the revision after `held`; None when it says the same in the same epoch."""
    told: list[JsonValue] = [[e.broadcast, e.version.epoch, e.version.revision, e.sha256] for e in plan.entries]
    digest = sha256_hex(canonical(told))
    if held is not None and (held.entries_sha256, held.version.epoch) == (digest, plan.version.epoch):
        return None
    version = Version(plan.version.epoch, held.version.revision + 1 if held else 1)
    sealed = signer.plain(replace(plan, version=version))
    return PlanDocument(version, digest, sealed.payload, plan.expires_ms)


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
