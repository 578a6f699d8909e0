"""One example of every message, with keys made from fixed seeds, and the trust of the speaker that hears them."""

from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any, get_args

from protocol import topics
from protocol.canonical import sha256_hex
from protocol.clips import index_sha256, make_index
from protocol.envelope import seal, signed_bytes
from protocol.identity import role_for
from protocol.judgement import Trust
from protocol.keys import Role, SigningKey
from protocol.messages import (
    BroadcastHeld,
    BroadcastOrder,
    ClipIndex,
    ClockAnswer,
    ClockAsk,
    Command,
    Config,
    ControllerStatus,
    KeyEntry,
    Keys,
    Measured,
    Membership,
    Plan,
    PlanEntry,
    PlanHeld,
    PlaybackRecord,
    Receipt,
    Signed,
    Status,
    Telemetry,
    Unsigned,
    Wants,
)
from protocol.versions import Version
from schedules.model import Broadcast, ClipRef, Priority, QuietHours, StartRule, VolumeHours
from schedules.states import PlaybackState, Reason
from schedules.units import AreaId, BroadcastId, ClipId, DurationMs, Percent, SpeakerId, UtcMs

SITE = "dam-ha"
SPEAKER = SpeakerId("s-quang-an-3")
AREA = AreaId("a-quang-an")
DISTRICT = AreaId("a-dam-ha")
BROADCAST = BroadcastId("b-0001")
ZONE = "Asia/Ho_Chi_Minh"

KEYS = {role: SigningKey.from_seed_hex(f"{n:02x}" * 32) for n, role in enumerate(Role, start=1)}
STRANGER = SigningKey.from_seed_hex("ee" * 32)


def utc_ms(*parts: int) -> UtcMs:
    return UtcMs(int(datetime(*parts, tzinfo=UTC).timestamp()) * 1000)  # type: ignore[misc, arg-type]


NOW = utc_ms(2026, 11, 22, 8)
"""15:00 in Đầm Hà."""
START = utc_ms(2026, 11, 22, 10)
"""17:00 in Đầm Hà."""

CLIP_DATA = bytes(n * 7 % 251 for n in range(40_000))
CLIP = ClipId(sha256_hex(CLIP_DATA))
INDEX = make_index(CLIP, CLIP_DATA)

KEY_LIST = Keys(
    version=1,
    issued_ms=NOW,
    keys=tuple(
        KeyEntry(KEYS[role].key_id, role, KEYS[role].public_hex)
        for role in (Role.ROOT, Role.SCHEDULE, Role.EMERGENCY, Role.CONFIG, Role.SESSION)
    ),
)
CONFIG = Config(
    speaker=SPEAKER,
    version=Version(1, 3),
    issued_ms=NOW,
    memberships=(Membership(AREA, (DISTRICT,), UtcMs(0), UtcMs(0)),),
    time_zone=ZONE,
    quiet_hours=(QuietHours(time(21, 30), time(5)), QuietHours(time(11, 30), time(13))),
    volume_max_percent=Percent(90),
    title="Cụm loa thôn 3, xã Quảng An",
    session_cap_ms=45 * 60_000,
    daily_cap_ms=120 * 60_000,
    weekdays=(0, 1, 2, 3, 4, 6),
    volume_hours=(VolumeHours(time(20), time(6, 30), Percent(40)),),
)
ORDER = BroadcastOrder(
    broadcast=Broadcast(
        id=BROADCAST,
        priority=Priority.NORMAL,
        start=START,
        latest_start=UtcMs(START + 60_000),
        hard_end=UtcMs(START + 900_000),
        rule=StartRule.JOIN,
        volume=Percent(80),
        clips=(ClipRef(CLIP, len(CLIP_DATA), DurationMs(600_000), index_sha256(INDEX)),),
    ),
    version=Version(1, 2),
    issued_ms=NOW,
    expires_ms=UtcMs(START + 900_000 + 86_400_000),
    areas=(DISTRICT,),
    speakers=(),
    excluded=(),
    cancelled=False,
    title="Bản tin chiều 22/11",
)
EMERGENCY = replace(ORDER, broadcast=replace(ORDER.broadcast, priority=Priority.EMERGENCY))
PLAN = Plan(
    route=f"areas/{DISTRICT}",
    day="2026-11-22",
    version=Version(1, 5),
    issued_ms=NOW,
    expires_ms=utc_ms(2026, 11, 24),
    entries=(PlanEntry(BROADCAST, ORDER.version, sha256_hex(signed_bytes(SITE, ORDER))),),
)
COMMAND = Command(SPEAKER, "c-0001", NOW, UtcMs(NOW + 30_000), "volume", 60)
RECEIPT = Receipt(SPEAKER, "st-0001", 41, NOW, UtcMs(NOW + 60_000))
ASK = ClockAsk(SPEAKER, "3b1f0d5c9a7e4268", 86_400_000_000)
ANSWER = ClockAnswer(SPEAKER, ASK.nonce, ASK.asked_us, NOW * 1000 + 61, NOW * 1000 + 197)
RECORD = PlaybackRecord(
    speaker=SPEAKER,
    store_id="st-0001",
    n=42,
    broadcast=BROADCAST,
    version=ORDER.version,
    state=PlaybackState.PLAYED,
    reason=Reason.NONE,
    detail="",
    at_ms=UtcMs(START + 600_000),
    measured=Measured(
        started_us=START * 1000 + 180,
        ended_us=START * 1000 + 600_000_180,
        start_error_us=180,
        heard_ms=600_000,
        content_ms=600_000,
        frames=28_800_000,
        underruns=0,
        level_cdb=-1_834,
        volume_percent=80,
        loudness_clu=-2_214,
        levels_db=(-22, -18, -17, -60),
        levels_step_s=150,
        microphone="heard",
        microphone_cdb=-1_250,
    ),
)
WANTS = Wants(SPEAKER, NOW, (f"{topics.ROOT}/audio/{CLIP}/2",))
STATUS = Status(
    speaker=SPEAKER,
    at_ms=NOW,
    online=True,
    boot_id="boot-1",
    agent_version="0.1.0",
    store_id="st-0001",
    now_playing=BROADCAST,
    title=CONFIG.title,
    volume_percent=80,
    clock="synced",
    clock_source="answer",
    clock_error_ms=12,
    clock_system_ms=-640,
    keys_version=1,
    config_version=CONFIG.version,
    highest_epoch=1,
    plans=(PlanHeld(PLAN.route, PLAN.day, PLAN.version, 1, 1, 0),),
    broadcasts=(BroadcastHeld(BROADCAST, ORDER.version, PlaybackState.PLAYING, 3, 3, 12_000, -1_790),),
    alarms=("disk_full",),
)
TELEMETRY = Telemetry(SPEAKER, NOW, {"uptime_s": 86_400, "rss_kib": 61_440, "refused_signature": 2})
CONTROLLER_STATUS = ControllerStatus(NOW, True, "0.1.0", "ctl-1", 1, "4f1d", True)

SIGNED_EXAMPLES: tuple[Signed, ...] = (KEY_LIST, PLAN, ORDER, CONFIG, COMMAND, RECEIPT, ANSWER, RECORD)
UNSIGNED_EXAMPLES: tuple[Unsigned, ...] = (INDEX, WANTS, ASK, STATUS, TELEMETRY, CONTROLLER_STATUS)
MESSAGE_CLASSES: tuple[type[Any], ...] = (*get_args(Signed), *get_args(Unsigned))

TRUST = Trust(SITE, SPEAKER, KEYS[Role.ROOT].public_hex, KEY_LIST, CONFIG, {})


LEAVES = {
    "config": topics.CONFIG,
    "command": topics.COMMANDS,
    "receipt": topics.RECEIPTS,
    "clock-answer": topics.CLOCK_ANSWER,
}
"""The topics that a speaker has for itself, by what comes on them."""


def sealed(message: Signed, *keys: SigningKey, site: str = SITE) -> bytes:
    """The document of `message`, signed by the key that should or by `keys`."""
    return seal(signed_bytes(site, message), *(keys or (KEYS[role_for(message)],)))


def topic_of(message: Signed) -> str:
    """A topic of our speaker on which `message` rightly comes."""
    ours = topics.SpeakerRoute(SPEAKER)
    match message:
        case Keys():
            return topics.build(topics.KeysTopic(message.version))
        case Plan():
            return f"{topics.ROOT}/{message.route}/plan/{message.day}"
        case BroadcastOrder():
            return topics.build(topics.BroadcastTopic(topics.AreaRoute(DISTRICT), message.broadcast.id))
        case PlaybackRecord():
            return topics.build(topics.PlaybackTopic(ours.speaker, message.broadcast))
        case Config() | Command() | Receipt() | ClockAnswer():
            return topics.build(topics.SpeakerTopic(ours.speaker, LEAVES[message.TYPE]))


def index_of(data: bytes) -> ClipIndex:
    return make_index(ClipId(sha256_hex(data)), data)
