"""The preview of a horn at 200 m: its band, its echoes, its noise, its length, and the air's own figures."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from audio import horn
from audio.air import absorption_db
from audio.encode import encode
from tests.audio import sounds


@pytest.mark.parametrize(("hertz", "wanted"), [(500, 2.8), (1_000, 5.0), (2_000, 9.0), (4_000, 22.9), (8_000, 76.6)])
def test_the_air_swallows_what_the_standard_says(hertz: float, wanted: float) -> None:
    """ISO 9613-2:1996, table 2: decibels per kilometre at 20 °C and 70 %."""
    assert absorption_db(hertz, 1_000, 20, 70) == pytest.approx(wanted, rel=0.02)


def _spectrum(pcm: bytes) -> NDArray[np.float64]:
    samples = np.frombuffer(pcm, dtype="<i2").astype(float)
    return np.asarray(10 * np.log10(np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2 + 1))


def _band(spectrum: NDArray[np.float64], low: float, high: float) -> float:
    bins = len(spectrum) / 24_000
    return float(np.mean(spectrum[int(low * bins) : int(high * bins)]))


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """White noise for three seconds, then silence for two, as from afar."""
    folder = tmp_path_factory.mktemp("horn")
    encode([sounds.noise(1.0, 0.3)] * 3 + [bytes(192_000)], folder / "clip.opus")
    assert horn.render(folder / "clip.opus", folder / "afar.opus") == pytest.approx(5.3 * sounds.RATE, rel=0.01)
    return sounds.decoded(folder / "afar.opus")


def test_only_the_band_of_the_horn_is_left(rendered: bytes) -> None:
    spectrum, village = _spectrum(rendered[96_000:182_400]), _spectrum(rendered[393_600:480_000])
    middle = _band(spectrum, 700, 3_500)
    assert _band(spectrum, 60, 150) < _band(village, 60, 150) + 4
    assert _band(spectrum, 60, 150) < middle
    assert _band(spectrum, 8_000, 12_000) < middle - 25
    assert _band(spectrum, 400, 700) > middle - 10


def test_the_next_horn_comes_later_and_the_village_stays(rendered: bytes) -> None:
    samples = np.frombuffer(rendered, dtype="<i2").astype(float)

    def rms(at: float, seconds: float) -> float:
        part = samples[int(at * sounds.RATE) : int((at + seconds) * sounds.RATE)]
        return float(np.sqrt(np.mean(part**2)))

    sound, echo, village = rms(1.0, 1.0), rms(3.15, 0.1), rms(4.0, 0.9)
    assert 0.1 * sound < echo < 0.6 * sound
    assert 0.02 * sound < village < 0.8 * echo


def test_of_a_long_clip_the_beginning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(horn, "MOST_SECONDS", 2)
    encode([sounds.tone(1.0)] * 4, tmp_path / "clip.opus")
    assert horn.render(tmp_path / "clip.opus", tmp_path / "afar.opus") == pytest.approx(2.3 * sounds.RATE, rel=0.01)
