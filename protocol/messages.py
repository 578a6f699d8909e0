"""The messages of protocol v1 as frozen values, and their JSON forms (integers and strings only).

Signed messages are read from and written to the `signed` part of an envelope (protocol/envelope.py), which
carries `site`, `type` and `schema` in front of the fields here. Unsigned messages (what a speaker says for
everyone to read) are plain JSON objects with `schema`.
Field meaning: `*_ms` is UTC milliseconds or a duration in milliseconds, `*_us` microseconds, `*_cdb`
hundredths of a decibel relative to full scale, `*_clu` hundredths of LUFS.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from protocol.forms import (
    AlarmWord,
    ClockSource,
    ClockWord,
    CommandName,
    Count,
    Identifier,
    KeyId,
    ListedRole,
    MicrophoneWord,
    Ordinal,
    PercentValue,
    PublicKeyHex,
    RouteName,
    Sha256Hex,
    UtcDay,
    Weekday,
    WholeDb,
)
from protocol.versions import NEVER, Version
from schedules.model import Broadcast, QuietHours, VolumeHours
from schedules.rails import EVERY_DAY
from schedules.states import PlaybackState, Reason
from schedules.units import AreaId, BroadcastId, ClipId, Percent, SpeakerId, UtcMs

SCHEMA = 1
CHUNK_BYTES = 16_384
SILENCE_CDB = -12_000
"""The floor of every level: nothing came out."""
NO_LOUDNESS_CLU = -7_000
"""Nothing that came out was loud or long enough to have a loudness (ITU-R BS.1770-4, the absolute gate)."""


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """One public key and what it may sign. `role`: root, schedule, emergency, config, session."""

    key: KeyId
    role: ListedRole
    public: PublicKeyHex
    """The raw Ed25519 public key (RFC 8032), 64 hex digits."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The list of keys that a site's speakers believe, signed by a root that the list before it names.

    It names the roots that may sign the next one, and at least one of those has signed this one too.
    """

    TYPE: ClassVar[str] = "keys"
    version: Ordinal
    issued_ms: UtcMs
    keys: tuple[KeyEntry, ...]


@dataclass(frozen=True, slots=True)
class PlanEntry:
    """One broadcast of the day: which version of it, and what its signed bytes hash to."""

    broadcast: BroadcastId
    version: Version
    sha256: Sha256Hex
    """SHA-256 (hex) of the canonical bytes of the broadcast's `signed` part."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All broadcasts that start on one UTC day on one route."""

    TYPE: ClassVar[str] = "plan"
    route: RouteName
    """`areas/{area}` or `speakers/{speaker}`: must agree with the topic it came on."""
    day: UtcDay
    """UTC date, YYYY-MM-DD."""
    version: Version
    issued_ms: UtcMs
    expires_ms: UtcMs
    entries: tuple[PlanEntry, ...]


@dataclass(frozen=True, slots=True)
class BroadcastOrder:
    """One broadcast, as signed and sent: the occurrence itself, to whom, and whether it still stands."""

    TYPE: ClassVar[str] = "broadcast"
    broadcast: Broadcast
    version: Version
    issued_ms: UtcMs
    expires_ms: UtcMs
    areas: tuple[AreaId, ...]
    speakers: tuple[SpeakerId, ...]
    excluded: tuple[SpeakerId, ...]
    cancelled: bool
    title: str


@dataclass(frozen=True, slots=True)
class Membership:
    """The speaker is in `area` (whose ancestors, nearest first, are `ancestors`) from … until (0: open)."""

    area: AreaId
    ancestors: tuple[AreaId, ...]
    from_ms: UtcMs
    until_ms: UtcMs


@dataclass(frozen=True, slots=True)
class Config:
    """What a speaker must know about itself. Never expires."""

    TYPE: ClassVar[str] = "config"
    OPTIONAL: ClassVar[frozenset[str]] = frozenset({"session_cap_ms", "daily_cap_ms", "weekdays", "volume_hours"})
    """What may be absent on the wire, and then has the value given here."""
    speaker: SpeakerId
    version: Version
    issued_ms: UtcMs
    memberships: tuple[Membership, ...]
    time_zone: str
    quiet_hours: tuple[QuietHours, ...]
    volume_max_percent: Percent
    title: str
    """The speaker's name for people and monitors."""
    session_cap_ms: Count = 0
    daily_cap_ms: Count = 0
    weekdays: tuple[Weekday, ...] = EVERY_DAY
    volume_hours: tuple[VolumeHours, ...] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """An order for now: test_tone, diagnostics, restart, volume (`value` 0-100)."""

    TYPE: ClassVar[str] = "command"
    speaker: SpeakerId
    command_id: Identifier
    issued_ms: UtcMs
    expires_ms: UtcMs
    name: CommandName
    value: Count


@dataclass(frozen=True, slots=True)
class Receipt:
    """The controller has committed every record of `store_id` up to and including number `up_to`."""

    TYPE: ClassVar[str] = "receipt"
    speaker: SpeakerId
    store_id: Identifier
    up_to: Count
    issued_ms: UtcMs
    expires_ms: UtcMs


@dataclass(frozen=True, slots=True)
class ClockAsk:
    """A speaker asks what time it is. Not signed: whoever asks learns nothing and moves nothing."""

    TYPE: ClassVar[str] = "clock-ask"
    speaker: SpeakerId
    nonce: Identifier
    """Random, never used again: only the answer that names it is believed."""
    asked_us: Count
    """When it was asked, by the speaker's own monotonic clock."""


@dataclass(frozen=True, slots=True)
class ClockAnswer:
    """What time it is at the controller: when the question came and when the answer went."""

    TYPE: ClassVar[str] = "clock-answer"
    speaker: SpeakerId
    nonce: Identifier
    asked_us: Count
    """As in the question."""
    received_us: Count
    sent_us: Count


@dataclass(frozen=True, slots=True)
class Measured:
    """What really came out so far. All zero (level: SILENCE_CDB) before the first sound."""

    OPTIONAL: ClassVar[frozenset[str]] = frozenset(
        {"loudness_clu", "levels_db", "levels_step_s", "microphone", "microphone_cdb"}
    )
    started_us: Count = 0
    """UTC microseconds at which the first frame of content left the output; 0: nothing did."""
    ended_us: Count = 0
    start_error_us: int = 0
    """Actual minus planned start of the first frame heard, signed. The plan of a late joiner or of a start
    that waited for another programme is still the broadcast's own start."""
    heard_ms: Count = 0
    content_ms: Count = 0
    frames: Count = 0
    underruns: Count = 0
    level_cdb: int = SILENCE_CDB
    """RMS over all content frames that came out, volume included."""
    volume_percent: PercentValue = 0
    loudness_clu: int = NO_LOUDNESS_CLU
    """Integrated loudness of what came out, volume included, in hundredths of LUFS."""
    levels_db: tuple[WholeDb, ...] = ()
    """RMS of each `levels_step_s` seconds that came out, whole dB to full scale; told when it is over."""
    levels_step_s: Count = 1
    microphone: MicrophoneWord = ""
    """What the box's microphone says: heard, unheard, unclear; "": it has none, or nothing was compared."""
    microphone_cdb: int = 0
    """Level at the microphone less the level put out, where it was heard."""


@dataclass(frozen=True, slots=True)
class PlaybackRecord:
    """Record `n` of a box's database `store_id`: one move of one playback. Signed by the box's own key."""

    TYPE: ClassVar[str] = "playback"
    speaker: SpeakerId
    store_id: Identifier
    n: Ordinal
    broadcast: BroadcastId
    version: Version
    state: PlaybackState
    reason: Reason
    detail: str
    at_ms: UtcMs
    measured: Measured


@dataclass(frozen=True, slots=True)
class ClipIndex:
    """The chunks of a clip. Not signed: the broadcast carries the hash of these canonical bytes."""

    TYPE: ClassVar[str] = "index"
    clip: ClipId
    size_bytes: Ordinal
    chunk_bytes: Ordinal
    chunks: tuple[Sha256Hex, ...]


@dataclass(frozen=True, slots=True)
class Wants:
    """Topics the speaker should have had and got no answer for in 10 s."""

    TYPE: ClassVar[str] = "wants"
    speaker: SpeakerId
    at_ms: UtcMs
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlanHeld:
    """One plan as the speaker holds it: how many of its broadcasts are accepted, ready, missing."""

    route: RouteName
    day: UtcDay
    version: Version
    accepted: Count
    ready: Count
    missing: Count


@dataclass(frozen=True, slots=True)
class BroadcastHeld:
    """One broadcast as the speaker holds it; `have` of `total` chunks are on its disk."""

    broadcast: BroadcastId
    version: Version
    state: PlaybackState
    have: Count
    total: Count
    position_ms: Count
    level_cdb: int


@dataclass(frozen=True, slots=True)
class Status:
    """Retained; the last will is the same with online false and nothing held."""

    TYPE: ClassVar[str] = "status"
    OPTIONAL: ClassVar[frozenset[str]] = frozenset({"highest_epoch", "alarms"})
    speaker: SpeakerId
    at_ms: UtcMs
    online: bool
    boot_id: str
    agent_version: str = ""
    store_id: str = ""
    now_playing: str = ""
    """The broadcast that sounds now, "" when none."""
    title: str = ""
    volume_percent: PercentValue = 0
    clock: ClockWord = "unknown"
    clock_source: ClockSource = "none"
    clock_error_ms: Count = 0
    """How far off UTC may be here at most; 0 while the clock is unknown."""
    clock_system_ms: int = 0
    """The operating system's clock minus what the box takes for UTC, which alone counts; 0 while that is unknown."""
    keys_version: Count = 0
    config_version: Version = NEVER
    highest_epoch: Count = 0
    """The highest epoch of any document that the speaker believed: a controller below it is out of date."""
    plans: tuple[PlanHeld, ...] = ()
    broadcasts: tuple[BroadcastHeld, ...] = ()
    alarms: tuple[AlarmWord, ...] = ()
    """What is wrong with the box now; the speaker plays on as far as it can."""


@dataclass(frozen=True, slots=True)
class Telemetry:
    """Numbers for monitoring, for any MQTT tool."""

    TYPE: ClassVar[str] = "telemetry"
    speaker: SpeakerId
    at_ms: UtcMs
    numbers: Mapping[str, int]
    """Flat: uptime_s, rss_kib, disk_free_mib, records_waiting, underruns, refused_{name} …"""


@dataclass(frozen=True, slots=True)
class ControllerStatus:
    """Retained; the last will says offline with the same instance and marker."""

    TYPE: ClassVar[str] = "controller-status"
    OPTIONAL: ClassVar[frozenset[str]] = frozenset({"stopped"})
    at_ms: UtcMs
    online: bool
    version: str
    instance: str
    epoch: Count
    marker: str
    """Random; a controller that does not read its own marker back knows that the broker lost its memory."""
    stopped: bool = False
    """It found itself out of date, or is about to begin a new epoch, and signs nothing."""


Signed = Keys | Plan | BroadcastOrder | Config | Command | Receipt | ClockAnswer | PlaybackRecord
Unsigned = ClipIndex | Wants | ClockAsk | Status | Telemetry | ControllerStatus
