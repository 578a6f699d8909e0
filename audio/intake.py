"""Getting the body of a clip as raw PCM on disk, from a file or from a text, and refusing what cannot be heard."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from audio.cutting import kept
from audio.decode import Decoder
from audio.levels import LevelMeter
from audio.refusals import bad_sound
from audio.sources import RATE, SAMPLE_BYTES, Fallback, Step, VoiceChoice
from audio.speech.aloud import Cast, Fell, Reading
from audio.speech.utterances import utterances

SILENT_CDB = -6_000
"""A recording whose loudest sample is below -60 dBFS is silent: at a normal level that is the noise of the input."""

Tell = Callable[[Step, int], None]


@dataclass(frozen=True, slots=True)
class Raw:
    """A file of s16 mono 48 kHz samples, its highest sample in hundredths of dBFS, which voices failed on the way."""

    file: Path
    peak_cdb: int
    fallbacks: tuple[Fallback, ...] = ()
    decoded_ms: int = 0
    """How long the whole recording really is, also what was cut out of it."""


def take_file(path: Path, work: Path, most_seconds: int, tell: Tell, cuts: Sequence[tuple[int, int]] = ()) -> Raw:
    """Decode an upload, all of it, and keep the ranges `cuts` (ms; none: the whole). BadSound by the names of
    `audio.refusals`."""
    counted = _Counted(Decoder(path, most_seconds, lambda share: tell(Step.DECODE, share)))
    raw = _write(kept(counted, cuts), work / "raw.pcm")
    if raw.peak_cdb < SILENT_CDB:
        raise bad_sound("silent", f"peak {raw.peak_cdb / 100} dBFS")
    return replace(raw, decoded_ms=counted.bytes * 1000 // (RATE * SAMPLE_BYTES))


class _Counted:
    """Counts the bytes that pass."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks = blocks
        self.bytes = 0

    def __iter__(self) -> Iterator[bytes]:
        for block in self._blocks:
            self.bytes += len(block)
            yield block


def take_text(spoken: str, choice: VoiceChoice, cast: Cast, work: Path, most_seconds: int, tell: Tell) -> Raw:
    """Read an already normalised text aloud; a second voice takes every other paragraph, and the default one takes the
    place of a voice that fails."""
    parts = utterances(spoken)
    if not parts:
        raise bad_sound("nothing-to-say")
    raw = read_aloud(
        Reading(parts, choice.names, choice.manner, cast, most_seconds),
        work / "raw.pcm",
        lambda share: tell(Step.SPEAK, share),
    )
    if raw.peak_cdb < SILENT_CDB:
        raise bad_sound("nothing-to-say", "the engine gave no sound")
    return raw


def read_aloud(reading: Reading, file: Path, told: Callable[[int], None]) -> Raw:
    """The reading as a file, begun again with the default voice in the place of each that fails."""
    fallbacks: list[Fallback] = []
    while True:
        try:
            raw = _write(reading.blocks(told), file)
            return replace(raw, fallbacks=tuple(fallbacks))
        except Fell as fell:
            fallbacks.append(fell.fallback)
            reading = reading.without(fell.fallback.voice)


def _write(blocks: Iterable[bytes], file: Path) -> Raw:
    meter = LevelMeter()
    with file.open("wb") as out:
        for block in blocks:
            meter.add(block)
            out.write(block)
    return Raw(file, meter.peak_cdb)
