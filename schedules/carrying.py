"""What was done by hand to single occurrences, carried over when the times or days of their series change."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from schedules.model import Schedule
from schedules.recurrence import is_original, local_until, times_of
from schedules.rules import parse_rrule, spell_rrule


def same_day(day: date) -> date:
    return day


def substitution(old: Sequence[time], new: Sequence[time]) -> dict[time, time]:
    """Which new time an old one has become: itself where it is still there, else its place among as many others."""
    gone, come = sorted(set(old) - set(new)), sorted(set(new) - set(old))
    return {at: at for at in old if at in new} | (dict(zip(gone, come, strict=True)) if len(gone) == len(come) else {})


def first_time(schedule: Schedule, known: Mapping[time, time]) -> time | None:
    """The earliest new time of what its first day has; None if nothing of it is left."""
    of_first_day = [at for at in times_of(schedule) if at >= schedule.local_start.time()]
    return min((known[at] for at in of_first_day if at in known), default=None)


def carried(before: Schedule, form: Schedule, day: Callable[[date], date], times: Mapping[time, time]) -> Schedule:
    """`form` with the exceptions, moves and replacements of `before`.

    `day` says where the days have gone, `times` where the times have (else the likeliest substitution).
    """
    known = {**substitution(times_of(before), times_of(form)), **times}

    def key(original: datetime) -> datetime | None:
        at = known.get(original.time())
        return None if at is None else datetime.combine(day(original.date()), at)

    form, over = _to_end_of_day(before, form)
    removed = {key(at) or at for at in before.exceptions} | _removed_days(before, form, day)
    removed |= _still_cut([*_before_start(before), *over], form, key)
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


def _before_start(before: Schedule) -> list[datetime]:
    """A series that begins in the middle of its first day does not gain the times before."""
    first = before.local_start.date()
    return [datetime.combine(first, at) for at in times_of(before) if at < before.local_start.time()]


def _to_end_of_day(before: Schedule, form: Schedule) -> tuple[Schedule, list[datetime]]:
    """Where an UNTIL ended the middle of a day and the times change: one that ends the day, and what is over."""
    until = local_until(before)
    if until is None or times_of(before) == times_of(form) or not form.rrule:
        return form, []
    rule = parse_rrule(form.rrule)
    if rule.until != parse_rrule(before.rrule).until:
        return form, []
    readings = [datetime.combine(until.date(), at) for at in times_of(before)]
    over = [reading for reading in readings if reading.replace(microsecond=0) > until]
    last = until.date() if len(over) < len(readings) else until.date() - timedelta(days=1)
    rule = replace(rule, until=datetime.combine(last, time(23, 59, 59)), until_utc=False)
    return replace(form, rrule=spell_rrule(rule)), over


def _still_cut(cut: Iterable[datetime], form: Schedule, key: Callable[[datetime], datetime | None]) -> set[datetime]:
    """What was cut off at either end and would now be inside."""
    now = {key(reading) for reading in cut}
    return {reading for reading in now if reading is not None and is_original(form, reading)}
