"""Small broadcasts and schedules for tests, with everything said that a test does not care about."""

from datetime import datetime

from schedules.actions import Held
from schedules.model import Broadcast, ClipRef, Priority, Schedule, StartRule, Targets
from schedules.states import PlaybackState
from schedules.units import BroadcastId, BulletinId, ClipId, DurationMs, Percent, ScheduleId, UtcMs

VN = "Asia/Ho_Chi_Minh"


def clip(duration: int) -> ClipRef:
    return ClipRef(ClipId("0" * 64), 1, DurationMs(duration), "0" * 64)


def broadcast(
    name: str,
    start: int,
    duration: int,
    priority: Priority = Priority.NORMAL,
    rule: StartRule = StartRule.JOIN,
    grace: int = 60_000,
    margin: int = 300_000,
    order: int = 0,
) -> Broadcast:
    return Broadcast(
        id=BroadcastId(name),
        priority=priority,
        start=UtcMs(start),
        latest_start=UtcMs(start + grace),
        hard_end=UtcMs(start + grace + duration + margin),
        rule=rule,
        volume=Percent(80),
        clips=(clip(duration),),
        order=order,
    )


def ready(what: Broadcast, state: PlaybackState = PlaybackState.READY, position: int = 0) -> Held:
    return Held(what, state, DurationMs(position), media_ready=True)


def schedule(
    start: datetime, rrule: str = "", zone: str = VN, exceptions: frozenset[datetime] = frozenset()
) -> Schedule:
    return Schedule(
        id=ScheduleId("s-1"),
        bulletin=BulletinId("n-1"),
        local_start=start,
        time_zone=zone,
        targets=Targets(),
        rrule=rrule,
        exceptions=exceptions,
    )
