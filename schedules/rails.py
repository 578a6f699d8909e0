"""The guard rails of a place: when nothing may sound, and how much may. Standard library only: the box asks it too.

Only an emergency is exempt, and callers leave emergencies out of what they hand in. A stretch is sound without
a break; what two programmes put out one after the other are two stretches. What is to sound is judged together
with what has sounded or will: when planning with everything planned around it, on the box with what really came
out before. Both ask `breach_of`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import islice

from schedules.model import AreaSettings, Broadcast, Priority, QuietHours
from schedules.quiet import overlaps_quiet_hours
from schedules.units import DurationMs, UtcMs
from schedules.wall import local_date, readings

SESSION_PAUSE = DurationMs(5 * 60_000)
"""A silence of this length ends a session."""
NIGHT = QuietHours(time(21), time(5))
"""What sounds in it needs a second person, unless the area allows it."""
EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)
_ONE_DAY = timedelta(days=1)


class Rail(StrEnum):
    """Which rule is broken, in the order in which they are asked."""

    QUIET_HOURS = "quiet_hours"
    WEEKDAY = "weekday"
    SESSION_CAP = "session_cap"
    DAILY_CAP = "daily_cap"


@dataclass(frozen=True, slots=True)
class Rails:
    """What holds in one place. `session_cap` and `daily_cap`: None where there is no cap."""

    zone: str
    quiet_hours: tuple[QuietHours, ...] = ()
    weekdays: tuple[int, ...] = EVERY_DAY
    session_cap: DurationMs | None = None
    daily_cap: DurationMs | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """Sound in [begin, end)."""

    begin: UtcMs
    end: UtcMs


@dataclass(frozen=True, slots=True)
class Breach:
    """What begins at `at` breaks `rail`; `limit` and `found` are milliseconds, 0 where the rail counts none.

    `day` is the local day that is forbidden or too full, or the one on which it begins.
    """

    rail: Rail
    at: UtcMs
    day: date
    limit: DurationMs = DurationMs(0)
    found: DurationMs = DurationMs(0)


def rails_of(settings: AreaSettings, zone: str) -> Rails:
    """The rails of a place whose settings, inherited ones included, are these."""
    return Rails(
        zone,
        settings.quiet_hours or (),
        EVERY_DAY if settings.weekdays is None else settings.weekdays,
        settings.session_cap,
        settings.daily_cap,
    )


def stretch_of(broadcast: Broadcast) -> Stretch:
    """When it sounds if nothing comes in between."""
    return Stretch(broadcast.start, UtcMs(min(broadcast.start + broadcast.duration, broadcast.hard_end)))


def breach_of(
    stretch: Stretch, others: Iterable[Stretch], rails: Rails, tolerance: DurationMs = DurationMs(0)
) -> Breach | None:
    """The first rail that `stretch` breaks, given the `others` (never itself); None when it breaks none.

    `tolerance` is added to the caps: what really came out is never exactly as long as was planned.
    """
    day = local_date(stretch.begin, rails.zone)
    if stretch.end <= stretch.begin:
        return None
    if overlaps_quiet_hours(stretch.begin, stretch.end, rails.zone, rails.quiet_hours):
        return Breach(Rail.QUIET_HOURS, stretch.begin, day)
    for touched in islice(_days(stretch, rails.zone), 7):
        if touched.weekday() not in rails.weekdays:
            return Breach(Rail.WEEKDAY, stretch.begin, touched)
    if rails.session_cap is None and rails.daily_cap is None:
        return None
    around = list(others)
    return _long_session(stretch, around, rails, day, tolerance) or _full_day(stretch, around, rails, tolerance)


def breaches(new: Sequence[Broadcast], others: Sequence[Broadcast], rails: Rails) -> tuple[Breach, ...]:
    """What each of `new` breaks at a speaker where `others` are heard too, by start; emergencies break nothing."""
    mine = [stretch_of(each) for each in new if each.priority is not Priority.EMERGENCY]
    theirs = [stretch_of(each) for each in others if each.priority is not Priority.EMERGENCY]
    found = (breach_of(stretch, [*theirs, *mine[:n], *mine[n + 1 :]], rails) for n, stretch in enumerate(mine))
    return tuple(sorted((each for each in found if each is not None), key=lambda breach: breach.at))


def session(stretch: Stretch, others: Iterable[Stretch]) -> Stretch:
    """The session that `stretch` is in: everything around it without a silence of SESSION_PAUSE."""
    whole, grown = stretch, True
    waiting = tuple(others)
    while grown:
        near = [each for each in waiting if _no_pause(each, whole)]
        begin = min([whole.begin, *(each.begin for each in near)])
        end = max([whole.end, *(each.end for each in near)])
        grown = (begin, end) != (whole.begin, whole.end)
        whole = Stretch(begin, end)
    return whole


def _no_pause(one: Stretch, other: Stretch) -> bool:
    return one.begin < other.end + SESSION_PAUSE and other.begin < one.end + SESSION_PAUSE


def sounds_at_night(stretch: Stretch, zone: str) -> bool:
    """Whether it sounds between 21:00 and 05:00 on the wall clock there."""
    return stretch.end > stretch.begin and overlaps_quiet_hours(stretch.begin, stretch.end, zone, (NIGHT,))


def _long_session(
    stretch: Stretch, others: Sequence[Stretch], rails: Rails, day: date, tolerance: DurationMs
) -> Breach | None:
    if rails.session_cap is None:
        return None
    whole = session(stretch, others)
    length = DurationMs(whole.end - whole.begin)
    if length <= rails.session_cap + tolerance:
        return None
    return Breach(Rail.SESSION_CAP, stretch.begin, day, rails.session_cap, length)


def _full_day(stretch: Stretch, others: Sequence[Stretch], rails: Rails, tolerance: DurationMs) -> Breach | None:
    if rails.daily_cap is None:
        return None
    # What is longer than two days fills the second of them.
    for day in islice(_days(stretch, rails.zone), 3):
        begin, end = _midnight(day, rails.zone), _midnight(day + _ONE_DAY, rails.zone)
        total = DurationMs(sum(max(0, min(s.end, end) - max(s.begin, begin)) for s in (stretch, *others)))
        if total > rails.daily_cap + tolerance:
            return Breach(Rail.DAILY_CAP, stretch.begin, day, rails.daily_cap, total)
    return None


def _days(stretch: Stretch, zone: str) -> Iterator[date]:
    """The local days that it touches."""
    day, last = local_date(stretch.begin, zone), local_date(UtcMs(stretch.end - 1), zone)
    while day <= last:
        yield day
        day += _ONE_DAY


@lru_cache(maxsize=4096)
def _midnight(day: date, zone: str) -> UtcMs:
    return readings(datetime.combine(day, time()), zone)[0]
