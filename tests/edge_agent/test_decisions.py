"""The agent's small pure decisions: what to listen to, what is missing, what to say, how stretches add up."""

import resource
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from edge_agent.backoff import Backoff
from edge_agent.clipfiles import ClipFiles, WrongMedia
from edge_agent.clock import SystemClock
from edge_agent.counters import Counters
from edge_agent.fetcher import Fetcher
from edge_agent.gaps import Gaps, essentials, lists_between, missing
from edge_agent.measuring import joined, joined_level, verdict
from edge_agent.routes import area_filters, keys_filters, own_filters
from edge_agent.sinks.anchor import Anchor
from edge_agent.sinks.pace import Pace
from edge_agent.sinks.wav import WavKeeper
from protocol.clips import make_index
from protocol.codec import dump
from protocol.messages import CHUNK_BYTES, NO_LOUDNESS_CLU, SILENCE_CDB, Config, Measured, Membership, Plan, PlanEntry
from protocol.versions import NEVER, Version
from schedules.states import PlaybackState, Reason
from schedules.units import AreaId, BroadcastId, Percent, SpeakerId, UtcMs
from tests.rig.clips import chimed
from tests.rig.site import wait_until

ME = SpeakerId("s-one")
NOW = UtcMs(1_800_000_000_000)


def config(*members: Membership) -> Config:
    return Config(ME, Version(1, 1), UtcMs(0), members, "Asia/Ho_Chi_Minh", (), Percent(100), "")


def member(area: str, begin: int, until: int, *above: str) -> Membership:
    return Membership(AreaId(area), tuple(AreaId(a) for a in above), UtcMs(begin), UtcMs(until))


def test_listens_to_its_area_and_those_above_now_and_soon() -> None:
    day = 86_400_000
    known = config(member("old", 0, 10 * day, "top"), member("new", 10 * day, 0, "top"), member("far", 90 * day, 0))
    assert area_filters(None, UtcMs(0)) == []
    early = {name.split("/")[3] for name in area_filters(known, UtcMs(5 * day))}
    late = {name.split("/")[3] for name in area_filters(known, UtcMs(11 * day))}
    assert early == {"old", "new", "top"}
    assert late == {"new", "top"}
    assert all(f"/{ME}/" in name or "/keys/" in name for name in own_filters(ME, 3))


def test_a_box_hears_the_key_lists_that_can_follow_its_own() -> None:
    assert keys_filters(0) == ["loaxa/v1/keys/+"]
    assert keys_filters(3)[0] == "loaxa/v1/keys/4"
    assert "loaxa/v1/keys/3" not in keys_filters(3)


def test_the_lists_before_one_that_waits_are_asked_for() -> None:
    assert lists_between(3, []) == []
    assert lists_between(3, ["loaxa/v1/keys/7", "loaxa/v1/keys/6"]) == ["loaxa/v1/keys/4", "loaxa/v1/keys/5"]
    assert lists_between(7, ["loaxa/v1/keys/6"]) == []


def test_what_an_earlier_epoch_left_in_a_plan_is_not_asked_for() -> None:
    fresh = PlanEntry(BroadcastId("b-new"), Version(2, 1), "0" * 64)
    later = replace(plan(entry("b-over", 1), fresh), version=Version(2, 1))
    assert missing([later], UtcMs(10), lambda _b: NEVER, lambda _b, _v: False) == ["loaxa/v1/areas/a/broadcasts/b-new"]


def plan(*entries: PlanEntry, expires: int = 1_000) -> Plan:
    return Plan("areas/a", "2026-11-22", Version(1, 1), UtcMs(0), UtcMs(expires), entries)


def entry(name: str, revision: int) -> PlanEntry:
    return PlanEntry(BroadcastId(name), Version(1, revision), "0" * 64)


def test_missing_is_what_is_not_held_or_older_and_ours() -> None:
    seen = {"b-held": Version(1, 2), "b-old": Version(1, 1)}
    listed = plan(entry("b-held", 2), entry("b-old", 2), entry("b-new", 1), entry("b-theirs", 1))
    got = missing(
        [listed, plan(entry("b-past", 1), expires=5)],
        UtcMs(10),
        lambda b: seen.get(b, NEVER),
        lambda b, _v: b == "b-theirs",
    )
    assert got == ["loaxa/v1/areas/a/broadcasts/b-old", "loaxa/v1/areas/a/broadcasts/b-new"]
    assert len(essentials(ME, keys=False, config=False)) == 2
    assert essentials(ME, keys=True, config=True) == []


def test_a_gap_is_asked_for_then_told_then_retried_later_and_later() -> None:
    gaps = Gaps()
    assert gaps.step(["t"], 0) == (["t"], [], [])
    assert gaps.step(["t"], 9) == ([], [], [])
    assert gaps.step(["t"], 10.1) == ([], ["t"], [])
    assert gaps.step(["t"], 20) == ([], [], [])
    assert gaps.step(["t"], 40) == ([], ["t"], [])
    assert gaps.step([], 41) == ([], [], ["t"])


def test_backoff_doubles_up_to_a_bound() -> None:
    backoff = Backoff(first=1.0, most=8.0)
    assert backoff.due(0)
    for limit in (1.25, 2.5, 5, 10, 10):
        backoff.failed(0)
        assert backoff.due(limit)
        assert not backoff.due(limit * 0.5)


def test_stretches_add_up() -> None:
    first = Measured(started_us=7, start_error_us=3, frames=48_000, heard_ms=1_000, content_ms=3_000, level_cdb=-2_000)
    second = Measured(started_us=99, start_error_us=50, ended_us=200, frames=96_000, content_ms=3_000, level_cdb=-2_000)
    both = joined(first, second)
    assert (both.started_us, both.start_error_us, both.ended_us, both.heard_ms) == (7, 3, 200, 3_000)
    assert both.level_cdb == -2_000
    assert joined(Measured(), second) == replace(second, heard_ms=2_000)
    assert joined_level(1, SILENCE_CDB, 1, -1_000) == -1_301
    assert joined_level(0, 0, 0, 0) == SILENCE_CDB


def test_a_device_that_takes_sound_faster_than_time_passes_is_found_out() -> None:
    swallowing = Pace()
    assert 48 < sum(swallowing.took(960, 5.0) for _ in range(60)) < 52
    assert not swallowing.proven
    fast_card, now = Pace(), 0.0
    for _ in range(100_000):  # half an hour at +200 ppm, and a stall in the middle makes no room for haste
        now += 0.02 / 1.0002
        assert fast_card.took(960, now)
    assert fast_card.took(960, now + 10)
    assert fast_card.proven
    assert sum(fast_card.took(960, now + 10) for _ in range(60)) < 52


def test_loudness_and_line_of_stretches_add_up() -> None:
    first = Measured(started_us=7, frames=48_000, loudness_clu=-1_600, levels_db=(-20, -24), levels_step_s=1)
    second = Measured(started_us=9, frames=48_000, loudness_clu=-1_600, levels_db=(-30,), levels_step_s=2)
    both = joined(first, second)
    assert both.loudness_clu == -1_600
    assert (both.levels_db, both.levels_step_s) == ((-22, -30), 2)
    quieter = joined(first, replace(second, loudness_clu=NO_LOUDNESS_CLU))
    assert quieter.loudness_clu == -1_600  # what has no loudness is gated away, it makes nothing quieter
    assert joined(Measured(), Measured()).loudness_clu == NO_LOUDNESS_CLU


@pytest.mark.parametrize(
    ("heard", "level", "volume", "expected"),
    [
        (1_000, -2_000, 100, (PlaybackState.PLAYED, Reason.NONE)),
        (990, -2_000, 100, (PlaybackState.PLAYED, Reason.NONE)),
        (989, -2_000, 100, (PlaybackState.INTERRUPTED, Reason.STOPPED)),
        (1_000, -6_000, 100, (PlaybackState.FAILED, Reason.SILENT)),
        (1_000, SILENCE_CDB, 50, (PlaybackState.FAILED, Reason.SILENT)),
        (1_000, SILENCE_CDB, 0, (PlaybackState.FAILED, Reason.MUTED)),
        (1_000, -7_800, 10, (PlaybackState.FAILED, Reason.MUTED)),  # -18 dBFS in the clip, 60 dB turned down
        (1_000, -8_500, 80, (PlaybackState.FAILED, Reason.SILENT)),
    ],
)
def test_verdict(heard: int, level: int, volume: int, expected: tuple[PlaybackState, Reason]) -> None:
    measured = Measured(heard_ms=heard, content_ms=1_000, level_cdb=level, frames=heard * 48, volume_percent=volume)
    assert verdict(measured, Reason.STOPPED) == expected


def test_partial_clip_proves_itself_after_a_kill(tmp_path: Path) -> None:
    clip = chimed(30)
    index = make_index(clip.ref.id, clip.data)
    files = ClipFiles(tmp_path)
    assert files.resume(clip.ref) is None
    partial = files.begin(clip.ref, dump(index))
    for number in (0, 3):
        partial.write(number, clip.data[number * CHUNK_BYTES : (number + 1) * CHUNK_BYTES])
    with pytest.raises(WrongMedia):
        partial.write(1, b"x" * CHUNK_BYTES)
    partial.close()
    part = tmp_path / "partial" / f"{clip.ref.id}.part"
    data = bytearray(part.read_bytes())
    data[5] ^= 1  # the power cut left a torn chunk 0 behind
    part.write_bytes(data)
    again = ClipFiles(tmp_path).resume(clip.ref)
    assert again is not None
    assert 0 in again.missing
    assert 3 not in again.missing
    for number in sorted(again.missing):
        again.write(number, clip.data[number * CHUNK_BYTES : (number + 1) * CHUNK_BYTES])
    files.finish(again, NOW)
    assert files.path(clip.ref.id).read_bytes() == clip.data
    assert list((tmp_path / "partial").iterdir()) == []


def test_an_index_for_another_clip_is_wrong(tmp_path: Path) -> None:
    clip, other = chimed(3), chimed(4)
    with pytest.raises(WrongMedia):
        ClipFiles(tmp_path).begin(clip.ref, dump(make_index(other.ref.id, other.data)))
    with pytest.raises(WrongMedia):
        ClipFiles(tmp_path).begin(clip.ref, b"{}")


def test_unused_clips_are_removed(tmp_path: Path) -> None:
    files = ClipFiles(tmp_path)
    source = tmp_path / "x"
    source.write_bytes(b"x")
    clip = chimed(3)
    partial = files.begin(clip.ref, dump(make_index(clip.ref.id, clip.data)))
    for number in sorted(partial.missing):
        partial.write(number, clip.data[number * CHUNK_BYTES : (number + 1) * CHUNK_BYTES])
    files.finish(partial, NOW)
    assert files.remove_unused(set(), NOW / 1000 - 1) == 0, "by the box's time, whatever the system's clock says"
    assert files.remove_unused({clip.ref.id}, 1e12) == 0
    assert files.remove_unused(set(), 0) == 0
    assert files.remove_unused(set(), 1e12) == 1
    assert not files.has(clip.ref.id)


def test_a_chunk_that_the_disk_takes_in_part_is_not_held(tmp_path: Path) -> None:
    clip = chimed(30)
    partial = ClipFiles(tmp_path).begin(clip.ref, dump(make_index(clip.ref.id, clip.data)))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (CHUNK_BYTES + 100, limits[1]))
    try:
        with pytest.raises(OSError, match="no room"):
            partial.write(1, clip.data[CHUNK_BYTES : 2 * CHUNK_BYTES])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert 1 in partial.missing
    partial.close()


def test_what_a_kill_left_of_a_clip_being_named_is_removed(tmp_path: Path) -> None:
    files = ClipFiles(tmp_path)
    (tmp_path / "ab").mkdir()
    (tmp_path / "ab" / ".new-x1").write_bytes(b"half a clip")
    assert files.remove_unused(set(), 0) == 0
    assert files.remove_unused(set(), 1e12) == 1
    assert list((tmp_path / "ab").iterdir()) == []


class Unheard:
    """A connection on which nobody answers."""

    connected = True

    def subscribe(self, filters: Iterable[str]) -> None:
        list(filters)

    def unsubscribe(self, filters: Iterable[str]) -> None:
        list(filters)


def test_a_clip_that_cannot_be_named_is_put_off(tmp_path: Path) -> None:
    """All chunks are here and the disk refuses the whole: not hashed and copied anew twice a second."""
    clip = chimed(3)
    files = ClipFiles(tmp_path)
    partial = files.begin(clip.ref, dump(make_index(clip.ref.id, clip.data)))
    for number in sorted(partial.missing):
        partial.write(number, clip.data[number * CHUNK_BYTES : (number + 1) * CHUNK_BYTES])
    partial.close()
    (tmp_path / clip.ref.id[:2]).write_bytes(b"in the way of the folder")
    counters = Counters()
    fetcher = Fetcher(
        SystemClock(), files, Unheard(), counters, lambda: [clip.ref], lambda _t: None, lambda _w: None, lambda _r: True
    )
    fetcher.start()
    wait_until(lambda: counters.snapshot().get("disk_errors", 0) > 0, 5, "the refusal")
    for _ in range(20):
        fetcher.poke()
        time.sleep(0.02)
    fetcher.stop()
    assert counters.snapshot()["disk_errors"] <= 3
    assert fetcher.trouble


def test_a_recording_holds_nothing_of_the_programme_before(tmp_path: Path) -> None:
    keeper = WavKeeper(tmp_path)
    loud = b"\x10\x27" * 960
    for n in range(40):
        name = "b-1" if n < 30 else "b-2"
        keeper.keep(loud, 1_800_000_000_000_000_000 + n * 20_000_000, (name,))
    keeper.close()
    sound = (tmp_path / "b-2.wav").read_bytes()[44:]
    assert len(sound) == (25 + 10) * len(loud)
    assert not any(sound[: 25 * len(loud)])
    assert sound[25 * len(loud) :] == loud * 10


def test_recordings_are_kept_for_a_month_by_the_boxs_own_time(tmp_path: Path) -> None:
    keeper = WavKeeper(tmp_path)
    first, day = 1_800_000_000, 86_400
    for n, seconds in enumerate((first, first + 20 * day, first + 31 * day)):
        for block in range(30):
            sounding = (f"b-{n}",) if block == 0 else ()
            keeper.keep(bytes(1_920), seconds * 1_000_000_000 + block * 20_000_000, sounding)
    keeper.close()
    assert {path.stem for path in tmp_path.iterdir()} == {"b-1", "b-2"}


def test_anchor_is_the_median_and_forgets_a_stall() -> None:
    anchor, true, noise = Anchor(), 1_000_000_000, Random(1)
    for n in range(200):
        jitter = noise.randint(-2_000_000, 2_000_000)
        at = anchor.block_at(true + n * 20_000_000 + jitter, 960)
    assert abs(at - (true + 199 * 20_000_000)) < 600_000
    for n in range(200, 260):
        at = anchor.block_at(true + n * 20_000_000 + 1_000_000_000, 960)
    assert abs(at - (true + 259 * 20_000_000 + 1_000_000_000)) < 600_000
