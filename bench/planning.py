"""Planning a province: the hourly roll of the horizon, the full week from nothing, the page of a day; and how each grows.

Every figure on SQLite and on a real PostgreSQL, at 200, 2,000 and 20,000 speakers; the aims are for 2,000.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from statistics import median

from bench.figures import Figure, alone, span
from bench.province import NOW, Province, province
from bench.workplace import Workplace
from controller.desk.office import Office
from controller.desk.values import Person
from controller.rights import EVERYWHERE, Grant, Role
from schedules.units import UtcMs
from tests.rig.postgres import postgres

SIZES = (200, 2_000)
AIMED = 2_000
HOUR_MS = 3_600_000
HOURS = 5
REPEATS = 5
ROLL_S, REBUILD_S, PAGE_MS = 1.0, 10.0, 150.0
LEADER = Person("u-leader", "leader", "Lãnh đạo", False, (Grant(Role.APPROVER, EVERYWHERE),))


def run(place: Workplace) -> list[Figure]:
    """Each size on each database, the smallest first, so that a machine that is too slow still tells something."""
    figures: list[Figure] = []
    for name, database in (("SQLite", _sqlite), ("PostgreSQL", postgres)):
        for size in SIZES:
            with database() as url, province(place, size, url) as built:
                place.say(f"{name}, {size:,} speakers in {len(built.communes)} areas: laid out")
                figures += _measure(place, name, built)
    return figures


@contextmanager
def _sqlite() -> Iterator[str]:
    yield ""


def _measure(place: Workplace, name: str, built: Province) -> list[Figure]:
    aimed = built.speakers == AIMED
    what = f"{name}, {built.speakers:,} speakers"
    rebuilt = _seconds(lambda: _roll(built, NOW))
    place.say(f"  a week planned in {rebuilt:.2f} s")
    rolls = [_seconds(partial(_roll, built, UtcMs(NOW + hour * HOUR_MS))) for hour in range(1, HOURS + 1)]
    place.say(f"  an hour rolled in {median(rolls):.3f} s")
    desk = Office(built.room)
    pages = [_seconds(lambda: desk.day(None, ADMIN)) * 1000 for _ in range(REPEATS)]
    place.say(f"  a day's lines in {median(pages):.0f} ms")
    return [
        alone(f"{what}: the week from nothing", rebuilt, "s", at_most=REBUILD_S if aimed else None),
        alone(f"{what}: hourly roll", median(rolls), "s", spread=span(rolls), at_most=ROLL_S if aimed else None),
        alone(f"{what}: the lines of a day", median(pages), "ms", spread=span(pages), at_most=PAGE_MS if aimed else None),
    ]


def _roll(built: Province, now: UtcMs) -> None:
    with built.store.write() as unit:
        built.planner.roll(unit, now)


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
