"""Short-time objective intelligibility (Taal, Hendriks, Heusdens, Jensen 2011): how much of `said` is heard.

A measure of our own: pystoi has had no release since 2023 and brings SciPy for a resampler and a window, PESQ is
narrow-band and compiled from the source, ViSQOL's packages bring weights. Their agreement is in docs/benchmarks.md.
"""

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float64]

RATE = 10_000
"""Of what is compared; the measure looks up to 4.3 kHz, as far as a horn reaches."""
_FRAME, _FFT, _HOP = 256, 512, 128
_BANDS, _LOWEST_HZ = 15, 150.0
_SEGMENT = 30
"""Frames: 384 ms."""
_RANGE_DB = 40.0
"""Frames further below the loudest are silence and left out."""
_BEYOND = 1 + 10 ** (15 / 20)
"""A band that is louder than it should be by 15 dB below the signal is held there."""
_TINY = 1e-12


def stoi(said: Samples, heard: Samples) -> float:
    """0 … 1; both at 10 kHz, aligned and of the same length."""
    frames = _frames(said)
    energy = 20 * np.log10(np.linalg.norm(frames, axis=1) + _TINY)
    sounding = energy > energy.max() - _RANGE_DB
    bands = _bands()
    clean, other = (
        np.sqrt(bands @ np.abs(np.fft.rfft(_joined(_frames(each)[sounding]), _FFT, axis=1).T) ** 2)
        for each in (said, heard)
    )
    scores = [
        _segment(clean[:, at - _SEGMENT : at], other[:, at - _SEGMENT : at])
        for at in range(_SEGMENT, clean.shape[1] + 1)
    ]
    return float(np.mean(scores))


def _frames(samples: Samples) -> Samples:
    count = (len(samples) - _FRAME) // _HOP + 1
    at = np.arange(_FRAME) + _HOP * np.arange(count)[:, None]
    return np.asarray(samples[at] * _window(), dtype=np.float64)


def _window() -> Samples:
    return np.asarray(np.hanning(_FRAME + 2)[1:-1], dtype=np.float64)


def _joined(frames: Samples) -> Samples:
    """The frames that are left, laid over each other to sound again and cut anew."""
    whole = np.zeros(_FRAME + _HOP * (len(frames) - 1))
    for number, frame in enumerate(frames):
        whole[number * _HOP : number * _HOP + _FRAME] += frame
    return _frames(whole)


def _bands() -> Samples:
    """Third octaves from 150 Hz, as sums of bins."""
    hertz = np.linspace(0, RATE, _FFT + 1)[: _FFT // 2 + 1]
    centres = _LOWEST_HZ * 2.0 ** (np.arange(_BANDS) / 3)
    bands = np.zeros((_BANDS, len(hertz)))
    for number, centre in enumerate(centres):
        low, high = (int(np.argmin(np.abs(hertz - centre * 2.0 ** (way / 6)))) for way in (-1, 1))
        bands[number, low:high] = 1
    return bands


def _segment(clean: Samples, other: Samples) -> float:
    scale = np.linalg.norm(clean, axis=1, keepdims=True) / (np.linalg.norm(other, axis=1, keepdims=True) + _TINY)
    held = np.minimum(other * scale, clean * _BEYOND)
    a, b = (each - each.mean(axis=1, keepdims=True) for each in (clean, held))
    norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1) + _TINY
    return float(np.mean(np.sum(a * b, axis=1) / norms))
