"""What the playhead is told about each broadcast and what it can answer, as frozen values."""

from dataclasses import dataclass
from enum import StrEnum

from schedules.model import Broadcast
from schedules.states import PlaybackState, Reason
from schedules.units import BroadcastId, DurationMs, UtcMs

NO_TIME = DurationMs(0)


class ClockTrust(StrEnum):
    SYNCED = "synced"
    HELD = "held"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Held:
    """One broadcast as this speaker holds it.

    `position` is where in the content it goes on, all parts together.
    `withdrawn` is true when the newest revision cancels it or no longer addresses this speaker.
    `media_ready` is true when every clip is on the disk and its hash was checked.
    `skipped` is what a late join passed over: it lies before `position` and was not heard.
    `hindered` is what the box knows kept this one from beginning although it cannot be seen any more
    (Reason.CLOCK: the clock was unknown at its time); it becomes the reason if it is missed.
    """

    broadcast: Broadcast
    state: PlaybackState
    position: DurationMs = NO_TIME
    media_ready: bool = False
    withdrawn: bool = False
    skipped: DurationMs = NO_TIME
    hindered: Reason = Reason.NONE

    @property
    def heard(self) -> DurationMs:
        """How much of the content has come out."""
        return DurationMs(max(0, self.position - self.skipped))


@dataclass(frozen=True, slots=True)
class Start:
    """Make it sound at `at` (never before), beginning `offset` into the content.

    A Start implies that whatever else plays, or was armed and has not begun, yields: it sounds on until
    `at`, is faded out so that it ends there, and becomes suspended. `preempts` names the best of those.
    """

    broadcast: BroadcastId
    at: UtcMs
    offset: DurationMs
    preempts: BroadcastId | None = None


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


def came_out_whole(heard: DurationMs, duration: DurationMs) -> bool:
    """True if at least 99 % of the content came out: then a playback counts as played."""
    return heard * 100 >= duration * 99
