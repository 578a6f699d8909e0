"""What is done to a recording because of what was found in it: ends cut, hum notched, noise reduced. Each is told."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from audio.inspection.inspector import Heard
from audio.sources import RATE, SAMPLE_BYTES, Cleaning
from audio.verdicts import Verdict, verdict

_BEFORE_MS, _AFTER_MS = 200, 300
"""So much of a cut silence is left, that no breath and no last consonant is lost."""
_WORTH_MS = 150
"""Less is not cut."""
_NOTCH_SHARE = 0.06
"""Width of a notch as a share of its frequency: 3 Hz at 50 Hz, no voice misses it."""
_REDUCTION_DB = 12
"""More makes the rest of the noise ring."""
_MS_BYTES = RATE // 1000 * SAMPLE_BYTES

Filters = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """The part of the raw sound that is kept, in bytes, and what is said of what is not."""

    start: int
    end: int
    told: tuple[Verdict, ...] = ()


def filters(heard: Heard, cleaning: Cleaning) -> Filters:
    """FFmpeg's filters, before the high-pass and the levelling."""
    return (*_notches(heard, cleaning), *_reduction(heard, cleaning))


def _notches(heard: Heard, cleaning: Cleaning) -> Iterator[tuple[str, str]]:
    if cleaning.hum:
        for hertz in heard.hum.hertz:
            yield "bandreject", f"f={hertz}:width_type=h:width={hertz * _NOTCH_SHARE:g}"


def _reduction(heard: Heard, cleaning: Cleaning) -> Iterator[tuple[str, str]]:
    if cleaning.denoise:
        floor = max(-80.0, min(-20.0, heard.floor_cdb / 100))
        yield "afftdn", f"noise_reduction={_REDUCTION_DB}:noise_floor={floor:.1f}"


def told(heard: Heard, cleaning: Cleaning) -> Iterator[Verdict]:
    """The same in words; the high-pass at 80 Hz is always there and told once in the docs."""
    if cleaning.hum and heard.hum.hertz:
        yield verdict("hum-filtered", hum_hz=heard.hum.hertz[0])
    if cleaning.denoise:
        yield verdict("noise-reduced")


def ends(heard: Heard, size: int) -> Cut:
    """Where a raw sound of `size` bytes begins and ends when the silence at its ends is cut."""
    start = max(0, heard.pauses.start - _BEFORE_MS)
    end = min(heard.length_ms, heard.pauses.end + _AFTER_MS)
    said = []
    if start >= _WORTH_MS:
        said.append(verdict("trimmed-start", length_ms=start))
    if heard.length_ms - end >= _WORTH_MS:
        said.append(verdict("trimmed-end", length_ms=heard.length_ms - end))
    return Cut(
        start * _MS_BYTES if start >= _WORTH_MS else 0,
        end * _MS_BYTES if heard.length_ms - end >= _WORTH_MS else size,
        tuple(said),
    )


def trim(file: Path, cut: Cut) -> None:
    """Keep only that part of `file`, moving its bytes to the front: it needs no room of its own."""
    with file.open("r+b") as stream:
        at = 0
        if cut.start:
            while block := _read(stream, cut.start + at, min(1 << 20, cut.end - cut.start - at)):
                stream.seek(at)
                stream.write(block)
                at += len(block)
        stream.truncate(cut.end - cut.start)


def _read(stream: BinaryIO, at: int, size: int) -> bytes:
    stream.seek(at)
    return bytes(stream.read(size)) if size > 0 else b""
