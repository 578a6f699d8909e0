"""From a schedule and what it plays to the broadcasts that are signed and sent."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from schedules.model import Broadcast, ClipRef, Schedule
from schedules.recurrence import Occurrence, expand
from schedules.units import BroadcastId, BulletinId, DurationMs, ScheduleId, UtcMs

RESUME_MARGIN = DurationMs(5 * 60_000)
"""How long after the last beginning could have ended a pre-empted broadcast may still go on."""

_AS_PLANNED: Mapping[BulletinId, Sequence[ClipRef]] = {}


class NothingToPlay(ValueError):
    """A bulletin without clips has no broadcasts; it was not prepared."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A broadcast and where it comes from: the `repeat`-th (from 0) playing of the occurrence `original`."""

    broadcast: Broadcast
    original: datetime
    bulletin: BulletinId
    repeat: int = 0


def broadcasts_of(
    schedule: Schedule,
    clips: Sequence[ClipRef],
    from_utc: UtcMs,
    until_utc: UtcMs,
    margin: DurationMs = RESUME_MARGIN,
    *,
    holidays: Collection[date] = frozenset(),
    replacements: Mapping[BulletinId, Sequence[ClipRef]] = _AS_PLANNED,
) -> tuple[Broadcast, ...]:
    """The broadcasts of placed_of alone."""
    placed = placed_of(schedule, clips, from_utc, until_utc, margin, holidays=holidays, replacements=replacements)
    return tuple(each.broadcast for each in placed)


def placed_of(
    schedule: Schedule,
    clips: Sequence[ClipRef],
    from_utc: UtcMs,
    until_utc: UtcMs,
    margin: DurationMs = RESUME_MARGIN,
    *,
    holidays: Collection[date] = frozenset(),
    replacements: Mapping[BulletinId, Sequence[ClipRef]] = _AS_PLANNED,
) -> tuple[Placed, ...]:
    """The broadcasts of `schedule` that start in [from_utc, until_utc), in order, each with its origin.

    `clips` are those of the schedule's own bulletin, `replacements` those of each bulletin that replaces it once.
    Every repeat is a broadcast of its own, a gap after the end of the one before; one inside the window is found
    even if its occurrence begins before. Expanding again gives the same ids. `latest_start` is the start plus the
    schedule's grace; `hard_end` is `latest_start` plus the duration plus `margin`, whatever the start rule, so that
    one that began late and one that was pre-empted can both come to their end.
    Raises NothingToPlay, BadRule, UnknownZone and TooManyOccurrences.
    """
    sounds = {**replacements, schedule.bulletin: clips}
    playings = _playings(schedule, sounds, from_utc, until_utc, margin, holidays)
    return tuple(_placed(schedule, playing, margin) for playing in playings)


def next_start(
    schedule: Schedule,
    clips: Sequence[ClipRef],
    from_utc: UtcMs,
    until_utc: UtcMs,
    *,
    replacements: Mapping[BulletinId, Sequence[ClipRef]] = _AS_PLANNED,
) -> UtcMs | None:
    """When the first broadcast of placed_of in [from_utc, until_utc) starts, no holiday being left out; None: never."""
    sounds = {**replacements, schedule.bulletin: clips}
    playings = _playings(schedule, sounds, from_utc, until_utc, RESUME_MARGIN, ())
    return playings[0].start if playings else None


class _Playing(NamedTuple):
    """One playing of an occurrence: when it starts and what it plays for how long."""

    start: UtcMs
    occurrence: Occurrence
    repeat: int
    clips: tuple[ClipRef, ...]
    duration: int


def _playings(
    schedule: Schedule,
    sounds: Mapping[BulletinId, Sequence[ClipRef]],
    from_utc: UtcMs,
    until_utc: UtcMs,
    margin: DurationMs,
    holidays: Collection[date],
) -> list[_Playing]:
    """All that start in [from_utc, until_utc), in order."""
    if schedule.grace < 0 or margin < 0 or schedule.gap < 0 or schedule.repeats < 1:
        raise ValueError("grace, margin and gap are not negative, and it is played at least once")
    _sound(sounds, schedule.bulletin)
    longest = max(_duration(each) for each in sounds.values())
    begin = UtcMs(from_utc - (schedule.repeats - 1) * (longest + schedule.gap))
    found = (
        playing
        for occurrence in expand(schedule, begin, until_utc, holidays)
        for playing in _repeats(schedule, occurrence, _sound(sounds, occurrence.bulletin))
        if from_utc <= playing.start < until_utc
    )
    return sorted(found, key=lambda playing: (playing.start, playing.occurrence.original, playing.repeat))


def broadcast_id(
    schedule: ScheduleId, occurrence: Occurrence | datetime, repeat: int = 0, attempt: int = 0
) -> BroadcastId:
    """The id of one playing of an occurrence (or of its original): the same whenever, and by whomever, it is expanded.

    A higher `attempt` is for what must begin anew because the earlier one was cancelled or played.
    """
    original = occurrence.original if isinstance(occurrence, Occurrence) else occurrence
    named = f"{schedule}\n{original.isoformat(timespec='microseconds')}"
    if repeat or attempt:
        named += f"\n{repeat}\n{attempt}"
    return BroadcastId("b-" + hashlib.sha256(named.encode()).hexdigest()[:20])


def _sound(sounds: Mapping[BulletinId, Sequence[ClipRef]], bulletin: BulletinId) -> tuple[ClipRef, ...]:
    clips = sounds.get(bulletin, ())
    if not clips:
        raise NothingToPlay(f"bulletin {bulletin} has no clips")
    return tuple(clips)


def _duration(clips: Sequence[ClipRef]) -> int:
    return sum(clip.duration for clip in clips)


def hard_end_of(schedule: Schedule, start: UtcMs, duration: int, margin: int = RESUME_MARGIN) -> UtcMs:
    """After which nothing sounds of a playing that begins at `start`."""
    last = start + schedule.grace + duration + margin
    return UtcMs(min(last, start + schedule.at_most) if schedule.at_most else last)


def _repeats(schedule: Schedule, occurrence: Occurrence, clips: tuple[ClipRef, ...]) -> Iterator[_Playing]:
    duration = _duration(clips)
    for repeat in range(schedule.repeats):
        start = UtcMs(occurrence.start + repeat * (duration + schedule.gap))
        yield _Playing(start, occurrence, repeat, clips, duration)


def _placed(schedule: Schedule, playing: _Playing, margin: DurationMs) -> Placed:
    start, occurrence = playing.start, playing.occurrence
    hard_end = hard_end_of(schedule, start, playing.duration, margin)
    broadcast = Broadcast(
        id=broadcast_id(schedule.id, occurrence, playing.repeat),
        priority=schedule.priority,
        start=start,
        latest_start=UtcMs(min(start + schedule.grace, hard_end)),
        hard_end=hard_end,
        rule=schedule.rule,
        volume=schedule.volume,
        clips=playing.clips,
        order=schedule.order,
    )
    return Placed(broadcast, occurrence.original, occurrence.bulletin, playing.repeat)
