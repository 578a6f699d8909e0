"""The parts of a programme as sound: levelled bodies on disk, short segments by pydub, joined into one stream."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from audio import chime
from audio.cutting import faded
from audio.ducking import Span, Track, with_bed
from audio.intake import Raw
from audio.level import LIMIT_DBFS, Setting, condition, limited, settle
from audio.sources import RATE, SAMPLE_BYTES, Step

_MS_BYTES = RATE // 1000 * SAMPLE_BYTES
BETWEEN_MS = 700
"""Silence between two items."""
_IDENT_IN_MS, _IDENT_OUT_MS = 30, 600


@dataclass(frozen=True, slots=True)
class Body:
    """A conditioned body on disk with the setting that brings it to the target. `fades`: as an ident does."""

    file: Path
    setting: Setting
    fades: bool = False
    bed: bool = False

    @property
    def size(self) -> int:
        """Bytes of its sound, filled up to a whole millisecond."""
        length = self.file.stat().st_size
        return length + -length % _MS_BYTES


@dataclass(frozen=True, slots=True)
class Short:
    """A chime or a pause: s16 mono 48 kHz. `pause`: nothing else is needed between its neighbours."""

    pcm: bytes
    bed: bool = False
    pause: bool = False

    @property
    def size(self) -> int:
        return len(self.pcm)


Segment = Body | Short


@dataclass(frozen=True, slots=True)
class Whole:
    """All segments in order, with the music below those that have it."""

    segments: tuple[Segment, ...]
    track: Track | None = None

    @property
    def size(self) -> int:
        return sum(segment.size for segment in jointed(self.segments))


def levelled(
    raw: Raw, into: Path, tell: Callable[[Step, int], None], *, fades: bool = False, bed: bool = False
) -> Body:
    """Condition `raw` into `into` and find its setting; `raw` is used up (deleted)."""
    measured = condition(raw.file, into, raw.peak_cdb, lambda share: tell(Step.LEVEL, share * 7 // 10), raw.filters)
    raw.file.unlink()
    setting = settle(into, measured, LIMIT_DBFS, lambda share: tell(Step.LEVEL, 70 + share * 3 // 10))
    return Body(into, setting, fades, bed)


def opening(*, bed: bool = False) -> Short:
    return Short(chime.opening_pcm(), bed)


def closing(*, bed: bool = False) -> Short:
    return Short(chime.closing_pcm(), bed)


def pause(milliseconds: int, *, bed: bool = False) -> Short:
    return Short(chime.silence_pcm(milliseconds), bed, pause=True)


def jointed(segments: Sequence[Segment]) -> Iterator[Segment]:
    """With the silence between each two of them, which has music when both have."""
    before: Segment | None = None
    for segment in segments:
        if before is not None and not any(isinstance(each, Short) and each.pause for each in (before, segment)):
            between = BETWEEN_MS if isinstance(before, Body) and isinstance(segment, Body) else chime.JOINT_MS
            yield pause(between, bed=before.bed and segment.bed)
        yield segment
        before = segment


def spans(segments: Sequence[Segment]) -> tuple[Span, ...]:
    """Where in the whole the music runs: neighbours that have it are one span."""
    found: list[Span] = []
    at = 0
    for segment in jointed(segments):
        until = at + segment.size
        if segment.bed and found and found[-1][1] == at:
            found[-1] = (found[-1][0], until)
        elif segment.bed:
            found.append((at, until))
        at = until
    return tuple(found)


def stream(whole: Whole, correction: Setting) -> Iterator[bytes]:
    """What goes to the encoder. `correction`: the gain beside each body's own, and the limit of all."""
    blocks = (block for segment in jointed(whole.segments) for block in _blocks(segment, correction))
    yield from with_bed(blocks, spans(whole.segments), whole.track)


def _blocks(segment: Segment, correction: Setting) -> Iterator[bytes]:
    if isinstance(segment, Short):
        yield segment.pcm
        return
    setting = replace(correction, gain_db=segment.setting.gain_db + correction.gain_db)
    body, length = limited(segment.file, setting), 0
    for block in faded(body, _IDENT_IN_MS, _IDENT_OUT_MS) if segment.fades else body:
        length += len(block)
        yield block
    yield bytes(-length % _MS_BYTES)
