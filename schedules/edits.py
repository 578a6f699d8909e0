"""Editing a series: one occurrence, this and all that follow, or all of it. Pure; nothing is stored here.

An edit gives items, each a schedule before and after it (before None: a new schedule, after None: an ended one).

- What somebody removed stays removed: exceptions go along when the times of the series change, and a day that was
  wholly removed stays so whatever its new times are.
- What somebody moved or replaced by hand keeps its own time or bulletin; only its key goes along.
- "This and following" ends the old series just before the occurrence and goes on in a new one that has the rest of
  a COUNT; where nothing comes before it is "all".
"""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum

from schedules.carrying import carried, first_time, same_day, substitution
from schedules.model import Schedule
from schedules.other_day import other_day
from schedules.recurrence import first_original, is_original, times_of
from schedules.rules import parse_rrule, spell_rrule
from schedules.units import BulletinId, ScheduleId
from schedules.unrolling import rule_days

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


class Scope(StrEnum):
    """Which occurrences an edit is about."""

    THIS = "this"
    FOLLOWING = "following"
    ALL = "all"


class WhyNot(StrEnum):
    """Why an edit cannot be made; the page says what to do instead."""

    NO_OCCURRENCE = "no_occurrence"
    """The series has no such occurrence, or it was removed."""
    DAY_NEEDS_RULE = "day_needs_rule"
    """Another day for more than one occurrence of this rule is another rule: change the rule itself."""


class CannotEdit(ValueError):
    """The series is as it was."""

    def __init__(self, why: WhyNot) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, slots=True)
class Skip:
    """It does not happen."""


@dataclass(frozen=True, slots=True)
class Move:
    """It happens at another local start; with more than one, each has the new time (and day of the rule)."""

    start: datetime


@dataclass(frozen=True, slots=True)
class Replace:
    """Another bulletin plays."""

    bulletin: BulletinId


@dataclass(frozen=True, slots=True)
class Revise:
    """What the form says now of the whole series: its own `exceptions`, `moved` and `replaced` are not read.

    With "this and following" its first day and its COUNT say something only where they differ from the series'.
    """

    schedule: Schedule


Edit = Skip | Move | Replace | Revise


@dataclass(frozen=True, slots=True)
class Item:
    """One schedule before and after a change."""

    before: Schedule | None
    after: Schedule | None


def edit(schedule: Schedule, original: datetime, scope: Scope, change: Edit, new_id: ScheduleId) -> tuple[Item, ...]:
    """Change the occurrence known by `original`, or it and more of its series; `new_id` names a split-off part.

    Raises CannotEdit, BadRule and UnknownZone.
    """
    if original in schedule.exceptions or not is_original(schedule, original):
        raise CannotEdit(WhyNot.NO_OCCURRENCE)
    if scope is Scope.THIS:
        if isinstance(change, Revise):
            return _items(schedule, _one(schedule, original, Skip()), _apart(schedule, original, change, new_id))
        return _items(schedule, _one(schedule, original, change), None)
    if scope is Scope.ALL or first_original(schedule) == original:
        return (Item(schedule, _whole(schedule, original, change)),)
    first, rest = split(schedule, original, new_id)
    if isinstance(change, Revise):
        change = Revise(_for_rest(schedule, rest, change.schedule))
    return _items(schedule, first, _whole(rest, original, change))


def split(schedule: Schedule, original: datetime, new_id: ScheduleId) -> tuple[Schedule, Schedule]:
    """The series before `original`, and from it on under `new_id`: together the same occurrences."""
    others = tuple(at for at in times_of(schedule) if at != original.time())
    rest = replace(
        schedule,
        id=new_id,
        local_start=original,
        times=others if schedule.rrule else tuple(at for at in others if at > original.time()),
        rrule=_rest_of_count(schedule, original),
        exceptions=frozenset(at for at in schedule.exceptions if at >= original),
        moved=tuple(pair for pair in schedule.moved if pair[0] >= original),
        replaced=tuple(pair for pair in schedule.replaced if pair[0] >= original),
    )
    return truncated(schedule, original), rest


def truncated(schedule: Schedule, original: datetime) -> Schedule:
    """The series up to but not including `original`."""
    return replace(
        schedule,
        times=schedule.times if schedule.rrule else tuple(at for at in schedule.times if at < original.time()),
        rrule=_ended(schedule, original) if schedule.rrule else "",
        exceptions=frozenset(at for at in schedule.exceptions if at < original),
        moved=tuple(pair for pair in schedule.moved if pair[0] < original),
        replaced=tuple(pair for pair in schedule.replaced if pair[0] < original),
    )


def _ended(schedule: Schedule, original: datetime) -> str:
    last = original.replace(microsecond=0) - _SECOND
    if original.time() == times_of(schedule)[0]:
        # The whole day before: people read it.
        last = datetime.combine(original.date() - _DAY, time(23, 59, 59))
    return spell_rrule(replace(parse_rrule(schedule.rrule), count=None, until=last, until_utc=False))


def _rest_of_count(schedule: Schedule, original: datetime) -> str:
    rule = parse_rrule(schedule.rrule) if schedule.rrule else None
    if rule is None or rule.count is None:
        return schedule.rrule
    first = schedule.local_start.date()
    before = sum(1 for _ in rule_days(schedule.rrule, first, first, original.date() - _DAY))
    return spell_rrule(replace(rule, count=rule.count - before))


def _items(schedule: Schedule, first: Schedule, rest: Schedule | None) -> tuple[Item, ...]:
    kept = Item(schedule, first if first_original(first) is not None else None)
    return (kept,) if rest is None else (kept, Item(None, rest))


def _one(schedule: Schedule, original: datetime, change: Skip | Move | Replace) -> Schedule:
    moved, replaced = dict(schedule.moved), dict(schedule.replaced)
    match change:
        case Move(start):
            moved[original] = start
            if start == original:
                del moved[original]
            return replace(schedule, moved=tuple(sorted(moved.items())))
        case Replace(bulletin):
            replaced[original] = bulletin
            if bulletin == schedule.bulletin:
                del replaced[original]
            return replace(schedule, replaced=tuple(sorted(replaced.items())))
        case Skip():
            moved.pop(original, None)
            replaced.pop(original, None)
            return replace(
                schedule,
                exceptions=schedule.exceptions | {original},
                moved=tuple(moved.items()),
                replaced=tuple(replaced.items()),
            )


def _apart(schedule: Schedule, original: datetime, change: Revise, new_id: ScheduleId) -> Schedule:
    """One occurrence with everything about it its own: a schedule for once."""
    form = change.schedule
    at = substitution(times_of(schedule), times_of(form)).get(original.time(), form.local_start.time())
    same = form.local_start.date() == schedule.local_start.date()
    return replace(
        form,
        id=new_id,
        local_start=datetime.combine(original.date() if same else form.local_start.date(), at),
        times=(),
        rrule="",
        exceptions=frozenset(),
        moved=(),
        replaced=(),
        skip_holidays=False,
    )


def _for_rest(schedule: Schedule, rest: Schedule, form: Schedule) -> Schedule:
    """What the form, filled in for `schedule`, says of its `rest`."""
    times, original = times_of(form), rest.local_start
    begin = original.date()
    if form.local_start.date() != schedule.local_start.date():
        begin = max(begin, form.local_start.date())
    at = first_time(rest, substitution(times_of(schedule), times)) or times[0]
    rrule = form.rrule
    if rrule and schedule.rrule:
        ours, theirs = parse_rrule(schedule.rrule), parse_rrule(rrule)
        if theirs.count is not None and theirs.count == ours.count:
            rrule = spell_rrule(replace(theirs, count=parse_rrule(rest.rrule).count))
    others = tuple(each for each in times if each != at)
    return replace(form, id=rest.id, local_start=datetime.combine(begin, at), times=others, rrule=rrule)


def _whole(schedule: Schedule, original: datetime, change: Edit) -> Schedule | None:
    match change:
        case Skip():
            return None
        case Replace(bulletin):
            others = tuple(pair for pair in schedule.replaced if pair[1] != bulletin)
            return replace(schedule, bulletin=bulletin, replaced=others)
        case Move(start):
            return _shifted(schedule, original, start)
        case Revise(form):
            return carried(schedule, replace(form, id=schedule.id), same_day, {})


def _shifted(schedule: Schedule, original: datetime, start: datetime) -> Schedule:
    """All of the series with the new time of this occurrence, and its new day if the rule lets that be said."""
    new = other_day(schedule, original, start.date())
    if new is None:
        raise CannotEdit(WhyNot.DAY_NEEDS_RULE)
    known = {at: at for at in times_of(schedule)} | {original.time(): start.time()}
    first = datetime.combine(new.first, first_time(schedule, known) or start.time())
    others = tuple(sorted(set(known.values()) - {first.time()}))
    form = replace(schedule, rrule=new.rrule, local_start=first, times=others)
    return carried(schedule, form, new.moved, known)
