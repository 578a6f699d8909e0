"""Ending a schedule, and rolling the horizon although one schedule cannot be planned: on both databases."""

import logging
from datetime import date, time

import pytest
import sqlalchemy as sa

from controller.desk.refusal import Refusal
from controller.desk.values import When, WhenKind
from controller.store import schema
from protocol.messages import Measured
from protocol.versions import Version
from schedules.states import PlaybackState
from schedules.units import BroadcastId, ScheduleId, UtcMs
from tests.controller.test_records import take
from tests.controller.world import ADMIN, DAY_MS, TOWN, World, now_when, when_daily

TOMORROW = date(2026, 12, 8)


def roll(world: World) -> tuple[BroadcastId, ...]:
    with world.store.write() as unit:
        return world.planner.roll(unit, world.now)


def live(world: World) -> set[ScheduleId]:
    with world.store.read() as unit:
        return set(unit.broadcasts.live_ids())


def schedule_of(world: World, broadcast: BroadcastId) -> ScheduleId:
    return world.desk.broadcast(broadcast, ADMIN).schedule


def test_ending_cancels_what_is_to_come_and_plans_no_more(either: World) -> None:
    either.add_speaker("s-1")
    coming = either.schedule(when_daily(TOMORROW))
    other = either.tomorrow_at_five()
    either.settle()
    told: list[frozenset[str]] = []
    either.store.on_commit(told.append)
    schedule = schedule_of(either, coming[0])
    either.desk.end_schedule(schedule, ADMIN)
    waiting = either.dirty()
    for broadcast in coming:
        assert (either.order(broadcast).cancelled, either.order(broadcast).version) == (True, Version(1, 2))
        assert f"loaxa/v1/areas/{TOWN}/broadcasts/{broadcast}" in waiting
        assert f"broadcast:{broadcast}" in told[0]
    assert f"loaxa/v1/areas/{TOWN}/plan/2026-12-08" in waiting
    assert f"schedule:{schedule}" in told[0]
    assert len(told) == 1, "one transaction"
    assert not either.order(other).cancelled
    either.now = UtcMs(either.now + 3 * DAY_MS)
    assert roll(either) == ()


def test_ending_twice_is_ending_once(either: World) -> None:
    either.add_speaker("s-1")
    broadcast = either.schedule(when_daily(TOMORROW))[0]
    schedule, first = schedule_of(either, broadcast), either.now
    either.desk.end_schedule(schedule, ADMIN)
    either.settle()
    either.now = UtcMs(either.now + 1_000)
    either.desk.end_schedule(schedule, ADMIN)
    assert either.dirty() == set()
    assert either.order(broadcast).version == Version(1, 2)
    view = either.desk.schedule_view(schedule, ADMIN)
    assert (view.ended, view.ended_by, view.starts) == (first, "admin", ())


def test_what_plays_now_goes_on_to_its_end(either: World) -> None:
    speaker = either.add_speaker("s-1")
    today, tomorrow, *_ = either.schedule(when_daily(date(2026, 12, 7)))
    either.now = UtcMs(either.order(today).broadcast.start + 5_000)
    moves = (PlaybackState.ACCEPTED, PlaybackState.READY, PlaybackState.PLAYING)
    for n, state in enumerate(moves, start=1):
        assert take(either, either.record(speaker, n, today, state, Measured(started_us=1)), speaker, today)
    either.desk.end_schedule(schedule_of(either, today), ADMIN)
    assert (either.order(today).cancelled, either.order(today).version) == (False, Version(1, 1))
    assert either.desk.broadcast(today, ADMIN).phase == "playing"
    assert either.order(tomorrow).cancelled


def test_an_unknown_schedule_is_refused(either: World) -> None:
    for act in (either.desk.schedule_view, either.desk.end_schedule):
        with pytest.raises(Refusal) as caught:
            act(ScheduleId("sc-none"), ADMIN)
        assert (caught.value.code, caught.value.status) == ("unknown-schedule", 404)


def test_a_schedule_is_shown_with_what_it_still_has(either: World) -> None:
    either.add_speaker("s-1")
    weekly = When(WhenKind.WEEKLY, TOMORROW, time(17, 0), (0, 2, 4), until=date(2026, 12, 16))
    first, *_ = either.schedule(weekly)
    either.desk.cancel(first, ADMIN)
    view = either.desk.schedule_view(schedule_of(either, first), ADMIN)
    assert view.words == "thứ 2, 4, 6 hàng tuần lúc 17:00, từ ngày 08/12/2026 đến hết ngày 16/12/2026"
    assert (view.recurring, view.title, view.places_sentence) == (True, "Thông báo", "thị trấn Đầm Hà")
    # The 9th was cancelled by itself.
    assert [start.isoformat()[:16] for start in view.starts] == [
        "2026-12-11T17:00", "2026-12-14T17:00", "2026-12-16T17:00"
    ]  # fmt: skip
    daily = either.desk.schedule_view(schedule_of(either, either.schedule(when_daily(TOMORROW))[0]), ADMIN)
    assert (len(daily.starts), daily.ended) == (10, None)


@pytest.mark.parametrize("broken", [{"rrule": "FREQ=NEVER"}, {"time_zone": "Nowhere/Gone"}, {"local_start": "x"}])
def test_one_schedule_that_cannot_be_planned_stops_no_other(
    either: World, broken: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    either.add_speaker("s-1")
    bad, good = (schedule_of(either, either.schedule(when_daily(TOMORROW))[0]) for _ in range(2))
    with either.store.write() as unit:
        table = schema.schedules
        unit.connection.execute(table.update().where(table.c.id == bad).values(broken))
    either.now = UtcMs(either.now + DAY_MS)
    with caplog.at_level(logging.ERROR):
        (made,) = roll(either)
    assert schedule_of(either, made) == good
    assert bad in caplog.text
    assert live(either) == {bad, good}


def test_what_a_failing_schedule_had_begun_is_undone(either: World, caplog: pytest.LogCaptureFixture) -> None:
    """It fails in the middle: its second broadcast cannot be kept."""
    either.add_speaker("s-1")
    bad, good = (schedule_of(either, either.schedule(when_daily(TOMORROW))[0]) for _ in range(2))
    with either.store.write() as unit:
        start = unit.broadcasts.coming(bad, either.now)[-1].broadcast.start
        index = "CREATE UNIQUE INDEX only_one ON broadcasts (schedule) WHERE schedule = '%s' AND start_ms > %d"
        unit.connection.execute(sa.text(index % (bad, start)))
    either.settle()
    either.now = UtcMs(either.now + 2 * DAY_MS)
    made = roll(either)
    assert [schedule_of(either, each) for each in made] == [good, good]
    assert bad in caplog.text
    with either.store.read() as unit:
        assert all(planned.broadcast.start <= start for planned in unit.broadcasts.coming(bad, UtcMs(0)))
    broadcasts = {topic.rpartition("/")[2] for topic in either.dirty() if "/broadcasts/" in topic}
    assert broadcasts == set(made)


def test_a_broken_schedule_does_not_break_the_page_and_can_be_ended(either: World) -> None:
    either.add_speaker("s-1")
    broadcast = either.schedule(when_daily(TOMORROW))[0]
    schedule = schedule_of(either, broadcast)
    with either.store.write() as unit:
        unit.connection.execute(schema.schedules.update().values(rrule="FREQ=NEVER"))
    view = either.desk.schedule_view(schedule, ADMIN)
    assert (view.words, view.recurring) == ("", True)
    either.desk.end_schedule(schedule, ADMIN)
    assert either.order(broadcast).cancelled


def test_what_came_to_its_end_is_not_expanded_again(either: World) -> None:
    either.add_speaker("s-1")
    until = When(WhenKind.DAILY, TOMORROW, time(5, 0), until=date(2026, 12, 16))
    (*_, last) = either.schedule(until)
    endless = schedule_of(either, either.schedule(when_daily(TOMORROW))[0])
    now = schedule_of(either, either.schedule(now_when())[0])
    schedule = schedule_of(either, last)
    assert live(either) == {schedule, endless}, "what plays once and at once is planned once"
    either.now = UtcMs(either.now + 2 * DAY_MS)
    assert len([each for each in roll(either) if schedule_of(either, each) == schedule]) == 2
    assert live(either) == {endless}, "with its last broadcast planned it has come to its end"
    view = either.desk.schedule_view(schedule, ADMIN)
    assert (view.ended, len(view.starts)) == (None, 7), "nobody ended it, and its last days are still to come"
    either.desk.end_schedule(schedule, ADMIN)
    assert either.desk.schedule_view(schedule, ADMIN).ended == either.now
    assert either.desk.schedule_view(now, ADMIN).ended is None
