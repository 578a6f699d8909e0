"""What goes into and comes out of the desk: orders from people and views for people. Frozen, no ORM."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import NamedTuple

from audio.sources import VoiceChoice
from controller.rights import Grant
from schedules.model import Area, BulletinState, Priority, StartRule, Targets
from schedules.states import PlaybackState, Reason
from schedules.units import (
    AreaId,
    BroadcastId,
    BulletinId,
    ClipId,
    DurationMs,
    Percent,
    ScheduleId,
    SpeakerId,
    UtcMs,
)

FIELDS: dict[int, str] = {
    1: "Thông tin chung",
    2: "Thông tin đột xuất",
    3: "Đường lối, chủ trương của Đảng, chính sách, pháp luật của Nhà nước",
    4: "Chỉ đạo, điều hành của cấp ủy, chính quyền cơ sở",
    5: "Kiến thức khoa học, kỹ thuật, kinh tế, văn hóa, xã hội",
    6: "Gương người tốt, việc tốt, điển hình tiên tiến",
}
"""LoaiLinhVuc of the ministry interface (guidance 2455/BTTTT-TTCS v2.0)."""


@dataclass(frozen=True, slots=True)
class NewBulletin:
    """What staff say about a bulletin. The content comes beside it: a text or an uploaded file."""

    title: str
    field: int = 1
    summary: str = ""
    author: str = ""
    source: str = ""
    language: str = "vi"
    priority: Priority = Priority.NORMAL
    area: AreaId | None = None
    """Whose bulletin it is; None: of the first place of whoever makes it."""
    voice: VoiceChoice | None = None
    """Who reads its text; None: the usual one of that place."""


class PreparationState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    EDITED = "edited"
    """Its parts were put together or changed; the sound is made when somebody asks for it."""


@dataclass(frozen=True, slots=True)
class Preparation:
    """How far the making of the clip is; `error` is a sentence for the person, in Vietnamese."""

    state: PreparationState
    step: str
    percent: int
    error: str = ""
    error_code: str = ""
    replaced: tuple[tuple[str, str], ...] = ()
    """(label, code) of voices in whose place the default one read."""


@dataclass(frozen=True, slots=True)
class ClipView:
    id: ClipId
    size_bytes: int
    duration: DurationMs
    loudness_cdb: int
    true_peak_cdb: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found in a recording, or done about it; codes and severities of `audio.verdicts`."""

    code: str
    severity: str
    sentence: str
    what_to_do: str
    measured: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Check:
    """What was found in the recording of part `part` (from 1; -1: the music)."""

    part: int
    title: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class BulletinView:
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
    """As written; "" for an uploaded recording."""
    spoken: str
    """As the engine reads it."""
    filename: str
    preparation: Preparation
    clips: tuple[ClipView, ...]
    created: UtcMs
    created_by: str
    version: int = 1
    """Rises with each edit; an edit names the one it began from."""
    edited: UtcMs = UtcMs(0)
    edited_by: str = ""
    checks: tuple[Check, ...] = ()
    """Of its recordings; where one bulletin is looked at."""

    @property
    def duration(self) -> DurationMs:
        return DurationMs(sum(clip.duration for clip in self.clips))


class WhenKind(StrEnum):
    NOW = "now"
    ONCE = "once"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    WORDS = "words"
    RULE = "rule"


@dataclass(frozen=True, slots=True)
class When:
    """The time as people choose it, in the area's local time. `weekdays`: 0 = Monday.

    now: nothing else. once: `day`, `at`. daily: from `day` at `at`, to `until` (inclusive) or `count` days, both
    optional. weekly: the same on `weekdays`. monthly: on `month_days` (-1 is the last). words: as `words` say it
    (schedules.spoken_rules), repeats and holidays too. rule: from `day` at `at` as `rrule` (RFC 5545) says.
    `times`: further times of each day.
    """

    kind: WhenKind
    day: date | None = None
    at: time | None = None
    weekdays: tuple[int, ...] = ()
    until: date | None = None
    times: tuple[time, ...] = ()
    month_days: tuple[int, ...] = ()
    count: int | None = None
    words: str = ""
    rrule: str = ""


@dataclass(frozen=True, slots=True)
class NewSchedule:
    bulletin: BulletinId
    when: When
    targets: Targets
    priority: Priority = Priority.NORMAL
    volume: Percent = Percent(80)
    rule: StartRule | None = None
    """None: from_start for an emergency or "now", join otherwise."""
    confirmed_places: str = ""
    """For an emergency: the places as `Understanding.places_sentence` names them, confirmed by the person."""
    repeats: int = 1
    gap: DurationMs = DurationMs(0)
    """Between two repeats."""
    skip_holidays: bool = False
    order: int = 0
    """Among equal priority and start the lower plays first."""
    at_most: DurationMs = DurationMs(0)
    """Cut off so long after each start; 0: not."""
    instead: tuple[ScheduleId, ...] = ()
    """Schedules whose occurrences that meet this one do not happen."""


class Scheduled(NamedTuple):
    """What became of an order: on air at once, or a change that waits for its approval."""

    schedule: ScheduleId
    broadcasts: tuple[BroadcastId, ...]
    change: str = ""
    state: BulletinState = BulletinState.APPROVED


@dataclass(frozen=True, slots=True)
class Choice:
    """One way out of a conflict. `name` is `after` (value "17:00:00>17:35": that time becomes this one), `order`
    (the order among equals), `at_most` (cut off so many milliseconds after its start) or `instead` (the schedule whose
    occurrences make way)."""

    name: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Clash:
    """Two programmes at one time on the same speakers, as a sentence, and what can be done about it."""

    sentence: str
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Understanding:
    """What the system understood, before anything is sent."""

    sentence: str
    """Vietnamese, one sentence: what, where, when, how loud, how long."""
    places_sentence: str
    speakers: int
    time_zone: str
    starts: tuple[datetime, ...]
    """The next starts (at most ten), local, aware."""
    needs_confirmation: bool
    rrule: str = ""
    first_tonight: str = ""
    """Sentence: the first sound between 18:00 today and 06:00 tomorrow at these speakers, whatever it is."""
    clashes: tuple[Clash, ...] = ()
    night: bool = False
    """It sounds between 21:00 and 05:00 where a second person must confirm that."""
    makes_way: tuple[str, ...] = ()
    """Sentences: what else does not happen for it."""
    at_once: bool = True
    """Goes on air when it is sent; else it waits for somebody's approval."""


@dataclass(frozen=True, slots=True)
class ScheduleView:
    """A schedule as it stands now."""

    id: ScheduleId
    bulletin: BulletinId
    title: str
    words: str
    """Vietnamese, when it is heard, without a full stop."""
    recurring: bool
    places_sentence: str
    time_zone: str
    starts: tuple[datetime, ...]
    """The next starts (at most ten) that are not cancelled, local, aware; none when it was ended."""
    ended: UtcMs | None
    """When a person ended it."""
    ended_by: str


@dataclass(frozen=True, slots=True)
class AreaNode:
    area: Area
    depth: int
    speakers: int
    """Speakers in this area and below it."""
    children: tuple["AreaNode", ...]


@dataclass(frozen=True, slots=True)
class SpeakerView:
    id: SpeakerId
    name: str
    area: AreaId
    area_name: str
    online: bool
    last_seen: UtcMs | None
    now_playing: BroadcastId | None
    now_playing_title: str
    volume: int
    clock: str
    """How far it trusts its clock; then where that is from, how wrong it may be, and how far its system's is ahead."""
    clock_source: str
    clock_error_ms: int
    clock_system_ms: int
    agent_version: str
    revoked: bool = False
    """Its box was put out; the place waits for another."""
    alarms: tuple[str, ...] = ()
    """What must be mended at the box, in the words of its status; none while it is away."""


@dataclass(frozen=True, slots=True)
class PlaybackView:
    speaker: SpeakerId
    speaker_name: str
    area_name: str
    state: PlaybackState
    reason: Reason
    detail: str
    have: int
    total: int
    """Chunks on the speaker's disk, of all; while accepted this is the download's progress."""
    started: UtcMs | None
    start_error_us: int | None
    heard: DurationMs
    content: DurationMs
    level_cdb: int | None
    underruns: int
    online: bool
    holds_newest: bool
    """The speaker has confirmed the newest revision (so: a cancel or stop has reached it)."""
    ended: UtcMs | None = None
    """When the last of it left the output; None until it is over."""
    played_volume: Percent | None = None
    """At which it came out, after the limits of the place and of the box."""
    loudness_clu: int | None = None
    """Hundredths of LUFS of all that came out; None when there was nothing to measure."""
    levels_db: tuple[int, ...] = ()
    """RMS of each `levels_step_s` seconds that came out, whole dB to full scale."""
    levels_step_s: int = 1
    microphone: str = ""
    """heard, unheard, unclear; "" when no microphone was asked."""
    microphone_cdb: int = 0
    """Level at the microphone less the level put out, where it was heard."""


class BroadcastPhase(StrEnum):
    """Where a broadcast as a whole stands, from its times and its playbacks."""

    COMING = "coming"
    PLAYING = "playing"
    OVER = "over"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class BroadcastView:
    id: BroadcastId
    bulletin: BulletinId
    schedule: ScheduleId
    title: str
    priority: Priority
    phase: BroadcastPhase
    start: UtcMs
    latest_start: UtcMs
    hard_end: UtcMs
    time_zone: str
    duration: DurationMs
    volume: Percent
    places_sentence: str
    epoch: int
    revision: int
    cancelled: bool
    stopped: bool
    playbacks: tuple[PlaybackView, ...]

    def count(self, *states: PlaybackState) -> int:
        return sum(1 for playback in self.playbacks if playback.state in states)


@dataclass(frozen=True, slots=True)
class BroadcastLine:
    """One line of the day: a broadcast with its counts by playback state."""

    id: BroadcastId
    title: str
    priority: Priority
    phase: BroadcastPhase
    start: UtcMs
    time_zone: str
    duration: DurationMs
    places_sentence: str
    counts: tuple[tuple[PlaybackState, int], ...]


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in."""

    id: str
    username: str
    display_name: str
    must_change_password: bool
    grants: tuple[Grant, ...] = ()
    source: str = ""
    """The address they speak from; for the audit."""
    language: str = ""
    """What they chose to read, "" for what the browser asks for."""
