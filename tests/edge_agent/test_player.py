"""The player on its own: sample-exact, faded, honest. Blocks are asked for at made-up instants."""

import itertools
import math
from array import array
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from audio.levels import LevelMeter, apply_gain, volume_gain
from audio.loudness import LoudnessMeter
from audio.opus import OpusReader
from edge_agent.feed import Feed, parts_from
from edge_agent.player import Began, Ended, Player, PlayerEvent
from edge_agent.voice import Ending, Order
from schedules.units import BroadcastId, DurationMs, Percent, UtcMs
from schedules.volume import Step
from tests.rig.clips import TestClip, chimed

RATE = 48_000
BLOCK = 960
BLOCK_NS = 20_000_000
T0 = 1_800_000_000_000_000_000


class Pcm:
    """Frames given whole; `behind` blocks of them come late."""

    def __init__(self, data: bytes, fault: str = "") -> None:
        self.data = data
        self.fault = fault
        self.hungry = 0

    @property
    def finished(self) -> bool:
        return not self.data

    def take(self, frames: int) -> bytes:
        if self.hungry:
            self.hungry -= 1
            return b""
        taken, self.data = self.data[: frames * 2], self.data[frames * 2 :]
        return taken

    def skip(self, frames: int) -> None:
        self.data = self.data[frames * 2 :]

    def close(self) -> None:
        self.data = b""


@pytest.fixture(scope="module")
def clip_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "clip.opus"
    path.write_bytes(clip().data)
    return path


def clip() -> TestClip:
    return chimed(3)


def decoded(path: Path) -> bytes:
    return b"".join(OpusReader(path))


def order(name: str, at_ns: int, *, content_ms: int = 3_000, volume: int = 100, join: bool = False) -> Order:
    return Order(
        broadcast=BroadcastId(name),
        planned=UtcMs(at_ns // 1_000_000),
        due_ns=at_ns,
        offset=DurationMs(0),
        content_ms=DurationMs(content_ms),
        volume_percent=volume,
        gain=volume_gain(volume),
        join=join,
    )


class Rig:
    """A player and the blocks it was asked for."""

    def __init__(self) -> None:
        self.events: list[PlayerEvent] = []
        self.player = Player(self.events.append)
        self.out = bytearray()
        self.now = T0

    def blocks(self, count: int) -> None:
        for _ in range(count):
            self.out += self.player.fill(BLOCK, self.now)
            self.now += BLOCK_NS

    def ended(self) -> Iterator[Ended]:
        return (event for event in self.events if isinstance(event, Ended))


def samples(data: bytes) -> "array[int]":
    return array("h", data)


def test_nothing_is_heard_after_the_hard_end_however_far_ahead_the_sink_asks() -> None:
    rig, tone = Rig(), array("h", [8_000] * RATE * 2).tobytes()
    until = T0 + 1_000_000_000
    rig.player.arm(replace(order("b", T0, content_ms=2_000), until_ns=until), Pcm(tone))
    rig.player.arm(order("next", T0 + 1_500_000_000), Pcm(b""))
    rig.player.take_back(BroadcastId("next"))
    rig.blocks(100)
    heard = samples(bytes(rig.out))
    assert set(heard[: RATE - RATE // 20]) == {8_000}, "whole until it fades"
    assert heard[RATE - 1_200] < 4_100, "it fades before its hard end"
    assert not any(heard[RATE:])
    (ended,) = [each for each in rig.ended() if each.broadcast == "b"]
    assert (ended.ending, ended.measured.ended_us) == (Ending.FADED, until // 1_000)


def test_what_ends_by_its_hard_end_is_not_faded() -> None:
    rig, tone = Rig(), array("h", [8_000] * RATE).tobytes()
    rig.player.arm(replace(order("b", T0, content_ms=1_000), until_ns=T0 + 1_000_000_000), Pcm(tone))
    rig.blocks(60)
    assert set(samples(bytes(rig.out))[:RATE]) == {8_000}
    assert [each.ending for each in rig.ended()] == [Ending.OVER]


@pytest.mark.parametrize("frame", [0, 1, 479, 959, 960, 2_000])
def test_starts_on_the_sample_and_puts_out_every_frame_once(clip_file: Path, frame: int) -> None:
    rig, content = Rig(), decoded(clip_file)
    at = T0 + frame * 1_000_000_000 // RATE
    rig.player.arm(order("b", at, volume=80), Pcm(content))
    rig.blocks(200)
    assert rig.out[frame * 2 : frame * 2 + len(content)] == apply_gain(content, volume_gain(80))
    assert not any(rig.out[: frame * 2])
    assert not any(rig.out[frame * 2 + len(content) :])
    began, ended = rig.events
    assert isinstance(began, Began)
    assert isinstance(ended, Ended)
    assert ended.ending is Ending.OVER
    assert ended.measured.frames == len(content) // 2
    assert ended.measured.heard_ms == 3_000
    assert abs(ended.measured.started_us * 1000 - at) <= 21_000
    assert ended.measured.ended_us - ended.measured.started_us == pytest.approx(3_000_000, abs=2)
    meter = LevelMeter()
    meter.add(apply_gain(content, volume_gain(80)))
    assert abs(ended.measured.level_cdb - meter.level_cdb) <= 5


def test_loudness_and_line_are_those_of_what_came_out() -> None:
    rig, half = Rig(), array("h", [8_000, -8_000] * (RATE * 2)).tobytes()
    rig.player.arm(order("b", T0, content_ms=6_000, volume=80), Pcm(half + bytes(RATE * 4)))
    rig.blocks(320)
    (ended,) = rig.ended()
    meter = LoudnessMeter(with_peak=False)
    meter.add(apply_gain(half + bytes(RATE * 4), volume_gain(80)))
    assert ended.measured.loudness_clu == pytest.approx(meter.finish().lufs * 100, abs=20)
    assert ended.measured.levels_db == (-18, -18, -18, -18, -120, -120)
    assert ended.measured.levels_step_s == 1


def test_a_voice_that_no_sink_asks_for_any_more_ends_dead() -> None:
    rig = Rig()
    rig.player.arm(order("b", T0), Pcm(array("h", [10_000] * RATE * 3).tobytes()))
    rig.blocks(60)
    rig.player.failed("the card is gone")
    rig.player.stop(BroadcastId("b"), rig.now)
    ended = rig.player.drop(BroadcastId("b"))
    assert ended is not None
    assert ended.ending is Ending.DEAD
    assert (ended.measured.heard_ms, ended.measured.levels_db) == (1_200, (-10, -10))


def steady(level: int, seconds: float) -> bytes:
    return array("h", [level] * int(RATE * seconds)).tobytes()


def test_a_limit_is_kept_from_its_instant_on_and_reached_in_a_ramp() -> None:
    rig = Rig()
    falls, rises = T0 // 1_000_000 + 1_507, T0 // 1_000_000 + 3_000
    limits = (Step(UtcMs(0), Percent(100)), Step(UtcMs(falls), Percent(40)), Step(UtcMs(rises), Percent(70)))
    rig.player.arm(replace(order("b", T0, content_ms=5_000, volume=80), limits=limits), Pcm(steady(20_000, 5)))
    rig.blocks(251)
    out = samples(bytes(rig.out))
    before, within, after = (round(20_000 * volume_gain(percent)) for percent in (80, 40, 70))
    assert abs(out[RATE * 3 // 4] - before) <= 1
    assert all(abs(value - within) <= 1 for value in out[1_507 * 48 : 3_000 * 48])
    assert abs(out[4 * RATE] - after) <= 1
    steepest = max(abs(a - b) for a, b in itertools.pairwise(out[10 : 5 * RATE - 10]))
    assert steepest <= 20_000 / (RATE / 2) + 1  # from nothing to full in half a second
    (ended,) = rig.ended()
    assert ended.measured.volume_percent == 80


def test_a_limit_that_comes_while_it_sounds_is_a_ramp_too() -> None:
    rig = Rig()
    rig.player.arm(order("b", T0, volume=100), Pcm(steady(20_000, 3)))
    rig.blocks(50)
    rig.player.limit(BroadcastId("b"), (Step(UtcMs(0), Percent(0)),))
    rig.blocks(50)
    out = samples(bytes(rig.out))
    assert out[50 * BLOCK - 1] == 20_000
    assert not any(out[50 * BLOCK + RATE // 2 + BLOCK :])
    assert max(abs(a - b) for a, b in itertools.pairwise(out[10:])) <= 2


def test_takeover_is_one_instant_with_a_fade_before_it() -> None:
    rig = Rig()
    loud = array("h", [10_000] * (RATE * 2)).tobytes()
    other = array("h", [-7_000] * RATE).tobytes()
    rig.player.arm(order("low", T0), Pcm(loud))
    rig.blocks(10)
    switch = T0 + 500_000_000 + 7_000_000
    rig.player.arm(order("high", switch), Pcm(other))
    rig.blocks(100)
    out = samples(bytes(rig.out))
    at = round((switch - T0) * RATE / 1e9)
    assert out[at] == -7_000
    assert 0 <= out[at - 1] < 200
    assert out[at - 2_401] == 10_000
    falling = out[at - 2_400 : at]
    assert all(a >= b for a, b in itertools.pairwise(falling))
    low, high = rig.ended()
    assert (low.broadcast, low.ending) == ("low", Ending.FADED)
    assert low.measured.frames == at
    assert low.position == DurationMs(at * 1000 // RATE)
    assert (high.broadcast, high.ending) == ("high", Ending.OVER)


def test_takeover_at_once_leaves_room_for_the_fade() -> None:
    rig = Rig()
    rig.player.arm(order("low", T0), Pcm(array("h", [10_000] * RATE * 2).tobytes()))
    rig.blocks(10)
    rig.player.arm(order("high", T0), Pcm(array("h", [-7_000] * RATE).tobytes()))
    rig.blocks(100)
    steps = [abs(a - b) for a, b in zip(samples(bytes(rig.out)), samples(bytes(rig.out))[1:], strict=False)]
    assert sorted(steps)[-3:][0] < 100  # only the three real edges jump: begin, take-over, end
    low, _high = rig.ended()
    assert low.measured.frames == 10 * BLOCK + 2_400


def test_stop_fades_and_tells() -> None:
    rig = Rig()
    rig.player.arm(order("b", T0), Pcm(array("h", [10_000] * RATE * 2).tobytes()))
    rig.blocks(10)
    rig.player.stop(BroadcastId("b"), rig.now - 5)
    rig.blocks(10)
    (ended,) = rig.ended()
    assert ended.ending is Ending.FADED
    assert ended.measured.frames == 10 * BLOCK + 2_400
    assert not any(rig.out[(10 * BLOCK + 2_400) * 2 :])


def test_a_late_join_passes_over_what_the_neighbours_played() -> None:
    rig = Rig()
    ramp = array("h", [n % 30_000 for n in range(RATE)]).tobytes()
    rig.player.arm(order("b", T0 - 250_000_000, content_ms=1_000, join=True), Pcm(ramp))
    rig.blocks(60)
    assert samples(bytes(rig.out))[0] == 12_000
    (ended,) = rig.ended()
    assert ended.measured.frames == 36_000
    assert ended.position == 1_000
    assert ended.measured.start_error_us == 250_000


def test_a_hungry_decoder_is_an_underrun_and_nothing_is_lost() -> None:
    rig, pcm = Rig(), Pcm(array("h", [5_000] * RATE).tobytes())
    rig.player.arm(order("b", T0, content_ms=1_000), pcm)
    rig.blocks(5)
    pcm.hungry = 3
    rig.blocks(60)
    (ended,) = rig.ended()
    assert ended.measured.underruns == 1
    assert ended.measured.heard_ms == 1_000


def test_volume_zero_is_silence_and_says_so() -> None:
    rig = Rig()
    rig.player.arm(order("b", T0, volume=0), Pcm(array("h", [5_000] * RATE).tobytes()))
    rig.blocks(60)
    (ended,) = rig.ended()
    assert ended.measured.frames == RATE
    assert ended.measured.level_cdb == -12_000


def test_dropping_what_never_sounded(clip_file: Path) -> None:
    rig = Rig()
    rig.player.arm(order("b", T0 + 10_000_000_000), Pcm(decoded(clip_file)))
    rig.blocks(2)
    ended = rig.player.drop(BroadcastId("b"))
    assert ended is not None
    assert ended.measured.frames == 0
    rig.blocks(600)
    assert not any(rig.out)


def test_feed_decodes_parts_one_after_the_other_from_any_offset(clip_file: Path) -> None:
    whole = decoded(clip_file)
    parts = [(clip_file, DurationMs(3_000)), (clip_file, DurationMs(3_000))]
    for offset in (0, 1_234, 3_000, 4_500):
        feed = Feed(parts, offset)
        out = bytearray()
        while not feed.finished:
            assert feed.wait_primed(5)
            out += feed.take(BLOCK)
        expected = (whole + whole)[offset * 48 * 2 :]
        assert len(out) == len(expected)
        near = max(abs(a - b) for a, b in zip(samples(bytes(out)), samples(expected), strict=True))
        assert near < 400  # the decoder's memory after a seek
        assert feed.fault == ""


def test_feed_is_bounded_and_can_skip(clip_file: Path) -> None:
    feed = Feed([(clip_file, DurationMs(3_000))] * 10, 0)
    assert feed.wait_primed(5)
    feed.skip_ms(1_000)
    assert len(feed.take(RATE * 60)) <= 2.6 * RATE * 2
    feed.close()


def test_feed_tells_a_damaged_file(tmp_path: Path, clip_file: Path) -> None:
    bad = tmp_path / "bad.opus"
    bad.write_bytes(b"not a clip")
    feed = Feed([(bad, DurationMs(1_000))], 0)
    assert feed.wait_primed(5)
    assert feed.finished
    assert feed.fault


def test_parts_from() -> None:
    a, b = Path("a"), Path("b")
    parts = [(a, DurationMs(100)), (b, DurationMs(50))]
    assert list(parts_from(parts, 0)) == [(a, 0), (b, 0)]
    assert list(parts_from(parts, 100)) == [(b, 0)]
    assert list(parts_from(parts, 120)) == [(b, 20)]
    assert list(parts_from(parts, 150)) == []


def test_test_tone_is_quiet_and_a_second_long() -> None:
    from edge_agent.tone import Tone

    tone, meter = Tone(), LevelMeter()
    data = tone.take(10 * RATE)
    meter.add(data)
    assert len(data) == RATE * 2
    assert tone.finished
    assert -2_500 < meter.level_cdb < -2_200
    assert math.isclose(max(samples(data)), 3_300, abs_tol=5)
