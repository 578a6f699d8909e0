"""Levels, volume and fades of PCM on the box."""

import itertools
import math
from array import array

import numpy as np
import pytest

from audio.levels import FLOOR_CDB, LevelMeter, apply_gain, fade, volume_gain
from tests.audio import sounds


def _meter(*blocks: bytes) -> LevelMeter:
    meter = LevelMeter()
    for block in blocks:
        meter.add(block)
    return meter


def test_a_full_scale_sine_is_three_decibels_below() -> None:
    meter = _meter(sounds.tone(1.0, amplitude=1.0))
    assert meter.level_cdb == pytest.approx(-301, abs=1)
    assert meter.peak_cdb == pytest.approx(0, abs=1)


@pytest.mark.parametrize("amplitude", [0.5, 0.1, 0.001])
def test_level_agrees_with_a_direct_computation_even_near_silence(amplitude: float) -> None:
    pcm = sounds.tone(1.0, amplitude=amplitude)
    samples = np.frombuffer(pcm, dtype="<i2").astype(float)
    wanted = 2000 * math.log10(math.sqrt(np.mean(samples**2)) / 32768)
    assert _meter(*(pcm[at : at + 1920] for at in range(0, len(pcm), 1920))).level_cdb == pytest.approx(wanted, abs=5)


def test_silence_and_nothing_are_the_floor() -> None:
    assert _meter().level_cdb == FLOOR_CDB
    assert _meter(bytes(1000)).level_cdb == FLOOR_CDB


def test_volume_is_a_rising_curve_from_silence_to_full() -> None:
    gains = [volume_gain(percent) for percent in range(101)]
    assert gains[0] == 0.0
    assert gains[100] == 1.0
    assert gains == sorted(gains)
    assert 20 * math.log10(volume_gain(80)) == pytest.approx(-5.8, abs=0.1)
    assert volume_gain(-5) == 0.0
    assert volume_gain(200) == 1.0


def test_gain_clips_and_does_not_wrap() -> None:
    assert array("h", apply_gain(array("h", [30_000, -30_000]).tobytes(), 2.0)).tolist() == [32_767, -32_768]
    assert apply_gain(b"\1\0", 1.0) == b"\1\0"


@pytest.mark.parametrize(("start", "end"), [(1.0, 0.0), (0.0, 1.0), (0.8, 0.3)])
def test_a_fade_arrives_and_has_no_click(start: float, end: float) -> None:
    steady = array("h", [10_000] * 2_400).tobytes()
    faded = array("h", fade(steady, start, end))
    assert abs(faded[0] - 10_000 * start) <= 30
    assert abs(faded[-1] - 10_000 * end) <= 1
    assert max(abs(b - a) for a, b in itertools.pairwise(faded)) <= 10
    assert fade(b"", 1.0, 0.0) == b""
