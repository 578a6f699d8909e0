"""How long a programme will be before its sound is made: recordings as decoded, texts by their words. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from audio.parts import RECORDED, Part, PartKind, Programme, heard_ms
from audio.speech.utterances import utterances
from schedules.units import DurationMs, RecordingId

WORD_MS = 262
"""A written syllable of Vietnamese as the default voice reads it at its usual rate, pauses apart (measured)."""
_CHIME_MS: Final = {PartKind.CHIME: 2_600, PartKind.CLOSING: 2_200}
_JOINT_MS, _BETWEEN_MS = 350, 700
"""As `audio.chime` and `audio.segments` have them; a test holds the three together."""


@dataclass(frozen=True, slots=True)
class Length:
    """`known`: measured or fixed; else a guess, or nothing to go by (0 ms)."""

    duration: DurationMs
    known: bool


def text_length(spoken: str, rate: int = 100) -> Length:
    """Of a normalised text at `rate` per cent."""
    said = utterances(spoken)
    words = sum(len(each.text.split()) for each in said)
    return Length(DurationMs(words * WORD_MS * 100 // rate + sum(each.pause_ms for each in said)), known=False)


def part_length(part: Part, spoken: str, wholes: Mapping[RecordingId, DurationMs]) -> Length:
    """Of one part: `spoken` is its text normalised, `wholes` how long each recording is (0: not decoded yet)."""
    if part.kind in _CHIME_MS:
        return Length(DurationMs(_CHIME_MS[part.kind]), known=True)
    if part.kind is PartKind.PAUSE:
        return Length(DurationMs(part.pause_ms), known=True)
    if part.kind is PartKind.TEXT:
        return text_length(spoken, part.rate)
    whole = wholes.get(part.recording, DurationMs(0)) if part.recording else DurationMs(0)
    if not whole and part.cuts:
        return Length(DurationMs(sum(until - start for start, until in part.cuts)), known=False)
    return Length(heard_ms(part, whole), known=whole > 0)


def whole_length(programme: Programme, parts: Sequence[Length]) -> Length:
    """Of all parts with what is between them."""
    between = sum(_between(before, after) for before, after in zip(programme.parts, programme.parts[1:], strict=False))
    total = sum(part.duration for part in parts) + between
    return Length(DurationMs(total), known=all(part.known for part in parts))


def _between(before: Part, after: Part) -> int:
    if PartKind.PAUSE in (before.kind, after.kind):
        return 0
    bodies = RECORDED | {PartKind.TEXT}
    return _BETWEEN_MS if before.kind in bodies and after.kind in bodies else _JOINT_MS
