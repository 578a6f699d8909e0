"""From a schedule and what it plays to the broadcasts that are signed and sent."""

import hashlib
from collections.abc import Sequence

from schedules.model import Broadcast, ClipRef, Schedule
from schedules.recurrence import Occurrence, expand
from schedules.units import BroadcastId, DurationMs, ScheduleId, UtcMs

RESUME_MARGIN = DurationMs(5 * 60_000)
"""How long after the last beginning could have ended a pre-empted broadcast may still go on."""


class NothingToPlay(ValueError):
    """A schedule without clips has no broadcasts; the bulletin was not prepared."""


def broadcasts_of(
    schedule: Schedule,
    clips: Sequence[ClipRef],
    from_utc: UtcMs,
    until_utc: UtcMs,
    margin: DurationMs = RESUME_MARGIN,
) -> tuple[Broadcast, ...]:
    """The broadcasts of `schedule` that start in [from_utc, until_utc), in order.

    Expanding again gives the same ids. `latest_start` is the start plus the schedule's grace; `hard_end`
    is `latest_start` plus the duration plus `margin`, whatever the start rule, so that one that began
    late and one that was pre-empted can both come to their end.
    Raises NothingToPlay, BadRule, UnknownZone and TooManyOccurrences.
    """
    if not clips:
        raise NothingToPlay(f"schedule {schedule.id} has no clips")
    if schedule.grace < 0 or margin < 0:
        raise ValueError("grace and margin are not negative")
    return tuple(_broadcast(schedule, tuple(clips), each, margin) for each in expand(schedule, from_utc, until_utc))


def broadcast_id(schedule: ScheduleId, occurrence: Occurrence) -> BroadcastId:
    """The id of one occurrence: the same whenever, and by whomever, it is expanded."""
    named = f"{schedule}\n{occurrence.wall.isoformat(timespec='microseconds')}"
    return BroadcastId("b-" + hashlib.sha256(named.encode()).hexdigest()[:20])


def _broadcast(schedule: Schedule, clips: tuple[ClipRef, ...], occurrence: Occurrence, margin: DurationMs) -> Broadcast:
    latest_start = occurrence.start + schedule.grace
    return Broadcast(
        id=broadcast_id(schedule.id, occurrence),
        priority=schedule.priority,
        start=occurrence.start,
        latest_start=UtcMs(latest_start),
        hard_end=UtcMs(latest_start + sum(clip.duration for clip in clips) + margin),
        rule=schedule.rule,
        volume=schedule.volume,
        clips=clips,
    )
