"""What a speaker will play under ideal conditions: the playhead itself, stepped ahead of time.

Ideal: every clip is there, the clock is trusted, nothing breaks, and the player takes no time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from schedules.actions import ClockTrust, Held, Settle, Start, Stop, Wait
from schedules.model import Broadcast
from schedules.playhead import apply, came_out_whole, next_action
from schedules.states import ACCOUNTED, PlaybackState, Reason, move
from schedules.units import BroadcastId, DurationMs, UtcMs


@dataclass(frozen=True, slots=True)
class Slot:
    """One stretch in which a broadcast sounds, [begin, end), and how the stretch ends.

    `outcome` is a final state; `suspended` where it yields and a later slot goes on; `playing` where the
    picture ends first. A broadcast that never sounds has one slot with `begin` = `end`, the moment at
    which that is settled, and a `reason`. `offset` is where in the content the stretch begins.
    """

    broadcast: BroadcastId
    begin: UtcMs
    end: UtcMs
    offset: DurationMs
    outcome: PlaybackState
    reason: Reason = Reason.NONE


def simulate(
    broadcasts: Sequence[Broadcast],
    from_utc: UtcMs,
    until_utc: UtcMs,
    clock: ClockTrust = ClockTrust.SYNCED,
) -> tuple[Slot, ...]:
    """The slots that lie in or reach into [from_utc, until_utc), by their beginning.

    What begins before the picture is stepped from its own start, so that a broadcast in progress shows
    as the conditions would have made it.
    """
    begin = min((each.start for each in broadcasts), default=from_utc)
    held = tuple(Held(each, PlaybackState.READY, media_ready=True) for each in broadcasts)
    slots = _step(held, min(begin, from_utc), until_utc, clock)
    shown = (slot for slot in slots if slot.begin < until_utc and (slot.end > from_utc or slot.begin >= from_utc))
    return tuple(sorted(shown, key=lambda slot: (slot.begin, slot.end, slot.broadcast)))


def _step(held: tuple[Held, ...], now: UtcMs, until: UtcMs, clock: ClockTrust) -> Iterator[Slot]:
    began: dict[BroadcastId, Slot] = {}
    while now < until:
        action = next_action(held, now, clock)
        if isinstance(action, Wait):
            later = min([until, *_wakings(held, now, action)])
            held, now = tuple(_played_on(item, now, later) for item in held), later
        else:
            held = apply(held, action)
        for item in held:
            yield from _noted(item, action, now, began)
    yield from began.values()


def _wakings(held: Sequence[Held], now: UtcMs, wait: Wait) -> Iterator[UtcMs]:
    if wait.until is not None:
        yield wait.until
    for item in held:
        if item.state is PlaybackState.PLAYING:
            yield UtcMs(now + item.broadcast.duration - item.position)


def _played_on(item: Held, now: UtcMs, later: UtcMs) -> Held:
    if item.state is not PlaybackState.PLAYING:
        return item
    position = DurationMs(item.position + later - now)
    heard = replace(item, position=position)
    if position < item.broadcast.duration:
        return heard
    whole = came_out_whole(heard.heard, item.broadcast.duration)
    return replace(heard, state=move(item.state, PlaybackState.PLAYED if whole else PlaybackState.INTERRUPTED))


def _noted(item: Held, action: object, now: UtcMs, began: dict[BroadcastId, Slot]) -> Iterator[Slot]:
    """Keep book of the slot of one broadcast after a step; yield it when it is complete."""
    what = item.broadcast.id
    mine = isinstance(action, Start | Stop | Settle) and action.broadcast == what
    if item.state is PlaybackState.PLAYING:
        slot = began.get(what, Slot(what, now, now, item.position, item.state))
        began[what] = replace(slot, end=now)
    elif what in began:
        ended_by = action.reason if mine and isinstance(action, Stop | Settle) else _own_reason(item)
        yield replace(began.pop(what), end=now, outcome=item.state, reason=ended_by)
    elif mine and isinstance(action, Settle) and item.state in ACCOUNTED:
        yield Slot(what, now, now, item.position, item.state, action.reason)


def _own_reason(item: Held) -> Reason:
    """It came to the end of its content; less than whole means that it joined late."""
    return Reason.LATE if item.state is PlaybackState.INTERRUPTED else Reason.NONE
