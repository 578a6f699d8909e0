"""Every bad upload and text of the list is refused by its name, in Vietnamese, quickly, and leaves nothing behind."""

import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from audio.prepare import BadSound, Limits
from audio.refusals import REFUSALS
from tests.audio import sounds
from tests.audio.conftest import Bench
from tests.audio.fresh import prepared


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty-text"),
        (" \n\t ", "empty-text"),
        ("😀 🎉", "nothing-to-say"),
        ("***", "nothing-to-say"),
        ("a" * 100_000, "text-too-long"),
    ],
)
def test_texts(bench: Bench, text: str, code: str) -> None:
    refusal = bench.refusal(text)
    assert refusal.code == code
    assert refusal.what_to_do


def test_the_refused_length_is_told(bench: Bench) -> None:
    refusal = bench.refusal("chào " * 20_000)
    assert "100000" in refusal.sentence
    assert "20000" in refusal.sentence


_FOREIGN = {
    "text": ("Xin chào bà con.\n" * 500).encode(),
    "zeros": bytes(100_000),
    "picture": b"\x89PNG\r\n\x1a\n" + bytes(2_000),
    "playlist": b"#EXTM3U\n#EXTINF:1\nsecret.wav\n",
    "page": b"<html><body>Khong co gi</body></html>" * 50,
}


@pytest.mark.parametrize("name", sorted(_FOREIGN))
def test_what_is_not_audio(bench: Bench, tmp_path: Path, name: str) -> None:
    upload = tmp_path / "upload.mp3"
    upload.write_bytes(_FOREIGN[name])
    assert bench.refusal(upload).code in ("not-audio", "unsupported-format")


@pytest.mark.parametrize("listing", ["ffconcat version 1.0\nfile '{}'\n", "#EXTM3U\n#EXTINF:5,\n{}\n#EXT-X-ENDLIST\n"])
def test_a_listing_does_not_open_other_files(bench: Bench, tmp_path: Path, listing: str) -> None:
    secret = sounds.write(tmp_path / "secret.wav", [sounds.tone(3.0)], sounds.RATE, "wav")
    for named in ("secret.wav", str(secret)):
        upload = tmp_path / "upload.wav"
        upload.write_text(listing.format(named))
        assert bench.refusal(upload).code in ("not-audio", "unsupported-format")


def test_an_unsupported_container(bench: Bench, tmp_path: Path) -> None:
    upload = tmp_path / "upload"
    upload.write_bytes(b"FORM\x00\x00\x00\x2eAIFFCOMM\x00\x00\x00\x12" + bytes(200))
    assert bench.refusal(upload).code == "unsupported-format"


def test_missing_and_empty_files(bench: Bench, tmp_path: Path) -> None:
    assert bench.refusal(tmp_path / "nowhere").code == "file-missing"
    (tmp_path / "empty").touch()
    assert bench.refusal(tmp_path / "empty").code == "empty-file"
    assert bench.refusal(tmp_path).code == "file-missing"


def test_two_gigabytes_are_refused_unread(bench: Bench, tmp_path: Path) -> None:
    upload = tmp_path / "upload.wav"
    with upload.open("wb") as stream:
        stream.truncate(2 * 1024**3)  # sparse: takes no room
    refusal = bench.refusal(upload)
    assert refusal.code == "file-too-big"
    assert "200 MB" in refusal.sentence


@pytest.mark.parametrize("amplitude", [0.0, 0.0005])
def test_silence(bench: Bench, tmp_path: Path, amplitude: float) -> None:
    upload = sounds.write(tmp_path / "upload", [sounds.tone(3.0, amplitude=amplitude)], sounds.RATE, "flac")
    assert bench.refusal(upload).code == "silent"


@pytest.mark.parametrize("encoding", sorted(sounds.ENCODINGS))
@pytest.mark.parametrize("kept", [0.3, 0.8])
def test_a_truncated_file(bench: Bench, tmp_path: Path, encoding: str, kept: float) -> None:
    upload = sounds.write(tmp_path / "upload", [sounds.noise(4.0, 0.2)], sounds.RATE, encoding)
    data = upload.read_bytes()
    upload.write_bytes(data[: int(len(data) * kept)])
    assert bench.refusal(upload).code in ("truncated", "damaged")


@pytest.mark.parametrize("encoding", ["mp3", "m4a", "ogg", "flac"])
def test_a_file_overwritten_with_rubbish(bench: Bench, tmp_path: Path, encoding: str) -> None:
    upload = sounds.write(tmp_path / "upload", [sounds.noise(4.0, 0.2)], sounds.RATE, encoding)
    data = bytearray(upload.read_bytes())
    data[len(data) // 5 : len(data) * 4 // 5] = random.Random(1).randbytes(len(data) * 4 // 5 - len(data) // 5)
    upload.write_bytes(data)
    assert bench.refusal(upload).code in ("damaged", "truncated")


def test_a_header_that_promises_ten_minutes_for_six_seconds(bench: Bench, tmp_path: Path) -> None:
    upload = sounds.write(tmp_path / "upload", [sounds.tone(6.2)], sounds.RATE, "flac")
    assert bench.refusal(sounds.claiming(upload, 600, sounds.RATE)).code == "truncated"
    wav = tmp_path / "upload.wav"
    wav.write_bytes(sounds.wav_header(600 * 96_000) + sounds.tone(6.2))
    assert bench.refusal(wav).code == "truncated"


@pytest.mark.parametrize("honest", [True, False])
def test_hours_of_silence_in_a_small_file(tmp_path: Path, honest: bool) -> None:
    """By the header when it tells the truth, else by what was decoded, stopping at the limit (here 20 minutes)."""
    upload = sounds.silent_flac(tmp_path / "bomb", 4 * 3600, rate=8_000)
    assert upload.stat().st_size < 3_000_000
    limits = {}
    if not honest:
        sounds.without_length(upload)
        limits = {"seconds": 20 * 60, "cpu_seconds": 20}
    spent = prepared(upload, tmp_path, limits=limits)
    assert spent.refusal == "too-long"
    assert spent.cpu_s < 10
    assert spent.peak_kib < 150 * 1024
    assert list(tmp_path.glob("c/*/*")) == []


@pytest.mark.timeout(240)
def test_sixty_damaged_files_never_crash_or_hang(bench: Bench, tmp_path: Path) -> None:
    """Seeded damage of four kinds to five formats: each becomes a clip or a refusal we have words for."""
    bench.limits = Limits(cpu_seconds=15, wall_seconds=120)  # by CPU time: a busy machine is no hang
    source, uploads = random.Random(2026), []
    for encoding in sorted(sounds.ENCODINGS):
        whole = sounds.write(tmp_path / "whole", [sounds.noise(0.5, 0.2)], sounds.RATE, encoding).read_bytes()
        for number in range(12):
            uploads.append(tmp_path / f"{encoding}-{number}")
            uploads[-1].write_bytes(_damaged(whole, number % 4, source))
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(lambda upload: _outcome(bench, upload), uploads))
    assert len(outcomes) == 60
    assert set(outcomes) <= {"made", *REFUSALS}
    assert "too-heavy" not in outcomes
    assert len(set(outcomes)) > 2


def _damaged(data: bytes, kind: int, source: random.Random) -> bytes:
    damaged = bytearray(data)
    at = source.randrange(len(data))
    if kind == 0:
        for _ in range(20):
            damaged[source.randrange(len(data))] ^= 1 << source.randrange(8)
    elif kind == 1:
        damaged[:64] = source.randbytes(64)
    elif kind == 2:
        del damaged[at : at + source.randrange(1, 400)]
    else:
        damaged[at:at] = source.randbytes(source.randrange(1, 2_000))
    return bytes(damaged)


def _outcome(bench: Bench, upload: Path) -> str:
    try:
        bench.file(upload)
    except BadSound as refusal:
        return refusal.code
    return "made"
