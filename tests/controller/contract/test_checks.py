"""What is looked at before a schedule is saved, on both databases: conflicts, guard rails, the night, the evening."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time

import pytest

from controller.desk.checks import Checks, Hearing, check
from controller.desk.clashes import clashes_of
from controller.desk.values import Choice, NewBulletin
from controller.store.standing import Standing
from schedules.conflicts import Outcome
from schedules.model import Priority, QuietHours, Schedule, StartRule, Targets
from schedules.rails import Rail
from schedules.units import AreaId, BulletinId, DurationMs, ScheduleId, SpeakerId, UtcMs
from schedules.wall import localise, utc_ms
from tests.controller.world import ADMIN, COMMUNE, DISTRICT, TOWN, ZONE, World, once, when_daily

TOMORROW = date(2026, 12, 8)
MINUTE = 60_000
HALF = 30_000
"""How long a bulletin of the test world sounds."""


def new(bulletin: BulletinId, at: time, *areas: AreaId, **more: object) -> Schedule:
    plain = Schedule(
        ScheduleId("sc-new"),
        bulletin,
        datetime.combine(TOMORROW, at),
        ZONE,
        Targets(areas or (TOWN,)),
        grace=DurationMs(600_000),
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def look(world: World, *after: Schedule, replaced: Sequence[ScheduleId] = ()) -> Checks:
    with world.store.read() as unit:
        return check(unit, world.room.places(unit), after, replaced, world.now)


def settle(world: World, area: AreaId, **settings: object) -> None:
    """Change the settings of an area as of now."""
    with world.store.write() as unit:
        known = next(each for each in unit.places.areas() if each.id == area)
        unit.places.put_period(replace(known, settings=replace(known.settings, **settings)), world.now, "test")  # type: ignore[arg-type]


def at(day: date, clock: time) -> UtcMs:
    return utc_ms(localise(datetime.combine(day, clock), ZONE))


def test_both_are_named_with_who_gives_way(either: World) -> None:
    for speaker, area in (("s-1", TOWN), ("s-2", TOWN), ("s-3", COMMUNE)):
        either.add_speaker(speaker, area)
    standing = either.schedule(when_daily(TOMORROW), DISTRICT)
    fresh = either.bulletin(title="Mới")
    weekly = new(fresh, time(17, 0, 10), rrule="FREQ=WEEKLY;BYDAY=TU,FR", priority=Priority.PRIORITY)
    found = look(either, weekly)
    (conflict,) = found.conflicts
    with either.store.read() as unit:
        planned = unit.broadcasts.get(standing[0])
    assert planned is not None
    assert conflict.loser == conflict.other.schedule == planned.schedule
    assert conflict.fate.outcome is Outcome.RESUMED
    assert conflict.fate.stops == at(TOMORROW, time(17, 0, 10))
    assert conflict.fate.resumes == conflict.fate.stops + HALF
    assert conflict.speakers == {"s-1", "s-2"}
    assert conflict.times == 105, "Tuesdays and Fridays of a year"
    assert found.titles[conflict.new.bulletin] == "Mới"
    assert found.titles[conflict.other.bulletin] == "Thông báo"
    assert found.breaches == ()
    assert not found.night


def test_what_is_cut_when_the_other_begins_is_not_in_its_way(either: World) -> None:
    either.add_speaker("s-1")
    either.schedule(when_daily(TOMORROW))
    fresh = new(either.bulletin(), time(16, 59, 50), rrule="FREQ=DAILY")
    (conflict,) = look(either, fresh).conflicts
    assert (conflict.fate.outcome, conflict.new_loses, conflict.fate.heard) == (Outcome.SHORT, False, 10_000)
    (choice,) = [each for each in _choices(either, fresh) if each.name == "at_most"]
    cut = replace(fresh, at_most=DurationMs(int(choice.value)))
    assert cut.at_most == 10_000
    assert look(either, cut).conflicts == ()
    with either.store.write() as unit:
        unit.broadcasts.add_schedule(cut, either.now, "test")
        assert unit.broadcasts.schedule(cut.id) == cut


def _choices(world: World, schedule: Schedule) -> Sequence[Choice]:
    return [choice for clash in clashes_of(look(world, schedule), schedule, ZONE) for choice in clash.choices]


def test_what_is_replaced_or_being_edited_is_not_in_the_way(either: World) -> None:
    either.add_speaker("s-1")
    standing = either.schedule(when_daily(TOMORROW))
    fresh = new(either.bulletin(), time(17))
    with either.store.read() as unit:
        planned = unit.broadcasts.get(standing[0])
        assert planned is not None
        edited = unit.broadcasts.schedule(planned.schedule)
        assert edited is not None
    assert len(look(either, fresh).conflicts) == 1
    assert look(either, fresh, replaced=[edited.id]).conflicts == ()
    assert look(either, replace(edited, local_start=edited.local_start.replace(second=5))).conflicts == ()


def test_a_single_broadcast_is_in_the_way_until_it_is_taken_back(either: World) -> None:
    """Its schedule brings forth nothing more, so that only what is planned tells of it."""
    either.add_speaker("s-1")
    standing = either.schedule(once(TOMORROW, time(17)))[0]
    fresh = new(either.bulletin(), time(17), rrule="FREQ=DAILY")
    assert [each.times for each in look(either, fresh).conflicts] == [1]
    either.desk.cancel(standing, ADMIN)
    assert look(either, fresh).conflicts == ()


def test_one_occurrence_that_was_taken_back_is_not_in_the_way(either: World) -> None:
    either.add_speaker("s-1")
    standing = either.schedule(when_daily(TOMORROW))
    fresh = new(either.bulletin(), time(17))
    either.desk.cancel(standing[1], ADMIN)
    assert [each.times for each in look(either, fresh).conflicts] == [1]
    either.desk.cancel(standing[0], ADMIN)
    assert look(either, fresh).conflicts == ()


def test_the_guard_rails_of_every_place_inherited_ones_too(either: World) -> None:
    for speaker, area in (("s-1", TOWN), ("s-2", COMMUNE)):
        either.add_speaker(speaker, area)
    settle(either, DISTRICT, quiet_hours=(QuietHours(time(21), time(4, 30)),), weekdays=(0, 1, 2, 3, 4))
    settle(either, TOWN, weekdays=(0, 1, 2, 3, 4, 5, 6))
    bulletin = either.bulletin()
    late = look(either, new(bulletin, time(22), DISTRICT))
    assert {(each.area, each.breach.rail) for each in late.breaches} == {
        (TOWN, Rail.QUIET_HOURS),
        (COMMUNE, Rail.QUIET_HOURS),
    }
    daily = look(either, new(bulletin, time(17), DISTRICT, rrule="FREQ=DAILY"))
    (saturday,) = daily.breaches
    assert (saturday.area, saturday.breach.rail, saturday.breach.day) == (COMMUNE, Rail.WEEKDAY, date(2026, 12, 12))
    assert 104 <= saturday.times <= 106
    assert look(either, new(bulletin, time(22), DISTRICT, priority=Priority.EMERGENCY)).breaches == ()


def test_the_caps_count_what_stands(either: World) -> None:
    either.add_speaker("s-1")
    either.schedule(when_daily(TOMORROW))
    settle(either, TOWN, session_cap=DurationMs(HALF + 40_000), daily_cap=DurationMs(2 * HALF))
    bulletin = either.bulletin()
    beside = new(bulletin, time(17, 1), rrule="FREQ=WEEKLY;BYDAY=TU")
    (long,) = look(either, beside).breaches
    assert (long.breach.rail, long.breach.limit, long.breach.found) == (Rail.SESSION_CAP, 70_000, 90_000)
    assert long.breach.at == at(TOMORROW, time(17, 1))
    apart = replace(beside, local_start=datetime.combine(TOMORROW, time(17, 6)))
    assert look(either, apart).breaches == ()
    twice = replace(apart, times=(time(18),))
    (full,) = look(either, twice).breaches
    assert (full.breach.rail, full.breach.day, full.breach.found) == (Rail.DAILY_CAP, TOMORROW, 3 * HALF)
    assert look(either, replace(twice, priority=Priority.EMERGENCY)).breaches == ()


def test_repeats_make_a_session(either: World) -> None:
    either.add_speaker("s-1")
    settle(either, TOWN, session_cap=DurationMs(2 * MINUTE))
    bulletin = either.bulletin()
    thrice = new(bulletin, time(17), repeats=3, gap=DurationMs(MINUTE))
    (long,) = look(either, thrice).breaches
    assert (long.breach.rail, long.breach.found, long.times) == (Rail.SESSION_CAP, 3 * HALF + 2 * MINUTE, 3)
    assert look(either, replace(thrice, gap=DurationMs(6 * MINUTE))).breaches == ()
    assert look(either, thrice).conflicts == ()


@pytest.mark.parametrize(
    ("clock", "night"), [(time(20, 59), False), (time(20, 59, 40), True), (time(4, 59), True), (time(5), False)]
)
def test_the_night_needs_a_second_person_unless_the_area_allows_it(either: World, clock: time, night: bool) -> None:
    either.add_speaker("s-1")
    settle(either, DISTRICT, night_allowed=None)
    bulletin = either.bulletin()
    assert look(either, new(bulletin, clock)).night is night
    settle(either, DISTRICT, night_allowed=True)
    assert look(either, new(bulletin, clock)).night is False


def test_the_first_sound_of_the_evening_is_of_anything_that_is_heard_there(either: World) -> None:
    either.add_speaker("s-1")
    either.add_speaker("s-2", COMMUNE)
    today = date(2026, 12, 7)
    either.schedule(once(today, time(19, 30)), COMMUNE)
    bulletin = either.bulletin(title="Mới")
    assert look(either, new(bulletin, time(17))).first_tonight is None
    mine = new(bulletin, time(20), local_start=datetime.combine(today, time(20)))
    first = look(either, mine).first_tonight
    assert first is not None
    assert (first.at.replace(tzinfo=None), first.title, first.new) == (datetime(2026, 12, 7, 20), "Mới", True)
    everywhere = replace(mine, targets=Targets((DISTRICT,)))
    first = look(either, everywhere).first_tonight
    assert first is not None
    assert (first.at.replace(tzinfo=None), first.title, first.new) == (
        datetime(2026, 12, 7, 19, 30),
        "Thông báo",
        False,
    )
    either.now = at(today, time(19, 45))
    first = look(either, everywhere).first_tonight
    assert first is not None
    assert first.new
    either.now = at(TOMORROW, time(3))
    dawn = replace(everywhere, local_start=datetime.combine(TOMORROW, time(5)))
    first = look(either, dawn).first_tonight
    assert first is not None
    assert first.at.replace(tzinfo=None) == datetime(2026, 12, 8, 5)
    assert look(either, replace(dawn, local_start=datetime.combine(TOMORROW, time(7)))).first_tonight is None


def test_what_stands_is_read_as_the_repository_reads_it(either: World) -> None:
    either.add_speaker("s-1")
    either.schedule(when_daily(TOMORROW))
    either.schedule(when_daily(TOMORROW), DISTRICT, volume=50)
    with either.store.write() as unit:
        first = unit.broadcasts.live_schedules()[0]
        unit.broadcasts.put_schedule(
            replace(
                first,
                times=(time(5),),
                repeats=2,
                gap=DurationMs(1_000),
                exceptions=frozenset({datetime(2026, 12, 9, 17)}),
                moved=((datetime(2026, 12, 10, 17), datetime(2026, 12, 10, 18)),),
                replaced=((datetime(2026, 12, 11, 17), first.bulletin),),
                rule=StartRule.FROM_START,
                order=3,
            )
        )
    with either.store.read() as unit:
        stands = {each.id: each for each in Standing(unit.connection).live()}
        assert stands == {each.id: each for each in unit.broadcasts.live_schedules()}
        lengths = Standing(unit.connection).lengths()
        assert {lengths[each.bulletin] for each in stands.values()} == {HALF}
        places, hearing = either.room.places(unit), Hearing(either.room.places(unit))
        for targets in (Targets((DISTRICT,)), Targets((TOWN,)), Targets((), (SpeakerId("s-1"), SpeakerId("s-9")))):
            assert hearing.of(targets) == places.addressed(targets)


def test_a_bulletin_without_sound_brings_nothing(either: World) -> None:
    either.add_speaker("s-1")
    silent = either.desk.bulletin_from_text(NewBulletin("Chưa có âm thanh"), "Kính mời", ADMIN)
    found = look(either, new(silent, time(17)))
    assert (found.conflicts, found.night, found.breaches) == ((), False, ())


def test_what_ties_and_is_kept_goes_behind_as_was_shown(either: World) -> None:
    """Until then which of the two begins would have been up to their names."""
    either.add_speaker("s-1")
    first = either.schedule(when_daily(TOMORROW))
    second = either.schedule(when_daily(TOMORROW))
    with either.store.read() as unit:
        orders = [planned.broadcast.order for planned in unit.broadcasts.many([first[0], second[0]])]
    assert sorted(orders) == [0, 1]
    assert either.order(first[0]).broadcast.order == 0
