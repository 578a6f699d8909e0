"""What is said of a recording: every verdict by a sound that has the fault, and none by the same sound without it."""

import random
from array import array
from pathlib import Path

import pytest

from audio.inspection.channels import Mix
from audio.inspection.spectrum import Thinning, fft
from audio.verdicts import VERDICTS, Severity, from_json, refusal, verdict
from tests.audio import sounds
from tests.audio.inspected import inspected, mixed, resampled, scaled, stereo, verdicts, write_channels
from tests.audio.inspected import speech_at_48k as speech


def _file(folder: Path, pcm: bytes, encoding: str = "flac") -> Path:
    return sounds.write(folder / f"file.{encoding}", [pcm], sounds.RATE, encoding)


@pytest.mark.parametrize("encoding", ["wav", "mp3", "m4a", "ogg", "flac"])
def test_a_good_recording_has_nothing_to_be_said_of(tmp_path: Path, encoding: str) -> None:
    assert verdicts(_file(tmp_path, scaled(speech(), 0.5), encoding)) == {}


@pytest.mark.parametrize("encoding", ["wav", "mp3"])
def test_clipping_is_counted(tmp_path: Path, encoding: str) -> None:
    found = verdicts(_file(tmp_path, scaled(speech(), 6.0), encoding))["clipped"]
    assert found.severity is Severity.WARN
    share = sum(abs(value) > 32_500 for value in array("h", scaled(speech(), 6.0))) / (len(speech()) // 2)
    if encoding == "wav":
        assert found.measured["clipped_ppm"] == pytest.approx(share * 1e6, rel=0.1)
    else:  # lossy coding rounds most of the flat tops
        assert 1_000 < found.measured["clipped_ppm"] < share * 1e6


def test_clipping_that_was_turned_down_later_is_still_seen(tmp_path: Path) -> None:
    assert "clipped" in verdicts(_file(tmp_path, scaled(scaled(speech(), 6.0), 0.4)))


@pytest.mark.parametrize("encoding", ["flac", "mp3"])
def test_silence_at_both_ends_and_inside(tmp_path: Path, encoding: str) -> None:
    pcm = bytes(96_000 * 3) + speech() + bytes(96_000 * 5) + speech() + bytes(96_000 * 2)
    found = verdicts(_file(tmp_path, pcm, encoding))
    length = len(speech()) // 96
    assert found["silence-at-start"].measured["length_ms"] == pytest.approx(3_000, abs=150)
    assert found["silence-at-end"].measured["length_ms"] == pytest.approx(2_000, abs=400)
    assert found["silence-inside"].measured["longest_ms"] == pytest.approx(5_000, abs=400)
    assert found["silence-inside"].measured["longest_at"] == pytest.approx(3_000 + length, abs=400)
    assert "0:09" in found["silence-inside"].sentence()


def test_noise_in_the_pauses_is_not_taken_for_sound(tmp_path: Path) -> None:
    pcm = mixed(bytes(96_000 * 2) + scaled(speech(), 0.5) + bytes(96_000 * 2), sounds.noise(1.0, 0.004) * 10)
    found = verdicts(_file(tmp_path, pcm))
    assert found["silence-at-start"].measured["length_ms"] == pytest.approx(2_000, abs=200)


def test_the_click_of_a_button_is_no_beginning(tmp_path: Path) -> None:
    pcm = bytes(48_000) + sounds.noise(0.03, 0.5) + bytes(96_000 * 2) + speech()
    assert verdicts(_file(tmp_path, pcm))["silence-at-start"].measured["length_ms"] == pytest.approx(2_530, abs=150)


def test_quiet_and_noisy(tmp_path: Path) -> None:
    quiet = verdicts(_file(tmp_path, scaled(speech(), 0.02)))
    assert set(quiet) == {"quiet"}
    noisy = verdicts(_file(tmp_path, mixed(scaled(speech(), 0.5), sounds.noise(1.0, 0.05) * 7)))
    assert "noisy" in noisy
    assert "not-speech" not in noisy


@pytest.mark.parametrize("header_rate", [8_000, 48_000])
def test_telephone_speech_is_known_by_its_sound_not_by_its_header(tmp_path: Path, header_rate: int) -> None:
    phone = resampled(resampled(speech(), sounds.RATE, 8_000), 8_000, header_rate)
    found = verdicts(sounds.write(tmp_path / "phone", [phone], header_rate, "wav"))
    assert found["telephone"].measured["rate_hz"] == header_rate
    assert found["telephone"].measured["bandwidth_hz"] == pytest.approx(4_300, abs=400)


def test_low_and_odd_rates(tmp_path: Path) -> None:
    assert "low-rate" in verdicts(sounds.write(tmp_path / "a", [sounds.noise(2, 0.1, 11_025)], 11_025, "wav"))
    assert "odd-rate" in verdicts(sounds.write(tmp_path / "b", [sounds.noise(2, 0.1, 37_800)], 37_800, "wav"))


@pytest.mark.parametrize("encoding", ["wav", "mp3", "flac"])
@pytest.mark.parametrize(
    ("left", "right", "code", "mix"),
    [
        (0.5, 0.0, "right-dead", Mix.LEFT),
        (0.0, 0.5, "left-dead", Mix.RIGHT),
        (0.5, -0.45, "inverted", Mix.DIFFERENCE),
        (0.5, 0.3, "", Mix.BOTH),
    ],
)
def test_stereo_with_a_dead_or_an_inverted_channel(
    tmp_path: Path, encoding: str, left: float, right: float, code: str, mix: Mix
) -> None:
    pcm = stereo(scaled(speech()[:384_000], left), scaled(speech()[:384_000], right))
    file = write_channels(tmp_path / "file", [pcm], encoding)
    _, heard = inspected(file)
    assert heard.channels.mix is mix
    assert set(verdicts(file)) == ({code} if code else set())


def test_a_channel_that_drops_out_for_a_while(tmp_path: Path) -> None:
    half = speech()[:480_000]
    file = write_channels(tmp_path / "file", [stereo(half, half), stereo(half, bytes(480_000))], "wav")
    assert verdicts(file)["channel-drops"].measured["length_ms"] == pytest.approx(5_000, abs=1_000)


@pytest.mark.parametrize("hertz", [50, 100])
def test_hum_of_the_mains(tmp_path: Path, hertz: int) -> None:
    found = verdicts(_file(tmp_path, mixed(scaled(speech(), 0.5), sounds.tone(1.0, hertz, 0.01) * 7)))
    assert found["hum"].measured == {"hum_hz": hertz, "hum_cdb": pytest.approx(-4_000, abs=100)}


@pytest.mark.parametrize("kind", ["noise", "tone", "melody"])
def test_what_is_not_speech(tmp_path: Path, kind: str) -> None:
    melody = b"".join(sounds.tone(0.5, hertz, 0.3) for hertz in (262, 330, 392, 523, 392, 330))
    pcm = {"noise": sounds.noise(1, 0.2) * 5, "tone": sounds.tone(1) * 5, "melody": melody}[kind]
    found = verdicts(_file(tmp_path, pcm))
    assert "not-speech" in found
    assert found["not-speech"].severity is Severity.NOTE
    assert "noisy" not in found


def test_too_short_to_say_whether_it_is_speech(tmp_path: Path) -> None:
    assert verdicts(_file(tmp_path, sounds.tone(0.8))) == {}


@pytest.mark.parametrize(("encoding", "removed"), [("ogg", 0), ("flac", 0), ("mp3", 900)])
def test_a_hole_in_the_middle_of_a_long_file_is_told_with_its_place(
    tmp_path: Path, encoding: str, removed: int
) -> None:
    """Below what is refused, but not silently fine. Ogg and FLAC have checksums, MP3 only its own structure."""
    file = _file(tmp_path, scaled(speech() * 8, 0.5), encoding)
    data = bytearray(file.read_bytes())
    middle = len(data) // 2
    data[middle : middle + (removed or 40)] = b"" if removed else random.Random(3).randbytes(40)
    file.write_bytes(data)
    found = verdicts(file)
    codes = {"damaged-in-places", "damaged-a-little"} & set(found)
    assert len(codes) == 1
    assert found[codes.pop()].measured["first_at"] == pytest.approx(len(speech()) * 8 / 192, abs=5_000)


def test_eight_channels_at_192_khz(tmp_path: Path) -> None:
    one = sounds.tone(0.5, 440, 0.2, 192_000)
    pcm = array("h", (value for value in array("h", one) for _ in range(8))).tobytes()
    _, heard = inspected(write_channels(tmp_path / "file", [pcm] * 3, "wav", 8, 192_000))
    assert heard.length_ms == pytest.approx(1_500, abs=40)
    assert heard.active_cdb > -3_000


def test_verdicts_keep_as_json_and_speak() -> None:
    one = verdict("silence-at-start", length_ms=3_240)
    assert from_json(one.as_json()) == one
    assert one.sentence() == "Đầu tệp im lặng 3,2 giây."
    assert refusal("damaged").sentence() == "Tệp âm thanh bị hỏng."
    for code, words in VERDICTS.items():
        assert words.sentence.endswith("."), code
        assert words.what_to_do or words.severity is Severity.DONE, code


def test_the_transform_is_a_fourier_transform() -> None:
    import numpy as np

    values = [complex(a, b) for a, b in np.random.default_rng(1).normal(size=(256, 2))]
    assert np.allclose(fft(values), np.fft.fft(values))


def test_thinning_takes_less_and_less() -> None:
    thinning = Thinning(4)
    taken = [index for index in range(40) if thinning.take()]
    assert taken == [0, 1, 2, 3, 5, 7, 9, 11, 15, 19, 23, 27, 35]
