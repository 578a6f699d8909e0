"""A month of a box on simulated time: what it holds in memory, open files and disk does not grow with the days.

Each day has its clips, broadcasts, cancellations and receipts, and at its end what housekeeping does. What is kept for
thirty days has reached its most after thirty-one; only then it is watched. Here only every fourth day is lived; `make
soak` lives through every day of two months with many more broadcasts (LOAXA_DAYS, LOAXA_DAILY, LOAXA_APART).
"""

import gc
import os
import random
import sys
from pathlib import Path

import pytest

from edge_agent import stage
from edge_agent.cache import Cache
from edge_agent.settings import load
from protocol.topics import CONFIG, KeysTopic, SpeakerTopic, build
from schedules.model import Priority
from schedules.units import UtcMs
from tests.edge_agent.clocks import StandingClock
from tests.edge_agent.lives import Life, World
from tests.edge_agent.simulated import ConstantFeed
from tests.rig.box import write_config
from tests.rig.clips import clip_of
from tests.rig.site import Signer, now_ms, order_of, revised

DAYS = int(os.environ.get("LOAXA_DAYS", "15"))
DAILY = int(os.environ.get("LOAXA_DAILY", "2"))
APART = int(os.environ.get("LOAXA_APART", "4"))
"""Days from one that is lived to the next."""
DAY_MS = 86_400_000 * APART
FULL_MS = 31 * 86_400_000
"""After so long the oldest of what is kept for thirty days goes as the newest comes."""
LIMIT = 2**20
OWN = 25
"""Blocks of memory for each broadcast that are this test's own: what was published and heard of it, and when."""


def day(world: World, number: int, rng: random.Random) -> None:
    """Broadcasts ten seconds apart, some cancelled, every tenth an emergency; the audio is new each day."""
    begin = world_begin(world) + number * DAY_MS
    clip = clip_of(rng.randbytes(20_000), 3_000)
    world.offer(clip)
    for n in range(DAILY):
        kind = Priority.EMERGENCY if n % 10 == 9 else Priority.NORMAL
        order = order_of(f"b-{number}-{n}", clip, begin + 5_000 + 10_000 * n, priority=kind, room_ms=1_000)
        world.send(begin, order)
        if n % 7 == 3:
            world.send(begin + 1_000, revised(order, cancelled=True))


def world_begin(world: World) -> int:
    return world.script[0][0]


def forget_yesterday(world: World) -> None:
    """The controller clears what is over from the broker; this test's memory must not be what grows."""
    world.records = dict.fromkeys(world.records, world.records[max(world.records)])
    world.script[:] = [(at, topic, b"", retained) for at, topic, _, retained in world.script]
    world.orders.clear()
    world.audio.clear()
    world.frames.clear()


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.timeout(3_600)
def test_nothing_grows_with_the_days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "Feed", ConstantFeed)
    site, rng = Signer(), random.Random(4)
    settings = load(write_config(tmp_path, site, 1883))
    clock, world = StandingClock(now_ms()), World(site)
    world.say(clock.utc, build(KeysTopic(1)), site.key_list())
    world.say(clock.utc, build(SpeakerTopic(site.speaker, CONFIG)), site.config())
    life = Life(world, settings, clock, lambda ref: cache.make_room(ref))
    cache = Cache(life.files, LIMIT, life.store.live)
    held: list[tuple[int, int, int]] = []
    try:
        for number in range(DAYS):
            begin = UtcMs(world_begin(world) + number * DAY_MS)
            clock.pass_time(max(0, begin - clock.utc))
            day(world, number, rng)
            for _ in range(100 + 60 * DAILY):
                life.step()
                if world.done():
                    break
            life.step()
            assert world.done(), f"day {number}: {[world.told(name)[-1:] for name in world.orders]}"
            forget_yesterday(world)
            life.forget()
            life.store.prune(clock.utc)
            assert sum(each.size for each in life.files.kept()) <= LIMIT
            if begin >= world_begin(world) + FULL_MS:
                gc.collect()
                held.append((sys.getallocatedblocks(), descriptors(), _database_bytes(life)))
    finally:
        life.store.close()
    first, last = held[0], held[-1]
    assert len(held) >= 5
    assert last[0] <= first[0] + OWN * DAILY * (len(held) - 1), f"memory grew: {held}"
    assert last[1] <= first[1], f"descriptors grew: {held}"
    assert last[2] <= first[2] * 1.25, f"the database grew: {held}"


def _database_bytes(life: Life) -> int:
    """Pages in use; a file of SQLite keeps its free ones."""
    ask = life.store.database.rows
    pages, free, size = (int(ask(f"PRAGMA {what}")[0][0]) for what in ("page_count", "freelist_count", "page_size"))
    return (pages - free) * size
