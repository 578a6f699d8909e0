"""Real agents of one site, driven by documents signed here: on these, starts and memory are measured."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from deploy.demo.ports import LOOPBACK
from deploy.demo.processes import wait_until
from protocol.clips import make_index
from protocol.codec import dump, load
from protocol.envelope import open_envelope
from protocol.messages import CHUNK_BYTES, PlaybackRecord, Status
from protocol.topics import CONFIG, RECEIPTS, ROOT, BroadcastTopic, KeysTopic, SpeakerRoute, SpeakerTopic, build
from schedules.states import PlaybackState
from schedules.units import BroadcastId, SpeakerId
from tests.rig.box import Box, write_config
from tests.rig.clips import TestClip
from tests.rig.site import Signer, order_of


@dataclass(frozen=True, slots=True)
class Wanted:
    """An agent to start: its speaker id, its sink, and the environment in which it finds the sound server."""

    speaker: SpeakerId
    sink: str
    env: Mapping[str, str]


class Site:
    """One set of keys, several speakers, one connection; confirms what the agents report."""

    def __init__(self, port: int, speakers: Sequence[SpeakerId]) -> None:
        self.signers = {speaker: Signer(speaker=speaker) for speaker in speakers}
        self._first = self.signers[speakers[0]]
        for signer in self.signers.values():  # one site: the same keys, but for each box's own
            signer.root, signer.keys = self._first.root, self._first.keys
        self._records: dict[tuple[SpeakerId, BroadcastId], dict[PlaybackState, PlaybackRecord]] = {}
        self._numbers: dict[tuple[SpeakerId, str], set[int]] = {}
        self._online: set[SpeakerId] = set()
        self._lock = threading.Lock()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="bench-site", protocol=mqtt.MQTTv311)
        self._client.on_message = self._on_message
        self._client.connect(LOOPBACK, port)
        self._client.subscribe([(f"{ROOT}/speakers/+/status", 1), (f"{ROOT}/speakers/+/playbacks/+", 1)])
        self._client.loop_start()

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def introduce(self) -> None:
        """Keys and each speaker's config."""
        self._publish(build(KeysTopic(1)), self._first.key_list())
        for speaker, signer in self.signers.items():
            self._publish(build(SpeakerTopic(speaker, CONFIG)), signer.config())

    def offer(self, clip: TestClip) -> None:
        """Publish the clip's index and chunks."""
        index = make_index(clip.ref.id, clip.data)
        self._publish(f"{ROOT}/audio/{clip.ref.id}/index", dump(index))
        for number in range(len(index.chunks)):
            chunk = clip.data[number * CHUNK_BYTES : (number + 1) * CHUNK_BYTES]
            self._publish(f"{ROOT}/audio/{clip.ref.id}/{number}", chunk)

    def order(self, speaker: SpeakerId, name: str, clip: TestClip, start_ms: int) -> BroadcastId:
        """Send one speaker a broadcast of its own, at full volume, and return its id."""
        order = replace(order_of(name, clip, start_ms, volume=100), areas=(), speakers=(speaker,))
        topic = build(BroadcastTopic(SpeakerRoute(speaker), order.broadcast.id))
        self._publish(topic, self._first.sign_order(order))
        return order.broadcast.id

    def record(self, speaker: SpeakerId, broadcast: BroadcastId, state: PlaybackState) -> PlaybackRecord | None:
        """What the box said when the playback came into this state."""
        with self._lock:
            return self._records.get((speaker, broadcast), {}).get(state)

    def wait_online(self) -> None:
        wait_until(lambda: self._online >= set(self.signers), 20.0, "the agents to come online")

    def _publish(self, topic: str, payload: bytes) -> None:
        self._client.publish(topic, payload, qos=1, retain=True)

    def _on_message(self, _client: mqtt.Client, _user: Any, message: mqtt.MQTTMessage) -> None:
        if message.topic.endswith("/status"):
            status = load(Status, bytes(message.payload))
            if status.online:
                self._online.add(status.speaker)
            return
        record = open_envelope(bytes(message.payload)).message
        assert isinstance(record, PlaybackRecord)
        with self._lock:
            self._records.setdefault((record.speaker, record.broadcast), {}).setdefault(record.state, record)
        self._confirm(record)

    def _confirm(self, record: PlaybackRecord) -> None:
        numbers = self._numbers.setdefault((record.speaker, record.store_id), set())
        numbers.add(record.n)
        up_to = 0
        while up_to + 1 in numbers:
            up_to += 1
        receipt = self.signers[record.speaker].receipt(record.store_id, up_to)
        self._client.publish(build(SpeakerTopic(record.speaker, RECEIPTS)), receipt, qos=1)


@contextmanager
def agents(folder: Path, port: int, wanted: Sequence[Wanted]) -> Iterator[tuple[Site, dict[SpeakerId, Box]]]:
    """Started, connected, introduced; all ended after."""
    site = Site(port, [one.speaker for one in wanted])
    with ExitStack() as stack:
        stack.callback(site.close)
        site.introduce()
        boxes = {}
        for one in wanted:
            config = write_config(folder / one.speaker, site.signers[one.speaker], port, sink=one.sink)
            box = boxes[one.speaker] = Box(config)
            box.start(dict(one.env))
            stack.callback(box.kill9)
        site.wait_online()
        yield site, boxes
