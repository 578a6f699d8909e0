"""A speaker's day as a drawing: stretches of sound and of quiet along 24 hours, in thousandths of a day's width."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from controller.desk.timelines import Sounding, Timeline
from schedules.units import UtcMs
from schedules.wall import readings

LEAST = 3
"""A stretch is drawn so wide at least, to be seen at all."""
HOURS = range(0, 25, 3)


@dataclass(frozen=True, slots=True)
class Piece:
    x: int
    width: int
    slot: Sounding


@dataclass(frozen=True, slots=True)
class Lane:
    """`hours`: (where, what it reads). `now` is None on another day."""

    pieces: tuple[Piece, ...]
    quiet: tuple[tuple[int, int], ...]
    hours: tuple[tuple[int, str], ...]
    now: int | None


def lane_of(line: Timeline, now: UtcMs) -> Lane:
    whole = line.end - line.begin

    def at(instant: int) -> int:
        return max(0, min(1000, (instant - line.begin) * 1000 // whole))

    pieces = []
    for slot in line.slots:
        x = min(at(slot.begin), 1000 - LEAST)
        pieces.append(Piece(x, max(LEAST, at(slot.end) - x), slot))
    quiet = []
    for begin, end in _quiet(line):
        if at(end) > at(begin):
            quiet.append((at(begin), at(end) - at(begin)))
    hours = tuple(
        (at(readings(datetime.combine(line.day, time()) + timedelta(hours=hour), line.time_zone)[0]), f"{hour:02}")
        for hour in HOURS
    )
    return Lane(tuple(pieces), tuple(quiet), hours, at(now) if line.begin <= now < line.end else None)


def _quiet(line: Timeline) -> list[tuple[UtcMs, UtcMs]]:
    """The quiet stretches that touch the day: those that begin on it and on the evening before."""
    found = []
    for hours in line.quiet:
        for day in (line.day - timedelta(days=1), line.day):
            ends = day + timedelta(days=1) if hours.begin >= hours.end else day
            begin = readings(datetime.combine(day, hours.begin), line.time_zone)[0]
            end = readings(datetime.combine(ends, hours.end), line.time_zone)[1]
            found.append((begin, end))
    return found
