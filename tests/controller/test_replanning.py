"""What stands on air against what a schedule says now: kept, superseded, taken back by a person, placed anew."""

from dataclasses import replace
from datetime import date, datetime, time

import pytest

from controller.desk.changes import Changes
from controller.desk.values import When, WhenKind
from controller.store.changes import Item
from controller.store.values import Planned
from schedules.model import Schedule
from schedules.units import BroadcastId, DurationMs, Percent, UtcMs
from tests.controller.world import ADMIN, DAY_MS, TOWN, World

DAILY = When(WhenKind.DAILY, date(2026, 12, 8), time(17, 0))
THREE_DAYS_BEFORE = UtcMs(1929866400_000)
"""26 February 2031, 17:00 in Vietnam."""
SECOND = datetime(2026, 12, 9, 17, 0)


@pytest.fixture
def daily(station: World) -> Schedule:
    """Every day at 17:00, planned for a week."""
    station.add_speaker("s-1")
    first = station.schedule(DAILY)[0]
    with station.store.read() as unit:
        planned = unit.broadcasts.get(first)
        assert planned is not None
        found = unit.broadcasts.schedule(planned.schedule)
    assert found is not None
    return found


def change(station: World, before: Schedule, after: Schedule) -> tuple[BroadcastId, ...]:
    item = Item(before.id, before, after)
    return Changes(station.room).propose(before.bulletin, [item], ADMIN).broadcasts


def standing(station: World, schedule: Schedule) -> list[Planned]:
    with station.store.read() as unit:
        return [each for each in unit.broadcasts.of_schedules([schedule.id], station.now) if not each.cancelled]


def all_of(station: World, schedule: Schedule) -> list[Planned]:
    with station.store.read() as unit:
        return list(unit.broadcasts.of_schedules([schedule.id], station.now))


def test_an_edit_supersedes_what_it_changes_and_keeps_the_rest(station: World, daily: Schedule) -> None:
    before = standing(station, daily)
    later = datetime(2026, 12, 9, 18, 30)
    (new,) = change(station, daily, replace(daily, moved=((SECOND, later),)))
    now = standing(station, daily)
    assert {each.id for each in before} - {each.id for each in now} == {before[1].id}
    assert {each.id for each in now} - {each.id for each in before} == {new}
    moved = next(each for each in now if each.id == new)
    assert moved.broadcast.start == UtcMs(before[1].broadcast.start + 90 * 60_000)
    assert station.order(before[1].id).cancelled
    assert not station.order(new).cancelled


def test_all_of_it_changes_under_new_ids(station: World, daily: Schedule) -> None:
    before = standing(station, daily)
    made = change(station, daily, replace(daily, volume=Percent(40)))
    assert len(made) == len(before)
    assert not {each.id for each in before}.intersection(made)
    assert all(station.order(each.id).cancelled for each in before)
    assert {station.order(each).broadcast.volume for each in made} == {40}


def test_what_a_person_took_back_is_not_revived(station: World, daily: Schedule) -> None:
    first = standing(station, daily)[0]
    station.desk.cancel(first.id, ADMIN)
    change(station, daily, replace(daily, volume=Percent(40)))
    with station.store.write() as unit:
        station.planner.roll(unit, station.now)
    assert [each for each in standing(station, daily) if each.occurrence == first.occurrence] == []


def test_changed_and_changed_back_takes_a_third_id(station: World, daily: Schedule) -> None:
    """A playback begun or final never starts again, and a cancelled id stays cancelled."""
    second = standing(station, daily)[1]
    quieter = replace(daily, volume=Percent(40))
    change(station, daily, quieter)
    change(station, quieter, daily)
    tries = [each for each in all_of(station, daily) if each.occurrence == second.occurrence]
    assert [each.cancelled for each in sorted(tries, key=lambda each: each.cancelled)] == [False, True, True]
    assert len({each.id for each in tries}) == 3


def test_the_same_again_changes_nothing(station: World, daily: Schedule) -> None:
    before = standing(station, daily)
    with station.store.write() as unit:
        assert station.planner.replan_schedules(unit, [daily], "admin", station.now) == ()
    assert standing(station, daily) == before


def test_what_plays_goes_on_and_what_comes_changes(station: World, daily: Schedule) -> None:
    first = standing(station, daily)[0]
    station.now = UtcMs(first.broadcast.start + 5_000)
    change(station, daily, replace(daily, volume=Percent(40)))
    assert not station.order(first.id).cancelled


def test_repeats_are_broadcasts_of_their_own(station: World, daily: Schedule) -> None:
    change(station, daily, replace(daily, repeats=3, gap=DurationMs(60_000)))
    first = [each for each in standing(station, daily) if each.occurrence.startswith("2026-12-08")]
    assert [each.occurrence for each in first] == [f"2026-12-08T17:00:00{repeat}" for repeat in ("", "/2", "/3")]
    starts = [each.broadcast.start for each in first]
    assert [starts[1] - starts[0], starts[2] - starts[1]] == [90_000, 90_000], "30 s of sound and a minute of silence"


def test_a_roll_looks_only_at_what_is_due(station: World, daily: Schedule) -> None:
    """Nothing new of it can begin before the horizon reaches its next day: until then it is not even read."""
    with station.store.read() as unit:
        due = unit.broadcasts.due_schedules(UtcMs(station.now + 7 * DAY_MS))
        soon = unit.broadcasts.due_schedules(UtcMs(station.now + 8 * DAY_MS))
    assert ([each.id for each in due], [each.id for each in soon]) == ([], [daily.id])


def test_one_that_comes_years_later_is_planned_when_its_time_comes(station: World) -> None:
    station.add_speaker("s-1")
    far = When(WhenKind.ONCE, date(2031, 3, 1), time(17, 0))
    assert station.schedule(far, TOWN) == ()
    for year in range(2027, 2031):
        station.now = UtcMs(station.now + 364 * DAY_MS)
        with station.store.write() as unit:
            made = station.planner.roll(unit, station.now)
        assert made == (), year
    station.now = THREE_DAYS_BEFORE
    with station.store.write() as unit:
        assert len(station.planner.roll(unit, station.now)) == 1
