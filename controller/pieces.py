"""From a bulletin's programme to the pieces that are prepared, and back: how long each recording really is."""

from collections.abc import Iterator, Mapping

from audio.clips import RecordingStore
from audio.parts import RECORDED, Part, PartKind, Programme
from audio.refusals import bad_sound
from audio.sources import (
    BED,
    DEFAULT_VOICE,
    BedSource,
    ChimeSource,
    Cleaning,
    FileSource,
    PauseSource,
    Piece,
    Source,
    TextSource,
    VoiceChoice,
)
from audio.speech.readings import NONE, Readings
from schedules.units import DurationMs, RecordingId


def as_pieces(
    programme: Programme, files: RecordingStore, names: Mapping[RecordingId, str], readings: Readings = NONE
) -> tuple[list[Piece], BedSource | None]:
    """The pieces and the bed; BadSound `recording-gone` for a part whose recording was never kept."""
    pieces = []
    for number, part in enumerate(programme.parts, 1):
        if part.kind in RECORDED and part.recording is None:
            gone = bad_sound("recording-gone")
            gone.part = number
            raise gone
        pieces.append(Piece(_source(part, files, names, readings), part.bed and programme.bed is not None))
    if programme.bed is None:
        return pieces, None
    bed = programme.bed
    return pieces, BedSource(files.path(bed.recording), names.get(bed.recording, ""), bed.level_cdb)


def _source(part: Part, files: RecordingStore, names: Mapping[RecordingId, str], readings: Readings) -> Source:
    match part.kind:
        case PartKind.CHIME | PartKind.CLOSING:
            return ChimeSource(closing=part.kind is PartKind.CLOSING)
        case PartKind.PAUSE:
            return PauseSource(part.pause_ms)
        case PartKind.TEXT:
            voice = VoiceChoice(part.voice or DEFAULT_VOICE, part.second_voice, part.rate, part.pitch)
            return TextSource(part.text, voice, readings.table)
    assert part.recording is not None, "as_pieces has looked"
    ident = part.kind is PartKind.IDENT
    cleaning = Cleaning(denoise=part.denoise)
    return FileSource(files.path(part.recording), names.get(part.recording, ""), part.cuts, ident, cleaning)


def lengths(programme: Programme, decoded_ms: Mapping[int, int]) -> Iterator[tuple[RecordingId, DurationMs]]:
    """How long each recording really is, from what was decoded by the number of its part."""
    for number, milliseconds in decoded_ms.items():
        if number == BED and programme.bed is not None:
            yield programme.bed.recording, DurationMs(milliseconds)
        elif number != BED and (recording := programme.parts[number - 1].recording) is not None:
            yield recording, DurationMs(milliseconds)
