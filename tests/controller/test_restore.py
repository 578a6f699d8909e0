"""A controller set back to a backup of yesterday: it notices, is silent, and begins anew; real boxes hear all of it."""

import shutil
from dataclasses import dataclass, field, replace
from datetime import date, time
from pathlib import Path

import pytest

from controller.broker.acl import matches
from controller.cli import main
from controller.documents import current
from controller.founding import open_site
from controller.keys import read_key
from controller.outdated import Watch, newer_than_ours
from controller.records import take_record, take_status
from controller.restoring import LISTEN_MS, Restorer
from controller.settings import Settings
from controller.signing import SigningStopped
from controller.store.site import BEHIND
from edge_agent import report, stage
from edge_agent.amplifier import Amplifier
from edge_agent.clerk import Clerk
from edge_agent.clipfiles import ClipFiles
from edge_agent.conductor import Conductor
from edge_agent.counters import Counters
from edge_agent.player import Player
from edge_agent.routes import area_filters, own_filters
from edge_agent.settings import load
from edge_agent.store import Store
from protocol.codec import dump
from protocol.messages import ControllerStatus, Status
from protocol.topics import PlaybackTopic
from protocol.versions import NEVER, Version
from schedules.states import PlaybackState
from schedules.units import BroadcastId, ClipId, Percent, SpeakerId, UtcMs
from tests.controller.world import ADMIN, TOWN, ZONE, World, once, world
from tests.edge_agent.clocks import StandingClock
from tests.edge_agent.simulated import BLOCK, BLOCK_MS, ConstantFeed
from tests.rig.box import write_config
from tests.rig.site import Signer as Site

S = PlaybackState
HOUR = 3_600_000
TOMORROW = date(2026, 12, 8)


@dataclass
class Broker:
    """What stands retained, and the wildcards of MQTT."""

    retained: dict[str, bytes] = field(default_factory=dict)

    def carry(self, station: World) -> None:
        """All that waits in the station's outbox, in its order."""
        with station.store.write() as unit:
            for each in unit.outbox.next(100_000, ()):
                document = current(unit, station.clips, each.topic, station.now)
                unit.outbox.done(each.topic, each.last)
                if document.payload is None:
                    unit.outbox.release(each.topic)
                    self.retained.pop(each.topic, None)
                else:
                    unit.outbox.retain(each.topic, document.expires, station.now)
                    self.retained[each.topic] = document.payload


class Box:
    """The real parts of a box, on a clock and a decoder in hand; `hear` is a reconnection."""

    def __init__(self, folder: Path, station: World, speaker: SpeakerId) -> None:
        site = Site(station.signer.site, speaker)
        site.box, site.root = station.speakers[speaker], read_key(station.folder / "data" / "keys" / "root.key")
        self.speaker, self.clock = speaker, StandingClock(station.now)
        self.settings = load(write_config(folder, site, 1883))
        self.counters, self.files = Counters(), ClipFiles(self.settings.data / "clips")
        self.store = Store(self.settings.data, self.settings, self.clock.utc)
        self.clerk = Clerk(self.store, self.counters)
        self.player = Player(lambda event: self.conductor.tell(event))
        self.conductor = Conductor(
            self.clock, self.store, self.files, self.player, self.counters, Amplifier(self.clock), lambda: None
        )
        self.sounded: list[str] = []

    def hold(self, clip: ClipId, data: bytes) -> None:
        self.files.path(clip).parent.mkdir(parents=True, exist_ok=True)
        self.files.path(clip).write_bytes(data)

    def hear(self, broker: Broker) -> None:
        filters: list[str] = []
        for _ in range(4):  # keys, then the config, then what that says is ours
            filters = [
                *own_filters(self.speaker, self.store.keys_version),
                *area_filters(self.store.config, self.clock.utc),
            ]
            for topic, payload in broker.retained.items():
                if any(matches(pattern, topic) for pattern in filters):
                    self.clerk.take(topic, payload, self.clock.utc, self.clock.trust())
            self.clerk.judge_deferred(self.clock.utc, self.clock.trust())
        self.conductor.step_safely()

    def live(self, until: UtcMs, moments: list[UtcMs]) -> None:
        """Let time pass; from each of `moments` on five seconds are played."""
        for moment in [*sorted(moments), until]:
            if moment > self.clock.utc:
                self.clock.pass_time(moment - self.clock.utc)
            self.conductor.step_safely()
            for n in range(5_000 // BLOCK_MS if moment != until else 0):
                if n % 5 == 0:
                    self.conductor.step_safely()
                self.player.fill(BLOCK, self.clock.utc_ns())
                self.sounded += [name for name in self.player.sounding() if name not in self.sounded[-1:]]
                self.clock.pass_time(BLOCK_MS)

    def status(self) -> Status:
        store, now = self.store, self.clock.utc
        held = store.recent(UtcMs(now - report.RECENT_MS), now, report.MOST_BROADCASTS)
        states = {each.order.broadcast.id: each.playback.state for each in held}
        return Status(
            speaker=self.speaker,
            at_ms=now,
            online=True,
            boot_id="boot",
            store_id=store.store_id,
            clock="synced",
            keys_version=store.keys_version,
            config_version=store.config.version if store.config else NEVER,
            highest_epoch=store.epoch,
            plans=report.plans_held(store.plans, lambda b: store.seen(f"broadcast:{b}"), states.get),
            broadcasts=report.broadcasts_held(held, lambda _clip: (1, 1), None, 0, 0),
        )

    def tell(self, station: World, watch: Watch) -> None:
        """Status and records, as the intake takes them."""
        with station.store.write() as unit:
            taken = take_status(unit, self.speaker, dump(self.status()), station.now)
            assert taken is not None
            watch.hear_speaker(unit, taken, station.now)
            for record in self.store.ledger.waiting(1000):
                topic = PlaybackTopic(self.speaker, record.broadcast)
                stored = take_record(unit, station.signer.site, topic, record.payload, station.now)
                assert stored is not None
                self.store.ledger.confirm(stored.store_id, stored.up_to, station.now)

    def state(self, broadcast: BroadcastId) -> PlaybackState | None:
        playback = self.store.ledger.playback(broadcast)
        return playback.state if playback else None


@dataclass
class Yesterday:
    """Three boxes; a backup; and a day after it in which a lot happened, of which the box `off` heard nothing."""

    station: World
    broker: Broker
    boxes: dict[SpeakerId, Box]
    played: BroadcastId
    kept: BroadcastId
    cancelled: BroadcastId
    lost: BroadcastId
    old_word: tuple[str, bytes]
    """A new broadcast in the old epoch: topic and document."""

    def restorer(self) -> Restorer:
        founded = open_site(Settings(data=self.station.folder / "data"))
        founded.store.close()
        return Restorer(self.station.signer, founded.keys, ZONE, self.station.now)


def silent(station: World) -> bool:
    return station.signer.stopped


def at(station: World, hour: int, minute: int = 0, day: date = TOMORROW) -> BroadcastId:
    return station.schedule(once(day, time(hour, minute)), TOWN)[0]


def start_of(station: World, broadcast: BroadcastId) -> UtcMs:
    with station.store.read() as unit:
        planned = unit.broadcasts.get(broadcast)
    assert planned is not None
    return planned.broadcast.start


@pytest.fixture
def yesterday(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Yesterday:
    monkeypatch.setattr(stage, "Feed", ConstantFeed)
    backup = tmp_path / "backup.db"
    with world(tmp_path) as before:
        for name in ("s-one", "s-two", "s-off"):
            before.add_speaker(name, TOWN)
        played = at(before, 13, day=date(2026, 12, 7))
        kept, cancelled = at(before, 5), at(before, 6)
        broker = Broker()
        broker.carry(before)
        boxes = {name: Box(tmp_path / name, before, name) for name in before.speakers}
        for box in boxes.values():
            box.hold(before.order(kept).broadcast.clips[0].id, b"sound" * 10_000)
            box.hear(broker)
    shutil.copy(tmp_path / "data" / "controller.db", backup)

    keys = before.speakers
    founded = open_site(Settings(data=tmp_path / "data"))
    lost_day = World(founded.store, founded.signer, before.clips, tmp_path, before.now, keys)
    awake = [boxes[SpeakerId("s-one")], boxes[SpeakerId("s-two")]]
    for box in awake:
        box.live(UtcMs(lost_day.now + 2 * HOUR), [start_of(lost_day, played)])
    lost_day.now = UtcMs(lost_day.now + 2 * HOUR)
    lost_day.desk.cancel(cancelled, ADMIN)
    lost = at(lost_day, 7)
    lost_day.rule(TOWN, volume_max_percent=Percent(80))
    broker.carry(lost_day)
    for box in awake:
        box.hear(broker)
        assert (box.state(cancelled), box.state(lost)) == (S.CANCELLED, S.READY)
        assert played in box.sounded
        box.tell(lost_day, Watch(lost_day.signer))
    late = at(lost_day, 10)
    broker_of_the_old = Broker()
    broker_of_the_old.carry(lost_day)
    old_word = next(each for each in broker_of_the_old.retained.items() if late in each[0])
    now = UtcMs(lost_day.now + HOUR)
    founded.store.close()

    for left in ("-wal", "-shm"):
        (tmp_path / "data" / f"controller.db{left}").unlink(missing_ok=True)
    shutil.copy(backup, tmp_path / "data" / "controller.db")
    founded = open_site(Settings(data=tmp_path / "data"))
    station = World(founded.store, founded.signer, before.clips, tmp_path, now, keys)
    for box in boxes.values():
        box.clock.pass_time(now - box.clock.utc)
    return Yesterday(station, broker, boxes, played, kept, cancelled, lost, old_word)


def test_a_controller_set_back_to_yesterday(yesterday: Yesterday) -> None:
    station, broker, boxes = yesterday.station, yesterday.broker, yesterday.boxes
    one, two, _ = boxes.values()
    watch = Watch(station.signer)

    # The broker has no memory: the restored controller says everything again as it was. Nobody obeys what is older.
    broker.retained.clear()
    with station.store.write() as unit:
        unit.outbox.dirty(unit.outbox.retained(), 1, station.now)
    broker.carry(station)
    for box in (one, two):
        box.hear(broker)
        assert box.state(yesterday.cancelled) is S.CANCELLED
        assert box.counters.snapshot()["refused_version"] > 0

    # One speaker might lie. Two are believed.
    one.tell(station, watch)
    assert not silent(station)
    two.tell(station, watch)
    assert silent(station)
    with station.store.read() as unit:
        assert "s-two" in unit.site.get(BEHIND)
    with pytest.raises(SigningStopped):
        at(station, 9)
    again = open_site(Settings(data=station.folder / "data"))
    assert again.signer.stopped, "over restarts too"
    again.store.close()

    # The command: first it listens to who is there.
    restorer = yesterday.restorer()
    assert main(["restore", "--data", str(station.folder / "data")]) == 0

    def turn(after_ms: int) -> int:
        station.now = UtcMs(station.now + after_ms)
        with station.store.write() as unit:
            restorer.turn(unit, station.now)
            return unit.site.epoch

    one.tell(station, watch)
    assert turn(0) == 1
    two.tell(station, watch)
    assert turn(2_000) == 1, "one speaker has not been heard"
    station.now = UtcMs(station.now + LISTEN_MS)
    assert turn(0) == 2
    assert not silent(station)
    with station.store.read() as unit:
        assert not unit.site.silent

    # Everything converges, also the box that was off all the time.
    broker.carry(station)
    for box in boxes.values():
        box.hear(broker)
        assert box.store.epoch == 2
        assert (box.state(yesterday.kept), box.state(yesterday.cancelled)) == (S.READY, S.CANCELLED)
        assert box.state(yesterday.lost) is (None if box.speaker == "s-off" else S.CANCELLED)
        with station.store.read() as unit:
            assert list(newer_than_ours(unit, box.status())) == []
        assert box.store.config is not None
        assert box.store.config.version.epoch == 2
    with station.store.read() as unit:
        planned = unit.broadcasts.get(yesterday.cancelled)
        assert planned is not None
        assert planned.cancelled
        assert not unit.outbox.waiting()

    # The old controller, or whoever recorded it, says what it likes.
    for box in boxes.values():
        refused = box.counters.snapshot().get("refused_version", 0)
        box.clerk.take(*yesterday.old_word, box.clock.utc, box.clock.trust())
        assert box.counters.snapshot()["refused_version"] == refused + 1

    # The next morning: once, and only what stands. And the restored controller is obeyed again.
    new = at(station, 8)
    broker.carry(station)
    moments = [start_of(station, each) for each in (yesterday.kept, yesterday.cancelled, new)]
    moments.append(UtcMs(moments[1] + HOUR))  # when the lost one would have begun
    for name, box in boxes.items():
        box.hear(broker)
        sounded = list(box.sounded)
        box.live(UtcMs(max(moments) + HOUR), moments)
        assert box.sounded[len(sounded) :] == [yesterday.kept, new], name
        assert box.sounded.count(yesterday.played) == (0 if name == "s-off" else 1)
        box.tell(station, watch)
        with station.store.read() as unit:
            for broadcast in (yesterday.kept, yesterday.cancelled, yesterday.played, new):
                playback = unit.playbacks.get(broadcast, box.speaker)
                assert playback is not None
                assert playback.state is box.state(broadcast) or box.state(broadcast) is None, "all is told again"
    assert not silent(station)


def test_a_single_speaker_is_believed_where_there_is_only_one(station: World) -> None:
    station.add_speaker("s-one")
    watch = Watch(station.signer)
    lying = replace(Status(SpeakerId("s-one"), station.now, True, "boot", clock="synced"), highest_epoch=2)
    with station.store.write() as unit:
        watch.hear_speaker(unit, replace(lying, highest_epoch=1), station.now)
        assert not silent(station)
        watch.hear_speaker(unit, lying, station.now)
    assert silent(station)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, []),
        ({"highest_epoch": 2}, ["epoch 2"]),
        ({"keys_version": 2}, ["key list 2"]),
        ({"config_version": Version(1, 9)}, ["config 1/9"]),
        ({"config_version": Version(1, 1), "keys_version": 1, "highest_epoch": 1}, []),
    ],
)
def test_what_a_speaker_holds_that_is_newer(station: World, changes: dict[str, object], said: list[str]) -> None:
    station.add_speaker("s-one")
    status = Status(SpeakerId("s-one"), station.now, True, "boot", clock="synced", **changes)  # type: ignore[arg-type]
    with station.store.read() as unit:
        assert list(newer_than_ours(unit, status)) == said


def test_another_controller_of_a_higher_epoch_leads(station: World) -> None:
    watch = Watch(station.signer)
    with station.store.write() as unit:
        for epoch, stopped in ((1, False), (2, True)):
            told = ControllerStatus(station.now, True, "0.1.0", "other", epoch, "m")
            watch.hear_controller(unit, dump(told), station.now)
            assert silent(station) is stopped


def test_what_speakers_say_lifts_the_epoch_only_so_far(station: World) -> None:
    """What is not signed could be anything: a number without end would leave no epoch to come."""
    station.add_speaker("s-one")
    lying = Status(
        SpeakerId("s-one"), station.now, True, "boot", clock="synced", highest_epoch=2**53 - 1, keys_version=2**53 - 1
    )
    with station.store.write() as unit:
        take_status(unit, lying.speaker, dump(lying), station.now)
    assert main(["restore", "--data", str(station.folder / "data")]) == 0
    founded = open_site(Settings(data=station.folder / "data"))
    founded.store.close()
    restorer = Restorer(station.signer, founded.keys, ZONE, station.now)
    with station.store.write() as unit:
        restorer.turn(unit, station.now)
        restorer.turn(unit, UtcMs(station.now + LISTEN_MS))
        assert 1 < unit.site.epoch < 10_000
        assert len(unit.site.key_lists()) < 200


def test_a_broadcast_that_nobody_approved_in_this_form_is_taken_back(station: World) -> None:
    station.add_speaker("s-one")
    broadcast = station.tomorrow_at_five()
    with station.store.write() as unit:
        planned = unit.broadcasts.get(broadcast)
        assert planned is not None
        schedule = unit.broadcasts.schedule(planned.schedule)
        assert schedule is not None
        unit.broadcasts.put_schedule(replace(schedule, volume=Percent(1)))
    assert main(["restore", "--data", str(station.folder / "data")]) == 0
    founded = open_site(Settings(data=station.folder / "data"))
    founded.store.close()
    restorer = Restorer(station.signer, founded.keys, ZONE, station.now)
    with station.store.write() as unit:
        restorer.turn(unit, station.now)
        restorer.turn(unit, UtcMs(station.now + LISTEN_MS))
    assert station.order(broadcast).cancelled
    assert station.order(broadcast).version == Version(2, 2)
