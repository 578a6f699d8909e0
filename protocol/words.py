"""What every field on the wire means, in the words of the published contract (docs/protocol/asyncapi.yaml)."""

from typing import Any

from protocol.envelope import Signature
from protocol.messages import (
    BroadcastHeld,
    BroadcastOrder,
    ClipIndex,
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
    Status,
    Telemetry,
    Wants,
)
from protocol.versions import Version
from schedules.model import Broadcast, ClipRef, QuietHours

_ISSUED = "When it was made, UTC milliseconds. For people; never judged."
_EXPIRES = "Not believed after this instant, UTC milliseconds."
_VERSION = "The higher version replaces the lower."
_SPEAKER = "The speaker's id."
_AT = "When it was said, UTC milliseconds by the box's clock."
_STORE = "Random id of the box's database; another one means that the box has begun a new database."

FIELDS: dict[type[Any], dict[str, str]] = {
    Version: {
        "epoch": "Rises with every restore from backup and every change of the leading controller.",
        "revision": "Rises with every change of the document within one epoch.",
    },
    Signature: {
        "key": "Short name of the key: the first 16 hex digits of the SHA-256 of the raw public key.",
        "sig": "Ed25519 signature over the RFC 8785 canonical bytes of `signed`, 128 hex digits.",
    },
    KeyEntry: {
        "key": "Short name of the key.",
        "role": "The one thing that this key may sign.",
        "public": "The raw Ed25519 public key, 64 hex digits.",
    },
    Keys: {
        "version": "Number of the list, as in the topic; never falls.",
        "issued_ms": _ISSUED,
        "keys": "Every key that the site's speakers believe; one that is not listed is not believed.",
    },
    PlanEntry: {
        "broadcast": "Id of the broadcast.",
        "version": "The version that the speaker should hold.",
        "sha256": "SHA-256 of the canonical bytes of the broadcast's `signed` part.",
    },
    Plan: {
        "route": "`areas/{area}` or `speakers/{speaker}`, as in the topic.",
        "day": "The UTC date on which the listed broadcasts start, as in the topic.",
        "version": _VERSION,
        "issued_ms": _ISSUED,
        "expires_ms": _EXPIRES,
        "entries": "All broadcasts of that day on this route, each once. What is not held is fetched by its topic.",
    },
    ClipRef: {
        "id": "SHA-256 of the clip's bytes.",
        "size_bytes": "Bytes of the clip (Ogg/Opus).",
        "duration": "How long it sounds, milliseconds.",
        "index_sha256": "SHA-256 of the payload of `audio/{sha256}/index`.",
    },
    Broadcast: {
        "id": "Id of this one occurrence; a repeat has another.",
        "priority": "1 emergency, 2 priority, 3 normal, as the ministry's interface numbers them.",
        "start": "When the first sample sounds, UTC milliseconds.",
        "latest_start": "Nobody begins after this instant, UTC milliseconds.",
        "hard_end": "Nobody sounds after this instant, UTC milliseconds.",
        "rule": "For who begins late: `join` the neighbours where they are, or play all of it `from_start`.",
        "volume": "Percent of the speaker's full volume.",
        "clips": "What is heard, one after the other; empty only in a cancellation.",
        "order": "Among equal priority and start, the lower plays first.",
    },
    BroadcastOrder: {
        "broadcast": "The occurrence: when, what, how loud.",
        "version": _VERSION,
        "issued_ms": _ISSUED,
        "expires_ms": _EXPIRES,
        "areas": "Every speaker that is in one of these areas, or below it, at the start is addressed.",
        "speakers": "Speakers addressed by name.",
        "excluded": "Speakers that are not addressed whatever else is said: how one speaker is stopped.",
        "cancelled": "True: nobody plays it, and who plays it stops.",
        "title": "For people and monitors. No text, no author.",
    },
    Membership: {
        "area": "The area that the speaker stands in.",
        "ancestors": "The areas above it, nearest first.",
        "from_ms": "Since when, UTC milliseconds.",
        "until_ms": "Until when, UTC milliseconds; 0 while it lasts.",
    },
    QuietHours: {
        "begin": "Local time, HH:MM.",
        "end": "Local time, HH:MM; earlier than `begin` means on the next day.",
    },
    Config: {
        "speaker": _SPEAKER,
        "version": _VERSION,
        "issued_ms": _ISSUED,
        "memberships": "Where the speaker stands, dated, so that a merger of communes needs nobody at midnight.",
        "time_zone": "IANA name of the time zone of the quiet hours, the weekdays and the day of the daily cap.",
        "quiet_hours": "Daily local intervals in which only an emergency sounds.",
        "volume_max_percent": "What is louder is refused.",
        "title": "The speaker's name for people and monitors.",
        "session_cap_ms": "How long sound may last without a silence of five minutes; 0 or absent: no cap.",
        "daily_cap_ms": "How much may sound in one local day; 0 or absent: no cap.",
        "weekdays": "Local weekdays, 0 = Monday, on which anything but an emergency sounds; absent: every day.",
    },
    Command: {
        "speaker": _SPEAKER,
        "command_id": "A command is carried out once, however often it is heard.",
        "issued_ms": _ISSUED,
        "expires_ms": _EXPIRES,
        "name": "What to do now. Never used to stop a broadcast: that is a revision.",
        "value": "For `volume`: 0 to 100. Else 0.",
    },
    Receipt: {
        "speaker": _SPEAKER,
        "store_id": _STORE,
        "up_to": "Every record up to and including this number is stored for good.",
        "issued_ms": _ISSUED,
        "expires_ms": _EXPIRES,
    },
    Measured: {
        "started_us": "When the first frame of content left the output, UTC microseconds; 0: nothing did.",
        "ended_us": "When the last one did, UTC microseconds.",
        "start_error_us": "Actual minus planned start, microseconds, signed.",
        "heard_ms": "How much content came out, milliseconds.",
        "content_ms": "How much there was, milliseconds.",
        "frames": "Frames of content that came out (48 kHz).",
        "underruns": "How often the output had to wait for sound.",
        "level_cdb": "RMS of all that came out, volume included, hundredths of a dB to full scale; -12000: silence.",
        "volume_percent": "The volume it came out at.",
    },
    PlaybackRecord: {
        "speaker": _SPEAKER,
        "store_id": _STORE,
        "n": "Number of the record in that database, from 1 without gaps.",
        "broadcast": "Id of the broadcast, as in the topic.",
        "version": "The version that the speaker held.",
        "state": "The state that the playback has moved to.",
        "reason": "Why; empty where the state says it all.",
        "detail": "More for the technician, in plain words.",
        "at_ms": _AT,
        "measured": "What really came out so far.",
    },
    ClipIndex: {
        "clip": "SHA-256 of the clip's bytes, as in the topic.",
        "size_bytes": "Bytes of the clip.",
        "chunk_bytes": "Bytes of every chunk but the last.",
        "chunks": "SHA-256 of each chunk, in order.",
    },
    Wants: {
        "speaker": _SPEAKER,
        "at_ms": _AT,
        "topics": "Topics that should hold something and gave no answer for 10 s.",
    },
    PlanHeld: {
        "route": "Route of the plan.",
        "day": "UTC date of the plan.",
        "version": "The version that the speaker holds.",
        "accepted": "How many of its broadcasts are held and believed.",
        "ready": "How many have all their audio.",
        "missing": "How many are not held yet.",
    },
    BroadcastHeld: {
        "broadcast": "Id of the broadcast.",
        "version": "The version that the speaker holds.",
        "state": "State of the playback here.",
        "have": "Audio chunks on the disk.",
        "total": "Audio chunks in all.",
        "position_ms": "How much of the content has come out, milliseconds.",
        "level_cdb": "Level that comes out now, hundredths of a dB to full scale.",
    },
    Status: {
        "speaker": _SPEAKER,
        "at_ms": _AT,
        "online": "False in the last will.",
        "boot_id": "Random per start of the program; a will of an earlier start says nothing about this one.",
        "agent_version": "Version of the program on the box.",
        "store_id": _STORE,
        "now_playing": "Id of the broadcast that sounds now; empty when none does.",
        "title": "The speaker's name, from its config.",
        "volume_percent": "The volume it plays at.",
        "clock": "Whether the box trusts its clock; with `unknown` it plays nothing on schedule.",
        "keys_version": "Number of the key list that it believes; 0: none.",
        "config_version": "Version of the config that it believes; 0/0: none.",
        "plans": "Every plan it holds for today and later.",
        "broadcasts": "Every broadcast it holds that is to come, sounds, or has just ended.",
    },
    Telemetry: {
        "speaker": _SPEAKER,
        "at_ms": _AT,
        "numbers": "Name → number, flat, the unit in the name: uptime_s, rss_kib, disk_free_mib, refused_signature …",
    },
    ControllerStatus: {
        "at_ms": "When it was said, UTC milliseconds by the controller's clock.",
        "online": "False in the last will.",
        "version": "Version of the controller.",
        "instance": "Which of several controllers.",
        "epoch": "The epoch it signs with.",
        "marker": "Random; a controller that does not read its own back knows that the broker lost its memory.",
    },
}
"""By class, by field. A test holds it to the dataclasses: every field, and nothing else."""

PARAMETERS: dict[str, str] = {
    "version": "Number of the key list.",
    "area": "Id of an area.",
    "speaker": "Id of a speaker.",
    "broadcast": "Id of a broadcast.",
    "utc-date": "UTC date, YYYY-MM-DD.",
    "sha256": "SHA-256 of the clip's bytes, 64 hex digits.",
    "number": "Number of the chunk, from 0.",
}

CHANNELS: dict[str, str] = {
    "keys/{version}": "The key list, signed by the offline root; never cleared.",
    "areas/{area}/plan/{utc-date}": "All broadcasts that start on one UTC day in one area.",
    "speakers/{speaker}/plan/{utc-date}": "All broadcasts that start on one UTC day for one speaker by name.",
    "areas/{area}/broadcasts/{broadcast}": "One broadcast, for an area of any size by one publish.",
    "speakers/{speaker}/broadcasts/{broadcast}": "One broadcast, for a speaker by name.",
    "speakers/{speaker}/config": "What the speaker must know about itself.",
    "speakers/{speaker}/commands": "Orders for now; they expire in seconds.",
    "audio/{sha256}/index": "The chunks of a clip.",
    "audio/{sha256}/{number}": "One chunk of a clip, raw bytes. Pulled by exact topic, two in flight.",
    "speakers/{speaker}/wants": "What the speaker asked for by topic and did not get.",
    "speakers/{speaker}/status": "What the speaker holds and does. Last will: the same, offline.",
    "speakers/{speaker}/telemetry": "Numbers for monitoring.",
    "speakers/{speaker}/playbacks/{broadcast}": "What really came out, signed by the box, repeated until confirmed.",
    "speakers/{speaker}/receipts": "The controller confirms playback records.",
    "controller/status": "Whether a controller is there. Last will: offline.",
}
