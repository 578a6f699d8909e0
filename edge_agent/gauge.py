"""Measures what comes out of one voice: level, loudness, and the line that a page draws."""

from collections.abc import Sequence

from audio.envelope import Envelope
from audio.levels import LevelMeter
from audio.line import Line, LineMeter
from audio.loudness import LoudnessMeter
from edge_agent.measuring import FRAME_BYTES, RATE

_PIECE_BYTES = RATE // 2 * FRAME_BYTES
"""Each measure costs a fraction in pieces of half a second of what it does in the sink's blocks."""


class Gauge:
    """Fed with the very samples that the sink gets. Not safe from several threads."""

    def __init__(self) -> None:
        self._level = LevelMeter()
        self._line = LineMeter()
        self._loudness = LoudnessMeter(with_peak=False)
        self._envelope = Envelope()
        self._pending = bytearray()

    def add(self, pcm: bytes) -> None:
        self._pending += pcm
        if len(self._pending) >= _PIECE_BYTES:
            self._measure_pending()

    @property
    def level_cdb(self) -> int:
        self._measure_pending()
        return self._level.level_cdb

    @property
    def loudness_clu(self) -> int:
        """Integrated so far, hundredths of LUFS."""
        self._measure_pending()
        return round(self._loudness.so_far.lufs * 100)

    def envelope(self) -> Sequence[int]:
        """What a microphone is compared with (audio/envelope.py)."""
        self._measure_pending()
        return self._envelope.values

    def line(self) -> Line:
        self._measure_pending()
        return self._line.line()

    def _measure_pending(self) -> None:
        if not self._pending:
            return
        pcm = bytes(self._pending)
        self._pending.clear()
        self._level.add(pcm)
        self._line.add(pcm)
        self._envelope.add(pcm)
        self._loudness.add(pcm)
