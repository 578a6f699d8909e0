"""The clips on the disk stay within their limit: what is promised stays, of the rest the least useful goes first."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.cache import Cache, Room, to_evict
from edge_agent.clipfiles import ClipFiles, Kept
from edge_agent.diskwatch import BROKEN, FULL, DiskWatch
from schedules.model import Priority
from schedules.states import PlaybackState
from schedules.units import ClipId, UtcMs
from tests.edge_agent.clocks import StandingClock
from tests.edge_agent.lives import Life, World
from tests.edge_agent.simulated import SimulatedBox
from tests.rig.clips import TestClip, clip_of
from tests.rig.site import order_of

KIB = 1_024
S = PlaybackState


def kept(name: str, size: int, used: float = 0, *, whole: bool = True) -> Kept:
    return Kept(ClipId(name), size, used, whole)


def test_the_longest_unheard_goes_first_and_parts_before_whole_ones() -> None:
    here = [kept("new", 10, 3), kept("old", 10, 1), kept("part", 10, 9, whole=False), kept("promised", 10, 0)]
    room = Room(limit=40, free=1_000)

    def gone(need: int) -> list[str] | None:
        going = to_evict(here, {ClipId("promised")}, need, room, urgent=False)
        return None if going is None else [each.clip for each in going]

    assert gone(0) == []
    assert gone(10) == ["part"]
    assert gone(20) == ["part", "old"]
    assert gone(30) == ["part", "old", "new"]
    assert gone(31) is None


def test_an_emergency_goes_beyond_the_limit_but_not_beyond_the_disk() -> None:
    here = [kept("promised", 40)]
    assert to_evict(here, {ClipId("promised")}, 10, Room(40, 10), urgent=False) is None
    assert to_evict(here, {ClipId("promised")}, 10, Room(40, 10), urgent=True) == []
    assert to_evict(here, {ClipId("promised")}, 11, Room(40, 10), urgent=True) is None


@given(
    st.lists(st.tuples(st.integers(1, 50), st.integers(0, 9), st.booleans(), st.booleans()), max_size=12),
    st.integers(0, 100),
    st.integers(0, 300),
    st.integers(-50, 300),
    st.booleans(),
)
def test_promised_ones_stay_and_no_more_goes_than_must(
    clips: list[tuple[int, int, bool, bool]], need: int, limit: int, free: int, urgent: bool
) -> None:
    here = [kept(f"c{n}", size, used, whole=whole) for n, (size, used, whole, _) in enumerate(clips)]
    promised = {ClipId(f"c{n}") for n, clip in enumerate(clips) if clip[3]}
    going = to_evict(here, promised, need, Room(limit, free), urgent=urgent)
    loose = sum(each.size for each in here if each.clip not in promised)
    used = sum(each.size for each in here)

    def fits(without: int) -> bool:
        return need <= free + without and (urgent or used + need - without <= limit)

    assert (going is None) is not fits(loose)
    if going is not None:
        assert not promised & {each.clip for each in going}
        assert fits(sum(each.size for each in going))
        assert not going or not fits(sum(each.size for each in going[:-1]))


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimulatedBox:
    return SimulatedBox(tmp_path, monkeypatch)


def noise(n: int, kib: int) -> TestClip:
    return clip_of(bytes([n]) * (kib * KIB), 3_000)


def fetch_all(box: SimulatedBox, clips: list[TestClip], limit_kib: int) -> Cache:
    """Let a fetcher of this box work until nothing moves any more."""
    world = World(box.site)
    for clip in clips:
        world.offer(clip)
    cache = Cache(box.files, limit_kib * KIB, box.store.live)
    life = Life(world, box.settings, box.clock, cache.make_room)
    life.settle_downloads()
    life.store.close()
    return cache


def test_what_is_heard_no_more_makes_room_and_what_is_promised_waits_for_it(box: SimulatedBox) -> None:
    old, first, second, third = (noise(n, 40) for n in range(4))
    box.hold(old)
    orders = [order_of(f"b-{n}", clip, box.utc + n * 10_000 + 60_000) for n, clip in enumerate((first, second, third))]
    for order in orders:
        box.give(order)
    cache = fetch_all(box, [first, second, third], 100)
    assert [box.files.has(clip.ref.id) for clip in (old, first, second, third)] == [False, True, True, False]
    assert cache.full
    assert sum(each.size for each in box.files.kept() if each.whole) <= 100 * KIB


def test_an_emergency_is_fetched_although_the_promised_fill_the_limit(box: SimulatedBox) -> None:
    first, urgent = noise(1, 90), noise(2, 60)
    box.hold(first)
    box.give(order_of("b-1", first, box.utc + 60_000))
    box.give(order_of("b-now", urgent, box.utc, priority=Priority.EMERGENCY))
    cache = fetch_all(box, [urgent], 100)
    assert box.files.has(urgent.ref.id)
    assert box.files.has(first.ref.id)
    assert not cache.full


def test_what_was_just_heard_is_of_use(box: SimulatedBox) -> None:
    heard, unheard = noise(1, 40), noise(2, 40)
    for clip in (heard, unheard):
        box.hold(clip)
    files: ClipFiles = box.files
    for clip, at in ((heard, 1), (unheard, 2)):
        os.utime(files.path(clip.ref.id), (at, at))
    box.give(order_of("b-1", heard, box.utc))
    box.play(4_000)
    used = {each.clip: each.used_s for each in files.kept()}
    assert used[heard.ref.id] > used[unheard.ref.id]


def test_a_clip_that_cannot_be_read_is_missed_for_the_disk_and_harms_nothing_else(box: SimulatedBox) -> None:
    bad, good = noise(1, 20), noise(2, 20)
    for clip in (bad, good):
        box.hold(clip)
    path = box.files.path(bad.ref.id)
    path.unlink()
    path.symlink_to("/proc/self/mem")  # is a file, and reading it is an input/output error
    unreadable, readable = order_of("b-1", bad, box.utc, grace_ms=2_000), order_of("b-2", good, box.utc + 500)
    for order in (unreadable, readable):
        box.give(order)
    assert ("b-2",) in box.play(6_000)
    record = box.records(unreadable)[-1]
    assert (record.state.value, record.reason.value) == ("missed", "disk")
    assert box.counters.snapshot()["disk_errors"] > 0
    assert "conductor_faults" not in box.counters.snapshot()


def test_what_is_due_plays_although_the_database_cannot_even_be_read(box: SimulatedBox) -> None:
    clip = noise(1, 20)
    box.hold(clip)
    order = order_of("b-1", clip, box.utc + 3_000)
    box.give(order)
    box.play(200)
    assert box.state(order) is S.READY
    box.store.database.close()
    heard = box.play(8_000)
    assert heard.count(("b-1",)) >= 140
    assert () in heard[-10:]


def test_the_disk_is_tried_now_and_then_and_at_once_when_it_refused(tmp_path: Path) -> None:
    clock, refused = StandingClock(UtcMs(1_700_000_000_000)), 0
    folder = tmp_path / "data"
    folder.mkdir()
    watch = DiskWatch(clock, folder, lambda: refused)
    assert not watch.look(0.0)
    assert watch.trouble == ""
    (folder / ".disk").unlink()
    (folder / ".disk").symlink_to("/dev/full")
    assert not watch.look(19.0)
    assert watch.look(20.0)
    assert watch.trouble == FULL
    (folder / ".disk").unlink()
    assert watch.look(40.0)
    assert watch.trouble == ""
    refused = 1
    assert watch.look(40.1)
    assert watch.trouble == BROKEN
    assert not watch.look(50.0)
    assert watch.look(60.1)
    assert watch.trouble == ""
