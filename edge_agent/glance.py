"""A look at what a data folder holds, without writing and beside a running agent."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from edge_agent.database import DiskTrouble
from edge_agent.estimate import Kept
from edge_agent.timekeeper import NOTED
from protocol.envelope import open_envelope
from protocol.messages import BroadcastOrder, Config, Keys
from schedules.units import UtcMs


@dataclass(frozen=True, slots=True)
class Glance:
    keys_version: int
    """Of the newest believed key list, 0 for none."""
    title: str
    """The speaker's name in its config, "" for no config."""
    records_waiting: int
    """Playback records that the controller has not confirmed."""
    due: tuple[tuple[UtcMs, UtcMs], ...]
    """Start and hard end of every broadcast that may still sound here."""
    time: Kept | None = None
    """What the agent noted of its time, hourly and when it moved."""


def glance(folder: Path) -> Glance | None:
    """None where no agent has run yet. Raises DiskTrouble for a database that cannot be read."""
    path = folder / "agent.sqlite3"
    try:
        if not path.exists():
            return None
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if verdict != "ok":
                raise DiskTrouble(str(verdict))
            return _read(connection)
    except (sqlite3.Error, OSError) as error:
        raise DiskTrouble(str(error)) from error


def _read(connection: sqlite3.Connection) -> Glance:
    def messages(kind: str, more: str = "") -> list[object]:
        rows = connection.execute(f"SELECT payload FROM documents WHERE kind = ? {more}", (kind,))  # noqa: S608
        return [open_envelope(payload).message for (payload,) in rows]

    waiting = connection.execute("SELECT count(*) FROM records WHERE confirmed_ms IS NULL").fetchone()[0]
    noted = connection.execute("SELECT value FROM meta WHERE name = ?", (NOTED,)).fetchone()
    live = "AND identity IN (SELECT 'broadcast:' || broadcast FROM playbacks WHERE final = 0)"
    orders = [order for order in messages(BroadcastOrder.TYPE, live) if isinstance(order, BroadcastOrder)]
    configs = [config for config in messages(Config.TYPE) if isinstance(config, Config)]
    return Glance(
        keys_version=max((keys.version for keys in messages(Keys.TYPE) if isinstance(keys, Keys)), default=0),
        title=configs[0].title if configs else "",
        records_waiting=int(waiting),
        due=tuple((o.broadcast.start, o.broadcast.hard_end) for o in orders if not o.cancelled),
        time=Kept.load(noted[0]) if noted else None,
    )
