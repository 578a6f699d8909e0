"""The words of the schedule as frozen values: area, schedule, broadcast and what they are made of."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import IntEnum, StrEnum

from schedules.units import (
    AreaId,
    BroadcastId,
    BulletinId,
    ClipId,
    DurationMs,
    GroupId,
    Percent,
    ScheduleId,
    SpeakerId,
    UtcMs,
)


class Priority(IntEnum):
    """The three priorities of Circular 39/2020/TT-BTTTT, numbered as the ministry's interface does."""

    EMERGENCY = 1
    PRIORITY = 2
    NORMAL = 3


class StartRule(StrEnum):
    """What a speaker that begins late does."""

    JOIN = "join"
    """Play where the clock says its neighbours are."""
    FROM_START = "from_start"
    """Play the whole of it, if the latest start has not passed."""


class BulletinState(StrEnum):
    DRAFT = "draft"
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class QuietHours:
    """A daily local interval in which only an emergency sounds; `begin` > `end` crosses midnight."""

    begin: time
    end: time


@dataclass(frozen=True, slots=True)
class VolumeHours:
    """A daily local interval in which nothing but an emergency is louder than `most`; it may cross midnight."""

    begin: time
    end: time
    most: Percent


@dataclass(frozen=True, slots=True)
class AreaSettings:
    """Settings of one area; None means: as the area above."""

    time_zone: str | None = None
    quiet_hours: tuple[QuietHours, ...] | None = None
    volume_max_percent: Percent | None = None
    """Louder is refused."""
    volume_hours: tuple[VolumeHours, ...] | None = None
    """In these hours what is louder is turned down."""
    session_cap: DurationMs | None = None
    """The longest that sound may last without a pause of `schedules.rails.SESSION_PAUSE`."""
    daily_cap: DurationMs | None = None
    """The most sound in one local day."""
    weekdays: tuple[int, ...] | None = None
    """Local weekdays (0 = Monday) on which something may sound."""
    night_allowed: bool | None = None
    """What sounds between 21:00 and 05:00 needs no second person."""
    one_person_station: bool | None = None
    """An author may approve what they wrote themselves; recorded each time."""


@dataclass(frozen=True, slots=True)
class Area:
    """A node of the tree of places. Valid from `valid_from` up to but not including `valid_until`."""

    id: AreaId
    parent: AreaId | None
    name: str
    kind: str
    """The administrative kind as people say it, e.g. "thị trấn", "xã", "huyện"; "" where there is none."""
    valid_from: date
    valid_until: date | None = None
    code: str = ""
    """GSO code, kept as text because of leading zeros; "" where there is none."""
    settings: AreaSettings = AreaSettings()

    @property
    def full_name(self) -> str:
        """Kind and name: thị trấn Đầm Hà is not xã Đầm Hà."""
        return f"{self.kind} {self.name}".strip()


@dataclass(frozen=True, slots=True)
class Targets:
    """Where a schedule is heard. A speaker is addressed if it is named, in a named group, or at or below an area."""

    areas: tuple[AreaId, ...] = ()
    speakers: tuple[SpeakerId, ...] = ()
    groups: tuple[GroupId, ...] = ()
    """The controller puts a group's speakers in its place before anything is signed; no box knows groups."""


@dataclass(frozen=True, slots=True)
class ClipRef:
    """One clip inside a broadcast: what to fetch, how to check it, how long it sounds."""

    id: ClipId
    size_bytes: int
    duration: DurationMs
    index_sha256: str
    """SHA-256 (hex) of the canonical bytes of the clip's chunk index."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When and where a bulletin is heard, in local wall-clock time of the area.

    `rrule` is an RFC 5545 RRULE value without its name ("FREQ=WEEKLY;BYDAY=MO,WE"); "" plays once.
    An occurrence is known by its original local start, the reading the rule gives: `exceptions` (EXDATE) do not
    happen, `moved` (RECURRENCE-ID) happen at another local start, `replaced` play another bulletin.
    """

    id: ScheduleId
    bulletin: BulletinId
    local_start: datetime
    time_zone: str
    targets: Targets
    priority: Priority = Priority.NORMAL
    rrule: str = ""
    exceptions: frozenset[datetime] = field(default_factory=frozenset)
    volume: Percent = Percent(80)
    rule: StartRule = StartRule.JOIN
    grace: DurationMs = DurationMs(60_000)
    """How long after the start a speaker may still begin."""
    times: tuple[time, ...] = ()
    """Further local times of each day on which it happens, beside that of `local_start`."""
    repeats: int = 1
    """1-10: how many times it is played at each occurrence."""
    gap: DurationMs = DurationMs(0)
    """1-7,200 s of silence between two of the repeats."""
    moved: tuple[tuple[datetime, datetime], ...] = ()
    """(original local start, new local start), sorted, each original once."""
    replaced: tuple[tuple[datetime, BulletinId], ...] = ()
    """(original local start, what is played instead), sorted, each original once."""
    skip_holidays: bool = False
    """Does not happen on the holidays that the caller of `expand` names."""
    order: int = 0
    """Among equal priority and start the lower plays first: the staff's own order (Circular 39/2020/TT-BTTTT)."""
    at_most: DurationMs = DurationMs(0)
    """Nothing sounds later than this after the start of each playing, be it in the middle; 0: to its end."""


@dataclass(frozen=True, slots=True)
class Broadcast:
    """One concrete occurrence, as a speaker holds it. `start` ≤ `latest_start` ≤ `hard_end`."""

    id: BroadcastId
    priority: Priority
    start: UtcMs
    latest_start: UtcMs
    hard_end: UtcMs
    rule: StartRule
    volume: Percent
    clips: tuple[ClipRef, ...]
    order: int = 0
    """Among equal priority and start, the lower plays first."""

    @property
    def duration(self) -> DurationMs:
        return DurationMs(sum(clip.duration for clip in self.clips))
