"""A real box behind bad weather, on mosquitto and on the embedded broker: each playback is accounted for exactly once.

A failure names the seed; the same seed brings the same weather.
"""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from controller.broker.acl import CONTROLLER
from controller.store.unit import Store
from schedules.model import Priority
from schedules.states import FINAL, MOVES, PlaybackState
from tests.rig.box import Box, write_config
from tests.rig.broker import CONTROLLER_PASSWORD, Broker, Embedded, MosquittoBroker, add_broker_user
from tests.rig.clips import TestClip, chimed, clip_of
from tests.rig.faults import CLEAR, FaultProxy, Weather
from tests.rig.site import SPEAKER, Site, now_ms, order_of, revised, wait_until

pytestmark = pytest.mark.system

S = PlaybackState
SEED = int(os.environ.get("LOAXA_SEED", "41"))
STORM = Weather(
    delay_ms=(5, 60), bytes_per_s=256_000, break_every=40_000, dead=0.4, dead_s=1.5, doubled=0.15, swapped=0.2
)


@dataclass
class Post:
    """A broker with its site, the line to it, and a box at the end of the line that is not yet started."""

    site: Site
    proxy: FaultProxy
    box: Box


@pytest.fixture(params=["mosquitto", "embedded"])
def post(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Post]:
    users = Store(f"sqlite:///{tmp_path / 'users.db'}")
    users.upgrade()
    password = add_broker_user(users, SPEAKER)
    broker: Broker = MosquittoBroker(tmp_path / "broker", users) if request.param == "mosquitto" else Embedded(users)
    broker.start()
    site = Site(broker.port, (CONTROLLER, CONTROLLER_PASSWORD))
    proxy = FaultProxy(broker.port, CLEAR, SEED)
    box = Box(write_config(tmp_path / "box", site, proxy.port, sink="null"))
    (box.folder / "password").write_text(password)
    yield Post(site, proxy, box)
    box.kill9()
    proxy.close()
    site.close()
    broker.stop()
    users.close()


def noise(kib: int) -> TestClip:
    """A clip for the way only; it is not to be heard."""
    return clip_of(bytes(range(256)) * (4 * kib), 600_000)


def test_in_a_storm_each_playback_is_accounted_for_once(post: Post) -> None:
    site = post.site
    site.introduce()
    clip = chimed(3)
    site.offer(clip)
    post.box.start()
    wait_until(lambda: site.status() is not None, 20, "the box is up")
    post.proxy.weather = STORM
    begin = now_ms() + 3_000
    orders = [order_of(f"b-{n}", clip, begin + 2_000 * n, grace_ms=12_000) for n in range(3)]
    orders.append(order_of("b-never", clip, begin + 600_000))
    for order in orders:
        site.send(order)
    wait_until(lambda: site.state(orders[0]) in (S.READY, *FINAL), 60, f"the first is ready in storm {SEED}")
    site.send(revised(orders[-1], cancelled=True))
    site.send(order_of("b-now", clip, now_ms(), priority=Priority.EMERGENCY, grace_ms=60_000))
    every = [*orders, order_of("b-now", clip, begin)]
    wait_until(lambda: all(site.state(order) in FINAL for order in every), 90, f"all are final in storm {SEED}")
    post.proxy.weather = CLEAR
    assert_told_once(site, post)
    assert site.state(every[-2]) is S.CANCELLED
    assert site.state(every[-1]) is S.PLAYED
    assert post.proxy.told["doubled"] > 0


def assert_told_once(site: Site, post: Post) -> None:
    """Records 1 to n without a gap, each move legal, one final state each, and the box has nothing left to tell."""
    numbers = sorted(n for _, n in site.records)
    assert numbers == list(range(1, len(numbers) + 1)), f"seed {SEED}"
    state: dict[str, PlaybackState] = {}
    for record in sorted(site.records.values(), key=lambda record: record.n):
        assert record.state in MOVES[state.get(record.broadcast, S.PENDING)], f"seed {SEED}: {record}"
        state[record.broadcast] = record.state
    finals = Counter(record.broadcast for record in site.records.values() if record.state in FINAL)
    assert set(finals.values()) == {1}
    site.telemetry.clear()

    def nothing_waits() -> bool:
        site.command_now(f"c-{now_ms()}", "diagnostics")
        return any(told.numbers["records_waiting"] == 0 for told in site.telemetry)

    wait_until(nothing_waits, 30, f"every record is confirmed after storm {SEED}")
    assert len({n for _, n in site.records}) == len(numbers)


@pytest.mark.parametrize("post", ["mosquitto"], indirect=True)
def test_an_emergency_overtakes_a_long_download_on_a_narrow_line(post: Post) -> None:
    site = post.site
    site.introduce()
    clip, long = chimed(3), noise(1_024)
    site.offer(clip)
    site.offer(long)
    post.box.start()
    first = order_of("b-first", clip, now_ms() + 600_000)
    site.send(first)
    site.wait_for(first, S.READY)
    post.proxy.weather = Weather(bytes_per_s=128_000)
    before = post.proxy.passed["down"]
    later = order_of("b-long", long, now_ms() + 600_000)
    site.send(later)
    wait_until(lambda: post.proxy.passed["down"] > before + 200_000, 20, "the download is under way")
    emergency = order_of("b-now", clip, now_ms(), priority=Priority.EMERGENCY)
    site.send(emergency)
    site.wait_for(emergency, S.PLAYING)
    assert post.proxy.passed["down"] < before + len(long.data), "it did not wait for the rest of the download"
    assert site.state(later) is S.ACCEPTED
