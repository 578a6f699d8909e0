"""How loud a place may be at each instant: its limit, lower in some hours of the day. The box asks it too."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from schedules.model import VolumeHours
from schedules.units import Percent, UtcMs
from schedules.wall import local_date, readings

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Step:
    """From this instant on nothing is louder than `most`, until the next step."""

    at: UtcMs
    most: Percent


def steps(begin: UtcMs, end: UtcMs, zone: str, most: Percent, hours: Sequence[VolumeHours]) -> tuple[Step, ...]:
    """The limit over [begin, end): the first step at `begin`, then one wherever it changes.

    `hours` are read on the wall clock of `zone`; where several hold, the lowest. An interval runs from its begin up to
    but not including its end, across midnight if the end is not later; in a night in which the clocks change the
    longer reading counts. Raises UnknownZone.
    """
    spans = [span for each in hours for span in _spans(begin, end, zone, each)]
    instants = sorted({begin, *(at for span in spans for at in span[:2] if begin < at < end)})
    found: list[Step] = []
    for at in instants:
        now = min([most, *(lower for start, stop, lower in spans if start <= at < stop)])
        if not found or found[-1].most != now:
            found.append(Step(at, now))
    return tuple(found)


def _spans(begin: UtcMs, end: UtcMs, zone: str, hours: VolumeHours) -> Iterator[tuple[UtcMs, UtcMs, Percent]]:
    day, last = local_date(begin, zone) - _ONE_DAY, local_date(end, zone) + _ONE_DAY
    while day <= last:
        ends_on = day + _ONE_DAY if hours.begin >= hours.end else day
        start = readings(datetime.combine(day, hours.begin), zone)[0]
        stop = readings(datetime.combine(ends_on, hours.end), zone)[1]
        yield start, stop, hours.most
        day += _ONE_DAY


def most_at(planned: Sequence[Step], at_ms: int) -> Percent:
    """The limit of the step in force at that instant; before the first step, that of the first."""
    in_force = planned[0]
    for step in planned:
        if step.at > at_ms:
            break
        in_force = step
    return in_force.most
