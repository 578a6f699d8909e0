"""Finds the hum of the mains: a steady tone of 50 Hz or its multiples, by projecting single seconds on it."""

import math
from array import array
from dataclasses import dataclass
from functools import cache

from audio.inspection.spectrum import RATE, Thinning
from audio.levels import audioop

_NEIGHBOURS = {50: (40, 48, 60, 64), 100: (80, 96, 120, 125), 150: (128, 160, 125, 192)}
"""Hum, and what is beside it: all have whole periods in samples at 48 kHz, and whole numbers of them in a second."""
_ABOVE_DB = 12.0
"""How far a hum stands out of what is beside it."""
_LEAST_DBFS = -70.0
_ALWAYS = 0.2
"""The quantile of the seconds that is looked at: a hum goes on in the pauses, a voice of that pitch does not."""


@dataclass(frozen=True, slots=True)
class Hum:
    """The frequencies that were found (hertz, lowest first) and the level of the strongest, hundredths of dBFS."""

    hertz: tuple[int, ...] = ()
    level_cdb: int = 0


@cache
def _reference(hertz: int) -> tuple[bytes, bytes]:
    """A second of sine and cosine at full scale."""
    period = RATE // hertz
    turn = 2 * math.pi / period
    return tuple(  # type: ignore[return-value]
        (array("h", (round(32_767 * shape(turn * n)) for n in range(period))) * hertz).tobytes()
        for shape in (math.sin, math.cos)
    )


def _power(second: bytes, hertz: int) -> float:
    """Of the part of `second` at exactly this frequency, full scale being 1."""
    return sum(audioop.findfactor(second, reference) ** 2 for reference in _reference(hertz))


class HumMeter:
    """Is given whole seconds of s16 mono 48 kHz."""

    def __init__(self) -> None:
        self._thinning = Thinning(16)
        self._powers: dict[int, list[float]] = {f: [] for f in {*_NEIGHBOURS, *sum(_NEIGHBOURS.values(), ())}}

    def add(self, second: bytes) -> None:
        if len(second) == RATE * 2 and self._thinning.take():
            for hertz, powers in self._powers.items():
                powers.append(_power(second, hertz))

    def told(self) -> Hum:
        found = {f: self._level(f) for f in _NEIGHBOURS if self._stands_out(f)}
        return Hum(tuple(sorted(found)), round(100 * max(found.values()))) if found else Hum()

    def _stands_out(self, hertz: int) -> bool:
        beside = max(self._level(each) for each in _NEIGHBOURS[hertz])
        return self._level(hertz) > max(_LEAST_DBFS, beside + _ABOVE_DB)

    def _level(self, hertz: int) -> float:
        """dBFS (peak of the sine) that it has nearly always."""
        powers = sorted(self._powers[hertz])
        return 10 * math.log10(powers[int(len(powers) * _ALWAYS)] + 1e-12) if powers else -120.0
