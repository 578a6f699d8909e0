"""What a speaker lacks is found and repaired, for that speaker, paced; and what nobody needs is cleared."""

from controller.airing import UNUSED_MS, clear_clips
from controller.reconcile import AGAIN_MS, MOST_AT_ONCE, SETTLE_MS, Current, Reconciler, Repair, missing
from controller.records import take_record, take_status
from protocol.codec import load
from protocol.messages import Status
from protocol.topics import PlaybackTopic
from protocol.versions import Version
from schedules.states import PlaybackState
from schedules.units import BroadcastId, SpeakerId, UtcMs
from tests.controller.world import ADMIN, TOWN, World, held

B1, B2 = BroadcastId("b-1"), BroadcastId("b-2")


def said(world: World, *holdings: tuple[BroadcastId, Version]) -> Status:
    return load(Status, world.status(SpeakerId("s-1"), *(held(b, v) for b, v in holdings)))


def test_missing_is_what_is_older_or_not_there(station: World) -> None:
    status = said(station, (B1, Version(1, 2)))
    full = Current(1, Version(1, 1), {B1: Version(1, 2)})
    assert missing(status, full) is None
    assert missing(said(station, (B1, Version(1, 3))), full) is None
    newer = Current(1, Version(1, 1), {B1: Version(1, 3), B2: Version(1, 1)})
    assert missing(status, newer) == Repair(SpeakerId("s-1"), False, False, (B1, B2))
    assert missing(status, Current(2, Version(1, 2), {})) == Repair(SpeakerId("s-1"), True, True, ())


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
    reconciler = Reconciler(station.planner)
    assert turn(station, reconciler, SETTLE_MS + 1)
    assert turn(station, reconciler, AGAIN_MS - 1) == ()
    assert turn(station, reconciler, AGAIN_MS + 1)


def test_a_great_outage_is_repaired_in_portions(station: World) -> None:
    for n in range(MOST_AT_ONCE + 10):
        station.add_speaker(f"s-{n}")
    station.tomorrow_at_five()
    for speaker in station.speakers:
        online(station, speaker)
    reconciler = Reconciler(station.planner)
    assert len(turn(station, reconciler, SETTLE_MS + 1)) == MOST_AT_ONCE
    assert len(turn(station, reconciler, 1)) == 10


def test_who_holds_the_newest_or_is_offline_is_left_alone(station: World) -> None:
    speaker = station.add_speaker("s-1")
    station.add_speaker("s-2")
    broadcast = station.tomorrow_at_five()
    online(station, speaker, (broadcast, Version(1, 1)))
    reconciler = Reconciler(station.planner)
    assert turn(station, reconciler, SETTLE_MS + 1) == ()
    station.desk.cancel(broadcast, ADMIN)
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
