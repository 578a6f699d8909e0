"""Loudness after EBU R128 / ITU-R BS.1770-4, read from the ebur128 filter's frame metadata."""

import math
from dataclasses import dataclass

from av.audio.frame import AudioFrame

from audio.graph import Chain

NOTHING_LUFS = -70.0
"""What the filter says when no block passed the absolute gate."""


@dataclass(frozen=True, slots=True)
class Loudness:
    """Integrated loudness in LUFS and the highest true peak in dBTP."""

    lufs: float
    true_peak_db: float


def ebur128(with_peak: bool) -> tuple[str, str]:
    """The filter and its options. The true peak costs twice the rest, so it is measured only where it is wanted."""
    return ("ebur128", "metadata=1:peak=true" if with_peak else "metadata=1")


NOTHING = Loudness(NOTHING_LUFS, -120.0)


def read(frame: AudioFrame, before: Loudness = NOTHING) -> Loudness:
    """What the filter had measured when this frame left it; `before` when it told nothing (it does every 100 ms).

    The filter tells the peak as a linear value.
    """
    told = frame.metadata
    if "lavfi.r128.I" not in told:
        return before
    peak, lufs = float(told.get("lavfi.r128.true_peak", "0")), float(told["lavfi.r128.I"])
    return Loudness(
        lufs=NOTHING_LUFS if math.isnan(lufs) else lufs, true_peak_db=20 * math.log10(peak) if peak > 0 else -120.0
    )


class LoudnessMeter:
    """Measures a stream of s16 mono 48 kHz blocks."""

    def __init__(self, with_peak: bool = True) -> None:
        self._chain = Chain([ebur128(with_peak)])
        self._last = NOTHING

    def add(self, pcm: bytes) -> None:
        for frame in self._chain.feed(pcm):
            self._last = read(frame, self._last)

    @property
    def so_far(self) -> Loudness:
        return self._last

    def finish(self) -> Loudness:
        for frame in self._chain.finish():
            self._last = read(frame, self._last)
        return self._last
