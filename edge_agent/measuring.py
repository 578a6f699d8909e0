"""Pure sums over what came out: adding up the stretches of one playback and the verdict at its end."""

import math
from dataclasses import replace

from audio import line
from audio.levels import volume_gain
from audio.line import Line
from protocol.messages import NO_LOUDNESS_CLU, SILENCE_CDB, Measured
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


def joined_loudness(frames_a: int, loudness_a: int, frames_b: int, loudness_b: int) -> int:
    """Integrated loudness (cLU) of two stretches: their powers by length, for each was gated on its own."""
    heard_a = frames_a if loudness_a > NO_LOUDNESS_CLU else 0
    heard_b = frames_b if loudness_b > NO_LOUDNESS_CLU else 0
    if heard_a + heard_b == 0:
        return NO_LOUDNESS_CLU
    return joined_level(heard_a, loudness_a, heard_b, loudness_b)


def joined(before: Measured, now: Measured) -> Measured:
    """What came out altogether, when `now` continues `before` (either may be empty)."""
    frames = before.frames + now.frames
    first = before if before.started_us else now
    drawn = line.joined(Line(before.levels_db, before.levels_step_s), Line(now.levels_db, now.levels_step_s))
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
        loudness_clu=joined_loudness(before.frames, before.loudness_clu, now.frames, now.loudness_clu),
        microphone=now.microphone or before.microphone,
        microphone_cdb=now.microphone_cdb if now.microphone else before.microphone_cdb,
        levels_db=drawn.levels,
        levels_step_s=drawn.step_s,
    )


def whole(measured: Measured) -> bool:
    """At least 99 % of the content came out."""
    return measured.heard_ms * 1000 >= measured.content_ms * _PLAYED_PER_MILLE


def verdict(measured: Measured, shortfall: Reason) -> tuple[PlaybackState, Reason]:
    """The final state of a playback whose sound has ended; `shortfall` says why if a part is missing."""
    if measured.level_cdb <= SILENT_CDB:
        return PlaybackState.FAILED, Reason.MUTED if _turned_down(measured) else Reason.SILENT
    if whole(measured):
        return PlaybackState.PLAYED, Reason.NONE
    return PlaybackState.INTERRUPTED, shortfall


def _turned_down(measured: Measured) -> bool:
    """There was something to hear, and the volume left nothing of it."""
    gain = volume_gain(measured.volume_percent)
    return gain == 0 or (
        measured.level_cdb > SILENCE_CDB and measured.level_cdb - round(2000 * math.log10(gain)) > SILENT_CDB
    )


def start_error_us(started_us: int, planned: UtcMs) -> int:
    return started_us - planned * 1000


def frames_to_ms(frames: int) -> DurationMs:
    return DurationMs(frames * 1000 // RATE)


def ms_to_frames(duration: int) -> int:
    return duration * RATE // 1000
