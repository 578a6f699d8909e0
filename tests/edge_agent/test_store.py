"""The box's memory: documents, versions, playbacks and records over restarts."""

import tracemalloc
from pathlib import Path

import pytest

from edge_agent import shelf
from edge_agent.clerk import Clerk
from edge_agent.clipfiles import ClipFiles
from edge_agent.clock import SystemClock
from edge_agent.counters import Counters
from edge_agent.housekeeping import Housekeeping
from edge_agent.ledger import KEEP_MS
from edge_agent.settings import Settings, load
from edge_agent.shelf import MOST
from edge_agent.store import Store
from protocol.belief import judge_record
from protocol.messages import BroadcastOrder, Measured, PlaybackRecord
from protocol.topics import CONFIG, RECEIPTS, AreaRoute, BroadcastTopic, KeysTopic, SpeakerTopic, build
from protocol.versions import NEVER
from schedules.playhead import ClockTrust
from schedules.states import IllegalMove, PlaybackState, Reason
from schedules.units import AreaId, BroadcastId, DurationMs, UtcMs
from tests.edge_agent.test_surprises import Line
from tests.rig.box import write_config
from tests.rig.clips import chimed
from tests.rig.site import AREA, Signer, now_ms, order_of, revised

S = PlaybackState


class Desk:
    """A store with its clerk, and the site that signs for it."""

    def __init__(self, folder: Path) -> None:
        self.site = Signer()
        self.settings: Settings = load(write_config(folder, self.site, 1883))
        self.folder = folder / "data"
        self.counters = Counters()
        self.open()

    def open(self) -> None:
        self.store = Store(self.folder, self.settings, now_ms())
        self.clerk = Clerk(self.store, self.counters)

    def reopen(self) -> None:
        self.store.close()
        self.open()

    def take(self, topic: str, payload: bytes, clock: ClockTrust = ClockTrust.SYNCED) -> None:
        self.clerk.take(topic, payload, now_ms(), clock)

    def introduce(self) -> None:
        self.take(build(KeysTopic(1)), self.site.key_list())
        self.take(build(SpeakerTopic(self.site.speaker, CONFIG)), self.site.config())

    def give(self, order: BroadcastOrder, clock: ClockTrust = ClockTrust.SYNCED) -> None:
        self.take(build(BroadcastTopic(AreaRoute(AREA), order.broadcast.id)), self.site.sign_order(order), clock)

    def state(self, name: str) -> PlaybackState | None:
        playback = self.store.ledger.playback(BroadcastId(name))
        return playback.state if playback else None


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def soon(name: str = "b-1") -> BroadcastOrder:
    return order_of(name, chimed(3), now_ms() + 60_000)


def test_what_is_believed_survives_and_duplicates_change_nothing(desk: Desk) -> None:
    desk.introduce()
    order = soon()
    for _ in range(3):
        desk.give(order)
    desk.reopen()
    desk.give(order)
    assert desk.state("b-1") is S.ACCEPTED
    assert desk.store.order(order.broadcast.id) == order
    assert desk.store.ledger.last_number() == 1
    assert desk.store.keys is not None
    assert desk.store.config is not None


def test_an_older_revision_is_refused_after_a_restart(desk: Desk) -> None:
    desk.introduce()
    old = soon()
    desk.give(revised(old, cancelled=True))
    desk.reopen()
    desk.give(old)
    assert desk.counters.snapshot()["refused_version"] == 1
    (held,) = desk.store.live()
    assert held.withdrawn


def test_not_addressed_any_more_counts_as_withdrawn(desk: Desk) -> None:
    desk.introduce()
    order = soon()
    desk.give(order)
    assert not desk.store.live()[0].withdrawn
    desk.take(build(SpeakerTopic(desk.site.speaker, CONFIG)), desk.site.config(revision=2, area=AreaId("moved")))
    assert desk.store.live()[0].withdrawn
    desk.take(build(SpeakerTopic(desk.site.speaker, CONFIG)), desk.site.config(revision=3))
    assert not desk.store.live()[0].withdrawn
    desk.give(revised(order, excluded=(desk.site.speaker,)))
    assert desk.store.live()[0].withdrawn


def test_deferred_until_keys_config_and_clock_are_there(desk: Desk) -> None:
    order = soon()
    desk.give(order)
    assert desk.state("b-1") is None
    desk.take(build(KeysTopic(1)), desk.site.key_list())
    assert desk.clerk.judge_deferred(now_ms(), ClockTrust.SYNCED) == []
    desk.take(build(SpeakerTopic(desk.site.speaker, CONFIG)), desk.site.config())
    assert desk.clerk.judge_deferred(now_ms(), ClockTrust.UNKNOWN) == []
    desk.reopen()
    (taken,) = desk.clerk.judge_deferred(now_ms(), ClockTrust.SYNCED)
    assert taken.broadcasts
    assert desk.state("b-1") is S.ACCEPTED
    assert desk.store.shelf.all() == []


def test_deferred_documents_are_bounded(desk: Desk) -> None:
    for n in range(MOST + 20):
        desk.store.shelf.put(f"topic/{n}", b"x", "key", UtcMs(n))
    kept = desk.store.shelf.all()
    assert len(kept) == MOST
    assert kept[0].topic == "topic/20"


def test_however_many_records_wait_only_a_batch_of_them_is_read(desk: Desk) -> None:
    """Ten years without a controller are about 100,000; they take half a second at the start and no memory."""
    count = 20_000
    with desk.store.database.transaction() as run:
        run.executemany(
            "INSERT INTO records VALUES (?, ?, ?, ?, NULL)", ((n, f"b-{n}", b"x" * 900, n) for n in range(1, count + 1))
        )
    tracemalloc.start()
    try:
        desk.reopen()
        assert [record.n for record in desk.store.ledger.waiting(20)] == list(range(1, 21))
        assert desk.store.ledger.waiting_count() == count
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
    assert desk.store.ledger.confirm(desk.store.store_id, 20, now_ms()) == 20
    assert desk.store.ledger.waiting(1)[0].n == 21


def test_what_found_no_room_while_the_time_was_unknown_is_asked_for_when_it_is_known(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "MOST", 20)
    desk.introduce()
    orders = [order_of(f"b-{n}", chimed(3), soon().broadcast.start) for n in range(35)]
    topics = [build(BroadcastTopic(AreaRoute(AREA), order.broadcast.id)) for order in orders]
    signed = [desk.site.sign_order(order) for order in orders]
    for n, (topic, payload) in enumerate(zip(topics, signed, strict=True)):
        desk.clerk.take(topic, payload, UtcMs(now_ms() + n), ClockTrust.UNKNOWN)
    assert len(desk.store.shelf.all()) == 20
    assert desk.store.shelf.fallen() == [], "there is no room for them yet"
    desk.reopen()
    desk.clerk.judge_deferred(now_ms(), ClockTrust.SYNCED)
    asked = desk.store.shelf.fallen()
    assert sorted(asked) == sorted(topics[:15])
    line, wants = Line(), list[str]()
    keeping = Housekeeping(SystemClock(), desk.store, ClipFiles(desk.folder / "clips"), desk.clerk, line, wants.extend)
    keeping.step(100.0, now_ms())
    keeping.step(115.0, now_ms())
    assert line.filters >= set(asked)
    assert set(wants) >= set(asked), "and from the controller, when the broker does not have them"
    for topic, payload in zip(topics[:15], signed[:15], strict=True):
        desk.clerk.take(topic, payload, now_ms(), ClockTrust.SYNCED)
    assert desk.store.shelf.fallen() == []
    keeping.step(117.0, now_ms())
    assert not line.filters & set(asked)
    assert {desk.state(order.broadcast.id) for order in orders} == {S.ACCEPTED}


def test_each_move_is_a_signed_numbered_record_and_an_illegal_one_changes_nothing(desk: Desk) -> None:
    desk.introduce()
    order = soon()
    desk.give(order)
    ledger, name = desk.store.ledger, order.broadcast.id
    ledger.move(name, order.version, S.READY, Reason.NONE, now_ms())
    with pytest.raises(IllegalMove):
        ledger.move(name, order.version, S.PLAYED, Reason.NONE, now_ms())
    assert desk.state(name) is S.READY
    ledger.move(name, order.version, S.PLAYING, Reason.NONE, now_ms(), measured=Measured(started_us=5))
    desk.reopen()
    waiting = desk.store.ledger.waiting(10)
    assert [record.n for record in waiting] == [1, 2, 3]
    for record in waiting:
        told = judge_record(record.payload, desk.site.site, desk.site.speaker, desk.site.box.public_hex)
        assert isinstance(told, PlaybackRecord)
        assert (told.n, told.store_id) == (record.n, desk.store.store_id)


def test_receipts_confirm_only_this_store_and_in_order(desk: Desk) -> None:
    desk.introduce()
    for name in ("b-1", "b-2", "b-3"):
        desk.give(soon(name))
    topic = build(SpeakerTopic(desk.site.speaker, RECEIPTS))
    desk.take(topic, desk.site.receipt("another", 3))
    assert desk.store.ledger.waiting_count() == 3
    desk.take(topic, desk.site.receipt(desk.store.store_id, 2))
    assert [record.n for record in desk.store.ledger.waiting(10)] == [3]


def test_position_survives(desk: Desk) -> None:
    desk.introduce()
    order = soon()
    desk.give(order)
    desk.store.ledger.progress(order.broadcast.id, DurationMs(1_500), Measured(frames=72_000, heard_ms=1_500))
    desk.reopen()
    (held,) = desk.store.live()
    assert (held.playback.position, held.playback.measured.frames) == (1_500, 72_000)


def test_pruning_keeps_what_is_unconfirmed_and_never_reuses_a_number(desk: Desk) -> None:
    desk.introduce()
    order = soon()
    desk.give(order)
    desk.store.ledger.move(order.broadcast.id, order.version, S.CANCELLED, Reason.WITHDRAWN, now_ms())
    later = UtcMs(order.broadcast.hard_end + KEEP_MS + 1_000)
    desk.store.prune(later)
    assert desk.store.ledger.waiting_count() == 2
    desk.store.ledger.confirm(desk.store.store_id, 2, now_ms())
    desk.store.prune(UtcMs(now_ms() + KEEP_MS - 60_000))
    assert desk.state(order.broadcast.id) is S.CANCELLED
    desk.store.prune(later)
    assert desk.state(order.broadcast.id) is None
    assert desk.store.order(order.broadcast.id) is None
    desk.give(soon("b-2"))
    assert [record.n for record in desk.store.ledger.waiting(5)] == [3]


def test_a_command_is_new_only_once(desk: Desk) -> None:
    assert desk.store.first_time("c-1", UtcMs(now_ms() + 5_000), now_ms())
    desk.reopen()
    assert not desk.store.first_time("c-1", UtcMs(now_ms() + 5_000), now_ms())


def test_damaged_database_is_kept_aside(desk: Desk) -> None:
    old = desk.store.store_id
    desk.store.close()
    (desk.folder / "agent.sqlite3").write_bytes(b"\0" * 10_000)
    desk.open()
    assert desk.store.began_anew.startswith("agent.sqlite3.damaged-")
    assert desk.store.store_id != old


def test_versions_of_plans_long_past_are_forgotten_and_those_of_plans_that_stand_are_not(desk: Desk) -> None:
    desk.introduce()
    topic, payload = desk.site.plan([soon()], 1, AreaRoute(AREA))
    desk.take(topic, payload)
    (plan,) = desk.store.plans
    identity = f"plan:{plan.route}:{plan.day}"
    desk.store.prune(UtcMs(plan.expires_ms - 1))
    assert desk.store.seen(identity) == plan.version
    desk.store.prune(UtcMs(plan.expires_ms + KEEP_MS))
    assert desk.store.plans == ()
    assert desk.store.seen(identity) == NEVER
    assert desk.store.keys is not None
