"""Identities and units as types, so that a speaker is never an area and seconds are never milliseconds."""

from typing import NewType

AreaId = NewType("AreaId", str)
SpeakerId = NewType("SpeakerId", str)
GroupId = NewType("GroupId", str)
"""A named set of speakers, made by staff."""
ClipId = NewType("ClipId", str)
"""SHA-256 of the clip's bytes, 64 lower-case hex digits."""
RecordingId = NewType("RecordingId", str)
"""SHA-256 of the bytes of a sound as it came, 64 lower-case hex digits."""
BulletinId = NewType("BulletinId", str)
ScheduleId = NewType("ScheduleId", str)
BroadcastId = NewType("BroadcastId", str)

UtcMs = NewType("UtcMs", int)
"""Milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted (POSIX time × 1000)."""
DurationMs = NewType("DurationMs", int)
Percent = NewType("Percent", int)
"""0 … 100."""
