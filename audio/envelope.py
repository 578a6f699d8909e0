"""How loud a sound is, twenty times a second, and whether what a microphone heard is the sound that was put out."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from math import log10, sqrt

from audio.levels import LevelMeter

STEP_MS = 50
_RATE = 48_000
_STEP_BYTES = _RATE * STEP_MS // 1000 * 2
_LONGEST = 20 * 120
"""Of what is longer than two minutes the first two are compared: the box has other things to do than sums."""
_LEAST = 40
"""Two seconds: from less nothing can be told."""
_LAGS = range(-4, 25)
"""The microphone may be late by its buffers and by the way of the sound through the air (300 m are 0.9 s)."""
_SURE, _NOT = 0.6, 0.3
_QUIET = 8.0
"""RMS of the noise of a microphone that hears nothing at all (about -72 dBFS)."""
_EVEN = 0.15
"""A sound whose level varies less than this, as a share of its mean, has no shape to know it by."""


class Envelope:
    """RMS of each 50 ms of what is added, s16 mono 48 kHz; the sound itself is not kept."""

    def __init__(self) -> None:
        self.values = array("H")
        self._pending = bytearray()

    def add(self, pcm: bytes) -> None:
        if len(self.values) >= _LONGEST:
            return
        self._pending += pcm
        while len(self._pending) >= _STEP_BYTES:
            meter = LevelMeter()
            meter.add(bytes(self._pending[:_STEP_BYTES]))
            del self._pending[:_STEP_BYTES]
            self.values.append(min(32_767, round(32_768 * 10 ** (meter.level_cdb / 2_000))))


@dataclass(frozen=True, slots=True)
class Comparison:
    """`word`: heard, unheard, unclear. `cdb`: level heard less level sent, hundredths of a dB, where it was heard."""

    word: str
    cdb: int = 0


def compare(sent: Sequence[int], heard: Sequence[int], ahead: int) -> Comparison:
    """Whether `heard`, of which the first value is `ahead` steps after the first of `sent`, has the shape of `sent`."""
    best, best_pair = -1.0, (sent[:0], heard[:0])
    for lag in _LAGS:
        pair = _overlap(sent, heard, ahead - lag)
        if len(pair[0]) < _LEAST:
            continue
        likeness = _correlation(*pair)
        if likeness > best:
            best, best_pair = likeness, pair
    if len(best_pair[0]) < _LEAST:
        return Comparison("unclear")
    if _power(best_pair[1]) <= _QUIET**2:
        return Comparison("unheard")
    if _uneven(best_pair[0]) < _EVEN:
        return Comparison("unclear")
    if best < _NOT:
        return Comparison("unheard")
    if best < _SURE:
        return Comparison("unclear")
    return Comparison("heard", round(1000 * log10(_power(best_pair[1]) / max(1.0, _power(best_pair[0])))))


def _overlap(sent: Sequence[int], heard: Sequence[int], ahead: int) -> tuple[Sequence[int], Sequence[int]]:
    from_sent, from_heard = max(0, ahead), max(0, -ahead)
    length = max(0, min(len(sent) - from_sent, len(heard) - from_heard))
    return sent[from_sent : from_sent + length], heard[from_heard : from_heard + length]


def _correlation(a: Sequence[int], b: Sequence[int]) -> float:
    n, sum_a, sum_b = len(a), sum(a), sum(b)
    spread_a = sum(x * x for x in a) - sum_a * sum_a / n
    spread_b = sum(x * x for x in b) - sum_b * sum_b / n
    if spread_a <= 0 or spread_b <= 0:
        return 0.0
    return (sum(x * y for x, y in zip(a, b, strict=True)) - sum_a * sum_b / n) / sqrt(spread_a * spread_b)


def _power(values: Sequence[int]) -> float:
    return sum(value * value for value in values) / len(values)


def _uneven(values: Sequence[int]) -> float:
    mean = sum(values) / len(values)
    return sqrt(max(0.0, _power(values) - mean * mean)) / mean if mean else 0.0
