"""Takes one message at a time: believes it or not (protocol/belief.py), stores it, and says what that changed."""

import logging
from dataclasses import dataclass

from edge_agent.counters import Counters
from edge_agent.shelf import Deferred as Kept
from edge_agent.store import Store
from protocol.belief import Awaits, Believed, Deferred, Disbelieved, judge
from protocol.canonical import sha256_hex
from protocol.envelope import open_envelope
from protocol.identity import identity_of
from protocol.messages import BroadcastOrder, Command, Config, Keys, Plan, Receipt
from protocol.versions import Version
from schedules.playhead import ClockTrust
from schedules.states import FINAL, PlaybackState, Reason
from schedules.units import BroadcastId, UtcMs

_log = logging.getLogger(__name__)

OWN_WORD = {
    "quiet_hours": Reason.QUIET_HOURS,
    "weekday": Reason.WEEKDAY,
    "session_cap": Reason.SESSION_CAP,
    "daily_cap": Reason.DAILY_CAP,
    "volume": Reason.VOLUME,
}
"""Refusals of documents that are otherwise genuine and ours: the playback ends as `refused`, for these reasons."""

_OF_NO_USE = frozenset({"audience", "expiry", *OWN_WORD})
"""Refusals of genuine orders: hearing the same again changes nothing until the config does."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What one message changed."""

    plans: bool = False
    broadcasts: bool = False
    trust: bool = False
    """Keys or config: what was deferred may be judged again."""
    confirmed: bool = False
    command: Command | None = None


_NOTHING = Taken()


class Clerk:
    """Not safe from several threads at once: the inbox has one worker."""

    def __init__(self, store: Store, counters: Counters) -> None:
        self._store = store
        self._counters = counters
        self._not_ours: dict[tuple[BroadcastId, Version], None] = {}

    def take(self, topic: str, payload: bytes, now: UtcMs, clock: ClockTrust) -> Taken:
        """Judge and store one message. Raises DiskTrouble: nothing was changed, do not acknowledge."""
        self._store.shelf.came(topic)
        if not payload:
            return _NOTHING  # an empty retained payload is housekeeping, never an instruction
        judgement = judge(topic, payload, self._store.trust(), now, clock)
        match judgement:
            case Believed():
                with self._store.transaction():
                    return self._believe(judgement, topic, payload, now)
            case Deferred():
                if judgement.name is Awaits.CLOCK and self._is_held(payload):
                    return _NOTHING
                self._counters.add(f"deferred_{judgement.name}")
                self._store.shelf.put(topic, payload, judgement.name, now)
                return _NOTHING
            case Disbelieved():
                return self._disbelieve(judgement, topic, payload, now)

    def _is_held(self, payload: bytes) -> bool:
        """It is held as it is, and need not wait: every new connection brings all that is retained again."""
        envelope = open_envelope(payload)
        return self._store.seen_hash(identity_of(envelope.message)) == sha256_hex(envelope.signed)

    def judge_deferred(self, now: UtcMs, clock: ClockTrust) -> list[Taken]:
        """Judge again what could not be judged, until nothing of it teaches anything new; what still cannot stays."""
        done: list[Taken] = []
        learned = True
        while learned:
            fresh = [taken for kept in self._store.shelf.all() if (taken := self._again(kept, now, clock)) is not None]
            learned = any(taken.trust for taken in fresh)
            done += fresh
        return done

    def _again(self, kept: Kept, now: UtcMs, clock: ClockTrust) -> Taken | None:
        if isinstance(judge(kept.topic, kept.payload, self._store.trust(), now, clock), Deferred):
            return None
        taken = self.take(kept.topic, kept.payload, now, clock)
        self._store.shelf.take_off(kept.topic)
        return taken

    def not_ours(self, broadcast: BroadcastId, version: Version) -> bool:
        """That revision was heard and is of no use here as things are: for others, too late, too loud."""
        return (broadcast, version) in self._not_ours

    def _believe(self, believed: Believed, topic: str, payload: bytes, now: UtcMs) -> Taken:
        message = believed.message
        match message:
            case Command():
                new = self._store.first_time(message.command_id, message.expires_ms, now)
                return Taken(command=message if new else None)
            case Receipt():
                return Taken(confirmed=self._store.ledger.confirm(message.store_id, message.up_to, now) > 0)
        if self._store.seen(believed.identity) == believed.version:
            self._store.add_signatures(believed, payload, now)
            return _NOTHING
        self._store.save(believed, topic, payload, now)
        match message:
            case Keys() | Config():
                self._not_ours.clear()
                return Taken(trust=True, broadcasts=True)
            case Plan():
                return Taken(plans=True)
            case BroadcastOrder():
                self._accept(message, now)
                return Taken(plans=True, broadcasts=True)
        return _NOTHING

    def _accept(self, order: BroadcastOrder, now: UtcMs) -> None:
        ledger, broadcast = self._store.ledger, order.broadcast
        ledger.begin(broadcast.id, broadcast.hard_end, now)
        playback = ledger.playback(broadcast.id)
        if playback is not None and playback.state is PlaybackState.PENDING:
            ledger.move(broadcast.id, order.version, PlaybackState.ACCEPTED, Reason.NONE, now)

    def _disbelieve(self, refusal: Disbelieved, topic: str, payload: bytes, now: UtcMs) -> Taken:
        self._counters.add(f"refused_{refusal.name}")
        _log.warning("refused %s: %s (%s)", topic, refusal.name, refusal.sentence)
        if refusal.name in _OF_NO_USE:
            self._note_not_ours(payload)
        reason = OWN_WORD.get(str(refusal.name))
        return _NOTHING if reason is None else self._refuse(topic, payload, reason, refusal.sentence, now)

    def _note_not_ours(self, payload: bytes) -> None:
        message = open_envelope(payload).message
        if isinstance(message, BroadcastOrder):
            self._not_ours[(message.broadcast.id, message.version)] = None
            while len(self._not_ours) > 1_000:
                del self._not_ours[next(iter(self._not_ours))]

    def _refuse(self, topic: str, payload: bytes, reason: Reason, sentence: str, now: UtcMs) -> Taken:
        """A genuine order that this box must not obey: say so as the final state, once."""
        envelope = open_envelope(payload)
        order = envelope.message
        if not isinstance(order, BroadcastOrder):
            return _NOTHING
        ledger, broadcast = self._store.ledger, order.broadcast
        was = ledger.playback(broadcast.id)
        if was is not None and (was.state in FINAL or was.state in (PlaybackState.PLAYING, PlaybackState.SUSPENDED)):
            return _NOTHING
        with self._store.transaction():
            identity = f"broadcast:{broadcast.id}"
            believed = Believed(order, identity, order.version, sha256_hex(envelope.signed))
            self._store.save(believed, topic, payload, now)
            ledger.begin(broadcast.id, broadcast.hard_end, now)
            ledger.move(broadcast.id, order.version, PlaybackState.REFUSED, reason, now, detail=sentence)
        return Taken(plans=True, broadcasts=True)
