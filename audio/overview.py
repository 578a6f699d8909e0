"""In the child process: how a recording looks, as the highest sample of each bit of time, and a copy to listen to."""

from array import array
from collections.abc import Iterator
from pathlib import Path

from audio.decode import Decoder
from audio.encode import encode
from audio.levels import audioop
from audio.sources import RATE, SAMPLE_BYTES, Overview

MOST_PEAKS = 4_000
"""More than a wide screen has columns; when there would be more, each two become one."""
BIT = RATE // 100
_BIT_BYTES = BIT * SAMPLE_BYTES


class PeakMeter:
    """Draws everything added, s16 mono, in bounded memory: bits of 10 ms, of which ever more become one."""

    def __init__(self) -> None:
        self._peaks = array("H")
        self._folded = 1
        """So many bits of 10 ms are one peak."""
        self._bits = array("H")
        self._pending = bytearray()
        self.samples = 0

    def add(self, pcm: bytes) -> None:
        self.samples += len(pcm) // SAMPLE_BYTES
        self._pending += pcm
        whole = len(self._pending) - len(self._pending) % _BIT_BYTES
        for at in range(0, whole, _BIT_BYTES):
            self._bits.append(audioop.max(bytes(self._pending[at : at + _BIT_BYTES]), SAMPLE_BYTES))
            if len(self._bits) == self._folded:
                self._close()
        del self._pending[:whole]

    def _close(self) -> None:
        self._peaks.append(max(self._bits))
        self._bits = array("H")
        if len(self._peaks) == MOST_PEAKS:
            self._peaks = array("H", map(max, self._peaks[::2], self._peaks[1::2]))
            self._folded *= 2

    def overview(self) -> Overview:
        rest = [*self._bits, audioop.max(bytes(self._pending), SAMPLE_BYTES)]
        peaks = [*self._peaks, max(rest)] if self._bits or self._pending else self._peaks
        return Overview(tuple(min(100, peak * 100 // 32_767) for peak in peaks), self._folded * BIT, self.samples)


def look(file: Path, copy: Path, most_seconds: int) -> Overview:
    """Decode `file`, write what was decoded to `copy` as Ogg/Opus, and say how it looks. BadSound as for a clip."""
    meter = PeakMeter()

    def told() -> Iterator[bytes]:
        for block in Decoder(file, most_seconds, lambda _share: None):
            meter.add(block)
            yield block

    encode(told(), copy)
    return meter.overview()
