"""What must be done now and then: listening to the right topics, closing gaps, recovering from a full disk, pruning."""

import logging
import threading
from collections.abc import Callable, Iterable, Sequence, Set
from typing import Protocol

from edge_agent.clerk import Clerk
from edge_agent.clipfiles import ClipFiles
from edge_agent.clock import Clock
from edge_agent.database import DiskTrouble
from edge_agent.gaps import Gaps, essentials, lists_between, missing
from edge_agent.routes import area_filters, own_filters
from edge_agent.store import Store
from protocol.judgement import Awaits
from schedules.playhead import ClockTrust
from schedules.units import UtcMs

_log = logging.getLogger(__name__)

_GAPS_S = 1.0
_LISTEN_S = 60.0
_PRUNE_S = 6 * 3600.0
_DISK_PAUSE_S = 5.0
_LISTENING = "listening"
_CLIP_KEEP_S = 7 * 86_400.0
"""A clip that no coming broadcast needs stays a week: repeats are common."""


class Connection(Protocol):
    """What housekeeping needs of the connection (edge_agent/link.py)."""

    @property
    def connected(self) -> bool: ...

    def subscribe(self, filters: Iterable[str]) -> None: ...

    def unsubscribe(self, filters: Iterable[str]) -> None: ...

    def restart(self) -> None: ...


class Housekeeping:
    """`step` is called at least once a second from one thread; the rest from any."""

    def __init__(
        self,
        clock: Clock,
        store: Store,
        files: ClipFiles,
        clerk: Clerk,
        link: Connection,
        want: Callable[[Sequence[str]], None],
    ) -> None:
        self._clock = clock
        self._store = store
        self._files = files
        self._clerk = clerk
        self._link = link
        self._want = want
        self._gaps = Gaps()
        self._lock = threading.Lock()
        self._listening = frozenset(store.noted(_LISTENING, "").split())
        """Filters that the broker knows, from an earlier life too: it keeps them while the box is off."""
        self._next = {"gaps": 0.0, "listen": 0.0, "prune": 0.0}
        self._reconnect_at: float | None = None

    def connected(self) -> None:
        """Subscribe to everything anew: retained documents come again, and those held are known as such."""
        with self._lock:
            self._gaps.reset()
        self.listen_anew()

    def listen_anew(self) -> None:
        """Also after a new config or key list: what was refused by the old may be ours by the new."""
        self.listen(anew=True)

    def listen(self, *, anew: bool = False) -> None:
        """Follow the config: subscribe to what is new, leave what is not ours any more."""
        if not self._link.connected:
            return
        now = self._clock.utc_ms()
        wanted = [
            *own_filters(self._store.speaker, self._store.keys_version),
            *area_filters(self._store.config, now),
        ]
        with self._lock:
            fresh = [name for name in wanted if anew or name not in self._listening]
            stale = self._listening - set(wanted)
            self._note(self._listening | set(wanted))
            self._listening = frozenset(wanted)
        self._link.subscribe(fresh)
        self._link.unsubscribe(stale)

    def _note(self, filters: Set[str]) -> None:
        """Before they are asked for, and those being left too: a power cut must not make the box forget one."""
        try:
            if filters != set(self._store.noted(_LISTENING, "").split()):
                self._store.note(_LISTENING, " ".join(sorted(filters)))
        except DiskTrouble as trouble:
            _log.warning("what is listened to cannot be noted: %s", trouble)

    def disk_refused(self, sentence: str) -> None:
        """A message could not be stored and was not acknowledged: connect anew later, so that it comes again."""
        _log.warning("a message could not be kept (%s); it will be asked for again", sentence)
        with self._lock:
            if self._reconnect_at is None:
                self._reconnect_at = self._clock.monotonic_s() + _DISK_PAUSE_S

    def step(self, monotonic: float, now: UtcMs) -> None:
        if self._reconnect_at is not None and monotonic >= self._reconnect_at:
            with self._lock:
                self._reconnect_at = None
            self._link.restart()
        if self._due("gaps", monotonic, _GAPS_S) and self._link.connected:
            self._close_gaps(monotonic, now)
        if self._due("listen", monotonic, _LISTEN_S):
            self.listen()
        # A guess at the time must not make anything too old to keep.
        if self._clock.trust() is not ClockTrust.UNKNOWN and self._due("prune", monotonic, _PRUNE_S):
            self._prune(now)

    def _due(self, what: str, monotonic: float, every: float) -> bool:
        if monotonic < self._next[what]:
            return False
        self._next[what] = monotonic + every
        return True

    def _close_gaps(self, monotonic: float, now: UtcMs) -> None:
        store = self._store
        lacking = essentials(store.speaker, keys=store.keys is not None, config=store.config is not None)
        lacking += lists_between(store.keys_version, (kept.topic for kept in store.shelf.all(Awaits.CHAIN)))
        lacking += missing(store.plans, now, lambda b: store.seen(f"broadcast:{b}"), self._clerk.not_ours)
        lacking += [topic for topic in store.shelf.fallen() if topic not in set(lacking)]
        with self._lock:
            fresh, silent, answered = self._gaps.step(lacking, monotonic)
            own = self._listening
        self._link.subscribe(fresh)
        if silent:
            self._want(silent)
        self._link.unsubscribe(topic for topic in answered if topic not in own)

    def _prune(self, now: UtcMs) -> None:
        try:
            self._store.prune(now)
            self._files.remove_unused(self._store.clips_in_use(), now / 1000 - _CLIP_KEEP_S)
        except (DiskTrouble, OSError) as error:
            _log.warning("pruning failed: %s", error)
