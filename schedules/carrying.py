"""What was done by hand to single occurrences, carried over when the times or days of their series change."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time

from schedules.model import Schedule
from schedules.recurrence import is_original, times_of


def same_day(day: date) -> date:
    return day


def substitution(old: Sequence[time], new: Sequence[time]) -> dict[time, time]:
    """Which new time an old one has become: itself where it is still there, else its place among as many others."""
    gone, come = sorted(set(old) - set(new)), sorted(set(new) - set(old))
    return {at: at for at in old if at in new} | (dict(zip(gone, come, strict=True)) if len(gone) == len(come) else {})


def carried(before: Schedule, form: Schedule, day: Callable[[date], date], times: Mapping[time, time]) -> Schedule:
    """`form` with the exceptions, moves and replacements of `before`.

    `day` says where the days have gone, `times` where the times have (else the likeliest substitution).
    """
    known = {**substitution(times_of(before), times_of(form)), **times}

    def key(original: datetime) -> datetime | None:
        at = known.get(original.time())
        return None if at is None else datetime.combine(day(original.date()), at)

    removed = {key(at) or at for at in before.exceptions} | _removed_days(before, form, day) | _cut(before, form, key)
    moved = ((key(original), start) for original, start in before.moved)
    replaced = ((key(original), bulletin) for original, bulletin in before.replaced)
    return replace(
        form,
        exceptions=frozenset(removed),
        moved=tuple(sorted((at, to) for at, to in moved if at is not None and at not in removed and at != to)),
        replaced=tuple(
            sorted((at, to) for at, to in replaced if at is not None and at not in removed and to != form.bulletin)
        ),
    )


def _removed_days(before: Schedule, form: Schedule, day: Callable[[date], date]) -> set[datetime]:
    """A day of which nothing was left has nothing at any new time either."""
    at_all = times_of(before)
    readings = {each: _of_day(before, each, at_all) for each in {at.date() for at in before.exceptions}}
    whole = (each for each, of_day in readings.items() if of_day and before.exceptions.issuperset(of_day))
    return {datetime.combine(day(each), at) for each in whole for at in times_of(form)}


def _of_day(schedule: Schedule, day: date, times: Iterable[time]) -> list[datetime]:
    readings = (datetime.combine(day, at) for at in times)
    return [reading for reading in readings if reading >= schedule.local_start]


def _cut(before: Schedule, form: Schedule, key: Callable[[datetime], datetime | None]) -> set[datetime]:
    """A series that begins in the middle of its first day does not gain the times before."""
    first = before.local_start.date()
    cut = (datetime.combine(first, at) for at in times_of(before) if at < before.local_start.time())
    now = {key(reading) for reading in cut}
    return {reading for reading in now if reading is not None and is_original(form, reading)}
