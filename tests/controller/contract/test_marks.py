"""What is kept of the places is read anew as soon as anybody has written there, and only then."""

from contextlib import suppress
from datetime import date, time

from controller.locality import atlas
from controller.store.unit import Store, Unit
from controller.store.values import Member, Speaker
from schedules.units import SpeakerId, UtcMs
from tests.controller.world import ADMIN, COMMUNE, TOWN, ZONE, World, once


def speakers_of(store: Store) -> set[SpeakerId]:
    with store.read() as unit:
        return set(atlas(unit, ZONE).speakers)


def test_the_places_are_read_once_until_somebody_writes_there(either: World) -> None:
    either.add_speaker("s-1")
    with either.store.read() as unit:
        first = atlas(unit, ZONE)
    either.bulletin()
    with either.store.read() as unit:
        assert atlas(unit, ZONE) is first
        assert atlas(unit, "Asia/Tokyo") is not first
    either.add_speaker("s-2")
    assert speakers_of(either.store) == {"s-1", "s-2"}
    with either.store.write() as unit:
        unit.places.add_member(Member(SpeakerId("s-2"), COMMUNE, either.now, UtcMs(0)))
    with either.store.read() as unit:
        assert atlas(unit, ZONE).at(either.now).where[SpeakerId("s-2")] in (TOWN, COMMUNE)
        assert len(atlas(unit, ZONE).members) == 3


def test_another_process_writes(either: World) -> None:
    """It has a store of its own over the same database."""
    either.add_speaker("s-1")
    assert speakers_of(either.store) == {"s-1"}
    with either.store.read() as unit:
        other = Store(unit.connection.engine.url.render_as_string(hide_password=False))
    try:
        with other.write() as unit:
            unit.places.add_speaker(Speaker(SpeakerId("s-2"), "Loa", ""), either.now, "test")
        assert speakers_of(either.store) == {"s-1", "s-2"}
    finally:
        other.close()


def add_in_vain(unit: Unit) -> None:
    unit.places.add_speaker(Speaker(SpeakerId("s-2"), "Loa", ""), UtcMs(1), "test")
    assert set(atlas(unit, ZONE).speakers) == {"s-1", "s-2"}
    raise RuntimeError


def test_what_was_not_committed_was_never_there(either: World) -> None:
    either.add_speaker("s-1")
    with suppress(RuntimeError), either.store.write() as unit:
        add_in_vain(unit)
    assert speakers_of(either.store) == {"s-1"}
    with either.store.write() as unit:
        with suppress(RuntimeError), unit.attempt():
            add_in_vain(unit)
        assert set(atlas(unit, ZONE).speakers) == {"s-1"}
    assert speakers_of(either.store) == {"s-1"}


def test_a_new_speaker_plays_what_is_planned_next(either: World) -> None:
    either.add_speaker("s-1")
    either.tomorrow_at_five()
    late = either.add_speaker("s-2")
    (broadcast,) = either.schedule(once(date(2026, 12, 9), time(12)))
    assert {each.speaker for each in either.desk.broadcast(broadcast, ADMIN).playbacks} == {"s-1", late}
