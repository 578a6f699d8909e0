"""One programme inside the player: where it begins and ends on the clock, and what has come out of it so far."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from audio.levels import apply_gain, fade, ramp, volume_gain
from edge_agent.gauge import Gauge
from edge_agent.measuring import FRAME_BYTES, RATE, frames_to_ms, start_error_us
from edge_agent.sinks.port import CARD_FRAMES
from protocol.messages import Measured
from schedules.units import BroadcastId, DurationMs, UtcMs
from schedules.volume import Step, most_at

FADE_NS = 50_000_000
RAMP_NS = 500_000_000
"""A change of volume from nothing to full takes so long, a smaller one less."""
_BEFORE_MS = RAMP_NS // 1_000_000 + CARD_FRAMES * 1_000 // RATE
"""What turns down begins so much before its instant, so that it is done by then, a block's length included."""
SECOND_NS = 1_000_000_000


class Pcm(Protocol):
    """Where a voice takes its frames from (edge_agent/feed.py)."""

    fault: str

    @property
    def finished(self) -> bool: ...

    def take(self, frames: int) -> bytes: ...

    def skip(self, frames: int) -> None: ...

    def close(self) -> None: ...


class Ending(StrEnum):
    """Why a voice fell silent."""

    OVER = "over"
    """The content is at its end."""
    FADED = "faded"
    """It was told to end: stopped, or another took over."""
    FAULT = "fault"
    """The content could not be decoded to its end."""
    DEAD = "dead"
    """It was told to end, and the sink asked for nothing any more."""


@dataclass(frozen=True, slots=True)
class Order:
    """What the player is asked to sound. `due_ns` is the UTC instant at which frame `offset` belongs."""

    broadcast: BroadcastId
    planned: UtcMs
    due_ns: int
    offset: DurationMs
    content_ms: DurationMs
    volume_percent: int
    gain: float
    join: bool
    """When it begins late, pass over what the neighbours have already played."""
    limits: tuple[Step, ...] = ()
    """The most at each instant, lower than `volume_percent` or not; empty: `volume_percent` holds throughout."""
    latest_ns: int | None = None
    """It does not begin after this UTC instant (the clock may have been set forward meanwhile)."""
    until_ns: int | None = None
    """Nothing of it is heard after this UTC instant, its hard end."""

    def cut_ns(self, at_ns: int) -> int | None:
        """When it must be silent if it begins at `at_ns`; None: its content ends before."""
        over = at_ns + (self.content_ms - self.offset) * 1_000_000
        return self.until_ns if self.until_ns is not None and over > self.until_ns else None


@dataclass(slots=True)
class Voice:
    """Changed only under the player's lock."""

    order: Order
    pcm: Pcm
    at_ns: int
    end_ns: int | None = None
    begun: bool = False
    ending: Ending | None = None
    frames: int = 0
    skipped: int = 0
    started_us: int = 0
    ended_us: int = 0
    underruns: int = 0
    limits: tuple[Step, ...] = ()
    loudest_percent: int = 0
    """The highest volume at which any of it came out."""
    _gain: float | None = None
    _hungry: bool = False
    _gauge: Gauge = field(default_factory=Gauge)

    def measured(self) -> Measured:
        """What came out of this voice alone."""
        line = self._gauge.line()
        return Measured(
            started_us=self.started_us,
            ended_us=self.ended_us,
            start_error_us=start_error_us(self.started_us, self.order.planned) if self.started_us else 0,
            heard_ms=frames_to_ms(self.frames),
            content_ms=self.order.content_ms,
            frames=self.frames,
            underruns=self.underruns,
            level_cdb=self._gauge.level_cdb,
            volume_percent=self.loudest_percent if self.begun else self._percent_at(self.at_ns),
            loudness_clu=self._gauge.loudness_clu,
            levels_db=line.levels,
            levels_step_s=line.step_s,
        )

    def envelope(self) -> Sequence[int]:
        return self._gauge.envelope()

    def position(self) -> DurationMs:
        return DurationMs(self.order.offset + frames_to_ms(self.frames + self.skipped))

    def render(self, block: bytearray, utc_ns: int) -> bytes:
        """Write this voice's frames into `block`, whose first frame is at `utc_ns`; returns what was written."""
        frames = len(block) // FRAME_BYTES
        end = frames if self.end_ns is None else _clamp(_frames_between(utc_ns, self.end_ns), frames)
        begin = 0 if self.begun else _frames_between(utc_ns, self.at_ns)
        written = b""
        if not self.begun and self.order.latest_ns is not None and utc_ns > self.order.latest_ns:
            self._end(Ending.FADED, utc_ns, 0)
        elif begin < end:
            written = self._sound(block, max(0, begin), end, utc_ns)
        if self.ending is None and end < frames:
            self._end(Ending.FADED, utc_ns, end)
        return written

    def _sound(self, block: bytearray, begin: int, end: int, utc_ns: int) -> bytes:
        if not self.begun and self.order.join:
            late = _frames_between(self.order.due_ns, utc_ns + _ns(begin)) - self.skipped
            if late > 0:
                self.pcm.skip(late)
                self.skipped += late
        pcm = self.pcm.take(end - begin)
        if pcm:
            if not self.begun:
                self.begun = True
                self.started_us = (utc_ns + _ns(begin)) // 1000
            pcm = self._shaped(pcm, utc_ns + _ns(begin))
            block[begin * FRAME_BYTES : begin * FRAME_BYTES + len(pcm)] = pcm
            self.frames += len(pcm) // FRAME_BYTES
            self._gauge.add(pcm)
        if len(pcm) < (end - begin) * FRAME_BYTES:
            self._starved(utc_ns, begin + len(pcm) // FRAME_BYTES)
        else:
            self._hungry = False
        return pcm

    def _starved(self, utc_ns: int, at: int) -> None:
        if self.pcm.finished:
            self._end(Ending.FAULT if self.pcm.fault else Ending.OVER, utc_ns, at)
        elif self.begun and not self._hungry:
            self._hungry = True
            self.underruns += 1

    def _end(self, ending: Ending, utc_ns: int, at: int) -> None:
        self.end_now(ending, utc_ns + _ns(at))

    def end_now(self, ending: Ending, utc_ns: int) -> None:
        """Nothing more comes out of it; the last frame left at `utc_ns`."""
        self.ending = ending
        if self.begun:
            self.ended_us = utc_ns // 1000

    def _shaped(self, pcm: bytes, utc_ns: int) -> bytes:
        """With volume, and with the fade if its time has come."""
        pcm = self._turned(pcm, utc_ns)
        if self.end_ns is None:
            return pcm
        frames = len(pcm) // FRAME_BYTES
        plain = _clamp(_frames_between(utc_ns, self.end_ns - FADE_NS), frames) * FRAME_BYTES
        if plain == len(pcm):
            return pcm
        first = self._fade_gain(utc_ns + _ns(plain // FRAME_BYTES))
        return pcm[:plain] + fade(pcm[plain:], first, self._fade_gain(utc_ns + _ns(frames)))

    def _turned(self, pcm: bytes, utc_ns: int) -> bytes:
        """At its volume; on the way to another one, in a straight ramp over the block."""
        until_ns = utc_ns + _ns(len(pcm) // FRAME_BYTES)
        percent = min(map(self._percent_at, (utc_ns, until_ns, until_ns + _BEFORE_MS * 1_000_000)))
        wanted, was = self._gain_of(percent), self._gain
        if was is None or was == wanted:
            self._gain = wanted
            self.loudest_percent = max(self.loudest_percent, percent)
            return apply_gain(pcm, wanted)
        most = (until_ns - utc_ns) / RAMP_NS
        self._gain = min(was + most, wanted) if wanted > was else max(was - most, wanted)
        self.loudest_percent = max(self.loudest_percent, percent)
        return ramp(pcm, was, self._gain)

    def _percent_at(self, utc_ns: int) -> int:
        volume = self.order.volume_percent
        return min(volume, most_at(self.limits, utc_ns // 1_000_000)) if self.limits else volume

    def _gain_of(self, percent: int) -> float:
        return self.order.gain if percent == self.order.volume_percent else volume_gain(percent)

    def _fade_gain(self, utc_ns: int) -> float:
        rest = (self.end_ns or utc_ns) - utc_ns
        return min(1.0, max(0.0, rest / FADE_NS))


def _ns(frames: int) -> int:
    return frames * SECOND_NS // RATE


def _frames_between(from_ns: int, until_ns: int) -> int:
    """Whole frames, rounded to the nearest; negative when `until_ns` comes first."""
    return ((until_ns - from_ns) * RATE + SECOND_NS // 2) // SECOND_NS


def _clamp(value: int, high: int) -> int:
    return min(high, max(0, value))
