"""The JSON shapes of programmes, their templates and recordings in API v1. Durations are milliseconds."""

from datetime import date
from typing import Annotated, Self

from pydantic import BaseModel, Field

from audio.parts import BED_CDB, LOUDEST_BED_CDB, MOST_CUTS, MOST_PARTS, MOST_PAUSE_MS, QUIETEST_BED_CDB, PartKind
from audio.parts import Bed as BedValue
from audio.parts import Part as PartValue
from audio.parts import Programme as ProgrammeValue
from audio.sources import Manner
from controller.desk.parts import ProgrammeView
from controller.desk.recording_shelf import Details, Shown
from controller.store.parts import part_json
from controller.store.values import RecordingKind
from controller.store.values import Template as TemplateValue
from controller.web.api.shapes import BulletinAbout, In
from schedules.units import RecordingId

Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Ms = Annotated[int, Field(ge=0, le=86_400_000)]
Cut = tuple[Ms, Ms]


class PartIn(In):
    """One part; what its kind has no use for is left out."""

    kind: PartKind
    text: Annotated[str, Field(max_length=200_000)] = ""
    voice: str = ""
    second_voice: str = ""
    rate: Annotated[int, Field(ge=Manner.LEAST_RATE, le=Manner.MOST_RATE)] = 100
    pitch: Annotated[int, Field(ge=Manner.LEAST_PITCH, le=Manner.MOST_PITCH)] = 100
    language: str = ""
    recording: Hash | None = None
    cuts: Annotated[list[Cut], Field(max_length=MOST_CUTS, default_factory=list)]
    pause_ms: Annotated[int, Field(ge=0, le=MOST_PAUSE_MS)] = 0
    bed: bool = False
    """The music is under it."""
    denoise: bool = False
    """The noise of the recording is reduced."""

    def value(self) -> PartValue:
        return PartValue(
            self.kind,
            text=self.text,
            voice=self.voice,
            second_voice=self.second_voice,
            rate=self.rate,
            pitch=self.pitch,
            language=self.language,
            recording=None if self.recording is None else RecordingId(self.recording),
            cuts=tuple(self.cuts),
            pause_ms=self.pause_ms,
            bed=self.bed,
            denoise=self.denoise,
        )

    @classmethod
    def of(cls, part: PartValue) -> Self:
        return cls.model_validate(part_json(part))


class BedIn(In):
    """Music below; `level_cdb`: hundredths of a dB against speech while nobody speaks."""

    recording: Hash
    level_cdb: Annotated[int, Field(ge=QUIETEST_BED_CDB, le=LOUDEST_BED_CDB)] = BED_CDB

    @classmethod
    def of(cls, bed: BedValue | None) -> Self | None:
        return None if bed is None else cls(recording=bed.recording, level_cdb=bed.level_cdb)


class ProgrammeIn(In):
    parts: Annotated[list[PartIn], Field(max_length=MOST_PARTS)]
    bed: BedIn | None = None

    def value(self) -> ProgrammeValue:
        bed = BedValue(RecordingId(self.bed.recording), self.bed.level_cdb) if self.bed else None
        return ProgrammeValue(tuple(part.value() for part in self.parts), bed)


class ProgrammeEdit(ProgrammeIn):
    """`version`: of the bulletin, as it was when the edit began. `prepare`: make the sound at once."""

    version: Annotated[int, Field(ge=1, le=999_999_999)]
    prepare: bool = True


class ProgrammeBulletin(BulletinAbout, ProgrammeIn):
    """A new bulletin of parts."""

    prepare: bool = True


class FromTemplate(BulletinAbout):
    template: str


class PartLength(BaseModel):
    duration_ms: int
    known: bool
    """False: estimated by the number of words, or not decoded yet."""
    lacks: str
    """What is missing before the sound can be made: text, recording, or nothing."""
    expired: bool
    """Its recording is offered no more."""


class Programme(BaseModel):
    bulletin: str
    version: int
    parts: list[PartIn]
    bed: BedIn | None
    lengths: list[PartLength]
    duration_ms: int
    duration_known: bool
    session_cap_ms: int | None
    """How long a session may be where the bulletin belongs."""

    @classmethod
    def of(cls, view: ProgrammeView) -> Self:
        lengths = [
            PartLength(
                duration_ms=each.length.duration, known=each.length.known, lacks=each.lacks, expired=each.expired
            )
            for each in view.parts
        ]
        return cls(
            bulletin=view.bulletin.id,
            version=view.bulletin.version,
            parts=[PartIn.of(part) for part in view.programme.parts],
            bed=BedIn.of(view.programme.bed),
            lengths=lengths,
            duration_ms=view.length.duration,
            duration_known=view.length.known,
            session_cap_ms=view.cap,
        )


class TemplateIn(ProgrammeIn):
    name: str


class Template(BaseModel):
    id: str
    name: str
    area: str | None
    parts: list[PartIn]
    bed: BedIn | None

    @classmethod
    def of(cls, template: TemplateValue) -> Self:
        programme = template.programme
        return cls(
            id=template.id,
            name=template.name,
            area=template.area,
            parts=[PartIn.of(part) for part in programme.parts],
            bed=BedIn.of(programme.bed),
        )


class RecordingIn(In):
    """What is said of a recording; its bytes never change."""

    title: str
    kind: RecordingKind = RecordingKind.RECORDING
    tags: Annotated[list[str], Field(default_factory=list)]
    language: str = ""
    expires: date | None = None
    """The last day on which it is offered."""

    def details(self) -> Details:
        return Details(self.title, self.kind, tuple(dict.fromkeys(self.tags)), self.language, self.expires)


class UsedIn(BaseModel):
    bulletin: str
    title: str
    state: str


class Recording(BaseModel):
    id: str
    title: str
    filename: str
    kind: RecordingKind
    size_bytes: int
    duration_ms: int
    """As decoded; 0 until that was done."""
    tags: list[str]
    language: str
    expires: date | None
    expired: bool
    used_in: list[UsedIn]

    @classmethod
    def of(cls, shown: Shown) -> Self:
        recording = shown.recording
        used = [UsedIn(bulletin=each, title=title, state=state.value) for each, title, state in shown.uses.bulletins]
        return cls(
            id=recording.id,
            title=recording.title,
            filename=recording.filename,
            kind=recording.kind,
            size_bytes=recording.size_bytes,
            duration_ms=recording.duration,
            tags=list(recording.tags),
            language=recording.language,
            expires=recording.expires,
            expired=shown.expired,
            used_in=used,
        )
