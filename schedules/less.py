"""Whether a changed schedule is only less than it was: what needs nobody's approval. Pure."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from schedules.edits import truncated
from schedules.model import Schedule
from schedules.recurrence import is_original, local_until, times_of


def plays_less(before: Schedule, after: Schedule) -> bool:
    """True only when `after` is `before` less some occurrences: removed ones, or all from one occurrence on.

    It compares how the two are written, so True is a proof; something less that is written otherwise is False.
    """
    return _skips(before, after) or _ends_earlier(before, after)


def _skips(before: Schedule, after: Schedule) -> bool:
    """More is removed; what had been moved or replaced there may be forgotten with it."""
    if not after.exceptions > before.exceptions:
        return False
    return _without_removed(replace(before, exceptions=after.exceptions)) == _without_removed(after)


def _without_removed(schedule: Schedule) -> Schedule:
    moved = tuple(pair for pair in schedule.moved if pair[0] not in schedule.exceptions)
    replaced = tuple(pair for pair in schedule.replaced if pair[0] not in schedule.exceptions)
    return replace(schedule, moved=moved, replaced=replaced)


def _ends_earlier(before: Schedule, after: Schedule) -> bool:
    """As `truncated` leaves it at an occurrence that it had: so the new end lies before the old one."""
    return any(is_original(before, at) and truncated(before, at) == after for at in _first_lost(before, after))


def _first_lost(before: Schedule, after: Schedule) -> Iterator[datetime]:
    """Where it can have been cut off, by what its rule says now."""
    if not before.rrule:
        yield from (datetime.combine(before.local_start.date(), at) for at in before.times if at not in after.times)
        return
    until = local_until(after)
    if until is not None:
        yield until + timedelta(seconds=1)
        yield datetime.combine(until.date() + timedelta(days=1), times_of(before)[0])
