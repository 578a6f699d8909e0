"""Getting the body of a clip as raw PCM on disk, from a file or from a text, and refusing what cannot be heard."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from av.audio.resampler import AudioResampler

from audio.decode import Decoder
from audio.graph import bytes_of, frame_of
from audio.levels import LevelMeter
from audio.refusals import bad_sound
from audio.sources import RATE, SAMPLE_BYTES, Step, VoiceChoice
from audio.speech.utterances import utterances
from audio.speech.voices import VOICES

SILENT_CDB = -6_000
"""A recording whose loudest sample is below -60 dBFS is silent: at a normal level that is the noise of the input."""

Tell = Callable[[Step, int], None]


@dataclass(frozen=True, slots=True)
class Raw:
    """A file of s16 mono 48 kHz samples, and its highest sample in hundredths of dBFS."""

    file: Path
    peak_cdb: int


def take_file(path: Path, work: Path, most_seconds: int, tell: Tell) -> Raw:
    """Decode an upload. BadSound by the names of `audio.refusals`."""
    raw = _write(Decoder(path, most_seconds, lambda share: tell(Step.DECODE, share)), work / "raw.pcm")
    if raw.peak_cdb < SILENT_CDB:
        raise bad_sound("silent", f"peak {raw.peak_cdb / 100} dBFS")
    return raw


def take_text(spoken: str, choice: VoiceChoice, work: Path, most_seconds: int, tell: Tell) -> Raw:
    """Read an already normalised text aloud; a second voice takes every other paragraph."""
    raw = _write(_speech(spoken, choice, most_seconds, tell), work / "raw.pcm")
    if raw.peak_cdb < SILENT_CDB:
        raise bad_sound("nothing-to-say", "the engine gave no sound")
    return raw


def _write(blocks: Iterator[bytes] | Decoder, file: Path) -> Raw:
    meter = LevelMeter()
    with file.open("wb") as out:
        for block in blocks:
            meter.add(block)
            out.write(block)
    return Raw(file, meter.peak_cdb)


def _speech(spoken: str, choice: VoiceChoice, most_seconds: int, tell: Tell) -> Iterator[bytes]:
    parts = utterances(spoken)
    if not parts:
        raise bad_sound("nothing-to-say")
    engines = [VOICES[name](choice.manner) for name in choice.names]
    left = most_seconds * RATE
    for index, part in enumerate(parts):
        engine = engines[part.paragraph % len(engines)]
        pcm = engine.say(part.text)
        for block in (*_resampled(pcm, engine.rate), bytes(part.pause_ms * RATE // 1000 * SAMPLE_BYTES)):
            left -= len(block) // SAMPLE_BYTES
            if left < 0:
                raise bad_sound("too-long", "when spoken", limit=most_seconds // 60)
            yield block
        tell(Step.SPEAK, (index + 1) * 100 // len(parts))


def _resampled(pcm: bytes, rate: int) -> Iterator[bytes]:
    if not pcm:
        return
    resampler = AudioResampler(format="s16", layout="mono", rate=RATE)
    frame = frame_of(pcm, 0, rate)
    frame.pts = None
    yield from map(bytes_of, resampler.resample(frame))
    yield from map(bytes_of, resampler.resample(None))
