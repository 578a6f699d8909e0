"""What a speaker said of itself last, read from the kept status.

A status is checked in full when it is taken in (`records.take_status`); here it is only read, a thousand at a time.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from controller.store.values import HeardStatus
from protocol.versions import Version
from schedules.units import BroadcastId


@dataclass(frozen=True, slots=True)
class Sounding:
    """How far into the content, in ms, and how loud now, in hundredths of a dB."""

    position_ms: int
    level_cdb: int


@dataclass(frozen=True, slots=True)
class Said:
    """As in the status; `sounding` names the broadcasts that it lists, with how far each is and how loud."""

    now_playing: str = ""
    title: str = ""
    volume: int = 0
    clock: str = "unknown"
    clock_source: str = "none"
    clock_error_ms: int = 0
    clock_system_ms: int = 0
    agent_version: str = ""
    keys_version: int = 0
    config_version: Version = Version(0, 0)
    alarms: tuple[str, ...] = ()
    sounding: Mapping[BroadcastId, Sounding] = field(default_factory=dict)


NOTHING = Said()


def said(heard: HeardStatus | None) -> Said:
    """The newest status of a speaker, NOTHING before its first."""
    if heard is None:
        return NOTHING
    status = json.loads(heard.payload)
    config = status.get("config_version") or {"epoch": 0, "revision": 0}
    return Said(
        now_playing=status.get("now_playing", ""),
        title=status.get("title", ""),
        volume=status.get("volume_percent", 0),
        clock=status.get("clock", "unknown"),
        clock_source=status.get("clock_source", "none"),
        clock_error_ms=status.get("clock_error_ms", 0),
        clock_system_ms=status.get("clock_system_ms", 0),
        agent_version=status.get("agent_version", ""),
        keys_version=status.get("keys_version", 0),
        config_version=Version(config["epoch"], config["revision"]),
        alarms=tuple(status.get("alarms", ())),
        sounding={
            BroadcastId(each["broadcast"]): Sounding(each["position_ms"], each["level_cdb"])
            for each in status.get("broadcasts", ())
        },
    )
