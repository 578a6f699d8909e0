"""Which broadcasts a change of epoch leaves behind. Pure."""

from collections.abc import Iterable
from datetime import UTC, datetime

from protocol.messages import BroadcastOrder, Plan


def left_behind(order: BroadcastOrder, plans: Iterable[Plan]) -> bool:
    """A plan of a later epoch that should list the order does not: it was made in days that a restore has undone."""
    routes = {*(f"areas/{area}" for area in order.areas), *(f"speakers/{each}" for each in order.speakers)}
    day = datetime.fromtimestamp(order.broadcast.start / 1000, UTC).date().isoformat()
    later = [plan for plan in plans if plan.day == day and plan.version.epoch > order.version.epoch]
    listed = any(entry.broadcast == order.broadcast.id for plan in later for entry in plan.entries)
    return not listed and any(plan.route in routes for plan in later)
