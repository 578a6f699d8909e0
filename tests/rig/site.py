"""A site for one speaker: signs like the controller, publishes over a real broker, hears the box, can misbehave."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from protocol.belief import judge_record
from protocol.canonical import sha256_hex
from protocol.clips import make_index
from protocol.codec import dump, load
from protocol.envelope import seal, signed_bytes
from protocol.keys import Role, SigningKey
from protocol.messages import (
    CHUNK_BYTES,
    BroadcastOrder,
    ClockAnswer,
    ClockAsk,
    Command,
    Config,
    KeyEntry,
    Keys,
    Membership,
    Plan,
    PlanEntry,
    PlaybackRecord,
    Receipt,
    Signed,
    Status,
    Telemetry,
    Wants,
)
from protocol.topics import (
    CLOCK_ANSWER,
    CLOCK_ASK,
    COMMANDS,
    CONFIG,
    RECEIPTS,
    ROOT,
    AreaRoute,
    BroadcastTopic,
    KeysTopic,
    PlanTopic,
    Route,
    SpeakerRoute,
    SpeakerTopic,
    build,
    route_name,
)
from protocol.versions import Version
from schedules.model import Broadcast, Priority, QuietHours, StartRule, VolumeHours
from schedules.rails import EVERY_DAY
from schedules.states import FINAL, PlaybackState
from schedules.units import AreaId, BroadcastId, DurationMs, Percent, SpeakerId, UtcMs
from tests.rig.clips import TestClip
from tests.rig.ports import LOOPBACK

SITE = "test-site"
AREA = AreaId("a-commune")
DISTRICT = AreaId("a-district")
SPEAKER = SpeakerId("s-one")


def now_ms() -> UtcMs:
    return UtcMs(time.time_ns() // 1_000_000)


def wait_until(condition: Callable[[], bool], limit: float, what: str = "the condition") -> None:
    """Wait for `condition`, at most `limit` seconds."""
    until = time.monotonic() + limit
    while not condition():
        if time.monotonic() > until:
            raise AssertionError(f"{what} did not come true in {limit} s")
        time.sleep(0.02)


def entry_of(role: Role, key: SigningKey) -> KeyEntry:
    return KeyEntry(key.key_id, str(role), key.public_hex)


class Signer:
    """The keys of a site and the documents they sign. No network."""

    def __init__(self, site: str = SITE, speaker: SpeakerId = SPEAKER) -> None:
        self.site = site
        self.speaker = speaker
        self.box = SigningKey.generate()
        self.root = SigningKey.generate()
        self.keys = {role: SigningKey.generate() for role in (Role.SCHEDULE, Role.EMERGENCY, Role.CONFIG, Role.SESSION)}

    def seal(self, message: Signed, *keys: SigningKey) -> bytes:
        return seal(signed_bytes(self.site, message), *keys)

    def key_list(self, version: int = 1, *more: KeyEntry, by: tuple[SigningKey, ...] = ()) -> bytes:
        """The present keys and root, and `more`; signed by the root or `by` others."""
        keys = {Role.ROOT: self.root, **self.keys}
        entries = tuple(entry_of(role, key) for role, key in keys.items())
        return self.seal(Keys(version, now_ms(), (*entries, *more)), *(by or (self.root,)))

    def config(
        self,
        *,
        epoch: int = 1,
        revision: int = 1,
        area: AreaId = AREA,
        from_ms: int = 0,
        stays: tuple[tuple[AreaId, int, int], ...] = (),
        quiet: tuple[QuietHours, ...] = (),
        volume_max: int = 100,
        volume_hours: tuple[VolumeHours, ...] = (),
        session_cap_ms: int = 0,
        daily_cap_ms: int = 0,
        weekdays: tuple[int, ...] = EVERY_DAY,
    ) -> bytes:
        """In `area` since `from_ms`, or wherever `stays` (area, from, until) say."""
        memberships = tuple(
            Membership(each, (DISTRICT,), UtcMs(begin), UtcMs(end))
            for each, begin, end in stays or ((area, from_ms, 0),)
        )
        message = Config(
            speaker=self.speaker,
            version=Version(epoch, revision),
            issued_ms=now_ms(),
            memberships=memberships,
            time_zone="Asia/Ho_Chi_Minh",
            quiet_hours=quiet,
            volume_max_percent=Percent(volume_max),
            volume_hours=volume_hours,
            title="Cụm loa thử",
            session_cap_ms=session_cap_ms,
            daily_cap_ms=daily_cap_ms,
            weekdays=weekdays,
        )
        return self.seal(message, self.keys[Role.CONFIG])

    def sign_order(self, order: BroadcastOrder) -> bytes:
        emergency = order.broadcast.priority is Priority.EMERGENCY
        return self.seal(order, self.keys[Role.EMERGENCY if emergency else Role.SCHEDULE])

    def plan(
        self, orders: list[BroadcastOrder], revision: int, route: Route, *, epoch: int = 1, day: date | None = None
    ) -> tuple[str, bytes]:
        """Topic and document of the plan for `day`, default today, that lists `orders`."""
        day = day or datetime.now(UTC).date()
        entries = tuple(
            PlanEntry(order.broadcast.id, order.version, sha256_hex(signed_bytes(self.site, order))) for order in orders
        )
        expires = UtcMs(now_ms() + 86_400_000)
        message = Plan(route_name(route), day.isoformat(), Version(epoch, revision), now_ms(), expires, entries)
        return build(PlanTopic(route, day)), self.seal(message, self.keys[Role.SCHEDULE])

    def command(self, command_id: str, name: str, value: int = 0, lasts_ms: int = 30_000) -> bytes:
        expires = UtcMs(now_ms() + lasts_ms)
        return self.seal(Command(self.speaker, command_id, now_ms(), expires, name, value), self.keys[Role.SESSION])

    def receipt(self, store_id: str, up_to: int) -> bytes:
        expires = UtcMs(now_ms() + 60_000)
        return self.seal(Receipt(self.speaker, store_id, up_to, now_ms(), expires), self.keys[Role.SESSION])


def order_of(
    name: str,
    clip: TestClip,
    start: int,
    *,
    priority: Priority = Priority.NORMAL,
    rule: StartRule = StartRule.FROM_START,
    grace_ms: int = 20_000,
    room_ms: int = 60_000,
    volume: int = 80,
) -> BroadcastOrder:
    """A broadcast of one clip for the whole area; hard end `room_ms` after the grace and the content."""
    latest = UtcMs(start + grace_ms)
    hard_end = UtcMs(latest + clip.ref.duration + room_ms)
    broadcast = Broadcast(
        BroadcastId(name), priority, UtcMs(start), latest, hard_end, rule, Percent(volume), (clip.ref,)
    )
    return BroadcastOrder(
        broadcast=broadcast,
        version=Version(1, 1),
        issued_ms=now_ms(),
        expires_ms=UtcMs(hard_end + 86_400_000),
        areas=(AREA,),
        speakers=(),
        excluded=(),
        cancelled=False,
        title=f"Bản tin {name}",
    )


def revised(order: BroadcastOrder, **changes: Any) -> BroadcastOrder:
    """The next revision of `order`."""
    version = Version(order.version.epoch, order.version.revision + 1)
    return replace(order, version=version, **changes)


LEAVES = ("status", "telemetry", "wants", "playbacks/+", CLOCK_ASK)


class Site(Signer):
    """Also publishes, hears, and says what time it is. `confirming` false keeps all receipts back."""

    def __init__(self, port: int, account: tuple[str, str] = ("", "")) -> None:
        """`account` is the name and password that the broker asks for."""
        super().__init__()
        self.confirming = True
        self.answering_wants = True
        self.statuses: list[Status] = []
        self.telemetry: list[Telemetry] = []
        self.wants: list[Wants] = []
        self.records: dict[tuple[str, int], PlaybackRecord] = {}
        self.heard = 0
        """Records that arrived, repetitions included."""
        self._retained: dict[str, bytes] = {}
        self._clips: dict[str, TestClip] = {}
        self._lock = threading.RLock()
        self._client = client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="site", protocol=mqtt.MQTTv311)
        client.on_connect = self._on_connect
        client.on_message = self._on_message
        client.reconnect_delay_set(1, 1)
        client.max_queued_messages_set(0)
        if account[0]:
            client.username_pw_set(*account)
        client.connect(LOOPBACK, port)
        client.loop_start()
        wait_until(client.is_connected, 10, "the site's connection")

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def publish(self, topic: str, payload: bytes, *, retain: bool = True) -> None:
        if retain:
            self._retained[topic] = payload
        info = self._client.publish(topic, payload, qos=1, retain=retain)
        info.wait_for_publish(10)

    def introduce(self, **config: Any) -> None:
        """Keys and config, as after enrolment."""
        self.publish(build(KeysTopic(1)), self.key_list())
        self.publish(build(SpeakerTopic(self.speaker, CONFIG)), self.config(**config))

    def offer(self, clip: TestClip, *, spoil: int | None = None) -> None:
        """Publish index and chunks; chunk `spoil` with wrong bytes."""
        self._clips[clip.ref.id] = clip
        index = make_index(clip.ref.id, clip.data)
        self.publish(f"{ROOT}/audio/{clip.ref.id}/index", dump(index))
        for number in range(len(index.chunks)):
            data = clip.data[number * CHUNK_BYTES : (number + 1) * CHUNK_BYTES]
            self.publish(f"{ROOT}/audio/{clip.ref.id}/{number}", b"x" * len(data) if number == spoil else data)

    def send(self, order: BroadcastOrder, route: Route | None = None) -> None:
        self.publish(build(BroadcastTopic(route or AreaRoute(AREA), order.broadcast.id)), self.sign_order(order))

    def command_now(self, command_id: str, name: str, value: int = 0) -> None:
        topic = build(SpeakerTopic(self.speaker, COMMANDS))
        self.publish(topic, self.command(command_id, name, value), retain=False)

    def status(self) -> Status | None:
        return self.statuses[-1] if self.statuses else None

    def state(self, order: BroadcastOrder) -> PlaybackState | None:
        """The newest word of the box's records about `order`."""
        told = self.story(order)
        return told[-1].state if told else None

    def story(self, order: BroadcastOrder) -> list[PlaybackRecord]:
        """All records about `order`, by number."""
        with self._lock:
            told = [record for record in self.records.values() if record.broadcast == order.broadcast.id]
        return sorted(told, key=lambda record: record.n)

    def wait_for(self, order: BroadcastOrder, state: PlaybackState, limit: float = 20) -> PlaybackRecord:
        def reached() -> bool:
            return any(record.state is state for record in self.story(order))

        wait_until(reached, limit, f"{order.broadcast.id} {state} (told: {[r.state for r in self.story(order)]})")
        return next(record for record in self.story(order) if record.state is state)

    def wait_final(self, order: BroadcastOrder, limit: float = 30) -> PlaybackRecord:
        wait_until(lambda: self.state(order) in FINAL, limit, f"a final state of {order.broadcast.id}")
        return self.story(order)[-1]

    def counter(self, name: str) -> int:
        return max((told.numbers.get(name, 0) for told in self.telemetry), default=0)

    def _on_connect(self, client: mqtt.Client, _user: Any, _flags: Any, _code: Any, _more: Any) -> None:
        client.subscribe([(f"{ROOT}/speakers/+/{leaf}", 1) for leaf in LEAVES])
        for topic, payload in tuple(self._retained.items()):
            client.publish(topic, payload, qos=1, retain=True)

    def _on_message(self, _client: mqtt.Client, _user: Any, message: mqtt.MQTTMessage) -> None:
        leaf = message.topic.split("/")[4]
        payload = bytes(message.payload)
        with self._lock:
            if leaf == "status" and payload:
                self.statuses.append(load(Status, payload))
            elif leaf == "telemetry":
                self.telemetry.append(load(Telemetry, payload))
            elif leaf == "wants":
                self._wanted(load(Wants, payload))
            elif leaf == "playbacks":
                self._record(payload)
            elif leaf == "clock":
                self._tell_the_time(load(ClockAsk, payload))

    def _tell_the_time(self, ask: ClockAsk) -> None:
        now_us = time.time_ns() // 1_000
        answer = ClockAnswer(ask.speaker, ask.nonce, ask.asked_us, now_us, now_us)
        topic = build(SpeakerTopic(ask.speaker, CLOCK_ANSWER))
        self._client.publish(topic, self.seal(answer, self.keys[Role.SESSION]), qos=1)

    def _wanted(self, wants: Wants) -> None:
        self.wants.append(wants)
        if not self.answering_wants:
            return
        for topic in wants.topics:
            if topic in self._retained and "/audio/" not in topic:
                self._client.publish(topic, self._retained[topic], qos=1, retain=True)
            elif "/audio/" in topic and (clip := self._clips.get(topic.split("/")[3])):
                self._republish(topic, clip)

    def _republish(self, topic: str, clip: TestClip) -> None:
        last = topic.rsplit("/", 1)[1]
        if last == "index":
            payload = dump(make_index(clip.ref.id, clip.data))
        else:
            payload = clip.data[int(last) * CHUNK_BYTES : (int(last) + 1) * CHUNK_BYTES]
        self._client.publish(topic, payload, qos=1, retain=True)

    def _record(self, payload: bytes) -> None:
        record = judge_record(payload, self.site, self.speaker, self.box.public_hex)
        assert isinstance(record, PlaybackRecord), record
        self.heard += 1
        assert self.records.get((record.store_id, record.n), record) == record, "a number means one record for ever"
        self.records[(record.store_id, record.n)] = record
        if self.confirming:
            self._confirm(record.store_id)

    def _confirm(self, store_id: str) -> None:
        numbers = {n for store, n in self.records if store == store_id}
        up_to = 0
        while up_to + 1 in numbers:
            up_to += 1
        self._client.publish(build(SpeakerTopic(self.speaker, RECEIPTS)), self.receipt(store_id, up_to), qos=1)


def own_route(speaker: SpeakerId = SPEAKER) -> Route:
    return SpeakerRoute(speaker)


def content_ms(order: BroadcastOrder) -> DurationMs:
    return order.broadcast.duration
