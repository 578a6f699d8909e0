"""Asks the playhead what to do next and does it: starts, stops, settles, and records each move when it is true."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from hashlib import file_digest

from audio.levels import volume_gain
from edge_agent import clock
from edge_agent.armed import Armed, outcome
from edge_agent.clipfiles import ClipFiles
from edge_agent.counters import Counters
from edge_agent.database import DiskTrouble
from edge_agent.feed import Feed
from edge_agent.measuring import joined
from edge_agent.player import Began, Ended, Player, PlayerEvent
from edge_agent.store import Holding, Store
from edge_agent.voice import Order
from protocol.belief import may_play
from protocol.messages import BroadcastOrder, Measured
from schedules.model import StartRule
from schedules.playhead import Action, ClockTrust, Held, Settle, Start, Stop, Wait, next_action
from schedules.states import BEGUN, IllegalMove, PlaybackState, Reason
from schedules.units import BroadcastId, DurationMs, UtcMs

_log = logging.getLogger(__name__)

LEAD = DurationMs(3_000)
"""A start is prepared (decoded ahead) so long before its time."""
_PERSIST_S = 1.0
_FADED_S = 0.6
"""After a stop the sink has so long to fade out; then the programme is dropped."""
_MANY = 100
_TOLERANCE_MS = 1_000
"""A start that was armed in time may slip by so much on a busy machine."""
_REFUSED = {"quiet_hours": Reason.QUIET_HOURS, "volume": Reason.VOLUME, "expiry": Reason.LATE}

_S = PlaybackState


class Conductor:
    """One thread; `changed` is called after every move."""

    def __init__(
        self, store: Store, files: ClipFiles, player: Player, counters: Counters, changed: Callable[[], None]
    ) -> None:
        self._store = store
        self._files = files
        self._player = player
        self._counters = counters
        self._changed = changed
        self._events: deque[PlayerEvent] = deque()
        self._wake = threading.Condition()
        self._poked = False
        self._stopped = False
        self._armed: dict[BroadcastId, Armed] = {}
        self._hindered: dict[BroadcastId, Reason] = {}
        self._persisted = 0.0
        self._recovered = False
        self.volume_limit = int(store.noted("volume_limit", "100"))
        self._thread = threading.Thread(target=self._run, name="conductor", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the thread; what plays is left as playing, and goes on after the next start."""
        with self._wake:
            self._stopped = True
            self._wake.notify()
        self._thread.join(2.0)
        self._persist(clock.monotonic_s(), at_once=True)

    def poke(self) -> None:
        """Something new may have to be decided."""
        with self._wake:
            self._poked = True
            self._wake.notify()

    def tell(self, event: PlayerEvent) -> None:
        """From the player; only handed over."""
        self._events.append(event)
        with self._wake:
            self._poked = True
            self._wake.notify()

    def set_volume_limit(self, percent: int) -> None:
        self._store.note("volume_limit", str(percent))
        self.volume_limit = percent

    @property
    def now_playing(self) -> BroadcastOrder | None:
        for armed in tuple(self._armed.values()):
            if armed.begun and not armed.over:
                return armed.order
        return None

    @property
    def busy(self) -> bool:
        """A programme sounds or is about to."""
        return bool(self._armed)

    def _run(self) -> None:
        while True:
            pause = self._step_safely()
            with self._wake:
                if not self._poked and not self._stopped:
                    self._wake.wait(pause)
                self._poked = False
                if self._stopped:
                    return

    def _step_safely(self) -> float:
        try:
            if not self._recovered:
                self.recover()
            return self.step(clock.utc_ms())
        except DiskTrouble as trouble:
            self._counters.add("disk_errors")
            _log.warning("the disk refuses: %s", trouble)
        except Exception:
            # The conductor must outlive every surprise: silence until a restart is the worst outcome.
            self._counters.add("conductor_faults")
            _log.exception("the conductor stumbled")
        return 1.0

    def recover(self) -> None:
        """What was playing when the box went down is suspended, and goes on if its hard end allows."""
        now = clock.utc_ms()
        for held in self._store.live():
            if held.playback.state is _S.PLAYING:
                self._move(held.order, _S.SUSPENDED, Reason.RESTART, now)
        self._recovered = True

    def step(self, now: UtcMs) -> float:
        """Handle what happened, perform what is due; returns seconds until something may be due."""
        for event in tuple(self._events):
            if isinstance(event, Ended) and (armed := self._armed.get(event.broadcast)):
                armed.over = True
        while self._events:
            self._take(self._events[0], now)
            self._events.popleft()
        self._check_armed(now)
        self._settle_media(now)
        trust = clock.trust(now)
        self._note_hindrances(now, trust)
        for _ in range(_MANY):
            action = next_action(self._held(), now, trust, LEAD)
            if isinstance(action, Wait):
                self._persist(clock.monotonic_s())
                return 1.0 if action.until is None else max(0.0, min(1.0, (action.until - now) / 1000))
            self._perform(action, now, trust)
        return 0.1

    def _held(self) -> list[Held]:
        return [self._as_held(holding) for holding in self._store.live() if not self._leaving(holding)]

    def _leaving(self, holding: Holding) -> bool:
        armed = self._armed.get(holding.order.broadcast.id)
        return armed is not None and (armed.over or armed.stopping is not None)

    def _as_held(self, holding: Holding) -> Held:
        broadcast, playback = holding.order.broadcast, holding.playback
        state, position, heard = playback.state, playback.position, playback.measured.heard_ms
        if armed := self._armed.get(broadcast.id):
            state = _S.PLAYING
            if progress := self._player.progress(broadcast.id):
                position, heard = progress[0], joined(armed.before, progress[1]).heard_ms
        return Held(
            broadcast=broadcast,
            state=state,
            position=position,
            media_ready=all(self._files.has(clip.id) for clip in broadcast.clips),
            withdrawn=holding.withdrawn,
            skipped=DurationMs(max(0, position - heard)),
            hindered=self._hindered.get(broadcast.id, Reason.NONE),
        )

    def _note_hindrances(self, now: UtcMs, trust: ClockTrust) -> None:
        """Remember what keeps a broadcast from beginning at its time, for the reason if it is missed."""
        reason = Reason.CLOCK if trust is ClockTrust.UNKNOWN else Reason.DEVICE if self._player.failure else None
        if reason is None:
            return
        for holding in self._store.live():
            if holding.playback.state not in BEGUN and (trust is ClockTrust.UNKNOWN or _due(holding, now)):
                self._hindered[holding.order.broadcast.id] = reason

    def _settle_media(self, now: UtcMs) -> None:
        for holding in self._store.live():
            broadcast, state = holding.order.broadcast, holding.playback.state
            if state not in (_S.ACCEPTED, _S.READY) or broadcast.id in self._armed:
                continue
            whole = all(self._files.has(clip.id) for clip in broadcast.clips)
            if whole and state is _S.ACCEPTED and not holding.withdrawn:
                self._move(holding.order, _S.READY, Reason.NONE, now)
            elif not whole and state is _S.READY:
                self._move(holding.order, _S.ACCEPTED, Reason.NONE, now)

    def _check_armed(self, now: UtcMs) -> None:
        """Take back what was armed in vain: revised since, or the sink never came to it in time."""
        monotonic = clock.monotonic_s()
        for broadcast, armed in tuple(self._armed.items()):
            newest = self._store.order(broadcast) or armed.order
            late = now > armed.order.broadcast.latest_start + _TOLERANCE_MS
            revised = newest.version != armed.order.version
            given_up = armed.stopping is not None and monotonic > armed.stop_at + _FADED_S
            in_vain = not armed.begun and armed.stopping is None and (revised or late)
            if (in_vain or given_up) and (ended := self._player.drop(broadcast)):
                self._happened(ended, now)

    def _perform(self, action: Action, now: UtcMs, trust: ClockTrust) -> None:
        match action:
            case Start():
                self._start(action, now, trust)
            case Stop(broadcast):
                armed = self._armed[broadcast]
                armed.stopping, armed.stop_at = action, clock.monotonic_s()
                self._player.stop(broadcast, clock.utc_ns())
            case Settle(broadcast, becomes, reason):
                order = self._store.order(broadcast)
                if order is not None:
                    self._move(order, becomes, reason, now)

    def _start(self, start: Start, now: UtcMs, trust: ClockTrust) -> None:
        order = self._store.order(start.broadcast)
        playback = self._store.ledger.playback(start.broadcast)
        if order is None or playback is None:
            return
        if playback.state is _S.ACCEPTED:
            self._move(order, _S.READY, Reason.NONE, now)
        doubt = may_play(order, self._store.trust(), start.at, trust, start.offset)
        if doubt is not None:
            self._counters.add(f"refused_{doubt.name}")
            becomes = _S.INTERRUPTED if playback.state in BEGUN else _S.REFUSED
            self._move(order, becomes, _REFUSED.get(str(doubt.name), Reason.WITHDRAWN), now, detail=doubt.sentence)
        elif self._media_is_true(order):
            self._arm(order, start, playback.measured, begun_before=playback.state in BEGUN)

    def _media_is_true(self, order: BroadcastOrder) -> bool:
        """The hash of each clip is checked again before it sounds; a damaged one is fetched anew."""
        for clip in order.broadcast.clips:
            path = self._files.path(clip.id)
            with path.open("rb") as file:
                true = file_digest(file, "sha256").hexdigest() == clip.id
            if not true:
                self._counters.add("refused_media")
                path.unlink()
                return False
        return True

    def _arm(self, order: BroadcastOrder, start: Start, before: Measured, *, begun_before: bool) -> None:
        broadcast = order.broadcast
        volume = min(broadcast.volume, self.volume_limit)
        feed = Feed([(self._files.path(clip.id), clip.duration) for clip in broadcast.clips], start.offset)
        feed.wait_primed(2.0)
        self._armed[broadcast.id] = Armed(order, before)
        self._player.arm(
            Order(
                broadcast=broadcast.id,
                planned=broadcast.start,
                due_ns=start.at * 1_000_000,
                offset=start.offset,
                content_ms=broadcast.duration,
                volume_percent=volume,
                gain=volume_gain(volume),
                join=broadcast.rule is StartRule.JOIN and not begun_before,
                latest_ns=None if begun_before else (broadcast.latest_start + _TOLERANCE_MS) * 1_000_000,
            ),
            feed,
        )

    def _take(self, event: PlayerEvent, now: UtcMs) -> None:
        try:
            self._happened(event, now)
        except IllegalMove:
            # Final meanwhile (it was refused, say): what the player adds changes nothing.
            self._counters.add("illegal_moves")
            self._armed.pop(event.broadcast, None)

    def _happened(self, event: PlayerEvent, now: UtcMs) -> None:
        """Record what the player told. Raises DiskTrouble; then it is told again."""
        armed = self._armed.get(event.broadcast)
        if armed is None:
            return
        measured = joined(armed.before, event.measured)
        if isinstance(event, Began):
            armed.begun = True
            self._move(armed.order, _S.PLAYING, Reason.NONE, now, measured=measured, position=event.position)
            return
        becomes, reason = outcome(armed, event, measured)
        if becomes is not None:
            position = event.position
            self._move(armed.order, becomes, reason, now, measured=measured, position=position, detail=event.detail)
        del self._armed[event.broadcast]

    def _move(
        self,
        order: BroadcastOrder,
        to: PlaybackState,
        reason: Reason,
        now: UtcMs,
        *,
        measured: Measured | None = None,
        position: DurationMs | None = None,
        detail: str = "",
    ) -> None:
        broadcast = order.broadcast.id
        playback = self._store.ledger.move(
            broadcast, order.version, to, reason, now, measured=measured, position=position, detail=detail
        )
        _log.info("%s is %s %s", broadcast, playback.state, playback.reason)
        self._changed()

    def _persist(self, monotonic: float, *, at_once: bool = False) -> None:
        if monotonic - self._persisted < _PERSIST_S and not at_once:
            return
        self._persisted = monotonic
        for broadcast, armed in tuple(self._armed.items()):
            if armed.begun and (progress := self._player.progress(broadcast)):
                self._store.ledger.progress(broadcast, progress[0], joined(armed.before, progress[1]))


def _due(holding: Holding, now: UtcMs) -> bool:
    return now >= holding.order.broadcast.start
