"""72 hours without broker and controller: what was accepted is played on time, and told once, after restarts too.

The agent is the real one, as a process (tests/rig/time_machine.py); only the machine's time is simulated.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from audio.clips import ClipStore
from edge_agent.clerk import Clerk
from edge_agent.counters import Counters
from edge_agent.estimate import Estimate, Kept, Source
from edge_agent.settings import load
from edge_agent.store import Store
from protocol.belief import judge_record
from protocol.messages import BroadcastOrder, PlaybackRecord
from protocol.topics import CONFIG, AreaRoute, BroadcastTopic, KeysTopic, SpeakerTopic, build
from schedules.playhead import ClockTrust
from schedules.states import FINAL, PlaybackState
from schedules.units import UtcMs
from tests.rig.box import Box, write_config
from tests.rig.clips import chimed
from tests.rig.mosquitto import Mosquitto
from tests.rig.site import AREA, Site, now_ms, order_of, wait_until

MS = 1_000_000
HOUR_MS = 3_600_000
COARSE_NS = 120_000 * MS
FINE_NS = 1
AT_1970_NS = 400_000 * MS
HOURS = (3, 17, 26, 40, 55, 71)
"""After the last word of the controller, something is to be played."""

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def away(tmp_path: Path, site: Site, mosquitto: Mosquitto) -> Site:
    """The site as it will be again when the 72 hours are over; until then its broker is gone."""
    mosquitto.stop()
    return site


class Lonely:
    """A box that has heard everything three days ago, and whose system clock stands in 1970."""

    def __init__(self, folder: Path, site: Site, port: int) -> None:
        self.site = site
        self.config = write_config(folder, site, port, "null", battery=None)
        self.settings = load(self.config)
        self.state = folder / "machine.json"
        self.began = UtcMs(now_ms() - 72 * HOUR_MS)
        self.orders = [self._order(f"b-{hour}", hour) for hour in HOURS]
        mono = 50_000 * MS
        offset = self.began * MS - mono
        self._state: dict[str, Any] = {
            "true_ns": self.began * MS,
            "mono_ns": mono,
            "system_ns": AT_1970_NS,
            "boot": "b",
            "ntp": False,
        }
        store = self.store()
        clerk = Clerk(store, Counters())
        clip = chimed(3)
        source = folder / "clip"
        source.write_bytes(clip.data)
        ClipStore(self.settings.data / "clips").add(source)
        for topic, payload in self._documents():
            clerk.take(topic, payload, self.began, ClockTrust.SYNCED)
        known = Estimate(Source.ANSWER, offset, 15 * MS, mono, mono)
        store.note("clock", Kept("b", self.began * MS, known).dump())
        store.close()

    def _order(self, name: str, hour: float) -> BroadcastOrder:
        return order_of(name, chimed(3), self.began + round(hour * HOUR_MS))

    def _documents(self) -> Iterator[tuple[str, bytes]]:
        yield build(KeysTopic(1)), self.site.key_list()
        yield build(SpeakerTopic(self.site.speaker, CONFIG)), self.site.config()
        for order in self.orders:
            yield build(BroadcastTopic(AreaRoute(AREA), order.broadcast.id)), self.site.sign_order(order)

    def store(self) -> Store:
        return Store(self.settings.data, self.settings, self.began)

    def live_until(self, hour: float, ending: signal.Signals) -> None:
        """One life of the program, in small steps round each programme."""
        until = (self.began + round(hour * HOUR_MS)) * MS
        stretches = []
        for order in self.orders:
            start = order.broadcast.start * MS
            if self._state["true_ns"] < start < until:
                stretches += [[start - 6_000 * MS, COARSE_NS], [start + 5_000 * MS, FINE_NS]]
        plan = {"stretches": [*stretches, [until, COARSE_NS]], "signal": ending}
        self.state.write_text(json.dumps(self._state | plan))
        words = [sys.executable, "-m", "tests.rig.time_machine", str(self.config), str(self.state)]
        done = subprocess.run(words, check=False, capture_output=True, timeout=250, env=dict(os.environ))
        assert done.returncode == (-ending if ending is signal.SIGKILL else 0), done.stderr.decode()[-2_000:]
        self._state = {key: value for key, value in json.loads(self.state.read_text()).items() if key in self._state}
        assert self._state["true_ns"] >= until

    def be_off(self, duration_ms: int) -> None:
        """The program does not run; the machine does."""
        for clock in ("true_ns", "mono_ns", "system_ns"):
            self._state[clock] += duration_ms * MS

    def records(self) -> list[PlaybackRecord]:
        """What waits to be told, in its order."""
        store, box = self.store(), self.site.box.public_hex
        told = [
            judge_record(kept.payload, self.site.site, self.site.speaker, box) for kept in store.ledger.waiting(999)
        ]
        store.close()
        assert all(isinstance(record, PlaybackRecord) for record in told)
        return [record for record in told if isinstance(record, PlaybackRecord)]


def test_72_hours_alone(tmp_path: Path, away: Site, mosquitto: Mosquitto) -> None:
    box = Lonely(tmp_path / "box", away, mosquitto.port)
    box.live_until(20, signal.SIGKILL)
    box.be_off(45_000)
    box.live_until(44, signal.SIGTERM)
    box.be_off(8 * HOUR_MS)
    box.live_until(71.5, signal.SIGKILL)

    waiting = box.records()
    assert [record.n for record in waiting] == list(range(1, len(waiting) + 1))
    for order in box.orders:
        story = [record for record in waiting if record.broadcast == order.broadcast.id]
        assert [record.state for record in story][-2:] == [PlaybackState.PLAYING, PlaybackState.PLAYED], story
        assert abs(story[-1].measured.start_error_us) <= 20_000, story[-1]
        assert story[-1].measured.heard_ms >= 2_970

    mosquitto.start()
    real = Box(box.config)
    real.start()
    try:
        wait_until(lambda: len(away.records) == len(waiting), 60, "every record")
        assert [record.n for record in away.records.values()] == [record.n for record in waiting], "in their order"
        assert list(away.records.values()) == waiting
        wait_until(lambda: not _waits(box), 30, "the receipts")
        heard = away.heard
        real.kill9()
        statuses = len(away.statuses)
        real.start()
        wait_until(lambda: len(away.statuses) > statuses and away.statuses[-1].online, 30, "the next life")
        again = order_of("b-now", chimed(3), now_ms() + 600_000)
        away.introduce()
        away.send(again)
        wait_until(lambda: bool(away.story(again)), 30, "a new record")
        assert away.heard - heard == len(away.story(again)), "what is confirmed is not told again"
    finally:
        real.kill9()


def _waits(box: Lonely) -> bool:
    return any(record.state in FINAL for record in box.records())
