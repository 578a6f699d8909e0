"""Making the finished clip: opening chime, body at broadcast level, closing chime, encoded, then measured again."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from audio import chime
from audio.encode import encode
from audio.level import CORRECTIONS, LIMIT_DBFS, TARGET_LUFS, Setting, condition, limited, settle
from audio.loudness import Loudness, LoudnessMeter
from audio.opus import OpusReader
from audio.sources import RATE, SAMPLE_BYTES, Step

PEAK_DBTP = -1.5
"""The highest true peak a finished clip may have (EBU R 128 leaves 1 dB; Opus decoders differ by a little)."""
_NEAR_ENOUGH_DB = 0.8
_MS_BYTES = RATE // 1000 * SAMPLE_BYTES


@dataclass(frozen=True, slots=True)
class Composed:
    """A finished clip as a file: its length in samples and its measured loudness."""

    samples: int
    loudness: Loudness


def compose(raw: Path, peak_cdb: int, work: Path, progress: Callable[[Step, int], None]) -> Composed:
    """Turn raw s16 mono 48 kHz into `work`/clip.opus; `raw` is used up (deleted as soon as it is not needed)."""
    body, clip = work / "body.pcm", work / "clip.opus"
    measured = condition(raw, body, peak_cdb, lambda share: progress(Step.LEVEL, share * 7 // 10))
    raw.unlink()
    setting = settle(body, measured, LIMIT_DBFS, lambda share: progress(Step.LEVEL, 70 + share * 3 // 10))
    for _ in range(CORRECTIONS):
        composed = _encode_and_measure(body, setting, clip, progress)
        better = _corrected(setting, composed.loudness)
        if better == setting:
            break
        setting = better
    body.unlink()
    return composed


def _encode_and_measure(body: Path, setting: Setting, clip: Path, progress: Callable[[Step, int], None]) -> Composed:
    size, done = max(1, body.stat().st_size), 0

    def whole() -> Iterator[bytes]:
        nonlocal done
        for block in programme(limited(body, setting)):
            done += len(block)
            progress(Step.ENCODE, min(100, done * 100 // size))
            yield block

    samples = encode(whole(), clip)
    meter, heard = LoudnessMeter(), 0
    for block in OpusReader(clip):
        meter.add(block)
        heard += len(block) // SAMPLE_BYTES
        progress(Step.CHECK, min(100, heard * 100 // samples))
    if heard != samples:
        raise RuntimeError(f"the clip decodes to {heard} samples, not {samples}")
    return Composed(samples, meter.finish())


def programme(body: Iterator[bytes]) -> Iterator[bytes]:
    """What goes to the encoder: chime, pause, body filled up to a whole millisecond, pause, chime."""
    yield chime.opening_pcm() + chime.silence_pcm(chime.JOINT_MS)
    length = 0
    for block in body:
        length += len(block)
        yield block
    yield bytes(-length % _MS_BYTES) + chime.silence_pcm(chime.JOINT_MS) + chime.closing_pcm()


def _corrected(setting: Setting, heard: Loudness) -> Setting:
    """The same setting when the clip is right, else a better one."""
    gain, limit = setting.gain_db, setting.limit_db
    if heard.true_peak_db > PEAK_DBTP:
        limit -= heard.true_peak_db - PEAK_DBTP + 0.2
    if abs(heard.lufs - TARGET_LUFS) > _NEAR_ENOUGH_DB:
        gain += TARGET_LUFS - heard.lufs
    return Setting(gain, limit)
