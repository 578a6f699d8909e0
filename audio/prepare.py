"""Preparing a clip: a text or an upload becomes a finished, levelled clip in the store, or a refusal in words.

Everything that touches foreign bytes happens in a child process (`audio.worker`) with limits on memory, CPU time,
file size and wall time; this process only checks sizes, passes progress on, and puts the finished file in the store.
"""

import json
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from audio.child import environment
from audio.clips import ClipStore
from audio.refusals import BadSound, PreparationFailed, bad_sound
from audio.sources import RATE, SAMPLE_BYTES, Fallback, FileSource, Limits, Prepared, Step, TextSource
from audio.speech.normalise import spoken
from audio.speech.speakers import speakers
from audio.speech.voices import Voices

__all__ = [
    "BadSound",
    "FileSource",
    "Limits",
    "PreparationFailed",
    "Prepared",
    "Step",
    "TextSource",
    "prepare",
]

Progress = Callable[[Step, int], None]
VOICES = Voices()
"""Those that are always there."""
_CLIP_SECONDS = 60
"""What chimes, pauses and rounding may add to the longest body."""


@dataclass(frozen=True, slots=True)
class _Ended:
    """How the child ended: its last answer (or none), its exit code, whether we ended it, what it wrote as errors."""

    answer: dict[str, Any] | None
    code: int
    timed_out: bool
    errors: str


def prepare(
    source: TextSource | FileSource,
    into: ClipStore,
    work: Path,
    limits: Limits,
    progress: Progress,
    voices: Voices = VOICES,
) -> Prepared:
    """Make the clip and store it. Blocks; call it from a thread of its own.

    `work` is a folder for temporary files on a disk with room for 96 kB per second of sound, twice; a folder of its
    own in it is deleted at the end, and what a killed process left there may be deleted at any start.
    A voice of `voices` that fails, or a name that is in the table no more, is replaced by the default one; the result
    says so. `progress(step, percent)` is called in this thread, percent rising from 0 to 100 over the whole.
    Raises BadSound (the caller's fault) or PreparationFailed (ours). Nothing is in the store then.
    """
    order = _order(source, limits)
    work.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=work, prefix="prepare-") as folder,
        _seated(source, voices, folder, limits) as seats,
    ):
        made = _judge(_run(order | {"work": folder, "seats": seats}, limits, progress), limits)
        file = Path(folder, "clip.opus")
        size = file.stat().st_size
        clip = into.add(file)
    progress(Step.CHECK, 100)
    return Prepared(
        clip=clip,
        size_bytes=size,
        duration_ms=made["samples"] * 1000 // RATE,
        loudness_cdb=made["loudness_cdb"],
        true_peak_cdb=made["true_peak_cdb"],
        spoken=order.get("spoken", ""),
        fallbacks=tuple(Fallback(*each) for each in made["fallbacks"]),
    )


@contextmanager
def _seated(source: TextSource | FileSource, voices: Voices, folder: str, limits: Limits) -> Iterator[dict[str, Any]]:
    """How the worker reaches the voices of the text, whose engines run meanwhile."""
    if isinstance(source, FileSource):
        yield {}
        return
    names = source.voice.names
    with speakers(voices.apart(names), Path(folder), limits.speaking_seconds, limits.cpu_seconds) as lines:
        yield voices.seats(names, lines)


def _order(source: TextSource | FileSource, limits: Limits) -> dict[str, Any]:
    """What the child is asked; everything that can be refused without it is refused here."""
    child_limits = {
        "seconds": limits.seconds,
        "cpu_seconds": limits.cpu_seconds,
        "address_space_bytes": limits.address_space_bytes,
        "written_bytes": (limits.seconds + _CLIP_SECONDS) * RATE * SAMPLE_BYTES,
    }
    if isinstance(source, TextSource):
        return {"limits": child_limits, "spoken": _checked_text(source, limits), "voice": asdict(source.voice)}
    _check_file(source, limits)
    return {"limits": child_limits, "file": str(source.path.resolve())}


def _checked_text(source: TextSource, limits: Limits) -> str:
    if not source.text.strip():
        raise bad_sound("empty-text")
    if len(source.text) > limits.text_characters:
        raise bad_sound("text-too-long", length=len(source.text), limit=limits.text_characters)
    text = spoken(source.text).text
    if not any(map(str.isalnum, text)):
        raise bad_sound("nothing-to-say")
    return text


def _check_file(source: FileSource, limits: Limits) -> None:
    try:
        size = source.path.stat().st_size
    except OSError as error:
        raise bad_sound("file-missing", str(error)) from error
    if not source.path.is_file():
        raise bad_sound("file-missing", "not a regular file")
    if size == 0:
        raise bad_sound("empty-file")
    if size > limits.file_bytes:
        raise bad_sound("file-too-big", f"{size} bytes", limit=limits.file_bytes // 1024 // 1024)


def _run(order: dict[str, Any], limits: Limits, progress: Progress) -> _Ended:
    errors = Path(order["work"], "errors.txt")
    with errors.open("wb") as err:
        child = subprocess.Popen(
            [sys.executable, "-m", "audio.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=err,
            env=environment(),
            cwd=order["work"],
            pass_fds=[number for seat in order["seats"].values() for number in seat.get("line", ())],
        )
    late = threading.Event()

    def end_late() -> None:
        late.set()
        child.kill()

    timer = threading.Timer(limits.wall_seconds, end_late)
    timer.start()
    try:
        answer = _converse(child, order, progress)
        code = child.wait()
    finally:
        timer.cancel()
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe:
                pipe.close()
    return _Ended(answer, code, late.is_set(), errors.read_text(errors="replace")[-2_000:])


def _converse(child: "subprocess.Popen[bytes]", order: dict[str, Any], progress: Progress) -> dict[str, Any] | None:
    """Send the order, pass progress on, return the last answer. Standard input stays open: it is the lifeline."""
    if child.stdin is None or child.stdout is None:
        raise PreparationFailed("no pipes to the child")
    try:
        child.stdin.write(json.dumps(order).encode() + b"\n")
        child.stdin.flush()
    except BrokenPipeError:
        return None
    for line in child.stdout:
        told = json.loads(line)
        if "step" not in told:
            return dict(told)
        progress(Step(told["step"]), told["percent"])
    return None


def _judge(ended: _Ended, limits: Limits) -> dict[str, Any]:
    """The child's result, or the refusal or failure that its end means."""
    if ended.timed_out or ended.code == -signal.SIGXCPU:
        raise bad_sound("too-heavy", "out of time")
    if ended.answer is None and ended.code >= 0:
        raise PreparationFailed(f"the child ended with {ended.code}: {ended.errors}")
    if ended.answer is None:
        # The decoder itself fell (a signal, an abort): only the foreign bytes can do that.
        raise bad_sound("damaged", f"signal {-ended.code}: {ended.errors}")
    if "fault" in ended.answer:
        raise PreparationFailed(ended.answer["fault"])
    if "refused" in ended.answer:
        raise bad_sound(ended.answer["refused"], ended.answer["detail"], **ended.answer["parameters"])
    return ended.answer
