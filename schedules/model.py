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
class AreaSettings:
    """Settings of one area; None means: as the area above."""

    time_zone: str | None = None
    quiet_hours: tuple[QuietHours, ...] | None = None
    volume_max_percent: Percent | None = None
    daily_cap: DurationMs | None = None
    one_person_station: bool | None = None


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
    """Where a schedule is heard. A speaker is addressed if it is named or its area is at or below one."""

    areas: tuple[AreaId, ...] = ()
    speakers: tuple[SpeakerId, ...] = ()


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
    `exceptions` are local starts (EXDATE) that do not happen.
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
