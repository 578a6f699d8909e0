"""Whether a recording moves as speech does: syllables four times a second, hissing beside humming, gaps between words.

The criterion is measured, not learned: how much of the envelope's movement lies between 2 and 9 Hz (Houtgast and
Steeneken 1985: the modulation of running speech is greatest about 4 Hz), how deep it is, and how much the number of
zero crossings varies between voiced and voiceless sounds (Saunders 1996).
"""

import math
from dataclasses import dataclass

from audio.inspection.course import STEP_MS, Course
from audio.inspection.spectrum import Thinning, fft, hann

_WINDOW = 128
_LEAST_STEPS = 64
"""1.3 s: nothing is said of less."""
_STEP_HZ = 1000 / STEP_MS / _WINDOW
_SLOWEST, _SLOW, _FAST = 0.8, 2.0, 9.0


@dataclass(frozen=True, slots=True)
class Liveliness:
    """Thousandths: depth of the movement, its share between 2 and 9 Hz, variation of the zero crossings."""

    depth: int
    syllables: int
    crossings: int


def liveliness(course: Course, threshold_cdb: int) -> Liveliness | None:
    """None for what is too short or has no sound at all."""
    voiced = [index for index, level in enumerate(course.levels) if level >= threshold_cdb]
    if len(voiced) < _LEAST_STEPS:
        return None
    depth, share = _modulation(course)
    return Liveliness(round(depth * 1000), round(share * 1000), round(_variation(course, voiced) * 1000))


def _modulation(course: Course) -> tuple[float, float]:
    """Mean depth (standard deviation over mean) and mean share of 2 … 9 Hz, weighted by the level of the window."""
    depths = shares = weights = 0.0
    thinning = Thinning(32)
    for at in range(0, max(1, len(course.levels) - _WINDOW // 2), _WINDOW // 2):
        part = [10 ** (level / 2_000) for level in course.levels[at : at + _WINDOW]]
        mean = sum(part) / len(part)
        if len(part) < _LEAST_STEPS or not thinning.take() or mean <= 0:
            continue
        bands = _bands([value - mean for value in part])
        depths += math.sqrt(sum((value - mean) ** 2 for value in part) / len(part))
        shares += mean * bands
        weights += mean
    return (depths / weights, shares / weights) if weights else (0.0, 0.0)


def _bands(moves: list[float]) -> float:
    """Share of the movement's power that lies between 2 and 9 Hz."""
    shaped = [complex(move * w) for move, w in zip(moves, hann(len(moves)), strict=True)]
    power = [abs(z) ** 2 for z in fft(shaped + [0j] * (_WINDOW - len(shaped)))[: _WINDOW // 2]]
    whole = sum(power[math.ceil(_SLOWEST / _STEP_HZ) :])
    return sum(power[math.ceil(_SLOW / _STEP_HZ) : int(_FAST / _STEP_HZ) + 1]) / whole if whole > 0 else 0.0


def _variation(course: Course, voiced: list[int]) -> float:
    """Standard deviation over mean of the zero crossings, of the steps that have sound."""
    counts = [course.crossings[index] for index in voiced]
    mean = sum(counts) / len(counts)
    return math.sqrt(sum((count - mean) ** 2 for count in counts) / len(counts)) / mean if mean else 0.0
