"""The states of a playback and the moves between them, as a table."""

from collections.abc import Mapping
from enum import StrEnum


class PlaybackState(StrEnum):
    """What one speaker did with one broadcast."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    READY = "ready"
    PLAYING = "playing"
    SUSPENDED = "suspended"
    PLAYED = "played"
    INTERRUPTED = "interrupted"
    MISSED = "missed"
    FAILED = "failed"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    UNREPORTED = "unreported"


class Reason(StrEnum):
    """Why a playback ended as it did; goes with every final state but `played`."""

    NONE = ""
    STOPPED = "stopped"
    """Staff stopped it while it played."""
    WITHDRAWN = "withdrawn"
    """Staff cancelled it, or the speaker is no longer addressed."""
    HARD_END = "hard_end"
    LATE = "late"
    """The latest start passed before the box could begin (it was switched off, or told too late)."""
    NO_MEDIA = "no_media"
    CLOCK = "clock"
    PREEMPTED = "preempted"
    """Something of higher or equal rank was on until the latest start or the hard end."""
    DEVICE = "device"
    SILENT = "silent"
    """What came out was silence: the content has no sound in it."""
    MUTED = "muted"
    """The volume was so low that nothing of it could be heard."""
    DECODE = "decode"
    QUIET_HOURS = "quiet_hours"
    WEEKDAY = "weekday"
    """Nothing may sound there on that day of the week."""
    SESSION_CAP = "session_cap"
    """It would have made a session longer than the place allows."""
    DAILY_CAP = "daily_cap"
    """It would have made more sound in one day than the place allows."""
    VOLUME = "volume"
    RESTART = "restart"
    DISK = "disk"
    KEY = "key"
    """The key that signed it was taken off the list, and nobody signed it anew in time."""


_S = PlaybackState

MOVES: Mapping[PlaybackState, frozenset[PlaybackState]] = {
    _S.PENDING: frozenset({_S.ACCEPTED, _S.REFUSED, _S.MISSED, _S.CANCELLED, _S.UNREPORTED}),
    _S.ACCEPTED: frozenset({_S.READY, _S.MISSED, _S.FAILED, _S.REFUSED, _S.CANCELLED, _S.UNREPORTED}),
    _S.READY: frozenset({_S.ACCEPTED, _S.PLAYING, _S.MISSED, _S.FAILED, _S.REFUSED, _S.CANCELLED, _S.UNREPORTED}),
    _S.PLAYING: frozenset({_S.SUSPENDED, _S.PLAYED, _S.INTERRUPTED, _S.FAILED, _S.UNREPORTED}),
    _S.SUSPENDED: frozenset({_S.PLAYING, _S.PLAYED, _S.INTERRUPTED, _S.FAILED, _S.UNREPORTED}),
    # The sweep's own word is provisional: the box's record replaces it whenever it comes.
    _S.UNREPORTED: frozenset(
        {
            _S.ACCEPTED,
            _S.READY,
            _S.PLAYING,
            _S.SUSPENDED,
            _S.PLAYED,
            _S.INTERRUPTED,
            _S.MISSED,
            _S.FAILED,
            _S.REFUSED,
            _S.CANCELLED,
        }
    ),
    _S.PLAYED: frozenset(),
    _S.INTERRUPTED: frozenset(),
    _S.MISSED: frozenset(),
    _S.FAILED: frozenset(),
    _S.REFUSED: frozenset(),
    _S.CANCELLED: frozenset(),
}

FINAL: frozenset[PlaybackState] = frozenset(state for state, to in MOVES.items() if not to)
"""States that only the box can give and that never change."""

ACCOUNTED: frozenset[PlaybackState] = FINAL | {PlaybackState.UNREPORTED}
"""planned = played + interrupted + missed + failed + refused + cancelled + unreported."""

BEGUN: frozenset[PlaybackState] = frozenset({_S.PLAYING, _S.SUSPENDED})


class IllegalMove(Exception):
    """A move that is not in the table; nothing was changed."""

    def __init__(self, was: PlaybackState, to: PlaybackState) -> None:
        super().__init__(f"a playback that is {was} cannot become {to}")
        self.was = was
        self.to = to


def move(was: PlaybackState, to: PlaybackState) -> PlaybackState:
    """Return `to` if the table allows the move from `was`; raise IllegalMove otherwise."""
    if to not in MOVES[was]:
        raise IllegalMove(was, to)
    return to
