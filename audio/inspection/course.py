"""The course of a recording: its level and its zero crossings every 20 ms, and what can be read off them."""

import math
from array import array
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from audio.levels import FLOOR_CDB, audioop

STEP_MS = 20
_RATE = 48_000
STEP_BYTES = _RATE * STEP_MS // 1000 * 2
_SOUND_STEPS, _OF_STEPS = 5, 8
"""A sound is 100 ms within 160: the click of a recorder's button is not one."""
_PAUSE_MS = 3_000
"""A longer silence inside is told."""


@dataclass(frozen=True, slots=True)
class Pauses:
    """Where the sound begins and ends, and the silences inside, all in milliseconds."""

    start: int
    end: int
    inside: tuple[tuple[int, int], ...] = ()
    """(from, length) of those of at least 3 s."""


class Course:
    """Level in hundredths of dBFS and zero crossings, one value each per 20 ms; two hours are 1.4 MB."""

    def __init__(self) -> None:
        self.levels = array("h")
        self.crossings = array("H")

    def add(self, pcm: bytes) -> None:
        """Whole steps of s16 mono 48 kHz; what is over at the end of the last is left out."""
        for at in range(0, len(pcm) - STEP_BYTES + 1, STEP_BYTES):
            step = pcm[at : at + STEP_BYTES]
            rms: float = audioop.rms(step, 2)
            if rms < 64:  # rms truncates
                rms = audioop.rms(audioop.lin2lin(step, 2, 4), 4) / 65_536
            level = round(2000 * math.log10(rms / 32_768)) if rms > 0 else FLOOR_CDB
            self.levels.append(max(FLOOR_CDB, level))
            self.crossings.append(audioop.cross(step, 2))

    def floor_cdb(self) -> int:
        """The noise of the pauses: what a tenth of the steps stay below."""
        return self._quantile(0.1)

    def active_cdb(self) -> int:
        """The level of the speech: what a quarter of the steps exceed."""
        return self._quantile(0.75 if len(self.levels) > 1 else 0.5)

    def _quantile(self, share: float) -> int:
        if not self.levels:
            return FLOOR_CDB
        count, wanted = 0, int(len(self.levels) * share)
        for level, times in sorted(Counter(self.levels).items()):
            count += times
            if count > wanted:
                return level
        return max(self.levels)

    def loud_cdb(self) -> int:
        """What the loudest hundredth exceeds: a recording may be mostly silence."""
        return self._quantile(0.99)

    def threshold_cdb(self) -> int:
        """Below this nothing is said. A steady noise above -38 dBFS is never called silence."""
        loud, floor = self.loud_cdb(), self.floor_cdb()
        return max(min(floor + 600, loud - 1_800, -3_800), min(-6_000, loud - 3_800))

    def pauses(self) -> Pauses:
        """(0, length) when nothing is loud enough to be a sound."""
        length = len(self.levels) * STEP_MS
        sounds = self._sounds(self.threshold_cdb())
        if not sounds:
            return Pauses(0, length)
        between = [
            (end * STEP_MS, (begin - end) * STEP_MS)
            for (_, end), (begin, _) in pairwise(sounds)
            if (begin - end) * STEP_MS >= _PAUSE_MS
        ]
        return Pauses(sounds[0][0] * STEP_MS, sounds[-1][1] * STEP_MS, tuple(between))

    def _sounds(self, threshold: int) -> list[tuple[int, int]]:
        """Steps [from, to) of each sound; sounds less than half a second apart are one."""
        loud = [index for index, level in enumerate(self.levels) if level >= threshold]
        found: list[tuple[int, int]] = []
        for index, step in enumerate(loud):
            near = loud[index : index + _SOUND_STEPS]
            if found and step - found[-1][1] < 25 and step >= found[-1][1]:
                found[-1] = (found[-1][0], step + 1)
            elif len(near) == _SOUND_STEPS and near[-1] - step < _OF_STEPS:
                found.append((step, step + 1))
        return found
