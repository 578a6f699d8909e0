"""The test tone: one quiet second by which a technician hears that amplifier and horns work."""

import math
from array import array

from edge_agent.measuring import FRAME_BYTES, RATE

SECONDS = 1
_HERTZ = 440
_PEAK = 3_300
_EDGE_FRAMES = RATE // 50


class Tone:
    """Has the shape of a feed (edge_agent/voice.py Pcm): one second of 440 Hz at about -23 dBFS RMS."""

    def __init__(self) -> None:
        self.fault = ""
        self._pcm = _samples()

    @property
    def finished(self) -> bool:
        return not self._pcm

    def take(self, frames: int) -> bytes:
        size = frames * FRAME_BYTES
        taken, self._pcm = self._pcm[:size], self._pcm[size:]
        return taken

    def skip(self, frames: int) -> None:
        self.take(frames)

    def close(self) -> None:
        self._pcm = b""


def _samples() -> bytes:
    total = SECONDS * RATE
    edges = (min(1.0, n / _EDGE_FRAMES, (total - n) / _EDGE_FRAMES) for n in range(total))
    return array(
        "h", (round(_PEAK * edge * math.sin(2 * math.pi * _HERTZ * n / RATE)) for n, edge in enumerate(edges))
    ).tobytes()
