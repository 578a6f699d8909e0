"""From an order to signed broadcasts, plans, playbacks and outbox rows, and back by cancelling."""

from datetime import date, time

from controller.desk.values import When, WhenKind
from protocol.belief import Believed, Trust, judge
from protocol.envelope import open_envelope
from protocol.messages import Config, Keys, Plan
from protocol.versions import Version
from schedules.model import Priority, StartRule
from schedules.playhead import ClockTrust
from schedules.units import SpeakerId, UtcMs
from tests.controller.world import ADMIN, COMMUNE, DAY_MS, DISTRICT, TOWN, World, now_when

DAILY = When(WhenKind.DAILY, date(2026, 12, 8), time(5, 0))


def test_one_order_is_one_document_on_each_route(station: World) -> None:
    station.add_speaker("s-1", TOWN)
    station.add_speaker("s-2", COMMUNE)
    broadcast = station.tomorrow_at_five(TOWN, COMMUNE)
    order = station.order(broadcast)
    assert (order.areas, order.version, order.cancelled) == ((TOWN, COMMUNE), Version(1, 1), False)
    assert order.broadcast.start == UtcMs(station.now + 17 * 3_600_000)
    waiting = station.dirty()
    for area in (TOWN, COMMUNE):
        assert f"loaxa/v1/areas/{area}/broadcasts/{broadcast}" in waiting
        assert f"loaxa/v1/areas/{area}/plan/2026-12-07" in waiting, "05:00 in Vietnam is 22:00 UTC of the day before"
    assert {p.speaker for p in station.desk.broadcast(broadcast, ADMIN).playbacks} == {"s-1", "s-2"}


def test_a_speaker_believes_what_was_planned(station: World) -> None:
    """The box's own rules, on the very bytes that are published."""
    speaker = station.add_speaker("s-1")
    broadcast = station.tomorrow_at_five()
    with station.store.read() as unit:
        keys = open_envelope(unit.site.key_lists()[1].encode()).message
        config_document = unit.places.config(speaker)
        revision = unit.broadcasts.newest_revision(broadcast)
    assert config_document is not None
    assert revision is not None
    config = open_envelope(config_document.payload.encode()).message
    assert isinstance(keys, Keys)
    assert isinstance(config, Config)
    trust = Trust(station.signer.site, speaker, station.signer.root_public, keys, config, {})
    topic = f"loaxa/v1/areas/{TOWN}/broadcasts/{broadcast}"
    judged = judge(topic, revision.payload.encode(), trust, station.now, ClockTrust.SYNCED)
    assert isinstance(judged, Believed)


def test_a_weeks_broadcasts_are_planned_and_rolling_twice_adds_nothing(station: World) -> None:
    station.add_speaker("s-1")
    made = station.schedule(DAILY)
    assert len(made) == 7
    with station.store.write() as unit:
        assert station.planner.roll(unit, station.now) == ()
    with station.store.write() as unit:
        assert len(station.planner.roll(unit, UtcMs(station.now + DAY_MS))) == 1


def test_a_once_schedule_far_ahead_is_planned_when_its_week_comes(station: World) -> None:
    station.add_speaker("s-1")
    assert station.schedule(When(WhenKind.ONCE, date(2027, 3, 1), time(5, 0))) == ()
    with station.store.write() as unit:
        assert station.planner.roll(unit, station.now) == ()
        assert len(station.planner.roll(unit, UtcMs(station.now + 80 * DAY_MS))) == 1


def test_the_plan_lists_every_broadcast_of_the_day_with_its_hash(station: World) -> None:
    station.add_speaker("s-1")
    first = station.tomorrow_at_five()
    second = station.schedule(When(WhenKind.ONCE, date(2026, 12, 8), time(5, 30)))[0]
    with station.store.read() as unit:
        held = unit.broadcasts.plan(f"areas/{TOWN}", "2026-12-07")
        hashes = [unit.broadcasts.newest_revision(each) for each in (first, second)]
    assert held is not None
    plan = open_envelope(held.payload.encode()).message
    assert isinstance(plan, Plan)
    assert plan.version == Version(1, 2)
    assert [(e.broadcast, e.sha256) for e in plan.entries] == [
        (broadcast, revision.sha256 if revision else "")
        for broadcast, revision in zip((first, second), hashes, strict=True)
    ]


def test_cancelling_is_a_new_revision_on_the_union_of_all_routes(station: World) -> None:
    speaker = station.add_speaker("s-1")
    broadcast = station.tomorrow_at_five()
    with station.store.write() as unit:
        station.planner.repair(unit, speaker, [broadcast], station.now)
    station.settle()
    station.desk.cancel(broadcast, ADMIN)
    order = station.order(broadcast)
    assert (order.version, order.cancelled) == (Version(1, 2), True)
    waiting = station.dirty()
    assert f"loaxa/v1/areas/{TOWN}/broadcasts/{broadcast}" in waiting
    assert f"loaxa/v1/speakers/{speaker}/broadcasts/{broadcast}" in waiting
    assert f"loaxa/v1/speakers/{speaker}/plan/2026-12-07" in waiting


def test_cancelling_twice_is_cancelling_once(station: World) -> None:
    station.add_speaker("s-1")
    broadcast = station.tomorrow_at_five()
    station.desk.cancel(broadcast, ADMIN)
    station.desk.cancel(broadcast, ADMIN)
    station.desk.stop(broadcast, ADMIN)
    assert station.order(broadcast).version == Version(1, 2)


def test_now_leaves_time_to_fetch_and_plays_from_the_start(station: World) -> None:
    station.add_speaker("s-1")
    broadcast = station.schedule(now_when())[0]
    order = station.order(broadcast).broadcast
    assert 3_000 <= order.start - station.now <= 10_000
    assert order.rule is StartRule.FROM_START
    assert order.latest_start - order.start == 600_000


def test_an_emergency_goes_first_and_is_signed_by_its_own_key(station: World) -> None:
    station.add_speaker("s-1")
    station.settle()
    station.tomorrow_at_five(COMMUNE, TOWN)
    places = "thị trấn Đầm Hà"
    urgent = station.schedule(now_when(), priority=Priority.EMERGENCY, confirmed_places=places)[0]
    with station.store.read() as unit:
        first = unit.outbox.next(1, ())[0].topic
        revision = unit.broadcasts.newest_revision(urgent)
        keys = open_envelope(unit.site.key_lists()[1].encode()).message
    assert revision is not None
    assert isinstance(keys, Keys)
    assert str(urgent) in first or "/audio/" in first
    emergency = next(entry.key for entry in keys.keys if entry.role == "emergency")
    assert [signature.key for signature in open_envelope(revision.payload.encode()).signatures] == [emergency]


def test_the_whole_district_reaches_speakers_below_it(station: World) -> None:
    station.add_speaker("s-1", TOWN)
    station.add_speaker("s-2", COMMUNE)
    broadcast = station.tomorrow_at_five(DISTRICT)
    view = station.desk.broadcast(broadcast, ADMIN)
    assert view.places_sentence == "huyện Đầm Hà"
    assert {each.speaker for each in view.playbacks} == {SpeakerId("s-1"), SpeakerId("s-2")}
