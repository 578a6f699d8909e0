"""What a speaker lacks is found and repaired, for that speaker, paced; and what nobody needs is cleared."""

from dataclasses import replace
from datetime import date

from controller.airing import UNUSED_MS, clear_clips
from controller.reconcile import AGAIN_MS, MOST_AT_ONCE, SETTLE_MS, Reconciler, Repair
from controller.records import take_record, take_status
from controller.ticker import clear
from protocol.codec import dump, load
from protocol.messages import PlanHeld, Status
from protocol.topics import PlaybackTopic
from protocol.versions import Version
from schedules.states import PlaybackState
from schedules.units import BroadcastId, SpeakerId, UtcMs
from tests.controller.world import ADMIN, TOWN, World, held, when_daily


def online(world: World, speaker: SpeakerId, *holdings: tuple[BroadcastId, Version]) -> None:
    with world.store.write() as unit:
        take_status(unit, speaker, world.status(speaker, *(held(b, v) for b, v in holdings)), world.now)


def turn(world: World, reconciler: Reconciler, after_ms: int) -> tuple[Repair, ...]:
    world.now = UtcMs(world.now + after_ms)
    with world.store.write() as unit:
        return reconciler.turn(unit, world.now)


def test_a_speaker_without_the_newest_is_repaired_by_its_own_route(station: World) -> None:
    speaker = station.add_speaker("s-1")
    broadcast = station.tomorrow_at_five()
    online(station, speaker)
    station.settle()
    reconciler = Reconciler(station.planner)
    assert turn(station, reconciler, SETTLE_MS - 1) == (), "it may still fetch by itself"
    assert [repair.broadcasts for repair in turn(station, reconciler, 2)] == [(broadcast,)]
    assert station.dirty() == {
        f"loaxa/v1/speakers/{speaker}/broadcasts/{broadcast}",
        f"loaxa/v1/speakers/{speaker}/plan/2026-12-07",
    }


def test_repairs_of_one_speaker_are_paced(station: World) -> None:
    speaker = station.add_speaker("s-1")
    station.tomorrow_at_five()
    online(station, speaker)
    station.settle()
    reconciler = Reconciler(station.planner)
    assert turn(station, reconciler, SETTLE_MS + 1)
    assert turn(station, reconciler, AGAIN_MS - 1) == ()
    assert turn(station, reconciler, AGAIN_MS + 1)


def test_a_repair_that_changes_nothing_comes_ever_more_seldom(station: World) -> None:
    speaker = station.add_speaker("s-1")
    station.tomorrow_at_five()
    online(station, speaker)
    station.settle()
    reconciler = Reconciler(station.planner)
    made = sum(len(turn(station, reconciler, 10_000)) for _ in range(6 * 120))
    assert 4 <= made <= 12, "two hours, not two hundred repairs"


def test_while_the_broker_is_away_nobody_is_repaired(station: World) -> None:
    """What nobody can have heard yet is not sent to a thousand speakers one by one."""
    speaker = station.add_speaker("s-1")
    online(station, speaker)
    station.settle()
    broadcast = station.tomorrow_at_five()
    reconciler = Reconciler(station.planner)
    assert turn(station, reconciler, 10 * SETTLE_MS) == ()
    station.settle()
    assert turn(station, reconciler, SETTLE_MS - 1) == (), "the broker has it only now"
    assert turn(station, reconciler, 2) == (Repair(speaker, False, False, (broadcast,)),)


def test_a_speaker_that_lost_what_it_held_is_repaired(station: World) -> None:
    speaker = station.add_speaker("s-1")
    broadcast = station.tomorrow_at_five()
    station.settle()
    online(station, speaker, (broadcast, Version(1, 1)))
    reconciler = Reconciler(station.planner)
    assert turn(station, reconciler, 2 * SETTLE_MS) == ()
    online(station, speaker)
    assert turn(station, reconciler, 3_000) == (Repair(speaker, False, False, (broadcast,)),)


def test_what_a_status_has_no_room_for_is_told_by_its_plans(station: World) -> None:
    speaker = station.add_speaker("s-1")
    first, second, *_ = station.schedule(when_daily(date(2026, 12, 8)))
    station.settle()
    status = load(Status, station.status(speaker, held(first, Version(1, 1))))
    full = PlanHeld(f"areas/{TOWN}", "2026-12-09", Version(1, 1), 1, 0, 0)
    with station.store.write() as unit:
        take_status(unit, speaker, dump(replace(status, plans=(full,))), station.now)
        assert unit.playbacks.of_speaker(speaker, [second])[0].held == Version(1, 1)
        take_status(unit, speaker, dump(replace(status, plans=(replace(full, missing=1),))), station.now)
        assert unit.playbacks.of_speaker(speaker, [second])[0].held == Version(0, 0)


def test_a_great_outage_is_repaired_in_portions(station: World) -> None:
    for n in range(MOST_AT_ONCE + 10):
        station.add_speaker(f"s-{n}")
    station.tomorrow_at_five()
    for speaker in station.speakers:
        online(station, speaker)
    station.settle()
    reconciler = Reconciler(station.planner)
    assert len(turn(station, reconciler, SETTLE_MS + 1)) == MOST_AT_ONCE
    assert len(turn(station, reconciler, 1)) == 10


def test_who_holds_the_newest_or_is_offline_is_left_alone(station: World) -> None:
    speaker = station.add_speaker("s-1")
    station.add_speaker("s-2")
    broadcast = station.tomorrow_at_five()
    online(station, speaker, (broadcast, Version(1, 1)))
    station.settle()
    reconciler = Reconciler(station.planner)
    assert turn(station, reconciler, SETTLE_MS + 1) == ()
    station.desk.cancel(broadcast, ADMIN)
    station.settle()
    repairs = turn(station, reconciler, SETTLE_MS + 1)
    assert [(repair.speaker, repair.broadcasts) for repair in repairs] == [(speaker, (broadcast,))]


def test_a_speaker_that_is_finished_needs_no_repair(station: World) -> None:
    speaker = station.add_speaker("s-1")
    broadcast = station.tomorrow_at_five()
    with station.store.write() as unit:
        for n, state in enumerate((PlaybackState.ACCEPTED, PlaybackState.CANCELLED), start=1):
            payload = station.record(speaker, n, broadcast, state)
            take_record(unit, station.signer.site, PlaybackTopic(speaker, broadcast), payload, station.now)
    online(station, speaker)
    station.settle()
    assert turn(station, Reconciler(station.planner), SETTLE_MS + 1) == ()


def test_chunks_are_cleared_when_every_target_has_them(station: World) -> None:
    speaker = station.add_speaker("s-1")
    broadcast = station.tomorrow_at_five(TOWN)
    clip = station.order(broadcast).broadcast.clips[0].id
    chunks = {f"loaxa/v1/audio/{clip}/{part}" for part in ("index", 0, 1, 2, 3)}
    assert chunks <= station.dirty()
    station.settle()
    with station.store.write() as unit:
        for topic in chunks:
            unit.outbox.retain(topic, UtcMs(0), station.now)
        assert clear_clips(unit, station.now) == ()
        for n, state in enumerate((PlaybackState.ACCEPTED, PlaybackState.READY), start=1):
            payload = station.record(speaker, n, broadcast, state)
            take_record(unit, station.signer.site, PlaybackTopic(speaker, broadcast), payload, station.now)
        assert clear_clips(unit, station.now) == (clip,)
    assert chunks <= station.dirty()


def test_chunks_nobody_used_for_an_hour_are_cleared(station: World) -> None:
    station.add_speaker("s-1")
    broadcast = station.tomorrow_at_five()
    clip = station.order(broadcast).broadcast.clips[0].id
    with station.store.write() as unit:
        assert clear_clips(unit, UtcMs(station.now + UNUSED_MS - 1)) == ()
        assert clear_clips(unit, UtcMs(station.now + UNUSED_MS)) == (clip,)


def test_a_chunk_in_flight_when_its_clip_is_cleared_is_cleared_too(station: World) -> None:
    station.add_speaker("s-1")
    broadcast = station.tomorrow_at_five()
    clip = station.order(broadcast).broadcast.clips[0].id
    chunk = f"loaxa/v1/audio/{clip}/0"
    with station.store.read() as unit:
        sent = next(each for each in unit.outbox.next(100, ()) if each.topic == chunk)
    station.desk.cancel(broadcast, ADMIN)
    with station.store.write() as unit:
        assert clear_clips(unit, station.now) == (clip,)
        unit.outbox.done(sent.topic, sent.last)
        unit.outbox.retain(sent.topic, UtcMs(0), station.now)
    assert chunk in station.dirty()


def test_what_is_over_waits_once_to_be_cleared(station: World) -> None:
    with station.store.write() as unit:
        unit.outbox.retain("loaxa/v1/areas/a/plan/2026-12-01", UtcMs(1), station.now)
        before = unit.outbox.waiting()
        for _ in range(3):
            clear(unit, station.now)
        assert unit.outbox.waiting() == before + 1
