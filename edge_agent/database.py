"""The box's SQLite file: opened so that a commit survives a power cut, or begun anew when it is damaged."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS versions (
    identity TEXT PRIMARY KEY, epoch INTEGER NOT NULL, revision INTEGER NOT NULL, sha256 TEXT NOT NULL,
    seen_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS documents (
    identity TEXT PRIMARY KEY, kind TEXT NOT NULL, topic TEXT NOT NULL, payload BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS deferred (
    topic TEXT PRIMARY KEY, payload BLOB NOT NULL, name TEXT NOT NULL, received_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS fallen (topic TEXT PRIMARY KEY, fell_ms INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS playbacks (
    broadcast TEXT PRIMARY KEY, state TEXT NOT NULL, reason TEXT NOT NULL, position_ms INTEGER NOT NULL,
    measured TEXT NOT NULL, final INTEGER NOT NULL, hard_end_ms INTEGER NOT NULL, changed_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS playbacks_live ON playbacks (final, changed_ms);
CREATE TABLE IF NOT EXISTS records (
    n INTEGER PRIMARY KEY, broadcast TEXT NOT NULL, payload BLOB NOT NULL, made_ms INTEGER NOT NULL,
    confirmed_ms INTEGER
) STRICT;
CREATE INDEX IF NOT EXISTS records_waiting ON records (n) WHERE confirmed_ms IS NULL;
CREATE TABLE IF NOT EXISTS sounded (
    broadcast TEXT NOT NULL, begin_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL, PRIMARY KEY (broadcast, begin_ms)
) STRICT;
CREATE TABLE IF NOT EXISTS commands (id TEXT PRIMARY KEY, expires_ms INTEGER NOT NULL) STRICT;
"""


class DiskTrouble(Exception):
    """The disk refused (full, worn out, read-only): nothing was changed, try again later."""


class Damaged(Exception):
    """The file is not a sound SQLite database."""


class Database:
    """One connection shared by the threads of the agent, one transaction at a time.

    WAL with synchronous=FULL: a transaction that has returned is on the disk (sqlite.org/pragma.html).
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self.turns = 0
        """Another number after every transaction: what was read before may have changed."""
        try:
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        except sqlite3.Error as error:
            raise DiskTrouble(str(error)) from error
        self._connection.row_factory = sqlite3.Row
        try:
            self._prepare()
        except sqlite3.OperationalError as error:
            self._connection.close()
            raise DiskTrouble(str(error)) from error
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise Damaged(str(error)) from error

    def _prepare(self) -> None:
        run = self._connection.execute
        run("PRAGMA journal_mode=WAL")
        run("PRAGMA synchronous=FULL")
        verdict = run("PRAGMA integrity_check(1)").fetchone()[0]
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)
        self._connection.executescript(SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def held(self) -> AbstractContextManager[object]:
        """Keep every other thread away from the database for the length of a `with` block."""
        return self._lock

    @property
    def within(self) -> bool:
        """Under `held`: this thread's own transaction is open, and may be rolled back."""
        return self._depth > 0

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing; may be nested, the outermost commits. Raises DiskTrouble when the disk refuses."""
        with self._lock:
            outermost = self._depth == 0
            try:
                if outermost:
                    self._connection.execute("BEGIN IMMEDIATE")
                self._depth += 1
                try:
                    yield self._connection
                finally:
                    self._depth -= 1
                if outermost:
                    self._connection.execute("COMMIT")
            except sqlite3.DatabaseError as error:
                self._roll_back(outermost)
                raise DiskTrouble(str(error)) from error
            except BaseException:
                self._roll_back(outermost)
                raise
            finally:
                self.turns += outermost

    def _roll_back(self, outermost: bool) -> None:
        if outermost and self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        """Read; sees the open transaction when called inside one."""
        with self._lock:
            try:
                return self._connection.execute(query, values).fetchall()
            except sqlite3.DatabaseError as error:
                raise DiskTrouble(str(error)) from error


def open_or_begin(path: Path, suffix: str) -> tuple[Database, Path | None]:
    """The database at `path`; a damaged one is moved aside under `suffix` and told as the second value."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return Database(path), None
    except Damaged:
        aside = path.with_name(f"{path.name}.damaged-{suffix}")
        path.rename(aside)
        for companion in ("-wal", "-shm"):
            path.with_name(path.name + companion).unlink(missing_ok=True)
        return Database(path), aside
