"""Counts samples that were cut off at the top, at full scale or, in a sound that was turned down later, below it."""

import re

from audio.levels import audioop

_HIGH = 32_512
"""What has 7F as its upper byte, -0.07 dBFS; 80 is the same below zero."""
_RUN = re.compile(rb"\x7f{3,}|\x80{3,}")
"""Three neighbours at full scale: a pure tone of 1 kHz at 0 dBFS has so many at 48 kHz, speech has not."""
_FLAT = 8
"""Neighbours with the very same value at the highest value of all: no unclipped speech has them."""
_FLAT_FROM = 3_277
"""-20 dBFS: below, few values exist and equal neighbours mean nothing."""


class ClipMeter:
    """`runs` and `clipped` (samples in them) out of `samples`, all channels together."""

    def __init__(self) -> None:
        self.samples = self.clipped = self.runs = 0
        self._top = 0
        self._flats = 0

    def add(self, pcm: bytes, channels: int) -> None:
        """`pcm` is s16, interleaved when `channels` is 2."""
        if not pcm:
            return
        self.samples += len(pcm) // 2
        low, high = audioop.minmax(pcm, 2)
        peak = max(high, -low)
        if peak >= _HIGH:
            for channel in range(channels):
                # The upper byte of every sample of the channel.
                self._count(pcm[2 * channel + 1 :: 2 * channels])
        elif channels <= 2 and peak >= max(_FLAT_FROM, self._top):
            self._count_flat(pcm, channels, peak)

    def _count(self, upper: bytes) -> None:
        for run in _RUN.finditer(upper):
            self.runs += 1
            self.clipped += len(run.group())

    def _count_flat(self, pcm: bytes, channels: int, peak: int) -> None:
        if peak > self._top:
            self._top, self._flats = peak, 0
        for channel in range(channels):
            one = pcm if channels == 1 else audioop.tomono(pcm, 2, float(channel == 0), float(channel == 1))
            for value in (peak, -peak):
                found = one.count(value.to_bytes(2, "little", signed=True) * _FLAT)
                self._flats += found

    @property
    def flat_runs(self) -> int:
        """Flat tops at the highest value, for a sound that was clipped first and turned down afterwards."""
        return self._flats if self._top < _HIGH and not self.runs else 0
