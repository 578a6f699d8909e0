"""Sounds what it is told, on the sample: answers the sink's blocks and tells what came out of each programme."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from audio.levels import LevelMeter
from edge_agent.measuring import FRAME_BYTES, RATE
from edge_agent.voice import FADE_NS, SECOND_NS, Ending, Order, Pcm, Voice
from protocol.messages import SILENCE_CDB, Measured
from schedules.units import BroadcastId, DurationMs
from schedules.volume import Step


@dataclass(frozen=True, slots=True)
class Began:
    """The first frame left the output."""

    broadcast: BroadcastId
    position: DurationMs
    measured: Measured


@dataclass(frozen=True, slots=True)
class Ended:
    """Nothing more comes out of it. `measured.frames` is 0 when it never sounded."""

    broadcast: BroadcastId
    ending: Ending
    position: DurationMs
    measured: Measured
    detail: str = ""
    envelope: Sequence[int] = ()
    """How loud it was, twenty times a second: what a microphone is compared with."""


PlayerEvent = Began | Ended


class Player:
    """The source of a sink. One programme sounds at a time; the next may already be armed.

    `tell` is called from the sink's thread under the player's lock and must only hand over.
    """

    def __init__(self, tell: Callable[[PlayerEvent], None]) -> None:
        self._tell = tell
        self._lock = threading.Lock()
        self._voices: list[Voice] = []
        self._next_ns = 0
        self._sounding: tuple[str, ...] = ()
        self._recent = bytearray()
        self._level_now = SILENCE_CDB
        self._failure = ""
        self.underruns = 0
        self.turns = 0
        """Grows while the sink's threads are alive: it asks for blocks, or says that it cannot."""

    def arm(self, order: Order, pcm: Pcm) -> None:
        """Let it sound at its time; whatever else is here fades out so that it ends at that instant."""
        with self._lock:
            at = order.due_ns
            if any(voice.begun for voice in self._voices):
                at = max(at, self._next_ns + FADE_NS)
            for voice in self._voices:
                voice.end_ns = at if voice.end_ns is None else min(voice.end_ns, at)
            self._voices.append(Voice(order, pcm, at, order.cut_ns(at), limits=order.limits))

    def limit(self, broadcast: BroadcastId, limits: tuple[Step, ...]) -> None:
        """The most at each instant is another than when it was armed; what is louder now is turned down in a ramp."""
        with self._lock:
            for voice in self._voices:
                if voice.order.broadcast == broadcast:
                    voice.limits = limits

    def stop(self, broadcast: BroadcastId, now_ns: int) -> None:
        """Fade it out from now; Ended follows."""
        with self._lock:
            for voice in self._voices:
                if voice.order.broadcast == broadcast:
                    end = max(now_ns, self._next_ns) + FADE_NS
                    voice.end_ns = end if voice.end_ns is None else min(voice.end_ns, end)

    def drop(self, broadcast: BroadcastId) -> Ended | None:
        """Forget it at once, when no sink asks for blocks any more; None when it is not here."""
        return self._remove(broadcast, Ending.DEAD, begun_too=True)

    def take_back(self, broadcast: BroadcastId) -> Ended | None:
        """Forget it if it has not begun, and let sound on what would have yielded to it; None otherwise."""
        return self._remove(broadcast, Ending.FADED, begun_too=False)

    def _remove(self, broadcast: BroadcastId, ending: Ending, *, begun_too: bool) -> Ended | None:
        with self._lock:
            for voice in self._voices:
                if voice.order.broadcast == broadcast and (begun_too or not voice.begun):
                    self._voices.remove(voice)
                    voice.end_now(ending, self._next_ns)
                    if not voice.begun:
                        self._yield_no_more(voice)
                    return _ended(voice)
        return None

    def _yield_no_more(self, gone: Voice) -> None:
        for place, voice in enumerate(self._voices):
            if voice.end_ns == gone.at_ns:
                ends = [later.at_ns for later in self._voices[place + 1 :]]
                cut = voice.order.cut_ns(voice.at_ns)
                voice.end_ns = min(ends if cut is None else [*ends, cut], default=None)

    def progress(self, broadcast: BroadcastId) -> tuple[DurationMs, Measured] | None:
        """Position and what came out so far, of a programme that sounds; None otherwise."""
        with self._lock:
            for voice in self._voices:
                if voice.order.broadcast == broadcast and voice.begun:
                    return voice.position(), voice.measured()
        return None

    @property
    def level_now_cdb(self) -> int:
        """RMS of the last whole second that came out."""
        return self._level_now

    @property
    def failure(self) -> str:
        """Why nothing comes out at present, "" when all is well."""
        return self._failure

    def fill(self, frames: int, utc_ns: int) -> bytes:
        self.turns += 1
        block = bytearray(frames * 2)
        sounding = []
        with self._lock:
            self._next_ns = utc_ns + frames * SECOND_NS // RATE
            for voice in tuple(self._voices):
                was = voice.begun
                if voice.render(block, utc_ns):
                    sounding.append(str(voice.order.broadcast))
                if voice.begun and not was:
                    self._tell(Began(voice.order.broadcast, voice.position(), voice.measured()))
                if voice.ending is not None:
                    self._voices.remove(voice)
                    self._tell(_ended(voice))
        self._sounding = tuple(sounding)
        pcm = bytes(block)
        self._meter(pcm)
        return pcm

    def sounding(self) -> tuple[str, ...]:
        return self._sounding

    def underrun(self) -> None:
        self.underruns += 1
        with self._lock:
            for voice in self._voices:
                if voice.begun:
                    voice.underruns += 1

    def failed(self, sentence: str) -> None:
        self.turns += 1
        self._failure = sentence

    def recovered(self) -> None:
        self._failure = ""

    def _meter(self, pcm: bytes) -> None:
        self._recent += pcm
        if len(self._recent) >= RATE * FRAME_BYTES:
            meter = LevelMeter()
            meter.add(bytes(self._recent))
            self._level_now = meter.level_cdb
            self._recent.clear()


def _ended(voice: Voice) -> Ended:
    voice.pcm.close()
    return Ended(
        voice.order.broadcast,
        voice.ending or Ending.FADED,
        voice.position(),
        voice.measured(),
        voice.pcm.fault,
        voice.envelope(),
    )
