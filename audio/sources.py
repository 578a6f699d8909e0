"""What goes into the preparation of a clip and what comes out: sources, limits, steps and the result."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from schedules.units import ClipId

RATE = 48_000
"""Samples per second of everything after decoding."""
SAMPLE_BYTES = 2
"""Signed 16 bits, mono, little-endian."""


@dataclass(frozen=True, slots=True)
class TextSource:
    """A text to be read aloud. `voice` is a name of `audio.speech.voices.VOICES`."""

    text: str
    voice: str = "vi"


@dataclass(frozen=True, slots=True)
class FileSource:
    """An uploaded recording. `filename` is what the person called it; it decides nothing, it is for the log."""

    path: Path
    filename: str


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one preparation may take. Exceeding the first three is the caller's fault, the rest guard us."""

    text_characters: int = 20_000
    file_bytes: int = 200 * 1024 * 1024
    seconds: int = 2 * 60 * 60
    """Longest recording, by samples really decoded."""
    wall_seconds: int = 1_800
    cpu_seconds: int = 1_200
    address_space_bytes: int = 512 * 1024 * 1024
    """Of the child. With PyAV imported it maps 120 MiB, of which 32 are resident; the rest is for the sound."""


class Step(StrEnum):
    """What the preparation is doing, in this order; the percentage told beside it runs 0 … 100 over all steps."""

    SPEAK = "speak"
    DECODE = "decode"
    LEVEL = "level"
    ENCODE = "encode"
    CHECK = "check"


STEP_WORDS: dict[Step, str] = {
    Step.SPEAK: "Đang đọc văn bản",
    Step.DECODE: "Đang đọc tệp âm thanh",
    Step.LEVEL: "Đang cân âm lượng",
    Step.ENCODE: "Đang nén",
    Step.CHECK: "Đang kiểm tra",
}
"""The steps in the words a person sees."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A clip in the store. Loudness in hundredths of LUFS, true peak in hundredths of dBTP (ITU-R BS.1770-4)."""

    clip: ClipId
    size_bytes: int
    duration_ms: int
    loudness_cdb: int
    true_peak_cdb: int
    spoken: str
    """The text as the engine read it; "" for a recording."""
