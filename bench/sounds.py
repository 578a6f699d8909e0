"""Sounds that can be told apart and found again to the sample in a recording of their mixture."""

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.rig.clips import TestClip, clip_of, encode

RATE = 48_000
SECONDS = 1.0
_SEARCH_S = 0.25
_BEGINNING_S = 0.3

Samples = NDArray[np.float64]


def sweep(from_hertz: float, to_hertz: float, seconds: float = SECONDS) -> Samples:
    """A linear sweep at -9 dBFS with 10 ms ramps: its autocorrelation is one narrow peak; up and down barely match."""
    at = np.arange(round(seconds * RATE)) / RATE
    wave_form = 0.35 * np.sin(2 * np.pi * (from_hertz * at + (to_hertz - from_hertz) / (2 * seconds) * at**2))
    ramp = np.minimum(1, np.minimum(at, at[::-1]) / 0.01)
    return np.asarray(wave_form * ramp, dtype=np.float64)


def pcm_of(sound: Samples) -> bytes:
    """As s16 mono."""
    return bytes(np.round(sound * 32_767).astype("<i2").tobytes())


def clip(sound: Samples) -> TestClip:
    """As a broadcast's clip."""
    return clip_of(encode(pcm_of(sound)), round(len(sound) * 1000 / RATE))


def write_wav(sound: Samples, file: Path) -> None:
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(pcm_of(sound))


def find_near(heard: Samples, sound: Samples, expected: float) -> float | None:
    """The frame at which `sound` begins in `heard`, looked for within 0.25 s of `expected`; None when it is not there.

    Looked for is its beginning alone: a gap later on must not shift the start that is measured.
    A parabola through the three highest values of the cross-correlation tells fractions of a frame.
    """
    sound = sound[: round(_BEGINNING_S * RATE)]
    reach = round(_SEARCH_S * RATE)
    begin = max(0, round(expected) - reach)
    part = heard[begin : round(expected) + reach + len(sound)]
    if len(part) < len(sound):
        return None
    size = 1 << (len(part) + len(sound) - 1).bit_length()
    product = np.fft.rfft(part, size) * np.conj(np.fft.rfft(sound, size))
    likeness = np.fft.irfft(product, size)[: len(part) - len(sound) + 1]
    at = int(np.argmax(likeness))
    if likeness[at] < 0.2 * float(np.sum(sound**2)):
        return None
    if 0 < at < len(likeness) - 1:
        low, top, high = likeness[at - 1 : at + 2]
        return begin + at + 0.5 * float((low - high) / (low - 2 * top + high))
    return float(begin + at)
