"""A new epoch: after a restore from a backup, or when this controller takes over, everything is said anew.

First it only listens, so that it learns from the speakers what the backup does not know. Then, in one transaction:
the epoch rises above all that was heard of; what was cancelled meanwhile is cancelled; every config, plan and broadcast
goes out in the new epoch. What the lost days had brought forth is in no plan any more: each speaker takes it back.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace

from controller.acts import COMMAND_LINE
from controller.configs import publish_configs
from controller.key_lists import Change, changed, draft, newest, signed_with
from controller.keys import KeyFolder
from controller.locality import atlas
from controller.outdated import STANDING
from controller.proof import NotApproved
from controller.publishing import KEEP_MS, Placing, Publishing, replan
from controller.signing import Signer
from controller.store.outbox import RANK_DOCUMENT
from controller.store.site import BEHIND, EPOCH, RESTORING
from controller.store.unit import Unit
from controller.store.values import HeardStatus, Planned
from protocol.codec import Malformed, load
from protocol.keys import Role
from protocol.messages import Status
from protocol.topics import KeysTopic, build
from protocol.versions import Version
from schedules.units import BroadcastId, SpeakerId, UtcMs

log = logging.getLogger(__name__)

LISTEN_MS = 45_000
"""A speaker that is there tells its status every 30 s."""
_MOST_EPOCHS = 1_000
_MOST_LISTS = 100
"""What speakers say is not signed: beyond these it is a lie."""


@dataclass(slots=True)
class Restorer:
    """A job of the running controller: looks whether somebody asked, listens, then does it."""

    signer: Signer
    keys: KeyFolder
    zone: str
    started: UtcMs
    """Since when this process listens: a speaker tells its status when it connects, and every change of it."""

    def turn(self, unit: Unit, now: UtcMs) -> None:
        """Does it once every speaker has been heard; 45 s after it was asked for without those that are away."""
        asked = unit.site.get(RESTORING)
        if not asked:
            return
        if not self.signer.stopped:
            self.signer.stopped = True
            unit.changed(STANDING)
        heard = {each.speaker for each in unit.places.statuses() if each.seen >= self.started and each.online}
        missing = {each.id for each in unit.places.speakers()} - heard
        if missing and now < max(int(asked), self.started) + LISTEN_MS:
            return
        self.signer.stopped = False
        try:
            begin_epoch(unit, self.signer, self.keys, self.zone, now)
        except Exception:
            self.signer.stopped = True
            raise


def ask(unit: Unit, now: UtcMs) -> int:
    """Somebody wants a new epoch; returns which it will be at least."""
    unit.site.put(RESTORING, str(now))
    return unit.site.epoch + 1


def begin_epoch(unit: Unit, signer: Signer, keys: KeyFolder, zone: str, now: UtcMs) -> int:
    """Raise the epoch and say everything anew; returns the epoch."""
    told = list(_told(unit.places.statuses()))
    highest = max((status.highest_epoch for status in told), default=0)
    epoch = max(unit.site.epoch, min(highest, unit.site.epoch + _MOST_EPOCHS)) + 1
    unit.site.put(EPOCH, str(epoch))
    lists = _key_lists(unit, signer, keys, max((status.keys_version for status in told), default=0), now)
    taken = _cancelled_meanwhile(unit, told, now)
    _broadcasts(unit, signer, epoch, taken, now)
    replan(unit, signer, _plans(unit, told, now), now)
    publish_configs(unit, signer, atlas(unit, zone), [each.id for each in unit.places.speakers()], now)
    unit.outbox.dirty(unit.outbox.retained(), RANK_DOCUMENT, now)
    unit.site.put(RESTORING, "")
    unit.site.put(BEHIND, "")
    after = {"epoch": epoch, "cancelled": sorted(taken), "version": lists}
    unit.audit.add(now, COMMAND_LINE, "", "site.restore", f"site:{signer.site}", None, after)
    unit.changed(STANDING, "audit", "speakers", "day")
    log.warning("epoch %s has begun; %s broadcasts that speakers know as cancelled stay so", epoch, len(taken))
    return epoch


def _told(heard: Iterable[HeardStatus]) -> Iterable[Status]:
    for each in heard:
        try:
            yield load(Status, each.payload.encode())
        except Malformed:  # kept by an earlier version of this program
            continue


def _cancelled_meanwhile(unit: Unit, told: Iterable[Status], now: UtcMs) -> frozenset[BroadcastId]:
    """Broadcasts of which a speaker that is to play them holds a revision that is not in this database.

    A broadcast is only ever revised to take it back.
    """
    held: dict[BroadcastId, list[tuple[SpeakerId, Version]]] = {}
    for status in told:
        for each in status.broadcasts:
            held.setdefault(each.broadcast, []).append((status.speaker, each.version))
    return frozenset(
        planned.id
        for planned in unit.broadcasts.many(list(held))
        if not planned.cancelled
        and any(
            version > planned.version and unit.playbacks.get(planned.id, speaker) is not None
            for speaker, version in held[planned.id]
        )
    )


def _broadcasts(unit: Unit, signer: Signer, epoch: int, taken: frozenset[BroadcastId], now: UtcMs) -> None:
    """Every broadcast that still stands on the broker, in the new epoch; what nobody approved so is taken back."""
    publishing = Publishing(unit, signer, now)
    for planned in unit.broadcasts.live(UtcMs(now - KEEP_MS)):
        newer = replace(planned, version=Version(epoch, planned.version.revision + 1))
        if planned.id in taken:
            publishing.add([_taken_back(newer, now)])
            continue
        try:
            publishing.add([Placing(newer)])
        except NotApproved as error:
            log.warning("taken back: %s", error)
            publishing.add([_taken_back(newer, now)])
    publishing.flush()


def _taken_back(planned: Planned, now: UtcMs) -> Placing:
    return Placing(replace(planned, cancelled=True, made=now, made_by=COMMAND_LINE))


def _plans(unit: Unit, told: Iterable[Status], now: UtcMs) -> set[tuple[str, str]]:
    """(route, day) of every plan that is here, and of those that speakers hold of days that the backup lacks."""
    live = {(route, day) for day, routes in unit.broadcasts.live_plans(now).items() for route in routes}
    areas = {f"areas/{area.id}" for area in unit.places.areas()}
    held = {
        (plan.route, plan.day)
        for status in told
        for plan in status.plans
        if plan.route in areas or plan.route == f"speakers/{status.speaker}"
    }
    return live | held


def _key_lists(unit: Unit, signer: Signer, keys: KeyFolder, told: int, now: UtcMs) -> int:
    """Lists up to one after the highest that a speaker holds: the next is the first that all can follow."""
    held = newest(unit)
    if told > held.version and not keys.holds(Role.ROOT):
        log.error("speakers hold key list %s, here is %s: bring it back with `keys take`", told, held.version)
    elif told > held.version:
        for _ in range(min(told - held.version, _MOST_LISTS) + 1):
            held = changed(held, Change(), keys.root_public, now)
            payload = signed_with(draft(signer.site, held), [keys[Role.ROOT]])
            unit.site.add_key_list(held.version, payload.decode())
    unit.outbox.dirty([build(KeysTopic(version)) for version in unit.site.key_lists()], RANK_DOCUMENT, now)
    return held.version
