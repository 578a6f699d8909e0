"""Whether both channels of a stereo recording carry the sound, and whether they would cancel each other."""

from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

from audio.levels import audioop

_HEARD = 33
"""RMS of -60 dBFS: below, nothing is said on either channel."""
_DEAD = 0.03
"""A channel 30 dB below the other is dead: what it has is crosstalk."""
_AGAINST = -0.6
"""Correlation of the two below which their sum is weaker than either."""
_MOSTLY = 0.9
_OFTEN = 0.05


class Mix(StrEnum):
    """How two channels become one. DIFFERENCE turns one round first."""

    BOTH = "both"
    LEFT = "left"
    RIGHT = "right"
    DIFFERENCE = "difference"


_FACTORS = {Mix.BOTH: (0.5, 0.5), Mix.LEFT: (1.0, 0.0), Mix.RIGHT: (0.0, 1.0), Mix.DIFFERENCE: (0.5, -0.5)}


def mixed(stereo: bytes, mix: Mix) -> bytes:
    """Interleaved s16 stereo to mono."""
    return audioop.tomono(stereo, 2, *_FACTORS[mix])


@dataclass(frozen=True, slots=True)
class Channels:
    """The best way to mix, and in what share of the sound one of two good channels is silent, in millionths."""

    mix: Mix = Mix.BOTH
    dropped_ppm: int = 0


class ChannelMeter:
    """Looks at short blocks (20 … 100 ms) of interleaved s16 stereo of any rate."""

    def __init__(self) -> None:
        self._heard = self._left_dead = self._right_dead = self._against = 0

    def add(self, stereo: bytes) -> None:
        left, right = mixed(stereo, Mix.LEFT), mixed(stereo, Mix.RIGHT)
        one, other = audioop.rms(left, 2), audioop.rms(right, 2)
        if max(one, other) < _HEARD:
            return
        self._heard += 1
        if one < other * _DEAD:
            self._left_dead += 1
        elif other < one * _DEAD:
            self._right_dead += 1
        elif audioop.findfactor(left, right) * other / sqrt(one * one + 1) < _AGAINST:
            self._against += 1

    def told(self) -> Channels:
        many = self._heard * _MOSTLY
        if not self._heard:
            return Channels()
        for count, mix in (
            (self._left_dead, Mix.RIGHT),
            (self._right_dead, Mix.LEFT),
            (self._against, Mix.DIFFERENCE),
        ):
            if count >= many:
                return Channels(mix)
        dropped = (self._left_dead + self._right_dead) / self._heard
        return Channels(Mix.BOTH, round(dropped * 1e6) if dropped > _OFTEN else 0)
