"""The JSON shapes of API v1, and how the desk's values become them. Times are UTC milliseconds."""

from dataclasses import asdict, replace
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from audio.sources import Manner, VoiceChoice
from controller.desk.values import (
    AreaNode,
    BroadcastLine,
    BroadcastView,
    BulletinView,
    ClipView,
    NewBulletin,
    PlaybackView,
    SpeakerView,
)
from controller.desk.values import Check as CheckOfDesk
from controller.desk.voices import replaced_sentences
from schedules.model import Priority
from schedules.playhead import ClockTrust


def _priority(value: object) -> object:
    """1, 2, 3 or "emergency", "priority", "normal"."""
    return Priority[value.upper()] if isinstance(value, str) and value.upper() in Priority.__members__ else value


PriorityIn = Annotated[Priority, BeforeValidator(_priority)]


class In(BaseModel):
    """What comes in: an unknown field is an error, so that a misspelt one is not silently ignored."""

    model_config = ConfigDict(extra="forbid")


class SignIn(In):
    username: str
    password: str
    code: str = ""
    """Of the second factor, where the account has one."""


class PasswordChange(In):
    old: str
    new: str


class Session(BaseModel):
    csrf_token: str
    must_change_password: bool
    username: str
    display_name: str


class Area(BaseModel):
    id: str
    parent: str | None
    name: str
    kind: str
    full_name: str
    code: str
    speakers: int
    children: list["Area"]

    @classmethod
    def of(cls, node: AreaNode) -> "Area":
        area = node.area
        return cls(
            id=area.id,
            parent=area.parent,
            name=area.name,
            kind=area.kind,
            full_name=area.full_name,
            code=area.code,
            speakers=node.speakers,
            children=[cls.of(child) for child in node.children],
        )


class Speaker(BaseModel):
    id: str
    name: str
    area: str
    area_name: str
    online: bool
    last_seen_ms: int | None
    now_playing: str | None
    now_playing_title: str
    volume: int
    clock: str
    """As it said when it was last seen: synced, held or unknown; then where its time is from, by how much it may be
    wrong, and by how much its system's clock is ahead of it (null while it is unknown)."""
    clock_source: str
    clock_error_ms: int | None
    clock_system_ms: int | None
    agent_version: str
    alarms: list[str]

    @classmethod
    def of(cls, view: SpeakerView) -> Self:
        return cls(
            id=view.id,
            name=view.name,
            area=view.area,
            area_name=view.area_name,
            online=view.online,
            last_seen_ms=view.last_seen,
            now_playing=view.now_playing,
            now_playing_title=view.now_playing_title,
            volume=view.volume,
            clock=view.clock,
            clock_source=view.clock_source,
            clock_error_ms=None if view.clock == ClockTrust.UNKNOWN else view.clock_error_ms,
            clock_system_ms=None if view.clock == ClockTrust.UNKNOWN else view.clock_system_ms,
            agent_version=view.agent_version,
            alarms=list(view.alarms),
        )


class BulletinAbout(In):
    """What is said about a bulletin; the content comes beside it."""

    title: str
    field: int = Field(default=1, ge=1, le=6)
    summary: str = ""
    author: str = ""
    source: str = ""
    language: str = "vi"
    priority: PriorityIn = Priority.NORMAL

    def about(self) -> NewBulletin:
        return NewBulletin(
            title=self.title.strip(),
            field=self.field,
            summary=self.summary,
            author=self.author,
            source=self.source,
            language=self.language,
            priority=self.priority,
        )


class TextBulletin(BulletinAbout):
    """`voice` "": the usual one of the place; `rate` and `pitch` in per cent of what is normal for it."""

    text: str
    voice: str = ""
    second_voice: str = ""
    rate: int = Field(default=100, ge=Manner.LEAST_RATE, le=Manner.MOST_RATE)
    pitch: int = Field(default=100, ge=Manner.LEAST_PITCH, le=Manner.MOST_PITCH)

    def about(self) -> NewBulletin:
        voice = VoiceChoice(self.voice, self.second_voice, self.rate, self.pitch) if self.voice else None
        return replace(super().about(), voice=voice)


def _whole(text: str) -> str:
    """No half of a character (a lone surrogate), which no answer could give back."""
    text.encode()
    return text


WholeText = Annotated[str, AfterValidator(_whole)]


class SpokenIn(In):
    text: WholeText


class Preparation(BaseModel):
    state: str
    step: str
    percent: int
    error: str
    error_code: str
    replaced: list[str]
    """Sentences: which voices failed, so that the default one read in their place."""


class Clip(BaseModel):
    id: str
    size_bytes: int
    duration_ms: int
    loudness_lufs: float
    true_peak_dbtp: float
    audio: str

    @classmethod
    def of(cls, view: ClipView) -> Self:
        return cls(
            id=view.id,
            size_bytes=view.size_bytes,
            duration_ms=view.duration,
            loudness_lufs=view.loudness_cdb / 100,
            true_peak_dbtp=view.true_peak_cdb / 100,
            audio=f"/api/v1/clips/{view.id}/audio",
        )


class Finding(BaseModel):
    """What was found in a recording. `severity`: refuse, warn, note or done; `measured` whole numbers by name."""

    code: str
    severity: str
    sentence: str
    what_to_do: str
    measured: dict[str, int]


class Check(BaseModel):
    """The checks on import of one recorded part (from 1; -1: the music)."""

    part: int
    title: str
    findings: list[Finding]

    @classmethod
    def of(cls, check: CheckOfDesk) -> Self:
        return cls(part=check.part, title=check.title, findings=[Finding(**asdict(each)) for each in check.findings])


class Bulletin(BaseModel):
    id: str
    title: str
    field: int
    summary: str
    author: str
    source: str
    language: str
    priority: int
    state: str
    text: str
    spoken: str
    filename: str
    preparation: Preparation
    clips: list[Clip]
    checks: list[Check] = Field(description="Of its recordings; empty in lists of bulletins.")
    duration_ms: int
    created_ms: int
    created_by: str
    version: int
    edited_ms: int
    edited_by: str

    @classmethod
    def of(cls, view: BulletinView) -> Self:
        made = view.preparation
        return cls(
            id=view.id,
            title=view.title,
            field=view.field,
            summary=view.summary,
            author=view.author,
            source=view.source,
            language=view.language,
            priority=view.priority,
            state=view.state,
            text=view.text,
            spoken=view.spoken,
            filename=view.filename,
            preparation=Preparation(
                state=made.state,
                step=made.step,
                percent=made.percent,
                error=made.error,
                error_code=made.error_code,
                replaced=list(replaced_sentences(made.replaced)),
            ),
            clips=[Clip.of(clip) for clip in view.clips],
            checks=[Check.of(check) for check in view.checks],
            duration_ms=view.duration,
            created_ms=view.created,
            created_by=view.created_by,
            version=view.version,
            edited_ms=view.edited,
            edited_by=view.edited_by,
        )


class Playback(BaseModel):
    speaker: str
    speaker_name: str
    area_name: str
    state: str
    reason: str
    detail: str
    have: int
    total: int
    started_ms: int | None
    start_error_ms: float | None
    heard_ms: int
    content_ms: int
    level_dbfs: float | None
    underruns: int
    online: bool
    holds_newest: bool
    ended_ms: int | None
    played_volume: int | None
    loudness_lufs: float | None
    levels_dbfs: Annotated[list[int], Field(description="RMS of each `levels_step_s` seconds that came out")]
    levels_step_s: int
    microphone: Annotated[
        str, Field(description='heard, unheard, unclear: the speaker\'s own microphone; "" when it was not asked')
    ]
    microphone_db: Annotated[float | None, Field(description="level at the microphone less the level put out")]

    @classmethod
    def of(cls, view: PlaybackView) -> Self:
        return cls(
            speaker=view.speaker,
            speaker_name=view.speaker_name,
            area_name=view.area_name,
            state=view.state,
            reason=view.reason,
            detail=view.detail,
            have=view.have,
            total=view.total,
            started_ms=view.started,
            start_error_ms=None if view.start_error_us is None else view.start_error_us / 1000,
            heard_ms=view.heard,
            content_ms=view.content,
            level_dbfs=None if view.level_cdb is None else view.level_cdb / 100,
            underruns=view.underruns,
            online=view.online,
            holds_newest=view.holds_newest,
            ended_ms=view.ended,
            played_volume=view.played_volume,
            loudness_lufs=None if view.loudness_clu is None else view.loudness_clu / 100,
            levels_dbfs=list(view.levels_db),
            levels_step_s=view.levels_step_s,
            microphone=view.microphone,
            microphone_db=view.microphone_cdb / 100 if view.microphone == "heard" else None,
        )


class Broadcast(BaseModel):
    id: str
    bulletin: str
    schedule: str
    title: str
    priority: int
    phase: str
    start_ms: int
    latest_start_ms: int
    hard_end_ms: int
    time_zone: str
    duration_ms: int
    volume: int
    places_sentence: str
    epoch: int
    revision: int
    cancelled: bool
    stopped: bool
    playbacks: list[Playback]

    @classmethod
    def of(cls, view: BroadcastView) -> Self:
        return cls(
            id=view.id,
            bulletin=view.bulletin,
            schedule=view.schedule,
            title=view.title,
            priority=view.priority,
            phase=view.phase,
            start_ms=view.start,
            latest_start_ms=view.latest_start,
            hard_end_ms=view.hard_end,
            time_zone=view.time_zone,
            duration_ms=view.duration,
            volume=view.volume,
            places_sentence=view.places_sentence,
            epoch=view.epoch,
            revision=view.revision,
            cancelled=view.cancelled,
            stopped=view.stopped,
            playbacks=[Playback.of(playback) for playback in view.playbacks],
        )


class Line(BaseModel):
    id: str
    title: str
    priority: int
    phase: str
    start_ms: int
    time_zone: str
    duration_ms: int
    places_sentence: str
    counts: dict[str, int]

    @classmethod
    def of(cls, view: BroadcastLine) -> Self:
        return cls(
            id=view.id,
            title=view.title,
            priority=view.priority,
            phase=view.phase,
            start_ms=view.start,
            time_zone=view.time_zone,
            duration_ms=view.duration,
            places_sentence=view.places_sentence,
            counts={state.value: count for state, count in view.counts},
        )


class Problem(BaseModel):
    """RFC 9457 problem details; `detail` is a Vietnamese sentence for a person, `code` is for programs."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    field: str | None = None
    errors: list[dict[str, str]] | None = None
