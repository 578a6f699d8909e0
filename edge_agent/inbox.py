"""From the network thread to one judging thread: believe, store, acknowledge, tell - in this order."""

import logging
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from edge_agent.clerk import Clerk, Taken
from edge_agent.clock import Clock
from edge_agent.counters import Counters
from edge_agent.database import DiskTrouble

_log = logging.getLogger(__name__)

SIZE = 16
"""Smaller than the 20 messages a broker sends without acknowledgement, so that the queue never fills for long."""
_PUT_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class _Letter:
    topic: str
    payload: bytes
    mid: int
    qos: int


@dataclass(slots=True)
class _Trouble:
    any: bool = False
    disk: bool = False


class Inbox:
    """`told` is called after the acknowledgement, on the judging thread, with what changed."""

    def __init__(
        self,
        clock: Clock,
        clerk: Clerk,
        counters: Counters,
        acknowledge: Callable[[int, int], None],
        told: Callable[[Taken], None],
        disk_refused: Callable[[str], None],
    ) -> None:
        self._clock = clock
        self._clerk = clerk
        self._counters = counters
        self._acknowledge = acknowledge
        self._told = told
        self._disk_refused = disk_refused
        self._queue: queue.Queue[_Letter | None] = queue.Queue(SIZE)
        self._rejudge = threading.Event()
        self._rejudge.set()  # what an earlier life could not judge
        self._stopped = threading.Event()
        self.turns = 0
        """Grows while the thread is alive, at least once a second."""
        self._thread = threading.Thread(target=self._work, name="inbox", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join(2.0)

    def put(self, topic: str, payload: bytes, mid: int, qos: int) -> None:
        """Hand over on the network thread. One that finds no room is not acknowledged: the broker keeps it."""
        try:
            self._queue.put(_Letter(topic, payload, mid, qos), timeout=_PUT_SECONDS)
        except queue.Full:
            self._counters.add("inbox_full")
            self._disk_refused("the inbox is full")

    def judge_deferred_soon(self) -> None:
        """Keys, config or the clock changed."""
        self._rejudge.set()

    def _work(self) -> None:
        while not self._stopped.is_set():
            self.turns += 1
            try:
                letter = self._queue.get(timeout=0.5)
            except queue.Empty:
                letter = None
            if letter is not None:
                self._handle(letter)
            if self._rejudge.is_set() and self._queue.empty():
                self._rejudge.clear()
                self._judge_deferred()

    def _handle(self, letter: _Letter) -> None:
        now = self._clock.utc_ms()
        with self._surviving(letter.topic) as trouble:
            taken = self._clerk.take(letter.topic, letter.payload, now, self._clock.trust())
        if trouble.disk:
            return
        self._acknowledge(letter.mid, letter.qos)
        if trouble.any:
            return
        if taken.trust:  # first what a new key vouches for, so that nothing falls silent between
            self._judge_deferred()
        self._tell(taken)

    def _judge_deferred(self) -> None:
        done: list[Taken] = []
        with self._surviving("deferred documents") as trouble:
            now = self._clock.utc_ms()
            done = self._clerk.judge_deferred(now, self._clock.trust())
        for taken in done:
            self._tell(taken)
        if trouble.disk:
            self._rejudge.set()

    def _tell(self, taken: Taken) -> None:
        if taken.trust:
            self._rejudge.set()
        with self._surviving("what a message changed"):
            self._told(taken)

    @contextmanager
    def _surviving(self, what: str) -> Iterator[_Trouble]:
        """A message must never end the thread that hears the next one, the emergency perhaps."""
        trouble = _Trouble()
        try:
            yield trouble
        except DiskTrouble as refused:
            trouble.any = trouble.disk = True
            self._counters.add("disk_errors")
            self._disk_refused(str(refused))
        except Exception:
            trouble.any = True
            self._counters.add("inbox_faults")
            _log.exception("%s could not be handled", what)
