"""Keeps the box's clock: asks the controller, watches the system's clock, remembers what it knows over restarts."""

import logging
import secrets
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from edge_agent.clock import BoxClock
from edge_agent.counters import Counters
from edge_agent.database import DiskTrouble
from edge_agent.estimate import (
    NTP_ERROR_NS,
    SECOND_NS,
    Estimate,
    Kept,
    Source,
    Waking,
    agree,
    chosen,
    rated,
    recalled,
    steadied,
)
from edge_agent.machine import Machine
from edge_agent.rounds import QUESTIONS, Round
from edge_agent.store import Store
from protocol.belief import Deferred, Disbelieved, judge_answer
from protocol.codec import dump
from protocol.messages import ClockAsk
from protocol.topics import CLOCK_ASK, SpeakerTopic, build
from schedules.playhead import ClockTrust

_log = logging.getLogger(__name__)

ROUND_S = 300
HURRY_S = 5
"""Between rounds while the clock is unknown."""
_STEP_NS = SECOND_NS // 2
"""A jump of the operating system's clock."""
_STEADY_NS = 1_000_000
"""Two clocks were read at one time if no more passed meanwhile."""
NOTED = "clock"
_NOTE_EVERY_NS = 3_600 * SECOND_NS
_NOTE_MOVED_NS = 50_000_000
_REMEMBERED = 24
"""Rounds from which the crystal's rate is worked out: two hours."""


class Line(Protocol):
    """What the timekeeper needs of the connection (edge_agent/link.py)."""

    @property
    def connected(self) -> bool: ...

    def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> object | None: ...


class Timekeeper:
    """`step` is called once a second from one thread, and several times while it is `asking`; the rest from any.

    `busy` says that a clip is being pulled: no time for questions, unless the clock is unknown.
    """

    def __init__(
        self,
        clock: BoxClock,
        machine: Machine,
        store: Store,
        line: Line,
        counters: Counters,
        busy: Callable[[], bool],
        battery: bool | None,
    ) -> None:
        self._clock, self._machine, self._store, self._line = clock, machine, store, line
        self._counters, self._busy = counters, busy
        self._topic = build(SpeakerTopic(store.speaker, CLOCK_ASK))
        self._heard: deque[tuple[str, bytes, int]] = deque(maxlen=2 * QUESTIONS)
        self._round: Round | None = None
        self._next_ns = 0
        self._answers: deque[Estimate] = deque(maxlen=_REMEMBERED)
        self._system_ns: int | None = None
        self._ntp = machine.kernel().synced
        self._kept = self._recall(battery)

    def _recall(self, battery: bool | None) -> Kept | None:
        kept = Kept.load(self._store.noted(NOTED, ""))
        machine = self._machine
        waking = Waking(machine.boot_id(), machine.monotonic_ns(), machine.system_ns(), machine.battery_ns(), battery)
        if kept is not None:
            self._clock.guess_from(kept.utc_ns)
        if (known := recalled(kept, waking)) is not None:
            self._clock.go_by(known)
        self._watch()
        return kept

    @property
    def asking(self) -> bool:
        """Questions are open or still to be asked."""
        return self._round is not None

    def heard(self, topic: str, payload: bytes) -> None:
        """An answer; called on the network thread the moment it is here."""
        self._heard.append((topic, payload, self._machine.monotonic_ns() // 1_000))

    def connected(self) -> None:
        """What was asked on the old connection is not waited for."""
        self._round = None
        self._next_ns = 0

    def step(self) -> None:
        """Watch, listen, ask, remember."""
        self._watch()
        while self._heard:
            self._hear(*self._heard.popleft())
        self._ask()
        if self._worth_noting():
            self.note()

    def _watch(self) -> None:
        """What the operating system's clock and the kernel's word on it have done since the last look."""
        before = self._machine.monotonic_ns()
        system_ns, kernel = self._machine.system_ns(), self._machine.kernel()
        now = self._machine.monotonic_ns()
        if now - before > _STEADY_NS:
            return  # this thread was held up between the readings
        offset = system_ns - before
        if self._system_ns is not None and abs(offset - self._system_ns) > _STEP_NS:
            self._counters.add("clock_steps")
            _log.warning("the operating system's clock stepped by %.3f s", (offset - self._system_ns) / 1e9)
            self._next_ns = 0
        self._system_ns = offset
        if kernel.synced is not self._ntp:
            self._turned(now)
        self._ntp = kernel.synced
        if kernel.synced:
            self._offer(Estimate(Source.NTP, offset, max(NTP_ERROR_NS, kernel.error_ns), now, now))

    def _turned(self, now: int) -> None:
        """A time service began or ceased to discipline the kernel's clocks: rates measured before are worth nothing."""
        self._answers.clear()
        if (held := self._clock.estimate) is not None:
            self._clock.go_by(steadied(held, now))
        self._next_ns = 0

    def _hear(self, topic: str, payload: bytes, heard_us: int) -> None:
        open_questions = self._round.open if self._round else {}
        judged = judge_answer(topic, payload, self._store.trust(), open_questions)
        if isinstance(judged, Deferred):
            self._counters.add(f"deferred_{judged.name}")  # and not kept: the next answer is as good
        elif isinstance(judged, Disbelieved) or self._round is None:
            # Heard twice, too late, or hostile: in any case it moves nothing.
            self._counters.add(f"refused_{judged.name if isinstance(judged, Disbelieved) else 'nonce'}")
        elif not self._round.take(judged, heard_us):
            self._counters.add("clock_slow_answers")
        elif self._clock.trust() is ClockTrust.UNKNOWN and self._round.best is not None:
            self._offer(self._round.best)

    def _ask(self) -> None:
        now = self._machine.monotonic_ns()
        if not self._line.connected or self._store.keys is None:
            return
        if self._busy() and self._clock.trust() is not ClockTrust.UNKNOWN:
            return
        if self._round is None:
            if now < self._next_ns:
                return
            self._round = Round()
        nonce = secrets.token_hex(16)
        if self._round.ask(nonce, now // 1_000):
            self._line.publish(self._topic, dump(ClockAsk(self._store.speaker, nonce, now // 1_000)))
        elif self._round.over:
            self._close(self._round, now)

    def _close(self, ended: Round, now: int) -> None:
        self._round = None
        if ended.best is not None:
            newest = rated(ended.best, self._answers)
            if self._answers and not agree(self._answers[-1], newest, now):
                self._answers.clear()  # somebody set the controller's clock: no rate goes through that
                newest = ended.best
            self._answers.append(newest)
            self._offer(newest)
        pause = HURRY_S if self._clock.trust() is ClockTrust.UNKNOWN else ROUND_S
        self._next_ns = now + pause * SECOND_NS

    def _offer(self, offered: Estimate) -> None:
        now, held = self._machine.monotonic_ns(), self._clock.estimate
        better = chosen(held, offered, now)
        if held is not None and offered.source is Source.ANSWER and not agree(held, offered, now):
            self._counters.add("clock_corrections")
            apart = (offered.offset_at(now) - held.offset_at(now)) / 1e9
            _log.warning("the controller's clock is %.3f s ahead of what was taken for UTC here", apart)
        if better is not held:
            self._clock.go_by(better)

    def _worth_noting(self) -> bool:
        held, kept = self._clock.estimate, self._kept
        if held is None or self._clock.trust() is ClockTrust.UNKNOWN:
            return False
        if kept is None or kept.boot_id != self._machine.boot_id() or kept.estimate.source is not held.source:
            return True
        now = self._machine.monotonic_ns()
        moved = abs(kept.estimate.offset_at(now) - held.offset_at(now))
        return moved > _NOTE_MOVED_NS or self._clock.utc_ns() - kept.utc_ns > _NOTE_EVERY_NS

    def note(self) -> None:
        """Keep what is known for the next start. A disk that refuses is asked again at the next step."""
        held = self._clock.estimate
        if held is None or self._clock.trust() is ClockTrust.UNKNOWN:
            return
        kept = Kept(self._machine.boot_id(), self._clock.utc_ns(), held)
        with suppress(DiskTrouble):
            self._store.note(NOTED, kept.dump())
            self._kept = kept
