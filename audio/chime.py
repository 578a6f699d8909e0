"""The opening and closing chime: notes synthesised here, assembled into short segments by pydub.

A chime is a plucked bell: a bright strike (which makes the cross-correlation of a recording with it peak within a
sample or two) and partials that die away, the higher ones sooner.
"""

import math
import warnings
from array import array
from functools import cache

with warnings.catch_warnings():
    # pydub looks for an ffmpeg binary, which we never use; it imports audioop, which Python 3.11 calls deprecated;
    # and its regular expressions have escapes that the compiler of Python 3.12 warns of.
    warnings.filterwarnings("ignore", message="Couldn't find ff", category=RuntimeWarning)
    warnings.filterwarnings("ignore", message="'audioop' is deprecated", category=DeprecationWarning)
    warnings.filterwarnings("ignore", message="invalid escape sequence", category=DeprecationWarning)
    warnings.filterwarnings("ignore", message=".*invalid escape sequence", category=SyntaxWarning)
    from pydub import AudioSegment as AudioSegment

_PARTIALS = ((1.0, 1.0, 1.3), (2.0, 0.45, 2.2), (3.01, 0.25, 4.0), (4.17, 0.15, 7.0), (5.43, 0.1, 10.0))
"""(frequency as a multiple, amplitude, decay per second): slightly inharmonic, as a struck bar is."""
_INAUDIBLE = 1e-4
_STRIKE_SECONDS = 0.03
_PEAK = 20_000
_LEVEL_DBFS = -16.7
"""RMS of a whole chime; that measures about -16.5 LUFS: as loud as the speech."""

_OPENING = ((0, 523.25), (420, 659.25), (840, 783.99))
_OPENING_MS = 2_600
_CLOSING = ((0, 783.99), (520, 523.25))
_CLOSING_MS = 2_200
JOINT_MS = 350
"""Silence between a chime and the body."""


def opening_pcm(rate: int = 48_000) -> bytes:
    """The opening chime as s16 mono PCM: three rising notes, 2.6 s. It is the very beginning of every clip."""
    return _chime(_OPENING, _OPENING_MS, rate)


def closing_pcm(rate: int = 48_000) -> bytes:
    """The closing chime as s16 mono PCM: two falling notes, 2.2 s, at the very end of every clip."""
    return _chime(_CLOSING, _CLOSING_MS, rate)


def silence_pcm(milliseconds: int, rate: int = 48_000) -> bytes:
    """So much digital silence, s16 mono."""
    return bytes(AudioSegment.silent(milliseconds, frame_rate=rate).raw_data)


@cache
def _chime(notes: tuple[tuple[int, float], ...], length_ms: int, rate: int) -> bytes:
    """`notes` are (when in ms, Hz); each rings on under the next."""
    chime = AudioSegment.silent(length_ms, frame_rate=rate)
    for at_ms, hertz in notes:
        note = AudioSegment(
            data=_note(hertz, length_ms - at_ms, rate), sample_width=2, frame_rate=rate, channels=1
        ).apply_gain(-7.0)
        chime = chime.overlay(note.fade_out(350), position=at_ms)
    levelled = chime.apply_gain(_LEVEL_DBFS - chime.dBFS)
    return bytes(levelled.raw_data)


def _note(hertz: float, length_ms: int, rate: int) -> bytes:
    count = length_ms * rate // 1000
    wave = [0.0] * count
    for multiple, amplitude, decay in _PARTIALS:
        _ring(wave, 2 * math.pi * hertz * multiple / rate, amplitude, math.exp(-decay / rate))
    _add_strike(wave, rate)
    attack = rate // 500
    for index in range(min(attack, count)):
        wave[index] *= index / attack
    loudest = max(abs(value) for value in wave)
    return array("h", (round(value / loudest * _PEAK) for value in wave)).tobytes()


def _ring(wave: list[float], step: float, amplitude: float, fall: float) -> None:
    """Add a decaying sine by its recurrence (three times as fast as asking for each sine), until it is inaudible."""
    last = min(len(wave), int(math.log(_INAUDIBLE / amplitude) / math.log(fall)))
    once, twice = 2 * fall * math.cos(step), fall * fall
    now, before = 0.0, -amplitude * math.sin(step) / fall
    for index in range(last):
        wave[index] += now
        now, before = once * now - twice * before, now


def _add_strike(wave: list[float], rate: int) -> None:
    """A short noise burst, from a fixed linear congruential generator: the same on every machine."""
    state, count = 12_345, int(_STRIKE_SECONDS * rate)
    for index in range(min(count, len(wave))):
        state = (1_103_515_245 * state + 12_345) % 2**31
        wave[index] += (state / 2**30 - 1) * 0.5 * (1 - index / count) ** 2
