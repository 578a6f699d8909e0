"""A coarse line of the level of what goes out, one value a second, and how two of them become one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from audio.levels import LevelMeter

RATE = 48_000
LONGEST = 600
"""So many values at most; when there would be more, each stands for twice the time."""
FLOOR_DB = -120
_SHORTEST_REST = RATE // 10
"""What is left at the end and shorter than this has no value of its own."""


@dataclass(frozen=True, slots=True)
class Line:
    """RMS in whole dB full scale, each value over `step_s` seconds (the last may be over less)."""

    levels: tuple[int, ...] = ()
    step_s: int = 1


def halved(levels: Sequence[int]) -> tuple[int, ...]:
    """Each two as one of the same power; one that is left over stays."""
    return tuple(_mean(levels[at : at + 2]) for at in range(0, len(levels), 2))


def bounded(line: Line) -> Line:
    """The same, not longer than LONGEST."""
    while len(line.levels) > LONGEST:
        line = Line(halved(line.levels), line.step_s * 2)
    return line


def joined(before: Line, after: Line) -> Line:
    """One after the other, with the longer step of the two."""
    if not before.levels or not after.levels:
        return before if before.levels else after
    while before.step_s < after.step_s:
        before = Line(halved(before.levels), before.step_s * 2)
    while after.step_s < before.step_s:
        after = Line(halved(after.levels), after.step_s * 2)
    return bounded(Line((*before.levels, *after.levels), before.step_s))


def _mean(levels: Sequence[int]) -> int:
    power = sum(10 ** (level / 10) for level in levels) / len(levels)
    return max(FLOOR_DB, round(10 * math.log10(power)))


class LineMeter:
    """Draws the line of everything added, in bounded memory."""

    def __init__(self) -> None:
        self._line = Line()
        self._second = LevelMeter()
        self._seconds: list[int] = []

    def add(self, pcm: bytes) -> None:
        """`pcm` is s16 mono 48 kHz, whole samples, of any length."""
        at = 0
        while at < len(pcm):
            piece = pcm[at : at + (RATE - self._second.samples) * 2]
            self._second.add(piece)
            at += len(piece)
            if self._second.samples >= RATE:
                self._seconds.append(_whole_db(self._second))
                self._second = LevelMeter()
                self._close_step()

    def _close_step(self) -> None:
        if len(self._seconds) == self._line.step_s:
            self._line = bounded(Line((*self._line.levels, _mean(self._seconds)), self._line.step_s))
            self._seconds = []

    def line(self) -> Line:
        """What has come out so far; the step that is not over yet is its last value."""
        rest = list(self._seconds)
        if self._second.samples >= _SHORTEST_REST:
            rest.append(_whole_db(self._second))
        if not rest:
            return self._line
        return bounded(Line((*self._line.levels, _mean(rest)), self._line.step_s))


def _whole_db(meter: LevelMeter) -> int:
    return round(meter.level_cdb / 100)
