"""What speakers say is kept, moves the playback once, and is confirmed without a gap."""

from controller.records import Stored, take_record, take_status, take_wants
from controller.sweep import sweep
from protocol.codec import dump
from protocol.keys import SigningKey
from protocol.messages import Wants
from protocol.topics import PlaybackTopic
from protocol.versions import Version
from schedules.states import PlaybackState, Reason
from schedules.units import BroadcastId, SpeakerId, UtcMs
from tests.controller.world import ADMIN, COMMUNE, TOWN, World, held

S = PlaybackState


def take(world: World, payload: bytes, speaker: SpeakerId, broadcast: BroadcastId) -> Stored | None:
    with world.store.write() as unit:
        return take_record(unit, world.signer.site, PlaybackTopic(speaker, broadcast), payload, world.now)


def state(world: World, broadcast: BroadcastId) -> PlaybackState:
    return world.desk.broadcast(broadcast, ADMIN).playbacks[0].state


def test_records_out_of_order_are_applied_in_order(station: World) -> None:
    speaker = station.add_speaker("s-1")
    broadcast = station.tomorrow_at_five()
    accepted = station.record(speaker, 1, broadcast, S.ACCEPTED)
    ready = station.record(speaker, 2, broadcast, S.READY)
    assert take(station, ready, speaker, broadcast) == Stored(speaker, "store1", 0)
    assert state(station, broadcast) is S.PENDING
    assert take(station, accepted, speaker, broadcast) == Stored(speaker, "store1", 2)
    assert state(station, broadcast) is S.READY


def test_a_record_that_comes_again_is_confirmed_again_and_changes_nothing(station: World) -> None:
    speaker = station.add_speaker("s-1")
    broadcast = station.tomorrow_at_five()
    accepted = station.record(speaker, 1, broadcast, S.ACCEPTED)
    for _ in range(3):
        assert take(station, accepted, speaker, broadcast) == Stored(speaker, "store1", 1)
    with station.store.read() as unit:
        assert unit.playbacks.records(speaker) == (("store1", 1, ""),)


def test_an_illegal_move_is_kept_as_an_anomaly_and_confirmed(station: World) -> None:
    speaker = station.add_speaker("s-1")
    broadcast = station.tomorrow_at_five()
    played = station.record(speaker, 1, broadcast, S.PLAYED)
    assert take(station, played, speaker, broadcast) == Stored(speaker, "store1", 1)
    assert state(station, broadcast) is S.PENDING
    with station.store.read() as unit:
        assert "cannot become played" in unit.playbacks.records(speaker)[0][2]
    assert take(station, station.record(speaker, 2, broadcast, S.ACCEPTED), speaker, broadcast)
    assert state(station, broadcast) is S.ACCEPTED


def test_a_forged_record_is_neither_kept_nor_confirmed(station: World) -> None:
    speaker, other = station.add_speaker("s-1"), station.add_speaker("s-2")
    broadcast = station.tomorrow_at_five()
    forged = station.record(speaker, 1, broadcast, S.ACCEPTED, key=SigningKey.generate())
    assert take(station, forged, speaker, broadcast) is None
    assert take(station, station.record(speaker, 1, broadcast, S.ACCEPTED), other, broadcast) is None
    assert take(station, b"{}", speaker, broadcast) is None
    assert take(station, forged, SpeakerId("s-nobody"), broadcast) is None
    with station.store.read() as unit:
        assert unit.playbacks.records(speaker) == ()


def test_a_record_of_an_unknown_broadcast_blocks_nothing(station: World) -> None:
    speaker = station.add_speaker("s-1")
    unknown = BroadcastId("b-unknown")
    assert take(station, station.record(speaker, 1, unknown, S.ACCEPTED), speaker, unknown)
    with station.store.read() as unit:
        assert unit.playbacks.records(speaker) == (("store1", 1, "unknown-broadcast"),)


def test_unreported_is_provisional(station: World) -> None:
    speaker = station.add_speaker("s-1")
    broadcast = station.tomorrow_at_five()
    end = station.order(broadcast).broadcast.hard_end
    with station.store.write() as unit:
        assert sweep(unit, UtcMs(end + 59_000)) == 0
        assert sweep(unit, UtcMs(end + 61_000)) == 1
    assert state(station, broadcast) is S.UNREPORTED
    for n, (to, reason) in enumerate([(S.ACCEPTED, Reason.NONE), (S.MISSED, Reason.LATE)], start=1):
        assert take(station, station.record(speaker, n, broadcast, to, reason=reason), speaker, broadcast)
    assert state(station, broadcast) is S.MISSED
    with station.store.write() as unit:
        assert sweep(unit, UtcMs(end + 61_000)) == 0


def test_status_shows_who_is_online_and_what_is_held(station: World) -> None:
    speaker = station.add_speaker("s-1")
    broadcast = station.tomorrow_at_five()
    with station.store.write() as unit:
        take_status(unit, speaker, station.status(speaker, held(broadcast, Version(1, 1))), station.now)
    shown = station.desk.broadcast(broadcast, ADMIN).playbacks[0]
    assert (shown.online, shown.have, shown.total, shown.holds_newest) == (True, 4, 4, True)
    station.desk.cancel(broadcast, ADMIN)
    assert not station.desk.broadcast(broadcast, ADMIN).playbacks[0].holds_newest


def test_the_will_of_an_earlier_run_does_not_hide_the_new_run(station: World) -> None:
    speaker = station.add_speaker("s-1")
    with station.store.write() as unit:
        take_status(unit, speaker, station.status(speaker, boot="old"), station.now)
        take_status(unit, speaker, station.status(speaker, boot="new"), station.now)
        take_status(unit, speaker, station.status(speaker, boot="old", online=False), station.now)
    assert station.desk.speakers(ADMIN)[0].online
    with station.store.write() as unit:
        take_status(unit, speaker, station.status(speaker, boot="new", online=False), station.now)
    assert not station.desk.speakers(ADMIN)[0].online


def test_a_status_in_anothers_name_is_ignored(station: World) -> None:
    speaker, other = station.add_speaker("s-1"), station.add_speaker("s-2")
    with station.store.write() as unit:
        take_status(unit, speaker, station.status(other), station.now)
        take_status(unit, speaker, b"not json", station.now)
    assert not any(view.online for view in station.desk.speakers(ADMIN))


def test_wants_bring_back_what_is_ones_own_right_only(station: World) -> None:
    speaker = station.add_speaker("s-1", TOWN)
    station.add_speaker("s-2", COMMUNE)
    broadcast = station.tomorrow_at_five(TOWN)
    clip = station.order(broadcast).broadcast.clips[0].id
    with station.store.write() as unit:
        unit.bulletins.take_off_air(clip)
    station.settle()
    mine = (
        "loaxa/v1/keys/1", f"loaxa/v1/areas/{TOWN}/plan/2026-12-07", "loaxa/v1/areas/dam-ha/broadcasts/b-1",
        f"loaxa/v1/speakers/{speaker}/config", f"loaxa/v1/audio/{clip}/0",
    )  # fmt: skip
    others = (
        f"loaxa/v1/areas/{COMMUNE}/plan/2026-12-07", "loaxa/v1/speakers/s-2/config", f"loaxa/v1/audio/{'0' * 64}/0",
        f"loaxa/v1/speakers/{speaker}/status", "elsewhere",
    )  # fmt: skip
    wants = dump(Wants(speaker, station.now, mine + others))
    with station.store.write() as unit:
        assert take_wants(unit, speaker, wants, station.now, "UTC") == mine
    waiting = station.dirty()
    assert set(mine) <= waiting
    assert not set(others) & waiting
    with station.store.read() as unit:
        assert unit.bulletins.is_aired(clip)


def test_a_record_of_a_broadcast_for_others_is_an_anomaly(station: World) -> None:
    station.add_speaker("s-1")
    broadcast = station.tomorrow_at_five(TOWN)
    other = station.add_speaker("s-other", COMMUNE)
    with station.store.write() as unit:
        payload = station.record(other, 1, broadcast, PlaybackState.ACCEPTED)
        stored = take_record(unit, station.signer.site, PlaybackTopic(other, broadcast), payload, station.now)
        assert stored == Stored(other, "store1", 1), "confirmed, so that nothing blocks"
        assert unit.playbacks.records(other) == (("store1", 1, "not-addressed"),)
        assert unit.playbacks.get(broadcast, other) is None
