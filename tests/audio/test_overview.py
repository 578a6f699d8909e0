"""How a recording looks, and its copy: as long as what is decoded, to the sample, and loud where it is loud."""

from array import array
from pathlib import Path

import pytest

from audio.opus import OpusReader
from audio.overview import BIT, MOST_PEAKS, PeakMeter
from audio.prepare import BadSound, Limits, look_at
from tests.browser.tones import write_tones


def test_a_copy_is_as_long_as_the_recording_and_looks_like_it(tmp_path: Path) -> None:
    file = write_tones(tmp_path / "a.wav", [(600, 1), (0, 0.5), (1000, 0.7003)])
    copy = tmp_path / "copies" / "a.opus"
    seen = look_at(file, copy, tmp_path / "work", Limits())
    assert seen.samples == sum(len(block) for block in OpusReader(copy)) // 2 == round(2.2003 * 48_000)
    assert (seen.step_ms, len(seen.peaks)) == (10, 221)
    assert set(seen.peaks[:99]) == {35}
    assert set(seen.peaks[101:149]) == {0}
    assert list((tmp_path / "work").iterdir()) == []


def test_what_is_no_sound_has_no_copy(tmp_path: Path) -> None:
    file = tmp_path / "a.wav"
    file.write_bytes(b"nothing of the kind")
    with pytest.raises(BadSound, match="not-audio"):
        look_at(file, tmp_path / "a.opus", tmp_path / "work", Limits())
    assert not (tmp_path / "a.opus").exists()


def test_a_long_recording_has_no_more_peaks_and_none_is_missed() -> None:
    meter = PeakMeter()
    quiet, loud = array("h", [0] * BIT), array("h", [0] * (BIT - 1) + [-32_768])
    for number in range(MOST_PEAKS * 3 + 1):
        meter.add((loud if number == 7_777 else quiet).tobytes())
    meter.add(bytes(34))
    seen = meter.overview()
    assert seen.samples == (MOST_PEAKS * 3 + 1) * BIT + 17
    assert MOST_PEAKS // 2 <= len(seen.peaks) <= MOST_PEAKS
    assert [n for n, peak in enumerate(seen.peaks) if peak] == [7_777 * BIT // seen.step]
    assert max(seen.peaks) == 100
