"""Asks the playhead what to do next and does it: starts, stops, settles, and has each move written when it is true."""

import logging
import threading
from collections.abc import Callable, Set
from functools import partial

from edge_agent.amplifier import Amplifier, next_start
from edge_agent.clerk import OWN_WORD
from edge_agent.clipfiles import ClipFiles
from edge_agent.clock import Clock
from edge_agent.counters import Counters
from edge_agent.database import DiskTrouble
from edge_agent.hindrances import Hindrances
from edge_agent.media import Media
from edge_agent.player import Player, PlayerEvent
from edge_agent.scribe import Scribe
from edge_agent.stage import Listening, Stage
from edge_agent.store import Holding, Store
from protocol.belief import may_play
from protocol.messages import BroadcastOrder
from schedules.playhead import Action, ClockTrust, Held, Settle, Start, Stop, Wait, next_action
from schedules.states import BEGUN, PlaybackState, Reason
from schedules.units import BroadcastId, DurationMs, UtcMs
from schedules.volume import Step

_log = logging.getLogger(__name__)

LEAD = DurationMs(3_000)
"""A start is prepared (decoded ahead) so long before its time."""
FINISH_S = 2.0
_IN_THE_CARD_NS = 300_000_000
"""What a sink took may leave the output so much later."""
DOUBT_S = 5.0
"""So long what sounds may wait for a new signature when the key that signed it is taken off the list."""
_MANY = 100
_REFUSED = {**OWN_WORD, "expiry": Reason.LATE}

_S = PlaybackState


class Conductor:
    """One thread; `changed` is called after every move."""

    def __init__(
        self,
        clock: Clock,
        store: Store,
        files: ClipFiles,
        player: Player,
        counters: Counters,
        amplifier: Amplifier,
        changed: Callable[[], None],
    ) -> None:
        self._clock = clock
        self._store = store
        self._media = Media(files, counters)
        self._player = player
        self._amplifier = amplifier
        self._scribe = Scribe(store.ledger, changed)
        self._stage = Stage(clock, store, files, player, counters, self._scribe, self._amplifier)
        self._counters = counters
        self._wake = clock.condition()
        self._poked = False
        self._stopped = False
        self._finishing = False
        self._silent = threading.Event()
        self.turns = 0
        """Grows while the thread is alive, at least once a second."""
        self._hindrances = Hindrances(clock, store)
        self._doubted: dict[BroadcastId, float] = {}
        """Sounding under a key that is not listed any more → since when, monotonic seconds."""
        self.volume_limit = int(store.noted("volume_limit", "100"))
        self._thread = threading.Thread(target=self._run, name="conductor", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def finish(self) -> None:
        """Begin nothing more, fade out what sounds, write down what was heard; it goes on after the next start.

        Returns when the last of it has left the output, or after FINISH_S at the latest.
        """
        sounded = self._stage.now_playing is not None
        self._finishing = True
        self.poke()
        self._silent.wait(FINISH_S)
        if sounded:
            self._clock.sleep_until_ns(self._clock.monotonic_ns() + _IN_THE_CARD_NS)

    def stop(self) -> None:
        """End the thread; what still plays is left as playing, and goes on after the next start."""
        with self._wake:
            self._stopped = True
            self._wake.notify()
        self._thread.join(2.0)
        self._despite(partial(self._stage.persist, self._clock.monotonic_s(), at_once=True))

    def poke(self) -> None:
        """Something new may have to be decided."""
        with self._wake:
            self._poked = True
            self._wake.notify()

    def tell(self, event: PlayerEvent) -> None:
        """From the player; only handed over."""
        self._stage.tell(event)
        self.poke()

    def set_volume_limit(self, percent: int) -> None:
        self._store.note("volume_limit", str(percent))
        self.volume_limit = percent
        self.poke()

    def listen_with(self, ear: Listening) -> None:
        """There is a microphone. Before `start`."""
        self._stage.ear = ear

    def limits_now(self) -> tuple[Step, ...]:
        """The most for a sound of now, the limits of the hour included."""
        return self._stage.limits(self.volume_limit, self._clock.utc_ms())

    @property
    def now_playing(self) -> BroadcastOrder | None:
        return self._stage.now_playing

    @property
    def busy(self) -> bool:
        """A programme sounds or is about to."""
        return not self._stage.empty

    def awake_ns(self) -> int:
        """The UTC instant from which on a sound wanted now is heard whole."""
        return self._amplifier.awake_ns()

    @property
    def amplifier_trouble(self) -> str:
        return self._amplifier.trouble

    def _run(self) -> None:
        while True:
            self.turns += 1
            pause = self.step_safely()
            with self._wake:
                if not self._poked and not self._stopped:
                    self._wake.wait(pause)
                self._poked = False
                if self._stopped:
                    return

    def step_safely(self) -> float:
        """One step that raises nothing; returns seconds until the next may be due."""
        try:
            return self.step(self._clock.utc_ms())
        except DiskTrouble as trouble:
            self._counters.add("disk_errors")
            _log.warning("the disk refuses: %s", trouble)
        except Exception:
            # The conductor must outlive every surprise: silence until a restart is the worst outcome.
            self._counters.add("conductor_faults")
            _log.exception("the conductor stumbled")
        return 1.0

    def recover(self, now: UtcMs) -> None:
        """What was playing when the box went down is suspended, and goes on if its hard end allows."""
        for held in self._store.live():
            if self._is_lost(held):
                self._despite(partial(self._scribe.move, held.order, _S.SUSPENDED, Reason.RESTART, now))

    def _is_lost(self, holding: Holding) -> bool:
        return holding.playback.state is _S.PLAYING and holding.order.broadcast.id not in self._stage

    def step(self, now: UtcMs) -> float:
        """Handle what happened, perform what is due; returns seconds until something may be due.

        While the disk refuses, what can be done without writing is done: what is here plays, and is told later.
        """
        if self._finishing:
            return self._wind_down(now)
        self._despite(partial(self._stage.settle, now))
        self.recover(now)
        self._settle_media(now)
        self._stage.limit(self.volume_limit)
        self._silence_doubted()
        trust = self._clock.trust()
        self._hindrances.look(trust, now, self._player.failure, self._despite)
        stuck: set[BroadcastId] = set()
        for _ in range(_MANY):
            action = next_action(self._held(stuck), now, trust, LEAD)
            if isinstance(action, Wait):
                self._amplifier.expect(next_start(self._store.live(), now), busy=self.busy)
                self._despite(partial(self._stage.persist, self._clock.monotonic_s()))
                return 1.0 if action.until is None else max(0.0, min(1.0, (action.until - now) / 1000))
            if not self._despite(partial(self._perform, action, now, trust)):
                stuck.add(action.broadcast)
        return 0.1

    def _wind_down(self, now: UtcMs) -> float:
        self._despite(partial(self._stage.wind_down, now))
        if self._stage.empty:
            self._silent.set()
            return 1.0
        return 0.02

    def _despite(self, write: Callable[[], None]) -> bool:
        """Do it; false when the disk refuses."""
        try:
            write()
        except DiskTrouble as trouble:
            self._counters.add("disk_errors")
            _log.warning("the disk refuses: %s", trouble)
            return False
        return True

    def _held(self, stuck: Set[BroadcastId]) -> list[Held]:
        return [
            self._as_held(holding)
            for holding in self._store.live()
            if (broadcast := holding.order.broadcast.id) not in stuck
            and not self._stage.leaving(broadcast)
            and not self._is_lost(holding)
        ]

    def _as_held(self, holding: Holding) -> Held:
        broadcast, playback = holding.order.broadcast, holding.playback
        state, position, heard = playback.state, playback.position, playback.measured.heard_ms
        if broadcast.id in self._stage:
            state = _S.PLAYING
            if progress := self._stage.progress(broadcast.id):
                position, heard = progress[0], progress[1].heard_ms
        return Held(
            broadcast=broadcast,
            state=state,
            position=position,
            media_ready=not holding.doubted and self._media.whole(broadcast),
            withdrawn=holding.withdrawn,
            skipped=DurationMs(max(0, position - heard)),
            hindered=Reason.KEY if holding.doubted else self._hindrances.reason(broadcast),
        )

    def _silence_doubted(self) -> None:
        """What sounds and lost its key's word falls silent, unless somebody signs it anew within moments."""
        monotonic = self._clock.monotonic_s()
        sounding = [held for held in self._store.live() if held.doubted and held.order.broadcast.id in self._stage]
        begun = {held.order.broadcast.id: monotonic for held in sounding}
        self._doubted = {broadcast: self._doubted.get(broadcast, at) for broadcast, at in begun.items()}
        for broadcast, since in self._doubted.items():
            if monotonic - since >= DOUBT_S:
                self._stage.silence(broadcast)

    def _settle_media(self, now: UtcMs) -> None:
        for holding in self._store.live():
            broadcast, state = holding.order.broadcast, holding.playback.state
            if state not in (_S.ACCEPTED, _S.READY) or broadcast.id in self._stage:
                continue
            whole = self._media.whole(broadcast)
            if whole and state is _S.ACCEPTED and not holding.withdrawn:
                self._despite(partial(self._scribe.move, holding.order, _S.READY, Reason.NONE, now))
            elif not whole and state is _S.READY:
                self._despite(partial(self._scribe.move, holding.order, _S.ACCEPTED, Reason.NONE, now))

    def _perform(self, action: Action, now: UtcMs, trust: ClockTrust) -> None:
        match action:
            case Start():
                self._start(action, now, trust)
            case Stop():
                self._stage.stop(action)
            case Settle(broadcast, becomes, reason):
                order = self._store.order(broadcast)
                if order is not None:
                    self._scribe.move(order, becomes, reason, now)

    def _start(self, start: Start, now: UtcMs, trust: ClockTrust) -> None:
        order = self._store.order(start.broadcast)
        playback = self._store.ledger.playback(start.broadcast)
        if order is None or playback is None:
            return
        if playback.state is _S.ACCEPTED:
            self._scribe.move(order, _S.READY, Reason.NONE, now)
        doubt = may_play(order, self._store.trust(), start.at, trust, start.offset, self._stage.sounded())
        if doubt is not None:
            self._counters.add(f"refused_{doubt.name}")
            becomes = _S.INTERRUPTED if playback.state in BEGUN else _S.REFUSED
            reason = _REFUSED.get(str(doubt.name), Reason.WITHDRAWN)
            self._scribe.move(order, becomes, reason, now, detail=doubt.sentence)
        elif self._media_is_true(order):
            self._media.used(order.broadcast, now)
            begun = playback.state in BEGUN
            self._stage.arm(order, start, playback.measured, self.volume_limit, begun_before=begun)

    def _media_is_true(self, order: BroadcastOrder) -> bool:
        """Raises DiskTrouble when it cannot be read: it is tried again, and missed for this reason if that stays so."""
        try:
            return self._media.true(order.broadcast)
        except DiskTrouble:
            self._hindrances.note(order.broadcast.id, Reason.DISK)
            raise
