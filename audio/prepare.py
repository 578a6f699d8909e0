"""Preparing a clip: a programme becomes one finished, levelled clip in the store, or a refusal in words.

Everything that touches foreign bytes happens in a child process (`audio.worker`) with limits on memory, CPU time,
file size and wall time; this process only checks sizes, passes progress on, and puts the finished file in the store.
"""

import json
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from audio.child import environment
from audio.clips import ClipStore
from audio.refusals import BadSound, PreparationFailed, bad_sound
from audio.sources import (
    BED,
    COPY,
    RATE,
    SAMPLE_BYTES,
    BedSource,
    ChimeSource,
    Fallback,
    FileSource,
    Limits,
    Overview,
    PauseSource,
    Piece,
    Prepared,
    Source,
    Step,
    TextSource,
)
from audio.speech.normalise import spoken
from audio.speech.readings import Readings
from audio.speech.speakers import speakers
from audio.speech.voices import Voices
from audio.verdicts import from_json

__all__ = [
    "BadSound",
    "BedSource",
    "ChimeSource",
    "FileSource",
    "Limits",
    "PauseSource",
    "Piece",
    "PreparationFailed",
    "Prepared",
    "Step",
    "TextSource",
    "look_at",
    "prepare",
    "prepare_pieces",
]

Progress = Callable[[Step, int], None]
PieceProgress = Callable[[Step, int, int], None]
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
    """Make the clip of one text or recording between the chimes, as `prepare_pieces` does."""
    pieces = [Piece(ChimeSource()), Piece(source), Piece(ChimeSource(closing=True))]
    return prepare_pieces(pieces, None, into, work, limits, lambda step, percent, _: progress(step, percent), voices)


def prepare_pieces(
    pieces: Sequence[Piece],
    bed: BedSource | None,
    into: ClipStore,
    work: Path,
    limits: Limits,
    progress: PieceProgress,
    voices: Voices = VOICES,
) -> Prepared:
    """Make one clip of all pieces in order and store it. Blocks; call it from a thread of its own.

    `work` is a folder for temporary files on a disk with room for 96 kB per second of sound, twice; a folder of its
    own in it is deleted at the end, and what a killed process left there may be deleted at any start.
    A voice of `voices` that fails, or a name that is in the table no more, is replaced by the default one; the result
    says so. `progress(step, percent, piece)` is called in this thread, percent rising from 0 to 100 over the whole;
    `piece` is the number of the one that is being made, from 1 (BED: the music, 0: all of them together).
    Raises BadSound (the caller's fault) or PreparationFailed (ours). Nothing is in the store then.
    """
    order = _order(pieces, bed, limits)
    work.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=work, prefix="prepare-") as folder,
        _seated(pieces, voices, folder, limits) as seats,
    ):
        made = _judge(_run(order | {"work": folder, "seats": seats}, limits, progress), limits)
        file = Path(folder, "clip.opus")
        size = file.stat().st_size
        clip = into.add(file)
    progress(Step.CHECK, 100, 0)
    return Prepared(
        clip=clip,
        size_bytes=size,
        duration_ms=made["samples"] * 1000 // RATE,
        loudness_cdb=made["loudness_cdb"],
        true_peak_cdb=made["true_peak_cdb"],
        spoken="\n\n".join(part["spoken"] for part in order["parts"] if "spoken" in part),
        decoded_ms=dict(made["decoded_ms"]),
        findings={number: tuple(map(from_json, found)) for number, found in made["findings"]},
        fallbacks=tuple(Fallback(*each) for each in made["fallbacks"]),
    )


def look_at(path: Path, copy: Path, work: Path, limits: Limits) -> Overview:
    """How a recording looks; what was decoded of it is written to `copy` as Ogg/Opus, whole or not at all.

    Blocks, and needs `work`, as `prepare_pieces` does. Raises BadSound or PreparationFailed; there is no copy then.
    """
    _check_file(path, limits)
    work.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=work, prefix="prepare-") as folder:
        order = {"limits": _child_limits(limits), "look": str(path.resolve()), "work": folder, "seats": {}}
        seen = _judge(_run(order, limits, lambda *_: None), limits)
        copy.parent.mkdir(parents=True, exist_ok=True)
        Path(folder, COPY).replace(copy)
    return Overview(tuple(seen["peaks"]), seen["each"], seen["samples"])


@contextmanager
def _seated(pieces: Sequence[Piece], voices: Voices, folder: str, limits: Limits) -> Iterator[dict[str, Any]]:
    """How the worker reaches the voices of the texts, whose engines run meanwhile."""
    texts = [piece.source for piece in pieces if isinstance(piece.source, TextSource)]
    names = tuple(dict.fromkeys(name for text in texts for name in text.voice.names))
    if not names:
        yield {}
        return
    with speakers(voices.apart(names), Path(folder), limits.speaking_seconds, limits.cpu_seconds) as lines:
        yield voices.seats(names, lines)


def _order(pieces: Sequence[Piece], bed: BedSource | None, limits: Limits) -> dict[str, Any]:
    """What the child is asked; everything that can be refused without it is refused here."""
    parts = [_numbered(number, piece, limits) for number, piece in enumerate(pieces, 1)]
    if not any(isinstance(piece.source, TextSource | FileSource) for piece in pieces):
        raise bad_sound("nothing-to-say")
    return {"limits": _child_limits(limits), "parts": parts, "bed": _checked_bed(bed, limits) if bed else None}


def _child_limits(limits: Limits) -> dict[str, int]:
    return {
        "seconds": limits.seconds,
        "cpu_seconds": limits.cpu_seconds,
        "address_space_bytes": limits.address_space_bytes,
        "written_bytes": (limits.seconds + _CLIP_SECONDS) * RATE * SAMPLE_BYTES,
    }


def _numbered(number: int, piece: Piece, limits: Limits) -> dict[str, Any]:
    try:
        return {**_part(piece.source, limits), "bed": piece.bed}
    except BadSound as bad:
        bad.part = number
        raise


def _part(source: Source, limits: Limits) -> dict[str, Any]:
    match source:
        case ChimeSource():
            return {"kind": "closing" if source.closing else "chime"}
        case PauseSource():
            return {"kind": "pause", "ms": source.milliseconds}
        case TextSource():
            return {"kind": "text", "spoken": _checked_text(source, limits), "voice": asdict(source.voice)}
    _check_file(source.path, limits)
    kind = "ident" if source.ident else "recording"
    return {"kind": kind, "file": str(source.path.resolve()), "cuts": source.cuts, "cleaning": asdict(source.cleaning)}


def _checked_bed(bed: BedSource, limits: Limits) -> dict[str, Any]:
    try:
        _check_file(bed.path, limits)
    except BadSound as bad:
        bad.part = BED
        raise
    return {"file": str(bed.path.resolve()), "level_cdb": bed.level_cdb}


def _checked_text(source: TextSource, limits: Limits) -> str:
    if not source.text.strip():
        raise bad_sound("empty-text")
    if len(source.text) > limits.text_characters:
        raise bad_sound("text-too-long", length=len(source.text), limit=limits.text_characters)
    text = spoken(source.text, Readings(source.readings)).text
    if not any(map(str.isalnum, text)):
        raise bad_sound("nothing-to-say")
    return text


def _check_file(path: Path, limits: Limits) -> None:
    try:
        size = path.stat().st_size
    except OSError as error:
        raise bad_sound("file-missing", str(error)) from error
    if not path.is_file():
        raise bad_sound("file-missing", "not a regular file")
    if size == 0:
        raise bad_sound("empty-file")
    if size > limits.file_bytes:
        raise bad_sound("file-too-big", f"{size} bytes", limit=limits.file_bytes // 1024 // 1024)


def _run(order: dict[str, Any], limits: Limits, progress: PieceProgress) -> _Ended:
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


def _converse(
    child: "subprocess.Popen[bytes]", order: dict[str, Any], progress: PieceProgress
) -> dict[str, Any] | None:
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
        progress(Step(told["step"]), told["percent"], told["part"])
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
        refused = bad_sound(ended.answer["refused"], ended.answer["detail"], **ended.answer["parameters"])
        refused.part = ended.answer["part"]
        raise refused
    return ended.answer
