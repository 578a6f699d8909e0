"""What a single field may look like: the spelling of texts and the span of integers, by type."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Annotated

from protocol.canonical import MAX_INTEGER
from schedules.model import ClipRef
from schedules.units import AreaId, BroadcastId, ClipId, DurationMs, Percent, SpeakerId, UtcMs

MAX_TEXT = 10_000
"""Characters in one string."""
MAX_ITEMS = 10_000
"""Items in one list, or entries of one mapping."""

LAST_UTC_MS = int(datetime(9000, 1, 1, tzinfo=UTC).timestamp() * 1000)
"""Instants beyond this cannot be told in a local calendar by every library."""

ID_PATTERN = r"[a-z0-9][a-z0-9-]{0,63}"


@dataclass(frozen=True)
class Text:
    """A string that matches `pattern` as a whole; `what` names it in a refusal."""

    pattern: str
    what: str

    @cached_property
    def _matches(self) -> Callable[[str], re.Match[str] | None]:
        return re.compile(self.pattern).fullmatch

    def fault(self, value: object) -> str:
        """Why `value` is not of this form; "" when it is."""
        if isinstance(value, str) and self._matches(value):
            return ""
        return f"is not {self.what}"


@dataclass(frozen=True)
class Span:
    """An integer from `low` to `high`, both included."""

    low: int
    high: int

    def fault(self, value: object) -> str:
        """Why `value` is outside; "" when it is inside."""
        if isinstance(value, int) and self.low <= value <= self.high:
            return ""
        return f"is not from {self.low} to {self.high}"


Form = Text | Span

IDENTIFIER = Text(ID_PATTERN, "an identifier (lower-case letters, digits and '-', at most 64)")
SHA256 = Text(r"[0-9a-f]{64}", "a SHA-256 (64 lower-case hex digits)")

Identifier = Annotated[str, IDENTIFIER]
Sha256Hex = Annotated[str, SHA256]
PublicKeyHex = Annotated[str, Text(r"[0-9a-f]{64}", "a raw Ed25519 public key (64 lower-case hex digits)")]
KeyId = Annotated[str, Text(r"[0-9a-f]{16}", "a key's short name (16 lower-case hex digits)")]
ListedRole = Annotated[str, Text("root|schedule|emergency|config|session", "a role that the key list gives")]
UtcDay = Annotated[str, Text(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "a UTC date (YYYY-MM-DD)")]
RouteName = Annotated[str, Text(rf"(areas|speakers)/{ID_PATTERN}", "a route (areas/… or speakers/…)")]
CommandName = Annotated[str, Text("test_tone|diagnostics|restart|volume", "a command that speakers know")]
ClockWord = Annotated[str, Text("synced|held|unknown", "a clock trust")]
ClockSource = Annotated[str, Text("none|battery|ntp|answer", "where a clock's time is from")]
Count = Annotated[int, Span(0, MAX_INTEGER)]
Ordinal = Annotated[int, Span(1, MAX_INTEGER)]
PercentValue = Annotated[int, Span(0, 100)]
Weekday = Annotated[int, Span(0, 6)]
"""0 (Monday) … 6."""
WholeDb = Annotated[int, Span(-120, 0)]
AlarmWord = Annotated[
    str, Text("disk_full|disk_read_only|disk_error|clips_full|no_sound", "a word for what a technician must mend")
]
MicrophoneWord = Annotated[str, Text("|heard|unheard|unclear", "a word for what the microphone says")]

BY_TYPE: dict[object, Form] = {
    AreaId: IDENTIFIER,
    SpeakerId: IDENTIFIER,
    BroadcastId: IDENTIFIER,
    ClipId: SHA256,
    UtcMs: Span(0, LAST_UTC_MS),
    DurationMs: Span(0, MAX_INTEGER),
    Percent: Span(0, 100),
}
"""The form of each identity and unit of schedules/units.py that crosses the wire."""

BY_FIELD: dict[tuple[type, str], Form] = {
    (ClipRef, "index_sha256"): SHA256,
    (ClipRef, "size_bytes"): Span(1, MAX_INTEGER),
    (ClipRef, "duration"): Span(1, MAX_INTEGER),
}
"""Forms of single fields of schedules/model.py that their types do not tell."""
