"""A life in memory: when the disk refuses at the start, the box plays what it holds, tells it, and asks to be mended.

What such a life says has a store of its own (another `store_id`), since its numbers cannot be kept. It begins nothing
late and takes up nothing that was begun: whether that came out already, it cannot know, nor note. When the disk takes
writes again, what became of each playback is brought home, and the next life is an ordinary one.
"""

import logging
import shutil
import tempfile
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from edge_agent.database import Damaged, Database, DiskTrouble
from edge_agent.settings import Settings
from edge_agent.store import Store
from schedules.states import BEGUN, PlaybackState, Reason
from schedules.units import BroadcastId, UtcMs

_log = logging.getLogger(__name__)

DATABASE = "agent.sqlite3"
_MEMORY = Path("/dev/shm")  # noqa: S108
_COLUMNS = "broadcast, state, reason, position_ms, measured, final, hard_end_ms, changed_ms"


@dataclass(slots=True)
class Refuge:
    """`folder` is in memory and goes with the program; `home` is the data folder that refuses."""

    home: Path
    folder: Path
    began: UtcMs
    _let_be: set[BroadcastId] = field(default_factory=set)

    @classmethod
    def take(cls, home: Path, now: UtcMs) -> "Refuge":
        """A copy of what can be read. Raises OSError when there is no room in memory either."""
        base = _MEMORY if _MEMORY.is_dir() else Path(tempfile.gettempdir())
        prefix = f"loaxa-agent-{sha256(str(home.absolute()).encode()).hexdigest()[:16]}-"
        for left in base.glob(f"{prefix}*"):  # by a life that was killed; there is one at a time for this data folder
            shutil.rmtree(left, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=base))
        for name in (DATABASE, f"{DATABASE}-wal"):
            if (home / name).exists():
                shutil.copyfile(home / name, folder / name)
        _as_another(folder / DATABASE)
        return cls(home, folder, now)

    def open(self, settings: Settings) -> Store:
        """The store of this life."""
        store = Store(self.folder, settings, self.began)
        for held in store.live():
            if held.playback.state in BEGUN or held.order.broadcast.start <= self.began:
                self._let_be.add(held.order.broadcast.id)
        with store.database.transaction() as run:
            run.executemany(
                "UPDATE playbacks SET state = ?, reason = ?, final = 1 WHERE broadcast = ?",
                [(PlaybackState.MISSED, Reason.DISK, broadcast) for broadcast in self._let_be],
            )
        return store

    def bring_home(self, store: Store) -> None:
        """Note in the data folder what became of the playbacks here. Raises DiskTrouble: still not to be written."""
        rows = store.database.rows(f"SELECT {_COLUMNS} FROM playbacks WHERE changed_ms >= ?", self.began)  # noqa: S608
        try:
            database = Database(self.home / DATABASE)
        except Damaged as error:
            raise DiskTrouble(str(error)) from error
        try:
            with database.transaction() as run:
                run.executemany(
                    f"INSERT OR REPLACE INTO playbacks ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
                    [tuple(row) for row in rows if row["broadcast"] not in self._let_be],
                )
        finally:
            database.close()
        _log.warning("the disk takes writes again: starting anew from it")

    def leave(self) -> None:
        """The program ends."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _as_another(path: Path) -> None:
    """What was recorded before stays at home, to be told from there."""
    try:
        database = Database(path)
    except Damaged:
        return  # moved aside when it is opened
    try:
        with database.transaction() as run:
            run.execute("DELETE FROM records")
            run.execute("DELETE FROM meta WHERE name IN ('store_id', 'last_record')")
    finally:
        database.close()
