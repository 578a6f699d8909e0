"""The sweep: gives `unreported`, the controller's own provisional word, to playbacks nobody told the end of."""

from controller.store.unit import Unit
from schedules.states import PlaybackState, move
from schedules.units import UtcMs

GRACE_MS = 60_000


def sweep(unit: Unit, now: UtcMs) -> int:
    """Mark what ended more than a minute ago without a last word; returns how many."""
    forgotten = unit.playbacks.unfinished_before(UtcMs(now - GRACE_MS))
    for playback in forgotten:
        state = move(playback.state, PlaybackState.UNREPORTED)
        unit.playbacks.update(playback.broadcast, playback.speaker, state=state.value, moved_ms=now)
        unit.changed(f"broadcast:{playback.broadcast}", "day")
    return len(forgotten)
