"""Making the finished clip: the whole programme encoded, measured, and corrected until it is at broadcast level."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from audio.encode import encode
from audio.level import CORRECTIONS, LIMIT_DBFS, TARGET_LUFS, Setting
from audio.loudness import Loudness, LoudnessMeter
from audio.opus import OpusReader
from audio.segments import Body, Whole, stream
from audio.sources import SAMPLE_BYTES, Step

PEAK_DBTP = -1.5
"""The highest true peak a finished clip may have (EBU R 128 leaves 1 dB; Opus decoders differ by a little)."""
_NEAR_ENOUGH_DB = 0.8


@dataclass(frozen=True, slots=True)
class Composed:
    """A finished clip as a file: its length in samples and its measured loudness."""

    samples: int
    loudness: Loudness


def compose(whole: Whole, work: Path, progress: Callable[[Step, int], None]) -> Composed:
    """Turn the programme into `work`/clip.opus; the files of its bodies and of its bed are used up (deleted)."""
    clip, setting = work / "clip.opus", Setting(0.0, LIMIT_DBFS)
    for _ in range(CORRECTIONS):
        composed = _encode_and_measure(whole, setting, clip, progress)
        better = _corrected(setting, composed.loudness)
        if better == setting:
            break
        setting = better
    files = [segment.file for segment in whole.segments if isinstance(segment, Body)]
    for file in (*files, *([whole.track.file] if whole.track else ())):
        file.unlink()
    return composed


def _encode_and_measure(whole: Whole, setting: Setting, clip: Path, progress: Callable[[Step, int], None]) -> Composed:
    size, done = max(1, whole.size), 0

    def told() -> Iterator[bytes]:
        nonlocal done
        for block in stream(whole, setting):
            done += len(block)
            progress(Step.ENCODE, min(100, done * 100 // size))
            yield block

    samples = encode(told(), clip)
    meter, heard = LoudnessMeter(), 0
    for block in OpusReader(clip):
        meter.add(block)
        heard += len(block) // SAMPLE_BYTES
        progress(Step.CHECK, min(100, heard * 100 // samples))
    if heard != samples:
        raise RuntimeError(f"the clip decodes to {heard} samples, not {samples}")
    return Composed(samples, meter.finish())


def _corrected(setting: Setting, heard: Loudness) -> Setting:
    """The same setting when the clip is right, else a better one."""
    gain, limit = setting.gain_db, setting.limit_db
    if heard.true_peak_db > PEAK_DBTP:
        limit -= heard.true_peak_db - PEAK_DBTP + 0.2
    if abs(heard.lufs - TARGET_LUFS) > _NEAR_ENOUGH_DB:
        gain += TARGET_LUFS - heard.lufs
    return Setting(gain, limit)
