"""Preparing by real bytes: every format, the level, the chimes, the length, and the memory it takes."""

import itertools
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from audio import chime, opus
from audio.clips import ClipStore
from audio.prepare import Limits
from tests.audio import sounds
from tests.audio.conftest import Bench
from tests.audio.fresh import CHILD, prepared


def _onset(recording: bytes, chime_pcm: bytes) -> int:
    """Where the chime begins in the recording, by cross-correlation, in samples."""
    heard, wanted = (np.frombuffer(pcm, dtype="<i2").astype(float) for pcm in (recording, chime_pcm))
    size = 1 << int(np.ceil(np.log2(len(heard) + len(wanted))))
    product = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(wanted, size)), size)
    return int(np.argmax(product[: len(heard)]))


@pytest.mark.parametrize("encoding", sorted(sounds.ENCODINGS))
def test_every_upload_format_becomes_a_clip_at_broadcast_level(bench: Bench, tmp_path: Path, encoding: str) -> None:
    rate, _ = sounds.speech()
    if encoding == "ogg":
        upload = sounds.write(tmp_path / "upload", [sounds.tone(4.0)], sounds.RATE, encoding)
    else:
        upload = sounds.write(tmp_path / "upload", sounds.speech_for(8.0), rate, encoding)
    made = bench.file(upload)
    clip = bench.store.path(made.clip)
    loudness = sounds.measured(clip)
    assert loudness.lufs == pytest.approx(-16.0, abs=1.0)
    assert loudness.true_peak_db <= -1.5
    assert made.loudness_cdb == pytest.approx(loudness.lufs * 100, abs=1)
    assert made.size_bytes == clip.stat().st_size
    chimes_ms = (len(chime.opening_pcm()) + len(chime.closing_pcm())) // 96 + 2 * chime.JOINT_MS
    assert made.duration_ms == pytest.approx(chimes_ms + (4_000 if encoding == "ogg" else 8_000), abs=80)


def test_a_text_is_spoken_between_the_chimes(bench: Bench) -> None:
    made = bench.text("UBND xã thông báo: 17h30 ngày 30/8 họp thôn.\nĐề nghị bà con đến dự đông đủ.")
    assert made.spoken.startswith("ủy ban nhân dân xã thông báo: mười bảy giờ ba mươi phút ngày ba mươi tháng tám")
    clip = bench.store.path(made.clip)
    pcm = sounds.decoded(clip)
    assert len(pcm) == made.duration_ms * 96
    assert opus.duration_ms(clip) == made.duration_ms
    assert sounds.measured(clip).lufs == pytest.approx(-16.0, abs=1.0)
    assert abs(_onset(pcm, chime.opening_pcm())) <= 2
    end = len(pcm) // 2 - len(chime.closing_pcm()) // 2
    assert abs(_onset(pcm, chime.closing_pcm()) - end) <= 2


def test_progress_rises_to_a_hundred_and_names_every_step(bench: Bench) -> None:
    bench.text("Xin chào.")
    shares = [share for _, share in bench.told]
    assert shares == sorted(shares)
    assert shares[-1] == 100
    assert [step for step, _ in itertools.groupby(step for step, _ in bench.told)] == [
        "speak",
        "level",
        "encode",
        "check",
    ]


def test_the_same_text_makes_the_same_clip(bench: Bench) -> None:
    assert bench.text("Xin chào bà con.").clip == bench.text("Xin chào bà con.").clip
    assert len(list(bench.folder.glob("clips/*/*"))) == 1


@pytest.mark.parametrize("gain", [0.01, 0.1, 1.0])
def test_a_quiet_and_a_loud_recording_come_out_alike(bench: Bench, tmp_path: Path, gain: float) -> None:
    rate, _ = sounds.speech()
    upload = sounds.write(tmp_path / "upload", sounds.speech_for(10.0, gain), rate, "wav")
    loudness = sounds.measured(bench.store.path(bench.file(upload).clip))
    assert loudness.lufs == pytest.approx(-16.0, abs=1.0)
    assert loudness.true_peak_db <= -1.5


def test_peaky_sound_is_limited(bench: Bench, tmp_path: Path) -> None:
    """Clicks 30 dB above the rest: what one pass of gain leaves too quiet or too high."""
    quiet, click = sounds.noise(0.3, 0.01), sounds.noise(0.004, 0.9)
    upload = sounds.write(tmp_path / "upload", [(quiet + click) * 30], sounds.RATE, "wav")
    made = bench.file(upload)
    assert made.true_peak_cdb <= -150
    assert made.loudness_cdb == pytest.approx(-1600, abs=100)


@pytest.mark.timeout(240)
def test_memory_does_not_grow_with_length(tmp_path: Path) -> None:
    rate, _ = sounds.speech()
    short = sounds.write(tmp_path / "short", sounds.speech_for(20), rate, "flac")
    long = sounds.write(tmp_path / "long", sounds.speech_for(160), rate, "flac")
    one, eight = (prepared(upload, tmp_path).peak_kib for upload in (short, long))
    assert eight < 100 * 1024
    assert eight - one < 10 * 1024


def test_it_works_without_any_program_to_be_found(tmp_path: Path) -> None:
    """No ffmpeg, nothing: PATH is empty."""
    upload = sounds.write(tmp_path / "upload", [sounds.tone(1.0)], sounds.RATE, "mp3")
    prepared(upload, tmp_path, {"PATH": "", "PYTHONPATH": os.getcwd()})
    assert len(list(tmp_path.glob("c/*/*.opus"))) == 1


def test_killed_in_the_middle_leaves_no_clip_and_no_child(tmp_path: Path) -> None:
    rate, _ = sounds.speech()
    upload = sounds.write(tmp_path / "upload", sounds.speech_for(300), rate, "flac")
    parent = subprocess.Popen(
        [sys.executable, "-c", CHILD.replace("lambda step, share: None", "lambda *told: print(*told, flush=True)"),
         str(tmp_path), str(upload), "{}"],
        stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert parent.stdout is not None
    while "level" not in parent.stdout.readline():
        assert parent.poll() is None
    children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    assert list(tmp_path.glob("c/*/*")) == []
    for child in children:
        _await_end(int(child))


def _await_end(pid: int) -> None:
    """The lifeline: the worker sees its input close and goes. A pidfd becomes readable when it has."""
    import select

    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        assert select.select([handle], [], [], 10)[0], f"worker {pid} outlived its parent"
    finally:
        os.close(handle)


def test_an_order_is_refused_when_time_is_up(bench: Bench, tmp_path: Path) -> None:
    rate, _ = sounds.speech()
    upload = sounds.write(tmp_path / "upload", sounds.speech_for(300), rate, "flac")
    bench.limits = Limits(wall_seconds=1)
    assert bench.refusal(upload).code == "too-heavy"


def test_the_store_writes_whole_and_once(tmp_path: Path) -> None:
    store, file = ClipStore(tmp_path / "clips"), tmp_path / "sound"
    file.write_bytes(b"bytes")
    clip = store.add(file)
    assert store.add(file) == clip
    assert store.path(clip).read_bytes() == b"bytes"
    assert store.path(clip).parent.name == clip[:2]
    assert [path.name for path in store.path(clip).parent.iterdir()] == [f"{clip}.opus"]
    store.remove(clip)
    store.remove(clip)
    assert not store.has(clip)
    with pytest.raises(ValueError, match="not a clip id"):
        store.path(json.loads('"../../etc/passwd"'))
