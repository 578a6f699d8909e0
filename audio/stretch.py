"""Plays sound a trifle slower or faster without a click: FFmpeg's resampler, steered by the times of its frames.

The filter `aresample` bends its rate so that what comes out meets the time stamps of what goes in (libswresample's
soft compensation, swr_next_pts). Given each block the place in the output where it is meant to come, it follows any
slowly changing rate; a rate of some hundred parts per million is far below what anybody hears as pitch.
"""

from fractions import Fraction

import av
from av.filter import Graph

from audio.graph import bytes_of, frame_of
from audio.sources import RATE, SAMPLE_BYTES

MOST_PPM = 1_000
_FINE = 1_000
"""Places in the output are told in thousandths of a sample."""
_OPTIONS = "flags=res:min_comp=0.0000001:min_hard_comp=0.5:comp_duration=20:max_soft_comp=0.001"
"""Resample from the first sample on, also at the rate 1; correct the least difference, over 20 s (so the rate goes in
steps of one part per million), at most by MOST_PPM; never drop or insert a stretch below half a second."""
_AHEAD_S = 1.0
"""The filter closes a difference within a second: told this much of the rate ahead, it is not behind."""


class Stretch:
    """Blocks of s16 mono 48 kHz in and out. What comes out is aligned with what goes in but for the rate; some
    samples (less than a millisecond) are held back until more comes."""

    def __init__(self) -> None:
        self._graph = Graph()
        # FFmpeg would start a thread per core, which one channel cannot use.
        self._graph.threads = 1
        source = self._graph.add_abuffer(
            sample_rate=RATE, format="s16", layout="mono", time_base=Fraction(1, RATE * _FINE)
        )
        for name, options in (
            ("aresample", _OPTIONS),
            ("aformat", "sample_fmts=s16:channel_layouts=mono"),
            ("abuffersink", ""),
        ):
            here = self._graph.add(name, options or None)
            source.link_to(here)
            source = here
        self._graph.configure()
        self._place = 0.0
        self._made = 0

    @property
    def held(self) -> float:
        """Output samples that what was fed will still become."""
        return self._place - self._made

    def feed(self, pcm: bytes, ppm: float) -> bytes:
        """What has come out by now, when `pcm` is to last `ppm` parts per million longer (at most ±MOST_PPM)."""
        rate = max(-MOST_PPM, min(MOST_PPM, ppm)) / 1e6
        frame = frame_of(pcm, round((self._place + rate * _AHEAD_S * RATE) * _FINE))
        frame.time_base = Fraction(1, RATE * _FINE)
        self._place += frame.samples * (1 + rate)
        self._graph.push(frame)
        out = bytearray()
        while True:
            try:
                out += bytes_of(self._graph.pull())  # type: ignore[arg-type]  # an audio graph gives audio frames
            except (av.BlockingIOError, av.EOFError):
                self._made += len(out) // SAMPLE_BYTES
                return bytes(out)
