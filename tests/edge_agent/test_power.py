"""The power goes at any point: the box's next life knows what it promised, and goes on where it was.

One evening of a box is lived through on simulated time, on a disk that tells every moment at which a power cut leaves
something else than a moment before (tests/edge_agent/frail_disk.py says what is modelled). At CUTS of these moments,
spread over all, what the disk would be is kept; from each of them a second life begins, a while later, and is lived to
the end of the evening. `make soak` takes more (LOAXA_CUTS) and other evenings (LOAXA_SEED).
"""

import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from edge_agent import stage
from edge_agent.settings import Settings, load
from protocol.topics import CONFIG, KeysTopic, SpeakerTopic, build
from schedules.model import Priority, StartRule
from schedules.units import UtcMs
from tests.edge_agent.clocks import StandingClock
from tests.edge_agent.frail_disk import FrailDisk, Survivor
from tests.edge_agent.lives import Life, World
from tests.edge_agent.simulated import ConstantFeed
from tests.rig.box import write_config
from tests.rig.clips import TestClip, clip_of
from tests.rig.site import Signer, now_ms, order_of, revised

CUTS = int(os.environ.get("LOAXA_CUTS", "200"))
SEED = int(os.environ.get("LOAXA_SEED", "1"))
MOST_STEPS = 1_200
OUTAGES_MS = (100, 700, 3_000, 15_000)


@dataclass(frozen=True)
class Cut:
    """The world and the disk at one moment."""

    number: int
    at: UtcMs
    world: World
    disk: Survivor


def evening(begin: int, rng: random.Random) -> World:
    """Programmes that follow, overtake and interrupt each other, revisions, a cancellation, an emergency."""
    world = World(Signer())
    site = world.site

    def noise(chunks: int, duration: int) -> TestClip:
        clip = clip_of(rng.randbytes(chunks * 16_384 - rng.randrange(9_000)), duration)
        world.offer(clip)
        return clip

    short, other, long = noise(3, 3_000), noise(2, 3_000), noise(20, 6_000)
    shift = rng.randrange(0, 900)
    world.say(begin, build(KeysTopic(1)), site.key_list())
    world.say(begin, build(SpeakerTopic(site.speaker, CONFIG)), site.config())
    first = order_of("b-first", short, begin + 2_500 + shift)
    long_one = order_of("b-long", long, begin + 4_500)
    called_off = order_of("b-called-off", short, begin + 9_000)
    world.send(begin, first)
    world.send(begin, long_one)
    world.send(begin + 200, called_off)
    world.send(begin + 300, order_of("b-join", other, begin + 4_000, rule=StartRule.JOIN))
    world.send(begin + 400, order_of("b-before", other, begin + 7_000 + shift, priority=Priority.PRIORITY))
    tight = order_of("b-tight", short, begin + 14_500, priority=Priority.PRIORITY, grace_ms=500, room_ms=100)
    world.send(begin + 600, tight)
    world.send(begin + 3_500, revised(long_one, title="Tên khác"))
    world.send(begin + 5_000 + shift, revised(called_off, cancelled=True))
    now = begin + 8_500 + shift
    world.send(now, order_of("b-now", short, now, priority=Priority.EMERGENCY))
    return world


def live(life: Life) -> None:
    """To the end of the evening."""
    for _ in range(MOST_STEPS):
        life.step()
        if life.world.done():
            return
    raise AssertionError(f"not all is final: { {name: life.world.told(name)[-1:] for name in life.world.orders} }")


def moments(settings: Settings, seed: int, chosen: frozenset[int]) -> tuple[int, list[Cut]]:
    """Live one evening without a cut: how many moments there were, and the `chosen` ones."""
    shutil.rmtree(settings.data, ignore_errors=True)
    found: list[Cut] = []
    count = 0
    begin = now_ms()
    world, clock, rng = evening(begin, random.Random(seed)), StandingClock(begin), random.Random(seed)

    def instant(what: str) -> None:
        nonlocal count
        count += 1
        if count in chosen:
            found.append(Cut(count, clock.utc, world.copy(), disk.survivor(what, rng)))

    with pytest.MonkeyPatch.context() as patch:
        disk = FrailDisk(settings.data, patch, instant)
        life = Life(world, replace(settings, signing_key=world.site.box, root_public=world.site.root.public_hex), clock)
        life.store.database.rows("PRAGMA wal_autocheckpoint = 25")  # so that one evening has several
        for _ in range(MOST_STEPS):
            life.step()
            instant("between two steps")
            if world.done():
                break
        life.store.close()
        disk.close()
    life.check_end()
    return count, found


def second_life(settings: Settings, cut: Cut) -> None:
    rng = random.Random(cut.number)
    cut.disk.restore(settings.data)
    world, clock = cut.world, StandingClock(UtcMs(cut.at + rng.choice(OUTAGES_MS)))
    world.cuts = 1
    life = Life(world, replace(settings, signing_key=world.site.box, root_public=world.site.root.public_hex), clock)
    try:
        life.check_promises()
        live(life)
        life.check_end()
    except AssertionError as error:
        raise AssertionError(f"cut {cut.number} of seed {SEED} ({cut.disk.what}): {error}") from error
    finally:
        life.store.close()


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    monkeypatch.setattr(stage, "Feed", ConstantFeed)
    memory = Path("/dev/shm")  # to sync is what costs most, and the machine under the tests is not cut off
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield load(write_config(Path(folder), Signer(), 1883))


@pytest.mark.timeout(3_600)
def test_the_power_goes_at_any_point(settings: Settings) -> None:
    seed, done, kinds = SEED, 0, set()
    while done < CUTS:
        count, _ = moments(settings, seed, frozenset())
        rng = random.Random(seed)
        wanted = min(CUTS - done, count // 2)
        _, cuts = moments(settings, seed, frozenset(rng.sample(range(1, count), wanted)))
        for cut in cuts:
            second_life(settings, cut)
        kinds |= {cut.disk.what for cut in cuts}
        done, seed = done + len(cuts), seed + 1
    assert {"between two steps", "before commit", "in commit"} <= kinds
