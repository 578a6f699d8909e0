"""Keeping ranges of a stream of sound, and fading its ends: short joints by pydub, everything between them streamed."""

from collections.abc import Iterable, Iterator, Sequence

from audio.chime import AudioSegment
from audio.sources import RATE, SAMPLE_BYTES

_MS_BYTES = RATE // 1000 * SAMPLE_BYTES
EDGE_MS = 8
"""So long a cut fades, that it does not click."""


class _Reader:
    """Takes a stream of blocks by bytes."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks = (block for block in blocks if block)
        self._left = b""

    def take(self, count: int) -> Iterator[bytes]:
        """The next `count` bytes in blocks; fewer at the end."""
        while count > 0:
            block = self._left or next(self._blocks, b"")
            if not block:
                return
            self._left = block[count:]
            yield block[:count]
            count -= len(block[:count])

    def skip(self, count: int) -> None:
        for _ in self.take(count):
            pass

    def skip_all(self) -> None:
        """To the end: whether a file is whole is known only there."""
        for _ in self._blocks:
            pass


def kept(blocks: Iterable[bytes], cuts: Sequence[tuple[int, int]]) -> Iterator[bytes]:
    """Of s16 mono 48 kHz only the ranges `cuts` (from … until in ms, rising), each with soft edges; none: all of it."""
    if not cuts:
        yield from blocks
        return
    reader, at = _Reader(blocks), 0
    for start, until in cuts:
        start = max(start, at)
        reader.skip((start - at) * _MS_BYTES)
        yield from faded(reader.take(max(0, until - start) * _MS_BYTES), EDGE_MS, EDGE_MS)
        at = max(start, until)
    reader.skip_all()


def faded(blocks: Iterable[bytes], in_ms: int, out_ms: int) -> Iterator[bytes]:
    """The same with its first `in_ms` rising from nothing and its last `out_ms` falling to nothing."""
    reader = _Reader(blocks)
    yield _fade(b"".join(reader.take(in_ms * _MS_BYTES)), rising=True)
    held = bytearray()
    while block := b"".join(reader.take(out_ms * _MS_BYTES)):
        held += block
        ready = len(held) - out_ms * _MS_BYTES
        if ready > 0:
            yield bytes(held[:ready])
            del held[:ready]
    yield _fade(bytes(held), rising=False)


def _fade(pcm: bytes, *, rising: bool) -> bytes:
    segment = AudioSegment(data=pcm, sample_width=SAMPLE_BYTES, frame_rate=RATE, channels=1)
    if len(segment) < 2:
        return pcm
    low, high = (-120.0, 0.0) if rising else (0.0, -120.0)
    return bytes(segment.fade(from_gain=low, to_gain=high, start=0, end=len(segment)).raw_data)
