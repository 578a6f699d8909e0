"""Music under speech: loops, fades in and out, and makes room while somebody speaks; streamed, a frame at a time."""

import warnings
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from audio.cutting import faded
from audio.frames import FRAME_MS, framed
from audio.level import blocks_of
from audio.levels import apply_gain, ramp
from audio.sources import RATE, SAMPLE_BYTES

with warnings.catch_warnings():
    # As in audio.levels: from Python 3.13 on the package audioop-lts provides it.
    warnings.filterwarnings("ignore", message="'audioop' is deprecated", category=DeprecationWarning)
    import audioop

DUCK_DB = 12.0
"""So much further down the music is while somebody speaks: with the usual level 20 dB below the voice."""
AHEAD_MS = 200
"""The music is down when the voice begins, not after."""
_DOWN_MS, _UP_MS = 160, 900
HOLD_MS = 1_000
"""It stays down between sentences and paragraphs, and rises where nobody has spoken for so long."""
_IN_MS, _OUT_MS = 600, 1_500
_SPEAKS = 184
"""RMS of a frame, -45 dBFS: levelled speech is far above, its pauses are silence."""
_LOOP_MS = 400

Span = tuple[int, int]
"""From … until in bytes of the programme: where the bed runs."""


@dataclass(frozen=True, slots=True)
class Track:
    """The bed as s16 mono 48 kHz on disk, and the gain that brings it to its level where nobody speaks."""

    file: Path
    gain_db: float


def with_bed(blocks: Iterable[bytes], spans: Sequence[Span], track: Track | None) -> Iterator[bytes]:
    """The programme with the music mixed in below it, exactly as long as before."""
    if track is None or not spans:
        yield from blocks
        return
    music, duck, at = framed(_endless(track.file)), _Ducker(), 0
    for frame, soon in _looked_ahead(framed(blocks)):
        duck_from, duck_to = duck.step(soon)
        span = next((each for each in spans if each[0] <= at < each[1]), None)
        if span is None:
            yield frame
        else:
            gains = [10 ** ((track.gain_db + db) / 20) for db in (duck_from, duck_to)]
            edges = [gain * _edge(span, where) for gain, where in zip(gains, (at, at + len(frame)), strict=True)]
            yield audioop.add(frame, _at_gain(next(music)[: len(frame)], *edges), SAMPLE_BYTES)
        at += len(frame)


def _at_gain(pcm: bytes, start: float, end: float) -> bytes:
    """As `apply_gain`, moving; a ramp goes up to 1 only, so what is beyond it comes first."""
    top = max(1.0, start, end)
    pcm = apply_gain(pcm, top)
    return apply_gain(pcm, start / top) if abs(start - end) < 1e-6 else ramp(pcm, start / top, end / top)


def _edge(span: Span, at: int) -> float:
    """0 … 1: how far the bed is faded in or out at a byte of the programme."""
    since, left = ((length / SAMPLE_BYTES * 1000 / RATE) for length in (at - span[0], span[1] - at))
    return max(0.0, min(1.0, since / _IN_MS, left / _OUT_MS))


def _endless(file: Path) -> Iterator[bytes]:
    """The music again and again, each time soft at its ends."""
    return chain.from_iterable(faded(blocks_of(file), _LOOP_MS, _LOOP_MS) for _ in iter(int, 1))


def _looked_ahead(frames: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each frame with whether somebody speaks AHEAD_MS later."""
    held: deque[bytes] = deque()
    for frame in frames:
        held.append(frame)
        if len(held) > AHEAD_MS // FRAME_MS:
            yield held.popleft(), _speaks(frame)
    for frame in held:
        yield frame, False


def _speaks(frame: bytes) -> bool:
    return audioop.rms(frame, SAMPLE_BYTES) > _SPEAKS


class _Ducker:
    """Where the music is, in dB below its own level, frame by frame."""

    def __init__(self) -> None:
        self._db = 0.0
        self._silent_ms = HOLD_MS + AHEAD_MS + 1

    def step(self, speaks_soon: bool) -> tuple[float, float]:
        """At the beginning and at the end of the frame."""
        self._silent_ms = 0 if speaks_soon else self._silent_ms + FRAME_MS
        down = self._silent_ms <= HOLD_MS + AHEAD_MS
        before = self._db
        if down:
            self._db = max(-DUCK_DB, before - DUCK_DB * FRAME_MS / _DOWN_MS)
        else:
            self._db = min(0.0, before + DUCK_DB * FRAME_MS / _UP_MS)
        return before, self._db
