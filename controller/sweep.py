"""The sweep: gives `unreported`, the controller's own provisional word, to playbacks nobody told the end of."""

from controller.store.unit import Unit
from schedules.units import UtcMs

GRACE_MS = 60_000


def sweep(unit: Unit, now: UtcMs) -> int:
    """Mark what ended more than a minute ago without a last word; returns how many."""
    forgotten = unit.playbacks.give_up(UtcMs(now - GRACE_MS), now)
    for broadcast in forgotten:
        unit.changed(f"broadcast:{broadcast}", "day")
    return sum(forgotten.values())
