"""A broadcast that the player has, and what its playback becomes when the player is done with it. Pure."""

from dataclasses import dataclass

from edge_agent.measuring import verdict, whole
from edge_agent.player import Ended
from edge_agent.voice import Ending
from protocol.messages import BroadcastOrder, Measured
from schedules.model import StartRule
from schedules.playhead import Stop
from schedules.states import PlaybackState, Reason
from schedules.units import UtcMs

_FRAME_US = 21
"""A sample: ends are told to whole ones."""


@dataclass(slots=True)
class Armed:
    """`before` came out in earlier stretches of it. `over`: the player is done, the record is not yet written."""

    order: BroadcastOrder
    before: Measured
    latest: UtcMs | None
    """It must not begin after this; None for what began in an earlier stretch."""
    begun: bool = False
    over: bool = False
    stopping: Stop | None = None
    stop_at: float = 0.0
    """Monotonic second at which the player was told to stop."""


def outcome(armed: Armed, event: Ended, measured: Measured) -> tuple[PlaybackState | None, Reason]:
    """The state after a stretch of sound, `measured` altogether; None when it never sounded and stays as it was."""
    if event.measured.frames == 0:
        return _unheard(armed, event)
    if event.ending is Ending.FADED and armed.stopping is None:
        if event.measured.ended_us >= armed.order.broadcast.hard_end * 1_000 - _FRAME_US:
            return verdict(measured, Reason.HARD_END)
        return PlaybackState.SUSPENDED, Reason.PREEMPTED
    if event.ending in (Ending.FADED, Ending.DEAD) and _goes_on_later(armed) and not whole(measured):
        return PlaybackState.SUSPENDED, Reason.RESTART
    if event.ending is Ending.FAULT:
        becomes, reason = verdict(measured, Reason.DECODE)
        return (PlaybackState.FAILED if becomes is PlaybackState.INTERRUPTED else becomes), reason
    told = armed.stopping.reason if armed.stopping else Reason.NONE
    if event.ending is Ending.DEAD and told is not Reason.STOPPED:
        return verdict(measured, Reason.DEVICE)
    skipped = event.position - measured.heard_ms
    shortfall = Reason.LATE if skipped > measured.content_ms // 100 else Reason.DEVICE
    return verdict(measured, armed.stopping.reason if armed.stopping else shortfall)


def _goes_on_later(armed: Armed) -> bool:
    return armed.stopping is not None and armed.stopping.becomes is PlaybackState.SUSPENDED


def _unheard(armed: Armed, event: Ended) -> tuple[PlaybackState | None, Reason]:
    if event.ending in (Ending.FADED, Ending.DEAD):
        return None, Reason.NONE
    joined_too_late = event.ending is Ending.OVER and armed.order.broadcast.rule is StartRule.JOIN
    if joined_too_late:
        return PlaybackState.MISSED, Reason.LATE
    return PlaybackState.FAILED, Reason.DECODE
