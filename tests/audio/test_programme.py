"""A programme of many parts, decoded: they come in order, at one level, and the music goes down under speech."""

import math
from pathlib import Path

import numpy as np
import pytest

from audio import chime
from audio.clips import ClipStore
from audio.cutting import EDGE_MS, faded, kept
from audio.ducking import DUCK_DB
from audio.level import TARGET_LUFS
from audio.loudness import LoudnessMeter
from audio.prepare import (
    BadSound,
    BedSource,
    ChimeSource,
    FileSource,
    Limits,
    PauseSource,
    Piece,
    Prepared,
    TextSource,
    prepare_pieces,
)
from audio.segments import BETWEEN_MS
from tests.audio import sounds

OPENING_MS = len(chime.opening_pcm()) // 96


def made(folder: Path, pieces: list[Piece], bed: BedSource | None = None) -> tuple[Prepared, bytes, list[int]]:
    """Prepared, decoded, and which pieces progress was told of."""
    clips, told = ClipStore(folder / "clips"), list[int]()
    done = prepare_pieces(
        pieces, bed, clips, folder / "work", Limits(), lambda _step, _percent, piece: told.append(piece)
    )
    return done, sounds.decoded(clips.path(done.clip)), list(dict.fromkeys(told))


def between(pcm: bytes, start_ms: int, until_ms: int) -> bytes:
    return pcm[start_ms * 96 : until_ms * 96]


def loudness(pcm: bytes) -> float:
    meter = LoudnessMeter(with_peak=False)
    meter.add(pcm)
    return meter.finish().lufs


def level_at(pcm: bytes, hertz: float) -> float:
    """dB to full scale of one frequency, by the discrete Fourier transform at it."""
    samples = np.frombuffer(pcm, dtype="<i2") / 32_768
    turns = np.exp(-2j * np.pi * hertz / sounds.RATE * np.arange(len(samples)))
    return 20 * math.log10(max(1e-9, 2 * abs(np.dot(samples, turns)) / len(samples)))


def tone_file(file: Path, hertz: float, seconds: float, amplitude: float = 0.25) -> Path:
    return sounds.write(file, [sounds.tone(seconds, hertz, amplitude)], sounds.RATE, "flac")


def test_parts_come_in_order_at_one_level_with_pauses_between(tmp_path: Path) -> None:
    low, high = tone_file(tmp_path / "low", 400, 3, 0.5), tone_file(tmp_path / "high", 1_500, 3, 0.02)
    done, pcm, told = made(
        tmp_path,
        [
            Piece(ChimeSource()),
            Piece(FileSource(low, "low")),
            Piece(FileSource(high, "high", cuts=((0, 1_000), (2_000, 3_000)))),
            Piece(PauseSource(1_500)),
            Piece(FileSource(low, "low", ident=True)),
        ],
    )  # fmt: skip
    first = OPENING_MS + chime.JOINT_MS
    second = first + 3_000 + BETWEEN_MS
    third = second + 2_000 + 1_500
    assert done.duration_ms == len(pcm) // 96 == third + 3_000
    assert done.decoded_ms == {2: 3_000, 3: 3_000, 5: 3_000}, "whole lengths, whatever is cut"
    for start, length, here, elsewhere in (
        (first, 3_000, 400, 1_500),
        (second, 2_000, 1_500, 400),
        (third, 2_300, 400, 1_500),
    ):
        part = between(pcm, start + 100, start + length - 100)
        assert level_at(part, here) > level_at(part, elsewhere) + 30
        assert loudness(part) == pytest.approx(TARGET_LUFS, abs=1.5)
    for quiet in (first - 200, second - 300, second + 2_700):
        assert loudness(between(pcm, quiet - 150, quiet + 150) * 4) < -60
    end = between(pcm, third + 2_900, third + 3_000)
    assert level_at(end, 400) < level_at(between(pcm, third + 1_000, third + 1_100), 400) - 10, "an ident fades out"
    assert told == [2, 3, 5, 0]


@pytest.fixture(scope="module")
def ducked(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, int]:
    """Speech, four seconds of nothing, speech, all over music of 3 kHz; and when the pause begins."""
    folder = tmp_path_factory.mktemp("ducked")
    rate, _ = sounds.speech()
    speech = sounds.write(folder / "speech", sounds.speech_for(5.0), rate, "flac")
    music = tone_file(folder / "music", 3_000, 2.5)
    pieces = [
        Piece(FileSource(speech, "s"), bed=True),
        Piece(PauseSource(4_000), bed=True),
        Piece(FileSource(speech, "s"), bed=True),
    ]
    done, pcm, told = made(folder, pieces, BedSource(music, "m", -800))
    assert done.duration_ms == 14_000
    assert done.loudness_cdb == pytest.approx(-1_600, abs=100)
    assert done.true_peak_cdb <= -150
    assert told == [1, 3, -1, 0]
    return pcm, 5_000


def test_music_goes_down_under_speech_and_rises_between(ducked: tuple[bytes, int]) -> None:
    pcm, pause = ducked
    # Windows of 400 ms; the music loops every 2.5 s with soft ends: the loudest window is music alone.
    alone = max(level_at(between(pcm, at, at + 400), 3_000) for at in range(pause + 2_300, pause + 3_400, 200))
    under = max(level_at(between(pcm, at, at + 400), 3_000) for at in range(1_000, 4_400, 200))
    assert alone - under == pytest.approx(DUCK_DB, abs=1.5)
    lifted = between(pcm, pause + 2_300, pause + 3_700)
    assert loudness(lifted) == pytest.approx(TARGET_LUFS - 8, abs=2.0)


def test_music_is_down_before_the_voice_comes_and_ends_softly(ducked: tuple[bytes, int]) -> None:
    pcm, pause = ducked
    before = level_at(between(pcm, pause + 3_930, pause + 4_000), 3_000)
    risen = max(level_at(between(pcm, at, at + 70), 3_000) for at in range(pause + 2_300, pause + 3_400, 70))
    assert before < risen - DUCK_DB * 0.5
    assert level_at(pcm[-96 * 30 :], 3_000) < before - 15


def test_a_programme_of_silence_under_music_alone_is_refused(tmp_path: Path) -> None:
    music = tone_file(tmp_path / "music", 3_000, 1)
    with pytest.raises(BadSound) as caught:
        made(tmp_path, [Piece(ChimeSource()), Piece(PauseSource(500), bed=True)], BedSource(music, "m", -800))
    assert caught.value.code == "nothing-to-say"


def test_a_refusal_says_which_part(tmp_path: Path) -> None:
    good, bad = tone_file(tmp_path / "good", 400, 1), tmp_path / "bad"
    bad.write_bytes(b"this is not a sound\n" * 50)
    for pieces, bed, part in (
        ([Piece(FileSource(good, "g")), Piece(FileSource(bad, "b"))], None, 2),
        ([Piece(TextSource("Kính mời")), Piece(TextSource("  "))], None, 2),
        ([Piece(FileSource(good, "g"), bed=True)], BedSource(bad, "b", -800), -1),
    ):
        with pytest.raises(BadSound) as caught:
            made(tmp_path, pieces, bed)
        assert caught.value.part == part
    assert list(tmp_path.glob("clips/*/*")) == []


def test_texts_in_several_parts_are_all_read(tmp_path: Path) -> None:
    done, pcm, _ = made(tmp_path, [Piece(TextSource("Đoạn một.")), Piece(TextSource("Ngày 2/9."))])
    assert done.spoken.lower() == "đoạn một.\n\nngày hai tháng chín."
    assert len(pcm) // 96 > BETWEEN_MS + 1_000


def test_what_is_kept_is_what_the_cuts_say() -> None:
    ramp = np.arange(-30_000, 30_000, dtype="<i2").tobytes() * 4
    blocks = [ramp[at : at + 7_000] for at in range(0, len(ramp), 7_000)]
    cuts = ((100, 300), (300, 1_000), (4_000, 9_000))
    found = b"".join(kept(blocks, cuts))
    assert len(found) == (200 + 700 + 1_000) * 96
    edge = EDGE_MS * 96
    assert found[edge : 200 * 96 - edge] == ramp[100 * 96 + edge : 300 * 96 - edge]
    assert abs(int.from_bytes(found[:2], "little", signed=True)) < 50, "a cut begins softly"
    assert b"".join(kept(blocks, ())) == ramp


def test_fading_changes_only_the_ends() -> None:
    loud = np.full(48_000, 10_000, dtype="<i2").tobytes()
    found = np.frombuffer(b"".join(faded([loud[:30_000], loud[30_000:]], 50, 100)), dtype="<i2")
    assert len(found) == 48_000
    assert abs(int(found[0])) < 100
    assert abs(int(found[-1])) < 150
    assert set(found[50 * 48 + 1 : -100 * 48 - 1]) == {10_000}
