"""What is done to a recording because of what was found in it: told, and measured on the finished clip."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from audio import chime
from audio.sources import AS_IT_CAME, RATE, Cleaning, FileSource, Prepared
from audio.verdicts import Verdict
from tests.audio import sounds
from tests.audio.conftest import Bench
from tests.audio.inspected import mixed, scaled, speech_at_48k, stereo, write_channels

_CHIMES_MS = (len(chime.opening_pcm()) + len(chime.closing_pcm())) // 96 + 2 * chime.JOINT_MS

_USUAL = Cleaning()


def _made(bench: Bench, file: Path, cleaning: Cleaning = _USUAL) -> tuple[Prepared, dict[str, Verdict]]:
    made = bench._prepare(FileSource(file, file.name, cleaning=cleaning))
    return made, {each.code: each for found in made.findings.values() for each in found}


def _body(bench: Bench, made: Prepared) -> NDArray[np.float64]:
    """The clip without its chimes."""
    pcm = np.frombuffer(sounds.decoded(bench.store.path(made.clip)), dtype="<i2").astype(float)
    edge = chime.JOINT_MS * 48
    return pcm[len(chime.opening_pcm()) // 2 + edge : len(pcm) - len(chime.closing_pcm()) // 2 - edge]


def _level(samples: NDArray[np.float64], low: float, high: float) -> float:
    """Mean power of a band in dB."""
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    bins = len(samples) / RATE
    return float(10 * np.log10(np.mean(power[round(low * bins) : round(high * bins)]) + 1))


@pytest.mark.parametrize("trim", [True, False])
def test_silence_at_the_ends_is_cut_and_told(bench: Bench, tmp_path: Path, trim: bool) -> None:
    pcm = bytes(96_000 * 3) + scaled(speech_at_48k(), 0.5) + bytes(96_000 * 2)
    made, found = _made(bench, sounds.write(tmp_path / "a", [pcm], RATE, "flac"), Cleaning() if trim else AS_IT_CAME)
    speech_ms = len(speech_at_48k()) // 96
    body = np.abs(_body(bench, made))
    if trim:
        assert found["trimmed-start"].measured["length_ms"] == pytest.approx(2_850, abs=60)
        assert found["trimmed-start"].sentence().startswith("Đã cắt 2,")
        assert made.duration_ms == pytest.approx(_CHIMES_MS + speech_ms + 400, abs=200)
        first = int(np.argmax(body > 600)) / 48
        assert 150 <= first <= 300
    else:
        assert "trimmed-start" not in found
        assert made.duration_ms == pytest.approx(_CHIMES_MS + speech_ms + 5_000, abs=80)
    assert found["silence-at-start"].measured["length_ms"] == pytest.approx(3_000, abs=80)
    assert made.loudness_cdb == pytest.approx(-1_600, abs=100)


def test_what_was_cut_by_hand_is_not_cut_again(bench: Bench, tmp_path: Path) -> None:
    pcm = bytes(96_000 * 3) + scaled(speech_at_48k(), 0.5)
    file = sounds.write(tmp_path / "a", [pcm], RATE, "flac")
    made = bench._prepare(FileSource(file, "a", cuts=((1_000, 6_000),)))
    assert made.duration_ms == pytest.approx(_CHIMES_MS + 5_000, abs=80)


def test_hum_is_notched_out(bench: Bench, tmp_path: Path) -> None:
    pcm = mixed(scaled(speech_at_48k(), 0.5), sounds.tone(1.0, 100, 0.05) * 7)
    file = sounds.write(tmp_path / "a", [pcm], RATE, "flac")
    left, found_left = _made(bench, file, Cleaning(hum=False))
    clean, found = _made(bench, file)
    assert "hum-filtered" in found
    assert "hum-filtered" not in found_left
    hum_left, hum = (_level(_body(bench, made)[48_000:240_000], 99, 101) for made in (left, clean))
    assert hum < hum_left - 15
    voice_left, voice = (_level(_body(bench, made)[48_000:240_000], 300, 3_000) for made in (left, clean))
    assert voice == pytest.approx(voice_left, abs=2.5)


def test_noise_is_reduced_when_asked(bench: Bench, tmp_path: Path) -> None:
    quiet = bytes(96_000 * 2)
    pcm = mixed(scaled(speech_at_48k(), 0.5) + quiet, sounds.noise(1.0, 0.02) * 9)
    file = sounds.write(tmp_path / "a", [pcm], RATE, "flac")
    noisy, _ = _made(bench, file, AS_IT_CAME)
    clean, found = _made(bench, file, Cleaning(trim=False, denoise=True))
    assert "noise-reduced" in found
    before, after = (_body(bench, made) for made in (noisy, clean))
    pause = slice(len(before) - 72_000, len(before) - 12_000)
    gained = _level(before[pause], 300, 4_000) - _level(after[pause], 300, 4_000)
    lost = _level(before[48_000:240_000], 300, 3_000) - _level(after[48_000:240_000], 300, 3_000)
    assert gained > 6
    assert lost == pytest.approx(0, abs=2)


@pytest.mark.parametrize(
    ("left", "right", "code"), [(0.5, 0.0, "right-dead"), (0.0, 0.5, "left-dead"), (0.5, -0.5, "inverted")]
)
def test_of_stereo_the_good_sound_is_used(bench: Bench, tmp_path: Path, left: float, right: float, code: str) -> None:
    """The clip of a stereo file with a fault sounds as that of the mono file without it."""
    speech = speech_at_48k()[:288_000]
    faulty = write_channels(tmp_path / "b", [stereo(scaled(speech, left), scaled(speech, right))], "flac")
    mono = sounds.write(tmp_path / "a", [scaled(speech, 0.5)], RATE, "flac")
    made, found = _made(bench, faulty, AS_IT_CAME)
    assert code in found
    wanted, _ = _made(bench, mono, AS_IT_CAME)
    heard, good = _body(bench, made), _body(bench, wanted)
    assert len(heard) == len(good)
    if left == 0.0 or right == 0.0:
        assert np.corrcoef(heard, good)[0, 1] > 0.98
    else:
        assert abs(np.corrcoef(heard, good)[0, 1]) > 0.98
    assert made.loudness_cdb == pytest.approx(-1_600, abs=100)


def test_too_quiet_to_save(bench: Bench, tmp_path: Path) -> None:
    pcm = mixed(scaled(speech_at_48k(), 0.003), sounds.noise(1.0, 0.003) * 7)
    assert bench.refusal(sounds.write(tmp_path / "a", [pcm], RATE, "flac")).code == "too-quiet"


def test_quiet_but_clean_is_saved(bench: Bench, tmp_path: Path) -> None:
    made, found = _made(bench, sounds.write(tmp_path / "a", [scaled(speech_at_48k(), 0.01)], RATE, "flac"))
    assert "quiet" in found
    assert made.loudness_cdb == pytest.approx(-1_600, abs=100)
