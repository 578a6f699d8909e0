"""Playhead: from what a speaker holds and what time it is, the next thing to do. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from schedules.model import Broadcast
from schedules.states import PlaybackState, Reason
from schedules.units import BroadcastId, DurationMs, UtcMs


class ClockTrust(StrEnum):
    SYNCED = "synced"
    HELD = "held"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Held:
    """One broadcast as this speaker holds it.

    `position` is how much of the content has come out, all parts together (where it goes on).
    `withdrawn` is true when the newest revision cancels it or no longer addresses this speaker.
    `media_ready` is true when every clip is on the disk and its hash was checked.
    """

    broadcast: Broadcast
    state: PlaybackState
    position: DurationMs = DurationMs(0)
    media_ready: bool = False
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Start:
    """Make it sound at `at` (never before), beginning `offset` into the content."""

    broadcast: BroadcastId
    at: UtcMs
    offset: DurationMs


@dataclass(frozen=True, slots=True)
class Stop:
    """Make it silent now, and move it to `becomes` for `reason`."""

    broadcast: BroadcastId
    becomes: PlaybackState
    reason: Reason


@dataclass(frozen=True, slots=True)
class Settle:
    """It does not sound and never will: record `becomes` for `reason`."""

    broadcast: BroadcastId
    becomes: PlaybackState
    reason: Reason


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do before `until` (None: until something new is told)."""

    until: UtcMs | None


Action = Start | Stop | Settle | Wait


def next_action(held: Sequence[Held], now: UtcMs, clock: ClockTrust, lead: DurationMs = DurationMs(0)) -> Action:
    """Decide the next action; perform it, apply its move, and ask again until the answer is Wait.

    `lead` is how long before its time a Start is handed out so that the player can prepare it.
    """
    raise NotImplementedError
