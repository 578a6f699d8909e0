"""The programmes that the player has: puts them there, takes them back, and writes down what came out of each."""

from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

from audio.envelope import Comparison
from audio.levels import volume_gain
from edge_agent.amplifier import Amplifier
from edge_agent.armed import Armed, outcome
from edge_agent.clipfiles import ClipFiles
from edge_agent.clock import Clock
from edge_agent.counters import Counters
from edge_agent.database import DiskTrouble
from edge_agent.feed import Feed
from edge_agent.measuring import joined
from edge_agent.player import Began, Ended, Player, PlayerEvent
from edge_agent.scribe import Scribe
from edge_agent.store import Store
from edge_agent.voice import Order
from protocol.messages import BroadcastOrder, Measured
from schedules.model import Priority, StartRule
from schedules.playhead import Start, Stop
from schedules.rails import Stretch
from schedules.states import IllegalMove, PlaybackState, Reason
from schedules.units import BroadcastId, DurationMs, Percent, UtcMs
from schedules.volume import Step, steps

_PERSIST_S = 1.0
_FADED_S = 0.6
"""After a stop the sink has so long to fade out; then the programme is dropped."""
_MARGIN_MS = 3_600_000
"""Limits are worked out for an hour more than anything can sound: the clock may be set in between."""
_TOLERANCE_MS = 1_000
"""A start that was armed in time may slip by so much on a busy machine."""


class Listening(Protocol):
    """What the stage asks of a microphone (edge_agent/ear.py)."""

    def begin(self) -> None: ...

    def end(self, sent: Sequence[int], started_us: int) -> Comparison: ...


class Stage:
    """For the conductor's thread; `tell`, `now_playing` and `empty` are for any."""

    def __init__(
        self,
        clock: Clock,
        store: Store,
        files: ClipFiles,
        player: Player,
        counters: Counters,
        scribe: Scribe,
        amplifier: Amplifier,
    ) -> None:
        self._clock = clock
        self._store = store
        self._files = files
        self._player = player
        self._counters = counters
        self._scribe = scribe
        self._amplifier = amplifier
        self._events: deque[PlayerEvent] = deque()
        self._armed: dict[BroadcastId, Armed] = {}
        self._persisted = 0.0
        self.ear: Listening | None = None
        """The microphone, where there is one."""
        self._compared: dict[BroadcastId, Comparison] = {}
        """What it said of the end that is being written down; a disk that refuses makes the end happen again."""

    def __contains__(self, broadcast: BroadcastId) -> bool:
        return broadcast in self._armed

    @property
    def empty(self) -> bool:
        return not self._armed

    @property
    def now_playing(self) -> BroadcastOrder | None:
        for armed in tuple(self._armed.values()):
            if armed.begun and not armed.over:
                return armed.order
        return None

    def leaving(self, broadcast: BroadcastId) -> bool:
        """It is over or told to stop; what became of it is not yet written."""
        armed = self._armed.get(broadcast)
        return armed is not None and (armed.over or armed.stopping is not None)

    def progress(self, broadcast: BroadcastId) -> tuple[DurationMs, Measured] | None:
        """Position and all that came out, earlier stretches included; None when it does not sound."""
        armed, progress = self._armed.get(broadcast), self._player.progress(broadcast)
        return (progress[0], joined(armed.before, progress[1])) if armed and progress else None

    def sounded(self) -> tuple[Stretch, ...]:
        """What came out lately, what sounds now included, emergencies left out: what the caps count."""
        for broadcast, armed in tuple(self._armed.items()):
            if armed.begun and (progress := self._player.progress(broadcast)):
                with suppress(DiskTrouble):
                    self._note_sound(armed, progress[1])
        return self._store.sounded.stretches()

    def _note_sound(self, armed: Armed, measured: Measured) -> None:
        if armed.order.broadcast.priority is not Priority.EMERGENCY:
            self._store.sounded.note(armed.order.broadcast.id, measured)

    def arm(self, order: BroadcastOrder, start: Start, before: Measured, limit: int, *, begun_before: bool) -> None:
        """Let it sound at its time, not louder than `limit` percent; `before` came out of it already."""
        broadcast = order.broadcast
        feed = Feed([(self._files.path(clip.id), clip.duration) for clip in broadcast.clips], start.offset)
        feed.wait_primed(2.0)
        latest = None if begun_before else UtcMs(broadcast.latest_start + _TOLERANCE_MS)
        self._armed[broadcast.id] = Armed(order, before, latest)
        self._player.arm(
            Order(
                broadcast=broadcast.id,
                planned=broadcast.start,
                due_ns=self._due_ns(order, start, begun_before),
                offset=start.offset,
                content_ms=broadcast.duration,
                volume_percent=broadcast.volume,
                gain=volume_gain(broadcast.volume),
                limits=self._limits(order, limit),
                join=broadcast.rule is StartRule.JOIN and not begun_before,
                latest_ns=None if latest is None else latest * 1_000_000,
                until_ns=broadcast.hard_end * 1_000_000,
            ),
            feed,
        )

    def _due_ns(self, order: BroadcastOrder, start: Start, begun_before: bool) -> int:
        """At its time; what begins by its own beginning waits for a cold amplifier, so that the first word is whole."""
        at, awake = start.at * 1_000_000, self._amplifier.awake_ns()
        if begun_before:
            return max(at, awake)
        if order.broadcast.rule is StartRule.JOIN:
            return at
        return max(at, min(awake, order.broadcast.latest_start * 1_000_000))

    def limits(self, limit: int, until: UtcMs, priority: Priority = Priority.NORMAL) -> tuple[Step, ...]:
        """The most from now on: the box's own `limit`, and in their hours the lower ones of its place."""
        now, config = self._clock.utc_ms(), self._store.config
        begin, end = UtcMs(now - _MARGIN_MS), UtcMs(max(now, until) + _MARGIN_MS)
        if config is None or priority is Priority.EMERGENCY:
            return (Step(begin, Percent(limit)),)
        return steps(begin, end, config.time_zone, Percent(limit), config.volume_hours)

    def _limits(self, order: BroadcastOrder, limit: int) -> tuple[Step, ...]:
        return self.limits(limit, order.broadcast.hard_end, order.broadcast.priority)

    def limit(self, limit: int) -> None:
        """The limits may be others than when things were armed: a command, a new config, a clock that was set."""
        for broadcast, armed in tuple(self._armed.items()):
            self._player.limit(broadcast, self._limits(armed.order, limit))

    def stop(self, stop: Stop) -> None:
        armed = self._armed[stop.broadcast]
        armed.stopping, armed.stop_at = stop, self._clock.monotonic_s()
        self._player.stop(stop.broadcast, self._clock.utc_ns())

    def wind_down(self, now: UtcMs) -> None:
        """Fade out what sounds, take back what does not yet; call again until `empty`. Raises DiskTrouble."""
        for broadcast, armed in tuple(self._armed.items()):
            if armed.stopping is not None or armed.over:
                continue
            if ended := self._player.take_back(broadcast):
                self._events.append(ended)
            else:
                self.stop(Stop(broadcast, PlaybackState.SUSPENDED, Reason.RESTART))
        self.settle(now)

    def silence(self, broadcast: BroadcastId) -> None:
        """Fade it out; it is suspended then, and may go on."""
        self._player.stop(broadcast, self._clock.utc_ns())

    def tell(self, event: PlayerEvent) -> None:
        """From the player; only handed over."""
        self._events.append(event)

    def settle(self, now: UtcMs) -> None:
        """Write down what happened. Raises DiskTrouble; then what could not be written is kept for the next time."""
        self._look_ahead()
        self._take_back(now)
        self._look_ahead()
        while self._events:
            self._take(self._events[0], now)
            self._events.popleft()

    def persist(self, monotonic: float, *, at_once: bool = False) -> None:
        """Note now and then how far the sound has come."""
        if monotonic - self._persisted < _PERSIST_S and not at_once:
            return
        self._persisted = monotonic
        for broadcast, armed in tuple(self._armed.items()):
            if armed.begun and (progress := self._player.progress(broadcast)):
                self._note_sound(armed, progress[1])
                self._store.ledger.progress(broadcast, progress[0], joined(armed.before, progress[1]))

    def _look_ahead(self) -> None:
        """What is true at once, even if it cannot be written yet."""
        for event in tuple(self._events):
            if armed := self._armed.get(event.broadcast):
                armed.begun = armed.begun or isinstance(event, Began)
                armed.over = armed.over or isinstance(event, Ended)

    def _take_back(self, now: UtcMs) -> None:
        """What was armed in vain: revised since, or the sink never came to it in time."""
        for broadcast, armed in tuple(self._armed.items()):
            newest = self._store.order(broadcast) or armed.order
            late = armed.latest is not None and now > armed.latest
            ended = None
            if armed.stopping is not None:
                if self._clock.monotonic_s() > armed.stop_at + _FADED_S:
                    ended = self._player.drop(broadcast)
            elif not armed.begun and (late or newest.version != armed.order.version or self._store.doubts(broadcast)):
                ended = self._player.take_back(broadcast)
            if ended:
                self._events.append(ended)

    def _take(self, event: PlayerEvent, now: UtcMs) -> None:
        try:
            self._happened(event, now)
        except IllegalMove:
            # Final meanwhile (it was refused, say): what the player adds changes nothing, and it falls silent.
            self._counters.add("illegal_moves")
            self._armed.pop(event.broadcast, None)
            self._player.stop(event.broadcast, self._clock.utc_ns())

    def _listened(self, event: PlayerEvent) -> PlayerEvent:
        """With what the microphone says, if there is one."""
        if self.ear is None:
            return event
        if isinstance(event, Began):
            self.ear.begin()
            return event
        if not event.measured.frames:
            return event
        if event.broadcast not in self._compared:
            self._compared = {event.broadcast: self.ear.end(event.envelope, event.measured.started_us)}
        found = self._compared[event.broadcast]
        return replace(event, measured=replace(event.measured, microphone=found.word, microphone_cdb=found.cdb))

    def _happened(self, event: PlayerEvent, now: UtcMs) -> None:
        armed = self._armed.get(event.broadcast)
        if armed is None:
            return
        self._note_sound(armed, event.measured)
        event = self._listened(event)
        measured, position = joined(armed.before, event.measured), event.position
        if isinstance(event, Began):
            becomes: PlaybackState | None
            becomes, reason, detail = PlaybackState.PLAYING, Reason.NONE, self._amplifier.trouble
        else:
            (becomes, reason), detail = outcome(armed, event, measured), event.detail or self._amplifier.trouble
        if becomes is not None:
            self._scribe.move(armed.order, becomes, reason, now, measured=measured, position=position, detail=detail)
        if isinstance(event, Ended):
            del self._armed[event.broadcast]
            self._compared.pop(event.broadcast, None)
