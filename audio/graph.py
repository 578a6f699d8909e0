"""A chain of FFmpeg filters over mono 48 kHz PCM blocks, fed and drained by streaming."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

import av
from av.audio.frame import AudioFrame
from av.filter import Graph

from audio.sources import RATE, SAMPLE_BYTES


def frame_of(pcm: bytes, pts: int, rate: int = RATE) -> AudioFrame:
    """An s16 mono frame; PyAV's plane may be longer than the samples, so the bytes are padded to fit it."""
    frame = AudioFrame(format="s16", layout="mono", samples=len(pcm) // SAMPLE_BYTES)
    plane = frame.planes[0]
    plane.update(pcm + bytes(plane.buffer_size - len(pcm)))
    frame.sample_rate = rate
    frame.pts = pts
    frame.time_base = Fraction(1, rate)
    return frame


def bytes_of(frame: AudioFrame) -> bytes:
    """The samples of an s16 mono frame without the plane's padding."""
    return bytes(memoryview(frame.planes[0])[: frame.samples * SAMPLE_BYTES])


class Chain:
    """Filters in a row, s16 mono in. `feed` and `finish` yield the frames that have come out so far."""

    def __init__(self, filters: Sequence[tuple[str, str]]) -> None:
        self._graph = Graph()
        # FFmpeg would start a thread per core and graph, and no filter that takes one channel can use them.
        self._graph.threads = 1
        self._pts = 0
        before = self._graph.add_abuffer(sample_rate=RATE, format="s16", layout="mono", time_base=Fraction(1, RATE))
        for name, options in (*filters, ("abuffersink", "")):
            here = self._graph.add(name, options or None)
            before.link_to(here)
            before = here
        self._graph.configure()

    def feed(self, pcm: bytes) -> Iterator[AudioFrame]:
        frame = frame_of(pcm, self._pts)
        self._pts += frame.samples
        self._graph.push(frame)
        yield from self._drain()

    def finish(self) -> Iterator[AudioFrame]:
        self._graph.push(None)
        yield from self._drain()

    def _drain(self) -> Iterator[AudioFrame]:
        while True:
            try:
                frame = self._graph.pull()
            except (av.BlockingIOError, av.EOFError):
                return
            if isinstance(frame, AudioFrame):
                yield frame
