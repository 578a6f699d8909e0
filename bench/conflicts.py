"""Checking a new weekly schedule over a year against all that stands in a province, before it is saved.

Everything a person waits for is in the figure: reading what stands, conflicts by the playhead itself, guard rails,
the night, the first sound of the evening. A commune's own schedule, and one that is heard everywhere and meets a
programme in every commune: once with the communes on the same hours, once, the hardest, no two at the same second.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from statistics import median

from bench.figures import Figure, alone, span
from bench.province import NOW, ZONE, Province, province
from bench.workplace import Workplace
from controller.desk.checks import Checks, check
from schedules.model import Schedule, Targets
from schedules.units import AreaId, BulletinId, ScheduleId
from tests.rig.postgres import postgres

SIZES = (200, 2_000, 20_000)
AIMED = 2_000
CHECK_MS = 100.0
REPEATS = 9
WEEKLY = Schedule(
    id=ScheduleId("sc-new"),
    bulletin=BulletinId("bu-0"),
    local_start=datetime(2026, 12, 8, 17, 5),
    time_zone=ZONE,
    targets=Targets((AreaId("province"),)),
    rrule="FREQ=WEEKLY;BYDAY=TU",
)


def run(place: Workplace) -> list[Figure]:
    """Each size on each database."""
    figures: list[Figure] = []
    for name, database in (("SQLite", _sqlite), ("PostgreSQL", postgres)):
        for size in SIZES:
            with database() as url, province(place, size, url) as built:
                figures += _measure(place, f"{name}, {size:,} speakers", built)
    return figures


@contextmanager
def _sqlite() -> Iterator[str]:
    yield ""


def _measure(place: Workplace, what: str, built: Province) -> list[Figure]:
    aim = CHECK_MS if built.speakers == AIMED else None
    one = _times(built, replace(WEEKLY, targets=Targets(built.communes[:1])), 1)
    same = _times(built, WEEKLY, len(built.communes))
    _spread_out(built)
    own = _times(built, WEEKLY, len(built.communes))
    place.say(f"{what}: {median(one):.0f} ms for a commune, {median(same):.0f} ms for all, {median(own):.0f} ms apart")
    return [
        alone(f"{what}: a commune's weekly schedule over a year", median(one), "ms", spread=span(one), at_most=aim),
        alone(f"{what}: one for the whole province", median(same), "ms", spread=span(same), at_most=aim),
        alone(f"{what}: the same, no two communes at one second", median(own), "ms", spread=span(own)),
    ]


def _times(built: Province, new: Schedule, communes: int) -> list[float]:
    look = partial(_look, built, new)
    met = look().conflicts
    assert len(met) == communes, f"{len(met)} conflicts in {communes} communes"
    assert all(each.times in (52, 53) for each in met)
    return [_ms(look) for _ in range(REPEATS)]


def _ms(look: partial[Checks]) -> float:
    begun = time.perf_counter()
    look()
    return (time.perf_counter() - begun) * 1000


def _look(built: Province, new: Schedule) -> Checks:
    with built.store.read() as unit:
        return check(unit, built.room.places(unit), [new], (), NOW)


def _spread_out(built: Province) -> None:
    """Each commune begins its programme some seconds after the one before it, within four minutes."""
    number = {commune: n for n, commune in enumerate(built.communes)}
    with built.store.write() as unit:
        for schedule in unit.broadcasts.live_schedules():
            shift = timedelta(milliseconds=240_000 * number[schedule.targets.areas[0]] // len(number))
            unit.broadcasts.put_schedule(replace(schedule, local_start=schedule.local_start + shift))
