"""What became of every playback, and the numbered records of it that travel until they are confirmed."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from sqlite3 import Row

from edge_agent.database import Database, DiskTrouble
from protocol.messages import Measured, PlaybackRecord
from protocol.versions import Version
from schedules.states import FINAL, PlaybackState, Reason, move
from schedules.units import BroadcastId, DurationMs, SpeakerId, UtcMs

Sealer = Callable[[PlaybackRecord], bytes]
"""Signs a record with the box's own key."""

KEEP_MS = 30 * 24 * 3_600_000
"""Records that were confirmed, and playbacks that are over, stay on the box this long."""


@dataclass(frozen=True, slots=True)
class Playback:
    """One row: how far one broadcast has come here. `position` is where its content goes on."""

    broadcast: BroadcastId
    state: PlaybackState
    reason: Reason
    position: DurationMs
    measured: Measured
    changed_ms: UtcMs


@dataclass(frozen=True, slots=True)
class Waiting:
    """A record that the controller has not confirmed."""

    n: int
    broadcast: BroadcastId
    payload: bytes


def _measured(text: str) -> Measured:
    fields = json.loads(text)
    return Measured(**{**fields, "levels_db": tuple(fields.get("levels_db", ()))})


def _playback(row: Row) -> Playback:
    return Playback(
        broadcast=BroadcastId(row["broadcast"]),
        state=PlaybackState(row["state"]),
        reason=Reason(row["reason"]),
        position=DurationMs(row["position_ms"]),
        measured=_measured(row["measured"]),
        changed_ms=UtcMs(row["changed_ms"]),
    )


class Ledger:
    """Every move is one transaction: the new state and its record, or neither."""

    def __init__(self, database: Database, speaker: SpeakerId, store_id: str, seal: Sealer) -> None:
        self._database = database
        self._speaker = speaker
        self._store_id = store_id
        self._seal = seal
        self._last: Mapping[BroadcastId, Playback] = {}
        """What was live when it was last read: what a disk that cannot be read any more still plays from."""
        self._read_at = -1
        """The database's turn then: it is asked for several times a second, and read after a write only."""

    def playback(self, broadcast: BroadcastId) -> Playback | None:
        try:
            rows = self._database.rows("SELECT * FROM playbacks WHERE broadcast = ?", broadcast)
        except DiskTrouble:
            if known := self._last.get(broadcast):
                return known
            raise
        return _playback(rows[0]) if rows else None

    def live(self) -> list[Playback]:
        """All that have not reached a final state; as they were last, when the disk cannot be read."""
        with self._database.held():
            if self._read_at == self._database.turns and not self._database.within:
                return list(self._last.values())
            try:
                rows = self._database.rows("SELECT * FROM playbacks WHERE final = 0")
            except DiskTrouble:
                return list(self._last.values())
            found = [_playback(row) for row in rows]
            self._last = {each.broadcast: each for each in found}
            self._read_at = -1 if self._database.within else self._database.turns
            return found

    def recent(self, since: UtcMs, now: UtcMs, limit: int) -> list[Playback]:
        """All that are not final, became so after `since`, or are over before their time; live ones first.

        A broadcast that is to come and cancelled is told until its hard end: a controller that was set back to an old
        backup learns from it what it has forgotten.
        """
        query = (
            "SELECT * FROM playbacks WHERE final = 0 OR changed_ms > ? OR hard_end_ms > ?"
            " ORDER BY final, changed_ms DESC LIMIT ?"
        )
        return [_playback(row) for row in self._database.rows(query, since, now, limit)]

    def begin(self, broadcast: BroadcastId, hard_end: UtcMs, now: UtcMs) -> None:
        """A broadcast was heard of for the first time: pending, which needs no record."""
        with self._database.transaction() as run:
            run.execute(
                "INSERT OR IGNORE INTO playbacks VALUES (?, ?, '', 0, ?, 0, ?, ?)",
                (broadcast, PlaybackState.PENDING, json.dumps(asdict(Measured())), hard_end, now),
            )

    def move(
        self,
        broadcast: BroadcastId,
        version: Version,
        to: PlaybackState,
        reason: Reason,
        now: UtcMs,
        *,
        measured: Measured | None = None,
        position: DurationMs | None = None,
        detail: str = "",
    ) -> Playback:
        """Make one move and its record. Raises IllegalMove (nothing changed) or DiskTrouble."""
        with self._database.transaction() as run:
            was = self.playback(broadcast)
            if was is None:
                raise KeyError(broadcast)
            move(was.state, to)
            new = Playback(
                broadcast,
                to,
                reason,
                was.position if position is None else position,
                was.measured if measured is None else measured,
                now,
            )
            run.execute(
                "UPDATE playbacks SET state = ?, reason = ?, position_ms = ?, measured = ?, final = ?, changed_ms = ?"
                " WHERE broadcast = ?",
                (to, reason, new.position, json.dumps(asdict(new.measured)), int(to in FINAL), now, broadcast),
            )
            self._record(new, version, detail)
        return new

    def _record(self, playback: Playback, version: Version, detail: str) -> None:
        n = self.last_number() + 1
        record = PlaybackRecord(
            speaker=self._speaker,
            store_id=self._store_id,
            n=n,
            broadcast=playback.broadcast,
            version=version,
            state=playback.state,
            reason=playback.reason,
            detail=detail[:500],
            at_ms=playback.changed_ms,
            measured=playback.measured,
        )
        with self._database.transaction() as run:
            run.execute(
                "INSERT INTO records VALUES (?, ?, ?, ?, NULL)",
                (n, playback.broadcast, self._seal(record), playback.changed_ms),
            )
            run.execute("INSERT OR REPLACE INTO meta VALUES ('last_record', ?)", (str(n),))

    def last_number(self) -> int:
        """The number of the newest record; numbers are never used again, not even after pruning."""
        rows = self._database.rows("SELECT value FROM meta WHERE name = 'last_record'")
        return int(rows[0]["value"]) if rows else 0

    def progress(self, broadcast: BroadcastId, position: DurationMs, measured: Measured) -> None:
        """Note how far the sound has come; after a power cut it goes on from here."""
        with self._database.transaction() as run:
            run.execute(
                "UPDATE playbacks SET position_ms = ?, measured = ? WHERE broadcast = ? AND final = 0",
                (position, json.dumps(asdict(measured)), broadcast),
            )

    def waiting(self, limit: int) -> list[Waiting]:
        """Unconfirmed records, oldest first."""
        query = "SELECT n, broadcast, payload FROM records WHERE confirmed_ms IS NULL ORDER BY n LIMIT ?"
        rows = self._database.rows(query, limit)
        return [Waiting(row["n"], BroadcastId(row["broadcast"]), row["payload"]) for row in rows]

    def waiting_count(self) -> int:
        return int(self._database.rows("SELECT count(*) AS c FROM records WHERE confirmed_ms IS NULL")[0]["c"])

    def confirm(self, store_id: str, up_to: int, now: UtcMs) -> int:
        """The controller has committed everything up to `up_to`; returns how many that confirms."""
        if store_id != self._store_id:
            return 0
        with self._database.transaction() as run:
            done = run.execute(
                "UPDATE records SET confirmed_ms = ? WHERE n <= ? AND confirmed_ms IS NULL", (now, up_to)
            )
            return done.rowcount

    def tell_again(self) -> None:
        """The controller may have been set back and have forgotten what it confirmed: tell all that is kept."""
        with self._database.transaction() as run:
            run.execute("UPDATE records SET confirmed_ms = NULL")

    def prune(self, now: UtcMs) -> Sequence[BroadcastId]:
        """Forget records confirmed, and playbacks ended, more than 30 days ago; returns the latter."""
        before = now - KEEP_MS
        with self._database.transaction() as run:
            run.execute("DELETE FROM records WHERE confirmed_ms < ?", (before,))
            rows = run.execute(
                "DELETE FROM playbacks WHERE final = 1 AND changed_ms < ? AND hard_end_ms < ? AND NOT EXISTS"
                " (SELECT 1 FROM records WHERE records.broadcast = playbacks.broadcast) RETURNING broadcast",
                (before, before),
            ).fetchall()
        return [BroadcastId(row["broadcast"]) for row in rows]
