"""What really came out of this box lately, as the caps of its place count it: remembered over restarts."""

import threading

from edge_agent.database import Database
from protocol.messages import Measured
from schedules.rails import Stretch
from schedules.units import BroadcastId, UtcMs

KEEP_MS = 3 * 86_400_000
"""No cap counts what is longer ago."""


class Sounded:
    """Stretches of sound; emergencies are never handed in. Methods may be called from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        rows = database.rows("SELECT broadcast, begin_ms, end_ms FROM sounded")
        self._ends = {(BroadcastId(row["broadcast"]), UtcMs(row["begin_ms"])): UtcMs(row["end_ms"]) for row in rows}

    def stretches(self) -> tuple[Stretch, ...]:
        """All that is remembered, in no order."""
        with self._lock:
            return tuple(Stretch(begin, end) for (_, begin), end in self._ends.items())

    def note(self, broadcast: BroadcastId, measured: Measured) -> None:
        """One stretch as measured so far. Raises DiskTrouble: then it counts until the next restart."""
        if not measured.frames or not measured.started_us:
            return
        begin = UtcMs(measured.started_us // 1000)
        end = UtcMs(max(measured.ended_us // 1000, begin + measured.heard_ms))
        with self._lock:
            # What could not be written is told again later, when more is known.
            if self._ends.get((broadcast, begin), 0) >= end:
                return
            self._ends[broadcast, begin] = end
        with self._database.transaction() as run:
            run.execute("INSERT OR REPLACE INTO sounded VALUES (?, ?, ?)", (broadcast, begin, end))

    def prune(self, now: UtcMs) -> None:
        """Forget what no cap counts any more."""
        before = now - KEEP_MS
        with self._lock:
            self._ends = {key: end for key, end in self._ends.items() if end >= before}
        with self._database.transaction() as run:
            run.execute("DELETE FROM sounded WHERE end_ms < ?", (before,))
