"""Listens to what a speaker put out: finds the opening chime in a recording and measures what follows."""

import json
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audio.chime import opening_pcm

LIKE = 0.8
"""From here on it is the same sound, coded and at another level."""

Samples = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Listened:
    """`started_us`: UTC microseconds of the chime's first sample. `likeness`: 1 is the very same sound."""

    started_us: float
    seconds: float
    level_dbfs: float
    likeness: float


def samples_of(wav: Path) -> tuple[Samples, int]:
    """The recording as numbers between -1 and 1, and its rate."""
    with wave.open(str(wav), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        pcm = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
        return pcm.astype(np.float64) / 32768, file.getframerate()


def listen(wav: Path) -> Listened:
    """Measure a recording by the chime at its beginning and by the silence around it."""
    heard, rate = samples_of(wav)
    at, likeness = find(heard, np.frombuffer(opening_pcm(rate), dtype="<i2").astype(np.float64) / 32768)
    sounding = np.flatnonzero(np.abs(heard[at:]) > 0)
    content = heard[at : at + int(sounding[-1]) + 1]
    level = 10 * np.log10(float(np.mean(content**2)))
    return Listened(utc_us(wav.with_suffix(".json"), at), len(content) / rate, level, likeness)


def find(heard: Samples, chime: Samples) -> tuple[int, float]:
    """Where in `heard` the chime begins and how like it is (normalised cross-correlation at that place)."""
    size = 1 << (len(heard) + len(chime) - 1).bit_length()
    product = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(chime, size))
    likeness = np.fft.irfft(product, size)[: max(1, len(heard) - len(chime) + 1)]
    at = int(np.argmax(likeness))
    energy = float(np.sqrt(np.sum(heard[at : at + len(chime)] ** 2) * np.sum(chime**2)))
    return at, float(likeness[at]) / energy if energy else 0.0


def chimes(wav: Path) -> int:
    """How often the opening chime is heard in a recording."""
    heard, rate = samples_of(wav)
    chime = np.frombuffer(opening_pcm(rate), dtype="<i2").astype(np.float64) / 32768
    count = 0
    while len(heard) >= len(chime):
        at, likeness = find(heard, chime)
        if likeness < LIKE:
            break
        count += 1
        heard[at : at + len(chime)] = 0
    return count


def utc_us(stamps: Path, frame: int) -> float:
    """The UTC microsecond at which `frame` was taken.

    From the block that holds the sound a millisecond later: coding may shift the likeness by a sample or two, and the
    block before may have been taken much earlier when the machine was busy.
    """
    told = json.loads(stamps.read_text())
    inside = frame + told["rate"] // 1000
    first, utc_ns = max((block for block in told["blocks"] if block[0] <= inside), key=lambda block: int(block[0]))
    return float(utc_ns / 1000 + (frame - first) * 1_000_000 / told["rate"])
