"""Reconciliation: compare what each speaker says it holds with what it should, and repair, paced."""

import random
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from controller.planning import Planner
from controller.store.outbox import RANK_DOCUMENT
from controller.store.unit import Unit
from controller.store.values import HeardStatus, Planned, Playback
from protocol.codec import Malformed, load
from protocol.messages import Status
from protocol.topics import CONFIG, KeysTopic, SpeakerTopic, build
from protocol.versions import Version
from schedules.states import FINAL
from schedules.units import BroadcastId, SpeakerId, UtcMs

SETTLE_MS = 5_000
"""So long after coming online, or after a new revision, a speaker may take to fetch by itself."""
AGAIN_MS = 30_000
"""Between two repairs of one speaker, plus up to as much at random."""
MOST_AT_ONCE = 50
"""Speakers repaired in one turn, so that a great outage does not end in a storm."""


@dataclass(frozen=True, slots=True)
class Current:
    """What a speaker should hold."""

    keys_version: int
    config: Version
    broadcasts: Mapping[BroadcastId, Version]


@dataclass(frozen=True, slots=True)
class Repair:
    """What to send one speaker by its own route."""

    speaker: SpeakerId
    keys: bool
    config: bool
    broadcasts: tuple[BroadcastId, ...]


def missing(status: Status, current: Current) -> Repair | None:
    """What the speaker lacks or holds in an older version; None when it has everything."""
    held = {each.broadcast: each.version for each in status.broadcasts}
    stale = tuple(b for b, version in sorted(current.broadcasts.items()) if held.get(b, Version(0, 0)) < version)
    keys = status.keys_version < current.keys_version
    config = status.config_version < current.config
    if not (stale or keys or config):
        return None
    return Repair(status.speaker, keys, config, stale)


def due(status: HeardStatus, repaired: Mapping[SpeakerId, UtcMs], now: UtcMs) -> bool:
    """Whether the speaker is online long enough and was not repaired just now."""
    if not status.online or now - status.online_since < SETTLE_MS:
        return False
    return now >= repaired.get(status.speaker, UtcMs(0))


@dataclass(slots=True)
class Reconciler:
    """Remembers only when each speaker may be repaired again."""

    planner: Planner
    next_repair: dict[SpeakerId, UtcMs] = field(default_factory=dict)

    def turn(self, unit: Unit, now: UtcMs) -> tuple[Repair, ...]:
        """Decide and do one turn; returns what was repaired."""
        live = {planned.id: planned for planned in unit.broadcasts.live(now)}
        playbacks = _by_speaker(unit.playbacks.of_broadcasts(list(live)))
        configs = unit.places.config_versions()
        keys = max(unit.site.key_lists(), default=0)
        made: list[Repair] = []
        for heard in unit.places.statuses():
            if len(made) == MOST_AT_ONCE or not due(heard, self.next_repair, now):
                continue
            wanted = _newest(playbacks.get(heard.speaker, ()), live, now)
            repair = _compare(heard, Current(keys, configs.get(heard.speaker, Version(0, 0)), wanted))
            if repair is not None:
                self._do(unit, repair, now)
                made.append(repair)
        return tuple(made)

    def _do(self, unit: Unit, repair: Repair, now: UtcMs) -> None:
        if repair.keys:
            unit.outbox.dirty([build(KeysTopic(v)) for v in unit.site.key_lists()], RANK_DOCUMENT, now)
        if repair.config:
            unit.outbox.dirty([build(SpeakerTopic(repair.speaker, CONFIG))], RANK_DOCUMENT, now)
        self.planner.repair(unit, repair.speaker, repair.broadcasts, now)
        pause = AGAIN_MS + random.randrange(AGAIN_MS)  # noqa: S311  # spreads a herd, guards nothing
        self.next_repair[repair.speaker] = UtcMs(now + pause)


def _compare(heard: HeardStatus, current: Current) -> Repair | None:
    try:
        return missing(load(Status, heard.payload.encode()), current)
    except Malformed:
        return None


def _by_speaker(playbacks: Iterable[Playback]) -> Mapping[SpeakerId, list[Playback]]:
    found: dict[SpeakerId, list[Playback]] = {}
    for playback in playbacks:
        found.setdefault(playback.speaker, []).append(playback)
    return found


def _newest(
    playbacks: Collection[Playback], live: Mapping[BroadcastId, Planned], now: UtcMs
) -> Mapping[BroadcastId, Version]:
    """Versions that matter: of playbacks without a last word, older than what a speaker fetches by itself."""
    return {
        playback.broadcast: live[playback.broadcast].version
        for playback in playbacks
        if playback.state not in FINAL and live[playback.broadcast].made < now - SETTLE_MS
    }
