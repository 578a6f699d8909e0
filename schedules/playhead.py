"""Playhead: from what a speaker holds and what time it is, the next thing to do. Pure.

The rules, in the order in which they are asked:
1. Withdrawn: what has begun is interrupted (stopped), what has not is cancelled.
2. Suspended with nothing left to play: settled.
3. With an unknown clock nothing more: nothing begins, goes on, ends or is missed by it.
4. The hard end has come: what has begun is interrupted, what has not is missed.
5. Not begun and its latest start has passed, or a late join would find nothing left: missed, with the reason.
6. The best of what is due, sounding or able to (schedules/precedence.py, DUE). If it does not sound yet it is
   started and the others yield. Otherwise the next to come that will take over from it is armed (TO_COME). One
   armed for later keeps nothing from sounding until then.
7. Wait for the earliest instant at which one of these answers can change.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from schedules.actions import (
    NO_TIME,
    Action,
    ClockTrust,
    Held,
    Settle,
    Start,
    Stop,
    Wait,
    came_out_whole,
)
from schedules.model import Broadcast, StartRule
from schedules.precedence import rank, turn
from schedules.states import ACCOUNTED, BEGUN, PlaybackState, Reason, move
from schedules.units import DurationMs, UtcMs

__all__ = [
    "Action",
    "ClockTrust",
    "Held",
    "Settle",
    "Start",
    "Stop",
    "Wait",
    "apply",
    "came_out_whole",
    "next_action",
]

_S = PlaybackState
_STARTABLE = frozenset({_S.ACCEPTED, _S.READY, _S.SUSPENDED})
_WITHDRAWN = {True: (_S.INTERRUPTED, Reason.STOPPED), False: (_S.CANCELLED, Reason.WITHDRAWN)}


def next_action(held: Sequence[Held], now: UtcMs, clock: ClockTrust, lead: DurationMs = NO_TIME) -> Action:
    """Decide the next action; perform it, apply its move, and ask again until the answer is Wait.

    `lead` is how long before its time a Start is handed out so that the player can prepare it. A Start
    whose player accepted it counts as playing from then on, even before its `at`.
    """
    live = [item for item in held if item.state not in ACCOUNTED]
    for item in live:
        if (ending := _withdrawal(item) or _exhaustion(item)) is not None:
            return ending
    if clock is ClockTrust.UNKNOWN:
        return Wait(None)
    for item in live:
        if (ending := _hard_end(item, held, now) or _too_late(item, held, now)) is not None:
            return ending
    return _takeover(live, now, lead) or Wait(min(_turning_points(live, now, lead), default=None))


def apply(held: Sequence[Held], action: Action) -> tuple[Held, ...]:
    """What is held after `action` was performed at once: a Start has taken over, the others are suspended.

    Positions are the caller's: bring those of what plays up to date before. Raises IllegalMove.
    """
    if isinstance(action, Wait):
        return tuple(held)
    if isinstance(action, Start):
        return tuple(_started(item, action) if item.broadcast.id == action.broadcast else _yield(item) for item in held)
    return tuple(
        replace(item, state=move(item.state, action.becomes)) if item.broadcast.id == action.broadcast else item
        for item in held
    )


def _started(item: Held, start: Start) -> Held:
    ready = move(item.state, _S.READY) if item.state is _S.ACCEPTED else item.state
    skipped = item.skipped if item.state in BEGUN else start.offset
    return replace(item, state=move(ready, _S.PLAYING), position=start.offset, skipped=skipped)


def _yield(item: Held) -> Held:
    return replace(item, state=move(item.state, _S.SUSPENDED)) if item.state is _S.PLAYING else item


def _withdrawal(item: Held) -> Action | None:
    return _end(item, *_WITHDRAWN[item.state in BEGUN]) if item.withdrawn else None


def _exhaustion(item: Held) -> Action | None:
    if item.state is not _S.SUSPENDED or not came_out_whole(item.position, item.broadcast.duration):
        return None
    return _end(item, _S.INTERRUPTED, Reason.LATE)


def _hard_end(item: Held, held: Sequence[Held], now: UtcMs) -> Action | None:
    if now < item.broadcast.hard_end:
        return None
    if item.state in BEGUN:
        return _end(item, _S.INTERRUPTED, Reason.HARD_END)
    return _end(item, _S.MISSED, _why_missed(item, held))


def _too_late(item: Held, held: Sequence[Held], now: UtcMs) -> Action | None:
    if item.state in BEGUN or now <= _last_chance(item.broadcast):
        return None
    return _end(item, _S.MISSED, _why_missed(item, held))


def _end(item: Held, becomes: PlaybackState, reason: Reason) -> Stop | Settle:
    """Silence what plays, settle what does not; what came out whole was played, however it ended."""
    if item.state in BEGUN and came_out_whole(item.heard, item.broadcast.duration):
        becomes, reason = _S.PLAYED, Reason.NONE
    kind = Stop if item.state is _S.PLAYING else Settle
    return kind(item.broadcast.id, becomes, reason)


def _last_chance(broadcast: Broadcast) -> UtcMs:
    """The last instant at which it may begin; a late join must find something left to play."""
    if broadcast.rule is StartRule.FROM_START:
        return broadcast.latest_start
    return UtcMs(min(broadcast.latest_start, broadcast.start + max(broadcast.duration - 1, 0)))


def _why_missed(item: Held, held: Sequence[Held]) -> Reason:
    if item.hindered is not Reason.NONE:
        return item.hindered
    if not item.media_ready:
        return Reason.NO_MEDIA
    return Reason.PREEMPTED if any(_stood_in_the_way(other, item) for other in held) else Reason.LATE


def _stood_in_the_way(other: Held, item: Held) -> bool:
    """It is of equal or higher rank and plays, or has played and was due when `item` should have begun."""
    if other is item or other.broadcast.priority > item.broadcast.priority:
        return False
    if other.state in BEGUN:
        return True
    due_until = other.broadcast.start + other.broadcast.duration
    return other.heard > 0 and other.broadcast.start <= _last_chance(item.broadcast) < due_until


def _takeover(live: Sequence[Held], now: UtcMs, lead: DurationMs) -> Start | None:
    able = [item for item in live if item.state is _S.PLAYING or _could_sound(item, now, lead)]
    due = min((item for item in able if item.broadcast.start <= now), key=rank, default=None)
    if due is not None and due.state is not _S.PLAYING:
        return _start(due, now, able)
    to_come = (item for item in able if item.broadcast.start > now and (due is None or _outranks(item, due)))
    following = min(to_come, key=turn, default=None)
    if following is None or following.state is _S.PLAYING:
        return None
    return _start(following, following.broadcast.start, able)


def _could_sound(item: Held, now: UtcMs, lead: DurationMs) -> bool:
    return item.state in _STARTABLE and item.media_ready and item.broadcast.start - lead <= now


def _outranks(item: Held, other: Held) -> bool:
    return item.broadcast.priority < other.broadcast.priority


def _start(item: Held, at: UtcMs, able: Sequence[Held]) -> Start:
    playing = (other for other in able if other.state is _S.PLAYING)
    yields = min(playing, key=lambda other: (other.broadcast.start > at, *rank(other)), default=None)
    return Start(item.broadcast.id, at, _offset(item, at), yields.broadcast.id if yields else None)


def _offset(item: Held, at: UtcMs) -> DurationMs:
    if item.state in BEGUN:
        return item.position
    return DurationMs(at - item.broadcast.start) if item.broadcast.rule is StartRule.JOIN else NO_TIME


def _turning_points(live: Sequence[Held], now: UtcMs, lead: DurationMs) -> Iterator[UtcMs]:
    for item in live:
        what = item.broadcast
        points = [what.start - lead, what.start, what.hard_end]
        if item.state not in BEGUN:
            points.append(_last_chance(what) + 1)
        yield from (UtcMs(point) for point in points if point > now)
