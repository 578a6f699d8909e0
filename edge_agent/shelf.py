"""Documents that cannot be judged yet: kept over restarts until a key, a config or the time is known."""

from dataclasses import dataclass

from edge_agent.database import Database
from protocol.judgement import Awaits
from schedules.units import UtcMs

MOST = 200
MOST_FALLEN = 2_000
"""So many names of documents are remembered for which there was no room."""
KEEP_MS = 7 * 86_400_000
"""What nobody could tell in a week is of no use any more."""


@dataclass(frozen=True, slots=True)
class Deferred:
    """One of them, as it came."""

    topic: str
    payload: bytes


class Shelf:
    """Methods may be called from any thread. Without room the oldest give way, and are asked for by name later."""

    def __init__(self, database: Database) -> None:
        self._database = database
        rows = database.rows("SELECT topic FROM fallen")
        self._fallen = {str(row["topic"]) for row in rows}

    def put(self, topic: str, payload: bytes, name: str, now: UtcMs) -> None:
        """Keep it, in the place of an older one of its topic. Raises DiskTrouble."""
        with self._database.transaction() as run:
            run.execute("INSERT OR REPLACE INTO deferred VALUES (?, ?, ?, ?)", (topic, payload, name, now))
            gone = run.execute(
                "DELETE FROM deferred WHERE topic NOT IN"
                " (SELECT topic FROM deferred ORDER BY received_ms DESC, topic LIMIT ?) RETURNING topic",
                (MOST,),
            ).fetchall()
            run.executemany("INSERT OR REPLACE INTO fallen VALUES (?, ?)", [(row["topic"], now) for row in gone])
            run.execute(
                "DELETE FROM fallen WHERE topic NOT IN (SELECT topic FROM fallen ORDER BY fell_ms DESC LIMIT ?)",
                (MOST_FALLEN,),
            )
        self._fallen |= {str(row["topic"]) for row in gone}

    def all(self, name: Awaits | None = None) -> list[Deferred]:
        """All, or those that await `name`; the oldest first."""
        query = "SELECT topic, payload FROM deferred WHERE ? IN ('', name) ORDER BY received_ms"
        rows = self._database.rows(query, name or "")
        return [Deferred(row["topic"], row["payload"]) for row in rows]

    def take_off(self, topic: str) -> None:
        """It has been judged."""
        with self._database.transaction() as run:
            run.execute("DELETE FROM deferred WHERE topic = ?", (topic,))

    def fallen(self) -> list[str]:
        """Topics whose document had to give way, as many as there is room for now, the newest first."""
        if not self._fallen:
            return []
        room = MOST - int(self._database.rows("SELECT count(*) AS c FROM deferred")[0]["c"])
        rows = self._database.rows("SELECT topic FROM fallen ORDER BY fell_ms DESC LIMIT ?", max(0, room))
        return [str(row["topic"]) for row in rows]

    def came(self, topic: str) -> None:
        """A document of that topic is here again, or the topic is empty."""
        if topic in self._fallen:
            with self._database.transaction() as run:
                run.execute("DELETE FROM fallen WHERE topic = ?", (topic,))
            self._fallen.discard(topic)

    def prune(self, now: UtcMs) -> None:
        """Forget the names that nobody answered for. Raises DiskTrouble."""
        if not self._fallen:
            return
        with self._database.transaction() as run:
            run.execute("DELETE FROM fallen WHERE fell_ms < ?", (now - KEEP_MS,))
        self._fallen = {str(row["topic"]) for row in self._database.rows("SELECT topic FROM fallen")}
