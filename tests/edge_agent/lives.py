"""A box's lives on simulated time, with the controller and broker that it meets in all of them.

Store, clerk, clip files, fetcher, conductor, playhead and player are the real ones. The decoder gives a constant, the
broker hands out what was published and keeps what was not acknowledged, the controller keeps every record it hears.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from edge_agent.amplifier import Amplifier
from edge_agent.clerk import Clerk
from edge_agent.clipfiles import ClipFiles
from edge_agent.conductor import Conductor
from edge_agent.counters import Counters
from edge_agent.fetcher import Fetcher, wanted
from edge_agent.player import Player
from edge_agent.settings import Settings
from edge_agent.store import Store
from edge_agent.voice import Order, Pcm
from protocol.belief import judge_record
from protocol.clips import make_index
from protocol.codec import dump
from protocol.keys import Role
from protocol.messages import CHUNK_BYTES, BroadcastOrder, PlaybackRecord, Receipt
from protocol.topics import RECEIPTS, ROOT, AreaRoute, BroadcastTopic, SpeakerTopic, build
from schedules.model import ClipRef, StartRule
from schedules.states import FINAL, MOVES, PlaybackState
from schedules.units import UtcMs
from tests.edge_agent.clocks import StandingClock
from tests.rig.clips import TestClip
from tests.rig.site import AREA, Signer

STEP_MS = 200
_FRAMES = 48 * STEP_MS
LOST_MS = 1_000 + 3 * STEP_MS
"""The position is written every second: so much of what was heard may be unknown to the next life."""
SLACK_MS = 2 * STEP_MS
"""A block in which two sound is counted for both."""
S = PlaybackState


@dataclass
class World:
    """What is outside the box and survives it. Times are UTC milliseconds."""

    site: Signer
    script: list[tuple[int, str, bytes, bool]] = field(default_factory=list)
    """When, topic, payload, retained; in the order of time."""
    audio: dict[str, bytes] = field(default_factory=dict)
    orders: dict[str, list[BroadcastOrder]] = field(default_factory=dict)
    published: int = 0
    acknowledged: set[int] = field(default_factory=set)
    """Places in the script: the broker will not send these again by itself."""
    records: dict[int, PlaybackRecord] = field(default_factory=dict)
    store_ids: set[str] = field(default_factory=set)
    frames: Counter[str] = field(default_factory=Counter)
    """What really came out, by broadcast."""
    cuts: int = 0

    def copy(self) -> "World":
        return World(
            self.site, self.script, self.audio, self.orders, self.published, set(self.acknowledged), dict(self.records),
            set(self.store_ids), Counter(self.frames), self.cuts,
        )  # fmt: skip

    def offer(self, clip: TestClip) -> None:
        self.audio[f"{ROOT}/audio/{clip.ref.id}/index"] = dump(make_index(clip.ref.id, clip.data))
        for at in range(0, len(clip.data), CHUNK_BYTES):
            self.audio[f"{ROOT}/audio/{clip.ref.id}/{at // CHUNK_BYTES}"] = clip.data[at : at + CHUNK_BYTES]

    def say(self, at: int, topic: str, payload: bytes, *, retained: bool = True) -> None:
        self.script.append((at, topic, payload, retained))
        self.script.sort(key=lambda line: line[0])

    def send(self, at: int, order: BroadcastOrder) -> None:
        self.orders.setdefault(order.broadcast.id, []).append(order)
        self.say(at, build(BroadcastTopic(AreaRoute(AREA), order.broadcast.id)), self.site.sign_order(order))

    def told(self, broadcast: str) -> list[PlaybackRecord]:
        return [record for _, record in sorted(self.records.items()) if record.broadcast == broadcast]

    def done(self) -> bool:
        return self.published == len(self.script) and all(
            (told := self.told(name)) and told[-1].state in FINAL for name in self.orders
        )


class HeardPlayer(Player):
    """Notes where each programme was taken up."""

    def __init__(self, life: "Life") -> None:
        super().__init__(lambda event: life.conductor.tell(event))
        self._life = life

    def arm(self, order: Order, pcm: Pcm) -> None:
        self._life.check_place(order)
        super().arm(order, pcm)


class Life:
    """From switching on until the power goes. `restored` is false for the first life."""

    def __init__(
        self,
        world: World,
        settings: Settings,
        clock: StandingClock,
        make_room: Callable[[ClipRef], bool] = lambda _ref: True,
    ) -> None:
        self.world, self.clock = world, clock
        self.counters = Counters()
        self.store = Store(settings.data, settings, clock.utc)
        self.files = ClipFiles(settings.data / "clips")
        self.clerk = Clerk(self.store, self.counters)
        self.player = HeardPlayer(self)
        self.conductor = Conductor(
            clock, self.store, self.files, self.player, self.counters, Amplifier(clock), lambda: None
        )
        self.fetcher = Fetcher(
            clock, self.files, self, self.counters, lambda: wanted(self.store.live(), clock.utc), lambda _t: None,
            lambda _whole: None, make_room,
        )  # fmt: skip
        self._arrived: list[tuple[str, bytes]] = []
        self._inbox = self._what_the_broker_sends_first()
        self._confirmed = 0
        self._told: dict[int, bytes] = {}
        world.store_ids.add(self.store.store_id)

    connected = True

    def subscribe(self, filters: Iterable[str]) -> None:
        self._arrived += [(topic, self.world.audio[topic]) for topic in filters if topic in self.world.audio]

    def unsubscribe(self, filters: Iterable[str]) -> None:
        """What is on its way comes all the same."""

    def _what_the_broker_sends_first(self) -> list[int]:
        """The newest retained document of each topic, and what was not acknowledged."""
        world = self.world
        past = range(world.published)
        newest = {world.script[n][1]: n for n in past if world.script[n][3]}
        return sorted({*newest.values(), *(n for n in past if n not in world.acknowledged)})

    def step(self) -> None:
        """A fifth of a second."""
        self._hear()
        arrived, self._arrived = self._arrived, []
        self.fetcher._step(arrived, False)
        pause = self.conductor.step_safely()
        self._tell()
        self._sound()
        self.clock.pass_time(STEP_MS if self._busy else max(STEP_MS, int(pause * 1000) // STEP_MS * STEP_MS))

    @property
    def _busy(self) -> bool:
        """Something sounds, comes in or is about to."""
        script, published = self.world.script, self.world.published
        soon = published < len(script) and script[published][0] <= self.clock.utc + 1_000
        return bool(self._inbox or self._arrived or soon or self.conductor.busy)

    def settle_downloads(self) -> None:
        """Only the fetcher works, until it neither takes nor asks any more."""
        for _ in range(3):
            self.fetcher._step([], False)
            while self._arrived:
                arrived, self._arrived = self._arrived, []
                self.fetcher._step(arrived, False)
            self.clock.pass_time(61_000)  # what was put off is due again

    def forget(self) -> None:
        """What this file keeps of records that were told; the box has its own."""
        self._told.clear()

    def _hear(self) -> None:
        world = self.world
        while world.published < len(world.script) and world.script[world.published][0] <= self.clock.utc:
            self._inbox.append(world.published)
            world.published += 1
        for place in self._inbox[:2]:
            _, topic, payload, _ = world.script[place]
            self.clerk.take(topic, payload, self.clock.utc, self.clock.trust())
            world.acknowledged.add(place)
        del self._inbox[:2]

    def _tell(self) -> None:
        """Records reach the controller; its receipts come back a while later."""
        world = self.world
        for waiting in self.store.ledger.waiting(20):
            if self._told.get(waiting.n) == waiting.payload:
                continue
            self._told[waiting.n] = waiting.payload
            record = judge_record(waiting.payload, world.site.site, world.site.speaker, world.site.box.public_hex)
            assert isinstance(record, PlaybackRecord)
            assert world.records.setdefault(record.n, record) == record, "a number was used twice"
        if world.records and self.clock.utc // 1_000 != self._confirmed:
            self._confirmed = self.clock.utc // 1_000
            self._confirm()

    def _confirm(self) -> None:
        up_to = 0
        while up_to + 1 in self.world.records:
            up_to += 1
        site, now = self.world.site, self.clock.utc
        receipt = Receipt(site.speaker, self.store.store_id, up_to, now, UtcMs(now + 60_000))
        topic = build(SpeakerTopic(site.speaker, RECEIPTS))
        self.clerk.take(topic, site.seal(receipt, site.keys[Role.SESSION]), now, self.clock.trust())

    def _sound(self) -> None:
        pcm = self.player.fill(_FRAMES, self.clock.utc_ns())
        sounding = self.player.sounding()
        for name in sounding:
            hard_end = self.world.orders[name][0].broadcast.hard_end
            assert self.clock.utc <= hard_end + 3 * STEP_MS, f"{name} sounds after its hard end"
            final = [record for record in self.world.told(name) if record.state in FINAL]
            assert not final, f"{name} sounds although it is {final[0].state}"
            self.world.frames[name] += (len(pcm) // 2 - pcm.count(b"\0\0")) // len(sounding)

    def check_place(self, order: Order) -> None:
        """It goes on where it was, as far as a power cut lets the box know."""
        if self.world.orders[order.broadcast][0].broadcast.rule is StartRule.JOIN:
            return
        heard = self.world.frames[order.broadcast] // 48
        least = heard - LOST_MS * self.world.cuts - SLACK_MS
        assert least <= order.offset <= heard + SLACK_MS, f"{order.broadcast} at {order.offset}, {heard} were heard"

    def check_promises(self) -> None:
        """What was acknowledged is here; what was told is here; what was said to be ready is whole."""
        for pragma, value in (("journal_mode", "wal"), ("synchronous", 2)):  # on which the model of the disk relies
            assert self.store.database.rows(f"PRAGMA {pragma}")[0][0] == value
        assert self.store.began_anew == ""
        assert self.world.store_ids == {self.store.store_id}
        for place in self.world.acknowledged:
            self._check_kept(self.world.script[place][1])
        newest = max(self.world.records, default=0)
        assert self.store.ledger.last_number() >= newest, "the numbers went back"
        for name, orders in self.world.orders.items():
            told = [record.state for record in self.world.told(name)]
            playback = self.store.ledger.playback(orders[0].broadcast.id)
            if told:
                assert playback is not None
                assert told[-1] not in FINAL or playback.state is told[-1]
            if S.READY in told and S.ACCEPTED not in told[told.index(S.READY) :]:
                self._check_whole(orders[0])

    def _check_kept(self, topic: str) -> None:
        name = topic.rsplit("/", 1)[1]
        if name in self.world.orders:
            assert self.store.order(self.world.orders[name][0].broadcast.id) is not None, f"{name} was forgotten"

    def _check_whole(self, order: BroadcastOrder) -> None:
        for clip in order.broadcast.clips:
            assert self.files.has(clip.id), f"{order.broadcast.id} was told as ready, its sound is gone"
            assert sha256(self.files.path(clip.id).read_bytes()).hexdigest() == clip.id

    def check_end(self) -> None:
        """Every playback is final, once, legally, and what was told of it is what came out."""
        world = self.world
        assert sorted(world.records) == list(range(1, len(world.records) + 1)), "a number is missing"
        assert not self.counters.snapshot().get("conductor_faults", 0)
        for name in world.orders:
            state = S.PENDING
            told = world.told(name)
            for record in told:
                assert record.state in MOVES[state], f"{name}: {state} → {record.state}"
                state = record.state
            self._check_measured(told[-1])

    def _check_measured(self, record: PlaybackRecord) -> None:
        measured, came_out = record.measured, self.world.frames[record.broadcast] // 48
        least = came_out - LOST_MS * self.world.cuts - SLACK_MS
        assert least <= measured.heard_ms <= came_out + SLACK_MS, (
            f"{record.broadcast}: {came_out} ms came out, {record}"
        )
        if record.state is S.PLAYED:
            assert measured.heard_ms * 100 >= measured.content_ms * 99
            assert came_out <= measured.content_ms + LOST_MS * self.world.cuts + SLACK_MS
