"""Which of several broadcasts goes first, as two tables: of those that are due, and of those still to come."""

from collections.abc import Callable
from dataclasses import dataclass

from schedules.actions import Held
from schedules.states import BEGUN, PlaybackState
from schedules.units import BroadcastId, UtcMs

Key = bool | int | UtcMs | BroadcastId


@dataclass(frozen=True, slots=True)
class Rule:
    """The lower key goes first; where two are equal the next rule of the table is asked."""

    goes_first: str
    key: Callable[[Held], Key]


PRIORITY = Rule("emergency over priority over normal", lambda held: held.broadcast.priority)
EARLIER = Rule("the earlier start", lambda held: held.broadcast.start)
ORDER = Rule("the lower `order`", lambda held: held.broadcast.order)
NAME = Rule("the lower id", lambda held: held.broadcast.id)

DUE: tuple[Rule, ...] = (
    PRIORITY,
    Rule("what sounds", lambda held: held.state is not PlaybackState.PLAYING),
    Rule("what has begun", lambda held: held.state not in BEGUN),
    EARLIER,
    ORDER,
    NAME,
)
"""Of all that are due, sounding or able to: this one sounds, the others wait or yield."""

TO_COME: tuple[Rule, ...] = (EARLIER, PRIORITY, ORDER, NAME)
"""Of those to come that will take over from what is due: this one is armed. Having been armed counts for nothing."""


_DUE_KEYS = tuple(rule.key for rule in DUE)
_TO_COME_KEYS = tuple(rule.key for rule in TO_COME)


def rank(held: Held) -> tuple[Key, ...]:
    """The lowest of those that are due goes first."""
    return tuple([key(held) for key in _DUE_KEYS])


def turn(held: Held) -> tuple[Key, ...]:
    """The lowest of those to come is armed."""
    return tuple([key(held) for key in _TO_COME_KEYS])
