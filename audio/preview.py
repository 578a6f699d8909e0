"""One paragraph as sound, quickly, before anything is saved: without chimes, levelled once, as Ogg/Opus.

`python -m audio.preview` is the child that speaks and encodes, under the same limits as a preparation: one JSON line
asks on standard input, one answers on standard output, the sound is `preview.ogg` in the work folder.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audio.child import environment, limit
from audio.sources import RATE, SAMPLE_BYTES, Fallback, Manner
from audio.speech.speakers import speakers
from audio.speech.utterances import Utterance, utterances
from audio.speech.voices import Voices

MOST_LETTERS = 900
"""About a minute; of a longer paragraph its first sentences are read."""
MOST_SECONDS = 180
WALL_SECONDS = 60
SPEAKING_SECONDS = 40
"""For an engine of its own process; then the default voice reads."""
_CPU_SECONDS = 30
_ADDRESS_SPACE_BYTES = 512 * 1024**2
_WRITTEN_BYTES = MOST_SECONDS * RATE * SAMPLE_BYTES


class PreviewFailed(Exception):
    """There is no sound: for the log."""


@dataclass(frozen=True, slots=True)
class Preview:
    """`whole`: all of the paragraph was read, and not only its beginning."""

    sound: bytes
    whole: bool
    fallbacks: tuple[Fallback, ...]


def preview(paragraph: str, voice: str, manner: Manner, voices: Voices, work: Path) -> Preview:
    """Read an already normalised `paragraph` by one voice. Blocks for a second with a built-in voice, at most
    WALL_SECONDS. PreviewFailed when nothing came of it (no letter to read, no memory, out of time)."""
    parts, whole = _beginning(utterances(paragraph))
    work.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=work, prefix="preview-") as folder,
        speakers(voices.apart([voice]), Path(folder), SPEAKING_SECONDS, _CPU_SECONDS) as lines,
    ):
        order = {
            "parts": [[part.text, part.pause_ms] for part in parts],
            "voice": voice,
            "manner": [manner.rate, manner.pitch],
            "seats": voices.seats([voice], lines),
        }
        told = _asked(order, folder, [number for line in lines.values() for number in line])
        sound = Path(folder, "preview.ogg").read_bytes()
    return Preview(sound, whole, tuple(Fallback(*each) for each in told["fallbacks"]))


def _beginning(parts: tuple[Utterance, ...]) -> tuple[tuple[Utterance, ...], bool]:
    if not parts:
        raise PreviewFailed("nothing to say")
    letters = 0
    for count, part in enumerate(parts):
        letters += len(part.text)
        if letters > MOST_LETTERS and count:
            return parts[:count], False
    return parts, True


def _asked(order: dict[str, Any], folder: str, descriptors: list[int]) -> dict[str, Any]:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "audio.preview"],
            input=json.dumps(order).encode() + b"\n",
            capture_output=True,
            env=environment(),
            cwd=folder,
            pass_fds=descriptors,
            timeout=WALL_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise PreviewFailed("out of time") from error
    if done.returncode or not done.stdout:
        raise PreviewFailed(f"the child ended with {done.returncode}: {done.stderr[-1_000:].decode(errors='replace')}")
    told: dict[str, Any] = json.loads(done.stdout)
    if "fault" in told:
        raise PreviewFailed(told["fault"])
    return told


def main() -> int:
    """The child."""
    order = json.loads(sys.stdin.buffer.readline())
    limit(cpu_seconds=_CPU_SECONDS, address_space_bytes=_ADDRESS_SPACE_BYTES, written_bytes=_WRITTEN_BYTES)
    print(json.dumps(_made(order, Path.cwd())), flush=True)
    return 0


def _made(order: dict[str, Any], work: Path) -> dict[str, Any]:
    from audio.intake import read_aloud
    from audio.refusals import BadSound
    from audio.speech.aloud import Cast, Reading
    from audio.speech.voice import VoiceFailed

    parts = tuple(Utterance(text, pause) for text, pause in order["parts"])
    reading = Reading(parts, (order["voice"],), Manner(*order["manner"]), Cast(order["seats"], work), MOST_SECONDS)
    try:
        raw = read_aloud(reading, work / "raw.pcm", lambda share: None)
    except (VoiceFailed, BadSound, OSError, MemoryError) as error:
        return {"fault": f"{type(error).__name__}: {error}"}
    _encode(raw.file, raw.peak_cdb, work)
    return {"fallbacks": [[each.voice, each.code, each.detail] for each in raw.fallbacks]}


def _encode(raw: Path, peak_cdb: int, work: Path) -> None:
    """About as loud as the clip will be: one measurement, and no second look."""
    from audio.encode import QUICK, encode
    from audio.level import LIMIT_DBFS, TARGET_LUFS, Setting, condition, limited

    body = work / "body.pcm"
    loudness = condition(raw, body, peak_cdb, lambda share: None)
    gain = max(-30.0, min(30.0, TARGET_LUFS - loudness.lufs))

    def blocks() -> Iterator[bytes]:
        yield from limited(body, Setting(gain, LIMIT_DBFS))

    encode(blocks(), work / "preview.ogg", QUICK)


if __name__ == "__main__":
    sys.exit(main())
