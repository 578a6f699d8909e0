"""A small Fourier transform and the mean spectrum of a recording, for want of NumPy on a server."""

import cmath
import math
from array import array
from collections.abc import Sequence
from functools import cache

RATE = 48_000
SIZE = 256
BIN_HZ = RATE / SIZE


@cache
def _turns(size: int) -> list[complex]:
    return [cmath.exp(-2j * cmath.pi * k / size) for k in range(size // 2)]


def fft(values: Sequence[complex]) -> list[complex]:
    """The discrete Fourier transform; the length is a power of two."""
    size = len(values)
    if size == 1:
        return list(values)
    if size == 4:
        a, b, c, d = values
        e, f, g, h = a + c, a - c, b + d, 1j * (d - b)
        return [e + g, f + h, e - g, f - h]
    even, odd = fft(values[::2]), fft(values[1::2])
    odd = [turn * value for turn, value in zip(_turns(size), odd, strict=True)]
    return [a + b for a, b in zip(even, odd, strict=True)] + [a - b for a, b in zip(even, odd, strict=True)]


@cache
def hann(size: int) -> list[float]:
    return [0.5 - 0.5 * math.cos(2 * math.pi * (n + 0.5) / size) for n in range(size)]


class Thinning:
    """Says which of endlessly many pieces to look at: `first` of the first, then every second, every fourth …"""

    def __init__(self, first: int) -> None:
        self._first = first
        self._every, self._left, self._taken = 1, 0, 0

    def take(self) -> bool:
        if self._left:
            self._left -= 1
            return False
        self._taken += 1
        if self._taken % self._first == 0:
            self._every *= 2
        self._left = self._every - 1
        return True


class MeanSpectrum:
    """The mean power of two windows of each 100 ms that is taken, in bins of BIN_HZ."""

    def __init__(self) -> None:
        self._sums = [0.0] * (SIZE // 2)
        self._thinning = Thinning(32)

    def add(self, pcm: bytes) -> None:
        """Up to some 100 ms of s16 mono, 48 kHz; two windows at its beginning are looked at."""
        if len(pcm) < SIZE * 4 or not self._thinning.take():
            return
        samples, shape = array("h", pcm[: SIZE * 4]), hann(SIZE)
        # Two real windows in one complex transform: |Z(k)|² + |Z(-k)|² = 2 |A(k)|² + 2 |B(k)|².
        pairs = [complex(a * w, b * w) for a, b, w in zip(samples[:SIZE], samples[SIZE:], shape, strict=True)]
        power = [z.real * z.real + z.imag * z.imag for z in fft(pairs)]
        self._sums = [
            s + p + q for s, p, q in zip(self._sums, power, [power[0], *power[:0:-1]], strict=False)
        ]  # of the upper half only what mirrors the lower is used

    def db(self, from_hz: float, to_hz: float) -> float:
        """Mean power of a band, in dB to any reference; -200 for nothing."""
        bins = self._sums[max(1, round(from_hz / BIN_HZ)) : max(2, round(to_hz / BIN_HZ))]
        mean = sum(bins) / len(bins)
        return 10 * math.log10(mean) if mean > 0 else -200.0

    def bandwidth_hz(self, depth_db: float = 45.0) -> int:
        """Where the last bin ends that is less than `depth_db` below the mean of 0.5 … 3 kHz."""
        middle = self.db(500, 3_000)
        if middle <= -200:
            return 0
        least = 10 ** ((middle - depth_db) / 10)
        last = max(index for index, power in enumerate(self._sums) if power > least)
        return round((last + 0.5) * BIN_HZ)
