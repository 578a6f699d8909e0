"""Reconciliation: compare what each speaker says it holds with what it should, and repair, paced."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from controller.planning import Planner
from controller.publishing import broadcast_topics, routes_of
from controller.said import said
from controller.store.outbox import RANK_DOCUMENT
from controller.store.unit import Unit
from controller.store.values import HeardStatus
from protocol.topics import CONFIG, KeysTopic, SpeakerTopic, build
from protocol.versions import Version
from schedules.model import Targets
from schedules.units import BroadcastId, SpeakerId, UtcMs

SETTLE_MS = 5_000
"""So long after coming online, or after the broker has a new revision, a speaker may take to fetch by itself."""
AGAIN_MS = 30_000
"""Between two repairs of one speaker, plus up to as much at random."""
MOST_AT_ONCE = 50
"""Speakers repaired in one turn, so that a great outage does not end in a storm."""
MOST_DOUBLINGS = 5
"""The same repair again waits twice as long each time, up to 16 to 32 minutes."""


@dataclass(frozen=True, slots=True)
class Repair:
    """What to send one speaker by its own route."""

    speaker: SpeakerId
    keys: bool
    config: bool
    broadcasts: tuple[BroadcastId, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """The last repair of a speaker, how often the very same went before it, and when the next may be."""

    repair: Repair
    before: int
    again: UtcMs


@dataclass(frozen=True, slots=True)
class Lists:
    """Which key list and config the speaker named in the status that came at `seen`."""

    seen: UtcMs
    keys: int
    config: Version


@dataclass(slots=True)
class Reconciler:
    """Remembers only what it tried for each speaker, and of each newest status what it named."""

    planner: Planner
    tried: dict[SpeakerId, Tried] = field(default_factory=dict)
    named: dict[SpeakerId, Lists] = field(default_factory=dict)

    def turn(self, unit: Unit, now: UtcMs) -> tuple[Repair, ...]:
        """Decide and do one turn; returns what was repaired. Who was repaired longest ago comes first."""
        settled = UtcMs(now - SETTLE_MS)
        lacking = unit.playbacks.stale(now, settled)
        known = told(unit, {broadcast for each in lacking.values() for broadcast in each}, settled)
        configs, keys = unit.places.config_versions(), max(unit.site.key_lists(), default=0)
        made: list[Repair] = []
        for heard in sorted(unit.places.statuses(), key=lambda each: self._again(each.speaker)):
            if len(made) == MOST_AT_ONCE:
                break
            if not heard.online or heard.online_since > settled or self._again(heard.speaker) > now:
                continue
            stale = tuple(each for each in lacking.get(heard.speaker, ()) if each in known)
            lists = self._lists(heard)
            config = lists.config < configs.get(heard.speaker, Version(0, 0))
            if stale or config or lists.keys < keys:
                made.append(Repair(heard.speaker, lists.keys < keys, config, stale))
                self._do(unit, made[-1], now)
        return tuple(made)

    def _again(self, speaker: SpeakerId) -> UtcMs:
        tried = self.tried.get(speaker)
        return tried.again if tried else UtcMs(0)

    def _lists(self, heard: HeardStatus) -> Lists:
        """Read once per status: there may be thousands, and a turn comes every few seconds."""
        known = self.named.get(heard.speaker)
        if known is None or known.seen != heard.seen:
            status = said(heard)
            known = self.named[heard.speaker] = Lists(heard.seen, status.keys_version, status.config_version)
        return known

    def _do(self, unit: Unit, repair: Repair, now: UtcMs) -> None:
        if repair.keys:
            held = self.named[repair.speaker].keys
            missed = [version for version in unit.site.key_lists() if version > held]
            unit.outbox.dirty([build(KeysTopic(version)) for version in missed], RANK_DOCUMENT, now)
        if repair.config:
            unit.outbox.dirty([build(SpeakerTopic(repair.speaker, CONFIG))], RANK_DOCUMENT, now)
        self.planner.repair(unit, repair.speaker, repair.broadcasts, now)
        last = self.tried.get(repair.speaker)
        before = min(last.before + 1, MOST_DOUBLINGS) if last is not None and last.repair == repair else 0
        pause = AGAIN_MS + random.randrange(AGAIN_MS)  # noqa: S311  # spreads a herd, guards nothing
        self.tried[repair.speaker] = Tried(repair, before, UtcMs(now + pause * 2**before))


def told(unit: Unit, broadcasts: Iterable[BroadcastId], before: UtcMs) -> frozenset[BroadcastId]:
    """Those whose newest revision the broker acknowledged on all their own routes before `before`.

    While the broker is away, or the outbox is long, nobody can have heard of them: to repair every speaker by
    itself would only make a thousand messages of one.
    """
    planned = unit.broadcasts.many(frozenset(broadcasts))
    topics = {each.id: broadcast_topics(routes_of(Targets(each.areas, each.speakers)), each.id) for each in planned}
    sent: Mapping[str, UtcMs] = unit.outbox.sent({topic for each in topics.values() for topic in each})
    return frozenset(
        each.id for each in planned if all(each.made <= sent.get(topic, -1) <= before for topic in topics[each.id])
    )
