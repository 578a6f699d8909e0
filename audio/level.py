"""Bringing a body of sound to broadcast level: high-pass, gentle compressor, gain, limiter, measured and corrected."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from audio.graph import Chain, bytes_of
from audio.levels import LevelMeter
from audio.loudness import NOTHING, NOTHING_LUFS, Loudness, LoudnessMeter, ebur128, read
from audio.sources import RATE, SAMPLE_BYTES

TARGET_LUFS = -16.0
LIMIT_DBFS = -3.4
"""Of the samples before encoding. The limiter looks at samples, not between them (0.6 dB on speech), and Opus adds
about 1 dB of true peak: from here nearly every clip ends below -1.5 dBTP at the first try (measured)."""
_BEFORE_OPUS_LUFS = TARGET_LUFS + 0.2
"""Opus at this rate takes 0.1 … 0.3 dB of loudness (measured)."""
CORRECTIONS = 4
_GOOD_ENOUGH_DB = 0.3
_BLOCK_BYTES = RATE // 5 * SAMPLE_BYTES
_BEFORE_COMPRESSOR_DBFS = -3.0
_S16 = ("aformat", "sample_fmts=s16:channel_layouts=mono")

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Setting:
    """The gain before the limiter and the limit, both in dB."""

    gain_db: float
    limit_db: float = LIMIT_DBFS


def blocks_of(file: Path) -> Iterator[bytes]:
    """A file of raw s16 mono 48 kHz in blocks of 0.2 s."""
    with file.open("rb") as stream:
        while block := stream.read(_BLOCK_BYTES):
            yield block


def condition(
    raw: Path, into: Path, peak_cdb: int, progress: Progress, cleaned: Sequence[tuple[str, str]] = ()
) -> Loudness:
    """Write `raw` high-passed at 80 Hz (horns only rattle below) and gently compressed, and measure the outcome.

    `cleaned` are the filters that a recording needs before.

    The recording is first brought to the same peak, so that the compressor does the same to a quiet one.
    """
    chain = Chain(
        [
            *cleaned,
            ("highpass", "f=80"),
            ("volume", f"{_BEFORE_COMPRESSOR_DBFS - peak_cdb / 100:.2f}dB"),
            ("acompressor", "threshold=0.063:ratio=3:attack=4:release=100:knee=4"),
            _S16,
            ebur128(with_peak=False),
            _S16,
        ]
    )
    measured = NOTHING
    size, done = max(1, raw.stat().st_size), 0
    with into.open("wb") as out:
        for block in blocks_of(raw):
            for frame in chain.feed(block):
                measured = read(frame, measured)
                out.write(bytes_of(frame))
            done += len(block)
            progress(done * 100 // size)
        for frame in chain.finish():
            measured = read(frame, measured)
            out.write(bytes_of(frame))
    return measured


def limited(body: Path, setting: Setting) -> Iterator[bytes]:
    """The body at its gain, under the limiter."""
    chain = Chain(
        [
            ("volume", f"{setting.gain_db:.3f}dB"),
            ("alimiter", f"limit={10 ** (setting.limit_db / 20):.5f}:level=0:attack=5:release=60:latency=1"),
            _S16,
        ]
    )
    for block in blocks_of(body):
        yield from map(bytes_of, chain.feed(block))
    yield from map(bytes_of, chain.finish())


def settle(body: Path, measured: Loudness, limit_db: float, progress: Progress) -> Setting:
    """The gain that brings the body to the target, found by at most CORRECTIONS measurements of the limited body."""
    peak_db = _peak_db(body)
    if measured.lufs <= NOTHING_LUFS + 1:  # shorter than one gating block (0.4 s): no loudness exists, go by the peak
        return Setting(limit_db - peak_db, limit_db)
    setting = Setting(_BEFORE_OPUS_LUFS - measured.lufs, limit_db)
    for attempt in range(CORRECTIONS):
        if peak_db + setting.gain_db <= limit_db:
            return setting  # the limiter does nothing, so the gain is exact
        miss = _BEFORE_OPUS_LUFS - _loudness(limited(body, setting))
        progress((attempt + 1) * 100 // CORRECTIONS)
        if abs(miss) <= _GOOD_ENOUGH_DB:
            return setting
        # Into the limiter a decibel of gain brings less than a decibel of loudness: overshoot the correction.
        setting = Setting(setting.gain_db + miss * 1.5, limit_db)
    return setting


def _loudness(blocks: Iterator[bytes]) -> float:
    meter = LoudnessMeter(with_peak=False)
    for block in blocks:
        meter.add(block)
    return meter.finish().lufs


def _peak_db(body: Path) -> float:
    meter = LevelMeter()
    for block in blocks_of(body):
        meter.add(block)
    return meter.peak_cdb / 100 if meter.samples and math.isfinite(meter.peak_cdb) else 0.0
