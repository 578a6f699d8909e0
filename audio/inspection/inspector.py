"""Hears a recording while it is decoded and keeps what is needed to judge it; a few megabytes for two hours."""

from collections.abc import Callable
from dataclasses import dataclass

from audio.inspection.channels import ChannelMeter, Channels
from audio.inspection.clipping import ClipMeter
from audio.inspection.course import STEP_MS, Course, Pauses
from audio.inspection.hum import Hum, HumMeter
from audio.inspection.liveliness import Liveliness, liveliness
from audio.inspection.spectrum import MeanSpectrum
from audio.levels import LevelMeter
from audio.sources import RATE, SAMPLE_BYTES

_SECOND = RATE * SAMPLE_BYTES
_TENTH = _SECOND // 10


@dataclass(frozen=True, slots=True)
class Heard:
    """What a recording sounds like, in numbers; levels in hundredths of dBFS, times in milliseconds."""

    length_ms: int
    peak_cdb: int
    samples: int
    clipped: int
    runs: int
    flat_runs: int
    channels: Channels
    hum: Hum
    floor_cdb: int
    active_cdb: int
    pauses: Pauses
    bandwidth_hz: int
    highs_cdb: int
    """4.5 … 7.5 kHz against 1 … 3 kHz."""
    liveliness: Liveliness | None


class _Blocks:
    """Cuts what it is given into blocks of one size."""

    def __init__(self, size: int, into: Callable[[bytes], None]) -> None:
        self._size, self._into = size, into
        self._pending = bytearray()

    def add(self, pcm: bytes) -> None:
        self._pending += pcm
        while len(self._pending) >= self._size:
            self._into(bytes(self._pending[: self._size]))
            del self._pending[: self._size]

    def flush(self) -> None:
        if self._pending:
            self._into(bytes(self._pending))
            self._pending.clear()


class Inspector:
    """Is told what is decoded in its order: `native` and `stereo` before the rate is changed, `mono` afterwards."""

    def __init__(self) -> None:
        self._clips, self._channels, self._course = ClipMeter(), ChannelMeter(), Course()
        self._hum, self._spectrum, self._level = HumMeter(), MeanSpectrum(), LevelMeter()
        self._native = False
        self._seconds = _Blocks(_SECOND, self._second)

    def native(self, pcm: bytes, channels: int) -> None:
        """s16 (interleaved) of the file's own rate, where flat tops are still flat; without it `mono` is looked at."""
        self._native = True
        self._clips.add(pcm, channels)

    def stereo(self, pcm: bytes) -> None:
        """s16 interleaved, of any rate; some of the frames are enough."""
        self._channels.add(pcm)

    def mono(self, pcm: bytes) -> None:
        """s16, 48 kHz: what will be worked on."""
        self._level.add(pcm)
        self._seconds.add(pcm)
        if not self._native:
            self._clips.add(pcm, 1)

    def _second(self, pcm: bytes) -> None:
        self._course.add(pcm)
        self._hum.add(pcm)
        for at in range(0, len(pcm), _TENTH):
            self._spectrum.add(pcm[at : at + _TENTH])

    @property
    def peak_cdb(self) -> int:
        return self._level.peak_cdb

    @property
    def channels(self) -> Channels:
        return self._channels.told()

    def finish(self) -> Heard:
        """After the last block."""
        self._seconds.flush()
        spectrum, course = self._spectrum, self._course
        return Heard(
            length_ms=len(course.levels) * STEP_MS,
            peak_cdb=self._level.peak_cdb,
            samples=self._clips.samples,
            clipped=self._clips.clipped,
            runs=self._clips.runs,
            flat_runs=self._clips.flat_runs,
            channels=self._channels.told(),
            hum=self._hum.told(),
            floor_cdb=course.floor_cdb(),
            active_cdb=course.active_cdb(),
            pauses=course.pauses(),
            bandwidth_hz=spectrum.bandwidth_hz(),
            highs_cdb=round(100 * (spectrum.db(4_500, 7_500) - spectrum.db(1_000, 3_000))),
            liveliness=liveliness(course, course.threshold_cdb()),
        )
