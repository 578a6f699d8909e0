"""Real processes: a controller is killed and set back to its backup; it stops, is told to begin anew, converges."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from deploy.demo.api import ApiProblem
from deploy.demo.processes import python, run, wait_until
from deploy.demo.units import UNITS
from tests.rig.station import Rig

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    with Rig(tmp_path / "rig", units=UNITS[:2]) as rig:
        yield rig


def copy(source: Path, to: Path) -> None:
    """As a backup tool copies a database that is in use."""
    with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(to)) as there:
        here.backup(there)


def in_hours(hours: int) -> dict[str, object]:
    start = (datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")) + timedelta(hours=hours)).replace(second=0, microsecond=0)
    return {"kind": "once", "day": start.date().isoformat(), "at": start.time().isoformat()}


def all_are(rig: Rig, broadcast: str, state: str) -> None:
    rig.wait_for(broadcast, lambda states: set(states) == {state}, 60, f"{broadcast} is {state}")


def test_a_backup_is_put_back(rig: Rig) -> None:
    bulletin = rig.bulletin("Kính mời bà con đến họp thôn.")["id"]
    kept, cancelled = (rig.schedule(bulletin, in_hours(hours)) for hours in (2, 3))
    for broadcast in (kept, cancelled):
        all_are(rig, broadcast, "ready")
    database, backup = rig.station.data / "controller.db", rig.folder / "backup.db"
    copy(database, backup)

    rig.api.post(f"broadcasts/{cancelled}/cancel", {})
    lost = rig.schedule(bulletin, in_hours(4))
    all_are(rig, cancelled, "cancelled")
    all_are(rig, lost, "ready")

    rig.kill9("controller")
    for left in ("", "-wal", "-shm"):
        database.with_name(database.name + left).unlink(missing_ok=True)
    copy(backup, database)
    rig.restart("controller")

    def refused() -> bool:
        try:
            rig.api.post(f"speakers/{rig.agents[0].speaker}/test-tone")
        except ApiProblem as problem:
            return problem.code == "signing-stopped"
        return False

    wait_until(refused, 60, "it finds out that it is out of date", 0.5)
    log = (rig.folder / "controller.log").read_text()
    assert "controller restore" in log

    run(python("controller", "restore", "--data", str(rig.station.data)), rig.station.settings)
    wait_until(lambda: not refused(), 90, "a new epoch has begun", 0.5)
    all_are(rig, kept, "ready")
    all_are(rig, cancelled, "cancelled")
    new = rig.soon(bulletin, 8)
    played = rig.wait_final(new)
    assert [each["state"] for each in played["playbacks"]] == ["played", "played"]
