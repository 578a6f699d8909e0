"""What repositories give and take: frozen values, no rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NewType

from audio.parts import Programme
from protocol.messages import NO_LOUDNESS_CLU
from protocol.versions import Version
from schedules.model import Broadcast, BulletinState, ClipRef, Priority, Schedule
from schedules.states import PlaybackState, Reason
from schedules.units import (
    AreaId,
    BroadcastId,
    BulletinId,
    ClipId,
    DurationMs,
    GroupId,
    RecordingId,
    ScheduleId,
    SpeakerId,
    UtcMs,
)

TemplateId = NewType("TemplateId", str)
ChangeId = NewType("ChangeId", str)
"""What somebody asks to be approved."""


@dataclass(frozen=True, slots=True)
class User:
    id: str
    username: str
    display_name: str
    password_hash: str
    must_change_password: bool
    disabled: bool = False
    totp_secret: str = ""
    totp_on: bool = False
    totp_used: int = 0
    oidc_subject: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    token_hash: str
    user_id: str
    csrf_token: str
    made: UtcMs
    seen: UtcMs
    source: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True)
class Speaker:
    id: SpeakerId
    name: str
    public_key: str
    retired: bool = False
    revoked: bool = False
    """Its box is believed no more; the place waits for another."""


@dataclass(frozen=True, slots=True)
class Group:
    """A named set of speakers, kept by the staff of `area`; a retired one is offered to nobody any more."""

    id: GroupId
    name: str
    area: AreaId
    speakers: tuple[SpeakerId, ...]
    retired: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """The speaker is in `area` from … until (0: open)."""

    speaker: SpeakerId
    area: AreaId
    from_ms: UtcMs
    until_ms: UtcMs

    def covers(self, at: UtcMs) -> bool:
        return self.from_ms <= at and (self.until_ms == 0 or at < self.until_ms)


@dataclass(frozen=True, slots=True)
class HeardStatus:
    """The newest status of a speaker; `payload` as it came, `seen` by our clock."""

    speaker: SpeakerId
    online: bool
    at: UtcMs
    seen: UtcMs
    online_since: UtcMs
    boot_id: str
    payload: str


@dataclass(frozen=True, slots=True)
class Clip:
    """A prepared sound: how to fetch and check it, how loud it is, and its chunk index as it is published."""

    ref: ClipRef
    loudness_cdb: int
    true_peak_cdb: int
    index_payload: str

    @property
    def id(self) -> ClipId:
        return self.ref.id


@dataclass(frozen=True, slots=True)
class Content:
    """What a bulletin says on air, and the words behind it."""

    title: str
    text: str
    """As written; "" for a recording."""
    spoken: str
    """As the engine read it."""
    priority: Priority
    clips: tuple[ClipId, ...]


@dataclass(frozen=True, slots=True)
class Bulletin:
    id: BulletinId
    title: str
    field: int
    summary: str
    author: str
    source: str
    language: str
    priority: Priority
    state: BulletinState
    text: str
    spoken: str
    filename: str
    approved_by: str
    one_person: bool
    made: UtcMs
    made_by: str
    area: AreaId | None = None
    """Whose bulletin it is: the place of the person who wrote it."""
    version: int = 1
    edited: UtcMs = UtcMs(0)
    edited_by: str = ""


class RecordingKind(StrEnum):
    RECORDING = "recording"
    IDENT = "ident"
    MUSIC = "music"


@dataclass(frozen=True, slots=True)
class Recording:
    """A sound as it came, named by its bytes."""

    id: RecordingId
    size_bytes: int
    duration: DurationMs
    """As decoded; 0 until that was done."""
    filename: str
    title: str
    kind: RecordingKind
    area: AreaId | None
    """Of whoever handed it in first."""
    tags: tuple[str, ...]
    language: str
    expires: date | None
    """The last day on which it is offered; None: for ever."""
    verdict: Mapping[str, Any] | None
    """Of the checks on import; None: not checked."""
    made: UtcMs
    made_by: str


@dataclass(frozen=True, slots=True)
class Template:
    """A programme to begin bulletins from, kept by the staff of `area`; a retired one is offered to nobody."""

    id: TemplateId
    name: str
    area: AreaId | None
    programme: Programme
    retired: bool
    made: UtcMs
    made_by: str


@dataclass(frozen=True, slots=True)
class Job:
    """The preparation of one bulletin; `upload` names a file that a version of before was still to prepare."""

    bulletin: BulletinId
    state: str
    step: str
    percent: int
    error: str
    error_code: str
    upload: str
    part: int = 0
    """Which part is being made or has failed, from 1; -1: the music; 0: all of them."""
    replaced: tuple[tuple[str, str], ...] = ()
    """(label, code of `audio.speech.voice.FAILURES`) of voices in whose place the default one read."""


@dataclass(frozen=True, slots=True)
class Due:
    """A schedule of which something may have to be planned; without `schedule` its row cannot be read: `trouble`."""

    id: ScheduleId
    by: str
    schedule: Schedule | None
    trouble: Exception | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """A person ended a schedule."""

    at: UtcMs
    by: str


@dataclass(frozen=True, slots=True)
class Planned:
    """One broadcast as the controller keeps it: the occurrence, to whom, and where its newest revision stands."""

    broadcast: Broadcast
    schedule: ScheduleId
    bulletin: BulletinId
    title: str
    time_zone: str
    areas: tuple[AreaId, ...]
    speakers: tuple[SpeakerId, ...]
    excluded: tuple[SpeakerId, ...]
    version: Version
    cancelled: bool
    stopped: bool
    made: UtcMs
    """When the newest revision was made."""
    made_by: str
    occurrence: str = ""
    """Which occurrence of its schedule it is: the original local start, ISO 8601, with `/2`, `/3` … for its repeats."""
    superseded: bool = False
    """Cancelled because the schedule, its content or its places changed, not by a person."""

    @property
    def id(self) -> BroadcastId:
        return self.broadcast.id


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision of a document as it was sealed; `sha256` is of the signed bytes."""

    version: Version
    payload: str
    sha256: str
    expires: UtcMs


@dataclass(frozen=True, slots=True)
class Playback:
    broadcast: BroadcastId
    speaker: SpeakerId
    state: PlaybackState
    reason: Reason = Reason.NONE
    detail: str = ""
    held: Version = Version(0, 0)
    have: int = 0
    total: int = 0
    started_us: int = 0
    start_error_us: int = 0
    heard_ms: int = 0
    content_ms: int = 0
    frames: int = 0
    underruns: int = 0
    level_cdb: int = -12_000
    moved: UtcMs = UtcMs(0)
    ended_us: int = 0
    volume: int = 0
    loudness_clu: int = NO_LOUDNESS_CLU
    levels_db: tuple[int, ...] = ()
    levels_step_s: int = 1
    microphone: str = ""
    microphone_cdb: int = 0


@dataclass(frozen=True, slots=True)
class Dirty:
    """Outbox: this topic's current document has to be published; all rows up to `last` are settled by it."""

    topic: str
    rank: int
    last: int


@dataclass(frozen=True, slots=True)
class PlanDocument:
    version: Version
    entries_sha256: str
    payload: str
    expires: UtcMs


@dataclass(frozen=True, slots=True)
class ConfigDocument:
    version: Version
    content_sha256: str
    payload: str
