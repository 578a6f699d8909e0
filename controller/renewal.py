"""Sign anew, byte for byte, what is live and was signed by another key than that of now; no version changes by it."""

import logging
from dataclasses import dataclass, field, replace
from datetime import date

from controller.proof import NotApproved, Proofs
from controller.publishing import KEEP_MS, broadcast_topics, rank_of, route_of
from controller.signing import Signer
from controller.store.outbox import RANK_DOCUMENT
from controller.store.unit import Unit
from protocol.envelope import open_envelope
from protocol.messages import BroadcastOrder
from protocol.topics import CONFIG, PlanTopic, SpeakerTopic, build
from schedules.units import SpeakerId, UtcMs

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Renewer:
    """Remembers under which keys everything was signed last; a command may have replaced them."""

    signer: Signer
    names: tuple[str, ...] = field(default=())

    def turn(self, unit: Unit, now: UtcMs) -> None:
        """Sign anew when the keys are others than in the last turn, and at the first."""
        if (names := self.signer.key_names) != self.names:
            renew(unit, self.signer, now)
            self.names = names


def renew(unit: Unit, signer: Signer, now: UtcMs) -> int:
    """In this transaction; returns how many documents have a new signature and go out."""
    return _broadcasts(unit, signer, now) + _plans(unit, signer, now) + _configs(unit, signer, now)


def _configs(unit: Unit, signer: Signer, now: UtcMs) -> int:
    topics = []
    for speaker in unit.places.config_versions():
        held = unit.places.config(speaker)
        payload = signer.plain_again(held.payload) if held else None
        if held is not None and payload is not None:
            unit.places.put_config(speaker, replace(held, payload=payload))
            topics.append(build(SpeakerTopic(SpeakerId(speaker), CONFIG)))
    unit.outbox.dirty(topics, RANK_DOCUMENT, now)
    return len(topics)


def _plans(unit: Unit, signer: Signer, now: UtcMs) -> int:
    topics = []
    for day, plans in unit.broadcasts.live_plans(now).items():
        newer = {}
        for route, plan in plans.items():
            if (payload := signer.plain_again(plan.payload)) is not None:
                newer[route] = replace(plan, payload=payload)
        unit.broadcasts.put_plans(day, newer)
        topics += [build(PlanTopic(route_of(route), date.fromisoformat(day))) for route in newer]
    unit.outbox.dirty(topics, RANK_DOCUMENT, now)
    return len(topics)


def _broadcasts(unit: Unit, signer: Signer, now: UtcMs) -> int:
    planned = {each.id: each for each in unit.broadcasts.live(UtcMs(now - KEEP_MS))}
    proofs, routes, count = Proofs(unit), unit.broadcasts.routes_of_many(list(planned)), 0
    proofs.read([each.schedule for each in planned.values() if not each.cancelled])
    for broadcast, revision in unit.broadcasts.newest_revisions(list(planned)).items():
        each = planned[broadcast]
        opened = open_envelope(revision.payload.encode())
        if not signer.is_old(opened):
            continue
        assert isinstance(opened.message, BroadcastOrder), "nothing else is kept there"
        try:
            proof = None if each.cancelled else proofs.of(each)
            payload = signer.broadcast_again(opened, opened.message, each.bulletin, proof)
        except NotApproved as error:
            # What has begun of a schedule that was edited since. Until its key is off the list it goes on.
            log.warning("not signed anew: %s", error)
            continue
        unit.broadcasts.put_payload(broadcast, replace(revision, payload=payload))
        topics = broadcast_topics(routes.get(broadcast, ()), broadcast)
        unit.outbox.dirty(topics, rank_of(each.broadcast.priority), now)
        count += 1
    return count
