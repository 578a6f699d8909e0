"""Reading clips back: sample-exact, from anywhere, with honest errors, and without what the box does not have."""

import subprocess
import sys
from array import array
from pathlib import Path

import numpy as np
import pytest

from audio import opus
from audio.encode import encode
from audio.opus import BadClip, OpusReader
from tests.audio import sounds


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("clips") / "clip.opus"
    encode([sounds.noise(3.0, 0.3) + sounds.tone(2.013)], file)
    return file


@pytest.mark.parametrize("samples", [1, 47, 960, 961, 48_000, 50_017])
def test_it_decodes_to_exactly_what_was_encoded(tmp_path: Path, samples: int) -> None:
    file = tmp_path / "clip.opus"
    assert encode([sounds.tone(2.0)[: samples * 2]], file) == samples
    assert len(sounds.decoded(file)) == samples * 2
    assert opus.duration_samples(file) == samples


def test_the_sound_is_where_it_was(clip: Path) -> None:
    original = np.frombuffer(sounds.noise(3.0, 0.3), dtype="<i2").astype(float)
    heard = np.frombuffer(sounds.decoded(clip), dtype="<i2")[: len(original)].astype(float)
    spectrum = np.fft.rfft(heard) * np.conj(np.fft.rfft(original))
    assert abs(int(np.argmax(np.fft.irfft(spectrum)))) <= 1


@pytest.mark.parametrize("start_ms", [0, 1, 100, 241, 999, 1_000, 3_500, 5_012])
def test_starting_later_gives_the_same_samples(clip: Path, start_ms: int) -> None:
    whole, part = sounds.decoded(clip)[start_ms * 96 :], sounds.decoded(clip, start_ms)
    assert len(part) == len(whole)
    difference = [abs(a - b) for a, b in zip(array("h", whole), array("h", part), strict=True)]
    assert max(difference) <= 40


def test_starting_after_the_end_gives_nothing(clip: Path) -> None:
    assert sounds.decoded(clip, 60_000) == b""


def test_blocks_are_a_tenth_of_a_second(clip: Path) -> None:
    sizes = [len(block) for block in OpusReader(clip)]
    assert set(sizes[:-1]) == {9_600}
    assert 0 < sizes[-1] <= 9_600


def test_duration_is_rounded_to_the_nearest_millisecond(clip: Path) -> None:
    assert opus.duration_ms(clip) == 5_013


def test_what_is_no_clip_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "clip.opus"
    file.write_bytes(b"nothing of the sort")
    with pytest.raises(BadClip):
        OpusReader(file)
    with pytest.raises(BadClip):
        opus.duration_ms(file)


def test_the_box_needs_only_pyav() -> None:
    """What the box imports must not bring in what is not installed there."""
    code = (
        "import sys, audio.opus, audio.levels, audio.clips;"
        "print(*[name for name in ('numpy', 'pydub', 'espeakng_loader') if name in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, capture_output=True, text=True)
    assert ended.stdout.split() == []
