"""10,000 true documents with one bit flipped: each refused by the name that fits, counted, and none played.

What the name should be is worked out here from what the flip changed, without asking belief.
"""

import json
import random
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from protocol.belief import judge_answer, judge_record
from protocol.codec import Malformed
from protocol.envelope import open_envelope
from protocol.identity import role_for
from protocol.judgement import Deferred, Disbelieved
from protocol.keys import Role
from protocol.messages import ClockAnswer, Keys, Measured, PlaybackRecord
from protocol.topics import (
    COMMANDS,
    CONFIG,
    RECEIPTS,
    AreaRoute,
    BroadcastTopic,
    KeysTopic,
    PlaybackTopic,
    SpeakerTopic,
    build,
)
from protocol.versions import Version
from schedules.model import Priority
from schedules.states import PlaybackState, Reason
from schedules.units import BroadcastId
from tests.edge_agent.simulated import SimulatedBox
from tests.rig.clips import chimed
from tests.rig.site import AREA, order_of

FLIPS = 10_000
SEED = 20_261_122

_KEY_NAME = re.compile(r"[0-9a-f]{16}")
_SIGNATURE = re.compile(r"[0-9a-f]{128}")
_SITE = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_OF_THE_TOPIC: Mapping[str, tuple[str, ...]] = {
    "keys": ("version",),
    "plan": ("route", "day"),
    "broadcast": ("broadcast.id",),
    "config": ("speaker",),
    "command": ("speaker",),
    "receipt": ("speaker",),
    "clock-answer": ("speaker",),
    "playback": ("broadcast",),
}
"""What must agree with the topic: changed, it is of no form before anybody looks at a signature."""


@dataclass(frozen=True)
class Genuine:
    """A document that would be believed as it is."""

    name: str
    topic: str
    payload: bytes


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimulatedBox:
    return SimulatedBox(tmp_path, monkeypatch)


def documents(box: SimulatedBox) -> list[Genuine]:
    """One of every signed type, of the broadcasts both ranks; the audio is on the disk."""
    site, clip = box.site, chimed(3)
    box.hold(clip)
    normal = order_of("b-normal", clip, box.utc + 2_000)
    emergency = order_of("b-emergency", clip, box.utc + 2_000, priority=Priority.EMERGENCY)
    speaker = site.speaker

    def own(leaf: str) -> str:
        return build(SpeakerTopic(speaker, leaf))

    record = PlaybackRecord(
        speaker, "store-1", 1, BroadcastId("b-1"), Version(1, 1), PlaybackState.PLAYED, Reason.NONE, "", box.utc,
        Measured(),
    )  # fmt: skip
    answer = ClockAnswer(speaker, "nonce-1", 1_000, box.utc * 1000, box.utc * 1000 + 5)
    return [
        Genuine("keys", build(KeysTopic(2)), site.key_list(2)),
        Genuine("plan", *site.plan([normal, emergency], 1, AreaRoute(AREA))),
        Genuine("normal", build(BroadcastTopic(AreaRoute(AREA), normal.broadcast.id)), site.sign_order(normal)),
        Genuine(
            "emergency", build(BroadcastTopic(AreaRoute(AREA), emergency.broadcast.id)), site.sign_order(emergency)
        ),
        Genuine("config", own(CONFIG), site.config(revision=2)),
        Genuine("command", own(COMMANDS), site.command("c-1", "test_tone")),
        Genuine("receipt", own(RECEIPTS), site.receipt(box.store.store_id, 3)),
        Genuine("record", build(PlaybackTopic(speaker, BroadcastId("b-1"))), site.seal(record, site.box)),
        Genuine("answer", own("clock/answer"), site.seal(answer, site.keys[Role.SESSION])),
    ]


def _at(value: Any, path: str) -> Any:
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def expected(before: bytes, after: bytes) -> str:
    """The name that the flip deserves."""
    true, false = json.loads(before), _parsed(after)
    if not isinstance(false, dict) or set(false) != set(true):
        return "refused_form"
    if false["signatures"] != true["signatures"]:
        return _of_signature(true, false)
    return _of_content(true["signed"], false["signed"], after, open_envelope(before).message)


def _parsed(payload: bytes) -> Any:
    try:
        return json.loads(payload.decode())
    except ValueError:
        return None


def _of_signature(true: Any, false: Any) -> str:
    (was,), now = true["signatures"], false["signatures"]
    if len(now) != 1 or set(now[0]) != {"key", "sig"}:
        return "refused_form"
    if now[0]["key"] != was["key"]:
        if not isinstance(now[0]["key"], str) or not _KEY_NAME.fullmatch(now[0]["key"]):
            return "refused_form"
        # A key that no list names may be named by the next one. A root or a box's own key is known for good.
        return "refused_key" if true["signed"]["type"] in ("keys", "playback") else "deferred_key"
    return "refused_signature" if _SIGNATURE.fullmatch(now[0]["sig"]) else "refused_form"


def _of_content(true: Any, false: Any, after: bytes, message: Any) -> str:
    try:
        changed = open_envelope(after).message
    except Malformed:
        return "refused_form"
    if any(_at(true, path) != _at(false, path) for path in _OF_THE_TOPIC[true["type"]]):
        return "refused_form"
    if true["site"] != false["site"]:
        assert _SITE.fullmatch(false["site"])
        return "refused_site"
    return "refused_key" if role_for(changed) is not role_for(message) else "refused_signature"


def flipped(payload: bytes, chance: random.Random) -> bytes:
    changed = bytearray(payload)
    changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def told(judged: object) -> str:
    assert isinstance(judged, Disbelieved | Deferred), judged
    return f"{'refused' if isinstance(judged, Disbelieved) else 'deferred'}_{judged.name}"


def heard(box: SimulatedBox, document: Genuine, payload: bytes) -> str:
    """What became of it: by the counters of the real clerk, or by the judges that stand elsewhere."""
    if document.name == "record":
        public = box.site.box.public_hex
        return told(judge_record(payload, box.site.site, box.site.speaker, public, BroadcastId("b-1")))
    if document.name == "answer":
        return told(judge_answer(document.topic, payload, box.store.trust(), {"nonce-1": 1_000}))
    before = box.counters.snapshot()
    box.take(document.topic, payload)
    grown = [name for name, count in box.counters.snapshot().items() if count != before.get(name, 0)]
    assert len(grown) == 1, (document.name, payload, grown)
    return grown[0]


def test_ten_thousand_flipped_bits(box: SimulatedBox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("CRITICAL")
    chance, trues, seen = random.Random(SEED), documents(box), Counter[str]()
    config, keys = box.store.config, box.store.keys
    for n in range(FLIPS):
        document = trues[n % len(trues)]
        payload = flipped(document.payload, chance)
        name = heard(box, document, payload)
        assert name == expected(document.payload, payload), (SEED, n, document.name, payload)
        seen[name] += 1
    assert seen.total() == FLIPS
    assert {"refused_form", "refused_site", "refused_key", "refused_signature", "deferred_key"} == set(seen)
    counted = {name: count for name, count in box.counters.snapshot().items() if name in seen}
    by_clerk = Counter(n % len(trues) for n in range(FLIPS) if trues[n % len(trues)].name not in ("record", "answer"))
    assert sum(counted.values()) == by_clerk.total(), "every one is counted for telemetry"

    assert (box.store.config, box.store.keys, box.store.plans, box.store.live()) == (config, keys, (), [])
    assert box.clerk.judge_deferred(box.utc, box.clock.trust()) == []
    assert set(box.play(6_000)) == {()}
    assert isinstance(keys, Keys)
    for document in trues[:5]:  # and they were true
        box.take(document.topic, document.payload)
    assert box.store.keys_version == 2
    assert ("b-emergency",) in box.play(6_000)
