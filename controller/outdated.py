"""A controller set back to an old backup, or overtaken by another: how it finds out, and that it then says nothing.

Nobody is asked: every status carries the versions that the speaker holds. Two speakers that hold something newer than
the database (one, where there is only one) are believed, so that a single stolen box cannot silence the station.
Another controller is believed by itself, for only a controller may write there.
"""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field

from controller.signing import Signer
from controller.store.site import BEHIND
from controller.store.unit import Unit
from protocol.codec import Malformed, load
from protocol.messages import ControllerStatus, Status
from protocol.versions import Version
from schedules.units import SpeakerId, UtcMs

log = logging.getLogger(__name__)

STANDING = "standing"
"""The change key told when the controller stops signing, or goes on in a new epoch."""
WITNESSES = 2
WHAT_TO_DO = "run `python -m controller restore`; docs/keys.md tells the whole way"


@dataclass(slots=True)
class Watch:
    """Remembers which speakers hold something newer, and of each what it named last."""

    signer: Signer
    witnesses: dict[SpeakerId, str] = field(default_factory=dict)
    _named: dict[SpeakerId, int] = field(default_factory=dict)

    def hear_speaker(self, unit: Unit, status: Status, now: UtcMs) -> None:
        """Look at what the speaker holds, once for all statuses that name the same."""
        named = hash((self.signer.stopped, unit.site.epoch, *_versions(status)))
        if self.signer.stopped or self._named.get(status.speaker) == named:
            return
        self._named[status.speaker] = named
        newer = next(newer_than_ours(unit, status), "")
        if not newer:
            self.witnesses.pop(status.speaker, None)
            return
        self.witnesses[status.speaker] = newer
        if len(self.witnesses) >= min(WITNESSES, sum(1 for _ in unit.places.speakers())):
            stop(unit, self.signer, [f"{speaker}: {told}" for speaker, told in self.witnesses.items()], now)

    def hear_controller(self, unit: Unit, payload: bytes, now: UtcMs) -> None:
        """A controller of a higher epoch leads now, or led before this one was restored."""
        try:
            epoch = load(ControllerStatus, payload).epoch
        except Malformed:
            return
        if epoch > unit.site.epoch and not self.signer.stopped:
            stop(unit, self.signer, [f"another controller: epoch {epoch}"], now)


def stop(unit: Unit, signer: Signer, told: list[str], now: UtcMs) -> None:
    """Sign nothing any more, over restarts too, and say so."""
    unit.site.put(BEHIND, json.dumps({"since_ms": now, "told": told[:5]}))
    signer.stopped = True
    unit.changed(STANDING)
    log.error("this database is older than what was sent (%s); nothing is signed any more: %s", told[0], WHAT_TO_DO)


def _versions(status: Status) -> Iterator[object]:
    yield from (status.highest_epoch, status.keys_version, status.config_version)
    yield from (plan.version for plan in status.plans)
    yield from ((each.broadcast, each.version) for each in status.broadcasts)


def newer_than_ours(unit: Unit, status: Status) -> Iterator[str]:
    """Everything that the speaker holds in a higher version than this database ever made."""
    if status.highest_epoch > unit.site.epoch:
        yield f"epoch {status.highest_epoch}"
    if status.keys_version > max(unit.site.key_lists(), default=0):
        yield f"key list {status.keys_version}"
    config = unit.places.config(status.speaker)
    if config is not None and status.config_version > config.version:
        yield f"config {_spelled(status.config_version)}"
    for plan in status.plans:
        ours = unit.broadcasts.plan(plan.route, plan.day)
        if plan.version > (ours.version if ours else Version(0, 0)):
            yield f"plan {plan.route} {plan.day} {_spelled(plan.version)}"
    held = {each.broadcast: each.version for each in status.broadcasts}
    for planned in unit.broadcasts.many(list(held)):
        if held[planned.id] > planned.version:
            yield f"broadcast {planned.id} {_spelled(held[planned.id])}"


def _spelled(version: Version) -> str:
    return f"{version.epoch}/{version.revision}"
