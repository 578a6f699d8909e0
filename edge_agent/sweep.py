"""The sweep of the self test: three quiet seconds from low to high, in which a technician hears what a horn lacks."""

import math
from array import array

from edge_agent.measuring import FRAME_BYTES, RATE

SECONDS = 3
_FROM_HERTZ = 200
_TO_HERTZ = 6_000
_PEAK = 2_000
_EDGE_FRAMES = RATE // 50


class Sweep:
    """Has the shape of a feed (edge_agent/voice.py Pcm): about -27 dBFS RMS, each octave as long as the next."""

    def __init__(self) -> None:
        self.fault = ""
        self.pcm = _samples()
        self._rest = self.pcm

    @property
    def finished(self) -> bool:
        return not self._rest

    def take(self, frames: int) -> bytes:
        size = frames * FRAME_BYTES
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken

    def skip(self, frames: int) -> None:
        self.take(frames)

    def close(self) -> None:
        self._rest = b""


def _samples() -> bytes:
    total = SECONDS * RATE
    growth = math.log(_TO_HERTZ / _FROM_HERTZ) / SECONDS
    turns = 2 * math.pi * _FROM_HERTZ / growth

    def sample(n: int) -> int:
        edge = min(1.0, n / _EDGE_FRAMES, (total - n) / _EDGE_FRAMES)
        return round(_PEAK * edge * math.sin(turns * (math.exp(growth * n / RATE) - 1)))

    return array("h", map(sample, range(total))).tobytes()
