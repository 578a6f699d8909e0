"""Pure sums over what came out: adding up the stretches of one playback and the verdict at its end."""

import math
from dataclasses import replace

from protocol.messages import SILENCE_CDB, Measured
from schedules.states import PlaybackState, Reason
from schedules.units import DurationMs, UtcMs

RATE = 48_000
"""Frames per second of everything that is played: mono, signed 16 bit."""
FRAME_BYTES = 2
SILENT_CDB = -6_000
"""At or below this nobody near the horn can have heard it."""

_PLAYED_PER_MILLE = 990
"""`played` means that at least 99 % of the content came out."""


def _power(frames: int, level_cdb: int) -> float:
    return 0.0 if level_cdb <= SILENCE_CDB else frames * 10 ** (level_cdb / 1000)


def joined_level(frames_a: int, level_a: int, frames_b: int, level_b: int) -> int:
    """RMS level (cdB) of two stretches one after the other."""
    frames = frames_a + frames_b
    power = _power(frames_a, level_a) + _power(frames_b, level_b)
    if frames == 0 or power == 0:
        return SILENCE_CDB
    return max(SILENCE_CDB, round(1000 * math.log10(power / frames)))


def joined(before: Measured, now: Measured) -> Measured:
    """What came out altogether, when `now` continues `before` (either may be empty)."""
    frames = before.frames + now.frames
    first = before if before.started_us else now
    return replace(
        now,
        started_us=first.started_us,
        start_error_us=first.start_error_us,
        ended_us=now.ended_us or before.ended_us,
        content_ms=now.content_ms or before.content_ms,
        volume_percent=now.volume_percent if now.frames else before.volume_percent,
        frames=frames,
        heard_ms=frames * 1000 // RATE,
        underruns=before.underruns + now.underruns,
        level_cdb=joined_level(before.frames, before.level_cdb, now.frames, now.level_cdb),
    )


def whole(measured: Measured) -> bool:
    """At least 99 % of the content came out."""
    return measured.heard_ms * 1000 >= measured.content_ms * _PLAYED_PER_MILLE


def verdict(measured: Measured, shortfall: Reason) -> tuple[PlaybackState, Reason]:
    """The final state of a playback whose sound has ended; `shortfall` says why if a part is missing."""
    if measured.level_cdb <= SILENT_CDB:
        return PlaybackState.FAILED, Reason.SILENT
    if whole(measured):
        return PlaybackState.PLAYED, Reason.NONE
    return PlaybackState.INTERRUPTED, shortfall


def start_error_us(started_us: int, planned: UtcMs) -> int:
    return started_us - planned * 1000


def frames_to_ms(frames: int) -> DurationMs:
    return DurationMs(frames * 1000 // RATE)


def ms_to_frames(duration: int) -> int:
    return duration * RATE // 1000
