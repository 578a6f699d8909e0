"""What a bulletin is made of: an ordered list of parts and a music bed below some of them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from schedules.units import DurationMs, RecordingId

MOST_PARTS = 60
MOST_CUTS = 200
MOST_PAUSE_MS = 60_000
BED_CDB = -800
"""How much quieter than speech the music is while nobody speaks, in hundredths of a dB, unless it is said."""
QUIETEST_BED_CDB, LOUDEST_BED_CDB = -3_000, 0


class PartKind(StrEnum):
    IDENT = "ident"
    """The station's own mark: a recording that fades in and out."""
    CHIME = "chime"
    TEXT = "text"
    RECORDING = "recording"
    PAUSE = "pause"
    CLOSING = "closing"
    """The closing chime."""


RECORDED = frozenset({PartKind.IDENT, PartKind.RECORDING})


@dataclass(frozen=True, slots=True)
class Part:
    """One part; what its kind has no use for is empty."""

    kind: PartKind
    text: str = ""
    voice: str = ""
    """A name of `audio.speech.voices.VOICES`; "": the usual one."""
    second_voice: str = ""
    """Reads every other paragraph; "": nobody else reads."""
    rate: int = 100
    pitch: int = 100
    """Per cent of what is normal for the voice."""
    language: str = ""
    recording: RecordingId | None = None
    """None in a recorded part: it was made before recordings were kept."""
    cuts: tuple[tuple[int, int], ...] = ()
    """The ranges to be heard, in ms of the recording, from … until, rising; none: the whole."""
    pause_ms: int = 0
    bed: bool = False
    """The music bed is under it."""
    denoise: bool = False
    """The noise of a recording is reduced, which costs a little clearness."""


@dataclass(frozen=True, slots=True)
class Bed:
    """Music that runs under parts, beginning again when it ends; `level_cdb` as of BED_CDB."""

    recording: RecordingId
    level_cdb: int = BED_CDB


@dataclass(frozen=True, slots=True)
class Programme:
    """The parts in the order in which they are heard."""

    parts: tuple[Part, ...] = ()
    bed: Bed | None = None

    @property
    def simple(self) -> Part | None:
        """The one text or recording between the chimes, when that is all there is."""
        kinds = [part.kind for part in self.parts]
        if self.bed is not None or len(kinds) != 3 or (kinds[0], kinds[2]) != (PartKind.CHIME, PartKind.CLOSING):
            return None
        body = self.parts[1]
        return body if body.kind in (PartKind.TEXT, PartKind.RECORDING) else None

    @property
    def recordings(self) -> frozenset[RecordingId]:
        """Everything recorded that it needs."""
        found = {part.recording for part in self.parts if part.recording is not None}
        return frozenset(found | ({self.bed.recording} if self.bed else set()))


def simple(body: Part) -> Programme:
    """One text or one recording between the chimes."""
    return Programme((Part(PartKind.CHIME), body, Part(PartKind.CLOSING)))


def added(programme: Programme, part: Part, at: int) -> Programme:
    """With `part` as number `at` (from 0); beyond the end: as the last."""
    at = min(max(0, at), len(programme.parts))
    return replace(programme, parts=(*programme.parts[:at], part, *programme.parts[at:]))


def removed(programme: Programme, at: int) -> Programme:
    """Without number `at`; IndexError when there is none."""
    _require(programme, at)
    return replace(programme, parts=(*programme.parts[:at], *programme.parts[at + 1 :]))


def moved(programme: Programme, at: int, to: int) -> Programme:
    """Number `at` becomes number `to`, the others keep their order; IndexError when there is no such part."""
    _require(programme, at)
    return added(removed(programme, at), programme.parts[at], to)


def changed(programme: Programme, at: int, part: Part) -> Programme:
    """With `part` in the place of number `at`; IndexError when there is none."""
    _require(programme, at)
    return replace(programme, parts=(*programme.parts[:at], part, *programme.parts[at + 1 :]))


def _require(programme: Programme, at: int) -> None:
    if not 0 <= at < len(programme.parts):
        raise IndexError(f"no part {at} of {len(programme.parts)}")


def script(programme: Programme, titles: Mapping[RecordingId, str], recorded: str) -> str:
    """All that is said, as written, one part after the other; a recording is named by `recorded` with its title.

    Of a text between the chimes exactly the text, of a recording between them "".
    """
    body = programme.simple
    if body is not None:
        return body.text
    told = []
    for part in programme.parts:
        if part.kind is PartKind.TEXT:
            told.append(part.text.strip())
        elif part.kind is PartKind.RECORDING:
            told.append(recorded.format(titles.get(part.recording, "") if part.recording else ""))
    return "\n\n".join(told)


def heard_ms(part: Part, whole_ms: DurationMs) -> DurationMs:
    """How much of a recording `whole_ms` long its part plays."""
    if not part.cuts:
        return whole_ms
    return DurationMs(sum(max(0, min(until, whole_ms) - start) for start, until in part.cuts))
