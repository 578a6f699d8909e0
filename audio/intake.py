"""Getting the body of a clip as raw PCM on disk, from a file or from a text, and refusing what cannot be heard."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from audio.cleaning import Filters, ends, filters, told, trim
from audio.cutting import kept
from audio.decode import Decoder
from audio.inspection.channels import Mix
from audio.inspection.inspector import Inspector
from audio.inspection.judge import is_drowned, judge
from audio.levels import LevelMeter
from audio.refusals import bad_sound
from audio.sources import AS_IT_CAME, Cleaning, Fallback, Step, VoiceChoice
from audio.speech.aloud import Cast, Fell, Reading
from audio.speech.utterances import utterances
from audio.verdicts import Verdict

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
    filters: Filters = ()
    """What it has to go through before it is levelled."""
    findings: tuple[Verdict, ...] = ()
    """What was found in the recording, then what was done about it."""


def take_file(
    path: Path,
    work: Path,
    most_seconds: int,
    tell: Tell,
    cuts: Sequence[tuple[int, int]] = (),
    cleaning: Cleaning = AS_IT_CAME,
) -> Raw:
    """Decode an upload, all of it, judge it, and keep the ranges `cuts` (ms; none: the whole). BadSound by the names of
    `audio.refusals`."""
    file, mix = work / "raw.pcm", Mix.BOTH
    while True:
        hear = Inspector()
        decoder = Decoder(path, most_seconds, lambda share: tell(Step.DECODE, share), hear, mix)
        raw = _write(kept(decoder, cuts), file)
        if hear.channels.mix is mix:
            break
        mix = hear.channels.mix  # a channel is dead or turned round: once more, without it
    return _judged(raw, decoder, hear, Cleaning(cleaning.trim and not cuts, cleaning.hum, cleaning.denoise))


def _judged(raw: Raw, decoder: Decoder, hear: Inspector, cleaning: Cleaning) -> Raw:
    if raw.peak_cdb < SILENT_CDB:
        raise bad_sound("silent", f"peak {raw.peak_cdb / 100} dBFS")
    heard, decoded = hear.finish(), decoder.told()
    if is_drowned(heard):
        raise bad_sound("too-quiet", f"speech {heard.active_cdb / 100} dBFS, noise {heard.floor_cdb / 100} dBFS")
    cut = ends(heard, raw.file.stat().st_size) if cleaning.trim else None
    if cut is not None and cut.told:
        trim(raw.file, cut)
    return replace(
        raw,
        decoded_ms=decoded.decoded_ms,
        filters=filters(heard, cleaning),
        findings=(*judge(decoded, heard), *(cut.told if cut else ()), *told(heard, cleaning)),
    )


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
