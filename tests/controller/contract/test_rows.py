"""Many rows at once, as both databases keep them, and how often the store is asked for what many schedules share."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError

from controller.desk.checks import check
from controller.desk.foreseen import foreseen
from controller.desk.scope import Scope
from controller.store import schema
from controller.store.outbox import RANK_DOCUMENT
from controller.store.unit import Store
from controller.store.upsert import add_missing, add_rows
from controller.store.values import Content
from schedules.model import Priority, Targets
from schedules.units import BroadcastId, ScheduleId, SpeakerId, UtcMs
from tests.controller.world import COMMUNE, DAY_MS, TOWN, World, when_daily

ODD = "{'quoted', \"twice\", \\back, %s, ?, NULL, Đầm Hà}\n"


def test_odd_texts_and_lists_come_back_as_they_were(either: World) -> None:
    either.add_speaker("one")
    broadcast = either.tomorrow_at_five()
    with either.store.write() as unit:
        there = unit.broadcasts.get(broadcast)
        assert there is not None
        odd = replace(there, title=ODD, excluded=(SpeakerId("a"), SpeakerId("b")), cancelled=True)
        unit.broadcasts.put_many([there, odd])
        assert unit.broadcasts.get(broadcast) == odd


def test_more_rows_than_go_into_one_statement(either: World) -> None:
    either.settle()
    topics = [f"loaxa/v1/odd/{n}" for n in range(5_001)]
    with either.store.write() as unit:
        unit.outbox.dirty(topics, RANK_DOCUMENT, either.now)
    assert either.dirty() == set(topics)


def test_what_is_there_stays_or_is_a_fault(either: World) -> None:
    row = {"topic": "a", "expires_ms": 1, "sent_ms": 1}
    with either.store.write() as unit:
        add_rows(unit.connection, schema.retained, [row])
        add_missing(unit.connection, schema.retained, ("topic",), [{**row, "sent_ms": 2}, {**row, "topic": "b"}])
        assert unit.outbox.sent(["a", "b"]) == {"a": 1, "b": 1}
        with pytest.raises(IntegrityError), unit.attempt():
            add_rows(unit.connection, schema.retained, [row])


def test_each_speaker_of_each_broadcast_has_a_row_and_keeps_what_it_says(either: World) -> None:
    speakers = [either.add_speaker(name) for name in ("one", "two")]
    made = either.schedule(when_daily(date(2026, 12, 8)))
    with either.store.write() as unit:
        unit.playbacks.update(made[0], speakers[0], detail=ODD)
        unit.playbacks.plan_many({each: speakers for each in made} | {made[0]: [*speakers, *speakers], made[1]: []})
        kept = unit.playbacks.of_broadcasts(made)
    assert [(each.broadcast, each.speaker) for each in kept] == [(b, s) for b in sorted(made) for s in speakers]
    assert {each.detail for each in kept if (each.broadcast, each.speaker) == (made[0], speakers[0])} == {ODD}


def test_a_playback_of_what_is_not_there_is_not_made(either: World) -> None:
    """The rows have no foreign keys: the statement that makes them asks for both ends."""
    speaker = either.add_speaker("one")
    broadcast = either.tomorrow_at_five()
    nobody, nothing = SpeakerId("nobody"), BroadcastId("b-nothing")
    with either.store.write() as unit:
        unit.playbacks.plan_many({nothing: [speaker], broadcast: [nobody]})
        assert unit.playbacks.of_broadcasts([nothing]) == ()
        assert [each.speaker for each in unit.playbacks.of_broadcasts([broadcast])] == [speaker]


@contextmanager
def asked(store: Store) -> Iterator[list[str]]:
    """The statements over the holidays, while inside."""
    found: list[str] = []

    def note(_c: object, _cursor: object, statement: str, _p: object, _context: object, _many: object) -> None:
        if "holidays.day" in statement:
            found.append(statement)

    with store.read() as unit:
        engine: sa.Engine = unit.connection.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_the_holidays_are_read_once_for_many_schedules(station: World) -> None:
    """Rolling, foreseeing and checking: a province has thousands of schedules that leave out holidays."""
    station.add_speaker("one")
    bulletin = station.bulletin()
    content = Content("Tin", "", "", Priority.NORMAL, (station.clip_of(bulletin),))
    station.schedule(when_daily(date(2026, 12, 8)))
    with station.store.write() as unit:
        unit.bulletins.put_on_air(bulletin, content)
        there = next(iter(unit.broadcasts.live_schedules()))
        for n in range(6):
            area = (TOWN, COMMUNE)[n % 2]
            more = replace(
                there, id=ScheduleId(f"sc-{n}"), bulletin=bulletin, targets=Targets((area,)), skip_holidays=True
            )
            unit.broadcasts.add_schedule(more, station.now, "test")
    with station.store.read() as unit:
        places = station.room.places(unit)
        with asked(station.store) as found:
            coming = foreseen(
                unit, Scope(None, frozenset(), places), UtcMs(station.now + 8 * DAY_MS), UtcMs(station.now + 9 * DAY_MS)
            )
            assert len(coming) == 7
            assert len(found) == 1
        with asked(station.store) as found:
            check(unit, places, [replace(there, id=ScheduleId("new"))], (), station.now)
            assert len(found) == 1
    with station.store.write() as unit, asked(station.store) as found:
        station.planner.roll(unit, station.now)
        assert len(found) == 1
