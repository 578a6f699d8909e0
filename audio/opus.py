"""Reading a clip (Ogg/Opus) as PCM, sample-exact and streaming; needs only PyAV and the standard library."""

from collections.abc import Iterator
from pathlib import Path

import av
from av.audio.resampler import AudioResampler

RATE = 48_000
_BLOCK_BYTES = RATE // 10 * 2
"""100 ms of s16 mono."""
_PRE_ROLL_MS = 240
"""Decoded and thrown away after a seek. RFC 7845 section 4.6 asks for 80 ms; packets are found by page (about 1 s)."""
_HEAD_BYTES = 4_096
_LARGEST_PAGE = 65_307
"""RFC 3533 section 6."""


class BadClip(Exception):
    """The file is not a readable Ogg/Opus clip."""


class OpusReader:
    """Iterates a clip as blocks of 100 ms s16 mono 48 kHz (`bytes`; the last may be shorter), from `start_ms` on.

    Constant memory. Pre-skip and end trimming (RFC 7845 section 4) are applied, so the blocks of the whole clip
    add up to `duration_ms` exactly. Raises BadClip when opening or decoding fails.
    """

    def __init__(self, path: Path, start_ms: int = 0) -> None:
        self._start = max(0, start_ms) * RATE // 1000
        try:
            self._container = av.open(str(path), format="ogg", options={"protocol_whitelist": "file"})
        except (av.FFmpegError, OSError, ValueError) as error:
            raise BadClip(f"{path.name}: {error}") from error
        if not self._container.streams.audio:
            self._container.close()
            raise BadClip(f"{path.name}: no sound in it")
        self._name = path.name

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from _blocks(self._from_start())
        except av.FFmpegError as error:
            raise BadClip(f"{self._name}: {error}") from error
        finally:
            self.close()

    def close(self) -> None:
        self._container.close()

    def _from_start(self) -> Iterator[bytes]:
        """Decoded pieces of any size, the first beginning exactly at the start sample."""
        stream = self._container.streams.audio[0]
        resampler = AudioResampler(format="s16", layout="mono", rate=RATE)
        base = stream.start_time or 0
        if self._start > _PRE_ROLL_MS * RATE // 1000:
            self._container.seek(base + self._start - _PRE_ROLL_MS * RATE // 1000, stream=stream)
        for frame in self._container.decode(stream):
            if frame.pts is None:
                raise BadClip(f"{self._name}: a frame without a time")
            # The frame's time counts from the first audible sample; what lies before the start is dropped.
            drop = self._start - (frame.pts - base)
            for piece in resampler.resample(frame):
                data = bytes(piece.planes[0])[: piece.samples * 2]
                yield data[max(0, drop) * 2 :]


def _blocks(pieces: Iterator[bytes]) -> Iterator[bytes]:
    pending = bytearray()
    for piece in pieces:
        pending += piece
        while len(pending) >= _BLOCK_BYTES:
            yield bytes(pending[:_BLOCK_BYTES])
            del pending[:_BLOCK_BYTES]
    if pending:
        yield bytes(pending)


def duration_samples(path: Path) -> int:
    """Samples at 48 kHz, from the last page's granule position less the pre-skip (RFC 7845 sections 4.3, 4.4)."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
        size = stream.seek(0, 2)
        stream.seek(max(0, size - _LARGEST_PAGE))
        tail = stream.read()
    at, last = head.find(b"OpusHead"), tail.rfind(b"OggS")
    if not head.startswith(b"OggS") or at < 0 or len(head) < at + 12 or last < 0 or len(tail) < last + 14:
        raise BadClip(f"{path.name}: not Ogg/Opus")
    pre_skip = int.from_bytes(head[at + 10 : at + 12], "little")
    granule = int.from_bytes(tail[last + 6 : last + 14], "little", signed=True)
    return max(0, granule - pre_skip)


def duration_ms(path: Path) -> int:
    """Length of the clip in milliseconds, rounded to the nearest; OSError or BadClip when it cannot be read."""
    return (duration_samples(path) * 1000 + RATE // 2) // RATE
